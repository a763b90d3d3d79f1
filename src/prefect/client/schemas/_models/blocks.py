"""Blocks: types, their schemas, and the documents that hold values."""

from typing import Any
from uuid import UUID, uuid4

from pydantic import Field, HttpUrl, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect.types.names import BlockDocumentName, BlockTypeSlug, Name

__all__ = [
    "DEFAULT_BLOCK_SCHEMA_VERSION",
    "BlockDocument",
    "BlockDocumentCreate",
    "BlockDocumentReference",
    "BlockDocumentReferenceCreate",
    "BlockDocumentUpdate",
    "BlockSchema",
    "BlockSchemaCreate",
    "BlockSchemaReference",
    "BlockType",
    "BlockTypeCreate",
    "BlockTypeUpdate",
]

DEFAULT_BLOCK_SCHEMA_VERSION = "non-versioned"


class BlockType(ObjectBaseModel):
    """A type of block, e.g. `S3 bucket`."""

    name: Name
    slug: str
    logo_url: HttpUrl | None = None
    documentation_url: HttpUrl | None = None
    description: str | None = None
    code_example: str | None = None
    is_protected: bool = False


class BlockSchema(ObjectBaseModel):
    """The fields of a block type, in one version."""

    checksum: str
    # The wire's name; it hides a pydantic attribute that has been replaced by `model_fields`.
    fields: dict[str, Any] = Field(default_factory=empty_dict)
    block_type_id: UUID | None
    block_type: BlockType | None = None
    capabilities: list[str] = Field(default_factory=empty_list)
    version: str = DEFAULT_BLOCK_SCHEMA_VERSION


class BlockSchemaReference(ObjectBaseModel):
    """One schema used as a field of another."""

    parent_block_schema_id: UUID
    parent_block_schema: BlockSchema | None = None
    reference_block_schema_id: UUID
    reference_block_schema: BlockSchema | None = None
    name: str


def _check_named(name: str | None, is_anonymous: bool) -> None:
    if not name and not is_anonymous:
        raise ValueError("A block document needs a name, or `is_anonymous=True`.")


class BlockDocument(ObjectBaseModel):
    """The values of one block."""

    name: BlockDocumentName | None = None
    data: dict[str, Any] = Field(default_factory=empty_dict)
    block_schema_id: UUID
    block_schema: BlockSchema | None = None
    block_type_id: UUID
    block_type_name: str | None = None
    block_type: BlockType | None = None
    block_document_references: dict[str, dict[str, Any]] = Field(default_factory=empty_dict)
    is_anonymous: bool = False

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        _check_named(self.name, self.is_anonymous)
        return self


class BlockDocumentReference(ObjectBaseModel):
    """One block document used as a value of another."""

    parent_block_document_id: UUID
    parent_block_document: BlockDocument | None = None
    reference_block_document_id: UUID
    reference_block_document: BlockDocument | None = None
    name: str

    @model_validator(mode="after")
    def _is_between_two(self) -> Self:
        if self.parent_block_document_id == self.reference_block_document_id:
            raise ValueError(
                f"The block document {self.parent_block_document_id} cannot refer to itself."
            )
        return self


# ---- request bodies -----------------------------------------------------------------------------


class BlockTypeCreate(ActionBaseModel):
    """Register a block type."""

    name: str
    slug: BlockTypeSlug
    logo_url: HttpUrl | None = None
    documentation_url: HttpUrl | None = None
    description: str | None = None
    code_example: str | None = None


class BlockTypeUpdate(ActionBaseModel):
    """Change a block type."""

    logo_url: HttpUrl | None = None
    documentation_url: HttpUrl | None = None
    description: str | None = None
    code_example: str | None = None

    @classmethod
    def updatable_fields(cls) -> set[str]:
        """The fields of a block type that may change."""
        return set(cls.model_fields)


class BlockSchemaCreate(ActionBaseModel):
    """Register the schema of a block type."""

    # The wire's name; it hides a pydantic attribute that has been replaced by `model_fields`.
    fields: dict[str, Any] = Field(default_factory=empty_dict)
    block_type_id: UUID | None = None
    capabilities: list[str] = Field(default_factory=empty_list)
    version: str = DEFAULT_BLOCK_SCHEMA_VERSION


class BlockDocumentCreate(ActionBaseModel):
    """Save a block."""

    name: BlockDocumentName | None = None
    data: dict[str, Any] = Field(default_factory=empty_dict)
    block_schema_id: UUID
    block_type_id: UUID
    is_anonymous: bool = False

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        _check_named(self.name, self.is_anonymous)
        return self


class BlockDocumentUpdate(ActionBaseModel):
    """Change a block's values."""

    block_schema_id: UUID | None = None
    data: dict[str, Any] = Field(default_factory=empty_dict)
    merge_existing_data: bool = True


class BlockDocumentReferenceCreate(ActionBaseModel):
    """Use one block document as a value of another."""

    id: UUID = Field(default_factory=uuid4)
    parent_block_document_id: UUID
    reference_block_document_id: UUID
    name: str


publish(
    "prefect.client.schemas.objects",
    BlockType,
    BlockSchema,
    BlockSchemaReference,
    BlockDocument,
    BlockDocumentReference,
)
publish(
    "prefect.client.schemas.actions",
    BlockTypeCreate,
    BlockTypeUpdate,
    BlockSchemaCreate,
    BlockDocumentCreate,
    BlockDocumentUpdate,
    BlockDocumentReferenceCreate,
)
