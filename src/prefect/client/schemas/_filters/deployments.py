"""Filters of deployments: the conditions, and the filter made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin

__all__ = [
    "DeploymentFilter",
    "DeploymentFilterConcurrencyLimit",
    "DeploymentFilterId",
    "DeploymentFilterName",
    "DeploymentFilterTags",
    "DeploymentFilterWorkQueueName",
]


class DeploymentFilterConcurrencyLimit(PrefectBaseModel):
    """Filter deployments by concurrency limit."""

    ge_: int | None = Field(default=None, description="At least this.")
    le_: int | None = Field(default=None, description="At most this.")
    is_null_: bool | None = Field(
        default=None, description="True: without a limit; false: with one."
    )


class DeploymentFilterId(PrefectBaseModel):
    """Filter deployments by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")
    not_any_: list[UUID] | None = Field(default=None, description="None of these ids.")


class DeploymentFilterName(PrefectBaseModel):
    """Filter deployments by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class DeploymentFilterTags(PrefectBaseModel, OperatorMixin):
    """Filter deployments by tags."""

    all_: list[str] | None = Field(default=None, description="All of these tags.")
    any_: list[str] | None = Field(default=None, description="One of these tags.")
    is_null_: bool | None = Field(default=None, description="True: without tags; false: with tags.")


class DeploymentFilterWorkQueueName(PrefectBaseModel):
    """Filter deployments by the name of their work queue."""

    any_: list[str] | None = Field(default=None, description="One of these names of work queues.")


class DeploymentFilter(PrefectBaseModel, OperatorMixin):
    """Select deployments by all of the parts given, or by any of them."""

    id: DeploymentFilterId | None = Field(default=None, description="By id.")
    name: DeploymentFilterName | None = Field(default=None, description="By name.")
    tags: DeploymentFilterTags | None = Field(default=None, description="By tags.")
    work_queue_name: DeploymentFilterWorkQueueName | None = Field(
        default=None, description="By the name of their work queue."
    )
    concurrency_limit: DeploymentFilterConcurrencyLimit | None = Field(
        default=None, description="By concurrency limit."
    )


publish(
    "prefect.client.schemas.filters",
    DeploymentFilter,
    DeploymentFilterConcurrencyLimit,
    DeploymentFilterId,
    DeploymentFilterName,
    DeploymentFilterTags,
    DeploymentFilterWorkQueueName,
)
