"""Calls between threads and event loops."""
