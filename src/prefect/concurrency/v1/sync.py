"""Slots of tags for task runs, from sync code."""

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from prefect._dual import run
from prefect.concurrency._slots import as_names
from prefect.concurrency._sync import BlockingPort
from prefect.concurrency.v1._events import (
    emit_concurrency_acquisition_events,
    emit_concurrency_release_events,
)
from prefect.concurrency.v1._slots import take

__all__ = ["concurrency"]


@contextmanager
def concurrency(
    names: str | list[str], task_run_id: UUID, timeout_seconds: float | None = None
) -> Generator[None, None, None]:
    """Hold a slot of each tag's limit for a task run while a block of code runs.

    Args:
        names: The tags; those without a limit limit nothing.
        task_run_id: The task run.
        timeout_seconds: Longest wait for free slots; None waits as long as it takes.

    Raises:
        AcquireConcurrencySlotTimeoutError: If there were no free slots in time.
        ConcurrencySlotAcquisitionError: If a limit is 0, or the server refuses or is away.
    """
    port = BlockingPort()
    held = run(take(port, as_names(names), task_run_id, timeout_seconds))
    if not held.limits:
        yield
        return
    try:
        events = emit_concurrency_acquisition_events(held.limits, task_run_id)
        try:
            yield
        finally:
            emit_concurrency_release_events(held.limits, events, task_run_id)
    finally:
        run(held.give_back(port))
