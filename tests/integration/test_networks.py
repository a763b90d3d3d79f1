"""The client through what companies put before a server: TLS, passwords, prefixes, proxies.

One nginx (`support/nginx.py`) stands before a real server and before one that wants credentials
itself. By each way in, both faces talk REST, submit a run, and an event is sent and received over
WebSockets with the same settings; nginx's log tells that it was so.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from faces import FACES, Pauses, opened, parked_deployment, submit, unique
from nginx import GATE_HEADER, USER, Lab

from interop.environments import PEER_SERVER, RealServer, environment
from interop.proxy import ForwardProxy
from prefect.client.orchestration import get_client
from prefect.deployments import arun_deployment
from prefect.events import Event
from prefect.events.clients import PrefectEventsClient, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings.context import refresh_settings

AUTH_STRING = "admin:pass:with:colons"
Configure = Callable[..., None]


@pytest.fixture(scope="module")
def secured_server() -> Iterator[RealServer]:
    """A real server that wants an auth string, and CSRF tokens for changes."""
    settings = {
        "PREFECT_SERVER_API_AUTH_STRING": AUTH_STRING,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
    }
    with RealServer(environment(PEER_SERVER), settings=settings) as server:
        yield server


@pytest.fixture(scope="module")
def lab(
    real_server: RealServer,
    secured_server: RealServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    """Nginx in front of both."""
    with Lab(tmp_path_factory.mktemp("nginx"), real_server.port, secured_server.port) as lab:
        yield lab


@pytest.fixture(autouse=True)
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Configure]:
    """Change settings for the test; none are set before it, nor proxies."""

    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))
        refresh_settings()

    for name in list(os.environ):
        if name.startswith("PREFECT_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    change(PREFECT_HOME=tmp_path / "home")
    yield change
    monkeypatch.undo()
    refresh_settings()


@pytest.fixture(autouse=True)
def pauses() -> Iterator[Pauses]:
    """The waits between attempts, which only count: here none is expected."""
    made = Pauses()
    with pytest.MonkeyPatch.context() as patch:
        made.install(patch)
        yield made


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def use_everything(face: str) -> None:
    """Talk REST, submit a run, send an event and receive it, with the settings there are."""
    with opened(face) as api:
        assert api.hello().status_code == 200
        name, deployment_id = parked_deployment(api)
        runs = api.read_flow_runs(limit=1)
        assert isinstance(runs, list)
    run = submit(face, name, timeout=0)
    assert run.deployment_id == deployment_id
    asyncio.run(asyncio.wait_for(send_and_receive(), 60))


async def send_and_receive() -> None:
    """An event, out and back over WebSockets."""
    name = unique("event")
    event = Event(event=name, resource={"prefect.resource.id": "lab"})
    filter = EventFilter(event=EventNameFilter(name=[name]))
    async with get_events_subscriber(filter=filter) as subscriber:
        assert not subscriber._polling, "WebSockets did not get through"
        async with PrefectEventsClient() as client:
            await client.emit(event)
        assert client._http is None, "WebSockets did not get through"
        received = await subscriber.__anext__()
    assert received.id == event.id


def websockets_seen(lab: Lab, way: str) -> set[str]:
    """The WebSocket routes that were opened one way; nginx logs a request when it has ended."""
    for _ in range(100):
        paths = {one.path for one in lab.seen(way) if one.status == 101}
        if len(paths) == 2:
            break
        time.sleep(0.05)
    return {path.rpartition("/api/")[2] for path in paths}


# --- TLS -----------------------------------------------------------------------------------------


def test_own_authority_is_trusted(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("tls"), PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem")

    use_everything(face)

    assert websockets_seen(lab, "tls") == {"events/in", "events/out"}


@pytest.mark.parametrize("trusted", ["stranger.pem", None])
def test_unknown_authority_fails_at_once_and_names_the_setting(
    lab: Lab, configure: Configure, face: str, pauses: Pauses, trusted: str | None
) -> None:
    configure(PREFECT_API_URL=lab.url("tls"))
    if trusted:
        configure(PREFECT_API_SSL_CERT_FILE=lab.folder / trusted)

    with opened(face) as api, pytest.raises(httpx.ConnectError) as raised:
        api.hello()

    assert lab.url("tls") in str(raised.value)
    assert "PREFECT_API_SSL_CERT_FILE" in str(raised.value)
    assert pauses == []


def test_verification_can_be_switched_off(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("tls"), PREFECT_API_TLS_INSECURE_SKIP_VERIFY="true")

    use_everything(face)


def test_plain_http_to_a_tls_port_says_so(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("tls").replace("https:", "http:"))

    with opened(face) as api, pytest.raises(PrefectHTTPStatusError, match="HTTPS port"):
        api.hello()


def test_tls_to_a_plain_port_says_so(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("prefix").replace("http:", "https:"))

    with opened(face) as api, pytest.raises(httpx.ConnectError, match="plain HTTP"):
        api.hello()


def test_client_certificate_is_shown(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("mutual"), PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem")
    mine = {"cert": (str(lab.folder / "client.pem"), str(lab.folder / "client.key"))}

    with opened(face, httpx_settings=mine) as api:
        assert api.hello().status_code == 200
        name, _ = parked_deployment(api)

    async def main() -> Any:
        async with get_client(httpx_settings=mine) as client:
            return await arun_deployment(name, client=client, timeout=0)

    assert asyncio.run(main()).state.is_scheduled()


def test_missing_client_certificate_is_told_by_the_proxy(
    lab: Lab, configure: Configure, face: str
) -> None:
    configure(PREFECT_API_URL=lab.url("mutual"), PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem")

    with opened(face) as api, pytest.raises(PrefectHTTPStatusError, match="SSL certificate"):
        api.hello()


def test_http2_is_spoken_where_it_is_offered(lab: Lab, configure: Configure, face: str) -> None:
    configure(
        PREFECT_API_URL=lab.url("tls"),
        PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem",
        PREFECT_API_ENABLE_HTTP2="true",
    )
    before = len(lab.seen("tls"))

    use_everything(face)

    requests = [one for one in lab.seen_since("tls", before) if one.status != 101]
    assert {one.protocol for one in requests} == {"HTTP/2.0"}


def test_compressed_answers_are_read(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("prefix"))
    before = len(lab.seen("prefix"))

    with opened(face) as api:
        metadata = api.read_worker_metadata()

    assert "process" in metadata["prefect"]
    requests = {(one.status, one.encoding) for one in lab.seen_since("prefix", before)}
    assert requests == {(200, "gzip")}


# --- passwords, headers, prefixes ----------------------------------------------------------------


def test_path_prefix_is_kept(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("prefix") + "/")  # a trailing slash changes nothing

    use_everything(face)

    assert websockets_seen(lab, "prefix") == {"events/in", "events/out"}
    paths = {one.path for one in lab.seen("prefix") if one.status < 400}
    assert [p for p in paths if not p.startswith("/orchestrator/api/") or "//" in p] == []


def test_basic_authentication_of_a_proxy_is_passed(
    lab: Lab, configure: Configure, face: str
) -> None:
    configure(PREFECT_API_URL=lab.url("basic"), PREFECT_API_AUTH_STRING=":".join(USER))

    use_everything(face)

    assert websockets_seen(lab, "basic") == {"events/in", "events/out"}


@pytest.mark.parametrize("auth_string", ["", "ada:wrong"])
def test_refused_password_names_the_settings(
    lab: Lab, configure: Configure, face: str, pauses: Pauses, auth_string: str
) -> None:
    configure(PREFECT_API_URL=lab.url("basic"))
    if auth_string:
        configure(PREFECT_API_AUTH_STRING=auth_string)

    with opened(face) as api, pytest.raises(PrefectHTTPStatusError, match="AUTH_STRING") as raised:
        api.hello()

    assert raised.value.response.status_code == 401
    assert "wrong" not in str(raised.value)
    assert pauses == []


def test_custom_header_opens_the_gate(lab: Lab, configure: Configure, face: str) -> None:
    name, value = GATE_HEADER
    configure(
        PREFECT_API_URL=lab.url("gate"),
        PREFECT_CLIENT_CUSTOM_HEADERS=f'{{"{name}": "{value}"}}',
    )

    use_everything(face)

    assert websockets_seen(lab, "gate") == {"events/in", "events/out"}


def test_closed_gate_is_an_error(lab: Lab, configure: Configure, face: str) -> None:
    configure(PREFECT_API_URL=lab.url("gate"))

    with opened(face) as api, pytest.raises(PrefectHTTPStatusError, match="403"):
        api.hello()


# --- a server that wants credentials itself ------------------------------------------------------


@pytest.mark.parametrize("way", ["direct", "nginx"])
def test_secured_server_is_talked_to(
    lab: Lab, secured_server: RealServer, configure: Configure, face: str, way: str
) -> None:
    url = secured_server.api_url if way == "direct" else lab.url("secured")
    configure(
        PREFECT_API_URL=url,
        PREFECT_API_AUTH_STRING=AUTH_STRING,
        PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem",
    )

    use_everything(face)


@pytest.mark.parametrize("auth_string", ["", "admin:wrong"])
def test_secured_server_refuses_with_the_settings_named(
    secured_server: RealServer, configure: Configure, face: str, auth_string: str
) -> None:
    configure(PREFECT_API_URL=secured_server.api_url)
    if auth_string:
        configure(PREFECT_API_AUTH_STRING=auth_string)

    async def listen() -> None:
        async with get_events_subscriber() as subscriber:
            await subscriber.__anext__()

    with opened(face) as api, pytest.raises(PrefectHTTPStatusError, match="PREFECT_API_AUTH_STR"):
        api.read_flow_runs()
    with pytest.raises(Exception, match="PREFECT_API_AUTH_STRING"):
        asyncio.run(asyncio.wait_for(listen(), 30))


def test_csrf_support_can_be_switched_off(
    secured_server: RealServer, configure: Configure, face: str
) -> None:
    configure(
        PREFECT_API_URL=secured_server.api_url,
        PREFECT_API_AUTH_STRING=AUTH_STRING,
        PREFECT_CLIENT_CSRF_SUPPORT_ENABLED="false",
    )

    with opened(face) as api, pytest.raises(PrefectHTTPStatusError, match="CSRF"):
        api.create_flow_from_name(unique("flow"))


# --- proxies of the client's side ----------------------------------------------------------------


def test_everything_goes_through_a_plain_proxy(
    real_server: RealServer, configure: Configure, face: str
) -> None:
    with ForwardProxy(user="me:se cret") as proxy:
        configure(
            PREFECT_API_URL=real_server.api_url,
            HTTP_PROXY=proxy.url.replace("//", "//me:se%20cret@"),
        )

        use_everything(face)

    assert any(line.startswith(f"GET {real_server.api_url}/hello") for line in proxy.requests)
    # A WebSocket needs a tunnel even without TLS.
    assert proxy.count(f"CONNECT 127.0.0.1:{real_server.port}$") == 2


def test_everything_goes_through_a_tunnel(lab: Lab, configure: Configure, face: str) -> None:
    with ForwardProxy() as proxy:
        configure(
            PREFECT_API_URL=lab.url("tls"),
            PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem",
            HTTPS_PROXY=proxy.url,
        )

        use_everything(face)

    assert proxy.requests
    assert {line.partition(" ")[0] for line in proxy.requests} == {"CONNECT"}


def test_http2_goes_through_a_tunnel(lab: Lab, configure: Configure, face: str) -> None:
    with ForwardProxy() as proxy:
        configure(
            PREFECT_API_URL=lab.url("tls"),
            PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem",
            PREFECT_API_ENABLE_HTTP2="true",
            HTTPS_PROXY=proxy.url,
        )

        use_everything(face)

    assert proxy.count("CONNECT") >= 3


def test_host_of_no_proxy_is_reached_directly(
    real_server: RealServer, configure: Configure, face: str
) -> None:
    with ForwardProxy() as proxy:
        configure(
            PREFECT_API_URL=real_server.api_url,
            HTTP_PROXY=proxy.url,
            NO_PROXY="example.org,127.0.0.0/8",
        )

        use_everything(face)

    assert proxy.requests == []


def test_proxy_that_wants_a_password_is_named(
    lab: Lab, configure: Configure, face: str, pauses: Pauses
) -> None:
    with ForwardProxy(user="me:secret") as proxy:
        configure(
            PREFECT_API_URL=lab.url("tls"),
            PREFECT_API_SSL_CERT_FILE=lab.folder / "ca.pem",
            HTTPS_PROXY=proxy.url,
        )

        with opened(face) as api, pytest.raises(httpx.ProxyError, match="407") as raised:
            api.hello()

    assert "HTTPS_PROXY" in str(raised.value)
    assert len(pauses) <= 2


def test_proxy_that_is_down_is_named(
    real_server: RealServer, configure: Configure, face: str
) -> None:
    with ForwardProxy() as proxy, proxy.refusing():
        configure(PREFECT_API_URL=real_server.api_url, HTTP_PROXY=proxy.url)

        with opened(face) as api, pytest.raises(httpx.ConnectError) as raised:
            api.hello()

    assert f"the proxy 127.0.0.1:{proxy.port}" in str(raised.value)
