"""Filters of flow runs: the conditions, and the filter made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import publish
from prefect.client.schemas._filters._operators import OperatorMixin, _FlowRunFilterBaseModel
from prefect.client.schemas.objects import StateType
from prefect.types._datetime import DateTime

__all__ = [
    "FlowRunFilter",
    "FlowRunFilterCreatedBy",
    "FlowRunFilterDeploymentId",
    "FlowRunFilterEndTime",
    "FlowRunFilterExpectedStartTime",
    "FlowRunFilterFlowVersion",
    "FlowRunFilterId",
    "FlowRunFilterIdempotencyKey",
    "FlowRunFilterName",
    "FlowRunFilterNextScheduledStartTime",
    "FlowRunFilterParentFlowRunId",
    "FlowRunFilterParentTaskRunId",
    "FlowRunFilterStartTime",
    "FlowRunFilterState",
    "FlowRunFilterStateName",
    "FlowRunFilterStateType",
    "FlowRunFilterTags",
    "FlowRunFilterWorkQueueName",
]


class FlowRunFilterCreatedBy(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by who or what created them."""

    id_: list[UUID] | None = Field(default=None, description="Created by one of these, by id.")
    type_: list[str] | None = Field(
        default=None, description="Created by one of these kinds, e.g. `DEPLOYMENT`."
    )
    is_null_: bool | None = Field(default=None, description="True: creator unknown; false: known.")


class FlowRunFilterDeploymentId(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by deployment."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of deployments.")
    is_null_: bool | None = Field(
        default=None, description="True: without a deployment; false: with one."
    )


class FlowRunFilterEndTime(_FlowRunFilterBaseModel):
    """Filter flow runs by end time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")
    is_null_: bool | None = Field(default=None, description="True: not ended yet; false: ended.")


class FlowRunFilterExpectedStartTime(_FlowRunFilterBaseModel):
    """Filter flow runs by expected start time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")


class FlowRunFilterFlowVersion(_FlowRunFilterBaseModel):
    """Filter flow runs by version of the flow."""

    any_: list[str] | None = Field(default=None, description="One of these versions.")


class FlowRunFilterId(_FlowRunFilterBaseModel):
    """Filter flow runs by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")
    not_any_: list[UUID] | None = Field(default=None, description="None of these ids.")


class FlowRunFilterIdempotencyKey(_FlowRunFilterBaseModel):
    """Filter flow runs by idempotency key."""

    any_: list[str] | None = Field(default=None, description="One of these idempotency keys.")
    not_any_: list[str] | None = Field(default=None, description="None of these idempotency keys.")


class FlowRunFilterName(_FlowRunFilterBaseModel):
    """Filter flow runs by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class FlowRunFilterNextScheduledStartTime(_FlowRunFilterBaseModel):
    """Filter flow runs by next scheduled start time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")


class FlowRunFilterParentFlowRunId(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by parent flow run."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of flow runs.")


class FlowRunFilterParentTaskRunId(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by parent task run."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of task runs.")
    is_null_: bool | None = Field(
        default=None, description="True: not started by a task run; false: started by one."
    )


class FlowRunFilterStartTime(_FlowRunFilterBaseModel):
    """Filter flow runs by start time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")
    is_null_: bool | None = Field(
        default=None, description="True: not started yet; false: started."
    )


class FlowRunFilterStateName(_FlowRunFilterBaseModel):
    """Filter flow runs by state name."""

    any_: list[str] | None = Field(default=None, description="One of these names of states.")
    not_any_: list[str] | None = Field(default=None, description="None of these names of states.")


class FlowRunFilterStateType(_FlowRunFilterBaseModel):
    """Filter flow runs by state type."""

    any_: list[StateType] | None = Field(default=None, description="One of these types of states.")
    not_any_: list[StateType] | None = Field(
        default=None, description="None of these types of states."
    )


class FlowRunFilterState(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by state."""

    type: FlowRunFilterStateType | None = Field(default=None, description="By type of state.")
    name: FlowRunFilterStateName | None = Field(default=None, description="By name of state.")


class FlowRunFilterTags(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by tags."""

    all_: list[str] | None = Field(default=None, description="All of these tags.")
    any_: list[str] | None = Field(default=None, description="One of these tags.")
    is_null_: bool | None = Field(default=None, description="True: without tags; false: with tags.")


class FlowRunFilterWorkQueueName(_FlowRunFilterBaseModel, OperatorMixin):
    """Filter flow runs by the name of their work queue."""

    any_: list[str] | None = Field(default=None, description="One of these names of work queues.")
    is_null_: bool | None = Field(
        default=None, description="True: without a work queue; false: with one."
    )


class FlowRunFilter(_FlowRunFilterBaseModel, OperatorMixin):
    """Select flow runs by all of the parts given, or by any of them."""

    id: FlowRunFilterId | None = Field(default=None, description="By id.")
    name: FlowRunFilterName | None = Field(default=None, description="By name.")
    tags: FlowRunFilterTags | None = Field(default=None, description="By tags.")
    deployment_id: FlowRunFilterDeploymentId | None = Field(
        default=None, description="By deployment."
    )
    work_queue_name: FlowRunFilterWorkQueueName | None = Field(
        default=None, description="By the name of their work queue."
    )
    state: FlowRunFilterState | None = Field(default=None, description="By state.")
    flow_version: FlowRunFilterFlowVersion | None = Field(
        default=None, description="By version of the flow."
    )
    start_time: FlowRunFilterStartTime | None = Field(default=None, description="By start time.")
    end_time: FlowRunFilterEndTime | None = Field(default=None, description="By end time.")
    expected_start_time: FlowRunFilterExpectedStartTime | None = Field(
        default=None, description="By expected start time."
    )
    next_scheduled_start_time: FlowRunFilterNextScheduledStartTime | None = Field(
        default=None, description="By next scheduled start time."
    )
    parent_flow_run_id: FlowRunFilterParentFlowRunId | None = Field(
        default=None, description="By parent flow run."
    )
    parent_task_run_id: FlowRunFilterParentTaskRunId | None = Field(
        default=None, description="By parent task run."
    )
    idempotency_key: FlowRunFilterIdempotencyKey | None = Field(
        default=None, description="By idempotency key."
    )
    created_by: FlowRunFilterCreatedBy | None = Field(
        default=None, description="By who or what created them."
    )


publish(
    "prefect.client.schemas.filters",
    FlowRunFilter,
    FlowRunFilterCreatedBy,
    FlowRunFilterDeploymentId,
    FlowRunFilterEndTime,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterFlowVersion,
    FlowRunFilterId,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterName,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterParentTaskRunId,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    FlowRunFilterWorkQueueName,
)
