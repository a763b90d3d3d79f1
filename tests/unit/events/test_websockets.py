"""Opening WebSockets: proxies, TLS, and how failures are sorted."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest
from fake_websocket_api import FakeApi

from prefect.client import _websockets
from prefect.client._connection import Connection
from prefect.client._websockets import (
    TransientHandshakeError,
    WebSocketsBlocked,
    close_websocket,
    open_websocket,
    proxy_for,
    reconnect_delay,
)


async def open_and_close(connection: Connection) -> None:
    await close_websocket(await open_websocket(connection, "/events/in"))


class ConnectProxy:
    """An HTTP proxy that knows `CONNECT`, or refuses it with `status`."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.targets: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        try:
            client, _ = self.socket.accept()
        except OSError:
            return
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.targets.append(head.split(b" ")[1].decode())
            client.sendall(f"HTTP/1.1 {self.status} X\r\n\r\n".encode())
            if self.status != 200:
                return
            host, _, port = self.targets[0].rpartition(":")
            with socket.create_connection((host, int(port))) as server:
                back = threading.Thread(target=self.pump, args=(server, client), daemon=True)
                back.start()
                self.pump(client, server)
                back.join(10)

    def pump(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        self.socket.close()
        self.thread.join(10)


needs_proxy_support = pytest.mark.skipif(
    int(_websockets.websockets_version.split(".")[0]) < _websockets.PROXY_SUPPORT_SINCE,
    reason="this release of websockets knows no proxies",
)


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    proxy = ConnectProxy()
    yield proxy
    proxy.close()


@needs_proxy_support
def test_websocket_goes_through_the_proxy(
    fake_api: FakeApi, proxy: ConnectProxy, set_environment: Callable[..., None]
) -> None:
    set_environment(HTTP_PROXY=proxy.url)

    asyncio.run(open_and_close(Connection(fake_api.api_url)))

    assert proxy.targets == [f"127.0.0.1:{fake_api.port}"]


def test_no_proxy_is_honoured(fake_api: FakeApi, set_environment: Callable[..., None]) -> None:
    set_environment(HTTP_PROXY="http://127.0.0.1:9", NO_PROXY="127.0.0.1")

    asyncio.run(open_and_close(Connection(fake_api.api_url)))

    assert fake_api.opened["/events/in"] == 1


@needs_proxy_support
@pytest.mark.parametrize("status", [403, 405, 407])
def test_proxy_that_refuses_to_connect_blocks_websockets(
    fake_api: FakeApi, set_environment: Callable[..., None], status: int
) -> None:
    proxy = ConnectProxy(status)
    set_environment(HTTP_PROXY=proxy.url)

    with pytest.raises(WebSocketsBlocked, match=str(status)):
        asyncio.run(open_and_close(Connection(fake_api.api_url)))

    proxy.close()


def test_proxy_with_an_old_library_is_said_clearly(
    set_environment: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_websockets, "websockets_version", "14.2")
    set_environment(HTTP_PROXY="http://127.0.0.1:9")

    with pytest.raises(WebSocketsBlocked, match=r"pip install 'websockets>=15'.*NO_PROXY"):
        asyncio.run(open_and_close(Connection("http://h/api")))


def test_secure_websockets_use_the_secure_proxy(set_environment: Callable[..., None]) -> None:
    set_environment(HTTP_PROXY="http://plain:1", HTTPS_PROXY="http://secure:2", NO_PROXY="in.side")

    assert proxy_for("ws://h/api") == "http://plain:1"
    assert proxy_for("wss://h/api") == "http://secure:2"
    assert proxy_for("wss://a.in.side/api") is None


@pytest.mark.parametrize(
    ("status", "error"), [(503, TransientHandshakeError), (404, WebSocketsBlocked)]
)
def test_refused_upgrades_are_sorted(
    fake_api: FakeApi, status: int, error: type[Exception]
) -> None:
    fake_api.upgrade_status = status

    with pytest.raises(error, match=str(status)):
        asyncio.run(open_and_close(Connection(fake_api.api_url)))


def test_cut_handshake_is_transient(set_environment: Callable[..., None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        cutter = threading.Thread(target=lambda: server.accept()[0].close())
        cutter.start()

        with pytest.raises(_websockets.TRANSIENT):
            asyncio.run(
                open_and_close(Connection(f"http://127.0.0.1:{server.getsockname()[1]}/api"))
            )

        cutter.join(10)


def test_silent_server_times_out(set_environment: Callable[..., None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/api"

        with pytest.raises(_websockets.TRANSIENT):
            asyncio.run(open_and_close(Connection(address, timeout_seconds=0.05)))


def test_plain_server_behind_a_tls_address_is_transient(fake_api: FakeApi) -> None:
    address = fake_api.api_url.replace("http:", "https:")

    with pytest.raises(_websockets.TRANSIENT):
        asyncio.run(open_and_close(Connection(address, verify=False, timeout_seconds=1.0)))


def test_http2_does_not_reach_the_websocket_handshake() -> None:
    connection = Connection("https://h/api", verify=False, http2=True)

    context = _websockets._tls_context(connection)

    assert isinstance(context, ssl.SSLContext)
    assert context is not connection.ssl_context()
    assert context is _websockets._tls_context(connection)


def test_delays_grow_to_a_limit_and_vary() -> None:
    assert reconnect_delay(0) == 0.0
    for failures in range(1, 200):
        ceiling = min(10.0, 0.25 * 2 ** (failures - 1))
        assert ceiling / 2 <= reconnect_delay(failures) <= ceiling
    assert len({reconnect_delay(5) for _ in range(10)}) > 1
