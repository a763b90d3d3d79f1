"""Settings of workers."""

from pydantic import Field

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["WorkerSettings", "WorkerWebserverSettings"]


class WorkerWebserverSettings(PrefectBaseSettings):
    """The health page of a worker."""

    model_config = build_settings_config(("worker", "webserver"))

    host: str = setting("0.0.0.0", "Address at which a worker's health is served.")
    port: int = setting(8080, "Port at which a worker's health is served.")


class WorkerSettings(PrefectBaseSettings):
    """How a worker finds and starts flow runs."""

    model_config = build_settings_config(("worker",))

    debug_mode: bool = setting(False, "Whether a worker logs everything it does.")
    heartbeat_seconds: float = setting(30, "Time between two heartbeats of a worker, in seconds.")
    query_seconds: float = setting(
        10, "Time between two looks for flow runs that are due, in seconds."
    )
    prefetch_seconds: float = setting(
        10, "How long before its time a flow run is fetched, in seconds."
    )
    enable_cancellation: bool = setting(
        False, "Whether a worker stops flow runs that are to be cancelled."
    )
    cancellation_poll_seconds: float = setting(
        120, "Time between two looks for flow runs to cancel, in seconds."
    )
    webserver: WorkerWebserverSettings = Field(
        default_factory=WorkerWebserverSettings, description="Health page of a worker."
    )
