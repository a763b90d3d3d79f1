"""Where settings come from, and which source wins.

From strongest to weakest: the process environment, `.env`, `prefect.toml`, the table
`tool.prefect` of `pyproject.toml` (all three in the working directory), the active profile. What
is passed to the constructor of a settings model goes before all of them, its defaults after.

`read_sources()` takes one look at all of them; a settings model asks the resulting `Sources` for
the values of its fields. Nothing here is written, and a file that may not be read is no file.
"""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.settings._files import SettingsFileError, read_dotenv, read_toml

if TYPE_CHECKING:
    from prefect.settings.base import PrefectBaseSettings

__all__ = [
    "Layer",
    "Origin",
    "ProfileChoice",
    "SettingsFileError",
    "Sources",
    "ambient_sources",
    "choose_profile",
    "in_test_mode",
    "profiles_file",
    "read_profiles",
    "read_sources",
]

BUILT_IN_ACTIVE = "ephemeral"
BUILT_IN_PROFILES: dict[str, dict[str, str]] = {
    "ephemeral": {"PREFECT_SERVER_EPHEMERAL_ENABLED": "true"},
    "local": {"PREFECT_API_URL": "http://127.0.0.1:4200/api"},
    "test": {
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": "sqlite+aiosqlite:///:memory:",
    },
    "cloud": {},
}
"""The content of `profiles.toml` beside this module, at hand without parsing it."""

BUILT_IN_PROFILES_FILE = os.path.join(os.path.dirname(__file__), "profiles.toml")

TEST_MODE_NAMES = (
    "PREFECT_TEST_MODE",
    "PREFECT_UNIT_TEST_MODE",
    "PREFECT_TESTING_TEST_MODE",
    "PREFECT_TESTING_UNIT_TEST_MODE",
)
"""Environment names of which any, whatever its value, keeps the user's profiles out."""


GROUPS = {
    "": "_root:RootSettings",
    "api": "api:APISettings",
    "cli": "cli:CLISettings",
    "client": "client:ClientSettings",
    "cloud": "cloud:CloudSettings",
    "deployments": "deployments:DeploymentsSettings",
    "events": "events:EventsSettings",
    "experiments": "experiments:ExperimentsSettings",
    "flows": "flows:FlowsSettings",
    "internal": "internal:InternalSettings",
    "logging": "logging:LoggingSettings",
    "plugins": "plugins:PluginsSettings",
    "results": "results:ResultsSettings",
    "runner": "runner:RunnerSettings",
    "server": "server.root:ServerSettings",
    "server.api": "server.api:ServerAPISettings",
    "server.concurrency": "server.concurrency:ServerConcurrencySettings",
    "server.database": "server.database:ServerDatabaseSettings",
    "server.deployments": "server.deployments:ServerDeploymentsSettings",
    "server.docket": "server.docket:ServerDocketSettings",
    "server.ephemeral": "server.ephemeral:ServerEphemeralSettings",
    "server.events": "server.events:ServerEventsSettings",
    "server.flow_run_graph": "server.flow_run_graph:ServerFlowRunGraphSettings",
    "server.logs": "server.logs:ServerLogsSettings",
    "server.services": "server.services:ServerServicesSettings",
    "server.tasks": "server.tasks:ServerTasksSettings",
    "server.ui": "server.ui:ServerUISettings",
    "server.worker_channel": "server.worker_channel:ServerWorkerChannelSettings",
    "tasks": "tasks:TasksSettings",
    "telemetry": "telemetry:TelemetrySettings",
    "testing": "testing:TestingSettings",
    "worker": "worker:WorkerSettings",
}
"""Path of a group → its model and the module of it in `models`; groups below are fields of these.

The empty path stands for the settings of the root.
"""


class Origin(NamedTuple):
    """Where a value was found, for messages: `name` in `place`, and how to correct it there."""

    name: str
    place: str
    value: Any


class ProfileChoice(NamedTuple):
    """Which profile is asked for, and by whom."""

    name: str
    chosen_by: str


class Layer:
    """One source: values by environment name, or a tree of tables.

    `names` maps upper-case environment names to values, `tables` nests as the settings do.
    """

    def __init__(
        self,
        place: str,
        *,
        names: Mapping[str, Any] | None = None,
        tables: Mapping[str, Any] | None = None,
        of_profile: bool = False,
    ) -> None:
        self.place = place
        self.names = names
        self.tables = tables
        self.of_profile = of_profile

    def table(self, path: Sequence[str]) -> Mapping[str, Any]:
        """The table at a path; empty when there is none."""
        table: Any = self.tables
        for part in path:
            table = table.get(part) if isinstance(table, Mapping) else None
        return table if isinstance(table, Mapping) else {}

    def values(self, cls: "type[PrefectBaseSettings]") -> dict[str, tuple[str, Any]]:
        """Field → (the name it was found under, its value) for the fields this source has."""
        found = {}
        names = self.names
        if names is not None:
            for field, accepted in cls.env_names().items():
                for name in accepted:
                    if name in names:
                        found[field] = (name, names[name])
                        break
            return found
        path = cls.table_path()
        table = self.table(path)
        for field in cls.env_names() if table else ():
            if field in table:
                found[field] = (".".join((*path, field)), table[field])
        return found


class Sources:
    """One look at every source, strongest first."""

    def __init__(self, layers: Sequence[Layer], profile: ProfileChoice | None = None) -> None:
        self.layers = tuple(layers)
        self.profile = profile
        self._groups: dict[str, PrefectBaseSettings] = {}

    def group(self, path: str) -> "PrefectBaseSettings":
        """The model of a group, filled from these sources; made once."""
        model = self._groups.get(path)
        if model is not None:
            return model
        from prefect.settings.base import underived  # upward: the base imports the sources

        cls = group_model(path)
        with ambient_sources(self), underived():
            model = self._groups[path] = cls()
        try:
            model.derive_all(self.lookup)  # may ask for this group, by way of others
        except BaseException:
            del self._groups[path]
            raise
        return model

    def lookup(self, path: str) -> Any:
        """The value of one setting by its dotted path, such as `"api.url"`."""
        parent, _, field = path.rpartition(".")
        return getattr(self.group(parent), field)

    def profile_layer(self) -> Layer:
        """The values of the profile alone."""
        for layer in self.layers:
            if layer.of_profile:
                return layer
        return Layer("no profile", names={})

    def collect(self, cls: "type[PrefectBaseSettings]") -> dict[str, Any]:
        """Field → value of the strongest source that has it; fields of no source are left out."""
        merged: dict[str, Any] = {}
        for layer in self.layers:
            for field, (_, value) in layer.values(cls).items():
                merged.setdefault(field, value)
        return merged

    def origin(self, cls: "type[PrefectBaseSettings]", field: str) -> Origin | None:
        """Where `collect` took the value of a field from; None when no source has it."""
        for layer in self.layers:
            found = layer.values(cls).get(field)
            if found is not None:
                return Origin(found[0], layer.place, found[1])
        return None


def group_model(path: str) -> "type[PrefectBaseSettings]":
    """Import the model of a group.

    Raises:
        KeyError: There is no such group.
    """
    target = GROUPS.get(path)
    if target is not None:
        module, _, name = target.partition(":")
        module = f"prefect.settings.models.{module}"
        __import__(module)
        model: type[PrefectBaseSettings] = getattr(sys.modules[module], name)
        return model
    parent, _, field = path.rpartition(".")
    below = subgroups(group_model(parent)) if parent else {}
    if field not in below:
        raise KeyError(f"There is no group of settings {path!r}.")
    return below[field]


def subgroups(model: "type[PrefectBaseSettings]") -> "dict[str, type[PrefectBaseSettings]]":
    """Field → model of the groups right below a group."""
    from prefect.settings.base import is_group  # upward: the base imports the sources

    fields = model.model_fields.items()
    return {name: f.annotation for name, f in fields if is_group(f.annotation)}


_ambient: ContextVar[Sources | None] = ContextVar("prefect_settings_sources", default=None)


@contextmanager
def ambient_sources(sources: Sources | None = None) -> Iterator[Sources]:
    """Let settings models that are constructed inside share one look at the sources."""
    current = sources or _ambient.get()
    if current is not None and sources is None:
        yield current
        return
    current = current or read_sources()
    token = _ambient.set(current)
    try:
        yield current
    finally:
        _ambient.reset(token)


def read_sources(profile: str | None = None) -> Sources:
    """Look at every source as it is now.

    Args:
        profile: Name of a profile to use in place of the active one.

    Raises:
        SettingsFileError: A file is there but cannot be understood.
    """
    layers, choice = _layers(profile)
    return Sources(layers, choice)


def profiles_file(
    environment: Mapping[str, str],
    dotenv: Mapping[str, str],
    toml: Mapping[str, Any],
    pyproject: Mapping[str, Any],
) -> str:
    """Find the profiles file that applies; it need not exist.

    Returns:
        Its path, `~` expanded; in test mode, that of the built-in profiles.
    """
    if in_test_mode(environment):
        return BUILT_IN_PROFILES_FILE
    named = (
        environment.get("PREFECT_PROFILES_PATH")
        or dotenv.get("PREFECT_PROFILES_PATH")
        or toml.get("profiles_path")
        or pyproject.get("profiles_path")
    )
    home = os.path.expanduser(environment.get("PREFECT_HOME") or "~/.prefect")
    if named:
        return os.path.expanduser(str(named).replace("$PREFECT_HOME", home))
    return os.path.join(home, "profiles.toml")


def environment_names() -> dict[str, str]:
    """The process environment by upper-case names; an exact name goes before another spelling."""
    names = {name.upper(): value for name, value in os.environ.items() if not name.isupper()}
    names.update((name, value) for name, value in os.environ.items() if name.isupper())
    return names


def in_test_mode(environment: Mapping[str, str]) -> bool:
    """Tell whether one of the test-mode names is in an environment, whatever its value."""
    return any(name in environment for name in TEST_MODE_NAMES)


def read_profiles(path: str) -> tuple[str | None, dict[str, dict[str, Any]]]:
    """Read a profiles file.

    Returns:
        The name under `active`, if any, and the profiles; nothing when there is no file.

    Raises:
        SettingsFileError: It is not TOML, or its `profiles` are not tables.
    """
    document = read_toml(path) or {}
    profiles = document.get("profiles", {})
    active = document.get("active")
    if not isinstance(profiles, dict) or not all(isinstance(p, dict) for p in profiles.values()):
        raise SettingsFileError(
            f"Cannot read profiles from {path!r}: each profile must be a table [profiles.<name>]"
            " of setting names and values."
        )
    return (None if active is None else str(active)), profiles


def choose_profile(environment: Mapping[str, str], active: str | None) -> ProfileChoice:
    """Decide which profile is asked for: command line, `PREFECT_PROFILE`, `active`, built-in."""
    arguments = sys.argv
    if (
        len(arguments) > 2
        and arguments[1] == "--profile"
        and arguments[0].replace(os.sep, "/").endswith("/prefect")
    ):
        return ProfileChoice(arguments[2], "the option --profile")
    if named := environment.get("PREFECT_PROFILE"):
        return ProfileChoice(named, "the environment variable PREFECT_PROFILE")
    if active:
        return ProfileChoice(active, "the key `active` of the profiles file")
    return ProfileChoice(BUILT_IN_ACTIVE, "default")


def _layers(profile: str | None) -> tuple[list[Layer], ProfileChoice]:
    environment = environment_names()
    dotenv = {name.upper(): value for name, value in read_dotenv(".env").items()}
    toml = read_toml("prefect.toml") or {}
    pyproject = _table(read_toml("pyproject.toml", having="prefect"), "tool", "prefect")
    layers = [
        Layer("the process environment", names=environment),
        Layer("the file .env", names=dotenv),
        Layer("the file prefect.toml", tables=toml),
        Layer("the table [tool.prefect] of pyproject.toml", tables=pyproject),
    ]
    path = profiles_file(environment, dotenv, toml, pyproject)
    values, choice = _profile_values(path, environment, profile)
    layers.append(Layer(f"the profile {choice.name!r} of {path}", names=values, of_profile=True))
    for tables, place in ((toml, "prefect.toml"), (pyproject, "pyproject.toml")):
        if plugins := _table(tables, "experiments", "plugins"):
            layers.append(
                Layer(f"the old table experiments.plugins of {place}", tables={"plugins": plugins})
            )
    return [layer for layer in layers if layer.names or layer.tables], choice


def _table(tree: Any, *path: str) -> dict[str, Any]:
    for part in path:
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def _profile_values(
    path: str, environment: Mapping[str, str], name: str | None
) -> tuple[dict[str, Any], ProfileChoice]:
    active, profiles = (None, {}) if path == BUILT_IN_PROFILES_FILE else read_profiles(path)
    choice = ProfileChoice(name, "the program") if name else choose_profile(environment, active)
    if in_test_mode(environment):
        return {}, choice
    known = {**BUILT_IN_PROFILES, **profiles}
    if choice.name not in known:
        warnings.warn(
            f"There is no profile {choice.name!r}, asked for by {choice.chosen_by}; the profile"
            f" {BUILT_IN_ACTIVE!r} is used. Profiles in {path!r}: {', '.join(sorted(known))}.",
            stacklevel=2,
        )
        choice = ProfileChoice(BUILT_IN_ACTIVE, "default")
    return {**BUILT_IN_PROFILES.get(choice.name, {}), **profiles.get(choice.name, {})}, choice
