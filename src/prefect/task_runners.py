"""Task runners: where the tasks run that are handed over with `.submit` and `.map`.

A flow uses one, `ThreadPoolTaskRunner` unless told otherwise, as a context manager for as long as
it runs. Runners of other packages derive from `TaskRunner`.
"""

from __future__ import annotations

import contextvars
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from prefect._lazy import lazy_exports
from prefect.futures import PrefectConcurrentFuture, PrefectFuture, PrefectFutureList

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from prefect._engine._pool import ThreadPool
    from prefect.client.schemas.objects import RunInput
    from prefect.tasks import Task

__all__ = ["ConcurrentTaskRunner", "TaskRunner", "ThreadPoolTaskRunner"]

F = TypeVar("F", bound=PrefectFuture[Any])
R = TypeVar("R")


class TaskRunner(ABC, Generic[F]):
    """Base of the task runners; a context manager, in which tasks may be submitted."""

    def __init__(self) -> None:
        self._started = False

    @property
    def name(self) -> str:
        """The runner's name: its class in lower case, without the ending."""
        return type(self).__name__.lower().replace("taskrunner", "")

    @abstractmethod
    def duplicate(self) -> Self:
        """Make a runner with the same options, not started: each flow run gets its own."""

    @abstractmethod
    def submit(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        wait_for: Iterable[PrefectFuture[Any]] | None = None,
        dependencies: dict[str, set[RunInput]] | None = None,
    ) -> F:
        """Hand over one task.

        Args:
            task: The task.
            parameters: What it is called with.
            wait_for: Futures whose runs must have completed before.
            dependencies: Parameter → what it depends on, if that is known.
        """

    def map(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        wait_for: Iterable[PrefectFuture[Any]] | None = None,
    ) -> PrefectFutureList[Any]:
        """Hand over one task for each item of the iterable parameters.

        Futures among the parameters are waited for, since their results say how many items there
        are.

        Raises:
            RuntimeError: If the runner is not started.
            MappingMissingIterable: If no parameter is iterable.
            MappingLengthMismatch: If the iterables differ in length.
        """
        self._require_started()
        from prefect.context import FlowRunContext
        from prefect.utilities.callables import expand_mapping_parameters

        context = FlowRunContext.get()
        known = {} if context is None else context.run_results
        calls = expand_mapping_parameters(task.fn, _items_of_futures(parameters))
        shared = _whole_dependencies(parameters, known)
        futures: PrefectFutureList[Any] = PrefectFutureList()
        for call in calls:
            found = _call_dependencies(call, shared, known, wait_for) if shared else None
            futures.append(
                self.submit(task=task, parameters=call, wait_for=wait_for, dependencies=found)
            )
        return futures

    def _require_started(self) -> None:
        if not self._started:
            raise RuntimeError(
                f"This {type(self).__name__} is not started: submit tasks within its `with` block,"
                " or within a flow, which starts it."
            )

    def __enter__(self) -> Self:
        if self._started:
            raise RuntimeError(
                f"This {type(self).__name__} is started already; use a `duplicate()` of it."
            )
        self._started = True
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._started = False


def _items_of_futures(parameters: dict[str, Any]) -> dict[str, Any]:
    """Put the results of whole futures in the place of parameters, so that they can be spread."""
    from prefect._engine._inputs import result_of
    from prefect.utilities.annotations import allow_failure, unmapped

    spread = {}
    for name, value in parameters.items():
        inner = value.unwrap() if isinstance(value, (unmapped, allow_failure)) else value
        if isinstance(inner, PrefectFuture) and not isinstance(value, unmapped):
            inner.wait()
            spread[name] = result_of(inner.state, allowed=isinstance(value, allow_failure))
        else:
            spread[name] = value
    return spread


def _whole_dependencies(parameters: dict[str, Any], known: dict[int, Any]) -> dict[str, set[Any]]:
    """What the parameters depend on as a whole: a future or result that is spread."""
    from prefect._engine._inputs import dependencies
    from prefect.client.schemas._models.run_inputs import RunType
    from prefect.utilities.annotations import BaseAnnotation

    found: dict[str, set[Any]] = {}
    for name, value in parameters.items():
        inner = value.unwrap() if isinstance(value, BaseAnnotation) else value
        if isinstance(inner, PrefectFuture):
            found[name] = dependencies(inner, known, PrefectFuture)
        elif (linked := known.get(id(inner))) is not None and linked[2] is inner:
            source = linked[0].state_details.to_run_result(RunType(linked[1]))
            if source is not None:
                found[name] = {source}
    return found


def _call_dependencies(
    call: dict[str, Any], shared: dict[str, set[Any]], known: dict[int, Any], wait_for: Any
) -> dict[str, set[Any]]:
    from prefect._engine._inputs import dependencies

    found = {
        name: shared.get(name, set()) | dependencies(value, known, PrefectFuture)
        for name, value in call.items()
    }
    if wait_for:
        found["wait_for"] = dependencies(list(wait_for), known, PrefectFuture)
    return found


class _Call:
    """One submitted task run, until a thread makes it."""

    __slots__ = ("_context", "_future", "_handle", "_process", "_run")

    def __init__(self, run: Any, process: Any, future: Any, handle: Any) -> None:
        self._context = contextvars.copy_context()
        self._run = run
        self._process = process
        self._future = future
        self._handle = handle

    def __call__(self) -> None:
        future = self._future
        if not future.set_running_or_notify_cancel():
            return
        try:
            self._context.run(self._run, self._process)
            future.set_result(self._process.final_state)
        except BaseException as error:  # boundary: whoever waits must hear of it
            future.set_exception(error)
        self._handle._process = None  # the final state is all that is asked for from now on

    def cancel(self) -> None:
        self._future.cancel()
        self._future.set_running_or_notify_cancel()


class ThreadPoolTaskRunner(TaskRunner[PrefectConcurrentFuture[R]]):
    """Runs tasks in threads of this process.

    Args:
        max_workers: Most tasks at once; None takes the setting
            `PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS`, and without it as many as there are.

    Raises:
        ValueError: If `max_workers` is not at least 1.
    """

    def __init__(self, max_workers: int | None = None) -> None:
        super().__init__()
        if max_workers is not None and max_workers < 1:
            raise ValueError(f"`max_workers` must be at least 1, not {max_workers!r}")
        self._given_max_workers = max_workers
        self._pool: ThreadPool | None = None

    @property
    def max_workers(self) -> int | None:
        """Most tasks at once; None means no limit."""
        if self._given_max_workers is not None:
            return self._given_max_workers
        from prefect.settings._current import group

        limit: int | None = group("tasks.runner").thread_pool_max_workers
        return limit

    def duplicate(self) -> ThreadPoolTaskRunner[R]:
        """Make a runner with the same options, not started."""
        return type(self)(max_workers=self._given_max_workers)

    def submit(
        self,
        task: Task[Any, Any],
        parameters: dict[str, Any],
        wait_for: Iterable[PrefectFuture[Any]] | None = None,
        dependencies: dict[str, set[RunInput]] | None = None,
    ) -> PrefectConcurrentFuture[R]:
        """Hand over one task; see `TaskRunner.submit`.

        Raises:
            RuntimeError: If the runner is not started, for example after its flow run has ended.
        """
        from concurrent.futures import Future

        from prefect.task_engine import _process_for, _run_in_thread

        self._require_started()
        assert self._pool is not None
        process = _process_for(task, parameters, wait_for=wait_for, dependencies=dependencies)
        wrapped: Future[Any] = Future()
        future: PrefectConcurrentFuture[R] = PrefectConcurrentFuture(process.task_run.id, wrapped)
        future._process = process  # type: ignore[attr-defined]  # for `state` while it runs
        self._pool.submit(_Call(_run_in_thread, process, wrapped, future))
        return future

    def cancel_all(self) -> None:
        """Drop the tasks that have not begun."""
        if self._pool is not None:
            self._pool.cancel_queued()

    @property
    def _busy(self) -> bool:
        return self._pool is not None and self._pool.busy

    def _drain(self) -> None:
        if self._pool is not None:
            self._pool.drain()

    def __enter__(self) -> Self:
        super().__enter__()
        from prefect._engine._pool import ThreadPool

        self._pool = ThreadPool(self.max_workers)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the tasks that were submitted; after an error, drop those not begun."""
        pool, self._pool = self._pool, None
        if pool is not None:
            if exc_type is not None:
                pool.cancel_queued()
            pool.close()
        super().__exit__(exc_type, exc_value, traceback)

    def __eq__(self, value: object) -> bool:
        if not isinstance(value, ThreadPoolTaskRunner):
            return False
        return self._given_max_workers == value._given_max_workers

    __hash__ = None  # type: ignore[assignment]  # equality is by options


ConcurrentTaskRunner = ThreadPoolTaskRunner
"""Former name of `ThreadPoolTaskRunner`."""


__getattr__, __dir__ = lazy_exports(
    __name__,
    {},
    not_yet=(
        "PrefectTaskRunner",
        "ProcessPoolTaskRunner",
    ),
)
