"""Settings of the background services of the server."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from prefect.settings._parsing import VACUUM_TYPES, Duration, VacuumTypes, json_object
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = [
    "SecondsTimeDelta",
    "ServerServicesCancellationCleanupSettings",
    "ServerServicesCleanupReconcilerSettings",
    "ServerServicesDBVacuumSettings",
    "ServerServicesEventLoggerSettings",
    "ServerServicesEventPersisterSettings",
    "ServerServicesForemanSettings",
    "ServerServicesLateRunsSettings",
    "ServerServicesPauseExpirationsSettings",
    "ServerServicesRepossessorSettings",
    "ServerServicesSchedulerSettings",
    "ServerServicesSettings",
    "ServerServicesTaskRunRecorderSettings",
    "ServerServicesTriggersSettings",
    "ServicesBaseSetting",
]

SecondsTimeDelta = Duration
"""A duration, given in seconds, as `HH:MM:SS` or as ISO 8601."""

RetentionOverrides = Annotated[dict[str, Duration], BeforeValidator(json_object)]
"""Name of an event → how long events of that name are kept."""


class ServicesBaseSetting(PrefectBaseSettings):
    """What every background service has: whether it runs."""

    enabled: bool = setting(True, "Whether the service runs.")


class ServerServicesCancellationCleanupSettings(ServicesBaseSetting):
    """The service that finishes what belongs to cancelled flow runs."""

    model_config = build_settings_config(("server", "services", "cancellation_cleanup"))

    enabled: bool = setting(
        True,
        "Whether runs below a cancelled flow run are cancelled too.",
        aliases=("PREFECT_API_SERVICES_CANCELLATION_CLEANUP_ENABLED",),
    )
    loop_seconds: float = setting(
        20,
        "Time between two looks for them, in seconds.",
        aliases=("PREFECT_API_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS",),
    )
    cancelling_timeout_seconds: float = setting(
        300,
        "How long a flow run may be cancelling before it counts as cancelled, in seconds.",
        gt=0,
    )


class ServerServicesDBVacuumSettings(ServicesBaseSetting):
    """The service that removes old rows from the database."""

    model_config = build_settings_config(("server", "services", "db_vacuum"))

    enabled: VacuumTypes = setting(  # type: ignore[assignment]  # names besides a flag
        {"events"},
        "What is removed: `events`, `flow_runs`, `orphans`, separated by commas; `true` means all,"
        " `false` events only.",
    )
    loop_seconds: float = setting(3600, "Time between two rounds of removal, in seconds.", gt=0)
    orphan_cleanup_loop_seconds: float = setting(
        86_400, "Time between two removals of rows that belong to nothing, in seconds.", gt=0
    )
    retention_period: Duration = setting(
        timedelta(days=90),
        "How long finished flow runs are kept; more than an hour.",
        gt=timedelta(seconds=3600),
    )
    batch_size: int = setting(200, "Most rows that are removed in one transaction.", gt=0)
    event_retention_overrides: RetentionOverrides = setting(
        {"prefect.flow-run.heartbeat": timedelta(days=7)},
        "How long events of certain names are kept, as a JSON object of names and durations.",
    )

    @property
    def enabled_vacuum_types(self) -> set[str]:
        """Return what is removed: `events`, `flow_runs` or `orphans`, or several of them."""
        if self.enabled is None:
            return set()
        if self.enabled is True:
            return set(VACUUM_TYPES)
        if self.enabled is False:
            return {"events"}
        # rows that belong to removed flow runs are orphans
        return self.enabled | ({"orphans"} if "flow_runs" in self.enabled else set())


class ServerServicesEventPersisterSettings(ServicesBaseSetting):
    """The service that writes events to the database."""

    model_config = build_settings_config(("server", "services", "event_persister"))

    enabled: bool = setting(
        True,
        "Whether events are written to the database.",
        aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_ENABLED",),
    )
    batch_size: int = setting(
        20,
        "Most events that are written at once.",
        aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_BATCH_SIZE",),
        gt=0,
    )
    read_batch_size: int = setting(
        1,
        "Most events that are read from the queue at once.",
        aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE",),
        gt=0,
    )
    flush_interval: float = setting(
        5,
        "Longest time that an event waits to be written, in seconds.",
        aliases=("PREFECT_API_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL",),
        gt=0.0,
    )
    queue_max_size: int = setting(
        50_000, "Most events that wait to be written; further ones are dropped.", gt=0
    )
    max_flush_retries: int = setting(
        5, "How often a batch that could not be written is tried again.", gt=0
    )


class ServerServicesEventLoggerSettings(ServicesBaseSetting):
    """The service that logs events."""

    model_config = build_settings_config(("server", "services", "event_logger"))

    enabled: bool = setting(
        False,
        "Whether each event is logged, to find errors.",
        aliases=("PREFECT_API_SERVICES_EVENT_LOGGER_ENABLED",),
    )


class ServerServicesForemanSettings(ServicesBaseSetting):
    """The service that watches workers, work pools and queues."""

    model_config = build_settings_config(("server", "services", "foreman"))

    enabled: bool = setting(
        True,
        "Whether workers that went silent are noticed.",
        aliases=("PREFECT_API_SERVICES_FOREMAN_ENABLED",),
    )
    loop_seconds: float = setting(
        15,
        "Time between two looks at the workers, in seconds.",
        aliases=("PREFECT_API_SERVICES_FOREMAN_LOOP_SECONDS",),
    )
    inactivity_heartbeat_multiple: int = setting(
        3,
        "How many heartbeats a worker may miss before it counts as offline.",
        aliases=("PREFECT_API_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE",),
    )
    fallback_heartbeat_interval_seconds: int = setting(
        30,
        "Time between heartbeats of a worker that does not tell, in seconds.",
        aliases=("PREFECT_API_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS",),
    )
    deployment_last_polled_timeout_seconds: int = setting(
        60,
        "How long a deployment may go without a poll before it counts as not ready, in seconds.",
        aliases=("PREFECT_API_SERVICES_FOREMAN_DEPLOYMENT_LAST_POLLED_TIMEOUT_SECONDS",),
    )
    work_queue_last_polled_timeout_seconds: int = setting(
        60,
        "How long a work queue may go without a poll before it counts as not ready, in seconds.",
        aliases=("PREFECT_API_SERVICES_FOREMAN_WORK_QUEUE_LAST_POLLED_TIMEOUT_SECONDS",),
    )


class ServerServicesLateRunsSettings(ServicesBaseSetting):
    """The service that marks late flow runs."""

    model_config = build_settings_config(("server", "services", "late_runs"))

    enabled: bool = setting(
        True,
        "Whether flow runs that did not start in time are marked late.",
        aliases=("PREFECT_API_SERVICES_LATE_RUNS_ENABLED",),
    )
    loop_seconds: float = setting(
        5,
        "Time between two looks for them, in seconds.",
        aliases=("PREFECT_API_SERVICES_LATE_RUNS_LOOP_SECONDS",),
    )
    after_seconds: Duration = setting(
        timedelta(seconds=15),
        "How long after its time a flow run counts as late.",
        aliases=("PREFECT_API_SERVICES_LATE_RUNS_AFTER_SECONDS",),
    )


class ServerServicesSchedulerSettings(ServicesBaseSetting):
    """The service that makes flow runs from schedules."""

    model_config = build_settings_config(("server", "services", "scheduler"))

    enabled: bool = setting(
        True,
        "Whether schedules make flow runs.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_ENABLED",),
    )
    loop_seconds: float = setting(
        60,
        "Time between two rounds over all deployments, in seconds.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_LOOP_SECONDS",),
    )
    deployment_batch_size: int = setting(
        100,
        "Most deployments that are read at once.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE",),
    )
    max_runs: int = setting(
        100,
        "Most flow runs that are made ahead for a schedule.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_MAX_RUNS",),
    )
    min_runs: int = setting(
        3,
        "Fewest flow runs that are made ahead for a schedule.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_MIN_RUNS",),
    )
    max_scheduled_time: Duration = setting(
        timedelta(days=100),
        "How far ahead flow runs are made at most.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME",),
    )
    min_scheduled_time: Duration = setting(
        timedelta(seconds=3600),
        "How far ahead flow runs are made at least.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME",),
    )
    insert_batch_size: int = setting(
        500,
        "Most flow runs that are written at once.",
        aliases=("PREFECT_API_SERVICES_SCHEDULER_INSERT_BATCH_SIZE",),
    )
    recent_deployments_loop_seconds: float = setting(
        5, "Time between two rounds over deployments that were just changed, in seconds."
    )


class ServerServicesPauseExpirationsSettings(ServicesBaseSetting):
    """The service that ends pauses."""

    model_config = build_settings_config(("server", "services", "pause_expirations"))

    enabled: bool = setting(
        True,
        "Whether flow runs whose pause is over are marked failed.",
        aliases=("PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_ENABLED",),
    )
    loop_seconds: float = setting(
        5,
        "Time between two looks for them, in seconds.",
        aliases=("PREFECT_API_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS",),
    )


class ServerServicesRepossessorSettings(ServicesBaseSetting):
    """The service that takes back slots of concurrency limits."""

    model_config = build_settings_config(("server", "services", "repossessor"))

    enabled: bool = setting(True, "Whether slots whose lease is over are taken back.")
    loop_seconds: float = setting(15, "Time between two looks for them, in seconds.")


class ServerServicesCleanupReconcilerSettings(ServicesBaseSetting):
    """The service that queues clean-ups for workers."""

    model_config = build_settings_config(("server", "services", "cleanup_reconciler"))

    enabled: bool = setting(True, "Whether clean-ups that got lost are queued again.")
    loop_seconds: float = setting(5, "Time between two looks for them, in seconds.", gt=0)
    batch_size: int = setting(100, "Most clean-ups that are read at once.", gt=0)


class ServerServicesTaskRunRecorderSettings(ServicesBaseSetting):
    """The service that writes task runs from their events."""

    model_config = build_settings_config(("server", "services", "task_run_recorder"))

    enabled: bool = setting(
        True,
        "Whether task runs are written to the database.",
        aliases=("PREFECT_API_SERVICES_TASK_RUN_RECORDER_ENABLED",),
    )
    read_batch_size: int = setting(1, "Most events that are read from the queue at once.", gt=0)
    batch_size: int = setting(1, "Most task runs that are written at once.", gt=0)
    flush_interval: float = setting(
        5, "Longest time that a task run waits to be written, in seconds.", gt=0.0
    )


class ServerServicesTriggersSettings(ServicesBaseSetting):
    """The service that fires the triggers of automations."""

    model_config = build_settings_config(("server", "services", "triggers"))

    enabled: bool = setting(
        True,
        "Whether automations are triggered.",
        aliases=("PREFECT_API_SERVICES_TRIGGERS_ENABLED",),
    )
    read_batch_size: int = setting(1, "Most events that are read from the queue at once.", gt=0)
    pg_notify_reconnect_interval_seconds: int = setting(
        10, "Wait before connecting again to Postgres for changes of automations, in seconds."
    )
    pg_notify_heartbeat_interval_seconds: int = setting(
        5, "Time between two checks of that connection, in seconds."
    )


class ServerServicesSettings(PrefectBaseSettings):
    """The background services of the server."""

    model_config = build_settings_config(("server", "services"))

    cancellation_cleanup: ServerServicesCancellationCleanupSettings = Field(
        default_factory=ServerServicesCancellationCleanupSettings,
        description="Cancelled flow runs.",
    )
    db_vacuum: ServerServicesDBVacuumSettings = Field(
        default_factory=ServerServicesDBVacuumSettings, description="Old rows."
    )
    event_persister: ServerServicesEventPersisterSettings = Field(
        default_factory=ServerServicesEventPersisterSettings, description="Writing events."
    )
    event_logger: ServerServicesEventLoggerSettings = Field(
        default_factory=ServerServicesEventLoggerSettings, description="Logging events."
    )
    foreman: ServerServicesForemanSettings = Field(
        default_factory=ServerServicesForemanSettings, description="Watching workers."
    )
    late_runs: ServerServicesLateRunsSettings = Field(
        default_factory=ServerServicesLateRunsSettings, description="Late flow runs."
    )
    scheduler: ServerServicesSchedulerSettings = Field(
        default_factory=ServerServicesSchedulerSettings, description="Schedules."
    )
    pause_expirations: ServerServicesPauseExpirationsSettings = Field(
        default_factory=ServerServicesPauseExpirationsSettings, description="Pauses."
    )
    repossessor: ServerServicesRepossessorSettings = Field(
        default_factory=ServerServicesRepossessorSettings,
        description="Slots of concurrency limits.",
    )
    cleanup_reconciler: ServerServicesCleanupReconcilerSettings = Field(
        default_factory=ServerServicesCleanupReconcilerSettings, description="Clean-ups by workers."
    )
    task_run_recorder: ServerServicesTaskRunRecorderSettings = Field(
        default_factory=ServerServicesTaskRunRecorderSettings, description="Writing task runs."
    )
    triggers: ServerServicesTriggersSettings = Field(
        default_factory=ServerServicesTriggersSettings, description="Automations."
    )
