"""Block schemas: the shapes of blocks, known by checksum and version.

Source: REST contract, `/block_schemas`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    already_exists,
    dump,
    join,
    not_found,
    parse,
    parse_list,
    path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.schemas.actions import BlockSchemaCreate
    from prefect.client.schemas.objects import BlockSchema

__all__ = ["BlockSchemas"]


class BlockSchemas(Noun):
    """The endpoints of block schemas."""

    async def create_block_schema(self, block_schema: BlockSchemaCreate) -> BlockSchema:
        """Register a block schema; one that is known is returned.

        Raises:
            prefect.exceptions.ObjectAlreadyExists: If the server reports a conflict.
        """
        from prefect.client.schemas.objects import BlockSchema

        response = await self._send(
            "POST",
            "/block_schemas/",
            # The server makes the id and the checksum; the type is sent by its id.
            content=dump(
                block_schema, exclude_unset=True, exclude={"id", "block_type", "checksum"}
            ),
            errors={409: already_exists("block schema like the one sent")},
        )
        return parse(BlockSchema, response)

    async def read_block_schema_by_checksum(
        self, checksum: str, version: str | None = None
    ) -> BlockSchema:
        """Read a block schema.

        Args:
            checksum: `sha256:` and 64 hexadecimal digits.
            version: By default the newest.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such schema.
        """
        from prefect.client.schemas.objects import BlockSchema

        of_version = "" if version is None else f" and version {version!r}"
        response = await self._send(
            "GET",
            path("/block_schemas/checksum/{checksum}", checksum=checksum),
            params=None if version is None else {"version": version},
            errors={404: not_found(f"block schema with checksum {checksum!r}{of_version}")},
        )
        return parse(BlockSchema, response)

    async def read_block_schemas(self) -> list[BlockSchema]:
        """Read the block schemas, as many as the server gives in one answer."""
        from prefect.client.schemas.objects import BlockSchema

        response = await self._send("POST", "/block_schemas/filter", content=join())
        return parse_list(BlockSchema, response)

    async def get_most_recent_block_schema_for_block_type(
        self, block_type_id: UUID
    ) -> BlockSchema | None:
        """Read the newest schema of a block type; None if it has none."""
        from prefect.client.schemas.objects import BlockSchema

        body = join(block_schemas={"block_type_id": {"any_": [block_type_id]}}, limit=1)
        response = await self._send("POST", "/block_schemas/filter", content=body)
        return next(iter(parse_list(BlockSchema, response)), None)
