"""Block documents: the saved values of blocks.

Source: REST contract, `/block_documents`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    already_exists,
    dump,
    join,
    join_all,
    merge,
    not_found,
    parse,
    parse_list,
    path,
    query_flag,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from pydantic import BaseModel

    from prefect.client.schemas.actions import BlockDocumentCreate, BlockDocumentUpdate
    from prefect.client.schemas.objects import BlockDocument

__all__ = ["BlockDocuments"]


class BlockDocuments(Noun):
    """The endpoints of block documents."""

    async def create_block_document(
        self, block_document: BlockDocument | BlockDocumentCreate, include_secrets: bool = True
    ) -> BlockDocument:
        """Create a block document.

        Args:
            include_secrets: Send the values of secret fields, rather than asterisks.

        Raises:
            prefect.exceptions.ObjectAlreadyExists: If the block type has a document of that name.
        """
        from prefect.client.schemas.objects import BlockDocument

        # The server makes the id; schema and type are sent by their ids.
        left_out = {"id", "block_schema", "block_type", "data"}
        body = merge(
            dump(block_document, exclude_unset=True, exclude=left_out, serialize_as_any=True),
            _data(block_document, reveal=include_secrets),
        )
        response = await self._send(
            "POST",
            "/block_documents/",
            content=body,
            errors={
                409: already_exists(
                    f"block document named {block_document.name!r} of that block type",
                    "Change it, or save under another name.",
                )
            },
        )
        return parse(BlockDocument, response)

    async def update_block_document(
        self, block_document_id: UUID, block_document: BlockDocumentUpdate
    ) -> None:
        """Change the values or the schema of a block document.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such document.
        """
        body = merge(
            dump(
                block_document,
                exclude_unset=True,
                include={"merge_existing_data", "block_schema_id"},
            ),
            _data(block_document, reveal=True),
        )
        await self._send(
            "PATCH",
            _one(block_document_id),
            content=body,
            errors={404: not_found(f"block document '{block_document_id}'")},
        )

    async def delete_block_document(self, block_document_id: UUID) -> None:
        """Delete a block document.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such document.
        """
        await self._send(
            "DELETE",
            _one(block_document_id),
            errors={404: not_found(f"block document '{block_document_id}'")},
        )

    async def read_block_document(
        self, block_document_id: UUID, include_secrets: bool = True
    ) -> BlockDocument:
        """Read a block document.

        Args:
            include_secrets: Ask for the values of secret fields, rather than asterisks.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such document.
        """
        from prefect.client.schemas.objects import BlockDocument

        response = await self._send(
            "GET",
            _one(block_document_id),
            params={"include_secrets": query_flag(include_secrets)},
            errors={404: not_found(f"block document '{block_document_id}'")},
        )
        return parse(BlockDocument, response)

    async def read_block_documents(
        self,
        block_schema_type: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
        include_secrets: bool = True,
    ) -> list[BlockDocument]:
        """Read block documents, by name.

        Args:
            block_schema_type: Slug of the block type; the API calls it by this name.
            offset: How many to skip.
            limit: At most this many; by default, and at most, what the server allows (200).
            include_secrets: Ask for the values of secret fields, rather than asterisks.
        """
        from prefect.client.schemas.objects import BlockDocument

        body = join(
            block_types=block_schema_type and {"slug": {"any_": [block_schema_type]}},
            offset=offset,
            limit=limit,
            include_secrets=include_secrets,
        )
        response = await self._send("POST", "/block_documents/filter", content=body)
        return parse_list(BlockDocument, response)


def _data(document: BaseModel, *, reveal: bool) -> bytes:
    """Encode the values of a document, which the models themselves would send masked."""
    if "data" not in document.model_fields_set:
        return b"{}"
    data = document.data  # type: ignore[attr-defined]  # each of the three models has it
    return join_all(data=_revealed(data) if reveal else data)


def _revealed(value: Any) -> Any:
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value()
    if hasattr(type(value), "__pydantic_serializer__") and hasattr(value, "model_dump"):
        return _revealed(value.model_dump())
    if isinstance(value, dict):
        return {key: _revealed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_revealed(item) for item in value]
    return value


def _one(block_document_id: UUID) -> str:
    return path("/block_documents/{id}", id=block_document_id)
