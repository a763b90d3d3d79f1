"""`print` inside runs with `log_prints`: goes to the run's logger, in every thread.

`print` is replaced once for all runs that ask for it and put back when the last of them ends, so
that runs side by side do not restore each other's replacement.
"""

import builtins
from _thread import allocate_lock
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["log_prints"]

_lock = allocate_lock()
_users = 0
_original: Any = None


def _print(*args: Any, **kwargs: Any) -> None:
    from prefect.context import EngineContext, TaskRunContext
    from prefect.logging.loggers import print_as_log

    context = TaskRunContext.get() or EngineContext.get()
    if context is None or not context.log_prints:
        _real_print()(*args, **kwargs)
    else:
        print_as_log(*args, **kwargs)


def _real_print() -> Any:
    return _original if _original is not None else builtins.print


def _forward(*args: Any, **kwargs: Any) -> None:
    _real_print()(*args, **kwargs)


_print.__wrapped_print__ = _forward  # type: ignore[attr-defined]  # `print_as_log` looks for it


@contextmanager
def log_prints() -> Iterator[None]:
    """Send what runs with `log_prints` print to their loggers while the context lasts."""
    global _users, _original
    with _lock:
        if _users == 0:
            _original, builtins.print = builtins.print, _print
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                if builtins.print is _print:  # else somebody replaced it meanwhile
                    builtins.print = _original
                _original = None
