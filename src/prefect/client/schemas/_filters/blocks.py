"""Filters of block documents, schemas and types: the conditions, and the filters made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin

__all__ = [
    "BlockDocumentFilter",
    "BlockDocumentFilterBlockTypeId",
    "BlockDocumentFilterId",
    "BlockDocumentFilterIsAnonymous",
    "BlockDocumentFilterName",
    "BlockSchemaFilter",
    "BlockSchemaFilterBlockTypeId",
    "BlockSchemaFilterCapabilities",
    "BlockSchemaFilterId",
    "BlockSchemaFilterVersion",
    "BlockTypeFilter",
    "BlockTypeFilterName",
    "BlockTypeFilterSlug",
]


class BlockDocumentFilterBlockTypeId(PrefectBaseModel):
    """Filter block documents by block type."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of block types.")


class BlockDocumentFilterId(PrefectBaseModel):
    """Filter block documents by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class BlockDocumentFilterIsAnonymous(PrefectBaseModel):
    """Filter block documents by whether they are anonymous."""

    eq_: bool | None = Field(
        default=None, description="True: only anonymous ones; false: none of them; null: both."
    )


class BlockDocumentFilterName(PrefectBaseModel):
    """Filter block documents by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")
    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class BlockDocumentFilter(PrefectBaseModel, OperatorMixin):
    """Select block documents by all of the parts given, or by any of them."""

    id: BlockDocumentFilterId | None = Field(default=None, description="By id.")
    is_anonymous: BlockDocumentFilterIsAnonymous | None = Field(
        default_factory=lambda: BlockDocumentFilterIsAnonymous(eq_=False),
        description="By whether they are anonymous.",
    )
    block_type_id: BlockDocumentFilterBlockTypeId | None = Field(
        default=None, description="By block type."
    )
    name: BlockDocumentFilterName | None = Field(default=None, description="By name.")


class BlockSchemaFilterBlockTypeId(PrefectBaseModel):
    """Filter block schemas by block type."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of block types.")


class BlockSchemaFilterCapabilities(PrefectBaseModel):
    """Filter block schemas by capabilities."""

    all_: list[str] | None = Field(default=None, description="All of these capabilities.")


class BlockSchemaFilterId(PrefectBaseModel):
    """Filter block schemas by id."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids.")


class BlockSchemaFilterVersion(PrefectBaseModel):
    """Filter block schemas by version."""

    any_: list[str] | None = Field(default=None, description="One of these versions.")


class BlockSchemaFilter(PrefectBaseModel, OperatorMixin):
    """Select block schemas by all of the parts given, or by any of them."""

    block_type_id: BlockSchemaFilterBlockTypeId | None = Field(
        default=None, description="By block type."
    )
    block_capabilities: BlockSchemaFilterCapabilities | None = Field(
        default=None, description="By capabilities."
    )
    id: BlockSchemaFilterId | None = Field(default=None, description="By id.")
    version: BlockSchemaFilterVersion | None = Field(default=None, description="By version.")


class BlockTypeFilterName(PrefectBaseModel):
    """Filter block types by name."""

    like_: str | None = Field(
        default=None, description="A part of the name, upper and lower case alike."
    )


class BlockTypeFilterSlug(PrefectBaseModel):
    """Filter block types by slug."""

    any_: list[str] | None = Field(default=None, description="One of these slugs.")


class BlockTypeFilter(PrefectBaseModel):
    """Select block types; all of the parts given have to match."""

    name: BlockTypeFilterName | None = Field(default=None, description="By name.")
    slug: BlockTypeFilterSlug | None = Field(default=None, description="By slug.")


publish(
    "prefect.client.schemas.filters",
    BlockDocumentFilter,
    BlockDocumentFilterBlockTypeId,
    BlockDocumentFilterId,
    BlockDocumentFilterIsAnonymous,
    BlockDocumentFilterName,
    BlockSchemaFilter,
    BlockSchemaFilterBlockTypeId,
    BlockSchemaFilterCapabilities,
    BlockSchemaFilterId,
    BlockSchemaFilterVersion,
    BlockTypeFilter,
    BlockTypeFilterName,
    BlockTypeFilterSlug,
)
