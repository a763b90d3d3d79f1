"""The conversation about one request, over both faces and a scripted server."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest
from scripted_server import (
    Close,
    Half,
    Raw,
    Received,
    Reply,
    ReplyThenClose,
    Reset,
    ScriptedServer,
    Stall,
    unused_port,
)

from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

READ = ("GET", "/hello")
CREATE = ("POST", "/artifacts/")
KEYED = ("POST", "/flow_runs/")


def test_answer_has_status_headers_and_body(port: Any) -> None:
    with ScriptedServer(Reply(body={"a": 1}, headers={"X-Thing": "y"})) as server:
        answer = port.send(server.url, "POST", "/flows/filter", json={"limit": 1})

    assert answer.status_code == 200
    assert answer.json() == {"a": 1}
    assert answer.headers["x-thing"] == answer.headers.get("X-Thing") == "y"
    assert server.received[0].json() == {"limit": 1}
    assert server.received[0].headers["content-type"] == "application/json"
    assert server.received[0].target == "/api/flows/filter"


def test_parameters_are_written_into_the_query(port: Any) -> None:
    with ScriptedServer() as server:
        port.send(server.url, *READ, params={"a": True, "b": [1, 2], "c": "x y"})

    assert server.received[0].target == "/api/hello?a=true&b=1&b=2&c=x+y"


@pytest.mark.parametrize("step", [Close(), Reset(), Half(), Raw(b"nonsense\r\n\r\n")])
def test_broken_first_answer_to_a_read_is_repeated(port: Any, sleeps: Any, step: Any) -> None:
    with ScriptedServer(step) as server:
        answer = port.send(server.url, *READ)

    assert answer.status_code == 200
    assert server.count(*READ) == 2
    assert len(sleeps) == 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_busy_server_is_asked_again(port: Any, sleeps: Any, status: int) -> None:
    with ScriptedServer(Reply(status), Reply(status)) as server:
        answer = port.send(server.url, *READ)

    assert answer.status_code == 200
    assert server.count(*READ) == 3
    assert 1.6 <= sleeps[0] <= 2.4
    assert 3.2 <= sleeps[1] <= 4.8


@pytest.mark.parametrize("status", [400, 401, 404, 409, 500])
def test_refusal_is_not_repeated(port: Any, sleeps: Any, status: int) -> None:
    with (
        ScriptedServer(otherwise=Reply(status, {"detail": "because of x"})) as server,
        pytest.raises(PrefectHTTPStatusError, match="because of x") as caught,
    ):
        port.send(server.url, *READ)

    assert caught.value.response.status_code == status
    assert isinstance(caught.value, httpx.HTTPStatusError)
    assert f"{server.url}/hello" in str(caught.value)
    assert server.count(*READ) == 1
    assert sleeps == []


def test_code_of_the_setting_is_retried(port: Any, sleeps: Any, setting: Any) -> None:
    setting("PREFECT_CLIENT_RETRY_EXTRA_CODES", "418")

    with ScriptedServer(Reply(418)) as server:
        assert port.send(server.url, *READ).status_code == 200

    assert server.count(*READ) == 2


def test_retry_after_is_a_lower_bound(port: Any, sleeps: Any) -> None:
    with ScriptedServer(Reply(429, headers={"Retry-After": "7"})) as server:
        port.send(server.url, *READ)

    assert 7 <= sleeps[0] <= 7 * 1.2


def test_maintenance_uses_up_no_attempt(port: Any, sleeps: Any, setting: Any) -> None:
    setting("PREFECT_CLIENT_MAX_RETRIES", "0")
    away = Reply(503, headers={"Prefect-Maintenance": "true", "Retry-After": "1"})

    with ScriptedServer(away, away, away) as server:
        assert port.send(server.url, *READ).status_code == 200

    assert server.count(*READ) == 4


def test_attempts_are_bounded_by_the_setting(port: Any, sleeps: Any, setting: Any) -> None:
    setting("PREFECT_CLIENT_MAX_RETRIES", "2")

    with (
        ScriptedServer(otherwise=Reply(503, {"detail": "busy"})) as server,
        pytest.raises(PrefectHTTPStatusError, match="busy") as caught,
    ):
        port.send(server.url, *READ)

    assert server.count(*READ) == 3
    assert "in each of 3 attempts" in str(caught.value)


def test_refused_first_connection_is_retried_and_explained(port: Any, sleeps: Any) -> None:
    with unused_port() as number:
        url = f"http://127.0.0.1:{number}/api"
        with pytest.raises(httpx.ConnectError) as caught:
            port.send(url, *READ)

    assert len(sleeps) == 5
    message = str(caught.value)
    assert f"{url}/hello" in message
    assert "6 attempts" in message
    assert "PREFECT_API_URL" in message


def test_server_that_comes_up_later_gets_the_request(
    port: Any, monkeypatch: pytest.MonkeyPatch, sleeps: Any
) -> None:
    with unused_port() as number:
        address = ("127.0.0.1", number)
    server = ScriptedServer()
    real = socket.create_server

    def on_the_same_port(_: Any) -> socket.socket:
        return real(address)

    monkeypatch.setattr("scripted_server.socket.create_server", on_the_same_port)

    async def sleep(self: Any, seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 2:
            server.__enter__()

    from prefect.client._core import AsyncCore, BlockingCore

    monkeypatch.setattr(BlockingCore, "_pause", sleep)
    monkeypatch.setattr(AsyncCore, "_pause", sleep)
    try:
        answer = port.send(f"http://127.0.0.1:{number}/api", *READ)
    finally:
        server.__exit__()

    assert answer.status_code == 200
    assert len(sleeps) == 2


def test_stalled_server_times_out(port: Any, sleeps: Any, setting: Any) -> None:
    setting("PREFECT_API_REQUEST_TIMEOUT", "0.05")
    setting("PREFECT_CLIENT_MAX_RETRIES", "1")

    with ScriptedServer(Stall(), Stall()) as server:
        with pytest.raises(httpx.ReadTimeout, match="PREFECT_API_REQUEST_TIMEOUT"):
            port.send(server.url, *READ)

        assert server.count(*READ) == 2


# --- never two ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Close(), Reset(), Half(), Reply(502), Reply(504)])
def test_creation_with_a_lost_answer_is_not_repeated(port: Any, sleeps: Any, step: Any) -> None:
    with (
        ScriptedServer(step) as server,
        pytest.raises((httpx.TransportError, PrefectHTTPStatusError)) as caught,
    ):
        port.send(server.url, *CREATE, json={"key": "a"})

    assert server.count(*CREATE) == 1
    if isinstance(caught.value, httpx.TransportError):
        assert "may have acted" in str(caught.value)


@pytest.mark.parametrize("step", [Close(), Reset(), Half(), Reply(502), Reply(504)])
def test_flow_run_with_a_key_is_repeated_with_the_same_key(
    port: Any, sleeps: Any, step: Any
) -> None:
    with ScriptedServer(step) as server:
        port.send(server.url, *KEYED, json={"idempotency_key": "k", "flow_id": "f"})

    assert [one.json()["idempotency_key"] for one in server.received] == ["k", "k"]


def test_flow_run_without_a_key_is_not_repeated(port: Any, sleeps: Any) -> None:
    with ScriptedServer(Close()) as server, pytest.raises(httpx.RemoteProtocolError):
        port.send(server.url, *KEYED, json={"idempotency_key": None, "flow_id": "f"})

    assert server.count(*KEYED) == 1


def test_creation_is_repeated_when_the_caller_says_it_is_safe(port: Any, sleeps: Any) -> None:
    with ScriptedServer(Close()) as server:
        port.send(server.url, *CREATE, json={}, retry=True)

    assert server.count(*CREATE) == 2


@pytest.mark.parametrize("status", [408, 429, 503])
def test_creation_that_was_turned_away_is_repeated(port: Any, sleeps: Any, status: int) -> None:
    with ScriptedServer(Reply(status)) as server:
        port.send(server.url, *CREATE, json={})

    assert server.count(*CREATE) == 2


def test_connection_closed_while_idle_costs_no_retry(port: Any, sleeps: Any) -> None:
    async def twice(core: Any) -> None:
        await core._send(*READ)
        await core._send(*READ)

    with ScriptedServer(ReplyThenClose()) as server:
        port.call(server.url, twice)

    assert server.count(*READ) == 2
    assert server.connections == 2
    assert sleeps == []


def test_one_connection_serves_many_requests(port: Any) -> None:
    async def several(core: Any) -> None:
        for _ in range(5):
            await core._send(*READ)

    with ScriptedServer() as server:
        port.call(server.url, several)

    assert len(server.received) == 5
    assert server.connections == 1


# --- errors -------------------------------------------------------------------------------------


def test_mapped_status_raises_the_named_error(port: Any) -> None:
    with (
        ScriptedServer(Reply(404, {"detail": "gone"})) as server,
        pytest.raises(ObjectNotFound) as caught,
    ):
        port.send(server.url, *READ, errors={404: ObjectNotFound})

    assert isinstance(caught.value.__cause__, PrefectHTTPStatusError)


def test_wrong_key_names_the_setting(port: Any) -> None:
    with (
        ScriptedServer(Reply(401, {"exception_message": "Unauthorized"})) as server,
        pytest.raises(PrefectHTTPStatusError, match="PREFECT_API_KEY"),
    ):
        port.send(server.url, *READ)


def test_unknown_host_fails_at_once_and_says_so(
    port: Any, sleeps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_such_name(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)

    with pytest.raises(httpx.ConnectError, match="host name cannot be resolved"):
        port.send("http://no-such-host.invalid/api", *READ)

    assert sleeps == []


def test_https_to_a_plain_server_fails_at_once_and_says_so(port: Any, sleeps: Any) -> None:
    with ScriptedServer() as server:
        url = server.url.replace("http://", "https://")
        with pytest.raises(httpx.ConnectError, match="http://"):
            port.send(url, *READ)

    assert sleeps == []


@pytest.mark.parametrize(
    "url", ["127.0.0.1:4200/api", "htp://host/api", "http://", "", "http://a b/", "http://h:x/"]
)
def test_bad_url_is_named_with_the_way_out(port: Any, url: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match="PREFECT_API_URL") as caught:
        port.send(url, *READ)

    assert repr(url) in str(caught.value) or not url


# --- CSRF ---------------------------------------------------------------------------------------


def _protected(request: Received) -> Reply:
    """A server with CSRF protection."""
    if request.target.startswith("/api/csrf-token"):
        return Reply(body={"token": "good"})
    if request.method == "GET" or request.headers.get("prefect-csrf-token") == "good":
        return Reply(201, {"id": "1"})
    return Reply(403, {"detail": "Missing CSRF token."})


def test_csrf_token_is_fetched_when_asked_for_and_kept(port: Any, sleeps: Any) -> None:
    with ScriptedServer(otherwise=_protected) as server:
        port.send(server.url, *CREATE, json={})
        port.send(server.url, *CREATE, json={})

    assert server.count("GET", "/csrf-token") == 1
    assert server.count(*CREATE) == 3  # refused, accepted; accepted
    assert len({one.headers.get("prefect-csrf-client") for one in server.received[2:]}) == 1
    assert sleeps == []


def test_server_without_csrf_costs_no_further_request(port: Any) -> None:
    with ScriptedServer() as server:
        port.send(server.url, *CREATE, json={})

    assert len(server.received) == 1


def test_csrf_of_the_httpx_client_works_too(port: Any) -> None:
    with ScriptedServer(otherwise=_protected) as server:
        response = port.native(server.url, "POST", "/artifacts/", json={"a": 1})

    assert response.status_code == 201
    assert server.received[-1].json() == {"a": 1}


def test_csrf_switched_off_by_the_setting_is_not_spoken(port: Any, setting: Any) -> None:
    setting("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "false")

    with (
        ScriptedServer(otherwise=_protected) as server,
        pytest.raises(PrefectHTTPStatusError, match="Missing CSRF token"),
    ):
        port.send(server.url, *CREATE, json={})

    assert server.count("GET", "/csrf-token") == 0


# --- older servers ------------------------------------------------------------------------------


def _older(request: Received) -> Reply:
    """A server that does not know `labels` and `state.new`."""
    if request.target == "/api/admin/version":
        return Reply(body="3.0.11")
    body = request.json()
    refused = [["body", "labels"]] if "labels" in body else []
    if "new" in body.get("state", {}):
        refused.append(["body", "state", "new"])
    if not refused:
        return Reply(201, {"id": "1"})
    details = [{"type": "extra_forbidden", "loc": loc, "msg": "no", "input": 1} for loc in refused]
    return Reply(422, {"exception_message": "Invalid", "exception_detail": details})


def test_fields_an_older_server_refuses_are_left_out(port: Any, sleeps: Any) -> None:
    body = {"name": "a", "labels": {}, "state": {"type": "X", "new": 1}, "idempotency_key": "k"}

    with ScriptedServer(otherwise=_older) as server:
        with pytest.warns(UserWarning, match=r"3\.0\.11.*labels, state\.new") as warned:
            port.send(server.url, *KEYED, json=body)
        port.send(server.url, *KEYED, json=body)

    assert len(warned) == 1
    sent = [one.json() for one in server.received if one.method == "POST"]
    assert sent[0] == body
    assert sent[1] == sent[2] == {"name": "a", "state": {"type": "X"}, "idempotency_key": "k"}
    assert server.count("GET", "/admin/version") == 1


def test_other_complaints_are_not_answered_by_dropping_fields(port: Any) -> None:
    details = [
        {"type": "extra_forbidden", "loc": ["body", "x"], "msg": "no", "input": 1},
        {"type": "missing", "loc": ["body", "name"], "msg": "Field required", "input": {}},
    ]

    with (
        ScriptedServer(Reply(422, {"exception_detail": details})) as server,
        pytest.raises(PrefectHTTPStatusError, match=r"body\.name: Field required"),
    ):
        port.send(server.url, "POST", "/flows/", json={"x": 1})

    assert server.count("POST", "/flows/") == 1


def test_failure_names_an_older_server(port: Any) -> None:
    steps = (Reply(404, {"detail": "Not Found"}), Reply(body="3.0.11"))

    with (
        ScriptedServer(*steps) as server,
        pytest.raises(PrefectHTTPStatusError, match=r"runs Prefect 3\.0\.11"),
    ):
        port.send(server.url, "GET", "/new-route")


def test_server_of_another_major_version_is_refused(port: Any) -> None:
    steps = (Reply(404, {"detail": "Not Found"}), Reply(body="2.20.0"))

    with (
        ScriptedServer(*steps) as server,
        pytest.raises(RuntimeError, match=r"Prefect 2\.20\.0.*cannot talk to"),
    ):
        port.send(server.url, "GET", "/new-route")


# --- redirects and headers ----------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_of_a_read_is_followed(port: Any, status: int) -> None:
    with ScriptedServer() as target:
        moved = Reply(status, headers={"location": f"{target.url}/hello"})
        with ScriptedServer(otherwise=moved) as server:
            answer = port.send(server.url, *READ)

    assert answer.json() == {"ok": True}
    assert target.count(*READ) == 1


def test_redirect_of_a_change_keeps_method_and_body(port: Any) -> None:
    with ScriptedServer() as target:
        moved = Reply(308, headers={"location": f"{target.url}/artifacts/"})
        with ScriptedServer(otherwise=moved) as server:
            port.send(server.url, *CREATE, json={"a": 1})

    assert target.count(*CREATE) == 1
    assert target.received[0].json() == {"a": 1}


@pytest.mark.parametrize("status", [301, 302, 303])
def test_redirect_that_would_lose_the_body_names_the_address(port: Any, status: int) -> None:
    moved = Reply(status, headers={"location": "https://real.example/api/artifacts/"})

    with (
        ScriptedServer(otherwise=moved) as server,
        pytest.raises(PrefectHTTPStatusError, match=r"https://real\.example.*PREFECT_API_URL"),
    ):
        port.send(server.url, *CREATE, json={"a": 1})

    assert len(server.received) == 1


def test_redirect_to_another_host_does_not_carry_the_key(port: Any) -> None:
    with ScriptedServer() as target:
        other = target.url.replace("127.0.0.1", "localhost")
        moved = Reply(307, headers={"location": f"{other}/hello"})
        with ScriptedServer(otherwise=moved) as server:
            port.call(server.url, lambda core: core._send(*READ), api_key="secret")

    assert server.received[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in target.received[0].headers


def test_headers_say_who_asks(port: Any) -> None:
    from prefect import __version__

    with ScriptedServer() as server:
        port.call(server.url, lambda core: core._send(*READ), auth_string="me:word")

    headers = server.received[0].headers
    assert headers["x-prefect-api-version"] == "0.8.4"
    assert headers["user-agent"] == f"prefect/{__version__} (API 0.8.4)"
    assert headers["authorization"] == "Basic bWU6d29yZA=="
    assert headers["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("native", [False, True])
def test_custom_headers_are_sent_but_cannot_replace_ours(
    port: Any, setting: Any, native: bool
) -> None:
    setting("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-Mine": "1", "User-Agent": "other"}')

    send = port.native if native else port.send

    with ScriptedServer() as server, pytest.warns(UserWarning, match="User-Agent"):
        send(server.url, *READ)

    assert server.received[0].headers["x-mine"] == "1"
    assert server.received[0].headers["user-agent"].startswith("prefect/")


def test_worker_of_the_environment_is_named(port: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__WORKER_NAME", "wörk")

    with ScriptedServer() as server:
        port.send(server.url, *READ)

    assert server.received[0].headers["x-prefect-worker-name"] == "w%C3%B6rk"


def test_key_is_not_sent_to_a_url_it_was_not_given_for(port: Any, setting: Any) -> None:
    setting("PREFECT_API_KEY", "secret")

    with ScriptedServer() as server:
        port.send(server.url, *READ)

    assert "authorization" not in server.received[0].headers


@pytest.mark.parametrize(
    "settings", [{"headers": {"X-A": "b"}, "timeout": 5}, {"limits": httpx.Limits()}]
)
def test_httpx_settings_pass_through(port: Any, settings: dict[str, Any]) -> None:
    settings = {"headers": {"X-A": "b"}, **settings}

    with ScriptedServer() as server:
        port.call(server.url, lambda core: core._send(*READ), httpx_settings=settings)

    assert server.received[0].headers["x-a"] == "b"
    assert server.received[0].headers["x-prefect-api-version"] == "0.8.4"


def test_compressed_and_chunked_answers_are_read(port: Any) -> None:
    import gzip
    import json

    body = gzip.compress(json.dumps({"long": "x" * 5000}).encode())
    reply = Reply(body=body, headers={"content-encoding": "gzip"}, chunked=True)

    with ScriptedServer(reply, reply) as server:
        assert len(port.send(server.url, *READ).json()["long"]) == 5000
        assert len(port.native(server.url, *READ).json()["long"]) == 5000

    assert "gzip" in server.received[0].headers["accept-encoding"]


def test_prefix_and_trailing_slash_of_the_url_are_kept(port: Any) -> None:
    with ScriptedServer() as server:
        port.send(server.url.replace("/api", "/a/b/api/"), *READ)
        port.native(server.url.replace("/api", "/a/b/api/"), *READ)

    assert [one.target for one in server.received] == ["/a/b/api/hello"] * 2


# --- the httpx client ---------------------------------------------------------------------------


def test_httpx_client_repeats_and_raises_readable_errors(port: Any, sleeps: Any) -> None:
    with ScriptedServer(Close(), Reply(503), Reply(409, {"detail": "taken"})) as server:
        with pytest.raises(PrefectHTTPStatusError, match="taken"):
            port.native(server.url, "PUT", "/x", json={"a": 1})

    assert [one.json() for one in server.received] == [{"a": 1}] * 3
    assert len(sleeps) == 2


def test_httpx_client_does_not_create_twice(port: Any, sleeps: Any) -> None:
    with ScriptedServer(Close()) as server, pytest.raises(httpx.RemoteProtocolError):
        port.native(server.url, "POST", "/artifacts/", json={})

    assert server.count(*CREATE) == 1


# --- life cycle ---------------------------------------------------------------------------------


def test_client_without_address_says_how_to_set_it(port: Any) -> None:
    with pytest.raises(RuntimeError, match="PREFECT_API_URL"):
        port.send("", *READ)


def test_closed_client_says_so(port: Any) -> None:
    async def use(core: Any) -> Any:
        return core

    with ScriptedServer() as server:
        core = port.call(server.url, use)

        with pytest.raises(RuntimeError, match="closed"):
            port.call(server.url, lambda _: core._send(*READ))
        with pytest.raises(RuntimeError, match="cannot be entered again"):
            core._start()


def test_client_entered_twice_says_so(port: Any) -> None:
    async def again(core: Any) -> None:
        core._start()

    with ScriptedServer() as server, pytest.raises(RuntimeError, match="already in use"):
        port.call(server.url, again)


def test_version_is_compared_once_per_server(port: Any) -> None:
    async def twice(core: Any) -> None:
        await core.raise_for_api_version_mismatch_once()
        await core.raise_for_api_version_mismatch_once()

    with ScriptedServer(Reply(body="3.0.11")) as server:
        with pytest.warns(UserWarning, match=r"3\.0\.11"):
            port.call(server.url, twice)
        port.call(server.url, twice)

    assert server.count("GET", "/admin/version") == 1


def test_version_of_another_major_is_refused(port: Any) -> None:
    with (
        ScriptedServer(Reply(body="4.0.0")) as server,
        pytest.raises(RuntimeError, match=r"4\.0\.0"),
    ):
        port.call(server.url, lambda core: core.raise_for_api_version_mismatch())
