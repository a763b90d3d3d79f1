"""Connections under load and in trouble: no answer goes astray, no place is lost."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from scripted_server import Received, Reply, ScriptedServer, Stall

from prefect._dual import run
from prefect.client import _pools, _sockets
from prefect.client._async_pool import AsyncPool
from prefect.client._pool import Pool
from prefect.client._sockets import Route, Timeouts, TransportSettings
from prefect.client._sync_pool import SyncPool
from prefect.client.orchestration import PrefectClient, SyncPrefectClient

READ = ("GET", "/hello")
TIMEOUTS = Timeouts(5, 5, 5, 5)


def _echo(request: Received) -> Reply:
    """Answer with what was asked, so that a mistaken answer is seen."""
    return Reply(body={"target": request.target}, chunked=len(request.target) % 2 == 0)


def _exchange(face: str, route: Route, data: bytes, **options: Any) -> Any:
    """Send bytes with a pool of one's own."""
    arguments = {"method": "GET", "url": "", "timeouts": TIMEOUTS, **options}
    if face == "sync":
        pool: Pool = SyncPool(TransportSettings())
        try:
            return run(pool.exchange(route, data, **arguments))
        finally:
            assert pool._busy == 0
            pool.close()

    async def main() -> Any:
        pool = AsyncPool(TransportSettings(), asyncio.get_running_loop())
        try:
            return await pool.exchange(route, data, **arguments)
        finally:
            assert pool._busy == 0
            pool.close()

    return asyncio.run(main())


@contextlib.contextmanager
def _peer(talk: Callable[[socket.socket], object]) -> Iterator[Route]:
    """A server of one connection that does what `talk` does with it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock, contextlib.suppress(OSError):
                talk(sock)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Route("http", "127.0.0.1", listener.getsockname()[1], None)
        thread.join(10)
        assert not thread.is_alive()


# --- load -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(2))
def test_cancelled_requests_lose_no_place_and_no_answer(seed: int) -> None:
    chance = random.Random(seed)

    async def one(client: PrefectClient, number: int) -> None:
        answer = await client._send("GET", f"/{number}" + "x" * (number % 3))
        assert answer.json()["target"] == f"/api/{number}" + "x" * (number % 3)

    async def main(url: str) -> tuple[int, int]:
        client = PrefectClient(url)
        tasks = [asyncio.ensure_future(one(client, number)) for number in range(120)]
        for _ in range(50):
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            chance.choice(tasks).cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in results} <= {type(None), asyncio.CancelledError}
        for number in range(64):
            await one(client, number)
        (pool,) = _pools._async_pools[asyncio.get_running_loop()].values()
        return pool._busy, pool._woken

    with ScriptedServer(otherwise=_echo) as server:
        assert asyncio.run(main(server.url)) == (0, 0)


def test_threads_and_loops_together_get_their_own_answers() -> None:
    failures: list[BaseException] = []

    def blocking(url: str, name: str) -> None:
        client = SyncPrefectClient(url)
        for number in range(12):
            answer = run(client._core._send("GET", f"/{name}-{number}"))
            assert answer.json()["target"] == f"/api/{name}-{number}"

    def looping(url: str, name: str) -> None:
        async def ask(number: int) -> None:
            answer = await client._send("GET", f"/{name}-{number}")
            assert answer.json()["target"] == f"/api/{name}-{number}"

        async def main() -> None:
            await asyncio.gather(*map(ask, range(24)))

        client = PrefectClient(url)
        asyncio.run(main())

    def guarded(body: Callable[[str, str], None], *args: str) -> None:
        try:
            body(*args)
        except BaseException as error:
            failures.append(error)

    with ScriptedServer(otherwise=_echo) as server:
        threads = [
            threading.Thread(target=guarded, args=(body, server.url, f"{body.__name__}{n}"))
            for n in range(8)
            for body in (blocking, looping)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert failures == []


def test_server_that_hangs_up_after_each_answer_costs_no_read(port: Any, sleeps: Any) -> None:
    async def many(core: Any) -> None:
        for number in range(60):
            answer = await core._send("GET", f"/{number}")
            assert answer.json()["target"] == f"/api/{number}"

    def hasty(request: Received) -> Any:
        from scripted_server import ReplyThenClose

        return ReplyThenClose(_echo(request))

    with ScriptedServer(otherwise=hasty) as server:
        port.call(server.url, many)

    assert sleeps == []


# --- interrupted ----------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm")
def test_interrupted_call_leaves_no_connection_behind() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with ScriptedServer(Reply(), Stall()) as server:
            client = SyncPrefectClient(server.url)
            client.hello()
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(KeyboardInterrupt):
                client.hello()
            assert run(client._core._send(*READ)).json() == {"ok": True}
            assert server.connections == 2
            pool = next(iter(_pools._sync_pools.values()))
            assert pool._busy == 0
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see `Pool._open`
@pytest.mark.parametrize("step", ["_take_idle", "_put_back", "_call_next", "_release"])
def test_interrupt_inside_the_pool_loses_no_place(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(_sockets, "MAX_CONNECTIONS", 1)

    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with ScriptedServer() as server:
        client = SyncPrefectClient(server.url, httpx_settings={"timeout": 0.5})
        with monkeypatch.context() as patch:
            patch.setattr(SyncPool, step, interrupt)
            with pytest.raises(KeyboardInterrupt):
                client.hello()
        gc.collect()
        assert run(client._core._send(*READ)).json() == {"ok": True}


def test_loop_that_ends_with_requests_under_way_leaves_nothing_open() -> None:
    async def main(url: str) -> set[socket.socket]:
        client = PrefectClient(url)
        tasks = {asyncio.ensure_future(client._send("GET", f"/{n}")) for n in range(20)}
        while len(server.received) < 10:  # noqa: ASYNC110  # the server is in another thread
            await asyncio.sleep(0.001)
        assert len(tasks) == 20
        (pool,) = _pools._async_pools[asyncio.get_running_loop()].values()
        return set(pool._open)

    with ScriptedServer(otherwise=Stall()) as server:
        sockets = asyncio.run(main(server.url))

    assert {one.fileno() for one in sockets} == {-1}


# --- both directions at once ----------------------------------------------------------------------

BIG = b"x" * 10_000_000


def test_early_answer_to_a_big_request_is_read(port: Any) -> None:
    def refuse(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 413 Too big\r\nContent-Length: 3\r\n\r\nbig")
        until_gone.wait(5)  # neither reads on nor hangs up

    until_gone = threading.Event()
    with _peer(refuse) as route:
        data = b"POST / HTTP/1.1\r\ncontent-length: 10000000\r\n\r\n" + BIG
        answer = _exchange(port.name, route, data, repeatable=False)
        until_gone.set()

    assert (answer.status_code, answer.content) == (413, b"big")


def test_interim_answer_does_not_stop_a_big_request(port: Any) -> None:
    def early_hint(sock: socket.socket) -> None:
        left = len(data) - len(sock.recv(10))
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        while left:
            left -= len(sock.recv(1 << 20))
        sock.sendall(b"HTTP/1.1 204 Done\r\n\r\n")

    data = b"POST / HTTP/1.1\r\ncontent-length: 10000000\r\n\r\n" + BIG
    with _peer(early_hint) as route:
        assert _exchange(port.name, route, data).status_code == 204


def test_big_bodies_pass_both_ways_at_once(port: Any) -> None:
    def echo(sock: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(100)
        body = head.partition(b"\r\n\r\n")[2]
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n" + body)
        left = len(BIG) - len(body)
        while left:
            chunk = sock.recv(1 << 16)
            left -= len(chunk)
            sock.sendall(chunk)

    data = b"POST / HTTP/1.1\r\ncontent-length: 10000000\r\n\r\n" + BIG
    with _peer(echo) as route:
        assert len(_exchange(port.name, route, data).content) == len(BIG)


def test_hanging_up_on_a_big_request_says_that_it_was_not_processed(port: Any) -> None:
    def hang_up(sock: socket.socket) -> None:
        sock.recv(1000)

    data = b"POST / HTTP/1.1\r\ncontent-length: 10000000\r\n\r\n" + BIG
    with _peer(hang_up) as route, pytest.raises(httpx.WriteError):
        _exchange(port.name, route, data, repeatable=False)


def test_answer_cut_off_while_the_request_is_sent_may_mean_anything(port: Any) -> None:
    def half(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 30\r\n\r\nabc")
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 20):
            pass

    data = b"POST / HTTP/1.1\r\ncontent-length: 10000000\r\n\r\n" + BIG
    with _peer(half) as route, pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        _exchange(port.name, route, data, repeatable=False)


def test_trickle_is_put_together(port: Any) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"

    def trickle(sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.recv(1000)
        for byte in answer:
            sock.sendall(bytes([byte]))

    with _peer(trickle) as route:
        assert _exchange(port.name, route, b"GET / HTTP/1.1\r\n\r\n").content == b"hello"


# --- phases ---------------------------------------------------------------------------------------


def test_server_that_reads_nothing_times_out_writing(port: Any) -> None:
    done = threading.Event()
    timeouts = Timeouts(5, 5, 0.05, 5)

    with _peer(lambda _: done.wait(5)) as route:
        with pytest.raises(httpx.WriteTimeout):
            _exchange(port.name, route, BIG, timeouts=timeouts)
        done.set()


def test_server_that_says_nothing_times_out_reading(port: Any) -> None:
    done = threading.Event()
    timeouts = Timeouts(5, 0.05, 5, 5)

    with _peer(lambda _: done.wait(5)) as route:
        with pytest.raises(httpx.ReadTimeout):
            _exchange(port.name, route, b"GET / HTTP/1.1\r\n\r\n", timeouts=timeouts)
        done.set()


def test_server_that_does_not_shake_hands_times_out_connecting(port: Any) -> None:
    done = threading.Event()
    timeouts = Timeouts(0.1, 5, 5, 5)

    with _peer(lambda _: done.wait(5)) as route:
        with pytest.raises(httpx.ConnectTimeout):
            _exchange(port.name, route._replace(scheme="https"), b"", timeouts=timeouts)
        done.set()


# --- addresses ------------------------------------------------------------------------------------


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *found: tuple[int, tuple[Any, ...]]) -> None:
    kind = socket.SOCK_STREAM

    def look_up(host: str, *_: Any, flags: int = 0, **__: Any) -> list[Any]:
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        return [(family, kind, 0, "", address) for family, address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("dead", ["refuses", "unknown family"])
def test_next_address_is_tried(port: Any, monkeypatch: pytest.MonkeyPatch, dead: str) -> None:
    with ScriptedServer() as server:
        from scripted_server import unused_port

        with unused_port() as nobody:
            first = (
                (socket.AF_INET, ("127.0.0.1", nobody))
                if dead == "refuses"
                else (9999, ("127.0.0.1", nobody))
            )
            _resolve_to(monkeypatch, first, (socket.AF_INET, ("127.0.0.1", server.port)))
            route = Route("http", "many.example", server.port, None)
            answer = _exchange(port.name, route, b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")

    assert answer.status_code == 200


def test_addresses_share_the_time_to_connect(port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def never(self: Any, sock: Any, timeout: float, **_: Any) -> bool:
        waited.append(timeout)
        raise TimeoutError

    class Socket(socket.socket):
        def connect(self, _: Any) -> None:
            raise BlockingIOError

    addresses = [(socket.AF_INET, ("192.0.2.1", 80))] * 4
    _resolve_to(monkeypatch, *addresses)
    for pool in (SyncPool, AsyncPool):
        monkeypatch.setattr(pool, "_wait", never)
    monkeypatch.setattr("prefect.client._pool.socket.socket", Socket)

    with pytest.raises(httpx.ConnectTimeout):
        _exchange(
            port.name, Route("http", "h.example", 80, None), b"", timeouts=Timeouts(8, 5, 5, 5)
        )

    assert len(waited) == 4
    assert waited[0] <= 2.0
    assert all(one <= 8.0 for one in waited)


def test_looking_a_host_up_is_bounded_under_asyncio(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def stuck(host: str, *_: Any, flags: int = 0, **__: Any) -> Any:
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "not an address")
        release.wait(5)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stuck)

    async def main() -> None:
        pool = AsyncPool(TransportSettings(), asyncio.get_running_loop())
        timeouts = Timeouts(0.05, 5, 5, 5)
        route = Route("http", "h.example", 80, None)
        with pytest.raises(httpx.ConnectTimeout):
            await pool.exchange(route, b"", method="GET", url="", timeouts=timeouts)
        release.set()

    asyncio.run(main())


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_address_is_reached(port: Any) -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with listener:

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(1000)
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=serve)
        thread.start()
        answer = port.send(f"http://[::1]:{listener.getsockname()[1]}/api", *READ)
        thread.join()

    assert answer.status_code == 200


def test_descriptors_above_a_thousand_work(port: Any) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("too few descriptors allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1030):
            stack.enter_context(socket.socket())
        server = stack.enter_context(ScriptedServer())

        async def twice(core: Any) -> None:
            await core._send(*READ)
            await core._send(*READ)

        port.call(server.url, twice)
        assert server.connections == 1


def test_pool_forgets_nothing_it_opened(port: Any) -> None:
    assert _sockets.MAX_IDLE < _sockets.MAX_CONNECTIONS

    async def burst(core: Any) -> int:
        if port.name == "sync":
            await core._send(*READ)
            return len(next(iter(_pools._sync_pools.values()))._open)
        await asyncio.gather(*[core._send(*READ) for _ in range(64)])
        (pool,) = _pools._async_pools[asyncio.get_running_loop()].values()
        assert sum(map(len, pool._idle.values())) == len(pool._open)
        return len(pool._open)

    with ScriptedServer(otherwise=_echo) as server:
        assert port.call(server.url, burst) <= _sockets.MAX_IDLE
