"""The client that knows which types of workers there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["CollectionsMetadataClient", "get_collections_metadata_client"]


class CollectionsMetadataClient(Protocol):
    """What both the API's client and Cloud's can do."""

    async def read_worker_metadata(self) -> dict[str, Any]:
        """Read the worker types of the known packages: package → type → description."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc_info: Any) -> Any: ...


def get_collections_metadata_client(
    httpx_settings: dict[str, Any] | None = None,
) -> CollectionsMetadataClient:
    """Make the client that knows the worker types: Cloud's if the settings lead there.

    Args:
        httpx_settings: Passed on to the httpx client.
    """
    from prefect.client._server_types import ServerType, determine_server_type

    if determine_server_type() is ServerType.CLOUD:
        from prefect.client.cloud import get_cloud_client

        return get_cloud_client(httpx_settings=httpx_settings, infer_cloud_url=True)
    from prefect.client.orchestration import get_client

    return get_client(httpx_settings=httpx_settings)
