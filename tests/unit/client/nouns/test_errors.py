"""What the endpoints raise when the server says no, and what they refuse before asking it."""

import math
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from client_calls import FlowLike, state, uid
from fake_port import STATE, FakeClient, Refusing
from pydantic import BaseModel, SecretStr

from prefect._dual import run
from prefect.client._nouns._base import Noun, as_id, path, tag_list
from prefect.client.schemas import actions, responses
from prefect.exceptions import (
    ObjectAlreadyExists,
    ObjectLimitReached,
    ObjectNotFound,
    ObjectUnsupported,
    PrefectHTTPStatusError,
    ProtectedBlockError,
)

POOL = actions.WorkPoolCreate(name="p", type="process")
LIMIT = actions.GlobalConcurrencyLimitCreate(name="n", limit=1)


@pytest.mark.parametrize(
    ("status", "detail", "call", "error", "words"),
    [
        (404, "x", lambda c: c.read_flow_run(uid(1)), ObjectNotFound, str(uid(1))),
        (404, "x", lambda c: c.read_flow(uid(1)), PrefectHTTPStatusError, str(uid(1))),
        (404, "x", lambda c: c.read_flow_by_name("f"), PrefectHTTPStatusError, "'f'"),
        (404, "x", lambda c: c.read_work_pool("p"), ObjectNotFound, "work pool 'p'"),
        (404, "x", lambda c: c.find_automation(uid(1)), ObjectNotFound, str(uid(1))),
        (404, "x", lambda c: c.read_automation(uid(1)), PrefectHTTPStatusError, str(uid(1))),
        (404, "x", lambda c: c.create_deployment(uid(1), "d"), PrefectHTTPStatusError, "'d': x"),
        (409, "x", lambda c: c.create_deployment(uid(1), "d"), ObjectAlreadyExists, "'d': x"),
        (
            403,
            "maximum number",
            lambda c: c.create_deployment(uid(1), "d"),
            ObjectLimitReached,
            "maximum number",
        ),
        (403, "x", lambda c: c.create_deployment(uid(1), "d"), PrefectHTTPStatusError, "'d': x"),
        (409, "x", lambda c: c.create_work_pool(POOL), ObjectAlreadyExists, "overwrite=True"),
        (403, "reserved", lambda c: c.create_work_pool(POOL), PrefectHTTPStatusError, "reserved"),
        (403, "your plan", lambda c: c.create_work_pool(POOL), ObjectUnsupported, "your plan"),
        (409, "x", lambda c: c.create_global_concurrency_limit(LIMIT), ObjectAlreadyExists, "'n'"),
        (403, "protected", lambda c: c.delete_block_type(uid(1)), ProtectedBlockError, "protected"),
        (403, "rights", lambda c: c.delete_block_type(uid(1)), PrefectHTTPStatusError, "rights"),
        (423, "Locked", lambda c: c.increment_concurrency_slots(["n"], 1, "concurrency"), None, ""),
    ],
)
def test_refusal_is_raised_as(
    status: int, detail: str, call: Any, error: type[Exception] | None, words: str
) -> None:
    with pytest.raises(error or PrefectHTTPStatusError) as raised:
        run(call(Refusing(status, detail)))

    assert words in str(raised.value)
    if error is not None:
        assert isinstance(raised.value.__cause__, httpx.HTTPStatusError)


def test_missing_variable_is_none() -> None:
    assert run(Refusing(404).read_variable_by_name("v")) is None


def test_refused_parameters_are_named_with_the_servers_words() -> None:
    client = Refusing(409, "'no' is not of type 'integer'")

    with pytest.raises(PrefectHTTPStatusError) as raised:
        run(client.create_flow_run_from_deployment(uid(1), parameters={"x": "no"}))

    assert "'x'" in str(raised.value)
    assert "'no' is not of type 'integer'" in str(raised.value)
    assert raised.value.response.status_code == 409


def test_validation_errors_are_put_in_words() -> None:
    detail = [{"loc": ["body", "x"], "msg": "too long"}, "odd"]

    with pytest.raises(PrefectHTTPStatusError, match=r"body\.x: too long; odd"):
        run(Refusing(422, detail).create_flow_run_from_deployment(uid(1)))


def test_unknown_address_is_told_from_a_missing_object() -> None:
    with pytest.raises(ObjectNotFound, match="PREFECT_API_URL"):
        run(Refusing(404, "Not Found").read_flow_run(uid(1)))
    with pytest.raises(ObjectNotFound) as raised:
        run(Refusing(404, "Flow run not found").read_flow_run(uid(1)))
    assert "PREFECT_API_URL" not in str(raised.value)


class WithDeployments(FakeClient):
    """Knows some deployments, but not the one asked for."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._names = names

    def answer(self, method: str, path: str, body: Any) -> httpx.Response:
        if path == "/deployments/filter":
            return httpx.Response(200, json=[{"name": name} for name in self._names])
        return httpx.Response(404, json={"detail": "Deployment not found"})


def test_missing_deployment_lists_names_like_it() -> None:
    client = WithDeployments("nightly", "weekly", "other")

    with pytest.raises(ObjectNotFound, match="'f/nightly' and 2 more") as raised:
        run(client.read_deployment_by_name("f/nigtly"))

    assert "'f/nigtly'" in str(raised.value)
    assert isinstance(raised.value.__cause__, httpx.HTTPStatusError)
    assert len(client.requests) == 2


def test_missing_deployment_is_reported_even_if_nothing_else_can_be_read() -> None:
    class Broken(FakeClient):
        def answer(self, method: str, path: str, body: Any) -> httpx.Response:
            return httpx.Response(404 if method == "GET" else 500, json={"detail": "down"})

    with pytest.raises(ObjectNotFound, match=r"'f/d'.*down"):
        run(Broken().read_deployment_by_name("f/d"))


@pytest.mark.parametrize("name", ["", "d", "/d", "f/", "a/b/c"])
def test_malformed_deployment_name_is_refused_without_a_request(name: str) -> None:
    client = FakeClient()

    with pytest.raises(ValueError, match="flow-name/deployment-name"):
        run(client.read_deployment_by_name(name))

    assert client.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.read_deployment("nope"),
        lambda c: c.pause_deployment("nope"),
        lambda c: c.set_flow_run_state("nope", state()),
        lambda c: c.update_work_queue(uid(1)),
        lambda c: c.update_variable(actions.VariableUpdate(value=1)),
        lambda c: c.read_events_page("http://x.test/nope"),
        lambda c: c.create_flow_run_input(uid(1), "a/b", "1"),
        lambda c: c.create_flow_run_from_deployment(uid(1), parameters={"x": object()}),
        lambda c: c.create_flow_run(FlowLike(), parameters={"x": object()}),
        lambda c: c.update_deployment(uid(1), actions.DeploymentUpdate(parameters={"x": math.nan})),
        lambda c: c.create_variable(actions.VariableCreate(name="v", value=math.nan)),
        lambda c: c.update_variable(actions.VariableUpdate(name="v", value=[math.inf])),
    ],
)
def test_bad_input_is_refused_without_a_request(call: Any) -> None:
    client = FakeClient()

    with pytest.raises(ValueError):
        run(call(client))

    assert client.requests == []


def test_one_string_is_no_list_of_tags() -> None:
    with pytest.raises(TypeError, match=r"\['abc'\]"):
        tag_list("abc")


def test_answer_without_an_id_is_no_success() -> None:
    class Odd(FakeClient):
        def answer(self, method: str, path: str, body: Any) -> httpx.Response:
            return httpx.Response(200, json={})

    with pytest.raises(httpx.RequestError, match="no id"):
        run(Odd().create_flow_from_name("f"))


def test_work_pool_of_another_type_is_not_overwritten() -> None:
    taken = actions.WorkPoolCreate(name="taken", type="docker")

    with pytest.raises(ValueError, match=r"'process'.*'docker'"):
        run(FakeClient().create_work_pool(taken, overwrite=True))


def test_healthcheck_returns_the_error() -> None:
    error = run(Refusing(500).api_healthcheck())

    assert isinstance(error, PrefectHTTPStatusError)


def test_run_from_deployment_always_carries_a_key() -> None:
    client = FakeClient()

    run(client.create_flow_run_from_deployment(uid(1)))
    run(client.create_flow_run_from_deployment(uid(1)))

    first, second = (body["idempotency_key"] for _, _, body in client.requests)
    assert UUID(first) != UUID(second)


class Repeating(FakeClient):
    """Rejects every state as one it holds already."""

    held: dict[str, Any]

    def answer(self, method: str, path: str, body: Any) -> httpx.Response:
        details = {"transition_id": body["state"]["state_details"]["transition_id"]}
        answer = {
            "state": {**STATE, "state_details": details, **self.held},
            "status": "REJECT",
            "details": {"type": "reject_details", "reason": "held already"},
        }
        return httpx.Response(200, json=answer)


def test_repeated_proposal_counts_as_accepted() -> None:
    client = Repeating()
    client.held = {}

    result = run(client.set_flow_run_state(uid(1), state()))

    assert result.status == responses.SetStateStatus.ACCEPT
    assert isinstance(result.details, responses.StateAcceptDetails)


@pytest.mark.parametrize(
    "held", [{"type": "SCHEDULED"}, {"state_details": {"transition_id": str(uid(9))}}]
)
def test_rejection_in_favour_of_another_state_stays_one(held: dict[str, Any]) -> None:
    client = Repeating()
    client.held = held

    result = run(client.set_flow_run_state(uid(1), state()))

    assert result.status == responses.SetStateStatus.REJECT
    assert isinstance(result.details, responses.StateRejectDetails)
    assert result.details.reason == "held already"


def test_match_work_queues_reads_all_pages() -> None:
    class Many(FakeClient):
        def answer(self, method: str, path: str, body: Any) -> httpx.Response:
            left = 150 - body.get("offset", 0)
            queue = {"id": str(uid(1)), "name": "a", "work_pool_id": str(uid(2))}
            return httpx.Response(200, json=[queue] * min(left, body["limit"]))

    client = Many()

    assert len(run(client.match_work_queues(["a"]))) == 150
    assert len(client.requests) == 2


def test_many_events_are_read_in_pages_the_server_gives() -> None:
    class Busy(FakeClient):
        def answer(self, method: str, path: str, body: Any) -> httpx.Response:
            event = {
                "id": str(uid(1)),
                "occurred": "2026-01-02T03:04:05Z",
                "event": "e",
                "resource": {"prefect.resource.id": "r"},
                "received": "2026-01-02T03:04:05Z",
            }
            size = body["limit"] if body else 50
            next_page = "http://internal/api/events/filter/next?page-token=t"
            answer = {"events": [event] * size, "total": 1000, "next_page": next_page}
            return httpx.Response(200, json=answer)

    client = Busy()

    page = run(client.read_events(limit=100))

    assert len(page.events) == 100
    assert page.next_page is not None
    assert [request[:2] for request in client.requests] == [
        ["POST", "/events/filter"],
        ["GET", "/events/filter/next?page-token=t"],
    ]


def test_in_memory_data_stays_in_the_process() -> None:
    client = FakeClient()

    run(client.set_flow_run_state(uid(1), state(data={"secret": 1})))

    assert client.requests[0][2]["state"]["data"] is None


class Stored(BaseModel):
    """Stands for the metadata of a result record."""

    storage_key: str


class Record:
    """Stands for a result record: the value, and where it is stored."""

    metadata = Stored(storage_key="k")


@pytest.mark.parametrize("data", [Stored(storage_key="k"), Record()])
def test_where_a_result_is_stored_is_sent(data: Any) -> None:
    client = FakeClient()

    run(client.set_flow_run_state(uid(1), state(data=data)))

    assert client.requests[0][2]["state"]["data"] == {"storage_key": "k"}


def test_agreements_are_sent_for_their_deployment() -> None:
    from prefect._experimental.sla.objects import FrequencySla, SlaTypes, TimeToCompletionSla

    class Cloud(FakeClient):
        def answer(self, method: str, path: str, body: Any) -> httpx.Response:
            return httpx.Response(200, json={"created": [{"name": "a"}], "deleted": []})

    client = Cloud()
    often = FrequencySla(name="b", stale_after=timedelta(minutes=1))
    slas: list[SlaTypes] = [TimeToCompletionSla(name="a", duration=3), often]

    result = run(client.apply_slas_for_deployment(uid(1), slas))

    owner = f"prefect.deployment.{uid(1)}"
    assert client.requests == [
        [
            "POST",
            f"/slas/apply-resource-slas/{owner}",
            [
                {"name": "a", "duration": 3, "owner_resource": owner},
                {"name": "b", "stale_after": 60.0, "owner_resource": owner},
            ],
        ]
    ]
    assert (result.created, result.updated, result.deleted) == (["a"], [], [])


def test_secrets_of_a_block_are_saved_and_not_their_asterisks() -> None:
    class Inner(BaseModel):
        token: SecretStr

    client = FakeClient()
    data = {
        "value": SecretStr("hush"),
        "deep": [{"k": SecretStr("h2")}],
        "in": Inner(token=SecretStr("h3")),
    }
    new = actions.BlockDocumentCreate(
        name="b", data=data, block_schema_id=uid(1), block_type_id=uid(2)
    )

    run(client.create_block_document(new))
    run(client.create_block_document(new, include_secrets=False))
    run(client.update_block_document(uid(1), actions.BlockDocumentUpdate(data=data)))

    plain = {"value": "hush", "deep": [{"k": "h2"}], "in": {"token": "h3"}}
    assert client.requests[0][2]["data"] == client.requests[2][2]["data"] == plain
    assert client.requests[1][2]["data"]["value"] == "**********"


def test_path_quotes_values_wholly() -> None:
    assert path("/x/{a}/{b}", a="a/b c", b="d?e#f%") == "/x/a%2Fb%20c/d%3Fe%23f%25"


def test_ids_may_come_as_text() -> None:
    assert as_id(str(uid(1)), "flow run") == uid(1)
    with pytest.raises(ValueError, match="flow run id: 3"):
        as_id(3, "flow run")  # type: ignore[arg-type]  # what users pass all the same


def test_noun_without_a_transport_says_so() -> None:
    with pytest.raises(NotImplementedError, match="no transport"):
        run(Noun()._send("GET", "/"))
