"""The settings that apply here and now, read group by group.

`group("client")` is how the library reads its settings: it returns the model of that table alone,
so that a script that submits a run does not build all of them. Within `temporary_settings`, a
settings context or a profile that was switched to, it returns the part of those settings. What was
read from the sources is kept until `refresh()`.

This module imports nothing of weight; the models, and pydantic, come with the first group.
"""

from _thread import RLock
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, Protocol, overload

    from prefect.settings._sources import Sources
    from prefect.settings.models._root import RootSettings
    from prefect.settings.models.api import APISettings
    from prefect.settings.models.cli import CLISettings
    from prefect.settings.models.client import ClientMetricsSettings, ClientSettings
    from prefect.settings.models.cloud import CloudSettings
    from prefect.settings.models.deployments import DeploymentsSettings
    from prefect.settings.models.events import EventsSettings
    from prefect.settings.models.experiments import ExperimentsSettings
    from prefect.settings.models.flows import FlowsSettings
    from prefect.settings.models.internal import InternalSettings
    from prefect.settings.models.logging import LoggingSettings, LoggingToAPISettings
    from prefect.settings.models.plugins import PluginsSettings
    from prefect.settings.models.results import ResultsSettings
    from prefect.settings.models.root import Settings
    from prefect.settings.models.runner import RunnerServerSettings, RunnerSettings
    from prefect.settings.models.server.api import ServerAPISettings
    from prefect.settings.models.server.concurrency import ServerConcurrencySettings
    from prefect.settings.models.server.database import ServerDatabaseSettings
    from prefect.settings.models.server.deployments import ServerDeploymentsSettings
    from prefect.settings.models.server.docket import ServerDocketSettings
    from prefect.settings.models.server.ephemeral import ServerEphemeralSettings
    from prefect.settings.models.server.events import ServerEventsSettings
    from prefect.settings.models.server.flow_run_graph import ServerFlowRunGraphSettings
    from prefect.settings.models.server.logs import ServerLogsSettings
    from prefect.settings.models.server.root import ServerSettings
    from prefect.settings.models.server.services import ServerServicesSettings
    from prefect.settings.models.server.tasks import ServerTasksSettings
    from prefect.settings.models.server.ui import ServerUISettings
    from prefect.settings.models.server.worker_channel import ServerWorkerChannelSettings
    from prefect.settings.models.tasks import (
        TasksRunnerSettings,
        TasksSchedulingSettings,
        TasksSettings,
    )
    from prefect.settings.models.telemetry import TelemetrySettings
    from prefect.settings.models.testing import TestingSettings
    from prefect.settings.models.worker import WorkerSettings, WorkerWebserverSettings
    from prefect.settings.profiles import Profile

    class ActiveSettings(Protocol):
        """What takes the place of the sources: settings, and the profile they came with."""

        @property
        def profile(self) -> Profile: ...
        @property
        def settings(self) -> Settings: ...


__all__ = ["active", "current_sources", "group", "lookup", "refresh", "tree"]

active: "ContextVar[ActiveSettings | None]" = ContextVar("prefect_active_settings", default=None)
"""The settings of the innermost context; None when they come from the sources."""


class _Process:
    """What this process has read so far; replaced as a whole by `refresh`."""

    sources: "Sources | None" = None
    tree: "Settings | None" = None

    def __init__(self) -> None:
        self.groups: dict[str, Any] = {}


_lock = RLock()
_process = _Process()


if TYPE_CHECKING:  # so that tools know the fields; deeper groups are attributes of these

    @overload
    def group(path: Literal[""]) -> RootSettings: ...
    @overload
    def group(path: Literal["api"]) -> APISettings: ...
    @overload
    def group(path: Literal["cli"]) -> CLISettings: ...
    @overload
    def group(path: Literal["client"]) -> ClientSettings: ...
    @overload
    def group(path: Literal["client.metrics"]) -> ClientMetricsSettings: ...
    @overload
    def group(path: Literal["cloud"]) -> CloudSettings: ...
    @overload
    def group(path: Literal["deployments"]) -> DeploymentsSettings: ...
    @overload
    def group(path: Literal["events"]) -> EventsSettings: ...
    @overload
    def group(path: Literal["experiments"]) -> ExperimentsSettings: ...
    @overload
    def group(path: Literal["flows"]) -> FlowsSettings: ...
    @overload
    def group(path: Literal["internal"]) -> InternalSettings: ...
    @overload
    def group(path: Literal["logging"]) -> LoggingSettings: ...
    @overload
    def group(path: Literal["logging.to_api"]) -> LoggingToAPISettings: ...
    @overload
    def group(path: Literal["plugins"]) -> PluginsSettings: ...
    @overload
    def group(path: Literal["results"]) -> ResultsSettings: ...
    @overload
    def group(path: Literal["runner"]) -> RunnerSettings: ...
    @overload
    def group(path: Literal["runner.server"]) -> RunnerServerSettings: ...
    @overload
    def group(path: Literal["server"]) -> ServerSettings: ...
    @overload
    def group(path: Literal["server.api"]) -> ServerAPISettings: ...
    @overload
    def group(path: Literal["server.concurrency"]) -> ServerConcurrencySettings: ...
    @overload
    def group(path: Literal["server.database"]) -> ServerDatabaseSettings: ...
    @overload
    def group(path: Literal["server.deployments"]) -> ServerDeploymentsSettings: ...
    @overload
    def group(path: Literal["server.docket"]) -> ServerDocketSettings: ...
    @overload
    def group(path: Literal["server.ephemeral"]) -> ServerEphemeralSettings: ...
    @overload
    def group(path: Literal["server.events"]) -> ServerEventsSettings: ...
    @overload
    def group(path: Literal["server.flow_run_graph"]) -> ServerFlowRunGraphSettings: ...
    @overload
    def group(path: Literal["server.logs"]) -> ServerLogsSettings: ...
    @overload
    def group(path: Literal["server.services"]) -> ServerServicesSettings: ...
    @overload
    def group(path: Literal["server.tasks"]) -> ServerTasksSettings: ...
    @overload
    def group(path: Literal["server.ui"]) -> ServerUISettings: ...
    @overload
    def group(path: Literal["server.worker_channel"]) -> ServerWorkerChannelSettings: ...
    @overload
    def group(path: Literal["tasks"]) -> TasksSettings: ...
    @overload
    def group(path: Literal["tasks.runner"]) -> TasksRunnerSettings: ...
    @overload
    def group(path: Literal["tasks.scheduling"]) -> TasksSchedulingSettings: ...
    @overload
    def group(path: Literal["telemetry"]) -> TelemetrySettings: ...
    @overload
    def group(path: Literal["testing"]) -> TestingSettings: ...
    @overload
    def group(path: Literal["worker"]) -> WorkerSettings: ...
    @overload
    def group(path: Literal["worker.webserver"]) -> WorkerWebserverSettings: ...
    @overload
    def group(path: str) -> Any: ...


def group(path: str) -> "Any":
    """Return the settings of a group that apply here.

    Args:
        path: Dotted path of the group, such as `"client"` or `"server.api"`; empty for the
            settings of the root (`home`, `debug_mode`, ...).

    Raises:
        KeyError: There is no such group.
        ValidationError: A source has a value that the group does not accept.
    """
    current = active.get()
    if current is not None:
        return _part(current.settings, path)
    model = _process.groups.get(path)
    return _read(path) if model is None else model


def _part(settings: "Settings", path: str) -> "Any":
    found: Any = settings
    for part in path.split(".") if path else ():
        found = getattr(found, part)
    return found


def _read(path: str) -> "Any":
    with _lock:
        process = _process
        if path not in process.groups:
            if process.tree is not None:
                process.groups[path] = _part(process.tree, path)
            else:
                process.groups[path] = current_sources().group(path)
        return process.groups[path]


def lookup(path: str) -> "Any":
    """Return one setting that applies here by its dotted path, such as `"api.url"`."""
    parent, _, field = path.rpartition(".")
    return getattr(group(parent), field)


def current_sources() -> "Sources":
    """Return what the sources say, read once per process."""
    from prefect.settings._sources import read_sources  # heavy

    with _lock:
        process = _process
        if process.sources is None:
            process.sources = read_sources()
        return process.sources


def tree() -> "Settings":
    """Return all settings that apply here."""
    current = active.get()
    if current is not None:
        return current.settings
    with _lock:
        process = _process
        if process.tree is None:
            from prefect.settings._sources import ambient_sources
            from prefect.settings.models.root import Settings  # heavy: all the models

            with ambient_sources(current_sources()):
                process.tree = Settings()
            process.groups.clear()  # from now on, groups are parts of the tree
        return process.tree


def refresh() -> None:
    """Forget what was read from the sources, so that the next use reads them again."""
    global _process
    with _lock:
        _process = _Process()
