"""Following logs live, complete and in order, whatever the server offers.

`LogFollower` reads `POST /logs/filter` again and again; where the server publishes its live stream
(off by default) a message there says that it is time to read, which makes the delay a few
milliseconds instead of a second. The stored logs alone are what is delivered, so there are no
doubles and no gaps, and within one read the order is that of the timestamps. A log that reaches
the server late comes late, but comes: reads overlap, and the last one goes over everything again.

Used by `prefect.events.subscribers.FlowRunSubscriber` and by whoever shows the logs of a run.
"""

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from prefect.client._feeds import SeenIds

if TYPE_CHECKING:
    import asyncio

    from typing_extensions import Self

    from prefect.client._connection import Connection
    from prefect.client._http_fallback import HttpFallback
    from prefect.client.schemas.filters import LogFilter
    from prefect.client.schemas.objects import Log

__all__ = ["LogFollower"]

PAGE_LOGS = 200
"""The server's limit for one read."""

OVERLAP_SECONDS = 5.0
"""How far a read reaches back: runs send their logs in batches every two seconds."""

DEEP_OVERLAP_SECONDS = 120.0
DEEP_EVERY = 20
"""Every so many reads one reaches back further, for logs that an outage has held up."""

BUSY_SECONDS = 0.5
IDLE_SECONDS = 2.0
"""Pause between reads while logs come, and the longest while none do."""

STREAM_SECONDS = 5.0
"""Pause between reads while the live stream would tell of a new log."""

GATHER_SECONDS = 0.02
"""How long to wait for more news before reading: logs come in bunches."""

STORE_SECONDS = 0.2
STORE_TRIES = 15
"""The stream may be ahead of the store: reads follow until a log that was told of is there."""

FULL_SWEEP_LOGS = 10_000
"""Up to so many logs the last read goes over all of them, else over `DEEP_OVERLAP_SECONDS`."""


class LogFollower:
    """Iterate over the logs that match a filter, until `finish` is called and no more come.

    Use as an async context manager and async iterator.

    Args:
        connection: Where the API is.
        filter: Which logs; its `timestamp.after_` is where to begin, by default with the first.
    """

    def __init__(self, connection: "Connection", filter: "LogFilter") -> None:
        self._connection = connection
        self._filter = filter
        self._seen = SeenIds(500_000, float("inf"))
        self._ready: deque[Log] = deque()
        self._expected: set[Any] = set()
        self._reached: float | None = None
        self._reads = 0
        self._tries = 0
        self._quiet_seconds: float | None = None
        self._last_news = time.monotonic()
        self._swept = False
        self._failures = 0
        self._streaming = False
        self._http: HttpFallback | None = None
        self._news: asyncio.Event | None = None
        self._listener: asyncio.Task[None] | None = None

    def finish(self, quiet_seconds: float = 0.0) -> None:
        """End the iteration once no log has come for so long; may be called at any time."""
        self._quiet_seconds = quiet_seconds
        self._last_news = time.monotonic()
        if self._news is not None:
            self._news.set()

    async def __aenter__(self) -> "Self":
        import asyncio  # heavy

        from prefect.client._http_fallback import HttpFallback

        self._news = asyncio.Event()
        self._http = HttpFallback(self._connection)
        self._listener = asyncio.create_task(self._listen(), name="prefect-log-stream")
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        import asyncio  # heavy

        listener, self._listener = self._listener, None
        http, self._http = self._http, None
        try:
            if listener is not None:
                listener.cancel()
                await asyncio.wait([listener])
        finally:
            if http is not None:
                await http.close()

    def __aiter__(self) -> "Self":
        return self

    async def __anext__(self) -> "Log":
        while not self._ready:
            if self._swept:
                raise StopAsyncIteration
            if self._reads:
                await self._wait()
            await self._read()
        return self._ready.popleft()

    async def _wait(self) -> None:
        """Wait until a read is worth while."""
        import asyncio  # heavy

        from prefect.client._websockets import reconnect_delay

        assert self._news is not None
        if self._failures:
            await asyncio.sleep(reconnect_delay(self._failures))
            return
        try:
            await asyncio.wait_for(self._news.wait(), self._pause())
        except (TimeoutError, asyncio.TimeoutError):
            return
        self._news.clear()
        if self._quiet_seconds is None:
            await asyncio.sleep(GATHER_SECONDS)

    def _pause(self) -> float:
        """Seconds until the next read, if there is no news before."""
        silence = time.monotonic() - self._last_news
        if self._expected:
            pause = STORE_SECONDS
        elif self._streaming:
            pause = STREAM_SECONDS
        else:
            pause = min(IDLE_SECONDS, max(BUSY_SECONDS, silence / 4))
        if self._quiet_seconds is not None:
            pause = min(pause, BUSY_SECONDS, max(0.0, self._quiet_seconds - silence))
        return pause

    async def _read(self) -> None:
        """Read what is stored from a little before the last log on."""
        quiet = self._quiet_seconds
        last = quiet is not None and time.monotonic() - self._last_news >= quiet
        overlap = OVERLAP_SECONDS if self._reads % DEEP_EVERY else DEEP_OVERLAP_SECONDS
        since = None if self._reached is None else self._reached - overlap
        if last and since is not None:
            full = len(self._seen) <= FULL_SWEEP_LOGS
            since = None if full else since - DEEP_OVERLAP_SECONDS
        self._reads += 1
        try:
            await self._read_pages(since)
        except ConnectionError:
            self._failures += 1
            if self._failures > 10:  # about a minute; the transport has tried several times each
                raise
            return
        self._failures = 0
        self._check_expected()
        self._swept = last and not self._ready

    async def _read_pages(self, since: "float | None") -> None:
        from prefect.client.schemas.objects import Log  # heavy

        assert self._http is not None
        filter = self._filter_from(since).model_dump_json(exclude_none=True)
        offset = 0
        while True:
            body = (
                f'{{"logs":{filter},"sort":"TIMESTAMP_ASC","limit":{PAGE_LOGS},"offset":{offset}}}'
            )
            answer = await self._http.post("/logs/filter", body.encode())
            page = _logs(Log).validate_json(answer.content)
            for log in page:
                self._take(log)
            if len(page) < PAGE_LOGS:
                return
            offset += len(page)

    def _take(self, log: "Log") -> None:
        position = log.timestamp.timestamp()
        self._expected.discard(log.id)
        if not self._seen.add(log.id, position):
            return
        self._ready.append(log)
        self._last_news = time.monotonic()
        # A run whose clock is ahead must not make us skip the logs of others.
        position = min(position, time.time())
        self._reached = position if self._reached is None else max(self._reached, position)

    def _check_expected(self) -> None:
        """Stop waiting for logs that the stream told of and the store never shows."""
        self._tries = self._tries + 1 if self._expected else 0
        if self._tries > STORE_TRIES:
            self._expected.clear()
            self._tries = 0

    def _filter_from(self, since: "float | None") -> "LogFilter":
        from datetime import datetime, timezone

        from prefect.client.schemas.filters import LogFilterTimestamp  # heavy

        asked = self._filter.timestamp
        begin: datetime | None = asked.after_ if asked is not None else None
        if since is not None:
            resume = datetime.fromtimestamp(since, timezone.utc)
            begin = resume if begin is None else max(begin, resume)
        if begin is None:
            return self._filter
        end = asked.before_ if asked is not None else None
        window = LogFilterTimestamp.model_validate({"after_": begin, "before_": end})
        return self._filter.model_copy(update={"timestamp": window})

    async def _listen(self) -> None:
        """Let the live stream, if there is one, say when to read."""
        from prefect.client._websockets import TRANSIENT, WebSocketsBlocked, WebSocketUnauthorized
        from prefect.logging.clients import PrefectLogsSubscriber
        from prefect.logging.loggers import get_logger

        stream = PrefectLogsSubscriber(
            self._connection.api_url,
            filter=self._filter,
            reconnection_attempts=3,
            reconnect_on_clean_close=True,
        )
        stream._connection = self._connection
        assert self._news is not None
        try:
            async with stream:
                self._streaming = True
                async for log in stream:
                    if log.id not in self._seen:
                        self._expected.add(log.id)
                        self._news.set()
        except TRANSIENT + (WebSocketsBlocked, WebSocketUnauthorized) as error:
            get_logger(__name__).debug("No live stream of logs, reading them: %s", error)
        finally:
            self._streaming = False


def _logs(model: Any) -> Any:
    """The parser of a page, made once."""
    global _page
    if _page is None:
        from pydantic import TypeAdapter  # heavy

        _page = TypeAdapter(list[model])
    return _page


_page: Any = None
