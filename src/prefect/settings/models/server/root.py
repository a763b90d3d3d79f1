"""Settings of the server: those of its own, and all groups below it."""

from pathlib import Path

from pydantic import Field

from prefect.settings._parsing import LogLevel
from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting
from prefect.settings.models.server.api import ServerAPISettings
from prefect.settings.models.server.concurrency import ServerConcurrencySettings
from prefect.settings.models.server.database import ServerDatabaseSettings
from prefect.settings.models.server.deployments import ServerDeploymentsSettings
from prefect.settings.models.server.docket import ServerDocketSettings
from prefect.settings.models.server.ephemeral import ServerEphemeralSettings
from prefect.settings.models.server.events import ServerEventsSettings
from prefect.settings.models.server.flow_run_graph import ServerFlowRunGraphSettings
from prefect.settings.models.server.logs import ServerLogsSettings
from prefect.settings.models.server.services import ServerServicesSettings
from prefect.settings.models.server.tasks import ServerTasksSettings
from prefect.settings.models.server.ui import ServerUISettings
from prefect.settings.models.server.worker_channel import ServerWorkerChannelSettings

__all__ = ["LogLevel", "ServerSettings"]


class ServerSettings(PrefectBaseSettings):
    """The server."""

    model_config = build_settings_config(("server",))

    logging_level: LogLevel = setting(
        "WARNING",
        "Lowest level of the server's log messages.",
        aliases=("PREFECT_LOGGING_SERVER_LEVEL",),
    )
    analytics_enabled: bool = setting(
        True, "Whether the server reports anonymously that it is in use."
    )
    metrics_enabled: bool = setting(
        False,
        "Whether the server serves Prometheus metrics.",
        aliases=("PREFECT_API_ENABLE_METRICS",),
    )
    log_retryable_errors: bool = setting(
        False,
        "Whether errors that are tried again are logged.",
        aliases=("PREFECT_API_LOG_RETRYABLE_ERRORS",),
    )
    register_blocks_on_start: bool = setting(
        True,
        "Whether the server registers the block types that come with the package when it starts.",
        aliases=("PREFECT_API_BLOCKS_REGISTER_ON_START",),
    )
    memoize_block_auto_registration: bool = setting(
        True,
        "Whether the server remembers that block types are registered, to start faster.",
        aliases=("PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION",),
    )
    memo_store_path: Path = setting(
        default_factory=Path,  # see `derive`
        description="File in which the server remembers that; `memo_store.toml` in the home"
        " directory when not set.",
        aliases=("PREFECT_MEMO_STORE_PATH",),
    )
    deployment_schedule_max_scheduled_runs: int = setting(
        50,
        "Most flow runs that a schedule makes ahead when it does not say.",
        aliases=("PREFECT_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS",),
    )
    api: ServerAPISettings = Field(default_factory=ServerAPISettings, description="The API.")
    concurrency: ServerConcurrencySettings = Field(
        default_factory=ServerConcurrencySettings, description="Concurrency limits."
    )
    database: ServerDatabaseSettings = Field(
        default_factory=ServerDatabaseSettings, description="The database."
    )
    deployments: ServerDeploymentsSettings = Field(
        default_factory=ServerDeploymentsSettings, description="Deployments."
    )
    docket: ServerDocketSettings = Field(
        default_factory=ServerDocketSettings, description="Background work."
    )
    ephemeral: ServerEphemeralSettings = Field(
        default_factory=ServerEphemeralSettings, description="A server that starts by itself."
    )
    events: ServerEventsSettings = Field(
        default_factory=ServerEventsSettings, description="Events."
    )
    flow_run_graph: ServerFlowRunGraphSettings = Field(
        default_factory=ServerFlowRunGraphSettings, description="Graphs of flow runs."
    )
    logs: ServerLogsSettings = Field(default_factory=ServerLogsSettings, description="Logs.")
    services: ServerServicesSettings = Field(
        default_factory=ServerServicesSettings, description="Background services."
    )
    tasks: ServerTasksSettings = Field(default_factory=ServerTasksSettings, description="Tasks.")
    ui: ServerUISettings = Field(default_factory=ServerUISettings, description="Web pages.")
    worker_channel: ServerWorkerChannelSettings = Field(
        default_factory=ServerWorkerChannelSettings, description="The channel to workers."
    )

    def derive(self, get: Lookup) -> None:
        """Keep the server's memory in the home directory."""
        self._derive_default("memo_store_path", get("home") / "memo_store.toml")
