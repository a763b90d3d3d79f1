"""What goes wrong when slots of tags are taken."""

__all__ = ["AcquireConcurrencySlotTimeoutError", "ConcurrencySlotAcquisitionError"]


class ConcurrencySlotAcquisitionError(Exception):
    """Slots could not be taken, and waiting would not help."""


class AcquireConcurrencySlotTimeoutError(TimeoutError):
    """No slots came free in the time given."""


# Exceptions travel in pickled results; this is where the released package looks for them.
for _error in (ConcurrencySlotAcquisitionError, AcquireConcurrencySlotTimeoutError):
    _error.__module__ = "prefect.concurrency.v1._asyncio"
