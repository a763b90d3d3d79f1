"""The API server: routes, orchestration rules, database and background services.

Carried by the full distribution only. Nothing stands here yet; the server follows in a later
release, and until then the client talks to any Prefect 3 server.
"""
