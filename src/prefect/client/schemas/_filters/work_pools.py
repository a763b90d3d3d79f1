"""Filters of work pools, work queues and workers: the conditions, and the filters made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin
from prefect.types._datetime import DateTime

__all__ = [
    "WorkPoolFilter",
    "WorkPoolFilterId",
    "WorkPoolFilterName",
    "WorkPoolFilterType",
    "WorkQueueFilter",
    "WorkQueueFilterId",
    "WorkQueueFilterName",
    "WorkerFilter",
    "WorkerFilterLastHeartbeatTime",
    "WorkerFilterStatus",
    "WorkerFilterWorkPoolId",
]


class WorkPoolFilterId(PrefectBaseModel):
    """Filter work pools by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class WorkPoolFilterName(PrefectBaseModel):
    """Filter work pools by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")


class WorkPoolFilterType(PrefectBaseModel):
    """Filter work pools by type."""

    any_: list[str] | None = Field(default=None, description="One of these types.")


class WorkPoolFilter(PrefectBaseModel, OperatorMixin):
    """Select work pools by all of the parts given, or by any of them."""

    id: WorkPoolFilterId | None = Field(default=None, description="By id.")
    name: WorkPoolFilterName | None = Field(default=None, description="By name.")
    type: WorkPoolFilterType | None = Field(default=None, description="By type.")


class WorkQueueFilterId(PrefectBaseModel):
    """Filter work queues by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class WorkQueueFilterName(PrefectBaseModel):
    """Filter work queues by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    startswith_: list[str] | None = Field(default=None, description="Begins with one of these.")


class WorkQueueFilter(PrefectBaseModel, OperatorMixin):
    """Select work queues by all of the parts given, or by any of them."""

    id: WorkQueueFilterId | None = Field(default=None, description="By id.")
    name: WorkQueueFilterName | None = Field(default=None, description="By name.")


class WorkerFilterLastHeartbeatTime(PrefectBaseModel):
    """Filter workers by last heartbeat."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")


class WorkerFilterStatus(PrefectBaseModel):
    """Filter workers by status."""

    any_: list[str] | None = Field(default=None, description="One of these statuses.")
    not_any_: list[str] | None = Field(default=None, description="None of these statuses.")


class WorkerFilter(PrefectBaseModel, OperatorMixin):
    """Select workers by all of the parts given, or by any of them."""

    last_heartbeat_time: WorkerFilterLastHeartbeatTime | None = Field(
        default=None, description="By last heartbeat."
    )
    status: WorkerFilterStatus | None = Field(default=None, description="By status.")


class WorkerFilterWorkPoolId(PrefectBaseModel):
    """Filter workers by work pool."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of work pools.")


publish(
    "prefect.client.schemas.filters",
    WorkPoolFilter,
    WorkPoolFilterId,
    WorkPoolFilterName,
    WorkPoolFilterType,
    WorkQueueFilter,
    WorkQueueFilterId,
    WorkQueueFilterName,
    WorkerFilter,
    WorkerFilterLastHeartbeatTime,
    WorkerFilterStatus,
    WorkerFilterWorkPoolId,
)
