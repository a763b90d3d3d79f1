"""Flow runs as particular answers of the server hold them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import (
    ObjectBaseModel,
    PrefectBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect._internal.schemas.fields import CreatedBy
from prefect.client.schemas._models._fields import RunName, random_name
from prefect.client.schemas._models.flow_runs import FlowRun, FlowRunPolicy, same_but_estimates
from prefect.client.schemas._models.states import State, StateType
from prefect.types._datetime import DateTime
from prefect.types._labels import KeyValueLabelsField

__all__ = ["FlowRunResponse", "FlowRunSlotSummary", "WorkerFlowRunResponse"]


class FlowRunResponse(ObjectBaseModel):
    """A flow run as some answers of the server hold it."""

    name: RunName = Field(default_factory=random_name)
    flow_id: UUID
    state_id: UUID | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    work_queue_name: str | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    idempotency_key: str | None = None
    context: dict[str, Any] = Field(default_factory=empty_dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    parent_task_run_id: UUID | None = None
    run_count: int = 0
    expected_start_time: DateTime | None = None
    next_scheduled_start_time: DateTime | None = None
    start_time: DateTime | None = None
    end_time: DateTime | None = None
    total_run_time: timedelta = timedelta(0)
    estimated_run_time: timedelta = timedelta(0)
    estimated_start_time_delta: timedelta = timedelta(0)
    auto_scheduled: bool = False
    infrastructure_document_id: UUID | None = None
    infrastructure_pid: str | None = None
    created_by: CreatedBy | None = None
    work_queue_id: UUID | None = None
    work_pool_id: UUID | None
    work_pool_name: str | None = None
    state: State | None = None
    job_variables: dict[str, Any] | None = None
    state_type: StateType | None = None
    state_name: str | None = None

    def __eq__(self, other: Any) -> bool:
        """Compare without the server's estimates, which change from one reading to the next."""
        return same_but_estimates(self, other, FlowRunResponse)


class WorkerFlowRunResponse(PrefectBaseModel):
    """A scheduled flow run as a worker is given it."""

    work_pool_id: UUID
    work_queue_id: UUID
    flow_run: FlowRun


class FlowRunSlotSummary(PrefectBaseModel):
    """A flow run that takes a slot of a work queue or pool."""

    id: UUID
    name: str
    state_type: StateType | None = None
    state_name: str | None = None
    start_time: DateTime | None = None
    state_timestamp: DateTime | None = None
    time_in_current_state: timedelta | None = None


publish(
    "prefect.client.schemas.responses", FlowRunResponse, FlowRunSlotSummary, WorkerFlowRunResponse
)
