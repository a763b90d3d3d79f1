"""What goes wrong when slots are taken."""

__all__ = [
    "AcquireConcurrencySlotTimeoutError",
    "ConcurrencyLeaseLostError",
    "ConcurrencySlotAcquisitionError",
]


class ConcurrencySlotAcquisitionError(Exception):
    """Slots could not be taken, and waiting would not help."""


class AcquireConcurrencySlotTimeoutError(TimeoutError):
    """No slots came free in the time given."""


class ConcurrencyLeaseLostError(ConcurrencySlotAcquisitionError):
    """The slots were taken back while the code that held them was at work.

    Raised in place of going on where `strict` or `raise_on_lease_renewal_failure` asks for it.
    """


# Exceptions travel in pickled results; this is where the released package looks for them.
for _error in (ConcurrencySlotAcquisitionError, AcquireConcurrencySlotTimeoutError):
    _error.__module__ = "prefect.concurrency._asyncio"
