"""Type aliases of the client's public signatures."""
