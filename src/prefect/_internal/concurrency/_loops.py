"""Threads that run an event loop, for sync code that needs an async result.

`shared_loop()` gives the one of this process: started at first use, after a fork started anew, and
stopped when the interpreter ends. A coroutine keeps the context variables of the thread that asked
for it. Used by `prefect.utilities.asyncutils` and `prefect._internal.concurrency.api`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["LoopThread", "run_in_new_thread", "shared_loop"]

R = TypeVar("R")


class LoopThread:
    """A daemon thread that runs an event loop until it is stopped.

    Args:
        name: The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread and wait until its loop runs."""
        self._thread.start()
        self._ready.result()

    def _run(self) -> None:
        async def main() -> None:
            self._loop = asyncio.get_running_loop()
            self._stop = asyncio.Event()
            self._ready.set_result(None)
            await self._stop.wait()

        try:
            asyncio.run(main())  # cancels what is left and closes async generators at the end
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    @property
    def is_current(self) -> bool:
        """Whether the caller runs in this thread."""
        return threading.current_thread() is self._thread

    @property
    def is_alive(self) -> bool:
        """Whether the loop still runs."""
        return self._thread.is_alive()

    def submit(self, coroutine: Coroutine[Any, Any, R]) -> concurrent.futures.Future[R]:
        """Run a coroutine in the loop, with the caller's context variables.

        Cancelling the future cancels the coroutine.
        """
        assert self._loop is not None, "start() was not called"
        future: concurrent.futures.Future[R] = concurrent.futures.Future()
        context = contextvars.copy_context()

        def begin() -> None:
            if not future.set_running_or_notify_cancel():
                coroutine.close()
                return
            # The task copies the context it is made in; 3.10 has no argument for it.
            context.run(self._follow, coroutine, future)

        self._loop.call_soon_threadsafe(begin)
        return future

    def _follow(
        self, coroutine: Coroutine[Any, Any, R], future: concurrent.futures.Future[R]
    ) -> None:
        assert self._loop is not None
        task = self._loop.create_task(coroutine)
        # For `cancel_call`: a running future of this kind cannot be cancelled itself.
        future.prefect_task = (self._loop, task)  # type: ignore[attr-defined]

        def finish(done: asyncio.Task[R]) -> None:
            if done.cancelled():
                future.set_exception(concurrent.futures.CancelledError())
            elif (error := done.exception()) is not None:
                future.set_exception(error)
            else:
                future.set_result(done.result())

        task.add_done_callback(finish)

    def run(self, coroutine: Coroutine[Any, Any, R], timeout: float | None = None) -> R:
        """Run a coroutine in the loop and wait for its result.

        When the wait ends early (a signal, `timeout`), the coroutine is cancelled.
        """
        future = self.submit(coroutine)
        try:
            return future.result(timeout)
        except BaseException:
            if not future.done():
                cancel_call(future)
            raise

    def stop(self) -> None:
        """Cancel what runs, and end the thread."""
        if self._loop is None or self._stop is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._stop.set)
        if not self.is_current:
            self._thread.join(timeout=5)  # a task that swallows its cancellation must not hang exit


def cancel_call(future: concurrent.futures.Future[Any]) -> None:
    """Cancel the coroutine behind a future of `LoopThread.submit`."""
    if not future.cancel():
        running: tuple[Any, Any] | None = getattr(future, "prefect_task", None)
        if running is not None and not running[0].is_closed():
            running[0].call_soon_threadsafe(running[1].cancel)


_lock = threading.Lock()
_shared: LoopThread | None = None
_ended = False


def shared_loop() -> LoopThread:
    """Give this process's loop thread; start it if it does not run."""
    global _shared
    with _lock:
        if _shared is None or not _shared.is_alive:
            if _ended:
                raise RuntimeError("The interpreter is ending: async code can no longer be run")
            _shared = LoopThread("prefect-sync-loop")
            _shared.start()
        return _shared


def run_in_new_thread(coroutine: Coroutine[Any, Any, R]) -> R:
    """Run a coroutine on a loop and thread of its own, with the caller's context variables."""
    context = contextvars.copy_context()
    outcome: concurrent.futures.Future[R] = concurrent.futures.Future()

    def work() -> None:
        try:
            outcome.set_result(context.run(asyncio.run, coroutine))
        except BaseException as error:
            outcome.set_exception(error)

    thread = threading.Thread(target=work, name="prefect-sync-call", daemon=True)
    thread.start()
    result = outcome.result()
    thread.join()
    return result


def _stop_at_exit() -> None:
    global _ended
    with _lock:
        _ended = True
        loop = _shared
    if loop is not None:
        loop.stop()


def _forget_after_fork() -> None:
    # The child has the object but not the thread; the lock may have been held by another thread.
    global _shared, _lock
    _lock = threading.Lock()
    _shared = None


# Before the interpreter joins threads and takes executors away; `atexit` would be too late for
# coroutines that use worker threads.
getattr(threading, "_register_atexit", __import__("atexit").register)(_stop_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
