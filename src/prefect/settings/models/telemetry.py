"""Settings of telemetry."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["TelemetrySettings"]


class TelemetrySettings(PrefectBaseSettings):
    """What a run tells about the machine it is on."""

    model_config = build_settings_config(("telemetry",))

    enable_resource_metrics: bool = setting(
        True, "Whether the use of processor and memory by a flow run is measured."
    )
    resource_metrics_interval_seconds: int = setting(
        10, "Time between two measurements, in seconds.", ge=1
    )
