"""What runs here and now: the flow run, the task run, tags and settings of the current code.

A context is entered with `with`; `X.get()` returns the innermost one of class `X` in this thread or
asyncio task, or None. The engine sets them, `prefect.runtime` and user code read them.
"""

from __future__ import annotations

import contextvars
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from prefect._lazy import lazy_exports
from prefect.exceptions import MissingContextError
from prefect.types._datetime import now

if TYPE_CHECKING:
    from typing_extensions import Self

    from prefect.settings.models.root import Settings
    from prefect.settings.profiles import Profile

__all__ = [
    "AsyncClientContext",
    "ContextModel",
    "EngineContext",
    "FlowRunContext",
    "RunContext",
    "SettingsContext",
    "SyncClientContext",
    "TagsContext",
    "TaskRunContext",
    "get_run_context",
    "get_settings_context",
    "hydrated_context",
    "refresh_global_settings_context",
    "root_settings_context",
    "serialize_context",
    "tags",
    "use_profile",
    "with_context",
]

_REQUIRED: Any = object()


class ContextModel:
    """Base of the contexts: named fields, entered and left with `with`.

    Subclasses name their fields in `_fields`, field → what makes its default. A context is plain
    Python rather than a pydantic model: one is made for every task run.

    Raises:
        TypeError: If a field is unknown, or one without a default is missing.
    """

    __var__: ClassVar[contextvars.ContextVar[Any]]
    _fields: ClassVar[dict[str, Callable[[], Any]]] = {}

    _token: contextvars.Token[Any] | None = None

    def __init__(self, **fields: Any) -> None:
        unknown = fields.keys() - self._fields.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {min(unknown)!r}")
        values = self.__dict__
        for name, default in self._fields.items():
            if name in fields:
                values[name] = fields[name]
            elif default is _REQUIRED:
                raise TypeError(f"{type(self).__name__} needs a value for {name!r}")
            else:
                values[name] = default()

    @classmethod
    def model_construct(cls, **fields: Any) -> Self:
        """Make a context without asking for the fields that have no default."""
        return cls(
            **{n: None for n, d in cls._fields.items() if d is _REQUIRED and n not in fields},
            **fields,
        )

    def model_copy(self, *, update: dict[str, Any] | None = None) -> Self:
        """Copy the context, not entered, with other values for some fields."""
        return type(self)(**{**self._values(), **(update or {})})

    copy = model_copy

    def _values(self) -> dict[str, Any]:
        return {name: self.__dict__[name] for name in self._fields}

    def __enter__(self) -> Self:
        if self._token is not None:
            raise RuntimeError(
                f"This {type(self).__name__} is entered already; enter a `model_copy()` of it."
            )
        self._token = self.__var__.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is None:
            raise RuntimeError(f"This {type(self).__name__} was not entered.")
        self.__var__.reset(self._token)
        self._token = None

    @classmethod
    def get(cls) -> Self | None:
        """Return the innermost context of this class; None outside of one."""
        found: Self | None = cls.__var__.get(None)
        return found

    def serialize(self, include_secrets: bool = True) -> dict[str, Any]:
        """Return the fields, for a context in another process."""
        return self._values()

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._values().items())})"
        )


class RunContext(ContextModel):
    """Base of the contexts of runs.

    Attributes:
        start_time: When the run was started here.
        input_keyset: Where the input of a paused run is kept.
        client: The client of the engine; None in local mode.
    """

    _fields: ClassVar[dict[str, Any]] = {
        "start_time": now,
        "input_keyset": lambda: None,
        "client": lambda: None,
    }

    start_time: Any
    input_keyset: dict[str, dict[str, str]] | None
    client: Any


class EngineContext(RunContext):
    """The flow run that this code belongs to.

    Attributes:
        flow: The flow.
        flow_run: Its run.
        parameters: The parameters, validated.
        task_runner: Runs what `.submit` and `.map` hand over.
        task_run_dynamic_keys: Task key → how many subflow runs were made for it.
        run_results: Identity of a result → the state, kind of run and object it belongs to.
    """

    __var__: ClassVar[contextvars.ContextVar[Any]] = contextvars.ContextVar("flow_run")
    _fields: ClassVar[dict[str, Any]] = {
        **RunContext._fields,
        "flow": lambda: None,
        "flow_run": lambda: None,
        "task_runner": _REQUIRED,
        "log_prints": lambda: False,
        "parameters": lambda: None,
        "detached": lambda: False,
        "result_store": lambda: None,
        "persist_result": lambda: False,
        "task_run_dynamic_keys": dict,
        "observed_flow_pauses": dict,
        "run_results": dict,
        "task_run_assets": dict,
        "events": lambda: None,
    }

    flow: Any
    flow_run: Any
    task_runner: Any
    log_prints: bool
    parameters: dict[str, Any] | None
    detached: bool
    result_store: Any
    persist_result: bool
    task_run_dynamic_keys: dict[str, str | int]
    observed_flow_pauses: dict[str, int]
    run_results: dict[int, tuple[Any, Any, Any]]
    task_run_assets: dict[Any, Any]
    events: Any
    _related: Any = None  # the part of its tasks' events that is the same for all


FlowRunContext = EngineContext


class TaskRunContext(RunContext):
    """The task run that this code belongs to.

    Attributes:
        task: The task.
        task_run: Its run.
        parameters: The parameters, with the results of other runs filled in.
    """

    __var__: ClassVar[contextvars.ContextVar[Any]] = contextvars.ContextVar("task_run")
    _fields: ClassVar[dict[str, Any]] = {
        **RunContext._fields,
        "task": _REQUIRED,
        "task_run": _REQUIRED,
        "log_prints": lambda: False,
        "parameters": dict,
        "result_store": lambda: None,
        "persist_result": lambda: False,
    }

    task: Any
    task_run: Any
    log_prints: bool
    parameters: dict[str, Any]
    result_store: Any
    persist_result: bool


class TagsContext(ContextModel):
    """The tags that runs started here get."""

    __var__: ClassVar[contextvars.ContextVar[Any]] = contextvars.ContextVar("tags")
    _fields: ClassVar[dict[str, Any]] = {"current_tags": set}

    current_tags: set[str]

    @classmethod
    def get(cls) -> Self:
        """Return the innermost context; an empty one outside."""
        found = cls.__var__.get(None)
        return cls() if found is None else found


class SyncClientContext(ContextModel):
    """A client for the code inside."""

    __var__: ClassVar[contextvars.ContextVar[Any]] = contextvars.ContextVar("sync-client")
    _fields: ClassVar[dict[str, Any]] = {"client": _REQUIRED}

    client: Any

    @classmethod
    @contextmanager
    def get_or_create(cls) -> Generator[Self, None, None]:
        """Give the context there is, or one with a new client."""
        found = cls.get()
        if found is not None:
            yield found
            return
        from prefect.client.orchestration import get_client

        with cls(client=get_client(sync_client=True)) as context:
            yield context


class AsyncClientContext(ContextModel):
    """A client for the async code inside."""

    __var__: ClassVar[contextvars.ContextVar[Any]] = contextvars.ContextVar("async-client")
    _fields: ClassVar[dict[str, Any]] = {"client": _REQUIRED}

    client: Any

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    @classmethod
    @asynccontextmanager
    async def get_or_create(cls) -> AsyncGenerator[Self, None]:
        """Give the context there is, or one with a new client."""
        found = cls.get()
        if found is not None:
            yield found
            return
        from prefect.client.orchestration import get_client

        async with cls(client=get_client()) as context:
            yield context


class SettingsContext(ContextModel):
    """Settings, and the profile they came with, for the code inside."""

    _fields: ClassVar[dict[str, Any]] = {"profile": _REQUIRED, "settings": _REQUIRED}

    profile: Profile
    settings: Settings

    def __enter__(self) -> Self:
        from prefect.settings._current import active

        self._token = active.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        from prefect.settings._current import active

        assert self._token is not None
        active.reset(self._token)
        self._token = None

    def __hash__(self) -> int:
        return hash(self.settings)

    @classmethod
    def get(cls) -> Self | None:
        """Return the settings that apply here, with their profile."""
        from prefect.settings._current import active, tree
        from prefect.settings.profiles import load_current_profile

        current = active.get()
        if current is None:
            return cls(profile=load_current_profile(), settings=tree())
        if isinstance(current, cls):
            return current
        return cls(profile=current.profile, settings=current.settings)


def get_run_context() -> EngineContext | TaskRunContext:
    """Return the context of the task run, else of the flow run, that this code belongs to.

    Raises:
        MissingContextError: Outside of runs.
    """
    found = TaskRunContext.get() or EngineContext.get()
    if found is None:
        raise MissingContextError(
            "There is no current run: `get_run_context()` works inside a flow or task that is"
            " running."
        )
    return found


def get_settings_context() -> SettingsContext:
    """Return the settings that apply here, with their profile."""
    found = SettingsContext.get()
    assert found is not None  # there always are settings
    return found


def root_settings_context() -> SettingsContext:
    """Return the settings of the process, with their profile, whatever context this is in."""
    from prefect.settings._current import active

    token = active.set(None)
    try:
        return get_settings_context()
    finally:
        active.reset(token)


def refresh_global_settings_context() -> None:
    """Read the settings of the process again at the next use."""
    from prefect.settings._current import refresh

    refresh()


@contextmanager
def use_profile(
    profile: Profile | str,
    override_environment_variables: bool = False,
    include_current_context: bool = True,
) -> Generator[SettingsContext, Any, None]:
    """Let the settings of a profile apply within the context.

    Args:
        profile: The profile, or its name.
        override_environment_variables: Whether the profile wins over the environment.
        include_current_context: Whether the settings that apply here are the base.

    Raises:
        MissingProfileError: If there is no profile of that name.
    """
    import os

    from prefect.exceptions import MissingProfileError
    from prefect.settings.models.root import Settings
    from prefect.settings.profiles import Profile, load_profiles

    if not isinstance(profile, Profile):
        profiles = load_profiles()
        if profile not in profiles.names:
            raise MissingProfileError(
                f"There is no profile {profile!r}; there are {', '.join(sorted(profiles.names))}."
            )
        profile = profiles[profile]
    base = get_settings_context().settings if include_current_context else Settings()
    values: dict[Any, Any] = {
        setting: value
        for setting, value in profile.settings.items()
        if override_environment_variables or setting.name not in os.environ
    }
    with SettingsContext(profile=profile, settings=base.copy_with_update(values)) as context:
        yield context


@contextmanager
def tags(*new_tags: str) -> Iterator[set[str]]:
    """Add tags to the runs of flows and tasks that are started inside.

    Yields:
        All tags that apply inside.
    """
    current = TagsContext.get().current_tags | set(new_tags)
    with TagsContext(current_tags=current):
        yield current


def _event_sender() -> Any:
    """What takes the events of runs here; None in local mode, where nobody does."""
    import sys

    from prefect.settings._current import group

    events: Any = sys.modules.get("prefect.events.worker")
    overridden = events is not None and events.EventsWorker._override is not None
    if not group("api").url and not overridden:
        return None
    from prefect.events.worker import EventsWorker

    return EventsWorker.instance()


def serialize_context(asset_ctx_kwargs: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the contexts of this code in a form that another process can take over.

    What it holds is for cloudpickle: flows, tasks and runs as they are; clients, task runners and
    shippers are left out, since the other process makes its own.

    Args:
        asset_ctx_kwargs: Accepted for compatibility; there are no assets yet.
    """
    from prefect.settings._current import active

    flow_context, task_context = EngineContext.get(), TaskRunContext.get()
    settings = active.get()
    return {
        "flow_run_context": _portable(flow_context),
        "task_run_context": _portable(task_context),
        "tags_context": {"current_tags": set(TagsContext.get().current_tags)},
        "settings_context": None
        if settings is None
        else {"profile": settings.profile, "settings": settings.settings},
    }


_OWN_TO_THE_PROCESS = {"client", "task_runner", "events", "run_results", "task_run_assets"}


def _portable(context: ContextModel | None) -> dict[str, Any]:
    if context is None:
        return {}
    return {
        name: value for name, value in context._values().items() if name not in _OWN_TO_THE_PROCESS
    }


@contextmanager
def hydrated_context(
    serialized_context: dict[str, Any] | None = None, client: Any = None
) -> Generator[None, Any, None]:
    """Take over the contexts that `serialize_context` gave in another process.

    Args:
        serialized_context: What it gave; None takes over nothing.
        client: For the contexts of runs; by default one is made of the settings.
    """
    from contextlib import ExitStack

    given = serialized_context or {}
    with ExitStack() as stack:
        if given.get("settings_context"):
            stack.enter_context(SettingsContext(**given["settings_context"]))
        if given.get("tags_context"):
            stack.enter_context(TagsContext(**given["tags_context"]))
        flow_fields = given.get("flow_run_context")
        if flow_fields:
            runner = stack.enter_context(flow_fields["flow"].task_runner.duplicate())
            fields = {
                **flow_fields,
                "task_runner": runner,
                "client": client,
                "events": _event_sender(),
                "detached": True,
            }
            stack.enter_context(EngineContext(**fields))
        if given.get("task_run_context"):
            stack.enter_context(TaskRunContext(**{**given["task_run_context"], "client": client}))
        yield


def with_context(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function the contexts of its caller, wherever it is called, such as in a thread.

    Returns:
        A function that may be called any number of times, side by side too.
    """
    captured = contextvars.copy_context()
    return partial(_run_in_copy, captured, fn)


def _run_in_copy(
    captured: contextvars.Context, fn: Callable[..., Any], *args: Any, **kw: Any
) -> Any:
    return captured.copy().run(fn, *args, **kw)


__getattr__, __dir__ = lazy_exports(
    __name__,
    {},
    not_yet=("AssetContext",),
)
