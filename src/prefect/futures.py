"""Futures: handles of runs whose results are not there yet.

`Task.submit` and `Task.map` give them; passed to another task they become its inputs. A future is
done when its run is in a final state (or could not start); `state` shows where it stands.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from prefect._lazy import lazy_exports

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

__all__ = [
    "DoneAndNotDoneFutures",
    "PrefectConcurrentFuture",
    "PrefectFuture",
    "PrefectFutureList",
    "PrefectTaskRunFuture",
    "PrefectWrappedFuture",
    "as_completed",
    "resolve_futures_to_results",
    "resolve_futures_to_states",
    "wait",
]

R = TypeVar("R")
F = TypeVar("F")


class PrefectFuture(ABC, Generic[R]):
    """The handle of a task run that was handed over.

    Args:
        task_run_id: The run's id.
    """

    def __init__(self, task_run_id: UUID) -> None:
        self._task_run_id = task_run_id
        self._final_state: State[R] | None = None

    @property
    def task_run_id(self) -> UUID:
        """The id of the task run."""
        return self._task_run_id

    @property
    def state(self) -> State[R]:
        """The state of the run as far as it is known here."""
        if self._final_state is not None:
            return self._final_state
        return self._current_state()

    def _current_state(self) -> State[R]:
        from prefect.states import Pending

        return Pending(state_details={"task_run_id": self._task_run_id})

    @abstractmethod
    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run has ended.

        Args:
            timeout: Most seconds to wait; afterwards this returns all the same.
        """

    @abstractmethod
    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> R:
        """Wait for the run and return its result.

        Args:
            timeout: Most seconds to wait.
            raise_on_failure: Whether the exception of a failed run is raised; else it is returned.

        Raises:
            TimeoutError: If the run has not ended in time.
        """

    @abstractmethod
    def add_done_callback(self, fn: Callable[[PrefectFuture[R]], None]) -> None:
        """Have `fn(future)` called when the run has ended; at once if it has."""


class PrefectTaskRunFuture(PrefectFuture[R]):
    """A future that stands for a task run."""


class PrefectWrappedFuture(PrefectTaskRunFuture[R], Generic[R, F]):
    """A future around one of another library.

    Args:
        task_run_id: The run's id.
        wrapped_future: The other library's; its result is the run's final state.
    """

    def __init__(self, task_run_id: UUID, wrapped_future: F) -> None:
        super().__init__(task_run_id)
        self._wrapped_future = wrapped_future

    @property
    def wrapped_future(self) -> F:
        """The other library's future."""
        return self._wrapped_future

    def add_done_callback(self, fn: Callable[[PrefectFuture[R]], None]) -> None:
        """Have `fn(future)` called when the run has ended; at once if it has."""
        if self._final_state is not None:
            fn(self)
            return
        future: Any = self._wrapped_future
        future.add_done_callback(lambda _: fn(self))


class PrefectConcurrentFuture(PrefectWrappedFuture[R, Any]):
    """A future of a task run in a thread or process of this machine."""

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the run has ended, at most `timeout` seconds."""
        if self._final_state is None:
            self._wait(timeout)

    def _wait(self, timeout: float | None) -> bool:
        """Wait; says whether the run has ended."""
        from concurrent.futures import CancelledError
        from concurrent.futures import TimeoutError as FutureTimeout

        try:
            outcome = self._wrapped_future.result(timeout)
        except (FutureTimeout, TimeoutError):
            return bool(self._wrapped_future.done())
        except CancelledError:
            from prefect.states import Cancelled

            self._final_state = Cancelled(
                message="The task was not started, because its flow run ended first.",
                state_details={"task_run_id": self._task_run_id},
            )
            return True
        self._final_state = outcome
        return True

    @property
    def state(self) -> State[R]:
        """The state of the run as far as it is known here."""
        if self._final_state is None and self._wrapped_future.done():
            self._wait(0)
        return super().state

    def _current_state(self) -> State[R]:
        process = getattr(self, "_process", None)
        state = None if process is None else process.state
        return super()._current_state() if state is None else state

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> R:
        """Wait for the run and return its result; see `PrefectFuture.result`."""
        if self._final_state is None and not self._wait(timeout):
            raise TimeoutError(
                f"Task run '{self._task_run_id}' has not ended within {timeout:g} s; it goes on."
            )
        state = self._final_state
        assert state is not None
        data = state.data
        if state.type.value == "COMPLETED" and hasattr(data, "result"):
            value: R = data.result
            return value
        from prefect.states import _get_state_result_blocking

        return _get_state_result_blocking(state, raise_on_failure=raise_on_failure)


class PrefectFutureList(list[PrefectFuture[R]], Iterator[PrefectFuture[R]]):
    """The futures that `Task.map` gives, waited for together."""

    def __next__(self) -> PrefectFuture[R]:
        raise TypeError("A list of futures is no iterator; use `iter(futures)`.")

    def wait(self, timeout: float | None = None) -> None:
        """Wait until all runs have ended, at most `timeout` seconds altogether."""
        wait(self, timeout=timeout)

    def result(self, timeout: float | None = None, raise_on_failure: bool = True) -> list[R]:
        """Wait for the runs and return their results, in order.

        Args:
            timeout: Most seconds to wait altogether.
            raise_on_failure: Whether the exception of the first failed run is raised; else
                exceptions stand in the places of results.

        Raises:
            TimeoutError: If not all runs have ended in time.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        results = []
        for future in self:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                results.append(future.result(timeout=left, raise_on_failure=raise_on_failure))
            except TimeoutError as error:
                if deadline is None or time.monotonic() < deadline:
                    raise
                raise TimeoutError(
                    f"Not all of the {len(self)} task runs have ended within {timeout:g} s."
                ) from error
        return results


if TYPE_CHECKING:

    class DoneAndNotDoneFutures(NamedTuple, Generic[R]):
        """What `wait` gives: the futures whose runs have ended, and the others."""

        done: set[PrefectFuture[R]]
        not_done: set[PrefectFuture[R]]
else:

    class DoneAndNotDoneFutures(NamedTuple):  # Python 3.10 has no generic named tuples
        """What `wait` gives: the futures whose runs have ended, and the others."""

        done: set[Any]
        not_done: set[Any]

        def __class_getitem__(cls, item: Any) -> Any:
            return cls


def wait(futures: list[PrefectFuture[R]], timeout: float | None = None) -> DoneAndNotDoneFutures[R]:
    """Wait until all runs have ended.

    Args:
        futures: Their futures.
        timeout: Most seconds to wait altogether.

    Returns:
        The futures that are done, and those that are not.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    done: set[PrefectFuture[R]] = set()
    not_done: set[PrefectFuture[R]] = set()
    for future in futures:
        future.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        (done if _is_done(future) else not_done).add(future)
    return DoneAndNotDoneFutures(done, not_done)


def _is_done(future: PrefectFuture[Any]) -> bool:
    wrapped = getattr(future, "wrapped_future", None)
    is_done = getattr(wrapped, "done", None)
    return future._final_state is not None or (is_done is not None and bool(is_done()))


def as_completed(
    futures: list[PrefectFuture[R]], timeout: float | None = None
) -> Generator[PrefectFuture[R], None, None]:
    """Yield futures in the order in which their runs end.

    Args:
        futures: The futures; one that is given twice is yielded once.
        timeout: Most seconds to wait altogether.

    Raises:
        TimeoutError: If not all have ended in time.
    """
    waiting = set(futures)
    total = len(waiting)
    deadline = None if timeout is None else time.monotonic() + timeout
    arrived: list[PrefectFuture[R]] = []
    changed = threading.Condition()

    def arrive(future: PrefectFuture[R]) -> None:
        with changed:
            arrived.append(future)
            changed.notify()

    for future in list(waiting):
        future.add_done_callback(arrive)
    while waiting:
        with changed:
            while not arrived:
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError(
                        f"{len(waiting)} of {total} runs have not ended within {timeout:g} s."
                    )
                changed.wait(left)
            batch = arrived[:]
            arrived.clear()
        for future in batch:
            waiting.discard(future)
            yield future


def resolve_futures_to_states(expr: PrefectFuture[R] | Any) -> PrefectFuture[R] | Any:
    """Put the final states of futures in their place, also inside of collections; waits."""

    def state_of(future: PrefectFuture[Any]) -> Any:
        future.wait()
        return future.state

    return _resolve(expr, state_of)


def resolve_futures_to_results(expr: PrefectFuture[R] | Any) -> Any:
    """Put the results of futures in their place, also inside of collections; waits.

    Raises:
        Exception: That of the first run that failed.
    """
    return _resolve(expr, lambda future: future.result())


def _resolve(expr: Any, replace: Callable[[PrefectFuture[Any]], Any]) -> Any:
    if isinstance(expr, PrefectFuture):
        return replace(expr)
    if isinstance(expr, (str, bytes, int, float, type(None))):
        return expr
    if isinstance(expr, PrefectFutureList):
        return [replace(future) for future in expr]
    # Heavy, and only needed for collections.
    from prefect.utilities.annotations import quote
    from prefect.utilities.collections import StopVisiting, visit_collection

    replaced: list[Any] = []

    def visit(item: Any) -> Any:
        if isinstance(item, quote) or any(item is earlier for earlier in replaced):
            raise StopVisiting
        if not isinstance(item, PrefectFuture):
            return item
        value = replace(item)
        replaced.append(value)
        return value

    return visit_collection(expr, visit, return_data=True)


__getattr__, __dir__ = lazy_exports(
    __name__,
    {},
    not_yet=(
        "PrefectDistributedFuture",
        "PrefectFlowRunFuture",
    ),
)
