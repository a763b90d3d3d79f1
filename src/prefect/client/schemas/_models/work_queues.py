"""Work queues: the lanes of a work pool, each with a priority and a limit."""

import datetime
from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    empty_list,
    publish,
)
from prefect.client.schemas._models.flow_run_responses import FlowRunSlotSummary
from prefect.types._datetime import DateTime, as_aware, now
from prefect.types._enums import AutoEnum
from prefect.types._fields import NonNegativeInteger, PositiveInteger
from prefect.types.names import Name

__all__ = [
    "QueueFilter",
    "WorkQueue",
    "WorkQueueConcurrencyStatus",
    "WorkQueueConcurrencyStatusDetail",
    "WorkQueueCreate",
    "WorkQueueHealthPolicy",
    "WorkQueueStatus",
    "WorkQueueStatusDetail",
    "WorkQueueUpdate",
]


class WorkQueueStatus(AutoEnum):
    """Whether a work queue is polled."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"


class QueueFilter(PrefectBaseModel):
    """Which runs an old kind of queue held."""

    tags: list[str] | None = None
    deployment_ids: list[UUID] | None = None


class WorkQueueHealthPolicy(PrefectBaseModel):
    """When a work queue counts as healthy."""

    maximum_late_runs: int | None = 0
    maximum_seconds_since_last_polled: int | None = 60

    def evaluate_health_status(
        self, late_runs_count: int, last_polled: datetime.datetime | None = None
    ) -> bool:
        """Say whether a queue is healthy.

        Args:
            late_runs_count: Its runs that should have started.
            last_polled: When somebody last asked for its runs; None for never.
        """
        if self.maximum_late_runs is not None and late_runs_count > self.maximum_late_runs:
            return False
        if self.maximum_seconds_since_last_polled is not None:
            if last_polled is None:
                return False
            age_seconds = (now() - as_aware(last_polled)).total_seconds()
            return age_seconds <= self.maximum_seconds_since_last_polled
        return True


class WorkQueue(ObjectBaseModel):
    """A work queue."""

    name: Name
    description: str | None = ""
    is_paused: bool = False
    concurrency_limit: NonNegativeInteger | None = None
    priority: PositiveInteger = 1
    work_pool_name: str | None = None
    work_pool_id: UUID | None
    filter: QueueFilter | None = None
    last_polled: DateTime | None = None
    status: WorkQueueStatus | None = None
    active_slots: int | None = None


class WorkQueueStatusDetail(PrefectBaseModel):
    """How a work queue is doing."""

    healthy: bool
    late_runs_count: int = 0
    last_polled: DateTime | None = None
    health_check_policy: WorkQueueHealthPolicy


class WorkQueueConcurrencyStatusDetail(PrefectBaseModel):
    """How a queue's slots are taken, as part of its work pool's answer."""

    queue_id: UUID
    queue_name: str
    active_slots: int
    concurrency_limit: int | None = None
    flow_runs: list[FlowRunSlotSummary] = Field(default_factory=empty_list)
    flow_run_count: int | None = None


class WorkQueueConcurrencyStatus(PrefectBaseModel):
    """How a work queue's slots are taken, one page of runs at a time."""

    active_slots: int
    concurrency_limit: int | None = None
    flow_runs: list[FlowRunSlotSummary] = Field(default_factory=empty_list)
    count: int
    limit: int
    pages: int
    page: int


class WorkQueueCreate(ActionBaseModel):
    """Create a work queue."""

    name: str
    description: str | None = None
    is_paused: bool = False
    concurrency_limit: NonNegativeInteger | None = None
    priority: PositiveInteger | None = None
    filter: QueueFilter | None = None


class WorkQueueUpdate(ActionBaseModel):
    """Change a work queue."""

    name: str | None = None
    description: str | None = None
    is_paused: bool = False
    concurrency_limit: NonNegativeInteger | None = None
    priority: PositiveInteger | None = None
    last_polled: DateTime | None = None
    filter: QueueFilter | None = None


publish(
    "prefect.client.schemas.objects",
    WorkQueueStatus,
    QueueFilter,
    WorkQueueHealthPolicy,
    WorkQueue,
    WorkQueueStatusDetail,
)
publish(
    "prefect.client.schemas.responses",
    WorkQueueConcurrencyStatusDetail,
    WorkQueueConcurrencyStatus,
)
publish("prefect.client.schemas.actions", WorkQueueCreate, WorkQueueUpdate)
