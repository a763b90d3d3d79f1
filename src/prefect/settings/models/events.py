"""Settings of the events that this process sends."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["EventsSettings"]


class EventsSettings(PrefectBaseSettings):
    """How events wait to be sent."""

    model_config = build_settings_config(("events",))

    worker_max_queue_size: int = setting(
        0, "Most events that may wait to be sent; 0 means no limit.", ge=0
    )
