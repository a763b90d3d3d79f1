"""The connections of this process: one pool per TLS settings, shared by every client.

`sync_pool(tls)` gives the pool of the blocking face, safe from several threads; `async_pool(tls)`
the one of the event loop that runs now. Both move bytes for `_http1` and raise httpx's transport
errors, which is what users catch. Nothing is opened before the first request.

Both keep plain sockets, also under asyncio (`loop.add_reader`), never asyncio transports. That is
what makes the end simple: a socket can be closed when its loop is gone, after a fork, or at exit,
without a loop to help and without a TLS farewell that would hurt the parent's connection. See
docs/adr/0003-one-pool-one-tls-context.md.
"""

import os
import socket
import sys
import threading
import time
import weakref
from collections import deque

from prefect.client._http1 import AnswerReader, ProtocolError, request_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable, Iterable
    from typing import Any, NamedTuple

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

__all__ = [
    "AsyncPool",
    "Route",
    "SyncPool",
    "Timeouts",
    "TransportSettings",
    "async_pool",
    "close_all",
    "sync_pool",
]

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


# --- what both faces share ----------------------------------------------------------------------


class _Connection:
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


class _Pool:
    """Bookkeeping of open connections; the faces add how to wait."""

    def __init__(self, settings: TransportSettings) -> None:
        self.settings = settings
        self._reset()

    def _reset(self) -> None:
        self._idle: "dict[Route, list[_Connection]]" = {}
        self._open: "set[socket.socket]" = set()
        self._busy = 0

    def _take_idle(self, route: Route, max_idle_seconds: float) -> "_Connection | None":
        waiting = self._idle.get(route)
        while waiting:
            connection = waiting.pop()
            if connection.is_usable(min(max_idle_seconds, IDLE_SECONDS)):
                return connection
            self._close(connection.sock)
        return None

    def _keep(self, connection: _Connection, *, awaited: int = 0) -> None:
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


def _transport_error(name: str, message: str, cause: "BaseException | None") -> "httpx.HTTPError":
    """Make an httpx error, which is what users of the client catch."""
    import httpx  # heavy: loaded on the first failure, or by whoever catches its errors

    error: httpx.HTTPError = getattr(httpx, name)(message)
    error.__cause__ = cause
    return error


def _connect_error(error: OSError, route: Route) -> "httpx.HTTPError":
    if isinstance(error, TimeoutError):
        return _transport_error("ConnectTimeout", "timed out", error)
    if route.proxy is not None:
        where = f"the proxy {route.proxy.host}:{route.proxy.port}"
        return _transport_error("ConnectError", f"{where}: {error}", error)
    return _transport_error("ConnectError", str(error), error)


def _read_error(error: OSError) -> "httpx.HTTPError":
    if isinstance(error, TimeoutError):
        return _transport_error("ReadTimeout", "timed out", error)
    return _transport_error("ReadError", str(error), error)


def _disconnected(reader: AnswerReader) -> "httpx.HTTPError":
    how = "in the middle of its answer" if reader.received else "without answering"
    return _transport_error("RemoteProtocolError", f"the server closed the connection {how}", None)


def _finish(reader: AnswerReader, url: str) -> "Answer":
    try:
        return reader.answer(url)
    except ProtocolError as error:
        raise _transport_error("RemoteProtocolError", str(error), error) from error


def _connect_request(route: Route) -> bytes:
    """What asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6)."""
    host = f"[{route.host}]" if ":" in route.host else route.host
    target = f"{host}:{route.port}"
    headers = [("Host", target)]
    if route.proxy is not None and route.proxy.authorization:
        headers.append(("Proxy-Authorization", route.proxy.authorization))
    return request_bytes("CONNECT", target, b"", headers)


def _check_tunnel(reader: AnswerReader, route: Route) -> None:
    answer = reader.answer("")
    if not answer.is_success:
        assert route.proxy is not None
        raise _transport_error(
            "ProxyError",
            f"the proxy {route.proxy.host}:{route.proxy.port} answered {answer.status_code} to a"
            f" tunnel to {route.host}:{route.port}",
            None,
        )


def _endpoint(route: Route) -> "tuple[str, int]":
    """Where the socket is connected to."""
    if route.proxy is not None:
        return route.proxy.host, route.proxy.port
    return route.host, route.port


# --- blocking face ------------------------------------------------------------------------------


class SyncPool(_Pool):
    """Connections of the blocking face; any thread may use it."""

    def __init__(self, settings: TransportSettings) -> None:
        super().__init__(settings)
        self._changed = threading.Condition()

    def after_fork(self) -> None:
        """In the child: let go of the parent's sockets; locks of its other threads are void."""
        self._changed = threading.Condition()
        self.close()

    def exchange(
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
        idle_seconds = IDLE_SECONDS if repeatable else CAUTIOUS_IDLE_SECONDS
        connection = self._acquire(route, idle_seconds, timeouts.pool)
        reader = AnswerReader(method)
        kept = False
        try:
            if connection is not None:
                if self._attempt(connection.sock, data, reader, timeouts, repeatable):
                    answer = _finish(reader, url)
                    kept = reader.reusable
                    return answer
                self._forget(connection.sock)
                connection, reader = None, AnswerReader(method)
            connection = _Connection(self._connect(route, timeouts), route)
            self._attempt(connection.sock, data, reader, timeouts, None)
            answer = _finish(reader, url)
            kept = reader.reusable
            return answer
        finally:
            self._release(connection, kept)

    def _acquire(
        self, route: Route, idle_seconds: float, timeout: "float | None"
    ) -> "_Connection | None":
        """Take a place in the pool, with an idle connection if there is one."""
        with self._changed:
            if self._busy >= MAX_CONNECTIONS and not self._changed.wait_for(
                lambda: self._busy < MAX_CONNECTIONS, timeout
            ):
                raise _transport_error(
                    "PoolTimeout", f"all {MAX_CONNECTIONS} connections are in use", None
                )
            self._busy += 1
            return self._take_idle(route, idle_seconds)

    def _release(self, connection: "_Connection | None", kept: bool) -> None:
        with self._changed:
            self._busy = max(self._busy - 1, 0)
            if connection is not None and connection.sock in self._open:
                if kept:
                    self._keep(connection)
                else:
                    self._close(connection.sock)
            self._changed.notify()

    def _forget(self, sock: socket.socket) -> None:
        with self._changed:
            self._close(sock)

    def _attempt(
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
        write_error = None
        try:
            sock.settimeout(timeouts.write)
            sock.sendall(data)
        except OSError as error:
            write_error = error  # the server may have answered before it hung up
            if isinstance(error, TimeoutError):
                raise _transport_error("WriteTimeout", "timed out", error) from error
        try:
            sock.settimeout(timeouts.read)
            while True:
                chunk = sock.recv(READ_BYTES)
                if reader.feed(chunk) if chunk else reader.feed_eof():
                    return True
                if not chunk:
                    break
        except ProtocolError as error:
            raise _transport_error("RemoteProtocolError", str(error), error) from error
        except OSError as error:
            if write_error is None:
                if repeatable and not reader.received and not isinstance(error, TimeoutError):
                    return False
                raise _read_error(error) from error
        if write_error is not None:
            if repeatable is not None and not reader.received:
                return False  # not wholly sent, so surely not processed
            raise _transport_error("WriteError", str(write_error), write_error) from write_error
        if repeatable and not reader.received:
            return False
        raise _disconnected(reader)

    def _connect(self, route: Route, timeouts: Timeouts) -> socket.socket:
        try:
            sock = socket.create_connection(_endpoint(route), timeouts.connect)
        except OSError as error:
            raise _connect_error(error, route) from error
        self._open.add(sock)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if route.scheme == "https":
                if route.proxy is not None:
                    reader = AnswerReader("HEAD")
                    self._attempt(sock, _connect_request(route), reader, timeouts, None)
                    _check_tunnel(reader, route)
                context = self.settings.ssl_context()
                sock.settimeout(timeouts.connect)
                plain = sock
                sock = context.wrap_socket(plain, server_hostname=route.host)
                self._open.discard(plain)  # wrap_socket took its descriptor over
                self._open.add(sock)
        except OSError as error:
            self._close(sock)
            raise _connect_error(error, route) from error
        except BaseException:
            self._close(sock)
            raise
        return sock


# --- asyncio face -------------------------------------------------------------------------------


class AsyncPool(_Pool):
    """Connections of one event loop; used only from that loop."""

    def __init__(self, settings: TransportSettings, loop: "asyncio.AbstractEventLoop") -> None:
        super().__init__(settings)
        self._loop = weakref.ref(loop)  # so that the loop can be collected, which closes the pool
        self._waiters: "deque[asyncio.Future[None]]" = deque()
        self._woken = 0  # waiters that have a place and do not run yet

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
        """Send one request and await its answer; see `SyncPool.exchange`."""
        loop = self._loop()
        assert loop is not None  # it runs us
        idle_seconds = IDLE_SECONDS if repeatable else CAUTIOUS_IDLE_SECONDS
        if self._busy >= MAX_CONNECTIONS:
            await self._wait_for_place(loop, timeouts.pool)
        else:
            self._busy += 1
        connection = self._take_idle(route, idle_seconds)
        reader = AnswerReader(method)
        kept = False
        try:
            if connection is not None:
                if await self._attempt(loop, connection.sock, data, reader, timeouts, repeatable):
                    answer = _finish(reader, url)
                    kept = reader.reusable
                    return answer
                self._close(connection.sock)
                connection, reader = None, AnswerReader(method)
            connection = _Connection(await self._connect(loop, route, timeouts), route)
            await self._attempt(loop, connection.sock, data, reader, timeouts, None)
            answer = _finish(reader, url)
            kept = reader.reusable
            return answer
        finally:
            self._release(connection, kept)

    async def _wait_for_place(
        self, loop: "asyncio.AbstractEventLoop", timeout: "float | None"
    ) -> None:
        waiter = loop.create_future()
        self._waiters.append(waiter)
        timer = _expire(loop, waiter, timeout)
        try:
            await waiter  # whoever releases a place hands it over, already counted
        except TimeoutError as error:
            raise _transport_error(
                "PoolTimeout", f"all {MAX_CONNECTIONS} connections are in use", error
            ) from error
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._woken -= 1
                self._release(None, False)
            raise
        else:
            self._woken -= 1
        finally:
            if timer is not None:
                timer.cancel()

    def _release(self, connection: "_Connection | None", kept: bool) -> None:
        if connection is not None and connection.sock in self._open:
            if kept:
                self._keep(connection, awaited=len(self._waiters) + self._woken)
            else:
                self._close(connection.sock)
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._woken += 1
                return
        self._busy = max(self._busy - 1, 0)

    async def _attempt(
        self,
        loop: "asyncio.AbstractEventLoop",
        sock: socket.socket,
        data: bytes,
        reader: AnswerReader,
        timeouts: Timeouts,
        repeatable: "bool | None",
    ) -> bool:
        """Send and receive on one connection; see `SyncPool._attempt`."""
        write_error = None
        try:
            await _send_all(loop, sock, data, timeouts.write)
        except TimeoutError as error:
            raise _transport_error("WriteTimeout", "timed out", error) from error
        except OSError as error:
            write_error = error
        try:
            if await _receive(loop, sock, reader, timeouts.read):
                return True
        except ProtocolError as error:
            raise _transport_error("RemoteProtocolError", str(error), error) from error
        except OSError as error:
            if write_error is None:
                if repeatable and not reader.received and not isinstance(error, TimeoutError):
                    return False
                raise _read_error(error) from error
        if write_error is not None:
            if repeatable is not None and not reader.received:
                return False
            raise _transport_error("WriteError", str(write_error), write_error) from write_error
        if repeatable and not reader.received:
            return False
        raise _disconnected(reader)

    async def _connect(
        self, loop: "asyncio.AbstractEventLoop", route: Route, timeouts: Timeouts
    ) -> socket.socket:
        try:
            sock = await self._connect_any(loop, *_endpoint(route), timeouts.connect)
        except OSError as error:
            raise _connect_error(error, route) from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if route.scheme == "https":
                if route.proxy is not None:
                    reader = AnswerReader("HEAD")
                    request = _connect_request(route)
                    await self._attempt(loop, sock, request, reader, timeouts, None)
                    _check_tunnel(reader, route)
                context = self.settings.ssl_context()
                plain = sock
                sock = context.wrap_socket(
                    plain, server_hostname=route.host, do_handshake_on_connect=False
                )
                self._open.discard(plain)
                self._open.add(sock)
                await _until_done(loop, sock, sock.do_handshake, timeouts.connect)
        except OSError as error:
            self._close(sock)
            raise _connect_error(error, route) from error
        except BaseException:
            self._close(sock)
            raise
        return sock

    async def _connect_any(
        self, loop: "asyncio.AbstractEventLoop", host: str, port: int, timeout: "float | None"
    ) -> socket.socket:
        """Try the addresses of a host one after another."""
        error: "OSError | None" = None
        for family, kind, protocol, _, address in await _addresses(loop, host, port):
            sock = socket.socket(family, kind, protocol)
            self._open.add(sock)
            try:
                sock.setblocking(False)
                try:
                    sock.connect(address)
                except BlockingIOError:
                    await _ready(loop, sock, loop.add_writer, loop.remove_writer, timeout)
                    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if code:
                        raise OSError(code, f"{os.strerror(code)} ({address[0]}:{port})") from None
                return sock
            except OSError as failure:
                self._close(sock)
                error = failure
            except BaseException:
                self._close(sock)
                raise
        raise error or OSError(f"{host!r} has no address")


async def _addresses(
    loop: "asyncio.AbstractEventLoop", host: str, port: int
) -> "Iterable[tuple[Any, ...]]":
    try:  # an address needs no look-up, and so no thread
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _expire(
    loop: "asyncio.AbstractEventLoop", future: "asyncio.Future[None]", timeout: "float | None"
) -> "asyncio.TimerHandle | None":
    """Fail a future with `TimeoutError` after some seconds."""
    if timeout is None:
        return None

    def expire() -> None:
        if not future.done():
            future.set_exception(TimeoutError())

    return loop.call_later(timeout, expire)


async def _ready(
    loop: "asyncio.AbstractEventLoop",
    sock: socket.socket,
    add: "Callable[..., Any]",
    remove: "Callable[[int], Any]",
    timeout: "float | None",
) -> None:
    """Wait until a socket can be read or written."""
    future = loop.create_future()
    descriptor = sock.fileno()
    timer = _expire(loop, future, timeout)
    add(descriptor, _wake, future)
    try:
        await future
    finally:
        remove(descriptor)
        if timer is not None:
            timer.cancel()


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


async def _until_done(
    loop: "asyncio.AbstractEventLoop",
    sock: socket.socket,
    step: "Callable[[], Any]",
    timeout: "float | None",
    *,
    writes: bool = False,
) -> "Any":
    """Repeat a non-blocking step until it does not ask to wait.

    Args:
        writes: Whether a plain socket that blocks has to become writable, not readable.
    """
    while True:
        try:
            return step()
        except BlockingIOError:
            wants_write = writes
        except OSError as error:  # TLS says what it waits for; only TLS sockets get here
            name = type(error).__name__
            if name not in ("SSLWantReadError", "SSLWantWriteError"):
                raise
            wants_write = name == "SSLWantWriteError"
        if wants_write:
            await _ready(loop, sock, loop.add_writer, loop.remove_writer, timeout)
        else:
            await _ready(loop, sock, loop.add_reader, loop.remove_reader, timeout)


async def _send_all(
    loop: "asyncio.AbstractEventLoop", sock: socket.socket, data: bytes, timeout: "float | None"
) -> None:
    view = memoryview(data)
    while view:

        def send() -> int:
            return sock.send(view)  # noqa: B023  # runs before `view` changes

        sent = await _until_done(loop, sock, send, timeout, writes=True)
        view = view[sent:]


async def _receive(
    loop: "asyncio.AbstractEventLoop",
    sock: socket.socket,
    reader: AnswerReader,
    timeout: "float | None",
) -> bool:
    """Read until the answer is complete.

    Returns:
        False when the other side closed before that.
    """

    def receive() -> bytes:
        return sock.recv(READ_BYTES)

    while True:
        chunk = await _until_done(loop, sock, receive, timeout)
        if reader.feed(chunk) if chunk else reader.feed_eof():
            return True
        if not chunk:
            return False


# --- the process's pools ------------------------------------------------------------------------

_lock = threading.Lock()
_sync_pools: "dict[TransportSettings, SyncPool]" = {}
_async_pools: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[TransportSettings, AsyncPool]]" = weakref.WeakKeyDictionary()  # noqa: E501
_prepared = False


def sync_pool(settings: TransportSettings) -> SyncPool:
    """The process's pool of the blocking face for these settings."""
    pool = _sync_pools.get(settings)
    if pool is None:
        with _lock:
            _prepare()
            pool = _sync_pools.setdefault(settings, SyncPool(settings))
    return pool


def async_pool(settings: TransportSettings) -> "AsyncPool | None":
    """The pool of the event loop that runs now.

    Returns:
        None where this kind of pool cannot work: no asyncio loop runs, or it cannot watch sockets
        (the default loop of Windows), where httpx's own transport serves.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    pools = _async_pools.get(loop)
    if pools is not None and settings in pools:
        return pools[settings]
    if type(loop).__name__ == "ProactorEventLoop":
        return None
    pool = AsyncPool(settings, loop)
    with _lock:
        _prepare()
        for other in [other for other in _async_pools if other.is_closed()]:
            _close_pools(_async_pools.pop(other))
        if pools is None:
            pools = _async_pools[loop] = {}
            # Plain sockets need no loop to be closed, so this may run when the loop is gone.
            weakref.finalize(loop, _close_pools, pools)
        pools[settings] = pool
    return pool


def close_all() -> None:
    """Close every idle and open connection of this process, as at exit."""
    for pool in list(_sync_pools.values()):
        pool.close()
    for pools in list(_async_pools.values()):
        _close_pools(pools)


def _close_pools(pools: "dict[TransportSettings, AsyncPool]") -> None:
    for pool in pools.values():
        pool.close()
    pools.clear()


def _prepare() -> None:
    """Arrange for exit and fork, once, when the first pool is made."""
    global _prepared
    if _prepared:
        return
    _prepared = True
    import atexit

    atexit.register(close_all)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    for pool in _sync_pools.values():
        pool.after_fork()
    for pools in list(_async_pools.values()):
        _close_pools(pools)
    _async_pools.clear()
