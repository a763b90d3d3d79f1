"""Filters of task runs: the conditions, and the filter made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin
from prefect.client.schemas.objects import StateType
from prefect.types._datetime import DateTime

__all__ = [
    "TaskRunFilter",
    "TaskRunFilterEndTime",
    "TaskRunFilterFlowRunId",
    "TaskRunFilterId",
    "TaskRunFilterName",
    "TaskRunFilterStartTime",
    "TaskRunFilterState",
    "TaskRunFilterStateName",
    "TaskRunFilterStateType",
    "TaskRunFilterSubFlowRuns",
    "TaskRunFilterTags",
]


class TaskRunFilterEndTime(PrefectBaseModel):
    """Filter task runs by end time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")
    is_null_: bool | None = Field(default=None, description="True: not ended yet; false: ended.")


class TaskRunFilterFlowRunId(PrefectBaseModel):
    """Filter task runs by the flow run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of flow runs.")
    is_null_: bool = Field(
        default=False, description="True: outside of flow runs; false: within one."
    )


class TaskRunFilterId(PrefectBaseModel):
    """Filter task runs by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class TaskRunFilterName(PrefectBaseModel):
    """Filter task runs by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class TaskRunFilterStartTime(PrefectBaseModel):
    """Filter task runs by start time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")
    is_null_: bool | None = Field(
        default=None, description="True: not started yet; false: started."
    )


class TaskRunFilterStateName(PrefectBaseModel):
    """Filter task runs by state name."""

    any_: list[str] | None = Field(default=None, description="One of these names of states.")


class TaskRunFilterStateType(PrefectBaseModel):
    """Filter task runs by state type."""

    any_: list[StateType] | None = Field(default=None, description="One of these types of states.")


class TaskRunFilterState(PrefectBaseModel, OperatorMixin):
    """Filter task runs by state."""

    type: TaskRunFilterStateType | None = Field(default=None, description="By type of state.")
    name: TaskRunFilterStateName | None = Field(default=None, description="By name of state.")


class TaskRunFilterSubFlowRuns(PrefectBaseModel):
    """Filter task runs by whether they stand for a subflow run."""

    exists_: bool | None = Field(
        default=None, description="True: stands for a subflow run; false: does not."
    )


class TaskRunFilterTags(PrefectBaseModel, OperatorMixin):
    """Filter task runs by tags."""

    all_: list[str] | None = Field(default=None, description="All of these tags.")
    is_null_: bool | None = Field(default=None, description="True: without tags; false: with tags.")


class TaskRunFilter(PrefectBaseModel, OperatorMixin):
    """Select task runs by all of the parts given, or by any of them."""

    id: TaskRunFilterId | None = Field(default=None, description="By id.")
    name: TaskRunFilterName | None = Field(default=None, description="By name.")
    tags: TaskRunFilterTags | None = Field(default=None, description="By tags.")
    state: TaskRunFilterState | None = Field(default=None, description="By state.")
    start_time: TaskRunFilterStartTime | None = Field(default=None, description="By start time.")
    end_time: TaskRunFilterEndTime | None = Field(default=None, description="By end time.")
    subflow_runs: TaskRunFilterSubFlowRuns | None = Field(
        default=None, description="By whether they stand for a subflow run."
    )
    flow_run_id: TaskRunFilterFlowRunId | None = Field(
        default=None, description="By the flow run they belong to."
    )


publish(
    "prefect.client.schemas.filters",
    TaskRunFilter,
    TaskRunFilterEndTime,
    TaskRunFilterFlowRunId,
    TaskRunFilterId,
    TaskRunFilterName,
    TaskRunFilterStartTime,
    TaskRunFilterState,
    TaskRunFilterStateName,
    TaskRunFilterStateType,
    TaskRunFilterSubFlowRuns,
    TaskRunFilterTags,
)
