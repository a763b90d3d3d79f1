"""Settings of tasks."""

from pydantic import Field

from prefect.settings._parsing import TaskRetryDelaySeconds
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = [
    "TaskRetryDelaySeconds",
    "TasksRunnerSettings",
    "TasksSchedulingSettings",
    "TasksSettings",
]


class TasksRunnerSettings(PrefectBaseSettings):
    """How task runners run tasks side by side."""

    model_config = build_settings_config(("tasks", "runner"))

    thread_pool_max_workers: int | None = setting(
        None,
        "Most threads of a task runner that uses threads; no limit when empty.",
        aliases=("PREFECT_TASK_RUNNER_THREAD_POOL_MAX_WORKERS",),
        gt=0,
    )
    process_pool_max_workers: int | None = setting(
        None,
        "Most processes of a task runner that uses processes; one per processor when empty.",
        gt=0,
    )


class TasksSchedulingSettings(PrefectBaseSettings):
    """How tasks are handed to task workers."""

    model_config = build_settings_config(("tasks", "scheduling"))

    default_storage_block: str | None = setting(
        None,
        "Block that stores the parameters of tasks that wait for a task worker, as `type/name`.",
        aliases=("PREFECT_TASK_SCHEDULING_DEFAULT_STORAGE_BLOCK",),
    )
    delete_failed_submissions: bool = setting(
        True,
        "Whether a task run that could not be handed over is deleted.",
        aliases=("PREFECT_TASK_SCHEDULING_DELETE_FAILED_SUBMISSIONS",),
    )


class TasksSettings(PrefectBaseSettings):
    """What a task gets when its author does not say."""

    model_config = build_settings_config(("tasks",))

    refresh_cache: bool = setting(False, "Whether tasks run again and renew their cached results.")
    default_no_cache: bool = setting(
        False, "Whether tasks without a cache policy go without a cache."
    )
    disable_caching: bool = setting(
        False, "Whether no task uses a cache, whatever its author says."
    )
    default_retries: int = setting(
        0,
        "How often a failed task run is tried again.",
        aliases=("PREFECT_TASK_DEFAULT_RETRIES",),
        ge=0,
    )
    default_retry_delay_seconds: TaskRetryDelaySeconds = setting(
        0,
        "Wait before a task run is tried again, in seconds; a list gives one wait per try.",
        aliases=("PREFECT_TASK_DEFAULT_RETRY_DELAY_SECONDS",),
    )
    default_persist_result: bool | None = setting(
        None, "Whether results of tasks are kept; the settings of results decide when empty."
    )
    runner: TasksRunnerSettings = Field(
        default_factory=TasksRunnerSettings, description="Running tasks side by side."
    )
    scheduling: TasksSchedulingSettings = Field(
        default_factory=TasksSchedulingSettings, description="Handing tasks to task workers."
    )
