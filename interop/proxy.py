"""A TCP proxy in front of a real server that counts requests and breaks things on purpose.

`FaultProxy` sits on loopback between a client under test and a real server. Without a fault it
passes everything through, WebSockets included, but for a 503 of the server's own. A fault is given
for the next requests that match a path, and is what a network, a gateway or an overloaded server
does: refuse, reset, stall, half-close, answer late or in crumbs, answer with an error status or
with garbage, or lose the answer after the server has acted. `ForwardProxy` is an ordinary HTTP
proxy, as `HTTP_PROXY` names one, that records what it was asked for.
"""

import contextlib
import re
import socket
import struct
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Fault", "FaultProxy", "ForwardProxy"]

READ_BYTES = 65536
CRUMB_BYTES = 16

BUSY_TRIES = 100
BUSY_SECONDS = 0.1
"""How often, and how far apart, a server that says 503 is asked again: one on SQLite does so of its
own when two of its writers meet, and tests are to see no faults but those they made."""


@dataclass
class Fault:
    """What happens to the next requests that match.

    Attributes:
        kind: One of

            - `reset`: the connection is reset before the server sees the request,
            - `lose-answer`: the server acts, then the connection is reset,
            - `half-close`: the server's side is closed after part of the answer,
            - `stall`: no answer until the proxy is closed,
            - `late`: the answer comes after `seconds`,
            - `crumbs`: the answer comes in small pieces, `seconds` apart,
            - `status`: an answer with `status` and `body`, without asking the server,
            - `garbage`: `body` alone, not even HTTP, then the connection is closed.
        times: How many requests it happens to.
        path: Regular expression that the method and path must match, e.g. `POST .*/flow_runs/`.
        status: For `status`.
        headers: Added to the answer of `status`.
        body: For `status` and `garbage`.
        seconds: For `late` and `crumbs`.
    """

    kind: str
    times: int = 1
    path: str = ""
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0


class FaultProxy:
    """Listen on a port of loopback and pass requests on to `port`; use as a context manager."""

    def __init__(self, port: int) -> None:
        self.upstream = ("127.0.0.1", port)
        self.requests: list[str] = []
        """Method and path of each request, in order."""
        self.heads: list[bytes] = []
        """Each request's first line and header fields, in order."""
        self.statuses: list[tuple[str, int]] = []
        """Method and path, and the server's status, of each request that the server answered."""
        self.block_websockets = False
        """Whether a WebSocket handshake is answered with 403."""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._seen = threading.Condition(self._lock)
        self._closing = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._tunnels: set[socket.socket] = set()
        self._listener = self._listen(0)
        self.port = self._listener.getsockname()[1]

    @property
    def api_url(self) -> str:
        """The API's address through this proxy."""
        return f"http://127.0.0.1:{self.port}/api"

    def inject(self, kind: str, **options: object) -> None:
        """Add a fault; see `Fault` for the options."""
        with self._lock:
            self._faults.append(Fault(kind, **options))  # type: ignore[arg-type]  # checked there

    def count(self, path: str) -> int:
        """How many requests have matched a regular expression of method and path."""
        with self._lock:
            return self._count(path)

    def wait_for(self, path: str, times: int = 1, timeout_seconds: float = 60.0) -> None:
        """Wait until so many requests have matched a regular expression of method and path.

        Raises:
            TimeoutError: If they have not come in time; it shows what came.
        """
        with self._seen:
            if not self._seen.wait_for(lambda: self._count(path) >= times, timeout_seconds):
                raise TimeoutError(
                    f"{self._count(path)} of {times} requests matched {path!r} within"
                    f" {timeout_seconds} s; the last ones were {self.requests[-10:]}"
                )

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections inside the block, as a server that is down does."""
        self._drop(self._listener)
        self.drop_connections()
        try:
            yield
        finally:
            self._listener = self._listen(self.port)

    def drop_connections(self) -> None:
        """Reset every open connection."""
        for sock in list(self._sockets):
            self._drop(sock)

    def drop_websockets(self) -> int:
        """Reset the open WebSockets and tunnels; how many there were."""
        tunnels = list(self._tunnels)
        for sock in tunnels:
            self._drop(sock)
        return len(tunnels)

    def close(self) -> None:
        """Stop listening and reset what is open."""
        self._closing.set()
        self._drop(self._listener)
        self.drop_connections()

    def __enter__(self) -> "FaultProxy":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # --- inside ---------------------------------------------------------------------------------

    def _count(self, path: str) -> int:
        return sum(re.search(path, line) is not None for line in self.requests)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=128)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed
            self._sockets.add(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            buffer = b""
            while True:
                request, buffer = self._read_request(client, buffer)
                if request is None or not self._handle(client, request):
                    return
        except OSError:
            return  # either side went away, which is what this proxy is for
        finally:
            self._drop(client, reset=False)

    def _read_request(self, client: socket.socket, buffer: bytes) -> tuple[bytes | None, bytes]:
        """Read one whole request; what follows it on the connection is given back."""
        while b"\r\n\r\n" not in buffer:
            chunk = client.recv(READ_BYTES)
            if not chunk:
                return None, b""
            buffer += chunk
        head, _, body = buffer.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(found[1]) if found else 0
        while len(body) < length:
            chunk = client.recv(READ_BYTES)
            if not chunk:
                return None, b""
            body += chunk
        return head + b"\r\n\r\n" + body[:length], body[length:]

    def _note(self, request: bytes) -> str:
        """Record a request; its method and path."""
        line = request.partition(b"\r\n")[0].decode("latin-1").rpartition(" ")[0]
        with self._seen:
            self.requests.append(line)
            self.heads.append(request.partition(b"\r\n\r\n")[0])
            self._seen.notify_all()
        return line

    def _handle(self, client: socket.socket, request: bytes) -> bool:
        """Answer one request; whether the connection goes on."""
        line = self._note(request)
        is_websocket = b"upgrade: websocket" in request.lower()
        with self._lock:
            fault = self._take_fault(line)
        if is_websocket and self.block_websockets:
            fault = Fault("status", status=403)
        if fault is None:
            return self._pass_on(client, request, is_websocket)
        if fault.kind == "status":
            client.sendall(_answer(fault))
            return True
        if fault.kind == "late":
            self._closing.wait(fault.seconds)
            return self._pass_on(client, request, is_websocket)
        if fault.kind == "crumbs":
            answer = self._ask(request)
            for start in range(0, len(answer), CRUMB_BYTES):
                client.sendall(answer[start : start + CRUMB_BYTES])
                self._closing.wait(fault.seconds)
            return True
        if fault.kind == "garbage":
            client.sendall(fault.body)
            return False
        if fault.kind == "stall":
            self._closing.wait(600)
        elif fault.kind == "lose-answer":
            self._ask(request)
        elif fault.kind == "half-close":
            client.sendall(self._ask(request)[:40])
            client.shutdown(socket.SHUT_WR)
            return False
        elif fault.kind != "reset":
            raise ValueError(f"Unknown fault {fault.kind!r}")
        self._drop(client)
        return False

    def _take_fault(self, line: str) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0 and re.search(fault.path, line):
                fault.times -= 1
                return fault
        return None

    def _pass_on(self, client: socket.socket, request: bytes, is_websocket: bool) -> bool:
        if not is_websocket:
            client.sendall(self._ask(request))
            return True
        upstream = socket.create_connection(self.upstream)
        self._sockets.add(upstream)
        upstream.sendall(request)
        self._tunnel(client, upstream)
        return False

    def _tunnel(self, client: socket.socket, upstream: socket.socket) -> None:
        """Carry bytes both ways until either side goes away."""
        self._tunnels.add(client)
        threading.Thread(target=self._pump, args=(upstream, client), daemon=True).start()
        self._pump(client, upstream)

    def _ask(self, request: bytes) -> bytes:
        """Send one request to the server on a connection of its own; the whole answer."""
        head, _, body = request.partition(b"\r\n\r\n")
        head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head) + b"\r\nconnection: close"
        for _ in range(BUSY_TRIES):
            with socket.create_connection(self.upstream) as upstream:
                upstream.sendall(head + b"\r\n\r\n" + body)
                answer = b"".join(iter(lambda: upstream.recv(READ_BYTES), b""))
            if not answer.startswith(b"HTTP/1.1 503") or self._closing.wait(BUSY_SECONDS):
                break
        line = request.partition(b"\r\n")[0].decode("latin-1").rpartition(" ")[0]
        self.statuses.append((line, int(answer[9:12] or b"0")))
        # The client's connection stays open, so it must not be told otherwise.
        head, _, body = answer.partition(b"\r\n\r\n")
        return re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head) + b"\r\n\r\n" + body

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(READ_BYTES):
                target.sendall(chunk)
        self._drop(source)
        self._drop(target)

    def _drop(self, sock: socket.socket, *, reset: bool = True) -> None:
        self._sockets.discard(sock)
        self._tunnels.discard(sock)
        with contextlib.suppress(OSError):
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RD)  # wakes a thread that waits in accept() or recv()
        sock.close()


class ForwardProxy(FaultProxy):
    """An HTTP proxy for any host of loopback: plain requests and `CONNECT` tunnels.

    Args:
        user: `name:password` that it wants; without, it answers 407.
    """

    def __init__(self, user: str = "") -> None:
        self._wanted = b"basic " + b64encode(user.encode()).lower() if user else b""
        super().__init__(0)

    def __enter__(self) -> "ForwardProxy":
        return self

    @property
    def url(self) -> str:
        """What to set `HTTP_PROXY` and `HTTPS_PROXY` to, without a user."""
        return f"http://127.0.0.1:{self.port}"

    def _handle(self, client: socket.socket, request: bytes) -> bool:
        line = self._note(request)
        method, _, target = line.partition(" ")
        found = re.search(rb"(?i)\r\nproxy-authorization: *([^\r]*)", request)
        if self._wanted and (found is None or found[1].lower() != self._wanted):
            refusal = Fault("status", status=407, headers={"Proxy-Authenticate": "Basic"})
            client.sendall(_answer(refusal))
            return True
        host, _, port = target.split("/")[2 if "://" in target else 0].partition(":")
        self.upstream = (host, int(port or 80))
        if method == "CONNECT":
            upstream = socket.create_connection(self.upstream)
            self._sockets.add(upstream)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._tunnel(client, upstream)
            return False
        origin_form = request.replace(f"http://{host}:{port}".encode(), b"", 1)
        return self._pass_on(client, origin_form, is_websocket=False)


def _answer(fault: Fault) -> bytes:
    fields = {"content-length": str(len(fault.body)), **fault.headers}
    lines = [f"HTTP/1.1 {fault.status} Injected", *(f"{k}: {v}" for k, v in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + fault.body
