"""Tasks: `@task` makes one of a function.

Defining a task costs next to nothing; what runs it is imported with the first call.
"""

from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, overload

from prefect._engine import _functions
from prefect._engine._parameters import Binder, source_hash
from prefect._lazy import lazy_exports

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from datetime import timedelta
    from typing import Literal

    from typing_extensions import ParamSpec

    from prefect.client.schemas.objects import State
    from prefect.context import TaskRunContext
    from prefect.futures import PrefectFuture, PrefectFutureList

    Hook = TypeVar("Hook", bound=Callable[..., Any])
    P = ParamSpec("P")
else:
    from typing import ParamSpec

    P = ParamSpec("P")

__all__ = [
    "NUM_CHARS_DYNAMIC_KEY",
    "MaterializingTask",
    "Task",
    "TaskOptions",
    "exponential_backoff",
    "task",
    "task_input_hash",
]

R = TypeVar("R")
T = TypeVar("T")

NUM_CHARS_DYNAMIC_KEY = 8

RESERVED = ("return_state", "wait_for")
"""Keywords of every call of a flow or task."""

MOST_RETRY_DELAYS = 50
"""The server's limit."""


class _Unset:
    """Stands for an option that `with_options` leaves as it is."""


_UNSET_NAMES = frozenset({"_Unset", "NotSet"})


def _is_unset(value: Any) -> bool:
    return isinstance(value, type) and value.__name__ in _UNSET_NAMES


METHODS_TO_COME = frozenset(
    {"apply_async", "aserve", "create_local_run", "create_run", "delay", "serve"}
)
"""Methods of the contract that need task workers, which are still to be written."""


class Task(Generic[P, R]):
    """A function whose calls are tracked as task runs.

    Args:
        fn: The function.
        name: By default the function's.
        description: By default the function's docstring.
        tags: Tags of every run.
        version: Recorded with every run.
        task_run_name: Template over the parameters, or function, for names of runs; a function
            with a parameter called `parameters` gets them.
        retries: How often a failed run is tried again.
        retry_delay_seconds: Seconds between the attempts: a number, a list with one per attempt
            (the last one counts for all that follow), or a function that makes the list of the
            number of retries.
        retry_jitter_factor: How much longer a wait may be at random, as a share of it.
        timeout_seconds: An attempt that takes longer fails.
        log_prints: Whether `print` inside goes to the run's log; None takes it from the flow.
        retry_condition_fn: Called with the task, the run and the state it would fail with; says
            whether to try again.
        on_completion, on_failure, on_running: Functions that are called with the task, the run
            and its state.

    Raises:
        TypeError: If `fn` is no function, or a hook none.
        ValueError: If there are more than 50 delays, or the jitter is negative.
        ReservedArgumentError: If a parameter is called `return_state` or `wait_for`.
    """

    def __init__(
        self,
        fn: "Callable[P, R] | classmethod[Any, P, R] | staticmethod[P, R]",
        name: "str | None" = None,
        description: "str | None" = None,
        tags: "Iterable[str] | None" = None,
        version: "str | None" = None,
        cache_policy: Any = _Unset,
        cache_key_fn: "Callable[..., str | None] | None" = None,
        cache_expiration: "timedelta | None" = None,
        task_run_name: "str | Callable[..., str] | None" = None,
        retries: "int | None" = None,
        retry_delay_seconds: "float | list[float] | Callable[[int], list[float]] | None" = None,
        retry_jitter_factor: "float | None" = None,
        persist_result: "bool | None" = None,
        result_storage: "Any | None" = None,
        result_serializer: "Any | None" = None,
        result_storage_key: "str | None" = None,
        cache_result_in_memory: bool = True,
        timeout_seconds: "int | float | None" = None,
        log_prints: "bool | None" = False,
        refresh_cache: "bool | None" = None,
        on_completion: "list[Any] | None" = None,
        on_failure: "list[Any] | None" = None,
        on_running: "list[Any] | None" = None,
        on_rollback: "list[Any] | None" = None,
        on_commit: "list[Any] | None" = None,
        retry_condition_fn: "Callable[..., Any] | None" = None,
        viz_return_value: "Any | None" = None,
        asset_deps: "list[Any] | None" = None,
    ) -> None:
        self._original = fn
        function, self._is_class, self._is_static = _functions.function_of(fn, "task")
        _functions.refuse_reserved(function, RESERVED)
        update_wrapper(self, function)
        self.fn: Callable[..., Any] = function
        self.isasync = _functions.is_async(function)
        self.isgenerator = _functions.is_generator(function)
        self.name: str = name or _functions.name_of(function)
        self.description = description if description is not None else _docstring(function)
        if isinstance(tags, str):
            raise TypeError(f"`tags` takes several texts, not the text {tags!r}; use [{tags!r}]")
        self.tags: set[str] = set(tags or ())
        self.version = version
        if task_run_name is not None and not (
            isinstance(task_run_name, str) or callable(task_run_name)
        ):
            raise TypeError(f"`task_run_name` must be a text or a function, not {task_run_name!r}")
        self.task_run_name = task_run_name
        self._retries = retries
        self._given_retry_delay = retry_delay_seconds
        self._checked_delay(retry_delay_seconds, retries)
        if retry_jitter_factor is not None and retry_jitter_factor < 0:
            raise ValueError(
                f"`retry_jitter_factor` may not be negative, but it is {retry_jitter_factor!r}"
            )
        self.retry_jitter_factor = retry_jitter_factor
        self.timeout_seconds = float(timeout_seconds) if timeout_seconds else None
        self.log_prints = log_prints
        self._given_cache_policy = cache_policy
        self.cache_key_fn = cache_key_fn
        self.cache_expiration = cache_expiration
        self.refresh_cache = refresh_cache
        self.persist_result = persist_result
        self.result_storage = result_storage
        self.result_serializer = result_serializer
        self.result_storage_key = result_storage_key
        self.cache_result_in_memory = cache_result_in_memory
        self.retry_condition_fn = retry_condition_fn
        if retry_condition_fn is not None and not callable(retry_condition_fn):
            raise TypeError(f"`retry_condition_fn` must be a function, not {retry_condition_fn!r}")
        self.viz_return_value = viz_return_value
        self.asset_deps = list(asset_deps or ())
        self.on_completion_hooks = _checked_hooks(on_completion, "completion")
        self.on_failure_hooks = _checked_hooks(on_failure, "failure")
        self.on_running_hooks = _checked_hooks(on_running, "running")
        self.on_rollback_hooks = _checked_hooks(on_rollback, "rollback")
        self.on_commit_hooks = _checked_hooks(on_commit, "commit")
        self._bind()

    def _bind(self) -> None:
        self._binder = Binder(self.fn)
        self._known_task_key: str | None = None
        self._known_policy: Any = None

    # -- what is worked out when it is asked for -----------------------------------------------

    @property
    def task_key(self) -> str:
        """What tells this task from others: the function's name and a hash of its code."""
        if self._known_task_key is None:
            self._known_task_key = f"{_functions.name_of(self.fn)}-{source_hash(self.fn)[:8]}"
        return self._known_task_key

    @task_key.setter
    def task_key(self, value: str) -> None:
        self._known_task_key = value

    @property
    def retries(self) -> int:
        """How often a failed run is tried again."""
        if self._retries is not None:
            return self._retries
        from prefect.settings._current import group

        return int(group("tasks").default_retries)

    @retries.setter
    def retries(self, value: "int | None") -> None:
        self._retries, self._known_policy = value, None

    @property
    def retry_delay_seconds(self) -> Any:
        """Seconds between the attempts: a number, or a list with one per attempt."""
        delay = self._given_retry_delay
        if delay is None:
            from prefect.settings._current import group

            return group("tasks").default_retry_delay_seconds
        return self._checked_delay(delay, self.retries)

    @retry_delay_seconds.setter
    def retry_delay_seconds(self, value: Any) -> None:
        self._given_retry_delay, self._known_policy = value, None

    @staticmethod
    def _checked_delay(delay: Any, retries: "int | None") -> Any:
        if callable(delay):
            if retries is None:
                return delay
            delay = delay(retries)
        if isinstance(delay, (list, tuple)):
            if len(delay) > MOST_RETRY_DELAYS:
                raise ValueError(
                    f"A task may have up to {MOST_RETRY_DELAYS} retry delays, not {len(delay)}."
                )
            return list(delay)
        return delay

    def _retry_delay(self, attempt: int) -> float:
        """Seconds to wait after an attempt, numbered from 1."""
        delay = self.retry_delay_seconds
        if isinstance(delay, (list, tuple)):
            return float(delay[min(attempt - 1, len(delay) - 1)]) if delay else 0.0
        return float(delay or 0)

    @property
    def _policy(self) -> Any:
        """The retry policy of the runs: a model, and the same as JSON."""
        retries, delay = self.retries, self.retry_delay_seconds
        key = (retries, delay if not isinstance(delay, list) else tuple(delay))
        if self._known_policy is None or self._known_policy[0] != key:
            from prefect._engine._task_run import policy_of

            policy = policy_of(retries, delay, self.retry_jitter_factor)
            self._known_policy = (key, policy)
        return self._known_policy[1]

    @property
    def cache_policy(self) -> Any:
        """What the key of a cached result is made of; None where results have keys of their own."""
        from prefect.settings._current import group

        settings = group("tasks")
        from prefect.cache_policies import DEFAULT, NO_CACHE, CachePolicy

        given = self._given_cache_policy
        if settings.disable_caching:
            return NO_CACHE
        if not _is_unset(given):
            return NO_CACHE if given is None else given
        if self.cache_key_fn is not None:
            return CachePolicy.from_cache_key_fn(self.cache_key_fn)
        if self.result_storage_key is not None:
            return None
        return NO_CACHE if settings.default_no_cache else DEFAULT

    @cache_policy.setter
    def cache_policy(self, value: Any) -> None:
        self._given_cache_policy = value

    def _asks_for_storage(self) -> bool:
        """Whether an option says that results are stored, without `persist_result`."""
        given = self._given_cache_policy
        if not _is_unset(given) and given is not None:
            from prefect.cache_policies import NO_CACHE

            if given != NO_CACHE:
                return True
        return any(
            option is not None
            for option in (
                self.cache_key_fn,
                self.result_storage,
                self.result_storage_key,
                self.result_serializer,
            )
        )

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

    # -- using it ------------------------------------------------------------------------------

    def __get__(self, instance: Any, owner: "type | None" = None) -> "Task[P, R]":
        """Bind the task to the object or class it is taken from."""
        if self._is_static or (instance is None and not self._is_class):
            return self
        from copy import copy

        bound = copy(self)
        bound.fn = _functions.bind_to(
            self.fn, (owner or type(instance)) if self._is_class else instance
        )
        bound._bind()
        bound._known_task_key = self.task_key
        return bound

    def with_options(
        self,
        *,
        name: "str | None" = None,
        description: "str | None" = None,
        tags: "Iterable[str] | None" = None,
        cache_policy: Any = _Unset,
        cache_key_fn: "Callable[..., str | None] | None" = None,
        task_run_name: Any = _Unset,
        cache_expiration: "timedelta | None" = None,
        retries: Any = _Unset,
        retry_delay_seconds: Any = _Unset,
        retry_jitter_factor: Any = _Unset,
        persist_result: Any = _Unset,
        result_storage: Any = _Unset,
        result_serializer: Any = _Unset,
        result_storage_key: Any = _Unset,
        cache_result_in_memory: "bool | None" = None,
        timeout_seconds: "int | float | None" = None,
        log_prints: Any = _Unset,
        refresh_cache: Any = _Unset,
        on_completion: "list[Any] | None" = None,
        on_failure: "list[Any] | None" = None,
        on_running: "list[Any] | None" = None,
        retry_condition_fn: "Callable[..., Any] | None" = None,
        viz_return_value: "Any | None" = None,
        asset_deps: "list[Any] | None" = None,
    ) -> "Task[P, R]":
        """Make a task of the same function with some options changed; the others stay.

        Example:
            ```python
            patient = fetch.with_options(retries=5, retry_delay_seconds=[1, 10, 60])
            ```
        """

        def chosen(value: Any, own: Any) -> Any:
            return own if value is None else value

        def settled(value: Any, own: Any) -> Any:
            return own if _is_unset(value) else value

        changed: Task[P, R] = type(self)(
            self._original,
            name=chosen(name, self.name),
            description=chosen(description, self.description),
            tags=chosen(tags, self.tags),
            version=self.version,
            cache_policy=settled(cache_policy, self._given_cache_policy),
            cache_key_fn=chosen(cache_key_fn, self.cache_key_fn),
            cache_expiration=chosen(cache_expiration, self.cache_expiration),
            task_run_name=settled(task_run_name, self.task_run_name),
            retries=settled(retries, self._retries),
            retry_delay_seconds=settled(retry_delay_seconds, self._given_retry_delay),
            retry_jitter_factor=settled(retry_jitter_factor, self.retry_jitter_factor),
            persist_result=settled(persist_result, self.persist_result),
            result_storage=settled(result_storage, self.result_storage),
            result_serializer=settled(result_serializer, self.result_serializer),
            result_storage_key=settled(result_storage_key, self.result_storage_key),
            cache_result_in_memory=chosen(cache_result_in_memory, self.cache_result_in_memory),
            timeout_seconds=chosen(timeout_seconds, self.timeout_seconds),
            log_prints=settled(log_prints, self.log_prints),
            refresh_cache=settled(refresh_cache, self.refresh_cache),
            on_completion=chosen(on_completion, list(self.on_completion_hooks)),
            on_failure=chosen(on_failure, list(self.on_failure_hooks)),
            on_running=chosen(on_running, list(self.on_running_hooks)),
            on_rollback=list(self.on_rollback_hooks),
            on_commit=list(self.on_commit_hooks),
            retry_condition_fn=chosen(retry_condition_fn, self.retry_condition_fn),
            viz_return_value=chosen(viz_return_value, self.viz_return_value),
            asset_deps=chosen(asset_deps, self.asset_deps),
        )
        if self.ismethod:
            changed.fn = self.fn
            changed._bind()
        return changed

    def on_completion(self, fn: "Hook") -> "Hook":
        """Have a function called when a run completes; may be used as a decorator."""
        self.on_completion_hooks.append(fn)
        return fn

    def on_failure(self, fn: "Hook") -> "Hook":
        """Have a function called when a run fails; may be used as a decorator."""
        self.on_failure_hooks.append(fn)
        return fn

    def on_running(self, fn: "Hook") -> "Hook":
        """Have a function called when an attempt begins; may be used as a decorator."""
        self.on_running_hooks.append(fn)
        return fn

    def on_commit(self, fn: "Hook") -> "Hook":
        """Have a function called when the transaction of a run commits."""
        self.on_commit_hooks.append(fn)
        return fn

    def on_rollback(self, fn: "Hook") -> "Hook":
        """Have a function called when the transaction of a run is rolled back."""
        self.on_rollback_hooks.append(fn)
        return fn

    if TYPE_CHECKING:

        @overload
        def __call__(  # type: ignore[overload-overlap]  # told apart by `return_state`
            self: "Task[P, Coroutine[Any, Any, T]]", *args: P.args, **kwargs: P.kwargs
        ) -> Coroutine[Any, Any, T]: ...

        @overload
        def __call__(self: "Task[P, T]", *args: P.args, **kwargs: P.kwargs) -> T: ...

        @overload
        def __call__(
            self: "Task[P, Coroutine[Any, Any, T]]",
            *args: Any,
            return_state: Literal[True],
            wait_for: Any = None,
            **kwargs: Any,
        ) -> Coroutine[Any, Any, State[T]]: ...

        @overload
        def __call__(
            self: "Task[P, T]",
            *args: Any,
            return_state: Literal[True],
            wait_for: Any = None,
            **kwargs: Any,
        ) -> State[T]: ...

        @overload
        def __call__(
            self: "Task[P, T]",
            *args: Any,
            wait_for: Any,
            return_state: Literal[False] = False,
            **kwargs: Any,
        ) -> T: ...

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    else:

        def __call__(
            self,
            *args: Any,
            return_state: bool = False,
            wait_for: Any = None,
            **kwargs: Any,
        ) -> Any:
            """Run the task here.

            Args:
                return_state: Whether to return the final state instead of the result.
                wait_for: Futures whose runs must have completed before.

            Raises:
                ParameterBindError: If the function cannot be called so.
                UpstreamTaskError: If an input's run did not complete.
                Exception: What the function raised, unless the state is returned.
            """
            parameters = self._binder.bind(args, kwargs)
            from prefect.task_engine import run_task

            return run_task(
                self,
                parameters=parameters,
                wait_for=wait_for,
                return_type="state" if return_state else "result",
            )

    if TYPE_CHECKING:

        @overload
        def submit(  # type: ignore[overload-overlap]  # told apart by `return_state`
            self: "Task[P, Coroutine[Any, Any, T]]", *args: P.args, **kwargs: P.kwargs
        ) -> PrefectFuture[T]: ...

        @overload
        def submit(self: "Task[P, T]", *args: P.args, **kwargs: P.kwargs) -> PrefectFuture[T]: ...

        @overload
        def submit(
            self: "Task[P, T]",
            *args: Any,
            return_state: Literal[True],
            wait_for: Any = None,
            **kwargs: Any,
        ) -> State[T]: ...

        @overload
        def submit(
            self: "Task[P, T]",
            *args: Any,
            return_state: Literal[False] = False,
            wait_for: Any = None,
            **kwargs: Any,
        ) -> PrefectFuture[T]: ...

        def submit(self, *args: Any, **kwargs: Any) -> Any: ...

    else:

        def submit(
            self,
            *args: Any,
            return_state: bool = False,
            wait_for: Any = None,
            **kwargs: Any,
        ) -> Any:
            """Hand the task over to the flow's task runner, to run side by side with others.

            Futures may be passed as arguments; the task then starts when their runs have completed.

            Args:
                return_state: Whether to wait and return the final state.
                wait_for: Futures whose runs must have completed before.

            Returns:
                A future.

            Raises:
                ParameterBindError: If the function cannot be called so.
                RuntimeError: Outside of flows, where no task runner is.
            """
            parameters = self._binder.bind(args, kwargs)
            future = self._task_runner("submit").submit(
                self, parameters, wait_for=_listed(wait_for)
            )
            if not return_state:
                return future
            future.wait()
            return future.state

    def map(
        self,
        *args: Any,
        return_state: bool = False,
        wait_for: "Iterable[Any] | None" = None,
        deferred: bool = False,
        **kwargs: Any,
    ) -> "PrefectFutureList[Any] | list[State[Any]]":
        """Hand over one run of the task for each item of the iterable arguments.

        What is not iterable, text, and what is wrapped in `unmapped` goes to every run.

        Args:
            return_state: Whether to wait and return the final states.
            wait_for: Futures whose runs must have completed before.
            deferred: Not supported yet.

        Returns:
            The futures, in the order of the items.

        Raises:
            MappingMissingIterable: If no argument is iterable.
            MappingLengthMismatch: If the iterables differ in length.
            RuntimeError: Outside of flows, where no task runner is.
        """
        if deferred:
            raise NotImplementedError(
                "`deferred=True` needs task workers, which are not there yet; leave it out to run"
                " the tasks in the flow's task runner."
            )
        parameters = self._binder.bind(args, kwargs)
        futures: PrefectFutureList[Any] = self._task_runner("map").map(
            self, parameters, wait_for=_listed(wait_for)
        )
        if not return_state:
            return futures
        futures.wait()
        return [future.state for future in futures]

    def _task_runner(self, method: str) -> Any:
        from prefect.context import FlowRunContext

        context = FlowRunContext.get()
        if context is None:
            raise RuntimeError(
                f"`{self.name}.{method}()` works inside a flow, whose task runner runs the task."
                f" Call `{self.name}(...)` to run it here."
            )
        return context.task_runner

    def _collecting(self) -> "Task[P, Any]":
        """The task that runs this generator to its end and returns the items as a list."""
        from copy import copy

        fn = self.fn
        collecting = copy(self)
        if self.isasync:

            async def collect(*args: Any, **kwargs: Any) -> "list[Any]":
                return [item async for item in fn(*args, **kwargs)]
        else:

            def collect(*args: Any, **kwargs: Any) -> "list[Any]":  # type: ignore[misc]  # one of two
                return list(fn(*args, **kwargs))

        collecting.fn = collect
        collecting.isgenerator = False
        return collecting

    def __repr__(self) -> str:
        return f"<Task {self.name!r}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            # Asked only for what is not there.
            from prefect._missing import missing_attribute

            raise missing_attribute(self, name, METHODS_TO_COME)


def task_input_hash(context: "TaskRunContext", arguments: "dict[str, Any]") -> "str | None":
    """Make a cache key of a task's code and inputs, for `cache_key_fn`.

    Returns:
        The key; None if an input cannot be hashed, so that the run is not cached.
    """
    from prefect.utilities.hashing import hash_objects

    task = context.task
    return hash_objects(task.task_key, task.fn.__code__.co_code.hex(), arguments)


class TaskOptions(TypedDict, total=False):
    """The options of a task; see `Task`."""

    name: "str | None"
    description: "str | None"
    tags: "Iterable[str] | None"
    version: "str | None"
    cache_policy: Any
    cache_key_fn: "Callable[..., str | None] | None"
    cache_expiration: "timedelta | None"
    task_run_name: "str | Callable[..., str] | None"
    retries: "int | None"
    retry_delay_seconds: "float | list[float] | Callable[[int], list[float]] | None"
    retry_jitter_factor: "float | None"
    persist_result: "bool | None"
    result_storage: Any
    result_serializer: Any
    result_storage_key: "str | None"
    cache_result_in_memory: bool
    timeout_seconds: "float | None"
    log_prints: "bool | None"
    refresh_cache: "bool | None"
    on_completion: "list[Any] | None"
    on_failure: "list[Any] | None"
    on_running: "list[Any] | None"
    on_rollback: "list[Any] | None"
    on_commit: "list[Any] | None"
    retry_condition_fn: "Callable[..., Any] | None"
    viz_return_value: Any
    asset_deps: "list[Any] | None"


class MaterializingTask(Task[P, R]):
    """A task that makes assets; made by `@materialize`.

    Raises:
        NotImplementedError: Always, so far: the engine does not tell about assets yet, and a task
            that says it does would be recorded wrongly.
    """

    def __init__(
        self,
        fn: "Callable[P, R]",
        *,
        assets: "Sequence[Any]",
        materialized_by: "str | None" = None,
        **task_kwargs: Any,
    ) -> None:
        raise NotImplementedError(
            f"`@materialize` of {[getattr(asset, 'key', asset) for asset in assets]!r} is not there"
            " yet: the engine does not send the events of assets. Use `@task`."
        )


def _listed(wait_for: Any) -> Any:
    if wait_for is None or isinstance(wait_for, (list, tuple, set)):
        return wait_for
    return list(wait_for) if hasattr(wait_for, "__iter__") else [wait_for]


def _docstring(fn: Any) -> "str | None":
    text = getattr(fn, "__doc__", None)
    return text.strip() if text else None


def _checked_hooks(hooks: "list[Any] | None", kind: str) -> "list[Any]":
    from prefect.flows import _checked_hooks as checked

    return [] if hooks is None else checked(hooks, kind, "task")


def exponential_backoff(backoff_factor: float) -> "Callable[[int], list[float]]":
    """Make a `retry_delay_seconds` that doubles with each attempt: factor, 2·factor, 4·factor, …

    Args:
        backoff_factor: The first wait, in seconds.
    """

    def delays(retries: int) -> "list[float]":
        return [backoff_factor * 2**attempt for attempt in range(min(retries, MOST_RETRY_DELAYS))]

    return delays


@overload
def task(__fn: "Callable[P, R]") -> "Task[P, R]": ...


@overload
def task(__fn: None = None, **options: Any) -> "Callable[[Callable[P, R]], Task[P, R]]": ...


def task(  # type: ignore[misc]  # the options, one by one
    __fn: "Callable[P, R] | None" = None,
    *,
    name: "str | None" = None,
    description: "str | None" = None,
    tags: "Iterable[str] | None" = None,
    version: "str | None" = None,
    cache_policy: Any = _Unset,
    cache_key_fn: "Callable[..., str | None] | None" = None,
    cache_expiration: "timedelta | None" = None,
    task_run_name: "str | Callable[..., str] | None" = None,
    retries: "int | None" = None,
    retry_delay_seconds: "float | int | list[float] | Callable[[int], list[float]] | None" = None,
    retry_jitter_factor: "float | None" = None,
    persist_result: "bool | None" = None,
    result_storage: "Any | None" = None,
    result_storage_key: "str | None" = None,
    result_serializer: "Any | None" = None,
    cache_result_in_memory: bool = True,
    timeout_seconds: "int | float | None" = None,
    log_prints: "bool | None" = None,
    refresh_cache: "bool | None" = None,
    on_completion: "list[Any] | None" = None,
    on_failure: "list[Any] | None" = None,
    on_running: "list[Any] | None" = None,
    retry_condition_fn: "Callable[..., Any] | None" = None,
    viz_return_value: Any = None,
    asset_deps: "list[Any] | None" = None,
) -> Any:
    """Make a task of a function; see `Task` for the options.

    Example:
        ```python
        @task(retries=3, retry_delay_seconds=[1, 5, 20])
        def fetch(url: str) -> bytes: ...
        ```
    """
    options: dict[str, Any] = dict(
        name=name,
        description=description,
        tags=tags,
        version=version,
        cache_policy=cache_policy,
        cache_key_fn=cache_key_fn,
        cache_expiration=cache_expiration,
        task_run_name=task_run_name,
        retries=retries,
        retry_delay_seconds=retry_delay_seconds,
        retry_jitter_factor=retry_jitter_factor,
        persist_result=persist_result,
        result_storage=result_storage,
        result_storage_key=result_storage_key,
        result_serializer=result_serializer,
        cache_result_in_memory=cache_result_in_memory,
        timeout_seconds=timeout_seconds,
        log_prints=log_prints,
        refresh_cache=refresh_cache,
        on_completion=on_completion,
        on_failure=on_failure,
        on_running=on_running,
        retry_condition_fn=retry_condition_fn,
        viz_return_value=viz_return_value,
        asset_deps=asset_deps,
    )
    if __fn is None:
        return lambda fn: Task(fn, **options)
    return Task(__fn, **options)


__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "DEFAULT": "prefect.cache_policies",
        "NO_CACHE": "prefect.cache_policies",
        "ResultSerializer": "prefect.results",
        "ResultStorage": "prefect.results",
    },
)
