"""Facts about the protocol that both ends must agree on."""

__all__ = ["SERVER_API_VERSION"]

SERVER_API_VERSION = "0.8.4"
"""Version of the REST protocol, sent as `X-PREFECT-API-VERSION`. Source: REST contract 3.9."""
