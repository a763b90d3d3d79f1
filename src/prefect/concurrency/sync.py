"""Concurrency limits and rate limits for sync code.

    with concurrency("database", occupy=2):
        query()

    rate_limit("api")

The limits are made on the server, by name. The slots are leased and given back at the end of the
block however it ends; if the process dies, the lease runs out and the server frees them.
"""

from collections.abc import Generator
from contextlib import contextmanager

from prefect._dual import run
from prefect.concurrency._errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency._events import emit_concurrency_acquisition_events
from prefect.concurrency._slots import Request, acquire, as_names
from prefect.concurrency._sync import BlockingPort
from prefect.concurrency._sync import concurrency as _concurrency
from prefect.types._concurrency import ConcurrencyLeaseHolder

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencySlotAcquisitionError",
    "concurrency",
    "rate_limit",
]


@contextmanager
def concurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | None = None,
    raise_on_lease_renewal_failure: bool | None = None,
) -> Generator[None, None, None]:
    """Hold slots of one or more concurrency limits while a block of code runs.

    Args:
        names: Of the limits.
        occupy: Slots of each.
        timeout_seconds: Longest wait for free slots; None waits as long as it takes.
        max_retries: Most further attempts when there are none; None means any number.
        lease_duration: Seconds (60 to 86400) after which the server frees the slots if this
            process dies; renewed until then.
        strict: Whether it is an error that a limit does not exist; else nothing limits its slots.
        holder: On whose behalf the slots are taken.
        raise_on_lease_renewal_failure: Whether to end the block when the slots are lost; default:
            as `strict`. Else it goes on with a warning.

    Raises:
        AcquireConcurrencySlotTimeoutError: If there were no free slots in time.
        ConcurrencySlotAcquisitionError: If the server refuses (more slots than the limit has, for
            example) or cannot be reached, or a limit does not exist and `strict` is set.
        ConcurrencyLeaseLostError: If the block is ended because the slots are lost.
    """
    with _concurrency(
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


def rate_limit(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    strict: bool = False,
) -> None:
    """Wait until one or more rate limits let this code go on.

    Args:
        names: Of limits with a slot decay; their slots come free with time.
        occupy: Slots of each.
        timeout_seconds: Longest wait; None waits as long as it takes.
        strict: Whether it is an error that a limit does not exist.

    Raises:
        AcquireConcurrencySlotTimeoutError: If there were no free slots in time.
        ConcurrencySlotAcquisitionError: If the server refuses (a limit without slot decay, for
            example) or cannot be reached, or a limit does not exist and `strict` is set.
    """
    request = Request(
        names=as_names(names),
        slots=occupy,
        mode="rate_limit",
        timeout_seconds=timeout_seconds,
        strict=strict,
    )
    grant = run(acquire(BlockingPort(), request))
    emit_concurrency_acquisition_events(grant.limits, occupy)
