"""TLS, client certificates, proxies, HTTP/2 and applications in this process."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_server import Close, ConnectProxy, Raw, Reply, ScriptedServer

from prefect.client import _connection
from prefect.client.base import ServerType, determine_server_type
from prefect.client.orchestration import PrefectClient, SyncPrefectClient, get_client

READ = ("GET", "/hello")
OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="makes certificates with openssl")


def _openssl(folder: Path, *arguments: str) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority (`ca.pem`), a server's certificate for 127.0.0.1 and a client's."""
    folder = tmp_path_factory.mktemp("certificates")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    _openssl(folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem",
             "-subj", "/CN=test authority", "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    for name, extension in (
        ("server", "subjectAltName=IP:127.0.0.1"),
        ("client", "subjectAltName=DNS:me"),
    ):
        (folder / f"{name}.ext").write_text(extension + "\n")
        _openssl(folder, "req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr",
                 "-subj", f"/CN={name}")  # fmt: skip
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                 "-CAcreateserial", "-days", "2", "-out", f"{name}.pem",
                 "-extfile", f"{name}.ext")  # fmt: skip
    return folder


def _server_tls(certificates: Path, *, wants_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    if wants_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates / "ca.pem")
    return context


# --- TLS ----------------------------------------------------------------------------------------


@needs_openssl
def test_own_authority_is_trusted_and_connections_are_kept(
    port: Any, setting: Any, certificates: Path
) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))

    async def several(core: Any) -> None:
        for _ in range(3):
            await core._send(*READ)
        await core._send("POST", "/flows/filter", content=b'"' + b"x" * 500_000 + b'"')

    with ScriptedServer(tls=_server_tls(certificates)) as server:
        port.call(server.url, several)
        port.native(server.url, *READ)

    assert len(server.received) == 5
    assert len(server.received[3].body) == 500_002
    assert server.connections <= 2


@needs_openssl
def test_large_answer_over_tls_arrives_whole(port: Any, setting: Any, certificates: Path) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))

    with ScriptedServer(Reply(body="y" * 1_000_000), tls=_server_tls(certificates)) as server:
        assert len(port.send(server.url, *READ).json()) == 1_000_000


@needs_openssl
def test_unknown_authority_fails_at_once_and_names_the_setting(
    port: Any, sleeps: Any, certificates: Path
) -> None:
    with (
        ScriptedServer(tls=_server_tls(certificates)) as server,
        pytest.raises(httpx.ConnectError, match="PREFECT_API_SSL_CERT_FILE"),
    ):
        port.send(server.url, *READ)

    assert sleeps == []
    assert server.received == []


@needs_openssl
def test_verification_can_be_switched_off(port: Any, setting: Any, certificates: Path) -> None:
    setting("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")

    with ScriptedServer(tls=_server_tls(certificates)) as server:
        assert port.send(server.url, *READ).status_code == 200
        assert port.native(server.url, *READ).status_code == 200


@needs_openssl
def test_one_tls_context_serves_the_whole_process(
    setting: Any, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))
    made = []
    real = ssl.create_default_context

    def counted(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        made.append(args)
        return real(*args, **kwargs)

    _connection.tls_context.cache_clear()
    with ScriptedServer(tls=_server_tls(certificates)) as server:
        monkeypatch.setattr(ssl, "create_default_context", counted)
        for _ in range(5):
            SyncPrefectClient(server.url).hello()
            asyncio.run(PrefectClient(server.url).hello())

    assert len(made) == 1


def test_plain_http_makes_no_tls_context(port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("a TLS context was made")

    monkeypatch.setattr(ssl, "SSLContext", never)
    monkeypatch.setattr(ssl, "create_default_context", never)

    with ScriptedServer() as server:
        port.send(server.url, *READ)
        port.native(server.url, *READ)


@needs_openssl
def test_redirect_from_http_to_https_is_verified(
    port: Any, setting: Any, certificates: Path
) -> None:
    with ScriptedServer(tls=_server_tls(certificates)) as secure:
        moved = Reply(308, headers={"location": f"{secure.url}/hello"})
        with ScriptedServer(otherwise=moved) as server:
            with pytest.raises(httpx.ConnectError, match="certificate"):
                port.send(server.url, *READ)
            setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))
            assert port.send(server.url, *READ).status_code == 200


@needs_openssl
def test_client_certificate_is_shown(port: Any, certificates: Path) -> None:
    pair = (str(certificates / "client.pem"), str(certificates / "client.key"))
    settings = {"cert": pair, "verify": str(certificates / "ca.pem")}

    with ScriptedServer(tls=_server_tls(certificates, wants_client=True)) as server:
        answer = port.call(server.url, lambda core: core._send(*READ), httpx_settings=settings)

    assert answer.status_code == 200


def test_unreadable_client_certificate_is_named(port: Any, tmp_path: Path) -> None:
    settings = {"cert": str(tmp_path / "none.pem")}

    with pytest.raises(ValueError, match=r"none\.pem"):
        port.call(
            "https://127.0.0.1:1/api", lambda core: core._send(*READ), httpx_settings=settings
        )


def test_unreadable_authority_is_named_with_its_setting(port: Any, setting: Any) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", "/nowhere/ca.pem")

    with ScriptedServer() as server, pytest.raises(ValueError, match="PREFECT_API_SSL_CERT_FILE"):
        port.send(server.url.replace("http:", "https:"), *READ)


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@needs_openssl
@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
@pytest.mark.parametrize("farewell", [True, False])
def test_body_ended_by_hanging_up_needs_the_farewell_of_tls(
    port: Any, sleeps: Any, setting: Any, certificates: Path, version: Any, farewell: bool
) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))
    setting("PREFECT_CLIENT_MAX_RETRIES", "0")
    tls = _server_tls(certificates)
    tls.minimum_version = tls.maximum_version = version
    cut = Raw(b'HTTP/1.1 200 OK\r\n\r\n{"ok":true}', farewell=farewell)

    with ScriptedServer(cut, tls=tls) as server:
        if farewell:
            assert port.send(server.url, *READ).json() == {"ok": True}
        else:  # anybody on the way could have cut it
            with pytest.raises(httpx.RemoteProtocolError, match="middle"):
                port.send(server.url, *READ)


@needs_openssl
@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_big_bodies_pass_both_ways_over_tls(
    port: Any, setting: Any, certificates: Path, version: Any
) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))
    tls = _server_tls(certificates)
    tls.minimum_version = tls.maximum_version = version
    body = b'"' + b"x" * 5_000_000 + b'"'

    async def twice(core: Any) -> None:
        for _ in range(2):
            answer = await core._send("POST", "/flows/filter", content=body)
            assert answer.content == body

    with ScriptedServer(otherwise=lambda one: Reply(body=one.body), tls=tls) as server:
        port.call(server.url, twice)

    assert server.connections == 1


@needs_openssl
def test_name_that_the_certificate_does_not_have_is_refused(
    port: Any, setting: Any, sleeps: Any, certificates: Path
) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))

    with ScriptedServer(tls=_server_tls(certificates)) as server:
        by_name = server.url.replace("127.0.0.1", "localhost")  # it is made for the address
        with pytest.raises(httpx.ConnectError, match=r"(?i)localhost|hostname"):
            port.send(by_name, *READ)

    assert sleeps == []
    assert server.received == []


@needs_openssl
def test_server_is_told_the_name_it_is_asked_for(
    port: Any, setting: Any, certificates: Path
) -> None:
    setting("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
    asked: list[str | None] = []
    tls = _server_tls(certificates)
    tls.sni_callback = lambda _, name, __: asked.append(name)

    with ScriptedServer(tls=tls) as server:
        port.send(server.url.replace("127.0.0.1", "localhost"), *READ)
        port.send(server.url, *READ)

    assert asked == ["localhost", None]  # addresses are not sent


@needs_openssl
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_leaves_the_parents_tls_connection_alone(tmp_path: Path, certificates: Path) -> None:
    script = """
import asyncio, logging, os, sys
logging.getLogger("asyncio").setLevel(logging.ERROR)  # debug mode reports slow steps
from prefect.client.orchestration import PrefectClient, SyncPrefectClient
sync = SyncPrefectClient(sys.argv[1])
async def main():
    client = PrefectClient(sys.argv[1])
    await client.hello()
    sync.hello()
    child = os.fork()
    if not child:
        assert sync.hello().status_code == 200
        sys.exit(7)  # with all that happens at exit
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    for _ in range(3):
        await client.hello()
        sync.hello()
asyncio.run(main())
"""
    with ScriptedServer(tls=_server_tls(certificates)) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", script,
             server.url],
            capture_output=True, text=True, timeout=60, check=False,
            env={
                **os.environ,
                "PREFECT_HOME": str(tmp_path),
                "PREFECT_API_SSL_CERT_FILE": str(certificates / "ca.pem"),
            },
        )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert server.connections == 3
    assert len(server.received) == 9


# --- proxies ------------------------------------------------------------------------------------


def test_plain_request_goes_through_the_proxy(port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server, ConnectProxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:p%40ss@127.0.0.1:{proxy.port}")
        answer = port.send(server.url, *READ)

    assert answer.status_code == 200
    method, target, headers = proxy.asked[0]
    assert (method, target) == ("GET", f"{server.url}/hello")
    assert headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"


@needs_openssl
def test_https_request_tunnels_through_the_proxy(
    port: Any, monkeypatch: pytest.MonkeyPatch, setting: Any, certificates: Path
) -> None:
    setting("PREFECT_API_SSL_CERT_FILE", str(certificates / "ca.pem"))

    with ScriptedServer(tls=_server_tls(certificates)) as server, ConnectProxy() as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        port.send(server.url, *READ)
        port.native(server.url, *READ)

    assert {one[:2] for one in proxy.asked} == {("CONNECT", f"127.0.0.1:{server.port}")}
    assert "proxy-authorization" not in server.received[0].headers


def test_proxy_for_everything_is_used(port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server, ConnectProxy() as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        port.send(server.url, *READ)

    assert len(proxy.asked) == 1


def test_host_of_no_proxy_is_reached_directly(port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server, ConnectProxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "example.com,127.0.0.1")
        port.send(server.url, *READ)
        port.native(server.url, *READ)

    assert proxy.asked == []


def test_refusing_proxy_is_named(port: Any, sleeps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with ConnectProxy(refuse=407) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(httpx.ProxyError, match=f"{proxy.port} answered 407.*HTTPS_PROXY"):
            port.send("https://127.0.0.1:1/api", *READ)


def test_proxy_that_hangs_up_has_not_sent_the_request(
    port: Any, sleeps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(otherwise=Close()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(httpx.ProxyError, match=f"{proxy.port} opened no tunnel") as caught:
            port.send("https://127.0.0.1:1/api", "POST", "/artifacts/", content=b"{}")

    assert "may have acted" not in str(caught.value)
    assert len(sleeps) == 2


# --- HTTP/2 -------------------------------------------------------------------------------------


def test_http2_without_its_package_names_the_extra(
    port: Any, setting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from prefect.exceptions import PrefectImportError

    setting("PREFECT_API_ENABLE_HTTP2", "true")
    monkeypatch.setitem(sys.modules, "h2", None)

    with ScriptedServer() as server, pytest.raises(PrefectImportError, match="http2"):
        port.send(server.url, *READ)


def test_http2_setting_still_speaks_to_servers_without_it(port: Any, setting: Any) -> None:
    setting("PREFECT_API_ENABLE_HTTP2", "true")

    with ScriptedServer() as server:
        assert port.send(server.url, *READ).status_code == 200
        assert port.send(server.url, *READ).status_code == 200


# --- applications in this process ---------------------------------------------------------------


class App:
    """An ASGI application that notes its lifespan."""

    def __init__(self) -> None:
        self.life: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                kind = message["type"].removeprefix("lifespan.")
                self.life.append(kind)
                await send({"type": f"lifespan.{kind}.complete"})
                if kind == "shutdown":
                    return
        self.life.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"ok":true}'})


def test_application_is_started_used_and_stopped() -> None:
    app = App()

    async def main() -> ServerType:
        async with PrefectClient(app) as client, PrefectClient(app) as other:
            assert (await client._send(*READ)).json() == {"ok": True}
            assert (await other._client.get("/hello")).status_code == 200
            return client.server_type

    assert asyncio.run(main()) is ServerType.EPHEMERAL
    assert app.life == ["startup", "/api/hello", "/api/hello", "shutdown"]


def test_application_without_lifespan_works() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def main() -> int:
        async with PrefectClient(app) as client:
            return (await client.hello()).status_code

    assert asyncio.run(main()) == 204


def test_application_that_is_not_started_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(PrefectClient(App()).hello())


def test_application_cannot_be_called_by_the_sync_client() -> None:
    client = SyncPrefectClient(App())

    with pytest.raises(TypeError, match="ASGI"), client:
        client.hello()


# --- get_client ---------------------------------------------------------------------------------


def test_get_client_takes_address_and_key_from_the_settings(setting: Any) -> None:
    with ScriptedServer() as server:
        setting("PREFECT_API_URL", server.url + "/")
        setting("PREFECT_API_KEY", "secret")
        with get_client(sync_client=True) as client:
            client.hello()
            client._client.get("/hello")

        assert str(client.api_url) == server.url + "/"
        assert client.server_type is ServerType.SERVER

    assert [one.headers["authorization"] for one in server.received] == ["Bearer secret"] * 2


def test_get_client_without_address_is_made_and_says_so_when_used() -> None:
    client = get_client(sync_client=True)

    with pytest.raises(RuntimeError, match="PREFECT_API_URL"):
        client.hello()
    with pytest.raises(RuntimeError, match="PREFECT_API_URL"):
        _ = client._client


def test_api_must_be_an_address_or_an_application() -> None:
    with pytest.raises(TypeError, match="ASGI"):
        PrefectClient(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:4200/api", ServerType.SERVER),
        ("https://api.prefect.cloud/api/accounts/a/workspaces/b", ServerType.CLOUD),
    ],
)
def test_server_type_follows_the_address(setting: Any, url: str, expected: ServerType) -> None:
    setting("PREFECT_API_URL", url)

    assert determine_server_type() is expected


def test_async_client_refuses_a_plain_with() -> None:
    with pytest.raises(RuntimeError, match="async with"), PrefectClient("http://h/api"):
        pass
