"""Helpers for functions that are called from sync and from async code."""
