"""Typed input for flow runs, on both faces: what is stored, sent and received."""

import asyncio
import json
import sys
import types
from typing import Any
from uuid import UUID

import pydantic
import pytest
from mock_api import FACES, MockApi, on_face

import prefect.input
from prefect.client.schemas.objects import FlowRunInput
from prefect.exceptions import PrefectHTTPStatusError
from prefect.input import (
    RunInput,
    create_flow_run_input,
    delete_flow_run_input,
    filter_flow_run_input,
    keyset_from_base_key,
    keyset_from_paused_state,
    read_flow_run_input,
    receive_input,
    send_input,
)
from prefect.input.actions import create_flow_run_input_from_model, ensure_flow_run_id
from prefect.input.run_input import AutomaticRunInput, run_input_subclass_from_type
from prefect.states import Paused, Running, Suspended

RUN_ID = UUID(int=7)
INPUTS = f"/flow_runs/{RUN_ID}/input"
OTHER_RUN = f"prefect.flow-run.{UUID(int=8)}"


class Person(RunInput):
    """An input of a user."""

    name: str
    age: int = 3


class Point(pydantic.BaseModel):
    """A model of a user that knows nothing of inputs."""

    x: int


class Inputs:
    """The inputs of one flow run, as the server keeps them."""

    def __init__(self, api: MockApi) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        api.answer = self.answer

    def answer(self, method: str, path: str, body: Any) -> Any:
        if method == "POST" and path == INPUTS:
            if body["key"] in self.stored:
                return 409, {"detail": "taken"}
            self.stored[body["key"]] = body
            return 201, None
        if path == f"{INPUTS}/filter":
            found = [
                {"id": str(UUID(int=1)), "flow_run_id": str(RUN_ID), **stored}
                for key, stored in self.stored.items()
                if key.startswith(body["prefix"]) and key not in body["exclude_keys"]
            ]
            return 200, found[: body["limit"]]
        stored = self.stored.get(path.rpartition("/")[2])
        if stored is None:
            return 404, {"detail": "not found"}
        return (200, json.loads(stored["value"])) if method == "GET" else (204, None)


@pytest.fixture
def inputs(monkeypatch: pytest.MonkeyPatch) -> Inputs:
    return Inputs(MockApi().install(monkeypatch))


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between looks, which take no time."""
    slept: list[float] = []
    clock = [0.0]

    async def sleep(port: Any, seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds
        assert len(slept) < 50, "waits for ever"

    monkeypatch.setattr("prefect.input.run_input._BlockingPort.sleep", sleep)
    monkeypatch.setattr("prefect.input.run_input._AsyncPort.sleep", sleep)
    monkeypatch.setattr("prefect.input.run_input.time.monotonic", lambda: clock[0])
    return slept


def received(face: str, handler: Any) -> list[Any]:
    """All that a handler gives in a loop."""
    if face == "sync":
        return list(handler)

    async def loop() -> list[Any]:
        return [item async for item in handler]

    return asyncio.run(loop())


def test_keysets_name_three_keys() -> None:
    assert Person.keyset_from_type() == keyset_from_base_key("person")
    assert keyset_from_base_key("a-b") == {
        "description": "a-b-description",
        "response": "a-b-response",
        "schema": "a-b-schema",
    }


def test_keyset_of_a_pause_carries_its_name_and_key() -> None:
    paused = keyset_from_paused_state(Paused(pause_key="3"))
    suspended = keyset_from_paused_state(Suspended(pause_key="k9"))

    assert paused["response"] == "paused-3-response"
    assert suspended["response"] == "suspended-k9-response"
    with pytest.raises(RuntimeError, match="RUNNING"):
        keyset_from_paused_state(Running())


def test_save_stores_schema_and_description(face: str, inputs: Inputs) -> None:
    wanted = Person.with_initial_data(description="Who?", name="Ada")

    on_face(face, wanted.save, keyset_from_base_key("k"), RUN_ID)

    assert json.loads(inputs.stored["k-schema"]["value"]) == wanted.model_json_schema()
    assert json.loads(inputs.stored["k-description"]["value"]) == "Who?"
    assert wanted.model_json_schema()["properties"]["name"]["default"] == "Ada"
    assert wanted.__name__ == "Person"
    assert issubclass(wanted, Person)
    assert Person._description is None


def test_save_without_description_stores_the_schema_alone(face: str, inputs: Inputs) -> None:
    on_face(face, Person.save, keyset_from_base_key("k"), RUN_ID)

    assert list(inputs.stored) == ["k-schema"]


def test_load_reads_the_response(face: str, inputs: Inputs) -> None:
    create_flow_run_input("k-response", {"name": "Ada"}, RUN_ID)

    person = on_face(face, Person.load, keyset_from_base_key("k"), RUN_ID)

    assert person.model_dump() == {"name": "Ada", "age": 3}
    assert person.metadata.key == "k-response"
    assert person.metadata.receiver == RUN_ID


def test_load_without_a_response_gives_the_defaults(face: str, inputs: Inputs) -> None:
    wanted = Person.with_initial_data(name="Ada")

    assert on_face(face, wanted.load, keyset_from_base_key("k"), RUN_ID).name == "Ada"
    with pytest.raises(pydantic.ValidationError, match="name"):
        on_face(face, Person.load, keyset_from_base_key("k"), RUN_ID)


def test_load_passes_on_what_else_goes_wrong(
    face: str, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    MockApi().install(monkeypatch).answer = lambda method, path, body: (400, {"detail": "no"})

    with pytest.raises(PrefectHTTPStatusError):
        on_face(face, Person.load, keyset_from_base_key("k"), RUN_ID)


def test_load_of_any_type_gives_the_value(face: str, inputs: Inputs) -> None:
    create_flow_run_input("k-response", {"value": [1, 2]}, RUN_ID)
    numbers: Any = AutomaticRunInput.subclass_from_type(list[int])

    assert on_face(face, numbers.load, keyset_from_base_key("k"), RUN_ID) == [1, 2]


@pytest.mark.parametrize(
    ("value", "prefix", "stored"),
    [
        (Person(name="Ada"), "person-auto", {"name": "Ada", "age": 3}),
        (5, "intautomaticruninput-auto", {"value": 5}),
        ([1, 2], "listautomaticruninput-auto", {"value": [1, 2]}),
        (None, "nonetypeautomaticruninput-auto", {"value": None}),
        (Point(x=1), "pointruninput-auto", {"x": 1}),
    ],
)
def test_input_is_sent_under_a_key_of_its_own(
    face: str, inputs: Inputs, value: Any, prefix: str, stored: dict[str, Any]
) -> None:
    for _ in range(2):
        on_face(face, send_input, value, RUN_ID, sender="me")

    first, second = inputs.stored.values()
    for sent in (first, second):
        assert sent["key"].startswith(f"{prefix}-")
        assert json.loads(sent["value"]) == stored
        assert sent["sender"] == "me"


@pytest.mark.parametrize(
    ("value", "kind"), [(Person(name="Ada"), Person), (5, int), ("x", str), (Point(x=1), Point)]
)
def test_what_is_sent_is_received(
    face: str, inputs: Inputs, waits: list[float], value: Any, kind: Any
) -> None:
    send_input(value, RUN_ID)

    (item,) = received(face, receive_input(kind, timeout=25, flow_run_id=RUN_ID))

    assert item == value or item.model_dump() == value.model_dump()
    assert waits == [10, 10, 5]


def test_inputs_are_received_in_order_and_once(
    face: str, inputs: Inputs, waits: list[float]
) -> None:
    for number in (1, 2, 3):
        send_input(number, RUN_ID, key_prefix="n")
    handler = receive_input(int, timeout=0, key_prefix="n", flow_run_id=RUN_ID)

    assert on_face(face, handler.next) == 1
    assert received(face, handler) == [2, 3]
    assert waits == []


def test_metadata_is_given_on_demand(face: str, inputs: Inputs) -> None:
    send_input(5, RUN_ID, sender="me")

    (item,) = received(face, receive_input(int, timeout=0, flow_run_id=RUN_ID, with_metadata=True))

    assert item.value == 5
    assert item.metadata.sender == "me"


@pytest.mark.parametrize("kind", [Person, int])
def test_time_without_input_ends_the_wait(
    face: str, inputs: Inputs, waits: list[float], kind: Any
) -> None:
    options: dict[str, Any] = {"timeout": 12, "poll_interval": 5, "flow_run_id": RUN_ID}

    assert received(face, receive_input(kind, **options)) == []
    with pytest.raises(TimeoutError, match="within 12 s"):
        received(face, receive_input(kind, raise_timeout_error=True, **options))
    with pytest.raises(TimeoutError):
        on_face(face, receive_input(kind, **options).next)
    assert waits == [5, 5, 2] * 3


def test_flow_run_that_sent_an_input_can_be_answered(face: str, inputs: Inputs) -> None:
    Person(name="Ada").send_to(RUN_ID, sender=f"prefect.flow-run.{RUN_ID}")
    question = Person.receive(timeout=0, flow_run_id=RUN_ID).next()

    on_face(face, question.respond, Person(name="Bob"), key_prefix="answer")

    answer = next(value for key, value in inputs.stored.items() if key.startswith("answer-"))
    assert json.loads(answer["value"])["name"] == "Bob"


@pytest.mark.parametrize("sender", [None, "me"])
def test_others_cannot_be_answered(face: str, inputs: Inputs, sender: str | None) -> None:
    on_face(face, Person(name="Ada").send_to, RUN_ID, sender=sender)
    question: Any = Person.receive(timeout=0, flow_run_id=RUN_ID).next()

    with pytest.raises(RuntimeError, match="Only a flow run can be answered"):
        on_face(face, question.respond, Person(name="Bob"))


def test_input_made_here_has_no_metadata() -> None:
    with pytest.raises(RuntimeError, match="not received"):
        Person(name="x").metadata  # noqa: B018  # a property that raises


def test_types_are_found_or_made() -> None:
    find: Any = run_input_subclass_from_type
    assert find(Person) is Person
    assert issubclass(run_input_subclass_from_type(Point), Point)
    defaults: Any = run_input_subclass_from_type(Point(x=4))
    assert defaults().x == 4
    assert run_input_subclass_from_type(int).__name__ == "intAutomaticRunInput"
    assert run_input_subclass_from_type(list[int]).__name__ == "listAutomaticRunInput"
    union: Any = int | str
    assert run_input_subclass_from_type(union).__name__ == "AutomaticRunInput"


def test_what_does_not_fit_is_refused(inputs: Inputs) -> None:
    send_input("no number", RUN_ID, key_prefix="n")

    with pytest.raises(pydantic.ValidationError):
        receive_input(int, timeout=0, key_prefix="n", flow_run_id=RUN_ID).next()


def test_stored_input_becomes_an_instance() -> None:
    stored = FlowRunInput(flow_run_id=RUN_ID, key="k", value='{"name": "Ada"}', sender=OTHER_RUN)

    person = Person.load_from_flow_run_input(stored)

    assert person.name == "Ada"
    assert person.metadata.sender == OTHER_RUN


# ---- actions ------------------------------------------------------------------------------------


def test_values_are_created_read_and_deleted(face: str, inputs: Inputs) -> None:
    on_face(face, create_flow_run_input, "k", {"a": UUID(int=1)}, RUN_ID)

    assert on_face(face, read_flow_run_input, "k", RUN_ID) == {"a": str(UUID(int=1))}
    (found,) = on_face(face, filter_flow_run_input, "k", limit=5, flow_run_id=RUN_ID)
    assert found.key == "k"
    assert on_face(face, filter_flow_run_input, "k", 5, {"k"}, RUN_ID) == []
    on_face(face, delete_flow_run_input, "k", RUN_ID)


def test_missing_value_is_an_error(face: str, inputs: Inputs) -> None:
    for action in (read_flow_run_input, delete_flow_run_input):
        with pytest.raises(PrefectHTTPStatusError, match="404"):
            on_face(face, action, "k", RUN_ID)


def test_value_that_json_cannot_hold_is_refused(face: str, inputs: Inputs) -> None:
    with pytest.raises(ValueError, match="'k' cannot be written as JSON"):
        on_face(face, create_flow_run_input, "k", object(), RUN_ID)
    assert inputs.stored == {}


def test_flow_run_around_the_code_is_receiver_and_sender(
    face: str, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = types.SimpleNamespace(flow_run=types.SimpleNamespace(id=RUN_ID), client=None)
    contexts: Any = types.ModuleType("prefect.context")
    for name, value in {
        "FlowRunContext": flow,
        "TaskRunContext": None,
        "AsyncClientContext": None,
        "SyncClientContext": None,
    }.items():
        setattr(contexts, name, types.SimpleNamespace(get=lambda value=value: value))
    monkeypatch.setitem(sys.modules, "prefect.context", contexts)

    on_face(face, create_flow_run_input_from_model, "k", Point(x=1))

    assert inputs.stored["k"]["sender"] == f"prefect.flow-run.{RUN_ID}"
    assert ensure_flow_run_id() == RUN_ID


def test_without_a_flow_run_the_id_is_asked_for() -> None:
    with pytest.raises(RuntimeError, match="flow_run_id"):
        ensure_flow_run_id()
    with pytest.raises(RuntimeError, match="flow_run_id"):
        receive_input(int)


def test_public_names_are_all_there() -> None:
    for name in prefect.input.__all__:
        assert getattr(prefect.input, name) is not None
