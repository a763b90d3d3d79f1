"""What is left to be given back when a task run ends."""

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
    """Around a task run: collects slots that could not be given back when it was cancelled.

    Attributes:
        cleanup_slots: Tags, seconds the slots were held, task run; given back when the context
            is left.
    """

    __var__: ClassVar[ContextVar[Any]] = ContextVar("concurrency_v1")

    cleanup_slots: list[tuple[list[str], float, UUID]] = Field(default_factory=empty_list)

    def __exit__(self, *exc_info: Any) -> None:
        """Give back what was left, and leave the context."""
        for slots in self.cleanup_slots:
            try:
                blocked(partial(_release, slots))
            except Exception as error:
                # A boundary: the run has ended.
                get_logger("concurrency").warning(
                    "The slots of the tags %s could not be given back for task run '%s' (%s).",
                    ", ".join(map(repr, slots[0])),
                    slots[2],
                    error,
                )
        super().__exit__(*exc_info)


async def _release(slots: tuple[list[str], float, UUID], api: Any) -> None:
    names, occupancy_seconds, task_run_id = slots
    await api.decrement_v1_concurrency_slots(names, task_run_id, occupancy_seconds)
