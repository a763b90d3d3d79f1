"""Settings of the channel between the server and workers."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerWorkerChannelSettings"]


class ServerWorkerChannelSettings(PrefectBaseSettings):
    """How the server asks workers to clean up."""

    model_config = build_settings_config(("server", "worker_channel"))

    cleanup_queue_storage: str = setting(
        "prefect.server.worker_communication.cleanup_queue.memory",
        "Module that keeps the queue of clean-ups.",
    )
    cleanup_lease_seconds: float = setting(
        30.0, "How long a worker may work on a clean-up before another gets it, in seconds.", gt=0.0
    )
    cleanup_max_delivery_attempts: int = setting(
        3, "How often a clean-up is handed out before it is given up.", ge=1
    )
    cleanup_completed_idempotency_retention_seconds: float | None = setting(
        None,
        "How long a finished clean-up is remembered, in seconds; as long as the store does when"
        " empty.",
        ge=0.0,
    )
