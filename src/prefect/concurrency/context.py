"""What is left to be given back when a run ends."""

from contextvars import ContextVar
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from prefect._context_model import ContextModel
from prefect._internal.schemas.bases import empty_list
from prefect.client._faces import blocked
from prefect.logging.loggers import get_logger

__all__ = ["ConcurrencyContext"]


class ConcurrencyContext(ContextModel):
    """Around a run: collects leases that could not be given back when the run was cancelled.

    Attributes:
        cleanup_lease_ids: The leases; given back when the context is left.
    """

    __var__: ClassVar[ContextVar[Any]] = ContextVar("concurrency")

    cleanup_lease_ids: list[UUID] = Field(default_factory=empty_list)

    def __exit__(self, *exc_info: Any) -> None:
        """Give back what was left, and leave the context."""
        for lease_id in self.cleanup_lease_ids:
            try:
                blocked(partial(_release, lease_id))
            except Exception as error:
                # A boundary: the run has ended, and the lease runs out by itself.
                get_logger("concurrency").warning(
                    "The slots of lease '%s' could not be given back (%s).", lease_id, error
                )
        super().__exit__(*exc_info)


async def _release(lease_id: UUID, api: Any) -> None:
    await api.release_concurrency_slots_with_lease(lease_id)
