"""SIGTERM as an exception: a flow that is told to end leaves a right final state behind."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.exceptions import TerminationSignal

__all__ = ["terminable", "terminable_async"]


@contextmanager
def terminable() -> Iterator[None]:
    """Raise `TerminationSignal` in the main thread on SIGTERM, while the context lasts.

    Afterwards the signal takes the effect it would have had: the handler before is put back and
    gets the signal. A handler of the user's own is left alone, and so is everything outside of the
    main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: Any = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_DFL:
        yield
        return

    def stop(number: int, _: Any) -> None:
        raise TerminationSignal(number)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except TerminationSignal:
        signal.signal(signal.SIGTERM, before)
        from prefect._engine._shipping import deliver_before_the_end

        deliver_before_the_end()
        os.kill(os.getpid(), signal.SIGTERM)
        raise
    finally:
        if signal.getsignal(signal.SIGTERM) is stop:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def terminable_async() -> Iterator[None]:
    """Cancel the current asyncio task on SIGTERM, while the context lasts; see `terminable`."""
    import asyncio

    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        if task is not None:
            task.cancel()

    try:
        loop.add_signal_handler(signal.SIGTERM, stop)
    except (NotImplementedError, RuntimeError):  # a loop or platform without signals
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
        if told:
            from prefect._engine._shipping import deliver_before_the_end

            deliver_before_the_end()
            os.kill(os.getpid(), signal.SIGTERM)
