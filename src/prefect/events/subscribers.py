"""Following one flow run: its events and its logs, in one stream.

`FlowRunSubscriber` joins the events subscriber and the follower of logs, and ends by itself when
the run has ended. It does so even where an event is missed, because it also asks the server for
the run's state now and then.
"""

import time
from typing import TYPE_CHECKING, Any

from prefect.client.schemas.objects import StateType
from prefect.logging.loggers import get_logger

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from types import TracebackType
    from uuid import UUID

    from typing_extensions import Self

    from prefect.client._connection import Connection
    from prefect.client.schemas.objects import Log
    from prefect.events.schemas.events import Event

__all__ = ["TERMINAL_STATES", "FlowRunSubscriber"]

TERMINAL_STATES = {
    StateType.COMPLETED,
    StateType.FAILED,
    StateType.CANCELLED,
    StateType.CRASHED,
}
"""States after which a run does not go on."""

STATE_CHECK_SECONDS = 10.0
"""How often the run's state is read, in case its last event is missed."""

MISSED_EVENTS_SECONDS = 0.5
"""Pause between looks for events that the server had not stored when the run ended."""

_logger = get_logger(__name__)


class FlowRunSubscriber:
    """Iterates over the events and logs of a flow run, from a minute ago until it has ended.

    Args:
        flow_run_id: The run.
        straggler_timeout: Seconds without a further log after which, once the run has ended, the
            iteration ends too.
        reconnection_attempts: Failures in a row after which the iteration raises.

    Example:
        ```python
        async with FlowRunSubscriber(flow_run_id) as items:
            async for item in items:
                print(item.message if isinstance(item, Log) else item.event)
        ```
    """

    def __init__(
        self,
        flow_run_id: "UUID",
        straggler_timeout: int = 3,
        reconnection_attempts: int = 10,
    ) -> None:
        self.flow_run_id = flow_run_id
        self.straggler_timeout = straggler_timeout
        self.reconnection_attempts = reconnection_attempts
        self._tasks: list[asyncio.Task[None]] = []
        self._items: asyncio.Queue[Log | Event | BaseException | None] | None = None
        self._logs: Any = None
        self._ended = self._end_seen = self._ended_long_ago = False
        self._opened_at = 0.0

    async def __aenter__(self) -> "Self":
        import asyncio  # heavy

        from prefect.events.clients import _cloud_connection, _connection
        from prefect.events.worker import emit_events_to_cloud

        name = type(self).__name__
        cloud = emit_events_to_cloud()
        connection = _cloud_connection(None, None, name) if cloud else _connection(None, name)
        self._items = asyncio.Queue()
        self._ended = self._end_seen = False
        events, logs = self._make_events(), self._make_logs(connection)
        self._logs = logs
        # Entered here, so that nothing that happens after this call is missed.
        await events.__aenter__()
        try:
            await logs.__aenter__()
        except BaseException:
            await events.__aexit__(None, None, None)
            raise
        self._feeds = (events, logs)
        self._opened_at = events._opened_at
        self._tasks = [
            asyncio.create_task(self._pump(pump, *arguments), name=f"prefect-follow-{number}")
            for number, (pump, *arguments) in enumerate(
                [(self._pump_logs, logs), (self._pump_events, events), (self._watch, connection)]
            )
        ]
        return self

    async def __aexit__(
        self,
        exc_type: "type[BaseException] | None",
        exc_val: "BaseException | None",
        exc_tb: "TracebackType | None",
    ) -> None:
        import asyncio  # heavy

        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        events, logs = self._feeds
        try:
            await events.__aexit__(exc_type, exc_val, exc_tb)
        finally:
            await logs.__aexit__(exc_type, exc_val, exc_tb)

    def __aiter__(self) -> "Self":
        return self

    async def __anext__(self) -> "Log | Event":
        if self._items is None:
            raise RuntimeError("Enter the subscriber first: `async with FlowRunSubscriber(...)`.")
        item = await self._items.get()
        if item is None:
            self._items.put_nowait(None)  # asked again, it has still ended
            raise StopAsyncIteration
        if isinstance(item, BaseException):
            raise item
        return item

    def _make_events(self) -> Any:
        from prefect.events.clients import get_events_subscriber
        from prefect.events.filters import EventAnyResourceFilter, EventFilter  # heavy

        about = EventAnyResourceFilter(id=[f"prefect.flow-run.{self.flow_run_id}"])
        return get_events_subscriber(
            filter=EventFilter(any_resource=about),
            reconnection_attempts=self.reconnection_attempts,
            reconnect_on_clean_close=True,
        )

    def _make_logs(self, connection: "Connection") -> Any:
        from datetime import datetime, timedelta, timezone

        from prefect.client._log_follower import LogFollower
        from prefect.client.schemas.filters import LogFilter  # heavy

        since = datetime.now(timezone.utc) - timedelta(minutes=1)
        filter = LogFilter.model_validate(
            {"flow_run_id": {"any_": [self.flow_run_id]}, "timestamp": {"after_": since}}
        )
        return LogFollower(connection, filter)

    async def _pump(self, pump: "Callable[..., Awaitable[None]]", *arguments: Any) -> None:
        """Run a pump; what it raises is raised to the one who iterates."""
        assert self._items is not None
        try:
            await pump(*arguments)
        except Exception as error:
            # Boundary: passed on as a value, to be raised in `__anext__`.
            self._items.put_nowait(error)

    async def _pump_logs(self, logs: Any) -> None:
        assert self._items is not None
        async for log in logs:
            self._items.put_nowait(log)
        await self._read_missed_events()
        self._items.put_nowait(None)

    async def _pump_events(self, events: Any) -> None:
        assert self._items is not None
        async for event in events:
            self._deliver(event)

    def _deliver(self, event: "Event") -> None:
        assert self._items is not None
        self._items.put_nowait(event)
        if self._is_end(event):
            self._end_seen = True
            self._run_ended()

    async def _read_missed_events(self) -> None:
        """Wait for what happened while the line was down shortly before the end.

        The server stores events in batches, so they may not have been in the backfill yet. What
        was missed is the last event, when the end is known from the run's state alone, or any
        other, when the line came back only just before it.
        """
        import asyncio  # heavy

        from prefect.client._feeds import CATCH_UP_SECONDS
        from prefect.client._http_fallback import HttpFallback

        events, _ = self._feeds
        now = time.monotonic()
        pending = events._catch_up_at if events._opened_at != self._opened_at else None
        awaited = not self._end_seen and not self._ended_long_ago
        until = max(pending or now, now + CATCH_UP_SECONDS if awaited else now)
        if until <= now:
            return
        http = HttpFallback(events._connection)
        try:
            while (now := time.monotonic()) < until:
                await asyncio.sleep(min(MISSED_EVENTS_SECONDS, until - now))
                for event in await events._stored(http):
                    self._deliver(event)
                if self._end_seen and (pending is None or time.monotonic() >= pending):
                    return
        except ConnectionError as error:
            _logger.warning(
                "The last events of flow run %s may be missing: %s", self.flow_run_id, error
            )
        finally:
            await http.close()

    def _is_end(self, event: "Event") -> bool:
        if event.resource.id != f"prefect.flow-run.{self.flow_run_id}":
            return False
        kinds = {state.value for state in TERMINAL_STATES}
        return event.resource.get("prefect.state-type") in kinds

    def _run_ended(self) -> None:
        if not self._ended:
            self._ended = True
            self._logs.finish(float(self.straggler_timeout))

    async def _watch(self, connection: "Connection") -> None:
        """Notice the end of the run, should its event be missed; tell if there is no such run."""
        import asyncio  # heavy
        import json

        from prefect.client._http_fallback import HttpFallback

        http = HttpFallback(connection)
        ends_seen = 0
        try:
            while not self._ended:
                try:
                    answer = await http.get(f"/flow_runs/{self.flow_run_id}")
                    run = json.loads(answer.content)
                    kind = run.get("state_type")
                except ConnectionError as error:
                    _logger.debug("Reading flow run %s failed: %s", self.flow_run_id, error)
                    kind = None
                # Its event may be on the way: believed only the second time, a little later.
                ends_seen += kind in {state.value for state in TERMINAL_STATES}
                if ends_seen > 1:
                    self._ended_long_ago = _ended_long_ago(run.get("end_time"))
                    self._run_ended()
                    return
                await asyncio.sleep(1.0 if ends_seen else STATE_CHECK_SECONDS)
        finally:
            await http.close()


def _ended_long_ago(end_time: "str | None") -> bool:
    """Whether a run ended before the minute that is followed, so that no event of it can come."""
    from datetime import datetime, timedelta, timezone

    if not end_time:
        return False
    ended = datetime.fromisoformat(end_time.replace("Z", "+00:00"))
    return datetime.now(timezone.utc) - ended > timedelta(minutes=1)
