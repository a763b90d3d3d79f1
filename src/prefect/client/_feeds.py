"""A stream the server pushes over a WebSocket, kept alive over drops.

`Feed` holds what the events and the logs subscriber share: connect, say what is wanted, hand over
each item at once, connect again when the line drops. The subclass says which route, what to ask
for (again), and how a message becomes an item. It reads no settings and loads asyncio and
websockets only when entered.
"""

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

    from typing_extensions import Self
    from websockets.asyncio.client import ClientConnection

    from prefect.client._connection import Connection
    from prefect.client._http_fallback import HttpFallback

Item = TypeVar("Item")

__all__ = ["Feed", "SeenIds"]

STEADY_SECONDS = 5.0
"""A connection that lived this long, or delivered something, ends a row of failures."""

CATCH_UP_SECONDS = 6.5
"""So long after connecting, what is stored is read once more.

A server stores events in batches (by default every 5 s), so an event of the seconds before we
connected is in neither its backfill nor the live stream.
"""

POLL_SECONDS = 1.0
"""Pause between two reads where WebSockets are blocked."""

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

    def __contains__(self, id: object) -> bool:
        return id in self._entries

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
        self._ready: deque[Item] = deque()
        self._catch_up_at: float | None = None
        self._receiving: asyncio.Future[str | bytes] | None = None
        self._http: HttpFallback | None = None
        self._polling = False

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

    async def _stored(self, http: "HttpFallback") -> "list[Item] | None":
        """Read over HTTP what was not delivered yet; None if this stream is not stored."""
        return None

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
        http, self._http = self._http, None
        receiving, self._receiving = self._receiving, None
        try:
            if receiving is not None:
                import asyncio  # heavy

                receiving.cancel()
                await asyncio.wait([receiving])
                if not receiving.cancelled():
                    receiving.exception()  # looked at, or asyncio complains about it
            if websocket is not None:
                from prefect.client._websockets import close_websocket  # heavy

                await close_websocket(websocket)
        finally:
            if http is not None:
                await http.close()

    def __aiter__(self) -> "Self":
        return self

    async def __anext__(self) -> "Item":
        from websockets.exceptions import ConnectionClosed  # heavy

        while not self._ready:
            if self._polling:
                await self._poll()
                continue
            if self._websocket is None:
                await self._connect()
                continue
            try:
                message = await self._receive(self._websocket)
            except ConnectionClosed as error:
                self._websocket = None
                self._dropped(error)
                continue
            if message is None:
                await self._catch_up()
                continue
            item = self._item(message)
            if item is not None:
                self._delivered = True
                return item
        return self._ready.popleft()

    async def _receive(self, websocket: "ClientConnection") -> "str | bytes | None":
        """Wait for a message; None when it is time to read what is stored."""
        import asyncio  # heavy

        if self._catch_up_at is None and self._receiving is None:
            return await websocket.recv()
        # A task of its own: `wait_for` would lose a message that comes as its caller is cancelled.
        if self._receiving is None:
            self._receiving = asyncio.ensure_future(websocket.recv())
        remaining = None
        if self._catch_up_at is not None:
            remaining = max(0.0, self._catch_up_at - time.monotonic())
        await asyncio.wait([self._receiving], timeout=remaining)
        if not self._receiving.done():
            return None
        receiving, self._receiving = self._receiving, None
        return receiving.result()

    async def _catch_up(self) -> None:
        """Read once what the server had accepted, but not stored, when we connected."""
        from prefect.client._http_fallback import HttpFallback  # heavy
        from prefect.exceptions import PrefectHTTPStatusError
        from prefect.logging.loggers import get_logger

        self._catch_up_at = None
        if self._http is None:
            self._http = HttpFallback(self._connection)
        try:
            self._ready.extend(await self._stored(self._http) or ())
        except (ConnectionError, PrefectHTTPStatusError) as error:
            get_logger(__name__).warning(
                "%s: reading stored items failed, some of the seconds before the connection may"
                " be missing: %s",
                self.client_name,
                error,
            )

    async def _poll(self) -> None:
        """Read what is stored, in place of a blocked stream."""
        import asyncio  # heavy

        from prefect.client._websockets import reconnect_delay

        assert self._http is not None
        try:
            items = await self._stored(self._http)
        except ConnectionError as error:
            self._failed(error)
            await asyncio.sleep(reconnect_delay(self._failures))
            return
        self._failures = 0
        self._ready.extend(items or ())
        if not self._ready:
            await asyncio.sleep(POLL_SECONDS)

    async def _connect(self) -> None:
        """Connect and ask; wait and try again as often as allowed.

        Where WebSockets are blocked, a stream that is stored is polled from then on.

        Raises:
            WebSocketUnauthorized: If the credentials are refused.
            WebSocketsBlocked: If WebSockets do not get through, and the stream is not stored.
            TRANSIENT: The last failure, when the attempts are used up.
        """
        import asyncio  # heavy

        from prefect.client._websockets import (
            TRANSIENT,
            WebSocketsBlocked,
            open_websocket,
            reconnect_delay,
        )

        while True:
            await asyncio.sleep(reconnect_delay(self._failures))
            try:
                websocket = await open_websocket(self._connection, self.path)
                try:
                    await websocket.send(self._request())
                except BaseException:
                    websocket.transport.abort()
                    raise
            except WebSocketsBlocked as error:
                if not self._is_stored:
                    raise
                self._start_polling(error)
                return
            except TRANSIENT as error:
                self._failed(error)
                continue
            self._websocket = websocket
            self._opened_at, self._delivered = time.monotonic(), False
            self._catch_up_at = self._opened_at + CATCH_UP_SECONDS if self._is_stored else None
            return

    @property
    def _is_stored(self) -> bool:
        return type(self)._stored is not Feed._stored

    def _start_polling(self, error: Exception) -> None:
        from prefect.client._http_fallback import HttpFallback  # heavy
        from prefect.logging.loggers import get_logger

        get_logger(__name__).warning(
            "%s polls over HTTP every %s s, because WebSockets do not get through to %s: %s.",
            self.client_name,
            POLL_SECONDS,
            self._connection.api_url,
            error,
        )
        if self._http is None:
            self._http = HttpFallback(self._connection)
        self._polling = True

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
