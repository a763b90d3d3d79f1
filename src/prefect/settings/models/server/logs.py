"""Settings of logs on the server."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerLogsSettings"]


class ServerLogsSettings(PrefectBaseSettings):
    """How the server passes on logs."""

    model_config = build_settings_config(("server", "logs"))

    stream_out_enabled: bool = setting(False, "Whether clients may follow logs as they come.")
    stream_publishing_enabled: bool = setting(
        False, "Whether the server publishes the logs it receives to those who follow."
    )
