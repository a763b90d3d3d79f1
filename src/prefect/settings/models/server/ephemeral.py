"""Settings of the server that starts by itself."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerEphemeralSettings"]


class ServerEphemeralSettings(PrefectBaseSettings):
    """A server for one process that knows no other."""

    model_config = build_settings_config(("server", "ephemeral"))

    enabled: bool = setting(
        False,
        "Whether a server is started when no API URL is set.",
        aliases=("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE",),
    )
    startup_timeout_seconds: int = setting(20, "Longest wait for that server to start, in seconds.")
