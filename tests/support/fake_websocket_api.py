"""A small API on loopback, with real sockets and real WebSockets, that misbehaves on request.

A front door looks at each request: upgrades go to a server made with the `websockets` library (or
are refused with `upgrade_status`), everything else is answered here. It runs in a thread of its
own, so that tests may be synchronous, asynchronous, or both.
"""

import asyncio
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from typing_extensions import Self
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

DROP = object()
"""In a script: cut the connection without a closing frame."""

WAIT = object()
"""In a script: keep the connection open until the other side closes it."""

PREFIX = "/some/prefix/api"


class Close:
    """In a script: close properly with this code."""

    def __init__(self, code: int) -> None:
        self.code = code


class FakeApi:
    """Use as a context manager.

    Attributes:
        auth_string: What a client must authenticate with; None lets everybody in.
        upgrade_status: Refuse WebSockets with this HTTP status.
        http_status: Answer to `POST /events`; may be a function of the posted list.
        drop_in_after: For each connection to `/events/in`, in order, after how many events it is
            cut; connections without an entry live.
        out: For each connection to `/events/out` or `/logs/out`, in order, what it sends.
        pages: What `POST /events/filter` and `POST /logs/filter` answer, in order; the last one
            repeats.
        received: Events that came over a WebSocket, in order.
        posted: Events that came over HTTP, in order.
        filters: The filter frames received.
        requests: The HTTP requests, as `"POST /events"`.
        handshakes: The headers of each upgrade request.
        dropped: How many connections to `/events/in` were cut.
    """

    def __init__(self) -> None:
        self.auth_string: str | None = None
        self.select_subprotocol = True
        self.upgrade_status: int | None = None
        self.http_status: int | Callable[[list[Any]], int] = 204
        self.drop_in_after: list[int] = []
        self.out: list[list[Any]] = []
        self.pages: list[Any] = []
        self.flow_run: dict[str, Any] | None = None
        self.received: list[dict[str, Any]] = []
        self.posted: list[dict[str, Any]] = []
        self.filters: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.bodies: list[Any] = []
        self.handshakes: list[dict[str, str]] = []
        self.opened: Counter[str] = Counter()
        self.dropped = 0
        self.changed = threading.Condition()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    # -- for tests -----------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    def wait_for(self, condition: Callable[[], bool], timeout: float = 15.0) -> None:
        """Block until something is true of what was received."""
        with self.changed:
            assert self.changed.wait_for(condition, timeout), vars(self)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait, from a coroutine, until something is true of what was received."""
        await asyncio.to_thread(self.wait_for, condition)

    def names(self) -> list[str]:
        """Names of the events received in any way."""
        return [event["event"] for event in self.received + self.posted]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    # -- the server ----------------------------------------------------------------------------

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._pumps: set[asyncio.Task[Any]] = set()
        protocols = [Subprotocol("prefect")] if self.select_subprotocol else None
        async with serve(self._websocket, "127.0.0.1", 0, subprotocols=protocols) as inner:
            self._inner_port = next(iter(inner.sockets)).getsockname()[1]
            front = await asyncio.start_server(self._front, "127.0.0.1", 0)
            self.port = front.sockets[0].getsockname()[1]
            self._started.set()
            await self._stop.wait()
            front.close()
            for task in list(self._pumps):
                task.cancel()
            await asyncio.gather(*self._pumps, return_exceptions=True)

    def _note(self, change: Callable[[], object]) -> None:
        with self.changed:
            change()
            self.changed.notify_all()

    async def _front(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pumps.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().split("\r\n")
                method, target, _ = lines[0].split(" ")
                headers = {
                    name.lower(): value
                    for name, _, value in (line.partition(": ") for line in lines[1:] if line)
                }
                if headers.get("upgrade", "").lower() == "websocket":
                    self._note(lambda headers=headers: self.handshakes.append(headers))
                    if self.upgrade_status is None:
                        await self._pipe(head, reader, writer)
                        return
                    status, body = self.upgrade_status, b"no"
                else:
                    raw = await reader.readexactly(int(headers.get("content-length", 0)))
                    status, body = self._answer(method, target, headers, raw)
                self._note(lambda m=method, t=target: self.requests.append(f"{m} {t}"))
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
                    f"content-length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):  # the end
            return
        finally:
            self._pumps.discard(task)
            writer.close()

    async def _pipe(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._inner_port)
        inner_writer.write(head)

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    target.write(data)
                    await target.drain()
            target.close()

        try:
            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
        finally:
            inner_writer.close()

    def _answer(
        self, method: str, target: str, headers: dict[str, str], raw: bytes
    ) -> tuple[int, bytes]:
        path = target.removeprefix(PREFIX).partition("?")[0]
        body = json.loads(raw) if raw else None
        self.bodies.append(body)
        if method == "POST" and path == "/events":
            status = self.http_status
            status = status if isinstance(status, int) else status(body)
            if status == 204:
                self._note(lambda: self.posted.extend(body))
            return status, b"" if status == 204 else b'{"detail":"no"}'
        if method == "POST" and path in ("/events/filter", "/logs/filter"):
            page = self.pages.pop(0) if len(self.pages) > 1 else next(iter(self.pages), None)
            if page is None:
                page = [] if path.startswith("/logs") else {"events": [], "next_page": None}
            return 200, json.dumps(page).encode()
        if method == "GET" and path.startswith("/flow_runs/") and self.flow_run is not None:
            return 200, json.dumps(self.flow_run).encode()
        return 404, b'{"detail":"Not Found"}'

    async def _websocket(self, websocket: ServerConnection) -> None:
        assert websocket.request is not None
        path = websocket.request.path.removeprefix(PREFIX)
        number = self.opened[path]
        try:
            if websocket.subprotocol is not None:
                hello = json.loads(await websocket.recv())
                token = hello.get("token")
                if hello.get("type") != "auth" or (self.auth_string and token != self.auth_string):
                    self._note(lambda: self.opened.update([path]))
                    await websocket.close(1008)
                    return
                await websocket.send('{"type":"auth_success"}')
            self._note(lambda: self.opened.update([path]))
            if path == "/events/in":
                await self._take_events(websocket, number)
            else:
                await self._hand_out(websocket, number)
        except ConnectionClosed:
            return

    async def _take_events(self, websocket: ServerConnection, number: int) -> None:
        limit = self.drop_in_after[number] if number < len(self.drop_in_after) else None
        taken = 0
        while taken != limit:
            event = json.loads(await websocket.recv())
            taken += 1
            self._note(lambda event=event: self.received.append(event))
        websocket.transport.abort()
        self._note(lambda: setattr(self, "dropped", self.dropped + 1))

    async def _hand_out(self, websocket: ServerConnection, number: int) -> None:
        frame = json.loads(await websocket.recv())
        self._note(lambda: self.filters.append(frame))
        for step in self.out[number] if number < len(self.out) else [WAIT]:
            if step is DROP:
                websocket.transport.abort()
                return
            if step is WAIT:
                await websocket.wait_closed()
            elif isinstance(step, Close):
                await websocket.close(step.code)
            else:
                await websocket.send(step if isinstance(step, str) else json.dumps(step))
                if step.get("id") if isinstance(step, dict) and "type" not in step else False:
                    reply = json.loads(await websocket.recv())
                    self._note(lambda reply=reply: self.frames.append(reply))


def stored_event(name: str, *, occurred: str = "", id: "UUID | None" = None) -> dict[str, Any]:
    """An event as the server hands it out, with a field we do not know."""
    from datetime import datetime, timezone

    occurred = occurred or datetime.now(timezone.utc).isoformat()
    return {
        "id": str(id or uuid4()),
        "occurred": occurred,
        "received": occurred,
        "event": name,
        "resource": {"prefect.resource.id": "test"},
        "related": [],
        "payload": {},
        "follows": None,
        "field_of_the_future": {"a": 1},
    }


def event_frame(event: dict[str, Any]) -> dict[str, Any]:
    return {"type": "event", "event": event, "also_new": True}


def stored_log(message: str, **fields: Any) -> dict[str, Any]:
    """A log as the server hands it out."""
    from datetime import datetime, timezone

    return {
        "id": str(uuid4()),
        "created": None,
        "updated": None,
        "name": "test",
        "level": 20,
        "message": message,
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "flow_run_id": None,
        "task_run_id": None,
        **fields,
    }
