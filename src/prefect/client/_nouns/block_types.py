"""Block types: the kinds of blocks, known by slug, and their documents.

Source: REST contract, `/block_types`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    already_exists,
    dump,
    error_detail,
    join,
    not_found,
    parse,
    parse_list,
    path,
    query_flag,
    refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from prefect.client._nouns._base import ErrorMapping
    from prefect.client.schemas.actions import BlockTypeCreate, BlockTypeUpdate
    from prefect.client.schemas.objects import BlockDocument, BlockType

__all__ = ["BlockTypes"]

_UPDATABLE = {"logo_url", "documentation_url", "description", "code_example"}
"""The fields the API lets be changed."""


class BlockTypes(Noun):
    """The endpoints of block types."""

    async def read_block_documents_by_type(
        self,
        block_type_slug: str,
        offset: int | None = None,
        limit: int | None = None,
        include_secrets: bool = True,
    ) -> list[BlockDocument]:
        """Read the documents of a block type.

        Args:
            offset: How many to skip.
            limit: At most this many; by default, and at most, what the server allows (200).
            include_secrets: Ask for the values of secret fields, rather than asterisks.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such type.
        """
        from prefect.client.schemas.objects import BlockDocument

        params = {
            "offset": offset,
            "limit": limit,
            "include_secrets": query_flag(include_secrets),
        }
        response = await self._send(
            "GET",
            path("/block_types/slug/{slug}/block_documents", slug=block_type_slug),
            params={name: value for name, value in params.items() if value is not None},
            errors={404: refused(f"There is no block type {block_type_slug!r}")},
        )
        return parse_list(BlockDocument, response)

    async def create_block_type(self, block_type: BlockTypeCreate) -> BlockType:
        """Register a block type.

        Raises:
            prefect.exceptions.ObjectAlreadyExists: If the slug is taken.
        """
        from prefect.client.schemas.objects import BlockType

        response = await self._send(
            "POST",
            "/block_types/",
            content=dump(block_type, exclude_unset=True, exclude={"id"}),
            errors={409: already_exists(f"block type {block_type.slug!r}")},
        )
        return parse(BlockType, response)

    async def read_block_type_by_slug(self, slug: str) -> BlockType:
        """Read a block type.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such type.
        """
        from prefect.client.schemas.objects import BlockType

        response = await self._send(
            "GET",
            path("/block_types/slug/{slug}", slug=slug),
            errors={404: not_found(f"block type {slug!r}")},
        )
        return parse(BlockType, response)

    async def update_block_type(self, block_type_id: UUID, block_type: BlockTypeUpdate) -> None:
        """Change the texts and addresses of a block type that are set in `block_type`.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such type.
        """
        await self._send(
            "PATCH",
            path("/block_types/{id}", id=block_type_id),
            content=dump(block_type, exclude_unset=True, include=_UPDATABLE),
            errors={404: not_found(f"block type '{block_type_id}'")},
        )

    async def delete_block_type(self, block_type_id: UUID) -> None:
        """Delete a block type and its documents.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such type.
            prefect.exceptions.ProtectedBlockError: If it is one the server needs itself.
        """
        await self._send(
            "DELETE",
            path("/block_types/{id}", id=block_type_id),
            errors={
                403: _protected(block_type_id),
                404: not_found(f"block type '{block_type_id}'"),
            },
        )

    async def read_block_types(self) -> list[BlockType]:
        """Read the block types, by name, as many as the server gives in one answer."""
        from prefect.client.schemas.objects import BlockType

        return parse_list(
            BlockType, await self._send("POST", "/block_types/filter", content=join())
        )

    async def read_block_document_by_name(
        self, name: str, block_type_slug: str, include_secrets: bool = True
    ) -> BlockDocument:
        """Read a block document by its name and block type.

        Args:
            include_secrets: Ask for the values of secret fields, rather than asterisks.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such document.
        """
        from prefect.client.schemas.objects import BlockDocument

        response = await self._send(
            "GET",
            path(
                "/block_types/slug/{slug}/block_documents/name/{name}",
                slug=block_type_slug,
                name=name,
            ),
            params={"include_secrets": query_flag(include_secrets)},
            errors={404: not_found(f"block document {f'{block_type_slug}/{name}'!r}")},
        )
        return parse(BlockDocument, response)


def _protected(block_type_id: UUID) -> ErrorMapping:
    def factory(http_exc: Any) -> Exception:
        from prefect.exceptions import ProtectedBlockError

        detail = error_detail(http_exc)
        # The same status is used for missing rights; only the answer's words tell them apart.
        if "protected" in detail:
            return ProtectedBlockError(
                f"Block type '{block_type_id}' is protected: the server needs it, so it cannot be"
                " deleted."
            )
        return refused(f"Cannot delete block type '{block_type_id}'")(http_exc=http_exc)

    return factory
