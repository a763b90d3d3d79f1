"""Settings of flows."""

from prefect.settings._parsing import RetryDelays
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["FlowsSettings"]


class FlowsSettings(PrefectBaseSettings):
    """What a flow gets when its author does not say."""

    model_config = build_settings_config(("flows",))

    heartbeat_frequency: int | None = setting(
        180,
        "Time between two heartbeats of a flow run, in seconds, at least 30; no heartbeats when"
        " empty.",
        aliases=("PREFECT_RUNNER_HEARTBEAT_FREQUENCY",),
        ge=30,
    )
    default_retries: int = setting(
        0,
        "How often a failed flow run is tried again.",
        aliases=("PREFECT_FLOW_DEFAULT_RETRIES",),
        ge=0,
    )
    default_retry_delay_seconds: RetryDelays = setting(
        0,
        "Wait before a flow run is tried again, in seconds; a list gives one wait per try.",
        aliases=("PREFECT_FLOW_DEFAULT_RETRY_DELAY_SECONDS",),
    )
