"""What must never happen: a thing made twice, a secret shown or given away, a request changed."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest
from scripted_server import Close, Half, Raw, Received, Reply, ReplyThenClose, Reset, ScriptedServer

from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.exceptions import PrefectHTTPStatusError

READ = ("GET", "/hello")
CREATE = ("POST", "/artifacts/")
ENVOY = Reply(503, b"upstream connect error or disconnect/reset before headers. reset reason: x")


# --- made once ------------------------------------------------------------------------------------


class Shop:
    """A server that acts, and then sometimes loses the answer."""

    def __init__(self, *losses: Any) -> None:
        self.made: list[Any] = []
        self._losses = list(losses)

    def __call__(self, request: Received) -> Any:
        if request.method == "GET":
            return ReplyThenClose(Reply(body={})) if self._losses else Reply(body={})
        body = json.loads(request.body)
        if body not in self.made or not body.get("idempotency_key"):
            self.made.append(body)
        return self._losses.pop(0) if self._losses else Reply(201, {"id": "1"})


LOSSES = [
    Close(),
    Reset(),
    Half(Reply(201, {"long": "x" * 100})),
    Raw(b""),
    Raw(b"HTTP/1.1 2"),
    ENVOY,
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("warm", [False, True])
def test_creation_is_never_made_twice(port: Any, sleeps: Any, loss: Any, warm: bool) -> None:
    shop = Shop(loss)

    async def create(core: Any) -> None:
        if warm:  # so that a connection waits, which the server has just closed
            await core._send(*READ)
        with pytest.raises((httpx.TransportError, PrefectHTTPStatusError)):
            await core._send(*CREATE, json={"a": 1})

    with ScriptedServer(otherwise=shop) as server:
        port.call(server.url, create)

    # None where the closed connection was met: that cannot be told from a lost answer.
    assert len(shop.made) <= 1 if warm else len(shop.made) == 1
    assert sleeps == []


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_creation_with_a_key_is_made_once_however_often_it_is_sent(
    port: Any, sleeps: Any, loss: Any
) -> None:
    shop = Shop(loss, loss)

    with ScriptedServer(otherwise=shop) as server:
        port.send(server.url, "POST", "/flow_runs/", json={"idempotency_key": "k"})

    assert len(shop.made) == 1
    assert len(sleeps) == 2


@pytest.mark.parametrize("loss", LOSSES[:3], ids=lambda loss: type(loss).__name__)
def test_creation_through_the_httpx_client_is_never_made_twice(
    port: Any, sleeps: Any, loss: Any
) -> None:
    shop = Shop(loss)

    with ScriptedServer(otherwise=shop) as server, pytest.raises(httpx.TransportError):
        port.native(server.url, *CREATE, json={"a": 1})

    assert len(shop.made) == 1


def test_deletion_whose_answer_was_lost_is_not_missing_afterwards(port: Any, sleeps: Any) -> None:
    gone = Reply(404, {"detail": "Flow not found"})

    with ScriptedServer(Half(), gone, gone) as server:
        port.send(server.url, "DELETE", "/flows/1")
        with pytest.raises(PrefectHTTPStatusError):
            port.send(server.url, "DELETE", "/flows/1")

    assert len(sleeps) == 1


def test_plain_service_unavailable_is_a_refusal(port: Any, sleeps: Any) -> None:
    with ScriptedServer(Reply(503, b"database is locked")) as server:
        port.send(server.url, *CREATE, json={})

    assert len(sleeps) == 1


# --- CSRF -----------------------------------------------------------------------------------------


def test_lost_answer_to_the_token_is_asked_for_again(port: Any, sleeps: Any) -> None:
    refused = Reply(403, {"detail": "Missing CSRF token."})

    with ScriptedServer(refused, Half(), Reply(body={"token": "t"})) as server:
        port.send(server.url, *CREATE, json={})

    assert server.count("GET", "/csrf-token") == 2
    assert server.received[-1].headers["prefect-csrf-token"] == "t"
    assert len(sleeps) == 1


def test_requests_refused_together_do_not_take_each_others_token(sleeps: Any) -> None:
    tokens: dict[str, str] = {}
    together = threading.Barrier(8)

    def protected(request: Received) -> Reply:
        name = request.headers.get("prefect-csrf-client", request.target.partition("=")[2])
        if request.method == "GET":  # a new token takes the place of the old one
            tokens[name] = f"token {len(tokens)} {request.connection}"
            return Reply(body={"token": tokens[name]})
        if request.headers.get("prefect-csrf-token") != tokens.get(name, "none"):
            if "prefect-csrf-token" not in request.headers:
                together.wait(5)
            return Reply(403, {"detail": "Invalid CSRF token or client identifier."})
        return Reply(201, {})

    async def main(url: str) -> None:
        client = PrefectClient(url)
        await asyncio.gather(*[client._send(*CREATE, json={"n": n}) for n in range(8)])

    with ScriptedServer(otherwise=protected) as server:
        asyncio.run(main(server.url))

    assert server.count("GET", "/csrf-token") <= 8
    assert server.count(*CREATE) == 16


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding", "CONTENT-TYPE"])
@pytest.mark.parametrize("native", [False, True])
def test_headers_cannot_change_the_framing(
    port: Any, setting: Any, name: str, native: bool
) -> None:
    setting("PREFECT_CLIENT_CUSTOM_HEADERS", json.dumps({name: "5"}))

    send = port.native if native else port.send

    with ScriptedServer() as server, pytest.warns(UserWarning, match=name):
        send(server.url, *CREATE, json={"a": 1})

    (request,) = server.received
    assert request.json() == {"a": 1}
    assert request.headers["content-type"] == "application/json"
    assert "transfer-encoding" not in request.headers


def test_headers_of_httpx_settings_cannot_change_the_framing(port: Any) -> None:
    settings = {"headers": {"Content-Length": "3", "Content-Type": "text/plain", "X-Mine": "1"}}

    with ScriptedServer() as server:
        port.call(
            server.url, lambda core: core._send(*CREATE, json=[1, 2, 3]), httpx_settings=settings
        )

    (request,) = server.received
    assert request.json() == [1, 2, 3]
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-mine"] == "1"


# --- redirects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303])
def test_change_is_not_made_a_read_after_a_read_was_redirected(port: Any, status: int) -> None:
    def answer(request: Received) -> Reply:
        if request.method == "GET":
            moved = {"location": "/api/there"}
            return Reply(308, headers=moved) if "there" not in request.target else Reply(body={})
        return Reply(status, headers={"location": "/api/there"})

    async def main(core: Any) -> None:
        await core._send(*READ)
        with pytest.raises(PrefectHTTPStatusError, match="PREFECT_API_URL"):
            await core._send(*CREATE, json={})

    with ScriptedServer(otherwise=answer) as server:
        port.call(server.url, main)

    assert [one.method for one in server.received] == ["GET", "GET", "GET", "POST"][
        : len(server.received)
    ]
    assert server.received[-1].method == "POST"


@pytest.mark.parametrize("ask", [READ, CREATE])
def test_redirect_to_another_host_carries_no_header_of_the_settings(
    port: Any, setting: Any, ask: Any
) -> None:
    setting("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-Pass": "secret"}')

    with ScriptedServer() as target:
        other = target.url.replace("127.0.0.1", "localhost")
        moved = Reply(307, headers={"location": f"{other}{ask[1]}"})
        with ScriptedServer(otherwise=moved) as server:
            port.send(server.url, *ask, content=b"{}" if ask is CREATE else None)

    assert server.received[0].headers["x-pass"] == "secret"
    assert "secret" not in str(target.received[0].headers)
    assert target.received[0].method == ask[0]


def test_endless_redirects_end(port: Any) -> None:
    moved = Reply(307, headers={"location": "/api/artifacts/"})

    with ScriptedServer(otherwise=moved) as server, pytest.raises(PrefectHTTPStatusError):
        port.send(server.url, *CREATE, json={})

    assert len(server.received) < 30


# --- secrets --------------------------------------------------------------------------------------


def test_credentials_of_the_address_are_sent_and_never_shown(
    port: Any, sleeps: Any, setting: Any
) -> None:
    setting("PREFECT_CLIENT_MAX_RETRIES", "0")

    with ScriptedServer(Reply(), Reply(404, {"detail": "?"}), Half(), Reply()) as server:
        url = server.url.replace("//", "//me:p%40ss@")
        port.send(url, *READ)
        with pytest.raises(PrefectHTTPStatusError) as refused:
            port.send(url, *READ)
        with pytest.raises(httpx.TransportError) as lost:
            port.send(url, *READ)
        port.native(url, *READ)

    assert [one.headers["authorization"] for one in server.received] == ["Basic bWU6cEBzcw=="] * 4
    for error in (refused.value, lost.value):
        assert "p%40ss" not in f"{error} {error.request.url}"


@pytest.mark.parametrize(
    "url", ["http://me:hidden@h:port/api", "ftp://me:hidden@h/api", "http://me:hidden@h/api?x=1"]
)
def test_credentials_of_a_bad_address_are_not_shown(port: Any, url: str) -> None:
    with pytest.raises(ValueError, match="PREFECT_API_URL") as caught:
        port.send(url, *READ)

    assert "hidden" not in str(caught.value)


def test_refused_content_of_a_block_is_not_shown(port: Any) -> None:
    complaint = {"loc": ["body", "data"], "msg": "wrong", "type": "x", "input": "hidden"}

    with (
        ScriptedServer(otherwise=Reply(422, {"exception_detail": [complaint]})) as server,
        pytest.raises(PrefectHTTPStatusError, match=r"body\.data: wrong") as caught,
    ):
        port.send(server.url, "POST", "/block_documents/", json={"data": "hidden"})

    assert "hidden" not in str(caught.value)


# --- as integrations use it -----------------------------------------------------------------------


def test_native_responses_behave_like_those_of_httpx(port: Any) -> None:
    def check(response: httpx.Response, data: bytes) -> None:
        assert data == b'{"ok": true}'
        assert response.json() == {"ok": True}
        assert response.elapsed.total_seconds() >= 0
        assert response.headers["content-length"] == "12"
        assert response.is_closed
        assert response.request.method == "GET"
        assert response.raise_for_status() is response

    async def main(url: str) -> None:
        async with PrefectClient(url) as client:
            response = await client._client.get("/hello")
            check(response, response.content)
            async with client._client.stream("GET", "/hello") as response:
                raw = b"".join([piece async for piece in response.aiter_raw()])
            assert raw == b'{"ok": true}'
            async with client._client.stream("GET", "/hello") as response:
                data = await response.aread()
            check(response, data)

    with ScriptedServer() as server:
        if port.name == "async":
            asyncio.run(main(server.url))
            return
        with SyncPrefectClient(server.url) as client:
            response = client._client.get("/hello")
            check(response, response.content)
            with client._client.stream("GET", "/hello") as response:
                assert b"".join(response.iter_raw()) == b'{"ok": true}'
            with client._client.stream("GET", "/hello") as response:
                data = response.read()
            check(response, data)


def test_mocked_transport_sees_every_request(port: Any) -> None:
    seen: list[httpx.Request] = []
    hooked: list[int] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"path": request.url.path}, request=request)

    async def note(response: httpx.Response) -> None:
        hooked.append(response.status_code)

    def note_now(response: httpx.Response) -> None:
        hooked.append(response.status_code)

    settings = {
        "transport": httpx.MockTransport(handle),
        "event_hooks": {"response": [note_now if port.name == "sync" else note]},
        "headers": {"X-Mine": "1"},
    }

    async def both(core: Any) -> None:
        assert (await core._send(*READ)).json() == {"path": "/api/hello"}
        await core._send(*CREATE, json={"a": 1}, params={"b": [1, 2]})

    port.call("http://mocked.example/api", both, httpx_settings=settings, api_key="k")
    port.native("http://mocked.example/api", *READ, arguments={"httpx_settings": settings})

    assert hooked == [200, 200, 200]
    assert [one.headers["x-mine"] for one in seen] == ["1"] * 3
    assert seen[0].headers["authorization"] == "Bearer k"
    assert str(seen[1].url) == "http://mocked.example/api/artifacts/?b=1&b=2"
    assert json.loads(seen[1].content) == {"a": 1}
