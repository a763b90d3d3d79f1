"""Who holds a slot of a concurrency limit."""

from typing import Literal
from uuid import UUID

from prefect._internal.schemas.bases import StrictBaseModel

__all__ = ["ConcurrencyLeaseHolder"]


class ConcurrencyLeaseHolder(StrictBaseModel):
    """The run or deployment on whose behalf slots are taken."""

    type: Literal["flow_run", "task_run", "deployment"]
    id: UUID
