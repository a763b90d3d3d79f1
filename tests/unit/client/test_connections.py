"""Connections over the life of a process: threads, loops one after another, fork, exit."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
from typing import Any

import httpx
import pytest
from scripted_server import Reply, ScriptedServer, Stall

from prefect.client import _pools, _sockets
from prefect.client.orchestration import PrefectClient, SyncPrefectClient

READ = ("GET", "/hello")


def test_clients_share_one_connection() -> None:
    with ScriptedServer() as server:
        for _ in range(5):
            with SyncPrefectClient(server.url) as client:
                client.hello()
            with SyncPrefectClient(server.url) as client:
                client._client.get("/hello")

        assert server.connections == 1


def test_threads_share_the_pool() -> None:
    failures: list[BaseException] = []

    with ScriptedServer() as server:

        def work() -> None:
            try:
                for _ in range(10):
                    with SyncPrefectClient(server.url) as client:
                        client.hello()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert len(server.received) == 240
        assert server.connections <= _sockets.MAX_CONNECTIONS + 240 // 10


def test_pool_that_is_used_up_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sockets, "MAX_CONNECTIONS", 1)
    settings = {"timeout": httpx.Timeout(5, pool=0.05)}

    async def main(url: str) -> None:
        async with PrefectClient(url, httpx_settings=settings) as client:
            busy = asyncio.ensure_future(client._send("GET", "/slow"))
            while not server.received:  # noqa: ASYNC110  # the server is in another thread
                await asyncio.sleep(0.001)
            monkeypatch.setattr(client, "_policy_", client._policy.__class__(url, max_retries=0))
            with pytest.raises(httpx.PoolTimeout):
                await client._send(*READ)
            busy.cancel()
            with pytest.raises(asyncio.CancelledError):
                await busy
            await client._send(*READ)  # the cancelled request gave its place back

    with ScriptedServer(Stall()) as server:
        asyncio.run(main(server.url))


def test_waiting_requests_get_places_as_they_become_free() -> None:
    async def main(url: str) -> list[Any]:
        async with PrefectClient(url) as client:
            return await asyncio.gather(*[client._send(*READ) for _ in range(100)])

    with ScriptedServer() as server:
        answers = asyncio.run(main(server.url))

        assert [one.status_code for one in answers] == [200] * 100
        assert server.connections <= _sockets.MAX_CONNECTIONS


def test_loops_one_after_another_each_have_connections() -> None:
    async def main(url: str) -> int:
        async with PrefectClient(url) as client:
            await client.hello()
            return (await client.hello()).status_code

    with ScriptedServer() as server:
        statuses = [asyncio.run(main(server.url)) for _ in range(3)]

        assert statuses == [200] * 3
        assert server.connections == 3


def test_one_client_works_in_several_loops() -> None:
    with ScriptedServer() as server:
        client = PrefectClient(server.url)
        for _ in range(3):
            assert asyncio.run(client.hello()).status_code == 200
            assert asyncio.run(client._client.get("/hello")).status_code == 200


def test_connections_end_with_their_loop() -> None:
    async def main(url: str) -> Any:
        await PrefectClient(url).hello()
        (pool,) = _pools._async_pools[asyncio.get_running_loop()].values()
        (sock,) = pool._open
        return sock

    with ScriptedServer() as server:
        sock = asyncio.run(main(server.url))
        gc.collect()

        assert sock.fileno() == -1


def test_loop_left_open_and_collected_closes_its_connections() -> None:
    with ScriptedServer() as server:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(PrefectClient(server.url).hello())
        (pool,) = _pools._async_pools[loop].values()
        (sock,) = pool._open
        loop.close()
        del loop
        gc.collect()

        assert sock.fileno() == -1


def test_sync_client_works_inside_a_running_loop() -> None:
    async def main(url: str) -> int:
        with SyncPrefectClient(url) as client:
            return client.hello().status_code

    with ScriptedServer() as server:
        assert asyncio.run(main(server.url)) == 200


def test_cancelled_request_leaves_no_half_read_connection() -> None:
    async def main(url: str) -> Any:
        client = PrefectClient(url)
        task = asyncio.ensure_future(client._send("GET", "/slow"))
        while not server.received:  # noqa: ASYNC110  # the server is in another thread
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return (await client._send(*READ)).json()

    with ScriptedServer(Stall()) as server:
        assert asyncio.run(main(server.url)) == {"ok": True}
        assert server.connections == 2


def test_keyboard_interrupt_stays_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)

    with ScriptedServer(Reply(503)) as server, pytest.raises(KeyboardInterrupt):
        SyncPrefectClient(server.url).hello()


def test_waiting_for_a_retry_can_be_cancelled() -> None:
    async def main(url: str) -> None:
        task = asyncio.ensure_future(PrefectClient(url)._send(*READ))
        while not server.count(*READ):  # noqa: ASYNC110  # the server is in another thread
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    # Every answer is the same: another process's late request to this port takes none away.
    with ScriptedServer(otherwise=Reply(503, headers={"Retry-After": "60"})) as server:
        asyncio.run(main(server.url))


def test_own_transport_settings_get_an_own_pool_that_is_closed() -> None:
    settings = {"limits": httpx.Limits(max_connections=1)}

    with ScriptedServer() as server:
        with SyncPrefectClient(server.url, httpx_settings=settings) as client:
            client.hello()
            client.hello()
        native = client._client

        assert server.connections == 1
        assert native.is_closed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_fork_leaves_the_parents_connection_alone() -> None:
    with ScriptedServer() as server:
        client = SyncPrefectClient(server.url)
        client.hello()

        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if client.hello().status_code == 200 else 2
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        client.hello()

        assert os.waitstatus_to_exitcode(status) == 0
        assert [one.connection for one in server.received] == [1, 2, 1]


SLOW_IS_FINE = "import logging; logging.getLogger('asyncio').setLevel(logging.ERROR)\n"
"""Debug mode reports slow steps, and a first import is one."""

SCRIPTS = {
    "sync": """
        from prefect.client.orchestration import SyncPrefectClient
        with SyncPrefectClient(URL) as client:
            client.hello()
            client._client.get("/hello")
        SyncPrefectClient(URL).hello()
    """,
    "loops": """
        import asyncio
        from prefect.client.orchestration import PrefectClient
        async def main():
            async with PrefectClient(URL) as client:
                await asyncio.gather(*[client.hello() for _ in range(5)])
                await client._client.get("/hello")
        for _ in range(3):
            asyncio.run(main())
    """,
    "loop without shutdown": """
        import asyncio
        from prefect.client.orchestration import PrefectClient
        loop = asyncio.new_event_loop()
        loop.run_until_complete(PrefectClient(URL).hello())
        loop.close()
    """,
    "own pool": """
        import asyncio
        from prefect.client.orchestration import PrefectClient, SyncPrefectClient
        import httpx
        settings = {"limits": httpx.Limits(max_connections=2)}
        with SyncPrefectClient(URL, httpx_settings=settings) as client:
            client.hello()
        async def main():
            async with PrefectClient(URL, httpx_settings=settings) as client:
                await client.hello()
        asyncio.run(main())
    """,
    "threads": """
        import threading
        from prefect.client.orchestration import SyncPrefectClient
        threads = [threading.Thread(target=SyncPrefectClient(URL).hello) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """,
    "fork": """
        import os, warnings
        from prefect.client.orchestration import SyncPrefectClient
        client = SyncPrefectClient(URL)
        client.hello()
        child = os.fork()
        client.hello()
        if child:
            assert os.waitpid(child, 0)[1] == 0
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_process_ends_without_a_warning(name: str, tmp_path: Any) -> None:
    with ScriptedServer() as server:
        script = SLOW_IS_FINE + f"URL = {server.url!r}\n" + textwrap.dedent(SCRIPTS[name])
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", script],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PREFECT_HOME": str(tmp_path), "PYTHONASYNCIODEBUG": "0"},
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")


def test_sync_request_loads_neither_asyncio_nor_httpx(tmp_path: Any) -> None:
    with ScriptedServer() as server:
        script = (
            "import sys\n"
            "from prefect.client.orchestration import get_client\n"
            "from prefect._dual import run\n"
            "run(get_client(sync_client=True)._core._send('GET', '/hello'))\n"
            "print(sorted({'asyncio', 'httpx', 'httpcore', 'h11', 'ssl', 'anyio', 'websockets'}"
            " & set(sys.modules)))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            timeout=60,
            env={
                **os.environ,
                "PREFECT_HOME": str(tmp_path),
                "PREFECT_API_URL": server.url,
            },
            check=False,
        )

    assert (done.stdout, done.stderr) == ("[]\n", "")
