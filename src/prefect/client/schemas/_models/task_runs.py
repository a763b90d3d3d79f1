"""Task runs, and how they are created."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    TimeSeriesBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect.client.schemas._models._fields import RunName, random_name
from prefect.client.schemas._models.run_inputs import (
    Constant,
    FlowRunResult,
    Parameter,
    TaskRunResult,
)
from prefect.client.schemas._models.states import State, StateCreate, StateType
from prefect.types._datetime import DateTime
from prefect.types._labels import KeyValueLabelsField

__all__ = ["TaskRun", "TaskRunCreate", "TaskRunPolicy", "TaskRunUpdate"]

_MAX_RETRY_DELAYS = 50
"""The server's limit."""


def _check_retry_delay(value: Any) -> Any:
    if isinstance(value, list) and len(value) > _MAX_RETRY_DELAYS:
        raise ValueError(
            f"A task may have up to {_MAX_RETRY_DELAYS} retry delays, not {len(value)}."
        )
    return value


def _check_jitter(value: float | None) -> float | None:
    if value is not None and value < 0:
        raise ValueError(f"`retry_jitter_factor` may not be negative, but it is {value}.")
    return value


class TaskRunPolicy(PrefectBaseModel):
    """How often a task run is tried again, and when."""

    max_retries: int = 0
    retry_delay_seconds: float = 0
    retries: int | None = None
    retry_delay: Annotated[
        int | float | list[int] | list[float] | None, AfterValidator(_check_retry_delay)
    ] = None
    retry_jitter_factor: Annotated[float | None, AfterValidator(_check_jitter)] = None

    @model_validator(mode="after")
    def _take_old_names(self) -> Self:
        if self.retries is None and self.max_retries:
            self.retries = self.max_retries
        if self.retry_delay is None and self.retry_delay_seconds:
            self.retry_delay = int(self.retry_delay_seconds)
        return self


TaskInputs = dict[str, list[TaskRunResult | FlowRunResult | Parameter | Constant]]


class TaskRun(TimeSeriesBaseModel, ObjectBaseModel):
    """One execution of a task."""

    name: RunName = Field(default_factory=random_name)
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: DateTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    state_id: UUID | None = None
    task_inputs: TaskInputs = Field(default_factory=empty_dict)
    state_type: StateType | None = None
    state_name: str | None = None
    run_count: int = 0
    flow_run_run_count: int = 0
    expected_start_time: DateTime | None = None
    next_scheduled_start_time: DateTime | None = None
    start_time: DateTime | None = None
    end_time: DateTime | None = None
    total_run_time: timedelta = timedelta(0)
    estimated_run_time: timedelta = timedelta(0)
    estimated_start_time_delta: timedelta = timedelta(0)
    state: State | None = None


class TaskRunCreate(ActionBaseModel):
    """Create a task run."""

    id: UUID | None = None
    state: StateCreate | None = None
    name: str | None = None
    flow_run_id: UUID | None = None
    task_key: str
    dynamic_key: str
    cache_key: str | None = None
    cache_expiration: DateTime | None = None
    task_version: str | None = None
    empirical_policy: TaskRunPolicy = Field(default_factory=TaskRunPolicy)
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    task_inputs: TaskInputs = Field(default_factory=empty_dict)


class TaskRunUpdate(ActionBaseModel):
    """Change a task run."""

    name: str | None = None


publish("prefect.client.schemas.objects", TaskRunPolicy, TaskRun)
publish("prefect.client.schemas.actions", TaskRunCreate, TaskRunUpdate)
