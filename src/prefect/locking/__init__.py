"""Locks on the keys of results, so that one run at a time writes each."""
