"""Logs of runs on their way to the API.

`APILogHandler` turns records into JSON and hands them to `APILogWorker`, which posts them in
batches from the process's background thread. Logging never waits for the network and never fails
because of it: what cannot be sent is kept, up to a bound, and sent when the API answers again; what
is lost for good is counted and said once.

Source: orchestration facts, section 10.
"""

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as _text
from typing import TYPE_CHECKING, Any, ClassVar

from prefect.client._background import background_loop, on_exit, on_fork

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

    from typing_extensions import Self

__all__ = [
    "APILogHandler",
    "APILogWorker",
    "WorkerAPILogHandler",
    "emit_api_log",
    "set_api_log_sink",
]

TRUNCATED = "... [truncated]"
"""Ends a message that was cut."""

MOST_WAITING_BYTES = 64_000_000
"""Bound of the logs that wait for an API that does not answer."""

OUTAGE_RETRY_SECONDS = 5.0
"""Pause between two rounds of attempts while the API is away."""

_own_logger = logging.getLogger("prefect.logging.handlers")
_sink: "Callable[[dict[str, Any]], None] | None" = None


def set_api_log_sink(sink: "Callable[[dict[str, Any]], None] | None") -> None:
    """Hand logs for the API to `sink` instead of sending them; None ends it."""
    global _sink
    _sink = sink


def emit_api_log(log: dict[str, Any]) -> None:
    """Send one log, in the form of the API, or hand it to the sink there is."""
    if _sink is not None:
        _sink(log)
    else:
        APILogWorker.instance().send(log)


class APILogWorker:
    """Posts logs to one API in batches, in the background.

    Use `APILogWorker.instance()`.
    """

    _instances: "ClassVar[dict[Any, APILogWorker]]" = {}
    _instances_lock: ClassVar[Any] = threading.Lock()

    def __init__(self, *args: Any) -> None:
        from prefect.client.orchestration import get_client
        from prefect.settings._current import group

        to_api = group("logging.to_api")
        self.max_log_size: int = to_api.max_log_size
        self._interval = float(to_api.batch_interval)
        self._batch_bytes = max(1, to_api.batch_size - to_api.max_log_size - 1)
        self._most_batch_bytes: int = to_api.batch_size
        # Where to send and with which credentials is settled here, in the emitter's context.
        self._client = get_client()
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._dropped = 0
        self._stopping = False
        self._awake = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._full: asyncio.Event | None = None
        self._idle: asyncio.Event | None = None
        self._done: Future[bool] | None = None

    @classmethod
    def instance(cls, *args: Any) -> "Self":
        """Return the worker for the API of the current settings; make it if there is none."""
        from prefect.settings._current import group

        api = group("api")
        secrets = (api.auth_string, api.key)
        key = (
            cls,
            api.url,
            *(None if secret is None else secret.get_secret_value() for secret in secrets),
        )
        with APILogWorker._instances_lock:
            worker = APILogWorker._instances.get(key)
            if worker is None or worker._stopping:
                worker = APILogWorker._instances[key] = cls()
            return worker  # type: ignore[return-value]  # the key holds the class

    def send(self, item: "dict[str, Any] | bytes") -> None:
        """Queue one log, as a mapping or as JSON; returns at once."""
        if not isinstance(item, bytes):
            from json import dumps

            item = dumps(item, default=str).encode()
        with self._lock:
            if self._loop is None:
                self._start()
            self._queue.append(item)
            self._waiting_bytes += len(item) + 1
            while self._waiting_bytes > MOST_WAITING_BYTES:
                self._waiting_bytes -= len(self._queue.popleft()) + 1
                self._dropped += 1
            wake, self._awake = not self._awake, True
            full = self._waiting_bytes >= self._batch_bytes
        if (wake or full) and self._loop is not None:
            self._loop.call_soon_threadsafe(self._notify)

    def start(self) -> None:
        """Start sending; `send` does it by itself."""
        with self._lock:
            if self._loop is None:
                self._start()

    def _start(self) -> None:
        import asyncio  # heavy
        from contextvars import Context

        self._loop = background_loop()
        run = Context().run
        self._done = run(asyncio.run_coroutine_threadsafe, self._run(), self._loop)
        on_exit(_drain_at_exit)
        on_fork(APILogWorker.reset_instances_for_fork)

    def _notify(self) -> None:
        if self._wake is not None:
            self._wake.set()
        if self._full is not None and (self._stopping or self._waiting_bytes >= self._batch_bytes):
            self._full.set()

    async def _run(self) -> bool:
        """Send until asked to stop; True if nothing is left over."""
        import asyncio  # heavy

        self._wake, self._full = asyncio.Event(), asyncio.Event()
        self._idle = asyncio.Event()
        while True:
            if not self._queue:
                self._idle.set()
                if self._stopping:
                    return self._dropped == 0
                with self._lock:
                    if self._queue:
                        continue
                    self._awake = False
                    self._wake.clear()
                await self._wake.wait()
                self._idle.clear()
                continue
            if not self._stopping:
                # The first log waits for others, but not longer than the interval.
                self._full.clear()
                if self._waiting_bytes < self._batch_bytes:
                    await _at_most(self._full.wait(), self._interval)
            if not await self._post_batch() and self._stopping:
                return False

    async def _post_batch(self) -> bool:
        """Post what is queued, up to the size of a batch; False if that must wait."""
        with self._lock:
            batch: list[bytes] = []
            size = 2
            while self._queue and size + len(self._queue[0]) + 1 <= self._most_batch_bytes:
                item = self._queue.popleft()
                size += len(item) + 1
                batch.append(item)
            if not batch:  # one that is larger than any batch can never leave
                self._waiting_bytes -= len(self._queue.popleft()) + 1
                self._dropped += 1
                return True
        try:
            await self._client._send(
                "POST", "/logs/", content=b"[" + b",".join(batch) + b"]", retry=True
            )
        except Exception as error:  # boundary: telling about a run must not break it
            return await self._keep(batch, error)
        with self._lock:
            self._waiting_bytes -= sum(map(len, batch)) + len(batch)
        return True

    async def _keep(self, batch: list[bytes], error: Exception) -> bool:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status is not None and 400 <= status < 500 and status not in {408, 429}:
            with self._lock:
                self._waiting_bytes -= sum(map(len, batch)) + len(batch)
            _own_logger.error("%s logs are lost, the API refuses them: %s", len(batch), error)
            return True
        with self._lock:
            self._queue.extendleft(reversed(batch))
        if not self._stopping:
            _own_logger.warning("Logs cannot be sent (%s); they are kept and sent later.", error)
            assert self._full is not None
            self._full.clear()
            await _at_most(self._full.wait(), OUTAGE_RETRY_SECONDS)
        return False

    @property
    def undelivered(self) -> int:
        """How many logs have not reached the API, those dropped included."""
        return len(self._queue) + self._dropped

    def _stop(self) -> "Future[bool] | None":
        with self._lock:
            self._stopping = True
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._notify)
            return self._done

    def drain(self, at_exit: bool = False) -> bool:
        """Send what is queued and end the worker; says whether everything was sent."""
        done = self._stop()
        if done is None:
            return True
        from prefect.client import _background

        return done.result(_background.EXIT_SECONDS if at_exit else None)

    def wait_until_empty(self) -> None:
        """Block until what was logged so far has been sent, or could not be."""
        while self._queue or (self._idle is not None and not self._idle.is_set()):
            if self._loop is not None and self._full is not None:
                self._loop.call_soon_threadsafe(self._full.set)
            if self._done is None or self._done.done():
                return
            time.sleep(0.01)

    @classmethod
    def reset_instances_for_fork(cls) -> None:
        """Start afresh in a forked child; the parent sends what it has queued."""
        APILogWorker._instances_lock = threading.Lock()
        _inherited.extend(APILogWorker._instances.values())
        APILogWorker._instances = {}


_inherited: list[APILogWorker] = []
"""Workers of parent processes, kept from being finalised in a forked child."""


async def _at_most(awaitable: Any, seconds: float) -> None:
    import asyncio  # heavy

    try:
        await asyncio.wait_for(awaitable, seconds)
    except (TimeoutError, asyncio.TimeoutError):
        return


def _drain_at_exit(seconds: float) -> None:
    """Finish all workers within the time; say what is lost."""
    from concurrent.futures import wait

    with APILogWorker._instances_lock:
        workers = list(APILogWorker._instances.values())
        APILogWorker._instances.clear()
    futures = {done for worker in workers if (done := worker._stop()) is not None}
    for future in wait(futures, timeout=seconds).not_done:
        future.cancel()
    lost = sum(worker.undelivered for worker in workers)
    if lost:
        _own_logger.warning("%s logs were not delivered before the process ended.", lost)


class APILogHandler(logging.Handler):
    """Sends the records of runs to the API."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over; returns at once."""
        try:
            if self._is_wanted(record):
                log = self._json(record)
                if log is not None:
                    if _sink is not None:
                        _sink(self.prepare(record))
                    else:
                        APILogWorker.instance().send(log)
        except Exception:
            self.handleError(record)

    def _is_wanted(self, record: logging.LogRecord) -> bool:
        from prefect.settings._current import group

        return (
            bool(group("api").url)
            and group("logging.to_api").enabled
            and getattr(record, "send_to_api", True)
        )

    def _ids(self, record: logging.LogRecord) -> tuple[str | None, str | None]:
        """The ids of the flow run and task run a record belongs to."""
        flow_run_id = _id(getattr(record, "flow_run_id", None))
        task_run_id = _id(getattr(record, "task_run_id", None))
        if flow_run_id is None and task_run_id is None:
            from prefect.utilities.context import get_task_and_flow_run_ids

            task, flow = get_task_and_flow_run_ids()
            flow_run_id, task_run_id = _id(flow), _id(task)
        return flow_run_id, task_run_id

    def _json(self, record: logging.LogRecord) -> bytes | None:
        flow_run_id, task_run_id = self._ids(record)
        if flow_run_id is None and task_run_id is None:
            self._tell_missing(record)
            return None
        message = self._message(record)
        return (
            f'{{"name":{_text(record.name)},"level":{record.levelno},"message":{_text(message)},'
            f'"timestamp":"{_timestamp(record)}","flow_run_id":{_quoted(flow_run_id)},'
            f'"task_run_id":{_quoted(task_run_id)}}}'
        ).encode()

    def _message(self, record: logging.LogRecord) -> str:
        from prefect.settings._current import group

        message = self.format(record)
        limit = group("logging.to_api").max_log_size
        room = 400  # the other fields, generously
        if len(message) * 6 + room <= limit:  # a character takes at most six bytes, escaped
            return message
        size = len(_text(message)) + room
        if size <= limit:
            return message
        # Cut by the share that is too much, until it fits: characters differ in length.
        while size > limit and message:
            message = message[: max(0, int(len(message) * (limit / size) * 0.98))]
            size = len(_text(message)) + len(TRUNCATED) + room
        return message + TRUNCATED

    def _tell_missing(self, record: logging.LogRecord) -> None:
        """Say that a logger of runs was used outside of a run."""
        from prefect.exceptions import MissingContextError
        from prefect.settings._current import group

        what = group("logging.to_api").when_missing_flow
        text = (
            f"The logger {record.name!r} sends its records to the API, but this one belongs to no"
            " flow run. Use it inside a run, or set PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW to"
            " 'ignore'."
        )
        if what == "error":
            raise MissingContextError(text)
        if what == "warn":
            import warnings

            warnings.warn(text, stacklevel=8)

    def handleError(self, record: logging.LogRecord) -> None:
        """Raise what the user asked for; say anything else on standard error, once per record."""
        from prefect.exceptions import MissingContextError

        error = sys.exc_info()[1]
        if isinstance(error, (MissingContextError, UserWarning)):
            raise error
        super().handleError(record)

    def prepare(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return a record in the form of the API.

        Raises:
            MissingContextError: If it belongs to no run.
        """
        from prefect.exceptions import MissingContextError

        flow_run_id, task_run_id = self._ids(record)
        if flow_run_id is None and task_run_id is None:
            raise MissingContextError(f"The record of {record.name!r} belongs to no run.")
        return {
            "name": record.name,
            "level": record.levelno,
            "message": self._message(record),
            "timestamp": _timestamp(record),
            "flow_run_id": flow_run_id,
            "task_run_id": task_run_id,
        }

    def flush(self) -> None:
        """Send what was logged so far, and wait for it unless an event loop is running."""
        asyncio = sys.modules.get("asyncio")
        in_loop = asyncio is not None and asyncio._get_running_loop() is not None
        for worker in list(APILogWorker._instances.values()):
            if in_loop or threading.current_thread().name == "prefect-background":
                if worker._loop is not None and worker._full is not None:
                    worker._loop.call_soon_threadsafe(worker._full.set)
            elif not worker._stopping:
                worker.wait_until_empty()

    @classmethod
    async def aflush(cls) -> None:
        """Send what was logged so far, and wait for it."""
        from anyio import to_thread

        for worker in list(APILogWorker._instances.values()):
            await to_thread.run_sync(worker.wait_until_empty)

    def close(self) -> None:
        """Release the handler; what was handed over is sent all the same."""
        logging.Handler.close(self)


class WorkerAPILogHandler(APILogHandler):
    """Sends the records of workers to the API."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over if its worker is known to the API."""
        if getattr(record, "worker_id", None):
            super().emit(record)

    def prepare(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return a record in the form of the API, with the worker's id."""
        return {
            "name": record.name,
            "level": record.levelno,
            "message": self._message(record),
            "timestamp": _timestamp(record),
            "flow_run_id": None,
            "task_run_id": None,
            "worker_id": str(record.worker_id),  # type: ignore[attr-defined]  # checked by `emit`
        }

    def _json(self, record: logging.LogRecord) -> bytes | None:
        from json import dumps

        return dumps(self.prepare(record)).encode()


def _id(value: Any) -> str | None:
    return None if value is None or value == "None" else str(value)


def _quoted(value: str | None) -> str:
    return "null" if value is None else _text(value)


def _timestamp(record: logging.LogRecord) -> str:
    import datetime

    return datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc).isoformat()
