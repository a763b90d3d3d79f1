"""Settings of tasks on the server."""

from datetime import timedelta

from pydantic import Field

from prefect.settings._parsing import Duration
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerTasksSchedulingSettings", "ServerTasksSettings"]


class ServerTasksSchedulingSettings(PrefectBaseSettings):
    """Queues of tasks that wait for a task worker."""

    model_config = build_settings_config(("server", "tasks", "scheduling"))

    max_scheduled_queue_size: int = setting(
        1000,
        "Most tasks that wait for their first run.",
        aliases=("PREFECT_TASK_SCHEDULING_MAX_SCHEDULED_QUEUE_SIZE",),
    )
    max_retry_queue_size: int = setting(
        100,
        "Most tasks that wait for another run.",
        aliases=("PREFECT_TASK_SCHEDULING_MAX_RETRY_QUEUE_SIZE",),
    )
    pending_task_timeout: Duration = setting(
        timedelta(0),
        "How long a task may be pending before it is handed out again; 0 means for ever.",
        aliases=("PREFECT_TASK_SCHEDULING_PENDING_TASK_TIMEOUT",),
    )


class ServerTasksSettings(PrefectBaseSettings):
    """How the server treats task runs."""

    model_config = build_settings_config(("server", "tasks"))

    tag_concurrency_slot_wait_seconds: float = setting(
        10,
        "How long a task run waits for a slot of its tag before it asks again, in seconds.",
        aliases=("PREFECT_TASK_RUN_TAG_CONCURRENCY_SLOT_WAIT_SECONDS",),
        ge=0,
    )
    max_cache_key_length: int = setting(
        2000,
        "Longest cache key of a task run, in characters.",
        aliases=("PREFECT_API_TASK_CACHE_KEY_MAX_LENGTH",),
    )
    scheduling: ServerTasksSchedulingSettings = Field(
        default_factory=ServerTasksSchedulingSettings, description="Queues of tasks."
    )
