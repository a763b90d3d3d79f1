"""The Cloud client, client injection, worker collections, and the parity of the two clients."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any
from uuid import UUID

import httpx
import pytest

from prefect.client.attribution import get_attribution_headers
from prefect.client.base import PrefectHttpxSyncClient, PrefectResponse, status
from prefect.client.cloud import CloudClient, CloudUnauthorizedError, get_cloud_client
from prefect.client.collections import get_collections_metadata_client
from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.client.orchestration.base import BaseAsyncClient, BaseClient
from prefect.client.schemas.objects import IPAllowlist
from prefect.client.utilities import client_injector, get_or_create_client, inject_client
from prefect.exceptions import ConfigurationError, PrefectHTTPStatusError

ACCOUNT, WORKSPACE = str(UUID(int=1)), str(UUID(int=2))
CLOUD_URL = f"https://api.prefect.cloud/api/accounts/{ACCOUNT}/workspaces/{WORKSPACE}"


class FakeCloud:
    """Answers Cloud's routes and notes what it was asked."""

    def __init__(self, answer: Any = None, status_code: int = 200) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._answer = answer
        self._status = status_code

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        self.asked.append((request.method, path, request.content.decode()))
        assert request.headers["authorization"] == "Bearer key"
        if self._answer is None and self._status == 200:
            return httpx.Response(204)
        return httpx.Response(self._status, json=self._answer)

    @property
    def settings(self) -> dict[str, Any]:
        return {"transport": httpx.MockTransport(self)}


@pytest.fixture
def workspace(setting: Any) -> None:
    setting("PREFECT_API_URL", CLOUD_URL)
    setting("PREFECT_API_KEY", "key")


def _call(fake: FakeCloud, method: str, *arguments: Any) -> Any:
    async def main() -> Any:
        async with get_cloud_client(httpx_settings=fake.settings) as client:
            return await getattr(client, method)(*arguments)

    return asyncio.run(main())


WORKSPACE_FIELDS = {
    "account_id": ACCOUNT,
    "account_name": "a",
    "account_handle": "a",
    "workspace_id": WORKSPACE,
    "workspace_name": "w",
    "workspace_description": "",
    "workspace_handle": "w",
}


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("method", "arguments", "answer", "asked"),
    [
        ("api_healthcheck", (), [], ("GET", "/me/workspaces", "")),
        ("read_worker_metadata", (), {"prefect": {}},
         ("GET", f"/accounts/{ACCOUNT}/workspaces/{WORKSPACE}/collections/work_pool_types", "")),
        ("read_account_settings", (), {"a": 1}, ("GET", f"/accounts/{ACCOUNT}/settings", "")),
        ("update_account_settings", ({"a": 2},), None,
         ("PATCH", f"/accounts/{ACCOUNT}/settings", '{"a":2}')),
        ("read_account_ip_allowlist", (), {"entries": []},
         ("GET", f"/accounts/{ACCOUNT}/ip_allowlist", "")),
        ("update_account_ip_allowlist", (IPAllowlist(entries=[]),), None,
         ("PUT", f"/accounts/{ACCOUNT}/ip_allowlist", '{"entries":[]}')),
        ("check_ip_allowlist_access", (), {"allowed": True, "detail": ""},
         ("GET", f"/accounts/{ACCOUNT}/ip_allowlist/my_access", "")),
    ],
)  # fmt: skip
def test_cloud_route_is_asked(
    method: str, arguments: tuple[Any, ...], answer: Any, asked: tuple[str, str, str]
) -> None:
    fake = FakeCloud(answer)

    found = _call(fake, method, *arguments)

    assert fake.asked == [asked]
    assert hasattr(found, "model_dump") or found == (
        None if method == "api_healthcheck" else answer
    )


@pytest.mark.usefixtures("workspace")
def test_current_workspace_is_found_among_those_of_the_key() -> None:
    other = {**WORKSPACE_FIELDS, "workspace_id": str(UUID(int=9))}

    found = _call(FakeCloud([other, WORKSPACE_FIELDS]), "read_current_workspace")

    assert str(found.workspace_id) == WORKSPACE
    with pytest.raises(ValueError, match=WORKSPACE):
        _call(FakeCloud([other]), "read_current_workspace")


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("code", [401, 403])
def test_refused_key_is_an_error_of_its_own(code: int) -> None:
    with pytest.raises(CloudUnauthorizedError, match="nope"):
        _call(FakeCloud({"detail": "nope"}, code), "read_workspaces")


@pytest.mark.usefixtures("workspace")
def test_other_refusals_of_cloud_keep_their_status() -> None:
    with pytest.raises(PrefectHTTPStatusError, match="gone"):
        _call(FakeCloud({"detail": "gone"}, 404), "read_workspaces")


def test_cloud_without_a_key_names_the_setting() -> None:
    with pytest.raises(ConfigurationError, match="PREFECT_API_KEY"):
        get_cloud_client()


def test_cloud_without_a_workspace_names_the_setting() -> None:
    client = CloudClient("https://api.prefect.cloud/api", "key")

    with pytest.raises(ValueError, match="PREFECT_API_URL"):
        _ = client.workspace_base_url
    with pytest.raises(ValueError, match="PREFECT_API_URL"):
        _ = client.account_base_url
    with pytest.raises(RuntimeError, match="async with"), client:
        pass


def test_cloud_address_can_be_taken_from_the_api_url(setting: Any) -> None:
    setting("PREFECT_API_URL", CLOUD_URL.replace("api.prefect.cloud", "cloud.example"))
    setting("PREFECT_API_KEY", "key")

    assert str(get_cloud_client(infer_cloud_url=True)._client.base_url) == (
        "https://cloud.example/api/"
    )
    assert get_cloud_client()._client.base_url.host == "api.prefect.cloud"


def test_raw_request_fills_its_path(setting: Any) -> None:
    setting("PREFECT_API_KEY", "key")
    fake = FakeCloud([])

    async def main() -> None:
        async with get_cloud_client(httpx_settings=fake.settings) as client:
            await client.raw_request("GET", "/a/{id}", path_params={"id": 3})

    asyncio.run(main())
    assert fake.asked == [("GET", "/a/3", "")]


@pytest.mark.parametrize(
    ("url", "kind"), [("http://127.0.0.1:4200/api", PrefectClient), (CLOUD_URL, CloudClient)]
)
def test_worker_collections_come_from_where_the_settings_lead(
    setting: Any, url: str, kind: type
) -> None:
    setting("PREFECT_API_URL", url)
    setting("PREFECT_API_KEY", "key")

    assert isinstance(get_collections_metadata_client(), kind)


# --- injection ----------------------------------------------------------------------------------


@inject_client
async def _injected(value: int, client: Any = None) -> tuple[int, Any, bool]:
    return value, client, client._started


@client_injector
async def _first(client: Any, value: int) -> tuple[int, Any, bool]:
    return value, client, client._started


@pytest.fixture
def address(setting: Any) -> None:
    setting("PREFECT_API_URL", "http://127.0.0.1:1/api")


@pytest.mark.usefixtures("address")
@pytest.mark.parametrize("function", [_injected, _first])
def test_new_client_is_entered_for_the_call(function: Any) -> None:
    value, client, started = asyncio.run(function(3))

    assert (value, started, client._closed) == (3, True, True)


@pytest.mark.usefixtures("address")
def test_given_client_is_used_and_left_open() -> None:
    client = PrefectClient("http://127.0.0.1:1/api")

    assert asyncio.run(_injected(1, client=client)) == (1, client, False)
    assert get_or_create_client(client) == (client, True)


@pytest.mark.usefixtures("address")
def test_client_that_is_made_belongs_to_the_caller() -> None:
    client, borrowed = get_or_create_client()

    assert isinstance(client, PrefectClient)
    assert not borrowed


# --- the rest -----------------------------------------------------------------------------------


def test_attribution_knows_only_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__FLOW_ID", "f")
    monkeypatch.setenv("PREFECT__DEPLOYMENT_NAME", "d\r\nX: y")

    assert get_attribution_headers() == {
        "X-Prefect-Flow-Id": "f",
        "X-Prefect-Deployment-Name": "d%0D%0AX: y",
    }


def test_status_names_are_numbers() -> None:
    assert status.HTTP_404_NOT_FOUND == 404
    assert status.WS_1008_POLICY_VIOLATION == 1008
    with pytest.raises(AttributeError, match="NOT_A_STATUS"):
        _ = status.NOT_A_STATUS


def test_response_raises_with_the_answers_words() -> None:
    request = httpx.Request("GET", "http://h/")
    response = PrefectResponse.from_httpx_response(
        httpx.Response(409, json={"detail": "taken"}, request=request)
    )

    with pytest.raises(PrefectHTTPStatusError, match="taken"):
        response.raise_for_status()


def test_httpx_client_of_the_public_kind_can_leave_errors_alone() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(404))

    with PrefectHttpxSyncClient(
        base_url="http://h", transport=transport, raise_on_all_errors=False
    ) as client:
        assert client.get("/x").status_code == 404
    with (
        PrefectHttpxSyncClient(base_url="http://h", transport=transport) as client,
        pytest.raises(PrefectHTTPStatusError),
    ):
        client.get("/x")


def test_base_clients_fill_route_templates() -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200)

    with httpx.Client(base_url="http://h", transport=httpx.MockTransport(answer)) as native:
        BaseClient(native).request("GET", "/flows/{id}", path_params={"id": "a/b"})

    async def main() -> None:
        transport = httpx.MockTransport(answer)
        async with httpx.AsyncClient(base_url="http://h", transport=transport) as native:
            await BaseAsyncClient(native).request("GET", "/flows/{id}", {"x": 1}, {"id": "c"})

    asyncio.run(main())
    assert seen == ["http://h/flows/a%2Fb", "http://h/flows/c?x=1"]


def _endpoints(client: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(client) if not name.startswith("_")}


def test_both_clients_have_the_same_members() -> None:
    assert _endpoints(PrefectClient) - _endpoints(SyncPrefectClient) == {"loop"}
    assert _endpoints(SyncPrefectClient) - _endpoints(PrefectClient) == set()


def test_get_client_is_the_same_everywhere() -> None:
    import prefect
    import prefect.client
    from prefect.client import orchestration

    assert prefect.get_client is prefect.client.get_client is orchestration.get_client
    assert orchestration.PrefectClient.__module__ == "prefect.client.orchestration"
