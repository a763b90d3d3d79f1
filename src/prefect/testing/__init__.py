"""Tools for testing code that uses this package; carried by the full distribution only.

Nothing stands here yet; the tools follow the server, which they start.
"""
