"""Sending events to the API and listening to them.

`PrefectEventsClient` ships events over the `/events/in` WebSocket and keeps each one until the
server has confirmed it; where WebSockets do not get through it posts them over HTTP.
`PrefectEventSubscriber` iterates over the events a filter matches, over drops of the connection.
The other clients keep events for tests, drop them, or talk to Prefect Cloud. Most users meet these
through `get_events_client` and `get_events_subscriber`; `emit_event` uses the former in a
background thread. Importing this module loads neither asyncio nor websockets nor pydantic.
"""

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from prefect.client._feeds import Feed, SeenIds
from prefect.logging.loggers import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from types import TracebackType
    from uuid import UUID

    from typing_extensions import Self
    from websockets.asyncio.client import ClientConnection

    from prefect.client._connection import Connection
    from prefect.client._http_fallback import HttpFallback
    from prefect.events.filters import EventFilter
    from prefect.events.schemas.events import Event, ReceivedEvent

    RETRYABLE_EXCEPTIONS: tuple[type[Exception], ...]

__all__ = [
    "RETRYABLE_EXCEPTIONS",
    "SEEN_EVENTS_SIZE",
    "SEEN_EVENTS_TTL",
    "AssertingEventsClient",
    "AssertingPassthroughEventsClient",
    "EventsClient",
    "NullEventsClient",
    "PrefectCloudAccountEventSubscriber",
    "PrefectCloudEventSubscriber",
    "PrefectCloudEventsClient",
    "PrefectEventSubscriber",
    "PrefectEventsClient",
    "events_in_socket_from_api_url",
    "events_out_socket_from_api_url",
    "get_events_client",
    "get_events_subscriber",
    "http_to_ws",
]

SEEN_EVENTS_SIZE = 500_000
"""Most event ids a subscriber remembers."""

SEEN_EVENTS_TTL = 120
"""Seconds an event id is remembered at least."""

BACKFILL_OVERLAP_SECONDS = 60.0
"""How far a backfill reaches back before the last event seen: events may arrive out of order.
Less than `SEEN_EVENTS_TTL`, so that what is delivered twice is recognised."""

POST_BATCH_EVENTS = 200
"""Most events in one HTTP request; the server takes any number, a proxy need not."""

PAGE_EVENTS = 50
"""Events in one page when stored ones are read over HTTP."""

MOST_PAGES = 100
"""Most pages read at once, so that a careless filter cannot hold up the live stream for ever."""

RECENT_SECONDS = 2.0
RECENT_EVENTS = 2_000
"""A drop so soon after a confirmation makes it doubtful: the server had the bytes, but may not
have read them when it went away."""

MOST_CLOSES = 3
"""Most rounds of sending, confirming and closing at the end, while the server goes away in each."""

SUSPICIOUS_FAILURES = 2
"""After so many drops or unanswered handshakes in a row, HTTP is asked whether it works."""

DROP_MEMORY_SECONDS = 30.0
"""Drops further apart than this have nothing to do with one another."""

_logger = get_logger(__name__)


def __getattr__(name: str) -> Any:
    if name == "RETRYABLE_EXCEPTIONS":
        from websockets.exceptions import ConnectionClosed  # heavy

        globals()[name] = (ConnectionClosed, TimeoutError, OSError)
        return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def http_to_ws(url: str) -> str:
    """Turn the address of the API into its WebSocket form, without a trailing slash."""
    scheme, separator, rest = url.rstrip("/").partition("://")
    return {"http": "ws", "https": "wss"}.get(scheme, scheme) + separator + rest


def events_in_socket_from_api_url(url: str) -> str:
    """The WebSocket that takes events."""
    return http_to_ws(url) + "/events/in"


def events_out_socket_from_api_url(url: str) -> str:
    """The WebSocket that hands events out."""
    return http_to_ws(url) + "/events/out"


def get_events_client(
    reconnection_attempts: int = 10,
    checkpoint_every: int = 700,
    checkpoint_interval: float = 30.0,
) -> "EventsClient":
    """Make the client that the settings ask for: Cloud, a server, or none.

    Args:
        reconnection_attempts: Failures in a row after which an emit raises.
        checkpoint_every: Most events sent without the server's confirmation.
        checkpoint_interval: Seconds after which sent events are confirmed with the next emit.
    """
    from prefect.events.worker import _shipping_client_type

    client_type = _shipping_client_type()
    if not issubclass(client_type, PrefectEventsClient):
        return client_type()
    return client_type(
        reconnection_attempts=reconnection_attempts,
        checkpoint_every=checkpoint_every,
        checkpoint_interval=checkpoint_interval,
    )


def get_events_subscriber(
    filter: "EventFilter | None" = None,
    reconnection_attempts: int = 10,
    reconnect_on_clean_close: bool = False,
) -> "PrefectEventSubscriber":
    """Make the subscriber that the settings ask for: Cloud or a server.

    Args:
        filter: Which events; None means all from now on.
        reconnection_attempts: Failures in a row after which the iteration raises.
        reconnect_on_clean_close: Whether to go on when the server ends the stream properly;
            otherwise the iteration ends.

    Raises:
        ValueError: If PREFECT_API_URL is not set.
    """
    from prefect.events.worker import emit_events_to_cloud

    kind = PrefectCloudEventSubscriber if emit_events_to_cloud() else PrefectEventSubscriber
    return kind(
        filter=filter,
        reconnection_attempts=reconnection_attempts,
        reconnect_on_clean_close=reconnect_on_clean_close,
    )


def _connection(api_url: "str | None", what: str) -> "Connection":
    """Describe the connection to a server, by default the configured one."""
    from prefect.client._connection import Connection
    from prefect.settings._current import group

    api_url = api_url or group("api").url
    if not api_url:
        raise ValueError(
            f"{what} needs the address of an API: set PREFECT_API_URL, e.g."
            " http://127.0.0.1:4200/api, or pass `api_url`."
        )
    return Connection.from_settings(api_url)


def _cloud_connection(api_url: "str | None", api_key: "str | None", what: str) -> "Connection":
    """Describe the connection to Prefect Cloud, which knows keys only."""
    from prefect.client._connection import Connection
    from prefect.settings._current import group

    api = group("api")
    api_url = api_url or api.url
    api_key = api_key or (api.key.get_secret_value() if api.key is not None else None)
    missing = [
        name
        for name, value in (("PREFECT_API_URL", api_url), ("PREFECT_API_KEY", api_key))
        if not value
    ]
    if missing or api_url is None:
        raise ValueError(
            f"{what} talks to Prefect Cloud and needs {' and '.join(missing)}: set"
            f" {'it' if len(missing) == 1 else 'them'}, or pass `api_url` and `api_key`."
        )
    return Connection.from_settings(api_url, auth_string="", api_key=api_key)


class EventsClient(ABC):
    """What every events client does: an async context manager with one method, `emit`."""

    _in_context: bool = False

    @property
    def client_name(self) -> str:
        """The class's name, for logs."""
        return type(self).__name__

    async def emit(self, event: "Event") -> None:
        """Send one event.

        Raises:
            TypeError: If the client has not been entered with `async with`.
        """
        if not self._in_context:
            raise TypeError(
                f"{self.client_name} must be entered before it can emit: use"
                f" `async with {self.client_name}(...) as client`."
            )
        await self._emit(event)

    @abstractmethod
    async def _emit(self, event: "Event") -> None:
        """Send one event; the client has been entered."""

    async def __aenter__(self) -> "Self":
        self._in_context = True
        return self

    async def __aexit__(
        self,
        exc_type: "type[BaseException] | None",
        exc_val: "BaseException | None",
        exc_tb: "TracebackType | None",
    ) -> None:
        self._in_context = False


class NullEventsClient(EventsClient):
    """Drops every event; used when there is no API to send them to."""

    async def _emit(self, event: "Event") -> None:
        return None


class AssertingEventsClient(EventsClient):
    """Keeps events in memory for tests and sends none.

    Attributes:
        last: The client entered last.
        all: Every client made since the last `reset`.
        events: The events emitted since the client was entered.
    """

    last: "ClassVar[AssertingEventsClient | None]" = None
    all: "ClassVar[list[AssertingEventsClient]]" = []

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    events: "list[Event]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        AssertingEventsClient.last = self
        AssertingEventsClient.all.append(self)
        self.args = args
        self.kwargs = kwargs
        self.events = []

    @classmethod
    def reset(cls) -> None:
        """Forget all clients made so far."""
        cls.last = None
        cls.all = []

    def pop_events(self) -> "list[Event]":
        """Take the events kept so far, oldest first."""
        events, self.events = self.events, []
        return events

    async def _emit(self, event: "Event") -> None:
        self.events.append(event)

    async def __aenter__(self) -> "Self":
        await super().__aenter__()
        self.events = []
        return self


class PrefectEventsClient(EventsClient):
    """Ships events to a server over one WebSocket, or over HTTP where that is blocked.

    An event counts as delivered when the server has answered a ping sent after it; until then it
    is kept, and sent again after a drop (the server ignores an id it knows). A server answers
    pings a little before it has dealt with what came earlier, so a drop within two seconds also
    repeats what had been confirmed. After two drops in a
    row without a confirmation the kept events go over HTTP, which also tells why if the server
    refuses one of them: such an event is dropped with an error in the log, since it would block
    all others. When the handshake itself is refused by the network, HTTP is used from then on,
    with one warning.
    """

    def __init__(
        self,
        api_url: "str | None" = None,
        reconnection_attempts: int = 10,
        checkpoint_every: int = 700,
        checkpoint_interval: float = 30.0,
    ) -> None:
        self._open(
            _connection(api_url, type(self).__name__),
            reconnection_attempts,
            checkpoint_every,
            checkpoint_interval,
        )

    def _open(
        self, connection: "Connection", attempts: int, every: int, interval_seconds: float
    ) -> None:
        import asyncio  # heavy

        self._connection = connection
        self._attempts = attempts
        self._checkpoint_every = max(1, every)
        self._checkpoint_interval = interval_seconds
        self._lock = asyncio.Lock()
        self._websocket: ClientConnection | None = None
        self._http: HttpFallback | None = None  # once WebSockets turned out to be blocked
        self._unconfirmed: list[tuple[UUID, bytes]] = []
        self._recent: list[tuple[UUID, bytes]] = []  # confirmed by the last pings
        self._recent_at = 0.0
        self._sent = 0  # how many of those, from the first, went over the current WebSocket
        self._checkpoint_at = time.monotonic()
        self._drops = 0  # connections lost in quick succession
        self._dropped_at = float("-inf")

    @property
    def unconfirmed(self) -> int:
        """How many events the server has not confirmed yet."""
        return len(self._unconfirmed)

    async def _emit(self, event: "Event") -> None:
        await self._emit_all([event])

    async def _emit_all(self, events: "Iterable[Event]") -> None:
        """Send several events in order."""
        self._keep(events)
        await self.flush(confirm=False)

    def _keep(self, events: "Iterable[Event]") -> None:
        known = {id for id, _ in self._unconfirmed}
        self._unconfirmed.extend(
            (event.id, event.model_dump_json().encode())
            for event in events
            if event.id not in known
        )

    async def flush(self, *, confirm: bool = True) -> None:
        """Send what is still unsent; reconnects as often as allowed.

        Args:
            confirm: Whether to wait until the server has confirmed all of it.

        Raises:
            WebSocketUnauthorized: If the server refuses the credentials.
            Exception: The last failure, when the attempts are used up. The events are kept.
        """
        import asyncio  # heavy

        from prefect.client._websockets import TRANSIENT, WebSocketsBlocked, reconnect_delay

        async with self._lock:
            failures = 0
            while True:
                try:
                    if self._http is not None:
                        await self._post_unconfirmed(self._http)
                    else:
                        await self._send_unconfirmed(confirm)
                    return
                except WebSocketsBlocked as error:
                    self._use_http(self._fallback(), str(error))
                except TRANSIENT as error:
                    await self._disconnect()
                    failures += 1
                    if await self._try_http_instead(error, failures):
                        return
                    if failures > self._attempts:
                        raise
                    _logger.debug("Events: attempt %s failed: %s", failures, error)
                    await asyncio.sleep(reconnect_delay(failures))

    async def _send_unconfirmed(self, confirm: bool) -> None:
        """Send over the WebSocket what it has not carried yet."""
        from prefect.client._websockets import open_websocket  # heavy

        websocket = self._websocket
        if websocket is None:
            websocket = await open_websocket(self._connection, "/events/in")
            self._websocket, self._sent = websocket, 0
        while self._sent < len(self._unconfirmed):
            await websocket.send(self._unconfirmed[self._sent][1].decode())
            self._sent += 1
            if self._sent >= self._checkpoint_every:
                await self._checkpoint(websocket)
        overdue = time.monotonic() - self._checkpoint_at >= self._checkpoint_interval
        if self._sent and (confirm or overdue):
            await self._checkpoint(websocket)

    async def _checkpoint(self, websocket: "ClientConnection") -> None:
        """Wait until the server has answered a ping: what was sent before has arrived."""
        import asyncio  # heavy

        from prefect.client._websockets import PING_TIMEOUT_SECONDS

        sent = self._sent
        answered = await websocket.ping()
        await asyncio.wait_for(asyncio.shield(answered), PING_TIMEOUT_SECONDS)
        now = time.monotonic()
        if now - self._recent_at > RECENT_SECONDS or len(self._recent) > RECENT_EVENTS:
            self._recent.clear()
        self._recent += self._unconfirmed[:sent]
        self._recent_at = self._checkpoint_at = now
        del self._unconfirmed[:sent]
        self._sent -= sent

    async def _try_http_instead(self, error: Exception, failures: int) -> bool:
        """Ask HTTP when the WebSocket keeps failing in a way that a blocked one does too.

        Returns:
            Whether everything is delivered now.
        """
        from websockets.exceptions import ConnectionClosed  # heavy

        if isinstance(error, ConnectionClosed):
            now = time.monotonic()
            self._drops = self._drops + 1 if now - self._dropped_at < DROP_MEMORY_SECONDS else 1
            self._dropped_at = now
            suspicious = self._drops >= SUSPICIOUS_FAILURES and bool(self._unconfirmed)
        else:
            timed_out = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
            suspicious = failures >= SUSPICIOUS_FAILURES and (
                timed_out or getattr(error, "suspicious", False)
            )
        if not suspicious:
            return False
        http = self._fallback()
        try:
            await self._post_unconfirmed(http)
        except ConnectionError as http_error:
            await http.close()
            _logger.debug("Events: HTTP does not work either: %s", http_error)
            return False
        except BaseException:
            await http.close()
            raise
        if self._drops == SUSPICIOUS_FAILURES:
            await http.close()  # one event may be to blame: the WebSocket gets another chance
        else:
            self._use_http(http, str(error) or type(error).__name__)
        return True

    def _use_http(self, http: "HttpFallback", reason: str) -> None:
        self._http = http
        _logger.warning(
            "Events are sent over HTTP, because WebSockets do not get through to %s: %s."
            " Nothing is lost; allow WebSocket upgrades for this host to make it cheaper.",
            self._connection.api_url,
            reason,
        )

    def _fallback(self) -> "HttpFallback":
        from prefect.client._http_fallback import HttpFallback  # heavy

        return HttpFallback(self._connection)

    async def _post_unconfirmed(self, http: "HttpFallback") -> None:
        """Send everything kept over HTTP, whose answer is the confirmation."""
        while self._unconfirmed:
            batch = self._unconfirmed[:POST_BATCH_EVENTS]
            await self._post(http, batch)
            del self._unconfirmed[: len(batch)]
        self._sent = 0
        self._checkpoint_at = time.monotonic()

    async def _post(self, http: "HttpFallback", batch: "Sequence[tuple[UUID, bytes]]") -> None:
        """Post some events; those the server finds malformed are dropped with an error."""
        from prefect.exceptions import PrefectHTTPStatusError

        body = b"[" + b",".join(frame for _, frame in batch) + b"]"
        try:
            await http.post("/events", body)
        except PrefectHTTPStatusError as error:
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._post(http, batch[:middle])
                await self._post(http, batch[middle:])
                return
            _logger.error("Event %s is lost, the server refuses it: %s", batch[0][0], error)

    async def _disconnect(self) -> None:
        """Let go of the WebSocket; what it carried counts as unsent."""
        websocket, self._websocket, self._sent = self._websocket, None, 0
        if websocket is not None:
            websocket.transport.abort()
            await websocket.wait_closed()
            self._doubt_recent()

    def _doubt_recent(self) -> None:
        """Take back confirmations that a drop followed too soon."""
        if time.monotonic() - self._recent_at <= RECENT_SECONDS:
            self._unconfirmed[:0] = self._recent
        self._recent = []

    async def _repeat_doubtful(self) -> None:
        """Send again, once, what was confirmed just before the server went away."""
        from prefect.client._websockets import TRANSIENT  # heavy

        attempts, self._attempts = self._attempts, 0
        try:
            await self.flush()
        except TRANSIENT as error:
            _logger.debug("Left at the confirmation of %s events: %s", self.unconfirmed, error)
            self._unconfirmed.clear()
        finally:
            self._attempts = attempts

    async def __aenter__(self) -> "Self":
        await super().__aenter__()
        try:
            await self.flush(confirm=False)
        except BaseException:
            self._in_context = False
            raise
        return self

    async def __aexit__(
        self,
        exc_type: "type[BaseException] | None",
        exc_val: "BaseException | None",
        exc_tb: "TracebackType | None",
    ) -> None:
        from prefect.client._websockets import ABNORMAL_CLOSE, close_websocket  # heavy

        await super().__aexit__(exc_type, exc_val, exc_tb)
        try:
            for doubts in range(MOST_CLOSES):
                if self._unconfirmed and exc_type is None:
                    await (self.flush() if not doubts else self._repeat_doubtful())
                websocket, self._websocket, self._sent = self._websocket, None, 0
                if websocket is None:
                    return
                await close_websocket(websocket)
                if websocket.protocol.close_code != ABNORMAL_CLOSE:
                    return
                self._doubt_recent()
        finally:
            http, self._http = self._http, None
            websocket, self._websocket = self._websocket, None
            try:
                if websocket is not None:
                    await close_websocket(websocket)
            finally:
                if http is not None:
                    await http.close()


class AssertingPassthroughEventsClient(PrefectEventsClient):
    """Keeps events in memory for tests, and sends them too.

    Attributes:
        last: The client entered last.
        all: Every client made since the last `reset`.
        events: The events emitted since the client was entered.
    """

    last: "ClassVar[AssertingPassthroughEventsClient | None]" = None
    all: "ClassVar[list[AssertingPassthroughEventsClient]]" = []

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    events: "list[Event]"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        AssertingPassthroughEventsClient.last = self
        AssertingPassthroughEventsClient.all.append(self)
        self.args = args
        self.kwargs = kwargs
        self.events = []

    @classmethod
    def reset(cls) -> None:
        """Forget all clients made so far."""
        cls.last = None
        cls.all = []

    def pop_events(self) -> "list[Event]":
        """Take the events kept so far, oldest first."""
        events, self.events = self.events, []
        return events

    async def _emit_all(self, events: "Iterable[Event]") -> None:
        events = list(events)
        await super()._emit_all(events)
        self.events.extend(events)

    async def __aenter__(self) -> "Self":
        await super().__aenter__()
        self.events = []
        return self


class PrefectCloudEventsClient(PrefectEventsClient):
    """Ships events to Prefect Cloud.

    Raises:
        ValueError: If the address or the key is neither given nor set.
    """

    def __init__(
        self,
        api_url: "str | None" = None,
        api_key: "str | None" = None,
        reconnection_attempts: int = 10,
        checkpoint_every: int = 700,
        checkpoint_interval: float = 30.0,
    ) -> None:
        self._open(
            _cloud_connection(api_url, api_key, type(self).__name__),
            reconnection_attempts,
            checkpoint_every,
            checkpoint_interval,
        )


class PrefectEventSubscriber(Feed["Event"]):
    """Iterates over the events that match a filter, each as soon as the server has it.

    Stored events that match come first (the server reaches back 15 minutes by default), then live
    ones. After a drop the stream resumes before the last event seen, and ids already delivered are
    left out, so that no event is lost or doubled. Without `occurred` in the filter it starts one
    minute ago.
    """

    path = "/events/out"

    def __init__(
        self,
        api_url: "str | None" = None,
        filter: "EventFilter | None" = None,
        reconnection_attempts: int = 10,
        reconnect_on_clean_close: bool = False,
    ) -> None:
        super().__init__(
            _connection(api_url, type(self).__name__),
            reconnection_attempts=reconnection_attempts,
            reconnect_on_clean_close=reconnect_on_clean_close,
        )
        self._listen(filter)

    def _listen(self, filter: "EventFilter | None") -> None:
        from prefect.events.filters import EventFilter, EventOccurredFilter  # heavy

        filter = EventFilter() if filter is None else filter
        since, until = _window(filter)
        occurred = EventOccurredFilter.model_validate({"since": since, "until": until})
        self._filter: EventFilter = filter.model_copy(update={"occurred": occurred})
        self._seen = SeenIds(SEEN_EVENTS_SIZE, SEEN_EVENTS_TTL)
        self._reached: float = since.timestamp()  # the stream is complete up to here

    def _request(self) -> str:
        # `None` is left out: an older server refuses the name of a filter it does not know.
        return f'{{"type":"filter","filter":{self._wanted().model_dump_json(exclude_none=True)}}}'

    def _wanted(self) -> "EventFilter":
        """The filter, from the point up to which everything has been delivered."""
        from datetime import datetime, timezone

        resume = datetime.fromtimestamp(self._reached, timezone.utc)
        occurred = self._filter.occurred
        if len(self._seen) and resume > occurred.since:
            occurred = occurred.model_copy(update={"since": resume})
        return self._filter.model_copy(update={"occurred": occurred})

    async def _stored(self, http: "HttpFallback") -> "list[Event]":
        """Read the stored events that were not delivered yet, oldest first."""
        import json

        from prefect.events.filters import EventOrder  # heavy

        wanted = self._wanted().model_copy(update={"order": EventOrder.ASC})
        body = f'{{"limit":{PAGE_EVENTS},"filter":{wanted.model_dump_json(exclude_none=True)}}}'
        answer = await http.post("/events/filter", body.encode())
        found: list[Event] = []
        for _ in range(MOST_PAGES):
            page = json.loads(answer.content)
            parsed = (self._parsed(event) for event in page["events"])
            found.extend(event for event in parsed if event is not None)
            if not page.get("next_page"):
                return found
            # The server builds this address from the request, so behind a proxy it may name the
            # inside; only its query is taken over.
            answer = await http.get("/events/filter/next?" + page["next_page"].partition("?")[2])
        _logger.warning(
            "%s: more than %s stored events match; the rest is read with the next poll.",
            self.client_name,
            PAGE_EVENTS * MOST_PAGES,
        )
        return found

    def _item(self, message: "str | bytes") -> "Event | None":
        import json

        try:
            frame = json.loads(message)
        except ValueError as error:
            _logger.warning("Left out a message on %s that is no JSON: %s", self.path, error)
            return None
        if not isinstance(frame, dict) or frame.get("type") != "event":
            return None  # a kind of message newer than we are
        return self._parsed(frame.get("event"))

    def _parsed(self, fields: Any) -> "ReceivedEvent | None":
        """Make the event; None for one delivered before, or for garbage."""
        from pydantic import ValidationError  # heavy

        from prefect.events.schemas.events import ReceivedEvent

        try:
            event = ReceivedEvent.model_validate(fields)
        except ValidationError as error:
            _logger.warning("Left out a malformed event: %s", error)
            return None
        return event if self._is_new(event) else None

    def _is_new(self, event: "ReceivedEvent") -> bool:
        # The earlier of both times: an emitter's clock may run ahead, and skip the future.
        position = min(event.occurred, event.received).timestamp()
        self._reached = max(self._reached, position - BACKFILL_OVERLAP_SECONDS)
        return self._seen.add(event.id, position)


def _window(filter: "EventFilter") -> "tuple[datetime, datetime]":
    """The times a subscription covers: what the filter says, else from a minute ago for ever."""
    from datetime import datetime, timedelta, timezone

    now = datetime.now(timezone.utc)
    given = filter.occurred.model_fields_set if "occurred" in filter.model_fields_set else set()
    since = filter.occurred.since if "since" in given else now - timedelta(minutes=1)
    # Not the filter's own default, which is now and would end the stream.
    until = filter.occurred.until if "until" in given else now + timedelta(days=365)
    return since, until


class PrefectCloudEventSubscriber(PrefectEventSubscriber):
    """Iterates over the events of a Prefect Cloud workspace.

    Raises:
        ValueError: If the address or the key is neither given nor set.
    """

    def __init__(
        self,
        api_url: "str | None" = None,
        api_key: "str | None" = None,
        filter: "EventFilter | None" = None,
        reconnection_attempts: int = 10,
        reconnect_on_clean_close: bool = False,
    ) -> None:
        Feed.__init__(
            self,
            _cloud_connection(api_url, api_key, type(self).__name__),
            reconnection_attempts=reconnection_attempts,
            reconnect_on_clean_close=reconnect_on_clean_close,
        )
        self._listen(filter)


class PrefectCloudAccountEventSubscriber(PrefectCloudEventSubscriber):
    """Iterates over the events of a whole Prefect Cloud account.

    The workspace's part of the address, if there is one, is left out.
    """

    def __init__(
        self,
        api_url: "str | None" = None,
        api_key: "str | None" = None,
        filter: "EventFilter | None" = None,
        reconnection_attempts: int = 10,
        reconnect_on_clean_close: bool = False,
    ) -> None:
        from prefect.settings._current import group

        api_url = (api_url or group("api").url or "").partition("/workspaces/")[0] or None
        super().__init__(api_url, api_key, filter, reconnection_attempts, reconnect_on_clean_close)
