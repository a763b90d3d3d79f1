"""Fixtures of this room: a fake API with real WebSockets."""

from fake_api_fixtures import fake_api, no_delays, set_environment

__all__ = ["fake_api", "no_delays", "set_environment"]
