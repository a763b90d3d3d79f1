"""Concurrency limits and rate limits for async code.

    async with concurrency("database", occupy=2):
        await query()

    await rate_limit("api")

As in `prefect.concurrency.sync`; waiting can be cancelled.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from prefect.concurrency._asyncio import AsyncioPort
from prefect.concurrency._asyncio import concurrency as _concurrency
from prefect.concurrency._errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency._events import emit_concurrency_acquisition_events
from prefect.concurrency._slots import Request, acquire, as_names
from prefect.types._concurrency import ConcurrencyLeaseHolder

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencySlotAcquisitionError",
    "concurrency",
    "rate_limit",
]


@asynccontextmanager
async def concurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | None = None,
    raise_on_lease_renewal_failure: bool | None = None,
) -> AsyncGenerator[None, None]:
    """Hold slots of concurrency limits while a block runs; see `prefect.concurrency.sync`."""
    async with _concurrency(
        names=names,
        occupy=occupy,
        timeout_seconds=timeout_seconds,
        max_retries=max_retries,
        lease_duration=lease_duration,
        strict=strict,
        holder=holder,
        raise_on_lease_renewal_failure=raise_on_lease_renewal_failure,
    ):
        yield


async def rate_limit(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    strict: bool = False,
) -> None:
    """Wait until rate limits let this code go on; see `prefect.concurrency.sync`."""
    request = Request(
        names=as_names(names),
        slots=occupy,
        mode="rate_limit",
        timeout_seconds=timeout_seconds,
        strict=strict,
    )
    grant = await acquire(AsyncioPort(), request)
    emit_concurrency_acquisition_events(grant.limits, occupy)
