"""The one background thread of a process: an event loop for what is shipped while user code runs.

Events use it, and whatever else must leave the process without making anybody wait. The thread is
a daemon, starts with the first thing to ship (never at import) and is stopped at exit after every
shipper has had its time to finish. A forked child starts a thread of its own.
"""

import os
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import Any

__all__ = ["EXIT_SECONDS", "background_loop", "in_background", "on_exit", "on_fork"]

EXIT_SECONDS = 5.0
"""How long all shippers together may hold up the end of the process."""

_lock = threading.RLock()
_loop: "asyncio.AbstractEventLoop | None" = None
_thread: "threading.Thread | None" = None
_at_exit: "list[Callable[[float], None]]" = []
_after_fork: "list[Callable[[], None]]" = []
_registered = False


def background_loop() -> "asyncio.AbstractEventLoop":
    """Return the running event loop of the background thread; start it if there is none.

    Raises:
        RuntimeError: If the interpreter is ending and starts no threads any more.
    """
    global _loop, _thread
    with _lock:
        if _loop is None or _thread is None or not _thread.is_alive():
            loop = _new_loop()
            thread = threading.Thread(
                target=_run, args=(loop,), name="prefect-background", daemon=True
            )
            try:
                thread.start()
            except RuntimeError:
                loop.close()
                raise
            _loop, _thread = loop, thread
            _register()
        return _loop


def in_background() -> bool:
    """Tell whether the caller runs in the background thread."""
    return _thread is threading.current_thread()


def on_exit(finish: "Callable[[float], None]") -> None:
    """Have `finish(seconds)` called when the process ends, while the loop still runs."""
    if finish not in _at_exit:
        _at_exit.append(finish)


def on_fork(reset: "Callable[[], None]") -> None:
    """Have `reset()` called in a forked child."""
    if reset not in _after_fork:
        _after_fork.append(reset)


def _run(loop: "asyncio.AbstractEventLoop") -> None:
    import asyncio  # heavy

    asyncio.set_event_loop(loop)
    loop.run_forever()


def _new_loop() -> "asyncio.AbstractEventLoop":
    import asyncio  # heavy
    import socket

    class BackgroundLoop(asyncio.SelectorEventLoop):
        """Resolves names in threads of its own.

        The loop's executor refuses work as soon as the main thread has ended, which is when the
        last events are shipped.
        """

        async def getaddrinfo(self, host: "Any", port: "Any", **options: "Any") -> "Any":
            answer: asyncio.Future[Any] = self.create_future()

            def settle(result: "Any", error: "OSError | None") -> None:
                if answer.cancelled():
                    return
                if error is not None:
                    answer.set_exception(error)
                else:
                    answer.set_result(result)

            def resolve() -> None:
                result, failure = None, None
                try:
                    result = socket.getaddrinfo(host, port, **options)
                except OSError as error:
                    failure = error
                if not self.is_closed():
                    self.call_soon_threadsafe(settle, result, failure)

            try:
                threading.Thread(target=resolve, name="prefect-resolve", daemon=True).start()
            except RuntimeError:  # the interpreter is ending: only this thread is left to ask
                return socket.getaddrinfo(host, port, **options)
            return await answer

    return BackgroundLoop()


def _register() -> None:
    """Hook into exit and fork, once per process."""
    global _registered
    multiprocessing = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None and sys.modules["multiprocessing.process"].parent_process():
        # A child of multiprocessing ends without the exit hooks of the interpreter.
        multiprocessing.Finalize(None, _finish, exitpriority=0)
    if _registered:
        return
    import atexit

    atexit.register(_finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_reset)
    _registered = True


def _finish() -> None:
    """Give every shipper its time, then stop the loop and release its resources."""
    import time

    deadline = time.monotonic() + EXIT_SECONDS
    for finish in _at_exit:
        finish(max(0.0, deadline - time.monotonic()))
    _stop()


def _stop() -> None:
    global _loop, _thread
    with _lock:
        loop, thread = _loop, _thread
        _loop = _thread = None
    if loop is None or thread is None:
        return
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=1.0)
    if thread.is_alive():
        return  # it is stuck in a foreign call; closing its loop would only add an error
    asyncio = sys.modules["asyncio"]
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def _reset() -> None:
    """Forget the parent's thread: it does not exist in a forked child."""
    global _lock, _loop, _thread
    _lock = threading.RLock()
    # The parent's loop is neither run nor closed here: its selector is shared with the parent.
    _abandoned.append(_loop)
    _loop = _thread = None
    for reset in _after_fork:
        reset()


_abandoned: "list[asyncio.AbstractEventLoop | None]" = []
"""Loops of parent processes, kept from being finalised in the child."""
