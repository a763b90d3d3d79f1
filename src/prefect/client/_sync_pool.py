"""Connections of the blocking face, safe from several threads; see `_pool`."""

import contextlib
import select
import socket
import threading
import time
import weakref
from queue import Empty, SimpleQueue

from prefect.client import _sockets as limits
from prefect.client._pool import OpenConnection, Place, Pool
from prefect.client._sockets import Route, TransportSettings, transport_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["SyncPool"]


RECHECK_SECONDS = 1.0
"""How long a place that an interrupted thread lost may stay unnoticed by those who wait."""


class SyncPool(Pool):
    """Connections of the blocking face; any thread may use it. Its methods never suspend.

    Signal handlers may raise between any two steps (a keyboard interrupt, the timeout of a task).
    So places are counted by the objects that hold them, which vanish with their frames, and the
    lock is one whose `with` cannot be torn, unlike that of a condition.
    """

    def __init__(self, settings: TransportSettings) -> None:
        super().__init__(settings)
        self._prepare()

    def _prepare(self) -> None:
        self._lock = threading.Lock()
        self._freed: "SimpleQueue[None]" = SimpleQueue()
        self._waiting = False  # whether anybody ever had to
        self._places: "weakref.WeakSet[Place]" = weakref.WeakSet()

    def after_fork(self) -> None:
        """In the child: let go of the parent's sockets; locks of its other threads are void."""
        self._prepare()
        self.close()

    @property
    def _busy(self) -> int:
        return len(self._places)

    async def _acquire(
        self, place: Place, route: Route, idle_seconds: float, timeout: "float | None"
    ) -> "OpenConnection | None":
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                if self._busy < limits.MAX_CONNECTIONS:
                    self._places.add(place)
                    place.held = True
                    self._call_next()
                    return self._take_idle(route, idle_seconds)
            left = RECHECK_SECONDS if end is None else end - time.monotonic()
            if left <= 0:
                raise transport_error(
                    "PoolTimeout", f"all {limits.MAX_CONNECTIONS} connections are in use", None
                )
            self._waiting = True
            with contextlib.suppress(Empty):
                self._freed.get(timeout=min(left, RECHECK_SECONDS))

    def _release(self, place: Place, connection: "OpenConnection | None", kept: bool) -> None:
        with self._lock:
            self._places.discard(place)
            self._put_back(connection, kept)
            self._call_next()

    def _call_next(self) -> None:
        """Wake one of those who wait, if there is a place and nobody is called yet."""
        if self._waiting and self._busy < limits.MAX_CONNECTIONS and self._freed.empty():
            self._freed.put(None)

    async def _wait(
        self, sock: socket.socket, timeout: "float | None", *, reads: bool, writes: bool
    ) -> bool:
        if hasattr(select, "poll"):  # select() cannot take descriptors above 1023
            poll = select.poll()
            poll.register(sock, select.POLLIN * reads | select.POLLOUT * writes)
            found = poll.poll(None if timeout is None else timeout * 1000)
            if found:
                return bool(found[0][1] & ~select.POLLOUT)
        else:  # Windows, where a connection that fails is reported as exceptional
            wanted = [sock]
            readable, writable, failed = select.select(
                wanted * reads, wanted * writes, wanted * writes, timeout
            )
            if readable or writable or failed:
                return bool(readable)
        raise TimeoutError("timed out")

    async def _addresses(
        self, host: str, port: int, timeout: "float | None"
    ) -> "Sequence[tuple[Any, ...]]":
        # The system's resolver has a time limit of its own and cannot be interrupted.
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
