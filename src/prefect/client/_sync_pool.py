"""Connections of the blocking face, safe from several threads; see `_pools`."""

import socket
import threading

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
    from prefect.client._http1 import Answer

__all__ = ["SyncPool"]


class SyncPool(Pool):
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
        idle_seconds = limits.IDLE_SECONDS if repeatable else limits.CAUTIOUS_IDLE_SECONDS
        connection = self._acquire(route, idle_seconds, timeouts.pool)
        reader = AnswerReader(method)
        kept = False
        try:
            if connection is not None:
                if self._attempt(connection.sock, data, reader, timeouts, repeatable):
                    answer = finish(reader, url)
                    kept = reader.reusable
                    return answer
                self._forget(connection.sock)
                connection, reader = None, AnswerReader(method)
            connection = OpenConnection(self._connect(route, timeouts), route)
            self._attempt(connection.sock, data, reader, timeouts, None)
            answer = finish(reader, url)
            kept = reader.reusable
            return answer
        finally:
            self._release(connection, kept)

    def _acquire(
        self, route: Route, idle_seconds: float, timeout: "float | None"
    ) -> "OpenConnection | None":
        """Take a place in the pool, with an idle connection if there is one."""
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
                raise transport_error("WriteTimeout", "timed out", error) from error
        try:
            sock.settimeout(timeouts.read)
            while True:
                chunk = sock.recv(READ_BYTES)
                if reader.feed(chunk) if chunk else reader.feed_eof():
                    return True
                if not chunk:
                    break
        except ProtocolError as error:
            raise transport_error("RemoteProtocolError", str(error), error) from error
        except OSError as error:
            if write_error is None:
                if repeatable and not reader.received and not isinstance(error, TimeoutError):
                    return False
                raise read_error(error) from error
        if write_error is not None:
            if repeatable is not None and not reader.received:
                return False  # not wholly sent, so surely not processed
            raise transport_error("WriteError", str(write_error), write_error) from write_error
        if repeatable and not reader.received:
            return False
        raise disconnected(reader)

    def _connect(self, route: Route, timeouts: Timeouts) -> socket.socket:
        try:
            sock = socket.create_connection(endpoint(route), timeouts.connect)
        except OSError as error:
            raise connect_error(error, route) from error
        self._open.add(sock)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if route.scheme == "https":
                if route.proxy is not None:
                    reader = AnswerReader("HEAD")
                    self._attempt(sock, connect_request(route), reader, timeouts, None)
                    check_tunnel(reader, route)
                context = self.settings.ssl_context()
                sock.settimeout(timeouts.connect)
                plain = sock
                sock = context.wrap_socket(plain, server_hostname=route.host)
                self._open.discard(plain)  # wrap_socket took its descriptor over
                self._open.add(sock)
        except OSError as error:
            self._close(sock)
            raise connect_error(error, route) from error
        except BaseException:
            self._close(sock)
            raise
        return sock
