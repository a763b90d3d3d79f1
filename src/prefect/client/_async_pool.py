"""Connections of one event loop, without asyncio's transports; see `_pools`."""

import os
import socket
import weakref
from collections import deque

from prefect.client import _sockets as limits
from prefect.client._http1 import AnswerReader, ProtocolError
from prefect.client._sockets import (
    READ_BYTES,
    OpenConnection,
    Pool,
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
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable
    from typing import Any

    from prefect.client._http1 import Answer

__all__ = ["AsyncPool"]


class AsyncPool(Pool):
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
        idle_seconds = limits.IDLE_SECONDS if repeatable else limits.CAUTIOUS_IDLE_SECONDS
        if self._busy >= limits.MAX_CONNECTIONS:
            await self._wait_for_place(loop, timeouts.pool)
        else:
            self._busy += 1
        connection = self._take_idle(route, idle_seconds)
        reader = AnswerReader(method)
        kept = False
        try:
            if connection is not None:
                if await self._attempt(loop, connection.sock, data, reader, timeouts, repeatable):
                    answer = finish(reader, url)
                    kept = reader.reusable
                    return answer
                self._close(connection.sock)
                connection, reader = None, AnswerReader(method)
            connection = OpenConnection(await self._connect(loop, route, timeouts), route)
            await self._attempt(loop, connection.sock, data, reader, timeouts, None)
            answer = finish(reader, url)
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
            raise transport_error(
                "PoolTimeout", f"all {limits.MAX_CONNECTIONS} connections are in use", error
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

    def _release(self, connection: "OpenConnection | None", kept: bool) -> None:
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
            raise transport_error("WriteTimeout", "timed out", error) from error
        except OSError as error:
            write_error = error
        try:
            if await _receive(loop, sock, reader, timeouts.read):
                return True
        except ProtocolError as error:
            raise transport_error("RemoteProtocolError", str(error), error) from error
        except OSError as error:
            if write_error is None:
                if repeatable and not reader.received and not isinstance(error, TimeoutError):
                    return False
                raise read_error(error) from error
        if write_error is not None:
            if repeatable is not None and not reader.received:
                return False
            raise transport_error("WriteError", str(write_error), write_error) from write_error
        if repeatable and not reader.received:
            return False
        raise disconnected(reader)

    async def _connect(
        self, loop: "asyncio.AbstractEventLoop", route: Route, timeouts: Timeouts
    ) -> socket.socket:
        try:
            sock = await self._connect_any(loop, *endpoint(route), timeouts.connect)
        except OSError as error:
            raise connect_error(error, route) from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if route.scheme == "https":
                if route.proxy is not None:
                    reader = AnswerReader("HEAD")
                    request = connect_request(route)
                    await self._attempt(loop, sock, request, reader, timeouts, None)
                    check_tunnel(reader, route)
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
            raise connect_error(error, route) from error
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
