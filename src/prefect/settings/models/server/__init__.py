"""The settings of the server, one module per group."""
