"""A stream the server pushes over a WebSocket, kept alive over drops.

`Feed` holds what the events and the logs subscriber share: connect, say what is wanted, hand over
each item at once, connect again when the line drops. The subclass says which route, what to ask
for (again), and how a message becomes an item. It reads no settings and loads asyncio and
websockets only when entered.
"""

import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self
    from websockets.asyncio.client import ClientConnection

    from prefect.client._connection import Connection

Item = TypeVar("Item")

__all__ = ["Feed", "SeenIds"]

STEADY_SECONDS = 5.0
"""A connection that lived this long, or delivered something, ends a row of failures."""

_FATAL_CLOSE_CODES = frozenset({1002, 1003, 1007})
"""Closes by which the server says that it will never like what it was asked."""


class SeenIds:
    """Remember which items were delivered, so that a backfill delivers none twice.

    Bounded by `size`, and by time: an id is forgotten once the item lies `ttl_seconds` behind both
    the newest item and the last arrival, because no backfill reaches back that far. Time passes
    only with arrivals, so nothing is forgotten during an outage.
    """

    def __init__(self, size: int, ttl_seconds: float) -> None:
        self._size = size
        self._ttl = ttl_seconds
        self._entries: dict[Any, tuple[float, float]] = {}
        self._newest = float("-inf")

    def add(self, id: "Any", position: float, arrived: "float | None" = None) -> bool:
        """Record an item; False if it was delivered before.

        Args:
            id: The item's id.
            position: When the item happened, in seconds of any one clock.
            arrived: When it came here, in monotonic seconds; None means now.
        """
        if id in self._entries:
            return False
        now = time.monotonic() if arrived is None else arrived
        self._newest = max(self._newest, position)
        self._entries[id] = (now, position)
        self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        while self._entries:
            oldest = next(iter(self._entries))
            arrived, position = self._entries[oldest]
            expired = arrived < now - self._ttl and position < self._newest - self._ttl
            if not expired and len(self._entries) <= self._size:
                return
            del self._entries[oldest]

    def __len__(self) -> int:
        return len(self._entries)


class Feed(Generic[Item]):
    """Iterate over what one WebSocket route pushes; an async context manager.

    Attributes:
        path: The route below the API's address.
    """

    path: str

    def __init__(
        self,
        connection: "Connection",
        *,
        reconnection_attempts: int,
        reconnect_on_clean_close: bool,
    ) -> None:
        self._connection = connection
        self._attempts = reconnection_attempts
        self._reconnect_on_clean_close = reconnect_on_clean_close
        self._websocket: ClientConnection | None = None
        self._opened_at = 0.0
        self._delivered = False
        self._failures = 0

    @property
    def client_name(self) -> str:
        """The class's name, for logs."""
        return type(self).__name__

    def _request(self) -> str:
        """The frame that says what is wanted, sent at each (re)connection."""
        raise NotImplementedError

    def _item(self, message: "str | bytes") -> "Item | None":
        """Turn a message into an item; None for one that is not to be delivered."""
        raise NotImplementedError

    async def __aenter__(self) -> "Self":
        await self._connect()
        return self

    async def __aexit__(
        self,
        exc_type: "type[BaseException] | None",
        exc_val: "BaseException | None",
        exc_tb: "TracebackType | None",
    ) -> None:
        websocket, self._websocket = self._websocket, None
        if websocket is not None:
            from prefect.client._websockets import close_websocket  # heavy

            await close_websocket(websocket)

    def __aiter__(self) -> "Self":
        return self

    async def __anext__(self) -> "Item":
        from websockets.exceptions import ConnectionClosed  # heavy

        while True:
            websocket = self._websocket or await self._connect()
            try:
                message = await websocket.recv()
            except ConnectionClosed as error:
                self._websocket = None
                self._dropped(error)
                continue
            item = self._item(message)
            if item is not None:
                self._delivered = True
                return item

    async def _connect(self) -> "ClientConnection":
        """Connect and ask; wait and try again as often as allowed.

        Raises:
            WebSocketUnauthorized: If the credentials are refused.
            WebSocketsBlocked: If WebSockets do not get through.
            TRANSIENT: The last failure, when the attempts are used up.
        """
        import asyncio  # heavy

        from prefect.client._websockets import TRANSIENT, open_websocket, reconnect_delay

        while True:
            await asyncio.sleep(reconnect_delay(self._failures))
            try:
                websocket = await open_websocket(self._connection, self.path)
                try:
                    await websocket.send(self._request())
                except BaseException:
                    websocket.transport.abort()
                    raise
            except TRANSIENT as error:
                self._failed(error)
                continue
            self._websocket = websocket
            self._opened_at, self._delivered = time.monotonic(), False
            return websocket

    def _failed(self, error: Exception) -> None:
        from prefect.logging.loggers import get_logger

        self._failures += 1
        if self._failures > self._attempts:
            raise error
        get_logger(__name__).debug(
            "%s: attempt %s of %s to reach %s failed: %s",
            self.client_name,
            self._failures,
            self._attempts,
            self._connection.websocket_url(self.path),
            error,
        )

    def _dropped(self, error: "Any") -> None:
        """Decide what a closed connection means; returns when connecting again is right."""
        from websockets.exceptions import ConnectionClosedOK  # heavy

        from prefect.client._websockets import POLICY_VIOLATION, WebSocketUnauthorized

        code = error.rcvd.code if error.rcvd is not None else None
        if isinstance(error, ConnectionClosedOK) and not self._reconnect_on_clean_close:
            raise StopAsyncIteration
        if code == POLICY_VIOLATION:
            raise WebSocketUnauthorized(
                f"The server ended {self._connection.websocket_url(self.path)!r}: access denied."
                " Check PREFECT_API_AUTH_STRING or PREFECT_API_KEY."
            ) from error
        if code in _FATAL_CLOSE_CODES:
            raise error
        if self._delivered or time.monotonic() - self._opened_at > STEADY_SECONDS:
            self._failures = 0
        self._failed(error)
