"""Filters of artifacts and artifact collections: the conditions, and the filters made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin

__all__ = [
    "ArtifactCollectionFilter",
    "ArtifactCollectionFilterFlowRunId",
    "ArtifactCollectionFilterKey",
    "ArtifactCollectionFilterLatestId",
    "ArtifactCollectionFilterTaskRunId",
    "ArtifactCollectionFilterType",
    "ArtifactFilter",
    "ArtifactFilterFlowRunId",
    "ArtifactFilterId",
    "ArtifactFilterKey",
    "ArtifactFilterTaskRunId",
    "ArtifactFilterType",
]


class ArtifactCollectionFilterFlowRunId(PrefectBaseModel):
    """Filter artifact collections by the flow run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of flow runs.")


class ArtifactCollectionFilterKey(PrefectBaseModel):
    """Filter artifact collections by key."""

    any_: list[str] | None = Field(default=None, description="One of these keys.")
    like_: str | None = Field(
        default=None, description="A part of the key, upper and lower case alike."
    )
    exists_: bool | None = Field(default=None, description="True: with a key; false: without one.")


class ArtifactCollectionFilterLatestId(PrefectBaseModel):
    """Filter artifact collections by the id of their latest artifact."""

    any_: list[UUID] | None = Field(default=None, description="One of these artifact ids.")


class ArtifactCollectionFilterTaskRunId(PrefectBaseModel):
    """Filter artifact collections by the task run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of task runs.")


class ArtifactCollectionFilterType(PrefectBaseModel):
    """Filter artifact collections by type."""

    any_: list[str] | None = Field(default=None, description="One of these types.")
    not_any_: list[str] | None = Field(default=None, description="None of these types.")


class ArtifactCollectionFilter(PrefectBaseModel, OperatorMixin):
    """Select artifact collections by all of the parts given, or by any of them."""

    latest_id: ArtifactCollectionFilterLatestId | None = Field(
        default=None, description="By the id of their latest artifact."
    )
    key: ArtifactCollectionFilterKey | None = Field(default=None, description="By key.")
    flow_run_id: ArtifactCollectionFilterFlowRunId | None = Field(
        default=None, description="By the flow run they belong to."
    )
    task_run_id: ArtifactCollectionFilterTaskRunId | None = Field(
        default=None, description="By the task run they belong to."
    )
    type: ArtifactCollectionFilterType | None = Field(default=None, description="By type.")


class ArtifactFilterFlowRunId(PrefectBaseModel):
    """Filter artifacts by the flow run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of flow runs.")


class ArtifactFilterId(PrefectBaseModel):
    """Filter artifacts by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class ArtifactFilterKey(PrefectBaseModel):
    """Filter artifacts by key."""

    any_: list[str] | None = Field(default=None, description="One of these keys.")
    like_: str | None = Field(
        default=None, description="A part of the key, upper and lower case alike."
    )
    exists_: bool | None = Field(default=None, description="True: with a key; false: without one.")


class ArtifactFilterTaskRunId(PrefectBaseModel):
    """Filter artifacts by the task run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of task runs.")


class ArtifactFilterType(PrefectBaseModel):
    """Filter artifacts by type."""

    any_: list[str] | None = Field(default=None, description="One of these types.")
    not_any_: list[str] | None = Field(default=None, description="None of these types.")


class ArtifactFilter(PrefectBaseModel, OperatorMixin):
    """Select artifacts by all of the parts given, or by any of them."""

    id: ArtifactFilterId | None = Field(default=None, description="By id.")
    key: ArtifactFilterKey | None = Field(default=None, description="By key.")
    flow_run_id: ArtifactFilterFlowRunId | None = Field(
        default=None, description="By the flow run they belong to."
    )
    task_run_id: ArtifactFilterTaskRunId | None = Field(
        default=None, description="By the task run they belong to."
    )
    type: ArtifactFilterType | None = Field(default=None, description="By type.")


publish(
    "prefect.client.schemas.filters",
    ArtifactCollectionFilter,
    ArtifactCollectionFilterFlowRunId,
    ArtifactCollectionFilterKey,
    ArtifactCollectionFilterLatestId,
    ArtifactCollectionFilterTaskRunId,
    ArtifactCollectionFilterType,
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterId,
    ArtifactFilterKey,
    ArtifactFilterTaskRunId,
    ArtifactFilterType,
)
