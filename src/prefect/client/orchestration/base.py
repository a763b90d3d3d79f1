"""Base classes for code that adds routes to a client of its own.

The clients of this package do not use them; integrations that wrap an httpx client do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from httpx import AsyncClient, Client, Response

    from prefect.client.orchestration.routes import ServerRoutes

__all__ = ["HTTP_METHODS", "BaseAsyncClient", "BaseClient"]

HTTP_METHODS: TypeAlias = Literal["GET", "POST", "PUT", "DELETE", "PATCH"]


class BaseClient:
    """Sends requests to routes given as templates, over an httpx client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def request(
        self,
        method: HTTP_METHODS,
        path: ServerRoutes,
        params: dict[str, Any] | None = None,
        path_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Response:
        """Send one request.

        Args:
            path: Route, with `{names}` for `path_params`.
            kwargs: Further arguments of `httpx.Client.request`.
        """
        return self._client.request(method, _filled(path, path_params), params=params, **kwargs)


class BaseAsyncClient:
    """Sends requests to routes given as templates, over an async httpx client."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def request(
        self,
        method: HTTP_METHODS,
        path: ServerRoutes,
        params: dict[str, Any] | None = None,
        path_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Response:
        """Send one request.

        Args:
            path: Route, with `{names}` for `path_params`.
            kwargs: Further arguments of `httpx.AsyncClient.request`.
        """
        filled = _filled(path, path_params)
        return await self._client.request(method, filled, params=params, **kwargs)


def _filled(path: str, values: dict[str, Any] | None) -> str:
    from prefect.client._nouns._base import path as fill

    return fill(path, **values) if values else path
