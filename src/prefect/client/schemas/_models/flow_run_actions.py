"""Request bodies that create and change flow runs."""

from typing import Any
from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect.client.schemas._models.flow_runs import FlowRunPolicy
from prefect.client.schemas._models.states import StateCreate
from prefect.types._labels import KeyValueLabelsField

__all__ = ["DeploymentFlowRunCreate", "FlowRunCreate", "FlowRunUpdate"]


class FlowRunCreate(ActionBaseModel):
    """Create a flow run of a flow."""

    state: StateCreate | None = None
    name: str | None = None
    flow_id: UUID
    deployment_id: UUID | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    context: dict[str, Any] = Field(default_factory=empty_dict)
    parent_task_run_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=empty_list)
    idempotency_key: str | None = None
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    work_pool_name: str | None = None
    work_queue_name: str | None = None
    job_variables: dict[str, Any] | None = None


class DeploymentFlowRunCreate(ActionBaseModel):
    """Create a flow run of a deployment."""

    state: StateCreate | None = None
    name: str | None = None
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    enforce_parameter_schema: bool | None = None
    context: dict[str, Any] = Field(default_factory=empty_dict)
    infrastructure_document_id: UUID | None = None
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=empty_list)
    idempotency_key: str | None = None
    parent_task_run_id: UUID | None = None
    work_queue_name: str | None = None
    job_variables: dict[str, Any] | None = None
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)


class FlowRunUpdate(ActionBaseModel):
    """Change a flow run."""

    name: str | None = None
    flow_version: str | None = None
    parameters: dict[str, Any] | None = Field(default_factory=empty_dict)
    empirical_policy: FlowRunPolicy = Field(default_factory=FlowRunPolicy)
    tags: list[str] = Field(default_factory=empty_list)
    infrastructure_pid: str | None = None
    job_variables: dict[str, Any] | None = None


publish("prefect.client.schemas.actions", FlowRunCreate, DeploymentFlowRunCreate, FlowRunUpdate)
