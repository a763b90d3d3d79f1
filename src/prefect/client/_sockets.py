"""What the two connection pools share: limits, bookkeeping, and the errors they raise.

A pool keeps plain sockets and hands them out per `Route`; how it waits is written in `_sync_pool`
and `_async_pool`. Nothing here waits or sends.
"""

import socket
import time

from prefect.client._http1 import AnswerReader, ProtocolError, request_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import NamedTuple

    import httpx

    from prefect.client._http1 import Answer
    from prefect.client._proxies import Proxy

    class Route(NamedTuple):
        """What one connection leads to."""

        scheme: str
        host: str
        port: int
        proxy: "Proxy | None"

    class Timeouts(NamedTuple):
        """Longest waits in seconds; None means no limit."""

        connect: "float | None"
        read: "float | None"
        write: "float | None"
        pool: "float | None"
else:
    from collections import namedtuple

    Route = namedtuple("Route", "scheme host port proxy")
    Timeouts = namedtuple("Timeouts", "connect read write pool")

__all__ = ["OpenConnection", "Pool", "Route", "Timeouts", "TransportSettings", "transport_error"]

MAX_CONNECTIONS = 16
MAX_IDLE = 8
IDLE_SECONDS = 25.0
"""Limits of the REST contract, "Transport facts"."""

CAUTIOUS_IDLE_SECONDS = 2.0
"""A request that must not reach the server twice takes only a connection used this recently:
servers close idle ones (uvicorn after 5 s), and a request that meets the closing is ambiguous."""

READ_BYTES = 65536


class TransportSettings:
    """What connections of one pool have in common: how TLS is done.

    Compared by value, so equal settings share a pool.
    """

    __slots__ = ("ca_file", "verify")

    def __init__(self, verify: bool = True, ca_file: "str | None" = None) -> None:
        self.verify = verify
        self.ca_file = ca_file

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TransportSettings) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> "tuple[bool, str | None]":
        return (self.verify, self.ca_file)

    def ssl_context(self) -> "ssl.SSLContext":
        """The one TLS context for these settings, made when the first https URL is opened."""
        from prefect.client._connection import tls_context

        return tls_context(self.verify, self.ca_file)


class OpenConnection:
    """One open socket.

    Attributes:
        sock: Plain or TLS; non-blocking under asyncio.
        idle_since: Monotonic time at which it was given back.
    """

    __slots__ = ("idle_since", "route", "sock")

    def __init__(self, sock: socket.socket, route: Route) -> None:
        self.sock = sock
        self.route = route
        self.idle_since = 0.0

    def is_usable(self, max_idle_seconds: float) -> bool:
        """Whether the other side has kept it open; unasked bytes count as closed."""
        return time.monotonic() - self.idle_since < max_idle_seconds and not _is_readable(self.sock)


def _is_readable(sock: socket.socket) -> bool:
    import select

    if hasattr(select, "poll"):  # select() cannot take descriptors above 1023
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])


class Pool:
    """Bookkeeping of open connections; the faces add how to wait."""

    def __init__(self, settings: TransportSettings) -> None:
        self.settings = settings
        self._reset()

    def _reset(self) -> None:
        self._idle: "dict[Route, list[OpenConnection]]" = {}
        self._open: "set[socket.socket]" = set()
        self._busy = 0

    def _take_idle(self, route: Route, max_idle_seconds: float) -> "OpenConnection | None":
        waiting = self._idle.get(route)
        while waiting:
            connection = waiting.pop()
            if connection.is_usable(min(max_idle_seconds, IDLE_SECONDS)):
                return connection
            self._close(connection.sock)
        return None

    def _keep(self, connection: OpenConnection, *, awaited: int = 0) -> None:
        """Put a connection aside for the next request, within the limits.

        Args:
            awaited: How many idle connections are about to be taken by requests that wait.
        """
        now = connection.idle_since = time.monotonic()
        self._idle.setdefault(connection.route, []).append(connection)
        if len(self._open) <= 1:
            return
        everything = sorted(
            (one for waiting in self._idle.values() for one in waiting), key=lambda c: c.idle_since
        )
        for position, one in enumerate(everything):
            if (
                len(everything) - position > MAX_IDLE + awaited
                or now - one.idle_since > IDLE_SECONDS
            ):
                self._idle[one.route].remove(one)
                self._close(one.sock)

    def _close(self, sock: socket.socket) -> None:
        self._open.discard(sock)
        sock.close()

    def close(self) -> None:
        """Close every connection. The pool can be used again afterwards."""
        sockets = list(self._open)
        self._reset()
        for sock in sockets:
            sock.close()


def transport_error(name: str, message: str, cause: "BaseException | None") -> "httpx.HTTPError":
    """Make an httpx error, which is what users of the client catch."""
    import httpx  # heavy: loaded on the first failure, or by whoever catches its errors

    error: httpx.HTTPError = getattr(httpx, name)(message)
    error.__cause__ = cause
    return error


def connect_error(error: OSError, route: Route) -> "httpx.HTTPError":
    if isinstance(error, TimeoutError):
        return transport_error("ConnectTimeout", "timed out", error)
    if route.proxy is not None:
        where = f"the proxy {route.proxy.host}:{route.proxy.port}"
        return transport_error("ConnectError", f"{where}: {error}", error)
    return transport_error("ConnectError", str(error), error)


def read_error(error: OSError) -> "httpx.HTTPError":
    if isinstance(error, TimeoutError):
        return transport_error("ReadTimeout", "timed out", error)
    return transport_error("ReadError", str(error), error)


def disconnected(reader: AnswerReader) -> "httpx.HTTPError":
    how = "in the middle of its answer" if reader.received else "without answering"
    return transport_error("RemoteProtocolError", f"the server closed the connection {how}", None)


def finish(reader: AnswerReader, url: str) -> "Answer":
    try:
        return reader.answer(url)
    except ProtocolError as error:
        raise transport_error("RemoteProtocolError", str(error), error) from error


def connect_request(route: Route) -> bytes:
    """What asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6)."""
    host = f"[{route.host}]" if ":" in route.host else route.host
    target = f"{host}:{route.port}"
    headers = [("Host", target)]
    if route.proxy is not None and route.proxy.authorization:
        headers.append(("Proxy-Authorization", route.proxy.authorization))
    return request_bytes("CONNECT", target, b"", headers)


def check_tunnel(reader: AnswerReader, route: Route) -> None:
    answer = reader.answer("")
    if not answer.is_success:
        assert route.proxy is not None
        raise transport_error(
            "ProxyError",
            f"the proxy {route.proxy.host}:{route.proxy.port} answered {answer.status_code} to a"
            f" tunnel to {route.host}:{route.port}",
            None,
        )


def endpoint(route: Route) -> "tuple[str, int]":
    """Where the socket is connected to."""
    if route.proxy is not None:
        return route.proxy.host, route.proxy.port
    return route.host, route.port
