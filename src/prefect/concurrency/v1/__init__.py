"""The older concurrency limits, by tag of task runs."""
