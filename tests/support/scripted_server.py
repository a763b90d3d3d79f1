"""A loopback HTTP server that behaves, well or badly, as a script tells it.

Each request takes the next step of the script; when the script is over, `otherwise` answers. Steps
are small values (`Reply`, `Close`, `Reset`, `Stall`, ...). The server records what it received, so
that a test can tell how often something really arrived.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """Answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False

    def encode(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        if self.status == 204:
            body = b""
        lines = [f"HTTP/1.1 {self.status} Scripted"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.chunked:
            lines.append("transfer-encoding: chunked")
            half = len(body) // 2 or 1
            parts = [part for part in (body[:half], body[half:]) if part]
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        elif self.status != 204:
            lines.append(f"content-length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Close:
    """Hang up after the request arrived: the answer is lost."""


@dataclass(frozen=True)
class Reset:
    """Reset the connection after the request arrived."""


@dataclass(frozen=True)
class Half:
    """Send the first half of an answer, then hang up."""

    reply: Reply = field(default_factory=lambda: Reply(body={"long": "x" * 100}))


@dataclass(frozen=True)
class Stall:
    """Never answer."""


@dataclass(frozen=True)
class Raw:
    """Send bytes and hang up, over TLS with its farewell or without."""

    data: bytes
    farewell: bool = False


@dataclass(frozen=True)
class ReplyThenClose:
    """Answer, then close the idle connection without saying so in a header."""

    reply: Reply = field(default_factory=Reply)


class NotHTTP(Exception):
    """What arrived is not a request."""


Step = Any


class ScriptedServer:
    """See the module; use it as a context manager."""

    def __init__(
        self,
        *script: Step,
        otherwise: Step | Callable[[Received], Step] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.script = deque(script)
        self.otherwise = otherwise if otherwise is not None else Reply(body={"ok": True})
        self.received: list[Received] = []
        self.connections = 0
        self._tls = tls
        self._stop = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> ScriptedServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # Wakes `accept`, which a close alone does not.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        with self._lock:
            open_sockets = list(self._sockets)
        for sock in open_sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/api"

    def count(self, method: str, path: str) -> int:
        """How often a request arrived; `path` is below the API's URL."""
        wanted = (method, "/api" + path)
        return sum((one.method, one.target.partition("?")[0]) == wanted for one in self.received)

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            sock, _ = self._listener.accept()
            if self._stop.is_set():
                sock.close()
                return
            self.connections += 1
            with self._lock:
                self._sockets.add(sock)
            self._start(self._serve, sock, self.connections)

    def _serve(self, plain: socket.socket, number: int) -> None:
        sock = plain
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(plain, server_side=True)
                with self._lock:
                    self._sockets.discard(plain)
                    self._sockets.add(sock)
            with sock.makefile("rb") as stream:
                while True:
                    request = _read_request(stream, number)
                    if request is None or not self._answer(sock, request):
                        return
        except NotHTTP:
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        except OSError:
            return  # the client went away, or the test is over
        finally:
            with self._lock:
                self._sockets.discard(sock)
            sock.close()

    def _answer(self, sock: socket.socket, request: Received) -> bool:
        """Do what the script says; False ends the connection."""
        with self._lock:
            self.received.append(request)
            step = self.script.popleft() if self.script else self.otherwise
        if callable(step):
            step = step(request)
        if isinstance(step, Reply):
            sock.sendall(step.encode())
            return step.headers.get("connection") != "close"
        if isinstance(step, ReplyThenClose):
            sock.sendall(step.reply.encode())
        elif isinstance(step, Half):
            data = step.reply.encode()
            sock.sendall(data[: len(data) - 50])
        elif isinstance(step, Raw):
            sock.sendall(step.data)
            if step.farewell:
                with contextlib.suppress(OSError):
                    sock.unwrap()  # type: ignore[attr-defined]  # over TLS
        elif isinstance(step, Stall):
            self._stop.wait(60)
        elif isinstance(step, Reset):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            assert isinstance(step, Close), step
        return False


def _read_request(stream: Any, connection: int) -> Received | None:
    first = stream.readline()
    if not first:
        return None
    try:
        method, target, _ = first.decode().split(" ", 2)
    except ValueError:  # TLS, sent to a server without it
        raise NotHTTP from None
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Received(method, target, headers, body, connection)


@contextlib.contextmanager
def unused_port() -> Iterator[int]:
    """A port on which nobody listens while the block runs."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused
        yield sock.getsockname()[1]


class ConnectProxy:
    """An HTTP proxy: `CONNECT` tunnels and plain requests; records what it was asked for."""

    def __init__(self, *, refuse: int | None = None) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self._refuse = refuse
        self._threads: list[threading.Thread] = []
        self._sockets: set[socket.socket] = set()
        self._stopping = False

    def __enter__(self) -> ConnectProxy:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        for sock in list(self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._stopping:
                sock.close()
                return
            self._sockets.add(sock)
            self._start(self._serve, sock)

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(65536)
            if not data:
                client.close()
                return
            head += data
        lines, _, rest = head.partition(b"\r\n\r\n")
        first, *fields = lines.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in fields)
        }
        self.asked.append((method, target, headers))
        if self._refuse is not None:
            client.sendall(b"HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n" % self._refuse)
            client.close()
            return
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
        else:
            host, _, port = target.split("/")[2].rpartition(":")
        server = socket.create_connection((host, int(port)), 10)
        self._sockets.add(server)
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            server.sendall(rest)
        else:
            path = "/" + target.split("/", 3)[3]
            first_line = f"{method} {path} HTTP/1.1\r\n".encode()
            server.sendall(first_line + head.partition(b"\r\n")[2])
        self._start(self._pump, server, client)
        self._pump(client, server)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
            self._sockets.discard(sock)
