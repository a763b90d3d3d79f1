"""A function call as an object: run in a thread or on an event loop, awaited from elsewhere."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Generic, TypeVar

from prefect._internal.compatibility.async_dispatch import is_in_async_context
from prefect._internal.concurrency._loops import LoopThread, cancel_call

__all__ = ["Call"]

T = TypeVar("T")


class Call(Generic[T]):
    """A call that is made later; its result can be waited for from sync and from async code.

    Args:
        fn: The function, sync or async.
        args: Its arguments.
        kwargs: Its arguments with names.
    """

    def __init__(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.context = contextvars.copy_context()
        self.timeout: float | None = None
        self.future: concurrent.futures.Future[T] = concurrent.futures.Future()
        self._inner: concurrent.futures.Future[None] | None = None
        self._timed_out = False

    @classmethod
    def new(cls, __fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Call[T]:
        """Make a call with the arguments as they follow."""
        return cls(__fn, args, kwargs)

    def set_timeout(self, timeout: float | None = None) -> None:
        """Limit how long the call may take, in seconds; None leaves it as it is."""
        if timeout is not None:
            self.timeout = timeout

    # --- running ----------------------------------------------------------------------------------

    def __call__(self) -> T | Awaitable[T]:
        """Make the call here: give its result, or something to await where an event loop runs."""
        if not self._is_async:
            self.run()
            return self.result()
        if is_in_async_context():

            async def run_and_give() -> T:
                await self._run_async()
                return await self.aresult()

            return run_and_give()
        asyncio.run(self._run_async())
        return self.result()

    def run(self) -> Awaitable[None] | None:
        """Make the call here; for an async function, give what has to be awaited for that."""
        if self._is_async:
            return self._run_async()
        self._run_sync()
        return None

    @property
    def _is_async(self) -> bool:
        return inspect.iscoroutinefunction(inspect.unwrap(self.fn)) or inspect.iscoroutinefunction(
            self.fn
        )

    def _run_sync(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        from prefect.utilities.timeout import timeout

        try:
            with timeout(self.timeout, _CallTimeout):
                result = self.context.run(partial(self.fn, *self.args, **self.kwargs))
        except _CallTimeout:
            self._end_by_timeout()
        except BaseException as error:
            self.future.set_exception(error)
        else:
            if inspect.isawaitable(result):
                # A sync function that gives a coroutine; there is no loop here to run it on.
                result = asyncio.run(_awaited(result))
            self.future.set_result(result)

    async def _run_async(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            # Created in the call's own context: a task copies the one it is made in.
            task = self.context.run(
                asyncio.get_running_loop().create_task,
                _awaited_call(self.fn, self.args, self.kwargs),
            )
            result = await asyncio.wait_for(task, self.timeout)
        except asyncio.TimeoutError as error:
            if self.timeout is None or not task.cancelled():
                self.future.set_exception(error)  # the function's own
            else:
                self._end_by_timeout()
        except asyncio.CancelledError:
            self.future.set_exception(concurrent.futures.CancelledError())
            raise
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)

    def _end_by_timeout(self) -> None:
        self._timed_out = True
        self.future.set_exception(
            concurrent.futures.CancelledError(f"The call took longer than {self.timeout:g} s")
        )

    def start_on(self, loop: LoopThread) -> None:
        """Make the call on a loop's thread, without waiting."""
        if self._is_async:
            self._inner = loop.submit(self._run_async())
        else:
            self._inner = loop.submit(self._run_on_loop())

    async def _run_on_loop(self) -> None:
        self._run_sync()

    def start_in_new_thread(self) -> None:
        """Make the call in a thread of its own, without waiting."""

        def work() -> None:
            if self._is_async:
                asyncio.run(self._run_async())
            else:
                self._run_sync()

        threading.Thread(target=work, name="prefect-call", daemon=True).start()

    # --- waiting ----------------------------------------------------------------------------------

    def result(self, timeout: float | None = None) -> T:
        """Wait for the result, at most `timeout` seconds; what the call raised is raised."""
        return self.future.result(timeout=timeout)

    async def aresult(self) -> T:
        """Wait for the result without blocking the event loop."""
        return await asyncio.wrap_future(self.future)

    def cancel(self) -> bool:
        """Cancel the call; a sync function that runs already goes on. Say whether it worked."""
        if self.future.cancel():
            return True
        if self._inner is not None and self._is_async and not self.future.done():
            cancel_call(self._inner)
            return True
        return False

    def cancelled(self) -> bool:
        """Say whether the call was cancelled, by hand or by its time limit."""
        if self.future.cancelled():
            return True
        return self.future.done() and isinstance(
            self.future.exception(), concurrent.futures.CancelledError
        )

    def timedout(self) -> bool:
        """Say whether the call took longer than it may."""
        return self._timed_out


class _CallTimeout(TimeoutError):
    """Tells the limit of a call from a `TimeoutError` of its function."""


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


async def _awaited_call(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    return await fn(*args, **kwargs)
