"""Slots for async code: the asyncio port, and the cancellation of a body that lost its slots."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio

from prefect.client._faces import awaited
from prefect.concurrency._errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencyLeaseLostError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency._events import (
    emit_concurrency_acquisition_events,
    emit_concurrency_release_events,
)
from prefect.concurrency._leases import Lease
from prefect.concurrency._slots import Request, acquire, as_names, release_lease
from prefect.concurrency._sync import lost_message, tell_lost
from prefect.concurrency.context import ConcurrencyContext
from prefect.logging.loggers import get_logger
from prefect.types._concurrency import ConcurrencyLeaseHolder

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "AsyncioPort",
    "ConcurrencySlotAcquisitionError",
    "concurrency",
]

SETTLE_SECONDS = 10.0
"""How long a cancelled caller may be held up by giving slots back; a request takes milliseconds."""


class AsyncioPort:
    """Asks the API and waits in the running event loop."""

    async def ask(
        self, body: Callable[[Any], Any], undo: Callable[[Any, Any], Awaitable[Any]] | None = None
    ) -> Any:
        if undo is None:
            return await awaited(body)
        asking = asyncio.ensure_future(awaited(body))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            with anyio.move_on_after(SETTLE_SECONDS, shield=True):
                await self._take_back(asking, undo)
            raise

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def _take_back(
        self, asking: "asyncio.Future[Any]", undo: Callable[[Any, Any], Awaitable[Any]]
    ) -> None:
        """Undo what a request did that nobody waits for any more."""

        async def undone(api: Any) -> None:
            await undo(api, granted)

        try:
            granted = await asking
        except Exception as error:
            # A boundary: it was refused or failed, so there is nothing to undo.
            get_logger("concurrency").debug("A cancelled request for slots failed: %s", error)
            return
        try:
            await awaited(undone)
        except Exception as error:  # a boundary: the caller is being cancelled
            get_logger("concurrency").warning(
                "Slots taken by a cancelled request could not be given back (%s); they come free"
                " when their lease runs out.",
                error,
            )


@asynccontextmanager
async def concurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | None = None,
    suppress_warnings: bool = False,
    raise_on_lease_renewal_failure: bool | None = None,
) -> AsyncGenerator[None, None]:
    """`prefect.concurrency.asyncio.concurrency`, with warnings that can be turned off."""
    port = AsyncioPort()
    request = Request(
        names=as_names(names),
        slots=occupy,
        timeout_seconds=timeout_seconds,
        max_retries=max_retries,
        strict=strict,
        lease_seconds=lease_duration,
        holder=holder,
        quiet=suppress_warnings,
    )
    grant = await acquire(port, request)
    if grant.lease_id is None or not grant.limits:
        yield
        return
    interruptible = (
        strict if raise_on_lease_renewal_failure is None else raise_on_lease_renewal_failure
    )
    body = _Cancellable()
    lease = Lease(
        grant.lease_id,
        lease_duration,
        on_lost=lambda error: tell_lost(
            grant.lease_id, error, body.interrupt if interruptible else None, suppress_warnings
        ),
    )
    try:
        lease.keep()
        events = emit_concurrency_acquisition_events(grant.limits, occupy)
        try:
            with body.scope:
                yield
            if body.cause is not None:
                raise ConcurrencyLeaseLostError(lost_message(body.cause)) from body.cause
        finally:
            emit_concurrency_release_events(grant.limits, occupy, events)
    finally:
        if lease.take():
            await _give_back(port, lease)


async def _give_back(port: AsyncioPort, lease: Lease) -> None:
    """Release a lease also where the task is being cancelled."""
    with anyio.move_on_after(SETTLE_SECONDS, shield=True) as settling:
        await release_lease(port, lease.id)
    context = ConcurrencyContext.get()
    if settling.cancelled_caught and context is not None:
        context.cleanup_lease_ids.append(lease.id)


class _Cancellable:
    """A block of code of a task that another thread can end."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.cause: BaseException | None = None
        self._loop = asyncio.get_running_loop()

    def interrupt(self, cause: BaseException) -> None:
        """End the block; called in another thread."""

        def cancel() -> None:
            self.cause = cause
            self.scope.cancel()

        try:
            self._loop.call_soon_threadsafe(cancel)
        except RuntimeError as error:  # the loop is closed, and the block with it
            get_logger("concurrency").debug("Nothing to cancel: %s", error)
