"""Flows: `@flow` makes one of a function.

Defining a flow costs next to nothing: what is asked of it (its version, its parameters' schema, its
task runner) is worked out when somebody asks, and what runs it is imported with the first call.
"""

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from prefect._engine import _functions
from prefect._engine._parameters import Binder, source_file, source_hash
from prefect._lazy import lazy_exports

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Literal, Protocol

    from typing_extensions import ParamSpec

    from prefect.client.schemas.objects import FlowRun, State
    from prefect.futures import PrefectFuture
    from prefect.task_runners import TaskRunner
    from prefect.utilities.annotations import NotSet
    from prefect.utilities.callables import ParameterSchema

    class FlowStateHook(Protocol):
        """A function that is called when a run of a flow enters a state."""

        def __call__(self, flow: Any, flow_run: FlowRun, state: State[Any], /) -> Any: ...

    Hook = TypeVar("Hook", bound=Callable[..., Any])
    P = ParamSpec("P")
else:
    from typing import ParamSpec

    P = ParamSpec("P")

__all__ = [
    "BANNED_CHARACTERS",
    "Flow",
    "FlowDecorator",
    "flow",
    "load_flow_from_entrypoint",
    "load_function_and_convert_to_flow",
    "select_flow",
]

R = TypeVar("R")
T = TypeVar("T")

BANNED_CHARACTERS = ["/", "%", "&", ">", "<"]
"""Characters that names of flows and runs may not have."""
WITHOUT_BANNED_CHARACTERS = r"^[^/%&><]+$"

RESERVED = ("return_state", "wait_for")
"""Keywords of every call of a flow or task."""

_HOOK_KINDS = ("completion", "failure", "cancellation", "crashed", "running")


class _Unset:
    """Stands for an option that `with_options` leaves as it is."""


METHODS_TO_COME = frozenset(
    {
        "adeploy",
        "afrom_source",
        "agenerate_mermaid_graph",
        "ato_deployment",
        "avisualize",
        "deploy",
        "from_source",
        "generate_mermaid_graph",
        "retry",
        "serve",
        "submit",
        "submit_to_work_pool",
        "to_deployment",
        "visualize",
    }
)
"""Methods of the contract that are still to be written: most need workers and deployments."""


class Flow(Generic[P, R]):
    """A function whose calls are tracked as flow runs.

    Args:
        fn: The function.
        name: By default the function's, with dashes.
        version: By default a hash of the file that defines the function.
        flow_run_name: Template over the parameters, or function, for names of runs.
        retries: How often a failed run is tried again.
        retry_delay_seconds: Seconds between the attempts.
        task_runner: Runs submitted tasks; by default threads.
        description: By default the function's docstring.
        timeout_seconds: A run that takes longer fails.
        validate_parameters: Whether arguments are checked against the annotations and coerced.
        log_prints: Whether `print` inside goes to the run's log; by default as in the parent run,
            else as the settings say.
        on_completion, on_failure, on_cancellation, on_crashed, on_running: Functions that are
            called with the flow, the run and its state.

    Raises:
        TypeError: If `fn` is no function, or a hook none.
        InvalidNameError: If the name has characters that are not allowed.
        ReservedArgumentError: If a parameter is called `return_state` or `wait_for`.
    """

    def __init__(
        self,
        fn: "Callable[P, R] | classmethod[Any, P, R] | staticmethod[P, R]",
        name: "str | None" = None,
        version: "str | None" = None,
        flow_run_name: "Callable[[], str] | str | None" = None,
        retries: "int | None" = None,
        retry_delay_seconds: "int | float | None" = None,
        task_runner: "type[TaskRunner[Any]] | TaskRunner[Any] | None" = None,
        description: "str | None" = None,
        timeout_seconds: "int | float | None" = None,
        validate_parameters: bool = True,
        persist_result: "bool | None" = None,
        result_storage: "Any | None" = None,
        result_serializer: "Any | None" = None,
        cache_result_in_memory: bool = True,
        log_prints: "bool | None" = None,
        on_completion: "list[Any] | None" = None,
        on_failure: "list[Any] | None" = None,
        on_cancellation: "list[Any] | None" = None,
        on_crashed: "list[Any] | None" = None,
        on_running: "list[Any] | None" = None,
    ) -> None:
        self._original = fn
        function, self._is_class, self._is_static = _functions.function_of(fn, "flow")
        _functions.refuse_reserved(function, RESERVED)
        update_wrapper(self, function)
        self.fn: Callable[..., Any] = function
        self.isasync = _functions.is_async(function)
        self.isgenerator = _functions.is_generator(function)
        self.name = _checked_name(name or _functions.name_of(function).replace("_", "-"), function)
        if flow_run_name is not None and not (
            isinstance(flow_run_name, str) or callable(flow_run_name)
        ):
            raise TypeError(f"`flow_run_name` must be a text or a function, not {flow_run_name!r}")
        self.flow_run_name = flow_run_name
        self._version = version
        self._retries = retries
        self._retry_delay_seconds = retry_delay_seconds
        self._task_runner = task_runner
        self.description = description if description is not None else _docstring(function)
        self.timeout_seconds = float(timeout_seconds) if timeout_seconds else None
        self.should_validate_parameters = validate_parameters
        self.persist_result = persist_result
        self.result_storage = result_storage
        self.result_serializer = result_serializer
        self.cache_result_in_memory = cache_result_in_memory
        self.log_prints = log_prints
        given = (on_completion, on_failure, on_cancellation, on_crashed, on_running)
        for kind, hooks in zip(_HOOK_KINDS, given, strict=True):
            setattr(self, f"on_{kind}_hooks", _checked_hooks(hooks, kind, "flow"))
        self._bind()

    on_completion_hooks: "list[Any]"
    on_failure_hooks: "list[Any]"
    on_cancellation_hooks: "list[Any]"
    on_crashed_hooks: "list[Any]"
    on_running_hooks: "list[Any]"

    def _bind(self) -> None:
        self._binder = Binder(self.fn)
        self._parameters: ParameterSchema | None = None
        self._known_task_key: str | None = None

    # -- what is worked out when it is asked for -----------------------------------------------

    @property
    def version(self) -> "str | None":
        """The version; by default a hash of the file that defines the function."""
        if self._version is None:
            path = source_file(self.fn)
            if path is not None:
                from prefect.utilities.hashing import file_hash

                try:
                    self._version = file_hash(path)
                except OSError:  # the file is gone, or was never one: a frozen application
                    return None
        return self._version

    @version.setter
    def version(self, value: "str | None") -> None:
        self._version = value

    @property
    def retries(self) -> int:
        """How often a failed run is tried again."""
        if self._retries is not None:
            return self._retries
        from prefect.settings._current import group

        return int(group("flows").default_retries)

    @retries.setter
    def retries(self, value: "int | None") -> None:
        self._retries = value

    @property
    def retry_delay_seconds(self) -> Any:
        """Seconds between the attempts."""
        if self._retry_delay_seconds is not None:
            return self._retry_delay_seconds
        from prefect.settings._current import group

        return group("flows").default_retry_delay_seconds

    @retry_delay_seconds.setter
    def retry_delay_seconds(self, value: Any) -> None:
        self._retry_delay_seconds = value

    @property
    def task_runner(self) -> "TaskRunner[Any]":
        """Runs the tasks that runs of this flow submit."""
        if self._task_runner is None:
            from prefect.task_runners import ThreadPoolTaskRunner

            self._task_runner = ThreadPoolTaskRunner()
        elif isinstance(self._task_runner, type):
            self._task_runner = self._task_runner()
        return self._task_runner

    @task_runner.setter
    def task_runner(self, value: "TaskRunner[Any]") -> None:
        self._task_runner = value

    @property
    def parameters(self) -> "ParameterSchema":
        """The JSON schema of the parameters."""
        if self._parameters is None:
            from prefect.utilities.callables import parameter_schema

            self._parameters = parameter_schema(self.fn)
        return self._parameters

    @property
    def _task_key(self) -> str:
        """What stands for this flow in the graph of a parent."""
        if self._known_task_key is None:
            self._known_task_key = f"{_functions.name_of(self.fn)}-{source_hash(self.fn)[:8]}"
        return self._known_task_key

    @property
    def ismethod(self) -> bool:
        """Whether this is bound to an object."""
        return getattr(self.fn, "__self__", None) is not None

    @property
    def isclassmethod(self) -> bool:
        """Whether this was made of a class method."""
        return self._is_class

    @property
    def isstaticmethod(self) -> bool:
        """Whether this was made of a static method."""
        return self._is_static

    def _logs_prints(self, parent: Any) -> bool:
        if self.log_prints is not None:
            return self.log_prints
        if parent is not None:
            return bool(parent.log_prints)
        from prefect.settings._current import group

        return bool(group("logging").log_prints)

    # -- using it ------------------------------------------------------------------------------

    def __get__(self, instance: Any, owner: "type | None" = None) -> "Flow[P, R]":
        """Bind the flow to the object or class it is taken from."""
        if self._is_static or (instance is None and not self._is_class):
            return self
        from copy import copy

        bound = copy(self)
        bound.fn = _functions.bind_to(
            self.fn, (owner or type(instance)) if self._is_class else instance
        )
        bound._bind()
        return bound

    def with_options(
        self,
        *,
        name: "str | None" = None,
        version: "str | None" = None,
        retries: "int | None" = None,
        retry_delay_seconds: "int | float | None" = None,
        description: "str | None" = None,
        flow_run_name: "Callable[[], str] | str | None" = None,
        task_runner: "type[TaskRunner[Any]] | TaskRunner[Any] | None" = None,
        timeout_seconds: "int | float | None" = None,
        validate_parameters: "bool | None" = None,
        persist_result: "bool | type[NotSet] | None" = _Unset,  # type: ignore[assignment]
        result_storage: "Any" = _Unset,
        result_serializer: "Any" = _Unset,
        cache_result_in_memory: "bool | None" = None,
        log_prints: "bool | type[NotSet] | None" = _Unset,  # type: ignore[assignment]
        on_completion: "list[Any] | None" = None,
        on_failure: "list[Any] | None" = None,
        on_cancellation: "list[Any] | None" = None,
        on_crashed: "list[Any] | None" = None,
        on_running: "list[Any] | None" = None,
    ) -> "Flow[P, R]":
        """Make a flow of the same function with some options changed; the others stay.

        Example:
            ```python
            nightly = report.with_options(name="nightly report", retries=2)
            ```
        """

        def chosen(value: Any, own: Any) -> Any:
            return own if value is None else value

        def settled(value: Any, own: Any) -> Any:
            return own if isinstance(value, type) and value.__name__ in _UNSET_NAMES else value

        changed = type(self)(
            self._original,
            name=name or self.name,
            version=chosen(version, self._version),
            flow_run_name=chosen(flow_run_name, self.flow_run_name),
            retries=chosen(retries, self._retries),
            retry_delay_seconds=chosen(retry_delay_seconds, self._retry_delay_seconds),
            task_runner=chosen(task_runner, self._task_runner),
            description=chosen(description, self.description),
            timeout_seconds=chosen(timeout_seconds, self.timeout_seconds),
            validate_parameters=chosen(validate_parameters, self.should_validate_parameters),
            persist_result=settled(persist_result, self.persist_result),
            result_storage=settled(result_storage, self.result_storage),
            result_serializer=settled(result_serializer, self.result_serializer),
            cache_result_in_memory=chosen(cache_result_in_memory, self.cache_result_in_memory),
            log_prints=settled(log_prints, self.log_prints),
            on_completion=chosen(on_completion, list(self.on_completion_hooks)),
            on_failure=chosen(on_failure, list(self.on_failure_hooks)),
            on_cancellation=chosen(on_cancellation, list(self.on_cancellation_hooks)),
            on_crashed=chosen(on_crashed, list(self.on_crashed_hooks)),
            on_running=chosen(on_running, list(self.on_running_hooks)),
        )
        if self.ismethod:
            changed.fn = self.fn
            changed._bind()
        return changed

    def validate_parameters(self, parameters: "dict[str, Any]") -> "dict[str, Any]":
        """Check parameters against the annotations, and coerce them.

        Raises:
            ParameterTypeError: If a value does not fit; names each one.
        """
        from prefect._engine._parameters import validated

        return validated(self.fn, parameters)

    def serialize_parameters(self, parameters: "dict[str, Any]") -> "dict[str, Any]":
        """Return parameters in the form in which the API keeps them.

        What has no JSON form, such as a data frame, is recorded as the name of its type.
        """
        from prefect.client._nouns._values import jsonable

        serialized = {}
        for name, value in parameters.items():
            try:
                serialized[name] = jsonable(value, name, non_finite="text")
            except Exception:  # a user's object: whatever its serializer raises
                serialized[name] = f"<{type(value).__name__}>"
        return serialized

    def on_completion(self, fn: "Hook") -> "Hook":
        """Have a function called when a run completes; may be used as a decorator."""
        self.on_completion_hooks.append(fn)
        return fn

    def on_failure(self, fn: "Hook") -> "Hook":
        """Have a function called when a run fails; may be used as a decorator."""
        self.on_failure_hooks.append(fn)
        return fn

    def on_cancellation(self, fn: "Hook") -> "Hook":
        """Have a function called when a run is cancelled; may be used as a decorator."""
        self.on_cancellation_hooks.append(fn)
        return fn

    def on_crashed(self, fn: "Hook") -> "Hook":
        """Have a function called when a run crashes; may be used as a decorator."""
        self.on_crashed_hooks.append(fn)
        return fn

    def on_running(self, fn: "Hook") -> "Hook":
        """Have a function called when a run begins; may be used as a decorator."""
        self.on_running_hooks.append(fn)
        return fn

    if TYPE_CHECKING:

        @overload
        def __call__(  # type: ignore[overload-overlap]  # told apart by `return_state`
            self: "Flow[P, Coroutine[Any, Any, T]]", *args: P.args, **kwargs: P.kwargs
        ) -> Coroutine[Any, Any, T]: ...

        @overload
        def __call__(self: "Flow[P, T]", *args: P.args, **kwargs: P.kwargs) -> T: ...

        @overload
        def __call__(
            self: "Flow[P, Coroutine[Any, Any, T]]",
            *args: Any,
            return_state: Literal[True],
            wait_for: "Iterable[PrefectFuture[Any]] | None" = None,
            **kwargs: Any,
        ) -> Coroutine[Any, Any, State[T]]: ...

        @overload
        def __call__(
            self: "Flow[P, T]",
            *args: Any,
            return_state: Literal[True],
            wait_for: "Iterable[PrefectFuture[Any]] | None" = None,
            **kwargs: Any,
        ) -> State[T]: ...

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    else:

        def __call__(
            self,
            *args: Any,
            return_state: bool = False,
            wait_for: "Iterable[PrefectFuture[Any]] | None" = None,
            **kwargs: Any,
        ) -> Any:
            """Run the flow.

            Args:
                return_state: Whether to return the final state instead of the result.
                wait_for: Futures whose runs must have completed before.

            Raises:
                ParameterBindError: If the function cannot be called so.
                Exception: What the function raised, unless the state is returned.
            """
            parameters = self._binder.bind(args, kwargs)
            from prefect.flow_engine import run_flow

            return run_flow(
                self,
                parameters=parameters,
                wait_for=wait_for,
                return_type="state" if return_state else "result",
            )

    def __repr__(self) -> str:
        return f"<Flow {self.name!r}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            # Asked only for what is not there.
            from prefect._missing import missing_attribute

            raise missing_attribute(self, name, METHODS_TO_COME)


_UNSET_NAMES = frozenset({"_Unset", "NotSet"})


def _docstring(fn: Any) -> "str | None":
    text: str | None = getattr(fn, "__doc__", None)
    if not text:
        return None
    from textwrap import dedent

    first, newline, rest = text.partition("\n")
    return (first.strip() + newline + dedent(rest)).strip()


def _checked_name(name: Any, fn: Any) -> str:
    from prefect.exceptions import InvalidNameError

    if not isinstance(name, str):
        raise TypeError(f"The name of a flow must be a text, not {name!r}")
    bad = [character for character in BANNED_CHARACTERS if character in name]
    if bad:
        raise InvalidNameError(
            f"The flow name {name!r} has {', '.join(map(repr, bad))}, which names of flows may not"
            " have"
        )
    if name == "<lambda>":
        raise InvalidNameError("A lambda has no name; give the flow one: `flow(..., name=...)`")
    return name


def _checked_hooks(hooks: Any, kind: str, what: str) -> "list[Any]":
    if hooks is None:
        return []
    if isinstance(hooks, (str, bytes)) or not hasattr(hooks, "__iter__"):
        raise TypeError(
            f"`on_{kind}` of a {what} takes a list of functions, not {hooks!r};"
            f" use `on_{kind}=[{getattr(hooks, '__name__', 'hook')}]`"
        )
    for hook in hooks:
        if not callable(hook):
            raise TypeError(f"`on_{kind}` of a {what} takes functions, but got {hook!r}")
    return list(hooks)


class FlowDecorator:
    """The decorator `flow`."""

    @overload
    def __call__(self, __fn: "Callable[P, R]") -> "Flow[P, R]": ...

    @overload
    def __call__(
        self, __fn: None = None, **options: Any
    ) -> "Callable[[Callable[P, R]], Flow[P, R]]": ...

    def __call__(  # type: ignore[misc]  # the options, one by one
        self,
        __fn: "Callable[P, R] | None" = None,
        *,
        name: "str | None" = None,
        version: "str | None" = None,
        flow_run_name: "Callable[[], str] | str | None" = None,
        retries: "int | None" = None,
        retry_delay_seconds: "int | float | None" = None,
        task_runner: "type[TaskRunner[Any]] | TaskRunner[Any] | None" = None,
        description: "str | None" = None,
        timeout_seconds: "int | float | None" = None,
        validate_parameters: bool = True,
        persist_result: "bool | None" = None,
        result_storage: "Any | None" = None,
        result_serializer: "Any | None" = None,
        cache_result_in_memory: bool = True,
        log_prints: "bool | None" = None,
        on_completion: "list[Any] | None" = None,
        on_failure: "list[Any] | None" = None,
        on_cancellation: "list[Any] | None" = None,
        on_crashed: "list[Any] | None" = None,
        on_running: "list[Any] | None" = None,
    ) -> Any:
        """Make a flow of a function; see `Flow` for the options.

        Example:
            ```python
            @flow(retries=2)
            def report(day: date) -> int: ...
            ```
        """
        options: dict[str, Any] = dict(
            name=name,
            version=version,
            flow_run_name=flow_run_name,
            retries=retries,
            retry_delay_seconds=retry_delay_seconds,
            task_runner=task_runner,
            description=description,
            timeout_seconds=timeout_seconds,
            validate_parameters=validate_parameters,
            persist_result=persist_result,
            result_storage=result_storage,
            result_serializer=result_serializer,
            cache_result_in_memory=cache_result_in_memory,
            log_prints=log_prints,
            on_completion=on_completion,
            on_failure=on_failure,
            on_cancellation=on_cancellation,
            on_crashed=on_crashed,
            on_running=on_running,
        )
        if __fn is None:
            return lambda fn: Flow(fn, **options)
        return Flow(__fn, **options)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            # Asked only for what is not there.
            from prefect._missing import missing_attribute

            raise missing_attribute(self, name, METHODS_TO_COME)


flow = FlowDecorator()


# -- flows of files and modules --------------------------------------------------------------------


def load_flow_from_entrypoint(
    entrypoint: str, use_placeholder_flow: bool = True
) -> "Flow[..., Any]":
    """Load a flow by where it is defined.

    Args:
        entrypoint: `path/to/file.py:name` or `package.module.name` (also `package.module:name`).
        use_placeholder_flow: Accepted for compatibility; a file that cannot be run is always an
            error here.

    Raises:
        MissingFlowError: If there is no such name, or it is no flow.
        ScriptError: If the file fails.
    """
    from prefect.exceptions import MissingFlowError
    from prefect.utilities.importtools import import_object

    try:
        found = import_object(entrypoint)
    except AttributeError as error:
        raise MissingFlowError(
            f"There is no flow at the entrypoint {entrypoint!r}: {error}"
        ) from error
    if not isinstance(found, Flow):
        raise MissingFlowError(
            f"The entrypoint {entrypoint!r} is a {type(found).__name__}, not a flow; decorate the"
            " function with `@flow`."
        )
    found._entrypoint = entrypoint  # type: ignore[attr-defined]  # shown by deployments
    return found


def load_function_and_convert_to_flow(entrypoint: str) -> "Flow[..., Any]":
    """Load a function that is no flow and make one of it that logs what it prints."""
    from prefect.utilities.importtools import import_object

    function = import_object(entrypoint)
    return function if isinstance(function, Flow) else Flow(function, log_prints=True)


def select_flow(
    flows: "Iterable[Flow[P, R]]",
    flow_name: "str | None" = None,
    from_message: "str | None" = None,
) -> "Flow[P, R]":
    """Choose one of several flows by name; without a name there must be exactly one.

    Args:
        from_message: Where the flows come from, for errors.

    Raises:
        MissingFlowError: If there is none, or none of the name.
        UnspecifiedFlowError: If there are several and no name is given.
    """
    from prefect.exceptions import MissingFlowError, UnspecifiedFlowError

    where = f" {from_message}" if from_message else ""
    by_name = {found.name: found for found in flows}
    if not by_name:
        raise MissingFlowError(f"There are no flows{where}.")
    if flow_name is not None:
        if flow_name not in by_name:
            raise MissingFlowError(
                f"There is no flow {flow_name!r}{where}; there are {sorted(by_name)}."
            )
        return by_name[flow_name]
    if len(by_name) > 1:
        raise UnspecifiedFlowError(
            f"There are several flows{where}, {sorted(by_name)}; say which by its name."
        )
    return next(iter(by_name.values()))


def _load_flow_of_deployment(flow_run: "FlowRun") -> "Flow[..., Any]":
    """Load the flow of a run from what its deployment says.

    Raises:
        MissingFlowError: If the run has no deployment, or that has no code on this machine.
    """
    import os

    from prefect.client.orchestration import get_client
    from prefect.exceptions import MissingFlowError

    if flow_run.deployment_id is None:
        raise MissingFlowError(
            f"Flow run '{flow_run.id}' has no deployment, and PREFECT__FLOW_ENTRYPOINT is not set:"
            " nothing says where its code is."
        )
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment(flow_run.deployment_id)
    if deployment.pull_steps:
        raise MissingFlowError(
            f"Deployment {deployment.name!r} has pull steps, which this version cannot run yet;"
            " run it with the process worker of the full distribution, or set"
            " PREFECT__FLOW_ENTRYPOINT."
        )
    if not deployment.entrypoint:
        raise MissingFlowError(f"Deployment {deployment.name!r} has no entrypoint.")
    path: str | os.PathLike[str] = deployment.path or "."
    entrypoint: str = deployment.entrypoint
    if ".py:" in entrypoint and not os.path.isabs(entrypoint):
        entrypoint = os.path.join(path, entrypoint)
    return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)


__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "ResultSerializer": "prefect.results",
        "ResultStorage": "prefect.results",
    },
    not_yet=(
        "InfrastructureBoundFlow",
        "aserve",
        "bind_flow_to_infrastructure",
        "is_entrypoint_async",
        "load_flow_arguments_from_entrypoint",
        "load_flow_from_flow_run",
        "load_placeholder_flow",
        "safe_load_flow_from_entrypoint",
        "serve",
    ),
)
