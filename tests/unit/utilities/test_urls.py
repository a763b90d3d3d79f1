"""URLs of objects, and URLs that are safe to call."""

import socket
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest

from prefect.utilities import urls
from prefect.utilities.urls import (
    API_URL_FORMATS,
    UI_URL_FORMATS,
    SSRFProtectedAsyncHTTPTransport,
    SSRFProtectedHTTPTransport,
    convert_class_to_name,
    url_for,
    validate_restricted_url,
)

ID = UUID(int=7)


class FlowRun:
    id = ID
    name = "brave-otter"


class Variable(FlowRun): ...


class WorkPool(FlowRun): ...


class ReceivedEvent(FlowRun):
    occurred = datetime(2024, 1, 2, tzinfo=timezone.utc)


class Resource(dict[str, str]):
    @property
    def id(self) -> str:
        return self["prefect.resource.id"]


@pytest.fixture(autouse=True)
def no_base_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "_base_url", lambda kind: None)


@pytest.mark.parametrize(
    ("obj", "kind", "path"),
    [
        (FlowRun(), "ui", f"runs/flow-run/{ID}"),
        (FlowRun(), "api", f"flow_runs/{ID}"),
        (Variable(), "api", "variables/name/brave-otter"),
        (WorkPool(), "ui", "work-pools/work-pool/brave-otter"),
        (ReceivedEvent(), "ui", f"events/event/2024-01-02/{ID}"),
        (Resource({"prefect.resource.id": "prefect.flow-run.abc"}), "ui", "runs/flow-run/abc"),
        (SimpleNamespace(task_run_id=ID, wait=None), "ui", f"runs/task-run/{ID}"),
    ],
)
def test_objects_have_urls(obj: Any, kind: Any, path: str) -> None:
    assert url_for(obj, url_type=kind, default_base_url="http://x/") == f"http://x/{path}"


@pytest.mark.parametrize("kind", [kind for kind in UI_URL_FORMATS if kind in API_URL_FORMATS])
def test_kinds_with_ids_have_urls(kind: str) -> None:
    url = url_for(kind, obj_id=ID, default_base_url="http://x")

    assert url is not None
    assert url.endswith(str(ID))


def test_settings_win_over_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "_base_url", lambda kind: f"http://{kind}.example/api")

    url = url_for("flow-run", ID, url_type="api", default_base_url="http://x")

    assert url == f"http://api.example/api/flow_runs/{ID}"


@pytest.mark.parametrize(
    ("obj", "options"),
    [
        ("flow-run", {"obj_id": ID}),
        ("nonsense", {"obj_id": ID, "default_base_url": "http://x"}),
        (Variable(), {"default_base_url": "http://x"}),
        (Resource({"prefect.resource.id": "my.thing"}), {"default_base_url": "http://x"}),
    ],
)
def test_what_has_no_page_has_no_url(obj: Any, options: Any) -> None:
    assert url_for(obj, **options) is None


@pytest.mark.parametrize(
    ("obj", "options", "message"),
    [
        ("flow-run", {}, "obj_id"),
        ("flow-run", {"obj_id": ID, "url_type": "web"}, "'web'"),
        ("worker", {"obj_id": ID, "default_base_url": "http://x"}, "work_pool_name"),
    ],
)
def test_missing_parts_are_named(obj: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        url_for(obj, **options)


def test_kinds_are_named_as_in_urls() -> None:
    assert convert_class_to_name(FlowRun()) == "flow-run"


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(host: str, port: int, **_: Any) -> Any:
        if not addresses:
            raise socket.gaierror("no such host")
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "192.168.1.1", "100.64.0.1", "::1",
        "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "2002:0a00:0001::", "224.0.0.1",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving_to(monkeypatch, "8.8.8.8", address)

    with pytest.raises(ValueError, match="not a public address"):
        validate_restricted_url("https://innocent.example/hook")


def test_public_addresses_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "8.8.8.8", "2001:4860:4860::8888")

    validate_restricted_url("https://public.example/hook")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://x", "http and https"),
        ("nonsense", "http and https"),
        ("http://", "no host"),
        ("http://unknown.example", "resolved"),
    ],
)
def test_urls_that_cannot_be_called_say_why(
    monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    resolving_to(monkeypatch)

    with pytest.raises(ValueError, match=message):
        validate_restricted_url(url)


def test_refusal_hides_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "10.0.0.1")

    with pytest.raises(ValueError, match="inner") as caught:
        validate_restricted_url("https://user:password@inner.example")

    assert "password" not in str(caught.value)


def test_transport_refuses_private_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "10.0.0.1")

    with (
        httpx.Client(transport=SSRFProtectedHTTPTransport()) as client,
        pytest.raises(ValueError, match="not a public address"),
    ):
        client.get("http://innocent.example")


def test_transport_calls_the_address_it_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "8.8.8.8")
    seen: list[httpx.Request] = []

    def handle(self: Any, request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)

    with httpx.Client(transport=SSRFProtectedHTTPTransport()) as client:
        client.get("https://public.example/hook")

    assert seen[0].url.host == "8.8.8.8"
    assert seen[0].headers["host"] == "public.example"
    assert seen[0].extensions["sni_hostname"] == "public.example"


def test_async_transport_refuses_private_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    resolving_to(monkeypatch, "10.0.0.1")

    async def main() -> None:
        async with httpx.AsyncClient(transport=SSRFProtectedAsyncHTTPTransport()) as client:
            await client.get("http://innocent.example")

    # The address is literal in the loop's own look-ups too; ours runs in a thread.
    with pytest.raises(ValueError, match="not a public address"):
        asyncio.run(main())
