"""Filters of variables: the conditions, and the filter made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin

__all__ = [
    "VariableFilter",
    "VariableFilterId",
    "VariableFilterName",
    "VariableFilterTags",
]


class VariableFilterId(PrefectBaseModel):
    """Filter variables by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class VariableFilterName(PrefectBaseModel):
    """Filter variables by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class VariableFilterTags(PrefectBaseModel, OperatorMixin):
    """Filter variables by tags."""

    all_: list[str] | None = Field(default=None, description="All of these tags.")
    is_null_: bool | None = Field(default=None, description="True: without tags; false: with tags.")


class VariableFilter(PrefectBaseModel, OperatorMixin):
    """Select variables by all of the parts given, or by any of them."""

    id: VariableFilterId | None = Field(default=None, description="By id.")
    name: VariableFilterName | None = Field(default=None, description="By name.")
    tags: VariableFilterTags | None = Field(default=None, description="By tags.")


publish(
    "prefect.client.schemas.filters",
    VariableFilter,
    VariableFilterId,
    VariableFilterName,
    VariableFilterTags,
)
