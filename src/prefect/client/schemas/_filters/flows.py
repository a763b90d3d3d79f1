"""Filters of flows: the conditions, and the filter made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin

__all__ = [
    "FlowFilter",
    "FlowFilterId",
    "FlowFilterName",
    "FlowFilterTags",
]


class FlowFilterId(PrefectBaseModel):
    """Filter flows by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class FlowFilterName(PrefectBaseModel):
    """Filter flows by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class FlowFilterTags(PrefectBaseModel, OperatorMixin):
    """Filter flows by tags."""

    all_: list[str] | None = Field(default=None, description="All of these tags.")
    is_null_: bool | None = Field(default=None, description="True: without tags; false: with tags.")


class FlowFilter(PrefectBaseModel, OperatorMixin):
    """Select flows by all of the parts given, or by any of them."""

    id: FlowFilterId | None = Field(default=None, description="By id.")
    name: FlowFilterName | None = Field(default=None, description="By name.")
    tags: FlowFilterTags | None = Field(default=None, description="By tags.")


publish(
    "prefect.client.schemas.filters",
    FlowFilter,
    FlowFilterId,
    FlowFilterName,
    FlowFilterTags,
)
