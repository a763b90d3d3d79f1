"""A service that takes slots of tags in the background; see `prefect.concurrency.services`."""

from collections.abc import Coroutine
from typing import Any
from uuid import UUID

from prefect.concurrency._asyncio import AsyncioPort
from prefect.concurrency._errors import ConcurrencySlotAcquisitionError
from prefect.concurrency._slots import acquire_v1_response
from prefect.concurrency.services import FutureQueueService, logger

TYPE_CHECKING = False
if TYPE_CHECKING:
    import httpx

__all__ = [
    "ConcurrencySlotAcquisitionService",
    "ConcurrencySlotAcquisitionServiceError",
    "logger",
]


class ConcurrencySlotAcquisitionServiceError(Exception):
    """The server refuses the slots: a limit is 0, for example."""


class ConcurrencySlotAcquisitionService(FutureQueueService["httpx.Response"]):
    """Takes slots of a set of tags.

    Args:
        concurrency_limit_names: The tags.
    """

    def __init__(self, concurrency_limit_names: frozenset[str]) -> None:
        super().__init__(concurrency_limit_names)
        self.concurrency_limit_names = sorted(concurrency_limit_names)

    async def acquire(
        self, task_run_id: UUID, timeout_seconds: float | None = None
    ) -> "httpx.Response":
        """Take a slot of each tag for a task run; returns the server's answer.

        Raises:
            prefect.concurrency.asyncio.AcquireConcurrencySlotTimeoutError: If there were none
                within `timeout_seconds`.
            ConcurrencySlotAcquisitionServiceError: If the server refuses.
        """
        try:
            response: httpx.Response = await acquire_v1_response(
                AsyncioPort(), self.concurrency_limit_names, task_run_id, timeout_seconds
            )
        except ConcurrencySlotAcquisitionError as error:
            raise ConcurrencySlotAcquisitionServiceError(str(error)) from error
        return response

    def _process(self, item: Any) -> "Coroutine[Any, Any, httpx.Response]":
        return self.acquire(*item)
