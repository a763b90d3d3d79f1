"""Logging as it was before: runs of flows set it up for the whole process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.logging import configuration

__all__ = ["restored_logging"]


@contextmanager
def restored_logging() -> Iterator[None]:
    """Take back afterwards what the code inside set up."""
    manager = logging.root.manager.loggerDict
    loggers = [logging.root, *(one for one in manager.values() if isinstance(one, logging.Logger))]
    before = {one: (one.level, list(one.handlers), one.propagate, one.disabled) for one in loggers}
    config = dict(configuration.PROCESS_LOGGING_CONFIG)
    try:
        yield
    finally:
        configuration.PROCESS_LOGGING_CONFIG.clear()
        configuration.PROCESS_LOGGING_CONFIG.update(config)
        for one in [logging.root, *manager.values()]:
            if isinstance(one, logging.Logger):
                level, handlers, propagate, disabled = before.get(
                    one, (logging.NOTSET, [], True, False)
                )
                one.setLevel(level)
                one.handlers[:] = handlers
                one.propagate, one.disabled = propagate, disabled
