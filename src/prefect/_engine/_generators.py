"""Flows and tasks that are generators: one run from the first item asked for to the end.

The items must reach the caller while the core is in the middle of `port.call`. So the port of a
generator suspends the core with an `_Emit` for each item, and the driver here hands it out and goes
on when the next is asked for. The core runs in a copy of the caller's context: between two items
the caller is not inside of the run. A caller that stops early ends the run as completed.
"""

from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from prefect._engine._asyncio import AsyncioPort
from prefect._engine._blocking import BlockingPort
from prefect._engine._outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

__all__ = ["AsyncGeneratorPort", "GeneratorPort", "items", "items_async"]


class _Emit:
    """Suspends the core with one item; gives what the caller sends."""

    __slots__ = ("item",)

    def __init__(self, item: Any) -> None:
        self.item = item

    def __await__(self) -> "Generator[_Emit, Any, Any]":
        return (yield self)


class _Closed(BaseException):
    """The caller wants no more items."""


class GeneratorPort(BlockingPort):
    """The blocking port of a generator function."""

    async def call(
        self,
        fn: "Callable[..., Any]",
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        timeout_seconds: float | None = None,
        timeout_error: type[TimeoutError] = TimeoutError,
    ) -> Outcome:
        """Hand out the items; the generator's return value is the outcome.

        The time limit counts for the making of each item, not for what the caller does with it.
        """
        from prefect.utilities.timeout import timeout

        iterator = fn(*args, **kwargs)
        sent: Any = None
        while True:
            try:
                with timeout(timeout_seconds, timeout_error):
                    item = iterator.send(sent)
            except StopIteration as stop:
                return Outcome(stop.value)
            except BaseException as error:
                return Outcome(error=error)
            try:
                sent = await _Emit(item)
            except _Closed:
                try:
                    iterator.close()
                except BaseException as error:
                    return Outcome(error=error)
                return Outcome()
            except BaseException as error:
                thrown = _throw(iterator, error)
                if isinstance(thrown, Outcome):
                    return thrown
                sent = await _Emit(thrown[0])


def _throw(iterator: Any, error: BaseException) -> Any:
    """Throw into a generator: an outcome if that ends it, else its next item in a tuple."""
    try:
        return (iterator.throw(error),)
    except StopIteration as stop:
        return Outcome(stop.value)
    except BaseException as raised:
        return Outcome(error=raised)


class AsyncGeneratorPort(AsyncioPort):
    """The asyncio port of an async generator function."""

    async def call(
        self,
        fn: "Callable[..., Any]",
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        timeout_seconds: float | None = None,
        timeout_error: type[TimeoutError] = TimeoutError,
    ) -> Outcome:
        """Hand out the items; the time limit counts for the making of each."""
        from prefect.utilities.timeout import timeout_async

        iterator = fn(*args, **kwargs)
        try:
            while True:
                try:
                    with timeout_async(timeout_seconds or None, timeout_error):
                        item = await iterator.__anext__()
                except StopAsyncIteration:
                    return Outcome()
                await _Emit(item)
        except _Closed:
            await iterator.aclose()
            return Outcome()
        except BaseException as error:
            return Outcome(error=error)


def items(core: "Coroutine[Any, Any, Outcome]") -> "Generator[Any, Any, Any]":
    """Drive a core on a `GeneratorPort` and yield its items."""
    step = copy_context().run
    resume: Any = core.send
    value: Any = None
    closed = False
    while True:
        try:
            emitted = step(resume, value)
        except StopIteration as stop:
            result = stop.value.get()
            if closed:
                raise GeneratorExit from None
            return result
        try:
            value = yield emitted.item
            resume = core.send
        except GeneratorExit:
            closed, resume, value = True, core.throw, _Closed()
        except BaseException as error:
            resume, value = core.throw, error


class _Forward:
    """Awaits for the core what the core awaits of the event loop."""

    __slots__ = ("_awaited",)

    def __init__(self, awaited: Any) -> None:
        self._awaited = awaited

    def __await__(self) -> "Generator[Any, Any, Any]":
        return (yield self._awaited)


async def items_async(core: "Coroutine[Any, Any, Outcome]") -> "AsyncGenerator[Any, Any]":
    """Drive a core on an `AsyncGeneratorPort` and yield its items."""
    step = copy_context().run
    resume: Any = core.send
    value: Any = None
    closed = False
    while True:
        try:
            awaited = step(resume, value)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            break
        try:
            if isinstance(awaited, _Emit):
                value = yield awaited.item
            else:
                value = await _Forward(awaited)
            resume = core.send
        except GeneratorExit:
            closed, resume, value = True, core.throw, _Closed()
        except BaseException as error:
            resume, value = core.throw, error
    outcome.get()
    if closed:
        raise GeneratorExit
