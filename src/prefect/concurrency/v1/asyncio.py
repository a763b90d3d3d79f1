"""Slots of tags for task runs, from async code."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import anyio

from prefect.concurrency._asyncio import SETTLE_SECONDS, AsyncioPort
from prefect.concurrency._slots import as_names
from prefect.concurrency.v1._errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency.v1._events import (
    emit_concurrency_acquisition_events,
    emit_concurrency_release_events,
)
from prefect.concurrency.v1._slots import take
from prefect.concurrency.v1.context import ConcurrencyContext

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencySlotAcquisitionError",
    "concurrency",
]


@asynccontextmanager
async def concurrency(
    names: str | list[str], task_run_id: UUID, timeout_seconds: float | None = None
) -> AsyncGenerator[None, None]:
    """Hold a slot of each tag's limit while a block runs; see `prefect.concurrency.v1.sync`."""
    port = AsyncioPort()
    held = await take(port, as_names(names), task_run_id, timeout_seconds)
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
        with anyio.move_on_after(SETTLE_SECONDS, shield=True) as settling:
            await held.give_back(port)
        context = ConcurrencyContext.get()
        if settling.cancelled_caught and context is not None:
            context.cleanup_slots.append((held.names, held.occupancy_seconds, task_run_id))
