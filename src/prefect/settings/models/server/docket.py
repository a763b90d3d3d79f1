"""Settings of the server's queue of background work."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerDocketSettings"]


class ServerDocketSettings(PrefectBaseSettings):
    """Where background work of the server queues."""

    model_config = build_settings_config(("server", "docket"))

    name: str = setting("prefect-server", "Name of the queue.")
    url: str = setting(
        "memory://", "URL of the store of the queue; `memory://` keeps it in the process."
    )
