"""Connections of the blocking face, safe from several threads; see `_pool`."""

import select
import socket
import threading

from prefect.client import _sockets as limits
from prefect.client._pool import OpenConnection, Pool
from prefect.client._sockets import Route, TransportSettings, transport_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__all__ = ["SyncPool"]


class SyncPool(Pool):
    """Connections of the blocking face; any thread may use it. Its methods never suspend."""

    def __init__(self, settings: TransportSettings) -> None:
        super().__init__(settings)
        self._changed = threading.Condition()

    def after_fork(self) -> None:
        """In the child: let go of the parent's sockets; locks of its other threads are void."""
        self._changed = threading.Condition()
        self.close()

    async def _acquire(
        self, route: Route, idle_seconds: float, timeout: "float | None"
    ) -> "OpenConnection | None":
        with self._changed:
            if self._busy >= limits.MAX_CONNECTIONS and not self._changed.wait_for(
                lambda: self._busy < limits.MAX_CONNECTIONS, timeout
            ):
                raise transport_error(
                    "PoolTimeout", f"all {limits.MAX_CONNECTIONS} connections are in use", None
                )
            self._busy += 1
            return self._take_idle(route, idle_seconds)

    def _release(self, connection: "OpenConnection | None", kept: bool) -> None:
        with self._changed:
            self._busy = max(self._busy - 1, 0)
            self._put_back(connection, kept)
            self._changed.notify()

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
