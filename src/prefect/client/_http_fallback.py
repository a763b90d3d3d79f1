"""HTTP in place of a WebSocket: for networks that block upgrades, and for what a stream misses.

Used by the events client (posting), the subscribers (reading what is stored) and the follower of
logs. It goes through the REST client's transport, so retries, CSRF, TLS and proxies are the same.
Failures are sorted as in `_websockets`: refused credentials, refused content, and everything that
may pass next time.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.client._connection import Connection

__all__ = ["HttpFallback"]

_REFUSED_CONTENT = frozenset({400, 413, 422})
_MISSING = frozenset({404, 410})


class HttpFallback:
    """Posts to the API a connection leads to; close it when done."""

    def __init__(self, connection: "Connection") -> None:
        # Heavy: the transport is loaded only when it is needed.
        from prefect.client._core import AsyncCore

        self._core = AsyncCore(
            connection.api_url,
            auth_string=connection.auth_string,
            api_key=connection.api_key,
        )
        self._api_url = connection.api_url

    async def post(self, path: str, content: bytes) -> "Any":
        """Post JSON that may be posted twice without harm.

        Returns:
            The answer, which is a success.

        Raises:
            PrefectHTTPStatusError: If the server refuses the content (400, 413, 422).
            WebSocketUnauthorized: If it refuses the credentials.
            ConnectionError: If it does not answer, or answers with any other error.
        """
        return await self._send("POST", path, content)

    async def get(self, path: str) -> "Any":
        """Read. Raises what `post` raises; `ObjectNotFound` where there is nothing."""
        return await self._send("GET", path, None)

    async def _send(self, method: str, path: str, content: "bytes | None") -> "Any":
        import httpx  # heavy: for the classes of its errors

        from prefect.client._websockets import WebSocketUnauthorized
        from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

        try:
            return await self._core._send(method, path, content=content, retry=True)
        except PrefectHTTPStatusError as error:
            status = error.response.status_code
            if status in _REFUSED_CONTENT:
                raise
            if method == "GET" and status in _MISSING:
                raise ObjectNotFound(http_exc=error) from error
            if status in (401, 403):
                raise WebSocketUnauthorized(
                    f"The server at {self._api_url!r} refused the credentials (HTTP {status})."
                    " Check PREFECT_API_AUTH_STRING or PREFECT_API_KEY."
                ) from error
            raise ConnectionError(f"{method} {path} failed: {error}") from error
        except httpx.TransportError as error:
            raise ConnectionError(f"{method} {path} failed: {error}") from error

    async def close(self) -> None:
        """Let go of connections that are not shared."""
        await self._core._exit(None, None, None)
