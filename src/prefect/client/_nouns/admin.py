"""The API itself: health, version, default result storage, what is known of worker types.

Source: REST contract, `/health`, `/hello`, `/admin` and `/collections`.
"""

from __future__ import annotations

from prefect.client._nouns._base import Noun, join, parse, parse_json, refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    import httpx

    from prefect.client.schemas.objects import ServerDefaultResultStorage

__all__ = ["Admin"]


class Admin(Noun):
    """The endpoints of the API itself."""

    async def api_healthcheck(self) -> Exception | None:
        """Ask the API whether it is well.

        Returns:
            None if it is; otherwise the error that says why it cannot be reached.
        """
        try:
            await self._send("GET", "/health")
        except Exception as error:  # any reason is the answer asked for
            return error
        return None

    async def hello(self) -> httpx.Response:
        """Ask the API for its greeting, to see that it can be reached with these credentials."""
        return await self._send("GET", "/hello")

    async def api_version(self) -> str:
        """Read the server's version, such as `3.9.1`."""
        return str(parse_json(await self._send("GET", "/admin/version")))

    async def read_worker_metadata(self) -> dict[str, Any]:
        """Read what is known of worker types: per package, per type, its options and template."""
        response = await self._send("GET", "/collections/views/aggregate-worker-metadata")
        metadata: dict[str, Any] = parse_json(response)
        return metadata

    async def read_server_default_result_storage(self) -> ServerDefaultResultStorage:
        """Read which block stores the results of runs that choose none."""
        from prefect.client.schemas.objects import ServerDefaultResultStorage

        return parse(ServerDefaultResultStorage, await self._send("GET", "/admin/storage"))

    async def update_server_default_result_storage(
        self, default_result_storage_block_id: UUID
    ) -> ServerDefaultResultStorage:
        """Choose the block that stores the results of runs that choose none.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such block,
                422 if it cannot store anything.
        """
        from prefect.client.schemas.objects import ServerDefaultResultStorage

        block = default_result_storage_block_id
        response = await self._send(
            "PUT",
            "/admin/storage",
            content=join(default_result_storage_block_id=block),
            errors={
                404: refused(f"Cannot store results in block '{block}'"),
                422: refused(f"Cannot store results in block '{block}'"),
            },
        )
        return parse(ServerDefaultResultStorage, response)

    async def clear_server_default_result_storage(self) -> None:
        """Choose no block: such runs store their results where their process says."""
        await self._send("DELETE", "/admin/storage")
