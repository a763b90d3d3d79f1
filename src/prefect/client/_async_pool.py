"""Connections of one event loop, without asyncio's transports; see `_pool`."""

import socket
import weakref
from collections import deque

from prefect.client import _sockets as limits
from prefect.client._pool import OpenConnection, Place, Pool
from prefect.client._sockets import Route, TransportSettings, transport_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from typing import Any

__all__ = ["AsyncPool"]


class AsyncPool(Pool):
    """Connections of one event loop; used only from that loop."""

    def __init__(self, settings: TransportSettings, loop: "asyncio.AbstractEventLoop") -> None:
        super().__init__(settings)
        self._busy = 0
        self._loop_ref = weakref.ref(loop)  # so that it can be collected, which closes the pool
        self._waiters: "deque[asyncio.Future[None]]" = deque()
        self._woken = 0  # waiters that have a place and do not run yet

    @property
    def _loop(self) -> "asyncio.AbstractEventLoop":
        loop = self._loop_ref()
        assert loop is not None  # it runs us
        return loop

    async def _acquire(
        self, place: Place, route: Route, idle_seconds: float, timeout: "float | None"
    ) -> "OpenConnection | None":
        if self._busy >= limits.MAX_CONNECTIONS:
            await self._wait_for_place(self._loop, timeout)
        else:
            self._busy += 1
        place.held = True
        return self._take_idle(route, idle_seconds)

    async def _wait_for_place(
        self, loop: "asyncio.AbstractEventLoop", timeout: "float | None"
    ) -> None:
        waiter: "asyncio.Future[None]" = loop.create_future()
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
                self._hand_over()
            raise
        else:
            self._woken -= 1
        finally:
            if timer is not None:
                timer.cancel()

    def _release(self, place: Place, connection: "OpenConnection | None", kept: bool) -> None:
        self._put_back(connection, kept, awaited=len(self._waiters) + self._woken)
        self._hand_over()

    def _hand_over(self) -> None:
        """Give a place to the one who has waited longest."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._woken += 1
                return
        self._busy -= 1

    async def _wait(
        self, sock: socket.socket, timeout: "float | None", *, reads: bool, writes: bool
    ) -> bool:
        loop = self._loop
        future: "asyncio.Future[bool]" = loop.create_future()
        descriptor = sock.fileno()
        timer = _expire(loop, future, timeout)
        if reads:
            loop.add_reader(descriptor, _wake, future, True)
        if writes:
            loop.add_writer(descriptor, _wake, future, False)
        try:
            return await future
        finally:
            if reads:
                loop.remove_reader(descriptor)
            if writes:
                loop.remove_writer(descriptor)
            if timer is not None:
                timer.cancel()

    async def _addresses(
        self, host: str, port: int, timeout: "float | None"
    ) -> "Sequence[tuple[Any, ...]]":
        kind = socket.SOCK_STREAM
        try:  # an address needs no look-up, and so no thread
            return socket.getaddrinfo(host, port, type=kind, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            import asyncio  # its loop runs us

            try:
                return await asyncio.wait_for(
                    self._loop.getaddrinfo(host, port, type=kind), timeout
                )
            except asyncio.TimeoutError as error:  # another class before 3.11
                raise TimeoutError(f"looking {host!r} up timed out") from error


def _expire(
    loop: "asyncio.AbstractEventLoop", future: "asyncio.Future[Any]", timeout: "float | None"
) -> "asyncio.TimerHandle | None":
    """Fail a future with `TimeoutError` after some seconds."""
    if timeout is None:
        return None

    def expire() -> None:
        if not future.done():
            future.set_exception(TimeoutError())

    return loop.call_later(timeout, expire)


def _wake(future: "asyncio.Future[bool]", readable: bool) -> None:
    if not future.done():
        future.set_result(readable)
