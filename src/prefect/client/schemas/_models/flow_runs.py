"""Flow runs.

Their answers and request bodies have modules of their own, because most processes need only some.
"""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import (
    ObjectBaseModel,
    PrefectBaseModel,
    TimeSeriesBaseModel,
    empty_dict,
    empty_list,
    empty_set,
    publish,
)
from prefect._internal.schemas.fields import CreatedBy
from prefect.client.schemas._models._fields import RunName, random_name
from prefect.client.schemas._models.states import State, StateType
from prefect.types._datetime import DateTime
from prefect.types._labels import KeyValueLabelsField

__all__ = ["FlowRun", "FlowRunPolicy"]

_ESTIMATES = ("estimated_run_time", "estimated_start_time_delta")


class FlowRunPolicy(PrefectBaseModel):
    """How often a flow run is tried again, and its pauses."""

    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: int | None = None
    pause_keys: set[str] | None = Field(default_factory=empty_set)
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
    work_pool_id: UUID | None = None
    work_pool_name: str | None = None
    state: State | None = None
    job_variables: dict[str, Any] | None = None
    state_type: StateType | None = None
    state_name: str | None = None

    def __eq__(self, other: Any) -> bool:
        """Compare without the server's estimates, which change from one reading to the next."""
        return same_but_estimates(self, other, FlowRun)


def same_but_estimates(run: ObjectBaseModel, other: Any, kind: type[ObjectBaseModel]) -> bool:
    """Compare two runs without the server's estimates, which change with every reading."""
    if not isinstance(other, kind):
        return False
    mine, theirs = dict(run.__dict__), dict(other.__dict__)
    for name in _ESTIMATES:
        mine.pop(name, None)
        theirs.pop(name, None)
    return mine == theirs


publish("prefect.client.schemas.objects", FlowRunPolicy, FlowRun)
