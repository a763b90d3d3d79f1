"""All settings in one tree."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pydantic import Field

from prefect.settings._sources import Sources, ambient_sources
from prefect.settings.base import Lookup, PrefectBaseSettings
from prefect.settings.models._root import RootSettings
from prefect.settings.models.api import APISettings
from prefect.settings.models.cli import CLISettings
from prefect.settings.models.client import ClientSettings
from prefect.settings.models.cloud import CloudSettings
from prefect.settings.models.deployments import DeploymentsSettings
from prefect.settings.models.events import EventsSettings
from prefect.settings.models.experiments import ExperimentsSettings
from prefect.settings.models.flows import FlowsSettings
from prefect.settings.models.internal import InternalSettings
from prefect.settings.models.logging import LoggingSettings
from prefect.settings.models.plugins import PluginsSettings
from prefect.settings.models.results import ResultsSettings
from prefect.settings.models.runner import RunnerSettings
from prefect.settings.models.server.root import ServerSettings
from prefect.settings.models.tasks import TasksSettings
from prefect.settings.models.telemetry import TelemetrySettings
from prefect.settings.models.testing import TestingSettings
from prefect.settings.models.worker import WorkerSettings

if TYPE_CHECKING:
    from typing_extensions import Self

    from prefect.settings.legacy import Setting

__all__ = ["Settings", "canonical_environment_prefix"]


class Settings(RootSettings):
    """All settings.

    Constructing it reads the sources; arguments go before them and may be partial:
    `Settings(api={"url": "http://127.0.0.1:4200/api"})`.
    """

    api: APISettings = Field(default_factory=APISettings, description="The connection to the API.")
    cli: CLISettings = Field(default_factory=CLISettings, description="The command line.")
    client: ClientSettings = Field(
        default_factory=ClientSettings, description="The client of the API."
    )
    cloud: CloudSettings = Field(default_factory=CloudSettings, description="Prefect Cloud.")
    deployments: DeploymentsSettings = Field(
        default_factory=DeploymentsSettings, description="Deployments."
    )
    events: EventsSettings = Field(default_factory=EventsSettings, description="Events.")
    experiments: ExperimentsSettings = Field(
        default_factory=ExperimentsSettings, description="Experimental features."
    )
    flows: FlowsSettings = Field(default_factory=FlowsSettings, description="Flows.")
    internal: InternalSettings = Field(
        default_factory=InternalSettings, description="The package's own workings."
    )
    logging: LoggingSettings = Field(default_factory=LoggingSettings, description="Logging.")
    plugins: PluginsSettings = Field(default_factory=PluginsSettings, description="Plugins.")
    results: ResultsSettings = Field(default_factory=ResultsSettings, description="Results.")
    runner: RunnerSettings = Field(default_factory=RunnerSettings, description="Runners.")
    server: ServerSettings = Field(default_factory=ServerSettings, description="The server.")
    tasks: TasksSettings = Field(default_factory=TasksSettings, description="Tasks.")
    telemetry: TelemetrySettings = Field(
        default_factory=TelemetrySettings, description="Telemetry."
    )
    testing: TestingSettings = Field(default_factory=TestingSettings, description="Testing.")
    worker: WorkerSettings = Field(default_factory=WorkerSettings, description="Workers.")

    @property
    def connected_to_cloud(self) -> bool:
        """Tell whether the API is the one of Prefect Cloud."""
        return bool(self.api.url and self.api.url.startswith(self.cloud.api_url))

    def _lookup(self, sources: Sources) -> Lookup:
        return self.lookup

    def lookup(self, path: str) -> Any:
        """Return one setting by its dotted path, such as `"api.url"`."""
        return attrgetter(path)(self)

    def hash_key(self) -> str:
        """Return a text that is equal for equal settings and differs for others.

        It does not reveal the secrets that went into it.
        """
        import hashlib  # only needed here

        variables = sorted(self.to_environment_variables().items())
        return hashlib.sha256(repr(variables).encode()).hexdigest()

    def copy_with_update(
        self,
        updates: "Mapping[Setting | str, Any] | None" = None,
        set_defaults: "Mapping[Setting | str, Any] | None" = None,
        restore_defaults: "Iterable[Setting | str] | None" = None,
    ) -> "Self":
        """Make new settings from these; the sources are not read again.

        Args:
            updates: Setting → its new value.
            set_defaults: Setting → value for settings that are not set here.
            restore_defaults: Settings that go back to their defaults, whatever the sources say.

        Returns:
            A new object; settings are named by constants such as `PREFECT_API_URL`, by their
            names or by dotted paths.

        Raises:
            ValueError: There is no such setting.
            ValidationError: A setting does not accept its value.
        """
        from prefect.settings.legacy import accessor_of  # late: it imports this module

        restored = {accessor_of(key) for key in restore_defaults or ()}
        values = {path: v for path, v in _explicit(self) if path not in restored}
        values = {accessor_of(key): v for key, v in (set_defaults or {}).items()} | values
        values |= {accessor_of(key): v for key, v in (updates or {}).items()}
        nested: dict[str, Any] = {}
        for path, value in values.items():
            *parents, field = path.split(".")
            table = nested
            for parent in parents:
                table = table.setdefault(parent, {})
            table[field] = value
        with ambient_sources(Sources(())):
            return type(self)(**nested)


def _explicit(model: PrefectBaseSettings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of each setting that a source or an argument has set."""
    for field in type(model).model_fields:
        value = getattr(model, field)
        if isinstance(value, PrefectBaseSettings):
            yield from _explicit(value, f"{prefix}{field}.")
        elif field in model.model_fields_set:
            yield f"{prefix}{field}", value


def canonical_environment_prefix(settings: PrefectBaseSettings) -> str:
    """Return what the environment names of a model's settings begin with: `PREFECT_API_`."""
    return str(type(settings).model_config.get("env_prefix", ""))
