"""SIGTERM as an exception: a flow that is told to end leaves a right final state behind."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect.exceptions import TerminationSignal

__all__ = ["terminable"]


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
