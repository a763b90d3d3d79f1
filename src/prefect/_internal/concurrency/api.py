"""Making calls in other threads, from sync and from async code.

`from_sync` waits by blocking, `from_async` by awaiting. "Loop thread" is the one thread with an
event loop that the process shares; "new thread" a thread for this call alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, ParamSpec, TypeVar

from prefect._internal.concurrency._loops import shared_loop
from prefect._internal.concurrency.calls import Call

__all__ = ["Call", "cast_to_call", "create_call", "from_async", "from_sync"]

P = ParamSpec("P")
T = TypeVar("T")


def create_call(__fn: Callable[P, T | Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> Call[T]:
    """Make a call that is made later, with the context variables of now."""
    return Call(__fn, args, kwargs)


def cast_to_call(call_like: Callable[[], Any] | Call[T]) -> Call[T]:
    """Make a call of a function without arguments; give a call as it is."""
    return call_like if isinstance(call_like, Call) else create_call(call_like)


class _base:
    """What both ways have in common: starting a call without waiting."""

    @staticmethod
    def call_soon_in_new_thread(
        __call: Callable[[], Any] | Call[T], timeout: float | None = None
    ) -> Call[T]:
        """Start a call in a thread of its own, without waiting.

        Args:
            timeout: Seconds it may take.
        """
        call: Call[T] = cast_to_call(__call)
        call.set_timeout(timeout)
        call.start_in_new_thread()
        return call

    @staticmethod
    def call_soon_in_loop_thread(
        __call: Callable[[], Any] | Call[T], timeout: float | None = None
    ) -> Call[T]:
        """Start a call in the loop thread, without waiting.

        Args:
            timeout: Seconds it may take.
        """
        call: Call[T] = cast_to_call(__call)
        call.set_timeout(timeout)
        call.start_on(shared_loop())
        return call


def _finish(call: Call[Any], done_callbacks: Iterable[Call[Any]] | None) -> None:
    """Have calls made once another one has ended, in the thread where that is noticed."""
    for callback in done_callbacks or ():
        call.future.add_done_callback(lambda _, callback=callback: callback.run())  # type: ignore[misc]  # bound now


class from_sync(_base):
    """Calls from sync code."""

    @staticmethod
    def wait_for_call_in_loop_thread(
        __call: Callable[[], Awaitable[T]] | Call[T],
        timeout: float | None = None,
        done_callbacks: Iterable[Call[T]] | None = None,
        contexts: Iterable[AbstractContextManager[Any]] | None = None,
    ) -> T:
        """Make a call in the loop thread and wait for its result.

        Args:
            timeout: Seconds it may take.
            done_callbacks: Calls to make once it has ended.
            contexts: Contexts to be in while waiting.
        """
        call: Call[T] = cast_to_call(__call)
        _finish(call, done_callbacks)
        with ExitStack() as stack:
            for context in contexts or ():
                stack.enter_context(context)
            return _wait(_base.call_soon_in_loop_thread(call, timeout))

    @staticmethod
    def wait_for_call_in_new_thread(
        __call: Callable[[], T] | Call[T],
        timeout: float | None = None,
        done_callbacks: Iterable[Call[T]] | None = None,
    ) -> T:
        """Make a call in a thread of its own and wait for its result.

        Args:
            timeout: Seconds it may take.
            done_callbacks: Calls to make once it has ended.
        """
        call: Call[T] = cast_to_call(__call)
        _finish(call, done_callbacks)
        return _wait(_base.call_soon_in_new_thread(call, timeout))

    @staticmethod
    def call_in_new_thread(
        __call: Callable[[], T | Awaitable[T]] | Call[T], timeout: float | None = None
    ) -> T:
        """Make a call in a thread of its own and wait for its result."""
        return _wait(_base.call_soon_in_new_thread(__call, timeout))

    @staticmethod
    def call_in_loop_thread(
        __call: Callable[[], T | Awaitable[T]] | Call[T], timeout: float | None = None
    ) -> Awaitable[T] | T:
        """Make a call in the loop thread and wait for its result."""
        call: Call[T] = cast_to_call(__call)
        if shared_loop().is_current:
            # Waiting here for the loop of this very thread would be waiting for oneself.
            return _wait(_base.call_soon_in_new_thread(call, timeout))
        return _wait(_base.call_soon_in_loop_thread(call, timeout))


def _wait(call: Call[T]) -> T:
    try:
        return call.result()
    except BaseException:
        call.cancel()  # if it was the wait that ended, by Ctrl-C for example
        raise


class from_async(_base):
    """Calls from async code."""

    @staticmethod
    async def wait_for_call_in_loop_thread(
        __call: Callable[[], Awaitable[T]] | Call[T],
        timeout: float | None = None,
        done_callbacks: Iterable[Call[Any]] | None = None,
        contexts: Iterable[AbstractContextManager[Any]] | None = None,
    ) -> T:
        """Make a call in the loop thread and await its result.

        Args:
            timeout: Seconds it may take.
            done_callbacks: Calls to make once it has ended.
            contexts: Contexts to be in while waiting.
        """
        call: Call[T] = cast_to_call(__call)
        _finish(call, done_callbacks)
        with ExitStack() as stack:
            for context in contexts or ():
                stack.enter_context(context)
            return await _await(_base.call_soon_in_loop_thread(call, timeout))

    @staticmethod
    async def wait_for_call_in_new_thread(
        __call: Callable[[], T] | Call[T],
        timeout: float | None = None,
        done_callbacks: Iterable[Call[Any]] | None = None,
    ) -> T:
        """Make a call in a thread of its own and await its result.

        Args:
            timeout: Seconds it may take.
            done_callbacks: Calls to make once it has ended.
        """
        call: Call[T] = cast_to_call(__call)
        _finish(call, done_callbacks)
        return await _await(_base.call_soon_in_new_thread(call, timeout))

    @staticmethod
    def call_in_new_thread(
        __call: Callable[[], T] | Call[T], timeout: float | None = None
    ) -> Awaitable[T]:
        """Make a call in a thread of its own; await the answer for its result."""
        return _await(_base.call_soon_in_new_thread(__call, timeout))

    @staticmethod
    def call_in_loop_thread(
        __call: Callable[[], Awaitable[T]] | Call[T], timeout: float | None = None
    ) -> Awaitable[T]:
        """Make a call in the loop thread; await the answer for its result."""
        return _await(_base.call_soon_in_loop_thread(__call, timeout))


async def _await(call: Call[T]) -> T:
    try:
        return await call.aresult()
    except BaseException:
        call.cancel()
        raise
