"""Subscribing to objects that the server hands out over a WebSocket, one receiver each.

`Subscription` is how a task worker gets its scheduled task runs: the server sends one, waits for
the acknowledgement, sends the next. It connects at the first item, and again whenever the line
drops; only refused credentials end it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from pydantic import BaseModel
    from typing_extensions import Self
    from websockets.asyncio.client import ClientConnection

    S = TypeVar("S", bound=BaseModel)
else:
    S = TypeVar("S")

__all__ = ["WS_1008_POLICY_VIOLATION", "Subscription"]

WS_1008_POLICY_VIOLATION = 1008
"""Close code of a server that refuses the credentials."""


class Subscription(Generic[S]):
    """Iterate over objects the server assigns to this process; acknowledges each.

    Args:
        model: What the server sends.
        path: The WebSocket route below the API's address.
        keys: Which objects are wanted, e.g. task keys.
        client_id: Name of this receiver; None makes one of host name and process id.
        base_url: Address of the API; None means the configured one.

    Raises:
        ValueError: If there is no address of an API.
    """

    def __init__(
        self,
        model: type[S],
        path: str,
        keys: Iterable[str],
        client_id: "str | None" = None,
        base_url: "str | None" = None,
    ) -> None:
        import os
        import socket

        from prefect.client._connection import Connection
        from prefect.settings._current import group

        base_url = base_url or group("api").url
        if not base_url:
            raise ValueError(
                "A subscription needs the address of an API: set PREFECT_API_URL, e.g."
                " http://127.0.0.1:4200/api, or pass `base_url`."
            )
        self.model = model
        self.keys = list(keys)
        self.client_id = client_id or f"{socket.gethostname()}-{os.getpid()}"
        self._path = path
        self._connection = Connection.from_settings(base_url)
        self._websocket: ClientConnection | None = None
        self._failures = 0

    @property
    def websocket(self) -> "ClientConnection":
        """The open connection.

        Raises:
            RuntimeError: If the subscription is not connected.
        """
        if self._websocket is None:
            raise RuntimeError(
                f"The subscription to {self._path!r} is not connected; it connects when its first"
                " item is awaited."
            )
        return self._websocket

    def __aiter__(self) -> "Self":
        return self

    async def __anext__(self) -> S:
        from prefect.client._websockets import TRANSIENT

        while True:
            try:
                websocket = self._websocket or await self._connect()
                message = await websocket.recv()
                item = self.model.model_validate_json(message)
                await websocket.send('{"type":"ack"}')
            except TRANSIENT as error:
                self._dropped(error)
                continue
            self._failures = 0
            return item

    async def _connect(self) -> "ClientConnection":
        import asyncio  # heavy
        import json

        from prefect.client._websockets import open_websocket, reconnect_delay

        await asyncio.sleep(reconnect_delay(self._failures))
        websocket = await open_websocket(self._connection, self._path)
        try:
            request = {"type": "subscribe", "keys": self.keys, "client_id": self.client_id}
            await websocket.send(json.dumps(request))
        except BaseException:
            websocket.transport.abort()
            raise
        self._websocket = websocket
        return websocket

    def _dropped(self, error: Any) -> None:
        """Prepare to connect again, unless the server said that it will not have us."""
        from prefect.client._websockets import WebSocketUnauthorized
        from prefect.logging.loggers import get_logger

        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            websocket.transport.abort()
        received = getattr(error, "rcvd", None)
        if received is not None and received.code == WS_1008_POLICY_VIOLATION:
            raise WebSocketUnauthorized(
                f"The server ended the subscription to {self._path!r}: access denied. Check"
                " PREFECT_API_AUTH_STRING or PREFECT_API_KEY."
            ) from error
        self._failures += 1
        get_logger(__name__).debug("Subscription to %s dropped: %s", self._path, error)

    async def aclose(self) -> None:
        """Close the connection; what was sent but not acknowledged goes to another receiver."""
        from prefect.client._websockets import close_websocket

        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            await close_websocket(websocket)
