"""Make states, and get results and exceptions out of them.

The functions named like states (`Completed`, `Failed`, …) make a `State` of that name. Reading the
result of a state is written once, as a coroutine over a small port that reads a stored result and
waits; the async functions await it, the sync ones drive it without an event loop.
"""

import datetime
import sys
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Any, Protocol, TypeGuard

from typing_extensions import TypeVar

from prefect._dual import run
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.client.schemas._models.states import (
    TERMINAL_STATES,
    State,
    StateCreate,
    StateDetails,
    StateType,
    data_discriminator,
)
from prefect.exceptions import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    PausedRun,
    TerminationSignal,
    UnfinishedRun,
)
from prefect.types._datetime import now

__all__ = [
    "RESULT_READ_MAXIMUM_ATTEMPTS",
    "RESULT_READ_RETRY_DELAY",
    "AwaitingConcurrencySlot",
    "AwaitingRetry",
    "Cancelled",
    "Cancelling",
    "Completed",
    "Crashed",
    "Failed",
    "InfrastructurePending",
    "Late",
    "Paused",
    "Pending",
    "Retrying",
    "Running",
    "Scheduled",
    "State",
    "StateDetails",
    "StateGroup",
    "StateType",
    "Submitting",
    "Suspended",
    "aget_state_exception",
    "araise_state_exception",
    "exception_to_crashed_state",
    "exception_to_failed_state",
    "format_exception",
    "get_state_exception",
    "get_state_result",
    "is_state_iterable",
    "raise_state_exception",
    "return_value_to_state",
    "to_state_create",
]

R = TypeVar("R", default=Any)


class ResultStore(Protocol):
    """What is asked of a `prefect.results.ResultStore` here."""

    def create_result_record(
        self, obj: Any, key: str | None = None, expiration: datetime.datetime | None = None
    ) -> Any: ...

    async def apersist_result_record(self, result_record: Any) -> None: ...


RESULT_READ_MAXIMUM_ATTEMPTS = 10
RESULT_READ_RETRY_DELAY = 0.25
"""Seconds between two attempts to read a result that cannot be found."""


# ---- making states ------------------------------------------------------------------------------


def _details(given: Any, conflict: str, **known: Any) -> StateDetails:
    """The details of a new state: those given, and what its maker knows.

    Raises:
        ValueError: If `conflict` is among both.
    """
    details = StateDetails.model_validate(given or {})
    if known.get(conflict) is not None and getattr(details, conflict) is not None:
        raise ValueError(
            f"`{conflict}` is given twice, as an argument and in `state_details`; give it once."
        )
    return details.model_copy(
        update={name: value for name, value in known.items() if value is not None}
    )


def Scheduled(
    cls: type[State[R]] = State,
    scheduled_time: datetime.datetime | None = None,
    **kwargs: Any,
) -> State[R]:
    """Make the state of a run that starts at `scheduled_time`, by default now.

    Raises:
        ValueError: If the time is given in `state_details` too.
    """
    details = _details(
        kwargs.pop("state_details", None), "scheduled_time", scheduled_time=scheduled_time
    )
    if details.scheduled_time is None:
        details = details.model_copy(update={"scheduled_time": now()})
    name = kwargs.pop("name", "Scheduled")
    return cls(type=StateType.SCHEDULED, name=name, state_details=details, **kwargs)


def Late(
    cls: type[State[R]] = State,
    scheduled_time: datetime.datetime | None = None,
    **kwargs: Any,
) -> State[R]:
    """Make the state of a run that should have started."""
    return Scheduled(cls=cls, scheduled_time=scheduled_time, name="Late", **kwargs)


def AwaitingRetry(
    cls: type[State[R]] = State,
    scheduled_time: datetime.datetime | None = None,
    **kwargs: Any,
) -> State[R]:
    """Make the state of a run that failed and is tried again at `scheduled_time`."""
    return Scheduled(cls=cls, scheduled_time=scheduled_time, name="AwaitingRetry", **kwargs)


def AwaitingConcurrencySlot(
    cls: type[State[R]] = State,
    scheduled_time: datetime.datetime | None = None,
    **kwargs: Any,
) -> State[R]:
    """Make the state of a run that found no free slot and tries again at `scheduled_time`."""
    return Scheduled(
        cls=cls, scheduled_time=scheduled_time, name="AwaitingConcurrencySlot", **kwargs
    )


def Pending(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run that is about to start."""
    return cls(type=StateType.PENDING, **_named(kwargs, "Pending"))


def InfrastructurePending(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run whose infrastructure is being started."""
    return cls(type=StateType.PENDING, name="InfrastructurePending", **kwargs)


def Submitting(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run that is being handed to its infrastructure."""
    return cls(type=StateType.PENDING, name="Submitting", **kwargs)


def Running(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run whose code runs."""
    return cls(type=StateType.RUNNING, **_named(kwargs, "Running"))


def Retrying(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run whose code runs again after it failed."""
    return cls(type=StateType.RUNNING, name="Retrying", **kwargs)


def Completed(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run that ended well."""
    return cls(type=StateType.COMPLETED, **_named(kwargs, "Completed"))


def Failed(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run whose code ended with an error."""
    return cls(type=StateType.FAILED, **_named(kwargs, "Failed"))


def Crashed(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run that was ended by its surroundings."""
    return cls(type=StateType.CRASHED, **_named(kwargs, "Crashed"))


def Cancelling(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run that is being cancelled."""
    return cls(type=StateType.CANCELLING, **_named(kwargs, "Cancelling"))


def Cancelled(cls: type[State[R]] = State, **kwargs: Any) -> State[R]:
    """Make the state of a run that was cancelled and has ended."""
    return cls(type=StateType.CANCELLED, **_named(kwargs, "Cancelled"))


def Paused(
    cls: type[State[R]] = State,
    timeout_seconds: int | None = None,
    pause_expiration_time: datetime.datetime | None = None,
    reschedule: bool = False,
    pause_key: str | None = None,
    **kwargs: Any,
) -> State[R]:
    """Make the state of a run that waits to be resumed.

    Args:
        cls: The class of the state.
        timeout_seconds: How long the run waits before it fails; None for no end.
        pause_expiration_time: When it stops waiting, instead of `timeout_seconds`.
        reschedule: Whether the run's process ends and another one resumes it.
        pause_key: Names the pause, so that a run waits for it only once.
        kwargs: Further fields of the state.

    Raises:
        ValueError: If the end of the pause is given more than once.
    """
    if timeout_seconds is not None and pause_expiration_time is not None:
        raise ValueError("Give `timeout_seconds` or `pause_expiration_time`, not both.")
    expires = pause_expiration_time
    if timeout_seconds is not None:
        expires = now() + datetime.timedelta(seconds=timeout_seconds)
    details = _details(
        kwargs.pop("state_details", None),
        "pause_timeout",
        pause_timeout=expires,
        pause_reschedule=reschedule,
        pause_key=pause_key,
    )
    return cls(type=StateType.PAUSED, state_details=details, **_named(kwargs, "Paused"))


def Suspended(
    cls: type[State[R]] = State,
    timeout_seconds: int | None = None,
    pause_expiration_time: datetime.datetime | None = None,
    pause_key: str | None = None,
    **kwargs: Any,
) -> State[R]:
    """Make the state of a run that ended its process and waits to be resumed in another one."""
    return Paused(
        cls=cls,
        name="Suspended",
        reschedule=True,
        timeout_seconds=timeout_seconds,
        pause_expiration_time=pause_expiration_time,
        pause_key=pause_key,
        **kwargs,
    )


def _named(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {"name": name, **fields}


def to_state_create(state: State) -> StateCreate:
    """Make the proposal of a state; of its data, only where a stored result is goes along."""
    data = getattr(state.data, "metadata", state.data)
    return StateCreate(
        type=state.type,
        name=state.name,
        message=state.message,
        data=data if data_discriminator(data) == "ResultRecordMetadata" else None,
        state_details=state.state_details,
    )


# ---- what a state says about its run ------------------------------------------------------------


class _ResultPort(Protocol):
    """What reading a result needs of the world."""

    async def read(self, metadata: Any) -> Any:
        """Read a stored result.

        Raises:
            MissingResult: If it is not there.
        """

    async def sleep(self, seconds: float) -> None: ...


class _AsyncResults:
    async def read(self, metadata: Any) -> Any:
        from prefect.results import aread_result  # heavy: storage and serializers

        return (await aread_result(metadata)).result

    async def sleep(self, seconds: float) -> None:
        import anyio  # heavy; an event loop is running here anyway

        await anyio.sleep(seconds)


class _BlockingResults:
    async def read(self, metadata: Any) -> Any:
        from prefect.results import read_result  # heavy: storage and serializers

        return read_result(metadata).result

    async def sleep(self, seconds: float) -> None:
        import time

        time.sleep(seconds)  # noqa: ASYNC251 - the blocking port: no event loop runs here


async def get_state_result(
    state: State[R], raise_on_failure: bool = True, retry_result_failure: bool = True
) -> R:
    """Read the result of the run that reached a state; see `State.aresult`."""
    result: R = await _state_result(_AsyncResults(), state, raise_on_failure, retry_result_failure)
    return result


def _get_state_result_blocking(
    state: State[R], raise_on_failure: bool = True, retry_result_failure: bool = True
) -> R:
    result: R = run(
        _state_result(_BlockingResults(), state, raise_on_failure, retry_result_failure)
    )
    return result


async def _state_result(
    port: _ResultPort, state: State[Any], raise_on_failure: bool, retry_result_failure: bool
) -> Any:
    if state.is_paused():
        raise PausedRun("The run is paused, so it has no result yet; resume it first.", state=state)
    if not state.is_final():
        raise UnfinishedRun(
            f"The run is {state.type.value}, so it has no result yet; wait until it has finished."
        )
    if raise_on_failure and _is_failure(state):
        raise await _state_exception(port, state, retry=retry_result_failure)
    if state.data is None:
        if _is_failure(state):
            return await _state_exception(port, state)
        raise MissingResult(
            "The result of the run was not stored, so only the process that ran it knew it."
            " Run the flow or task with `persist_result=True` to read it elsewhere."
        )
    return await _data(port, state, retry=retry_result_failure)


async def _data(port: _ResultPort, state: State[Any], *, retry: bool) -> Any:
    """The value of a state's data, read from storage when it stands there."""
    data = state.data
    if data_discriminator(data) != "ResultRecordMetadata":
        return data.result if hasattr(data, "metadata") and hasattr(data, "result") else data
    attempts = RESULT_READ_MAXIMUM_ATTEMPTS if retry else 1
    while True:
        attempts -= 1
        try:
            return await port.read(data)
        except MissingResult:
            if attempts <= 0:
                raise
        await port.sleep(RESULT_READ_RETRY_DELAY)


_FAILURES: dict[StateType, tuple[type[Exception], str]] = {
    StateType.FAILED: (FailedRun, "The run failed; its exception is not known."),
    StateType.CRASHED: (CrashedRun, "The run crashed; its exception is not known."),
    StateType.CANCELLED: (CancelledRun, "The run was cancelled."),
}


def _is_failure(state: State[Any]) -> bool:
    return state.type in _FAILURES


async def _state_exception(
    port: _ResultPort, state: State[Any], *, retry: bool = True
) -> BaseException:
    """The exception that a failed, crashed or cancelled run ended with."""
    if state.type not in _FAILURES:
        raise ValueError(
            f"Only a failed, crashed or cancelled run has an exception, but this one is {state!r}."
        )
    wrapper, default_message = _FAILURES[state.type]
    value = await _data(port, state, retry=retry) if state.data is not None else None
    if value is None:
        return wrapper(state.message or default_message)
    if isinstance(value, BaseException):
        return value
    if isinstance(value, str):
        return wrapper(value)
    if isinstance(value, State):
        return await _state_exception(port, value, retry=retry)
    if is_state_iterable(value):
        for item in value:
            if _is_failure(item):
                return await _state_exception(port, item, retry=retry)
        raise ValueError(f"None of the states that the run returned has failed: {value!r}")
    raise TypeError(
        f"The data of the {state.type.value} state is {value!r}; an exception, a text, or states"
        f" were expected, not {type(value).__name__}."
    )


async def aget_state_exception(state: State) -> BaseException:
    """Get the exception that a failed, crashed or cancelled run ended with.

    When the run returned states, it is that of the first one that failed.

    Raises:
        ValueError: If the run did not end so.
        TypeError: If the state's data is nothing that stands for an exception.
    """
    return await _state_exception(_AsyncResults(), state)


@async_dispatch(aget_state_exception)
def get_state_exception(state: State) -> BaseException:
    """Get the exception a run ended with; see `aget_state_exception`."""
    return run(_state_exception(_BlockingResults(), state))


async def araise_state_exception(state: State) -> None:
    """Raise the exception that a failed, crashed or cancelled run ended with; else do nothing."""
    if _is_failure(state):
        raise await aget_state_exception(state)


@async_dispatch(araise_state_exception)
def raise_state_exception(state: State) -> None:
    """Raise the exception a run ended with; else do nothing."""
    if _is_failure(state):
        raise run(_state_exception(_BlockingResults(), state))


def is_state_iterable(obj: Any) -> TypeGuard[Iterable[State]]:
    """Whether a value is a list, tuple or set of at least one state and nothing else."""
    return (
        isinstance(obj, (list, set, tuple))
        and bool(obj)
        and all(isinstance(item, State) for item in obj)
    )


class StateGroup:
    """Count the states that a flow returned, to find the state of the flow itself."""

    def __init__(self, states: list[State]) -> None:
        self.states = states
        self.type_counts: Counter[StateType] = Counter(state.type for state in states)
        self.total_count = len(states)
        self.cancelled_count = self.type_counts[StateType.CANCELLED]
        self.final_count = sum(self.type_counts[type_] for type_ in TERMINAL_STATES)
        self.not_final_count = self.total_count - self.final_count
        self.paused_count = self.type_counts[StateType.PAUSED]

    @property
    def fail_count(self) -> int:
        """How many failed or crashed."""
        return self.type_counts[StateType.FAILED] + self.type_counts[StateType.CRASHED]

    def all_completed(self) -> bool:
        """Whether all ended well."""
        return self.type_counts[StateType.COMPLETED] == self.total_count

    def any_cancelled(self) -> bool:
        """Whether one was cancelled."""
        return self.cancelled_count > 0

    def any_failed(self) -> bool:
        """Whether one failed or crashed."""
        return self.fail_count > 0

    def any_paused(self) -> bool:
        """Whether one waits to be resumed."""
        return self.paused_count > 0

    def all_final(self) -> bool:
        """Whether all have ended."""
        return self.final_count == self.total_count

    def counts_message(self) -> str:
        """The counts in one line, e.g. `3 states: 2 COMPLETED, 1 RUNNING (1 not final)`."""
        counts = ", ".join(
            f"{self.type_counts[type_]} {type_.value}"
            for type_ in StateType
            if self.type_counts[type_]
        )
        message = f"{self.total_count} states" + (f": {counts}" if counts else "")
        return f"{message} ({self.not_final_count} not final)" if self.not_final_count else message


# ---- the state a run ends in --------------------------------------------------------------------


def format_exception(exc: BaseException, tb: TracebackType | None = None) -> str:
    """Write an exception in one line, or with a traceback when `tb` is given."""
    if tb is not None:
        return "".join(traceback.format_exception(type(exc), exc, tb=tb)).strip()
    return f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__


async def exception_to_crashed_state(
    exc: BaseException, result_store: ResultStore | None = None
) -> State:
    """Make the state of a run that was ended from outside its own code.

    Args:
        exc: What ended it.
        result_store: Keeps the exception; without one it stands in the state itself.
    """
    return Crashed(message=_crash_message(exc), data=await _kept(exc, result_store))


def _crash_message(exc: BaseException) -> str:
    if isinstance(exc, KeyboardInterrupt):
        return "The run was stopped by an interrupt signal."
    if isinstance(exc, TerminationSignal):
        return "The run was stopped by a termination signal."
    if isinstance(exc, SystemExit):
        return f"The run's process exited (code {exc.code!r})."
    if _is_cancellation(exc):
        return "The run was cancelled by the event loop it ran in."
    if request := _failed_request(exc):
        return f"The request to {request} failed: {format_exception(exc)}"
    return f"The run was stopped by an unexpected exception: {format_exception(exc)}"


def _is_cancellation(exc: BaseException) -> bool:
    # Whoever raised it has imported asyncio or trio, so neither is imported here.
    for module, name in (("asyncio", "CancelledError"), ("trio", "Cancelled")):
        cancelled = getattr(sys.modules.get(module), name, None)
        if cancelled is not None and isinstance(exc, cancelled):
            return True
    return False


def _failed_request(exc: BaseException) -> str | None:
    """The address of a request that could not be sent or was not answered in time."""
    httpx = sys.modules.get("httpx")
    if httpx is None or not isinstance(exc, httpx.TransportError):
        return None
    try:
        return str(exc.request.url)
    except RuntimeError:  # httpx raises it where an error was made without its request
        return "the API"


async def exception_to_failed_state(
    exc: BaseException | None = None,
    result_store: ResultStore | None = None,
    write_result: bool = False,
    **kwargs: Any,
) -> State[BaseException]:
    """Make the state of a run whose code raised.

    Args:
        exc: What it raised; by default the exception that is being handled.
        result_store: Keeps the exception; without one it stands in the state itself.
        write_result: Whether to write it to storage at once.
        kwargs: Fields of the state; the exception is added to a `message`.

    Raises:
        ValueError: If there is no exception.
    """
    exc = exc if exc is not None else sys.exc_info()[1]
    if exc is None:
        raise ValueError("Give an exception, or call this while one is being handled.")
    message = " ".join(filter(None, (kwargs.pop("message", None), format_exception(exc))))
    data = await _kept(exc, result_store, write=write_result)
    return Failed(data=data, message=message, **kwargs)


async def _kept(
    value: Any,
    result_store: ResultStore | None,
    *,
    write: bool = False,
    key: str | None = None,
    expiration: datetime.datetime | None = None,
) -> Any:
    """A record of a value in a result store, written or only in memory; without one the value."""
    if result_store is None:
        return value
    record = result_store.create_result_record(value, key=key, expiration=expiration)
    if write:
        await result_store.apersist_result_record(record)
    return record


async def return_value_to_state(
    retval: R,
    result_store: ResultStore,
    key: str | None = None,
    expiration: datetime.datetime | None = None,
    write_result: bool = False,
) -> State[R]:
    """Make the final state of a run from what its code returned.

    A state is taken as it is; of several states the worst decides; anything else completes the
    run. The value is kept by `result_store`, under `key` until `expiration`.
    """

    async def keep(value: Any) -> Any:
        return await _kept(value, result_store, write=write_result, key=key, expiration=expiration)

    value: Any = retval
    if isinstance(value, State):
        if value.data is not None and not hasattr(value.data, "storage_key"):
            if not hasattr(value.data, "metadata"):
                value.data = await keep(value.data)
        return value
    if is_state_iterable(value):
        return await _state_of_group(StateGroup(list(value)), value, keep)
    return Completed(data=await keep(value))


async def _state_of_group(
    group: StateGroup, value: Any, keep: Callable[[Any], Awaitable[Any]]
) -> State[Any]:
    """The state of a flow that returned states: paused, cancelled, failed or completed."""
    total = group.total_count
    data = await keep(value)
    if group.any_paused():
        return Paused(
            message=f"{group.paused_count} of {total} states wait to be resumed.", data=data
        )
    if group.any_cancelled():
        return Cancelled(
            message=f"{group.cancelled_count} of {total} states were cancelled.", data=data
        )
    if group.all_completed():
        return Completed(message=f"All of {total} states completed.", data=data)
    if group.any_failed():
        return Failed(message=f"{group.fail_count} of {total} states failed.", data=data)
    return Failed(message=f"{group.not_final_count} of {total} states have not ended.", data=data)
