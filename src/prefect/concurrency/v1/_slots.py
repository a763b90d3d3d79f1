"""Taking and giving back slots of tags: what both faces have in common."""

import time
from uuid import UUID

from prefect.client.schemas._models.concurrency_limits import MinimalConcurrencyLimitResponse
from prefect.concurrency import _errors as _global_errors
from prefect.concurrency._slots import Port, acquire_v1
from prefect.concurrency.v1._errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.logging.loggers import get_logger

__all__ = ["Held", "take"]


class Held:
    """Slots a task run holds.

    Attributes:
        limits: Those of its tags that have a limit.
    """

    def __init__(
        self, names: list[str], task_run_id: UUID, limits: list[MinimalConcurrencyLimitResponse]
    ) -> None:
        self.names = names
        self.task_run_id = task_run_id
        self.limits = limits
        self._since = time.monotonic()

    @property
    def occupancy_seconds(self) -> float:
        """How long they have been held."""
        return time.monotonic() - self._since

    async def give_back(self, port: Port) -> None:
        """Give the slots back; what stands in the way is logged, for the task has ended."""
        try:
            await port.ask(
                lambda api: api.decrement_v1_concurrency_slots(
                    self.names, self.task_run_id, self.occupancy_seconds
                )
            )
        except Exception as error:
            # A boundary: the outcome of the task matters more.
            get_logger("concurrency").warning(
                "The slots of the tags %s could not be given back for task run '%s' (%s). Reset"
                " the limit if they stay taken.",
                ", ".join(map(repr, self.names)),
                self.task_run_id,
                error,
            )


async def take(
    port: Port, names: list[str], task_run_id: UUID, timeout_seconds: float | None
) -> Held:
    """Take a slot of each tag for a task run.

    Raises:
        AcquireConcurrencySlotTimeoutError: If there were none within `timeout_seconds`.
        ConcurrencySlotAcquisitionError: If a limit is 0, or the server refuses or is away.
    """
    try:
        grant = await acquire_v1(port, names, task_run_id, timeout_seconds)
    except _global_errors.AcquireConcurrencySlotTimeoutError as error:
        raise AcquireConcurrencySlotTimeoutError(str(error)) from error
    except _global_errors.ConcurrencySlotAcquisitionError as error:
        raise ConcurrencySlotAcquisitionError(
            f"{error} A limit of 0 on a tag keeps its tasks from ever running."
        ) from error
    return Held(names, task_run_id, grant.limits)
