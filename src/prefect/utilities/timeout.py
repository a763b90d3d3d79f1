"""Ending code that takes too long.

`timeout` for sync code: by an alarm in the main thread, elsewhere by an exception that is raised in
the thread as soon as it runs Python again (a call into C, `time.sleep` for example, ends first).
`timeout_async` for async code: by cancellation.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["fail_if_not_timeout_error", "timeout", "timeout_async"]


def fail_if_not_timeout_error(timeout_exc_type: type[Exception]) -> None:
    """Raise `ValueError` unless the class derives from `TimeoutError`."""
    if not issubclass(timeout_exc_type, TimeoutError):
        raise ValueError(
            f"timeout_exc_type must derive from TimeoutError, but got {timeout_exc_type!r}"
        )


@contextmanager
def timeout_async(
    seconds: float | None = None, timeout_exc_type: type[TimeoutError] = TimeoutError
) -> Iterator[None]:
    """Cancel the async code inside when it takes too long.

    Args:
        seconds: The limit; None means none.
        timeout_exc_type: What to raise then.
    """
    fail_if_not_timeout_error(timeout_exc_type)
    if seconds is None:
        yield
        return
    import anyio  # heavy: loads asyncio, which runs already when a limit is set

    with anyio.move_on_after(seconds) as scope:
        yield
    if scope.cancelled_caught:
        raise timeout_exc_type(_message(seconds))


@contextmanager
def timeout(
    seconds: float | None = None, timeout_exc_type: type[TimeoutError] = TimeoutError
) -> Iterator[None]:
    """Interrupt the sync code inside when it takes too long.

    Args:
        seconds: The limit; None and 0 mean none.
        timeout_exc_type: What to raise then.
    """
    fail_if_not_timeout_error(timeout_exc_type)
    if not seconds:
        yield
        return
    import signal

    in_main_thread = threading.current_thread() is threading.main_thread()
    limit = _alarm if in_main_thread and hasattr(signal, "setitimer") else _watch
    with limit(seconds, timeout_exc_type):
        yield


@contextmanager
def _alarm(seconds: float, error: type[TimeoutError]) -> Iterator[None]:
    import signal
    import time

    def ring(*_: object) -> None:
        raise error(_message(seconds))

    started = time.monotonic()
    handler_before = signal.signal(signal.SIGALRM, ring)
    left_before, interval_before = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
        if left_before:
            # An outer limit goes on; it rings at once if its time is over.
            left = max(left_before - (time.monotonic() - started), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, left, interval_before)


@contextmanager
def _watch(seconds: float, error: type[TimeoutError]) -> Iterator[None]:
    import ctypes  # heavy: only needed off the main thread

    thread_id = ctypes.c_ulong(threading.get_ident())
    raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
    lock = threading.Lock()
    ended = rang = False

    class Rang(error):  # type: ignore[misc,valid-type]  # tells ours from the same error of the code inside
        pass

    def ring() -> None:
        nonlocal rang
        with lock:
            if not ended:
                rang = True
                raise_in_thread(thread_id, ctypes.py_object(Rang))

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        try:
            yield
        finally:
            with lock:
                ended = True
            timer.cancel()
            # The code inside may have ended just before the exception came through.
            if rang:
                raise_in_thread(thread_id, None)
    except Rang as raised:
        raise error(_message(seconds)).with_traceback(raised.__traceback__) from None
    finally:
        timer.join()
    if rang:
        raise error(_message(seconds))


def _message(seconds: float) -> str:
    return f"This took longer than the {seconds:g} s it may take"
