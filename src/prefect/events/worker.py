"""The background shipper of events: `emit_event` hands over, the worker delivers.

One worker per destination lives in the process's background thread (`prefect.client._background`).
`send` puts an event into a bounded queue and returns; the worker sends it, over drops and outages
of the server, for as long as the process lives, and at exit for at most five seconds. What could
not be delivered is never silent: one warning says how many events are lost.

The bound is PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE, or 50 000 events where that is 0. When the
queue is full the oldest event gives way: during a long outage the recent ones matter more.
"""

import sys
import threading
from collections import deque
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

from prefect.client._background import background_loop, in_background, on_exit, on_fork
from prefect.events.clients import (
    EventsClient,
    NullEventsClient,
    PrefectCloudEventsClient,
    PrefectEventsClient,
)
from prefect.logging.loggers import get_logger

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future
    from contextvars import Context

    from typing_extensions import Self

    from prefect.events.schemas.events import Event

__all__ = [
    "EventsWorker",
    "ProcessPoolForwardingEventsClient",
    "emit_events_to_cloud",
    "should_emit_events",
    "should_emit_events_to_ephemeral_server",
    "should_emit_events_to_running_server",
]

UNBOUNDED_QUEUE_SIZE = 50_000
"""Our bound where the setting says 0: about 100 MB of ordinary events."""

BATCH_EVENTS = 200
"""Most events taken from the queue at once."""

IDLE_CONFIRM_SECONDS = 1.0
"""After so much quiet, what was sent is confirmed, so that a drop is noticed and repaired."""

OUTAGE_RETRY_SECONDS = 5.0
"""Pause between two rounds of attempts while the server is away."""

_logger = get_logger(__name__)


def emit_events_to_cloud() -> bool:
    """Tell whether the configured API is Prefect Cloud."""
    from prefect.settings._current import group

    api_url = group("api").url
    return bool(api_url) and str(api_url).startswith(group("cloud").api_url)


def should_emit_events_to_running_server() -> bool:
    """Tell whether the address of a server is configured."""
    from prefect.settings._current import group

    return bool(group("api").url)


def should_emit_events_to_ephemeral_server() -> bool:
    """Tell whether events go to the server that Prefect starts when no address is configured."""
    from prefect.settings._current import group

    return not group("api").url and bool(group("server.ephemeral").enabled)


def should_emit_events() -> bool:
    """Tell whether there is anything to send events to."""
    return should_emit_events_to_running_server() or _ephemeral_api_url() is not None


def _ephemeral_api_url() -> "str | None":
    """Address of the server this process has started for itself; None if it has not.

    An event is no reason to start one.
    """
    if not should_emit_events_to_ephemeral_server():
        return None
    module = sys.modules.get("prefect.client._ephemeral")
    return module.running_api_url() if module is not None else None


def _shipping_client_type() -> "type[EventsClient]":
    """Choose the client for the current settings."""
    if emit_events_to_cloud():
        return PrefectCloudEventsClient
    return PrefectEventsClient if should_emit_events() else NullEventsClient


class ProcessPoolForwardingEventsClient(EventsClient):
    """Hands events to the parent process, whose worker sends them.

    Args:
        event_queue: A multiprocessing queue that the parent reads; gets `(item_type, event)`.
        item_type: What the parent tells events from other items by.
    """

    def __init__(self, event_queue: Any, item_type: str = "event") -> None:
        self._event_queue = event_queue
        self._item_type = item_type

    async def _emit(self, event: "Event") -> None:
        self._event_queue.put((self._item_type, event))


class EventsWorker:
    """Ships events in the background through one events client.

    Use `EventsWorker.instance()`; making one directly is for tests and special clients.

    Args:
        client_type: Class of the client that delivers.
        client_options: Its keyword arguments, as pairs.
    """

    _override: "ClassVar[tuple[type[EventsClient], tuple[tuple[str, Any], ...]] | None]" = None
    _instances: "ClassVar[dict[Any, EventsWorker]]" = {}
    _instances_lock: "ClassVar[Any]" = threading.RLock()

    def __init__(
        self,
        client_type: type[EventsClient],
        client_options: "tuple[tuple[str, Any], ...]",
    ) -> None:
        from prefect.settings._current import group

        self.client_type = client_type
        self.client_options = client_options
        self._bound = group("events").worker_max_queue_size or UNBOUNDED_QUEUE_SIZE
        # Where to ship and with which credentials is settled here, in the emitter's context.
        self._client = client_type(**dict(client_options))
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[tuple[Event, Context | None]] = deque()
        self._taken = 0  # events in the worker's hands, not yet with the client
        self._dropped = 0
        self._refused: Exception | None = None
        self._stopping = False
        self._woken = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._settled: asyncio.Event | None = None
        self._ending: asyncio.Event | None = None
        self._done: Future[bool] | None = None

    # -- choosing the worker -------------------------------------------------------------------

    @classmethod
    def set_client_override(
        cls, client_type: "type[EventsClient] | None", **client_kwargs: Any
    ) -> None:
        """Send every event through this client, whatever the settings say; None ends it."""
        override = None if client_type is None else (client_type, tuple(client_kwargs.items()))
        EventsWorker._override = override

    @classmethod
    def instance(cls, client_type: "type[EventsClient] | None" = None) -> "Self":
        """Return the worker for a client and the current settings; make it if there is none.

        Args:
            client_type: None means the override, else what the settings ask for.
        """
        options: tuple[tuple[str, Any], ...] = ()
        if client_type is None and cls._override is not None:
            client_type, options = cls._override
        elif client_type is None:
            client_type = _shipping_client_type()
            if url := _ephemeral_api_url():
                options = (("api_url", url),)
        key = (cls, client_type, repr(options), _destination(client_type))
        with EventsWorker._instances_lock:
            worker = EventsWorker._instances.get(key)
            if worker is None or worker._stopping:
                worker = cls(client_type, options)
                EventsWorker._instances[key] = worker
            return worker  # type: ignore[return-value]  # the key holds the class

    # -- the emitter's side --------------------------------------------------------------------

    def send(self, item: "Event") -> None:
        """Queue an event for delivery; returns at once.

        Raises:
            RuntimeError: If the worker was drained, or no thread can be started any more.
        """
        if self.client_type is NullEventsClient:
            return
        with self._lock:
            if self._stopping:
                raise RuntimeError("This events worker was drained; use `EventsWorker.instance()`.")
            if self._refused is not None:
                self._dropped += 1
                return
            if self._loop is None:
                self._start()
            if len(self._queue) >= self._bound:
                self._queue.popleft()
                self._drop_for_space()
            # The engine's own events name the resources of their run already.
            complete = getattr(item, "is_complete", False)
            self._queue.append((item, None if complete else _run_context()))
            must_wake, self._woken = not self._woken, True
        if must_wake and self._loop is not None:
            self._loop.call_soon_threadsafe(self._notify)

    def start(self) -> None:
        """Start delivering; `send` does it by itself."""
        with self._lock:
            if self._loop is None:
                self._start()

    def _start(self) -> None:
        import asyncio  # heavy
        from contextvars import Context

        self._loop = background_loop()
        # An empty context: the worker outlives the flow run that happens to emit first.
        run = Context().run
        self._done = run(asyncio.run_coroutine_threadsafe, self._run(), self._loop)
        on_exit(_drain_at_exit)
        on_fork(EventsWorker.reset_instances_for_fork)

    def _drop_for_space(self) -> None:
        self._dropped += 1
        if self._dropped == 1:
            _logger.warning(
                "More than %s events wait for delivery to %s; the oldest are dropped from now on."
                " Set PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE to keep more.",
                self._bound,
                self._where,
            )

    @property
    def undelivered(self) -> int:
        """How many events have not reached the server, those dropped included."""
        waiting = len(self._queue) + self._taken + getattr(self._client, "unconfirmed", 0)
        return self._dropped + int(waiting)

    def drain(self, at_exit: bool = False) -> "bool | Awaitable[bool]":
        """Deliver what is queued and end the worker; a later emit starts a fresh one.

        Args:
            at_exit: Whether the process is about to end: wait for at most five seconds.

        Returns:
            Whether everything was delivered; inside a running event loop, an awaitable of it.
        """
        done = self._stop()
        if _in_event_loop():
            import asyncio  # heavy

            return asyncio.wrap_future(done)
        return done.result(_exit_seconds() if at_exit else None)

    @classmethod
    def drain_all(
        cls, timeout: "float | None" = None, at_exit: bool = True
    ) -> "Any | Coroutine[Any, Any, Any]":
        """Drain every worker.

        Args:
            timeout: Seconds to wait for all of them; None waits until they are done.
            at_exit: Whether the process is about to end.

        Returns:
            Two sets of futures, done and not done; inside a running event loop, a coroutine.
        """
        with EventsWorker._instances_lock:
            futures = {worker._stop() for worker in EventsWorker._instances.values()}
            EventsWorker._instances.clear()
        if _in_event_loop():
            return _wait_all(futures, timeout)
        from concurrent.futures import wait

        return wait(futures, timeout)

    def wait_until_empty(self) -> None:
        """Block until the server has confirmed everything sent so far."""
        if self._loop is None or self._done is None or self._done.done():
            return
        if in_background():
            raise RuntimeError("The background thread cannot wait for itself.")
        import asyncio  # heavy

        asyncio.run_coroutine_threadsafe(self._wait_settled(), self._loop).result()

    def _stop(self) -> "Future[bool]":
        """Ask the worker to finish."""
        from concurrent.futures import Future

        with self._lock:
            self._stopping = True
            if self._done is None:
                never_started: Future[bool] = Future()
                never_started.set_result(True)
                self._done = never_started
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._notify)
            return self._done

    # -- fork ----------------------------------------------------------------------------------

    def reset_for_fork(self) -> None:
        """Forget the parent's queue and connection: the parent delivers those."""
        self._client = self.client_type(**dict(self.client_options))
        self._reset()

    @classmethod
    def reset_instances_for_fork(cls) -> None:
        """Start afresh in a forked child."""
        EventsWorker._instances_lock = threading.RLock()
        # Kept: finalising the parent's connections here would write to its sockets.
        _inherited.extend(EventsWorker._instances.values())
        EventsWorker._instances = {}

    # -- the background side -------------------------------------------------------------------

    def _notify(self) -> None:
        if self._wake is not None:
            self._wake.set()
        if self._stopping and self._ending is not None:
            self._ending.set()

    async def _run(self) -> bool:
        """Deliver until asked to stop; True if nothing is left over."""
        import asyncio  # heavy

        self._wake, self._settled = asyncio.Event(), asyncio.Event()
        self._ending = asyncio.Event()
        try:
            if await self._persist(self._client.__aenter__):
                try:
                    await self._deliver_all()
                finally:
                    await self._leave()
        finally:
            self._settled.set()
        return self.undelivered == 0

    async def _deliver_all(self) -> None:
        while True:
            batch = self._take()
            if batch:
                await self._deliver(batch)
                continue
            if not getattr(self._client, "unconfirmed", 0):
                self._settle()
            if self._stopping or self._refused:
                return
            if not await self._wait_for_work():
                await self._persist(self._confirm)

    def _take(self) -> "list[tuple[Event, Context | None]]":
        with self._lock:
            batch = [self._queue.popleft() for _ in range(min(BATCH_EVENTS, len(self._queue)))]
            self._taken = len(batch)
            if not batch:
                self._woken = False
                if self._wake is not None and not self._stopping:
                    self._wake.clear()
        return batch

    async def _wait_for_work(self) -> bool:
        """Wait for the next event; False if nothing came while events are unconfirmed."""
        import asyncio  # heavy

        assert self._wake is not None
        unconfirmed = getattr(self._client, "unconfirmed", 0)
        if not unconfirmed:
            await self._wake.wait()
            return True
        try:
            pause = 0.0 if self._confirm_now else IDLE_CONFIRM_SECONDS
            await asyncio.wait_for(self._wake.wait(), pause)
        except (TimeoutError, asyncio.TimeoutError):
            return False
        return not self._confirm_now

    _confirm_now = False

    def _settle(self) -> None:
        self._confirm_now = False
        assert self._settled is not None
        self._settled.set()

    async def _wait_settled(self) -> None:
        while self._settled is None:
            import asyncio  # heavy

            await asyncio.sleep(0)
        self._settled.clear()
        self._confirm_now = True
        self._notify()
        if self._done is not None and not self._done.done():
            await self._settled.wait()

    async def _confirm(self) -> None:
        client = self._client
        if isinstance(client, PrefectEventsClient):
            await client.flush()

    async def _deliver(self, batch: "list[tuple[Event, Context | None]]") -> None:
        events = [await self._completed(event, context) for event, context in batch]
        client = self._client
        if isinstance(client, PrefectEventsClient):
            client._keep(events)
            self._taken = 0  # the client keeps and counts them now
            await self._persist(lambda: client._emit_all(()))
            return
        for event in events:
            try:
                await client.emit(event)
            except Exception:
                # Boundary: a foreign client may raise anything, and must not end the thread.
                _logger.exception("Event %s is lost: %s failed", event.id, client.client_name)
                self._dropped += 1
            self._taken -= 1

    async def _persist(self, step: "Any") -> bool:
        """Do one step over outages of the server.

        Returns:
            False if it cannot be done: credentials refused, or the worker is to stop.
        """
        from prefect.client._websockets import TRANSIENT, WebSocketsBlocked, WebSocketUnauthorized

        warned = False
        while True:
            try:
                await step()
                if warned:
                    _logger.info("Events reach %s again.", self._where)
                return True
            except (WebSocketUnauthorized, WebSocketsBlocked) as error:
                self._refuse(error)
                return False
            except TRANSIENT as error:
                if self._stopping:
                    return False
                if not warned:
                    _logger.warning(
                        "Events cannot be sent to %s (%s); they are kept and sent when it answers.",
                        self._where,
                        error or type(error).__name__,
                    )
                    warned = True
                await self._pause(OUTAGE_RETRY_SECONDS)

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not longer than until the worker is asked to stop."""
        import asyncio  # heavy

        assert self._ending is not None
        if self._stopping:
            self._ending.set()
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except (TimeoutError, asyncio.TimeoutError):
            return

    def _refuse(self, error: Exception) -> None:
        """Give up on a destination that will not take events."""
        with self._lock:
            self._refused = error
            self._dropped += len(self._queue) + self._taken
            self._queue.clear()
            self._taken = 0
        _logger.error("Events are not sent: %s", error)

    async def _leave(self) -> None:
        from prefect.client._websockets import TRANSIENT, WebSocketUnauthorized

        try:
            await self._client.__aexit__(None, None, None)
        except TRANSIENT + (WebSocketUnauthorized,) as error:
            _logger.debug("Closing the events client failed: %s", error)

    async def _completed(self, event: "Event", context: "Context | None") -> "Event":
        """Add what the run that emitted the event is related to."""
        if context is None or not isinstance(self._client, PrefectEventsClient):
            return event
        try:
            task = context.run(_create_task, self.attach_related_resources_from_context(event))
            await task
        except Exception as error:
            # Boundary: the event itself matters more than its relations.
            _logger.warning("Event %s is sent without its run's resources: %s", event.id, error)
        return event

    async def attach_related_resources_from_context(self, event: "Event") -> None:
        """Add the resources of the current run (flow run, flow, deployment, ...) to an event."""
        # Heavy, and needed only by events emitted within a run.
        from prefect.client.orchestration import get_client
        from prefect.events.related import related_resources_from_run_context

        exclude = {resource.id for resource in event.involved_resources}
        async with get_client() as client:
            event.related += await related_resources_from_run_context(client, exclude=exclude)

    @property
    def _where(self) -> str:
        connection = getattr(self._client, "_connection", None)
        return connection.api_url if connection is not None else self.client_type.__name__

    def _report(self) -> int:
        """How many events are lost for good, now that the worker has ended."""
        lost, self._dropped = self.undelivered, 0
        return lost


_inherited: "list[EventsWorker]" = []
"""Workers of parent processes, kept from being finalised in a forked child."""


def _destination(client_type: type[EventsClient]) -> Any:
    """What, in the settings, decides where a client ships to and as whom."""
    if not issubclass(client_type, PrefectEventsClient):
        return None
    from prefect.settings._current import group

    api = group("api")
    secrets = (api.auth_string, api.key)
    return (
        api.url,
        *(None if secret is None else secret.get_secret_value() for secret in secrets),
        tuple(sorted(group("client").custom_headers.items())),
    )


def _run_context() -> "Context | None":
    """The emitter's context if it is within a run, else None."""
    module = sys.modules.get("prefect.context")
    if module is None:  # no run without it
        return None
    if module.FlowRunContext.get() is None and module.TaskRunContext.get() is None:
        return None
    from contextvars import copy_context

    return copy_context()


def _create_task(coroutine: "Coroutine[Any, Any, None]") -> "asyncio.Task[None]":
    import asyncio  # heavy

    return asyncio.get_running_loop().create_task(coroutine)


def _in_event_loop() -> bool:
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def _exit_seconds() -> float:
    from prefect.client import _background

    return _background.EXIT_SECONDS


async def _wait_all(futures: "set[Future[bool]]", timeout: "float | None") -> Any:
    import asyncio  # heavy

    wrapped = [asyncio.ensure_future(asyncio.wrap_future(future)) for future in futures]
    if wrapped:
        await asyncio.wait(wrapped, timeout=timeout)
    done = {future for future in futures if future.done()}
    return done, futures - done


def _drain_at_exit(seconds: float) -> None:
    """Finish all workers within the time; say what is lost."""
    from concurrent.futures import wait

    with EventsWorker._instances_lock:
        workers = list(EventsWorker._instances.values())
        EventsWorker._instances.clear()
    unfinished = wait({worker._stop() for worker in workers}, timeout=seconds).not_done
    for future in unfinished:
        future.cancel()
    lost = sum(worker._report() for worker in workers)
    if lost:
        where = ", ".join(sorted({worker._where for worker in workers}))
        what = "1 event was" if lost == 1 else f"{lost} events were"
        _logger.warning("%s not delivered to %s before the process ended.", what, where)
