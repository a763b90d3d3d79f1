"""Flow runs: the runs themselves, what they need of people (inputs), and how they are created."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    TimeSeriesBaseModel,
    publish,
)
from prefect._internal.schemas.fields import CreatedBy
from prefect.client.schemas._models._fields import RunName
from prefect.client.schemas._models.states import State, StateCreate, StateType
from prefect.types._datetime import DateTime
from prefect.types._labels import KeyValueLabelsField

__all__ = [
    "DeploymentFlowRunCreate",
    "FlowRun",
    "FlowRunCreate",
    "FlowRunPolicy",
    "FlowRunResponse",
    "FlowRunSlotSummary",
    "FlowRunUpdate",
    "WorkerFlowRunResponse",
]

_ESTIMATES = ("estimated_run_time", "estimated_start_time_delta")


class FlowRunPolicy(PrefectBaseModel):
    """How often a flow run is tried again, and its pauses."""

    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: int | None = None
    pause_keys: set[str] | None = Field(default_factory=set)
    resuming: bool | None = False
    retry_type: Literal["in_process", "reschedule"] | None = None

    @model_validator(mode="after")
    def _take_old_names(self) -> Self:
        if self.retries is None and self.max_retries:
            self.retries = self.max_retries
        if self.retry_delay is None and self.retry_delay_seconds:
            self.retry_delay = int(self.retry_delay_seconds)
        return self


class FlowRun(TimeSeriesBaseModel, ObjectBaseModel):
    """One execution of a flow."""

    name: RunName
    flow_id: UUID
    state_id: UUID | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    work_queue_name: str | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    idempotency_key: str | None = None
    context: dict[str, Any] = Field(default_factory=dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabelsField
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
    work_pool_id: UUID | None = None
    work_pool_name: str | None = None
    state: State | None = None
    job_variables: dict[str, Any] | None = None
    state_type: StateType | None = None
    state_name: str | None = None

    def __eq__(self, other: Any) -> bool:
        """Compare without the server's estimates, which change from one reading to the next."""
        return _same_but_estimates(self, other, FlowRun)


class FlowRunResponse(ObjectBaseModel):
    """A flow run as some answers of the server hold it."""

    name: RunName
    flow_id: UUID
    state_id: UUID | None = None
    deployment_id: UUID | None = None
    deployment_version: str | None = None
    work_queue_name: str | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    idempotency_key: str | None = None
    context: dict[str, Any] = Field(default_factory=dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    labels: KeyValueLabelsField
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
        return _same_but_estimates(self, other, FlowRunResponse)


def _same_but_estimates(run: ObjectBaseModel, other: Any, kind: type[ObjectBaseModel]) -> bool:
    if not isinstance(other, kind):
        return False
    mine, theirs = dict(run.__dict__), dict(other.__dict__)
    for name in _ESTIMATES:
        mine.pop(name, None)
        theirs.pop(name, None)
    return mine == theirs


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


class FlowRunCreate(ActionBaseModel):
    """Create a flow run of a flow."""

    state: StateCreate | None = None
    name: str | None = None
    flow_id: UUID
    deployment_id: UUID | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    context: dict[str, Any] = Field(default_factory=dict)
    parent_task_run_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    idempotency_key: str | None = None
    labels: KeyValueLabelsField
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: dict[str, Any] | None = None


class DeploymentFlowRunCreate(ActionBaseModel):
    """Create a flow run of a deployment."""

    state: StateCreate | None = None
    name: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    enforce_parameter_schema: bool | None = None
    context: dict[str, Any] = Field(default_factory=dict)
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    idempotency_key: str | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: str | None = None
    job_variables: dict[str, Any] | None = None
    labels: KeyValueLabelsField


class FlowRunUpdate(ActionBaseModel):
    """Change a flow run."""

    name: str | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] | None = Field(default_factory=dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=list)
    infrastructure_pid: str | None = None
    job_variables: dict[str, Any] | None = None


publish("prefect.client.schemas.objects", FlowRunPolicy, FlowRun)
publish(
    "prefect.client.schemas.responses", FlowRunResponse, FlowRunSlotSummary, WorkerFlowRunResponse
)
publish("prefect.client.schemas.actions", FlowRunCreate, DeploymentFlowRunCreate, FlowRunUpdate)
