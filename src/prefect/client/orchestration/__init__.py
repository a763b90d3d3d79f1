"""The clients of the REST API, and `get_client`, which makes one from the settings.

Importing this module loads neither client: `PrefectClient` and `SyncPrefectClient` come with their
first use.
"""

from __future__ import annotations

from prefect._lazy import lazy_exports
from prefect.client.constants import SERVER_API_VERSION as SERVER_API_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, overload

    from prefect.client._server_types import ServerType as ServerType
    from prefect.client.orchestration._async_client import PrefectClient as PrefectClient
    from prefect.client.orchestration._sync_client import SyncPrefectClient as SyncPrefectClient
else:

    def overload(signature: object) -> object:
        """Take a signature for type checkers; `typing` itself need not be loaded for it."""
        return signature


__all__ = ["SERVER_API_VERSION", "PrefectClient", "ServerType", "SyncPrefectClient", "get_client"]


@overload
def get_client(
    httpx_settings: dict[str, Any] | None = None, sync_client: Literal[False] = False
) -> PrefectClient: ...


@overload
def get_client(  # noqa: F811
    httpx_settings: dict[str, Any] | None = None, *, sync_client: Literal[True]
) -> SyncPrefectClient: ...


@overload
def get_client(  # noqa: F811
    httpx_settings: dict[str, Any] | None, sync_client: Literal[True]
) -> SyncPrefectClient: ...


def get_client(  # noqa: F811  # after its overloads
    httpx_settings: dict[str, Any] | None = None, sync_client: bool = False
) -> SyncPrefectClient | PrefectClient:
    """Make a client of the API that the settings name (`PREFECT_API_URL`, `PREFECT_API_KEY`, …).

    Clients are cheap: all of a process share their connections. Without an API URL the client is
    made too; its first use raises an error that says how to set one.

    Args:
        httpx_settings: Passed on to the httpx client: `headers`, `timeout`, `verify`, `cert`,
            `transport`, `limits`, …
        sync_client: Whether to make a client for code without an event loop.

    Returns:
        A client that may be used as it is, or in a `with` (`async with`) block.

    Raises:
        ValueError: If the API URL is not an http or https URL.
    """
    from prefect.settings._current import group

    api = group("api")
    arguments: dict[str, Any] = {
        "auth_string": api.auth_string.get_secret_value() if api.auth_string else None,
        "api_key": api.key.get_secret_value() if api.key else None,
        "httpx_settings": httpx_settings,
    }
    # Imported here, not above: the endpoint classes are heavy, and only one face is needed.
    if sync_client:
        from prefect.client.orchestration._sync_client import SyncPrefectClient

        return SyncPrefectClient(api.url or "", **arguments)
    from prefect.client.orchestration._async_client import PrefectClient

    return PrefectClient(api.url or "", **arguments)


__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "PrefectClient": "prefect.client.orchestration._async_client",
        "ServerType": "prefect.client._server_types",
        "SyncPrefectClient": "prefect.client.orchestration._sync_client",
    },
)
