"""A pool of connections: keeping them, sending a request over one, reading the answer.

Written once for both faces, as `async def` over a small port: take a place, wait until a socket is
ready, look a host up. `_sync_pool` waits by blocking, `_async_pool` by its event loop; everything
that decides what happens to a request and to a connection stands here. All sockets are
non-blocking, on both faces.
"""

import os
import socket
import time
import weakref

from prefect.client import _sockets as limits
from prefect.client._connection import tls_context
from prefect.client._http1 import AnswerReader, ProtocolError
from prefect.client._sockets import (
    Route,
    Timeouts,
    TransportSettings,
    check_tunnel,
    connect_error,
    connect_request,
    disconnected,
    endpoint,
    finish,
    read_error,
    transport_error,
    tunnel_error,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from prefect.client._http1 import Answer

__all__ = ["OpenConnection", "Place", "Pool", "is_readable"]

READ_BYTES = 65536
SEND_BYTES = 262144


class OpenConnection:
    """One open socket.

    Attributes:
        sock: Plain or TLS, non-blocking.
        route: What it leads to.
        idle_since: Monotonic time at which it was given back.
    """

    __slots__ = ("idle_since", "route", "sock")

    def __init__(self, sock: socket.socket, route: Route) -> None:
        self.sock = sock
        self.route = route
        self.idle_since = 0.0

    def is_usable(self, max_idle_seconds: float) -> bool:
        """Whether the other side has kept it open; unasked bytes count as closed."""
        return time.monotonic() - self.idle_since < max_idle_seconds and not is_readable(self.sock)


def is_readable(sock: socket.socket) -> bool:
    """Whether there is something to read now: bytes, the end, or an error."""
    import select

    if hasattr(select, "poll"):  # select() cannot take descriptors above 1023
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([sock], [], [], 0)[0])


class Place:
    """The right to one connection; an exchange holds it."""

    __slots__ = ("__weakref__", "held")

    def __init__(self) -> None:
        self.held = False


class Pool:
    """Connections of one face; the faces add how to wait."""

    def __init__(self, settings: TransportSettings) -> None:
        self.settings = settings
        self._reset()

    # --- the port ---------------------------------------------------------------------------

    async def _acquire(
        self, place: Place, route: Route, idle_seconds: float, timeout: "float | None"
    ) -> "OpenConnection | None":
        """Take a place in the pool, with an idle connection if there is one."""
        raise NotImplementedError

    def _release(self, place: Place, connection: "OpenConnection | None", kept: bool) -> None:
        """Give a place back."""
        raise NotImplementedError

    async def _wait(
        self, sock: socket.socket, timeout: "float | None", *, reads: bool, writes: bool
    ) -> bool:
        """Wait until a socket can be read or written.

        Returns:
            Whether it can be read.

        Raises:
            TimeoutError: If it takes longer.
        """
        raise NotImplementedError

    async def _addresses(
        self, host: str, port: int, timeout: "float | None"
    ) -> "Sequence[tuple[Any, ...]]":
        """Look a host up, as `socket.getaddrinfo` does."""
        raise NotImplementedError

    # --- one request --------------------------------------------------------------------------

    async def exchange(
        self,
        route: Route,
        data: bytes,
        *,
        method: str,
        url: str,
        timeouts: Timeouts,
        repeatable: bool = True,
    ) -> "Answer":
        """Send one request and wait for its answer.

        Args:
            data: The request as bytes, see `request_bytes`.
            method: Its method, which decides whether an answer has a body.
            url: For the answer and messages.
            repeatable: Whether the server may get it twice.

        Raises:
            httpx.TransportError: Its subclasses, as httpx's own transports do.
        """
        idle_seconds = limits.IDLE_SECONDS if repeatable else limits.CAUTIOUS_IDLE_SECONDS
        place, connection, kept = Place(), None, False
        reader = AnswerReader(method)
        try:
            connection = await self._acquire(place, route, idle_seconds, timeouts.pool)
            if connection is not None and not await self._attempt(
                connection.sock, data, reader, timeouts, repeatable
            ):
                self._close(connection.sock)
                connection, reader = None, AnswerReader(method)
            if connection is None:
                connection = OpenConnection(await self._connect(route, timeouts), route)
                await self._attempt(connection.sock, data, reader, timeouts, None)
            answer = finish(reader, url)
            kept = reader.reusable
            return answer
        finally:  # also when interrupted or cancelled: what is half read is never kept
            if place.held:
                self._release(place, connection, kept)

    async def _attempt(
        self,
        sock: socket.socket,
        data: bytes,
        reader: AnswerReader,
        timeouts: Timeouts,
        repeatable: "bool | None",
    ) -> bool:
        """Send and receive on one connection.

        Args:
            repeatable: None on a fresh connection, where every failure is raised.

        Returns:
            True when the answer is complete; False when the connection had been closed while
            idle and the request may be sent on a new one at once.
        """
        sent, failure = False, None
        try:
            sent = await self._send(sock, data, reader, timeouts.write)
        except ProtocolError as error:
            raise transport_error("RemoteProtocolError", str(error), error) from error
        except TimeoutError as error:
            raise transport_error("WriteTimeout", "timed out", error) from error
        except OSError as error:
            failure = error  # the server may have answered before it hung up
        try:
            if reader.complete or await self._receive(sock, reader, timeouts.read):
                reader.reusable = reader.reusable and sent
                return True
        except ProtocolError as error:
            raise transport_error("RemoteProtocolError", str(error), error) from error
        except TimeoutError as error:
            if sent:
                raise read_error(error) from error
            failure = failure or error
        except OSError as error:
            failure = failure or error
        if not reader.received:
            if repeatable is not None and (repeatable or not sent):
                return False
            if not sent:  # not wholly, so surely not processed
                words = str(failure or "the server hung up before it had the whole request")
                raise transport_error("WriteError", words, failure) from failure
        if failure is not None:
            raise read_error(failure) from failure
        raise disconnected(reader)

    async def _send(
        self, sock: socket.socket, data: bytes, reader: AnswerReader, timeout: "float | None"
    ) -> bool:
        """Send a request.

        Returns:
            False if the other side answers, or hangs up, before it has the whole.
        """
        view = memoryview(data)
        while view:
            try:
                view = view[sock.send(view[:SEND_BYTES]) :]
            except OSError as error:
                writes = _blocked_writing(error, writes=True)
                readable = await self._wait(sock, timeout, reads=True, writes=writes)
                if readable and writes and _answers(sock, reader):
                    return False
        return True

    async def _receive(
        self, sock: socket.socket, reader: AnswerReader, timeout: "float | None"
    ) -> bool:
        """Read until the answer is complete.

        Returns:
            False when the other side closed before that.
        """
        if not hasattr(sock, "pending"):  # TLS may hold bytes that make no socket readable
            await self._wait(sock, timeout, reads=True, writes=False)
        while True:
            try:
                chunk = sock.recv(READ_BYTES)
            except OSError as error:
                if type(error).__name__ == "SSLEOFError":
                    return False  # without TLS's farewell: cut off, not ended
                writes = _blocked_writing(error, writes=False)
                await self._wait(sock, timeout, reads=not writes, writes=writes)
                continue
            if reader.feed(chunk) if chunk else reader.feed_eof():
                return True
            if not chunk:
                return False

    # --- connecting ---------------------------------------------------------------------------

    async def _connect(self, route: Route, timeouts: Timeouts) -> socket.socket:
        remaining = _remaining(timeouts.connect)
        try:
            sock = await self._dial(*endpoint(route), remaining)
        except OSError as error:
            raise connect_error(error, route) from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if route.scheme == "https":
                if route.proxy is not None:
                    await self._open_tunnel(sock, route, timeouts)
                    remaining = _remaining(timeouts.connect)
                plain = sock
                sock = tls_context(*self.settings).wrap_socket(
                    plain,
                    server_hostname=route.host,
                    do_handshake_on_connect=False,
                    suppress_ragged_eofs=False,
                )
                self._open.discard(plain)  # wrap_socket took its descriptor over
                self._open.add(sock)
                await self._shake_hands(sock, remaining)
        except OSError as error:
            self._close(sock)
            raise connect_error(error, route) from error
        except BaseException:
            self._close(sock)
            raise
        return sock

    async def _dial(
        self, host: str, port: int, remaining: "Callable[[], float | None]"
    ) -> socket.socket:
        """Try the addresses of a host one after another, each with its share of the time."""
        addresses = await self._addresses(host, port, remaining())
        failure = OSError(f"{host!r} has no address")
        for position, (family, kind, protocol, _, address) in enumerate(addresses):
            left = remaining()
            share = None if left is None else left / (len(addresses) - position)
            try:
                sock = socket.socket(family, kind, protocol)
            except OSError as error:  # a family that this machine does not have
                failure = error
                continue
            self._open.add(sock)
            try:
                await self._reach(sock, address, share)
                return sock
            except OSError as error:
                self._close(sock)
                failure = error
            except BaseException:
                self._close(sock)
                raise
        raise failure

    async def _reach(
        self, sock: socket.socket, address: "tuple[Any, ...]", timeout: "float | None"
    ) -> None:
        sock.setblocking(False)
        try:
            sock.connect(address)
        except BlockingIOError:
            await self._wait(sock, timeout, reads=False, writes=True)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                words = getattr(socket, "errorTab", {}).get(code) or os.strerror(code)  # Windows
                raise OSError(code, f"{words} ({address[0]}:{address[1]})") from None

    async def _open_tunnel(self, sock: socket.socket, route: Route, timeouts: Timeouts) -> None:
        reader = AnswerReader("HEAD")
        try:
            await self._attempt(sock, connect_request(route), reader, timeouts, None)
        except Exception as error:
            raise tunnel_error(error, route) from error
        check_tunnel(reader, route)

    async def _shake_hands(self, sock: "Any", remaining: "Callable[[], float | None]") -> None:
        while True:
            try:
                sock.do_handshake()
                return
            except OSError as error:
                writes = _blocked_writing(error, writes=False)
            await self._wait(sock, remaining(), reads=not writes, writes=writes)

    # --- keeping ------------------------------------------------------------------------------

    def _reset(self) -> None:
        self._idle: "dict[Route, list[OpenConnection]]" = {}
        # Weak: what an interrupt takes out of our hands is closed when it is collected.
        self._open: "weakref.WeakSet[socket.socket]" = weakref.WeakSet()

    def _take_idle(self, route: Route, max_idle_seconds: float) -> "OpenConnection | None":
        waiting = self._idle.get(route)
        while waiting:
            connection = waiting.pop()
            if connection.is_usable(max_idle_seconds):
                return connection
            self._close(connection.sock)
        return None

    def _put_back(
        self, connection: "OpenConnection | None", kept: bool, *, awaited: int = 0
    ) -> None:
        if connection is not None and connection.sock in self._open:
            if kept:
                self._keep(connection, awaited=awaited)
            else:
                self._close(connection.sock)

    def _keep(self, connection: OpenConnection, *, awaited: int) -> None:
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
                len(everything) - position > limits.MAX_IDLE + awaited
                or now - one.idle_since > limits.IDLE_SECONDS
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


def _remaining(timeout: "float | None") -> "Callable[[], float | None]":
    """What is left of a time that begins now."""
    if timeout is None:
        return lambda: None
    end = time.monotonic() + timeout
    return lambda: max(end - time.monotonic(), 0.0)


def _blocked_writing(error: OSError, *, writes: bool) -> bool:
    """What a step waits for that would have blocked: to write, or else to read.

    Args:
        writes: What a plain socket would wait for.

    Raises:
        OSError: If the step did not block but fail.
    """
    if isinstance(error, BlockingIOError):
        return writes
    name = type(error).__name__  # only TLS sockets raise these, and `ssl` need not be loaded
    if name not in ("SSLWantReadError", "SSLWantWriteError"):
        raise error
    return name == "SSLWantWriteError"


def _answers(sock: socket.socket, reader: AnswerReader) -> bool:
    """Whether the other side has answered or hung up, though it has not got everything.

    What it says before that is read, so that neither side waits for the other to read.
    """
    try:
        chunk = sock.recv(READ_BYTES)
    except OSError as error:
        _blocked_writing(error, writes=False)
        return False
    if chunk:
        reader.feed(chunk)
    return not chunk or reader.complete
