"""Real parts to run against: released Prefect packages, each in an environment of its own."""
