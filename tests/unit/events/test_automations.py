"""Stored automations, against a client that keeps them in memory."""

import asyncio
import inspect
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from prefect import automations
from prefect.automations import Automation
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import Automation as StoredAutomation
from prefect.events.schemas.automations import AutomationCore, EventTrigger
from prefect.exceptions import PrefectHTTPStatusError


class Server:
    """Automations by id, and the errors of a server that does not have one."""

    def __init__(self) -> None:
        self.stored: dict[UUID, StoredAutomation] = {}
        self.failure: int | None = None

    def create_automation(self, automation: AutomationCore) -> UUID:
        assert type(automation) is AutomationCore
        id = uuid4()
        self.stored[id] = StoredAutomation(id=id, **given(automation))
        return id

    def update_automation(self, automation_id: UUID, automation: AutomationCore) -> None:
        self.read_automation(automation_id)
        self.stored[automation_id] = StoredAutomation(id=automation_id, **given(automation))

    def read_automation(self, automation_id: UUID) -> StoredAutomation:
        if automation_id not in self.stored:
            self.fail(404)
        return self.stored[automation_id]

    def read_automations_by_name(self, name: str) -> list[StoredAutomation]:
        return [each for each in self.stored.values() if each.name == name]

    def delete_automation(self, automation_id: UUID) -> None:
        self.read_automation(automation_id)
        del self.stored[automation_id]

    def pause_automation(self, automation_id: UUID) -> None:
        self.read_automation(automation_id).enabled = False

    def resume_automation(self, automation_id: UUID) -> None:
        self.read_automation(automation_id).enabled = True

    def fail(self, status: int) -> None:
        request = httpx.Request("GET", "http://server/api/automations/x")
        response = httpx.Response(self.failure or status, request=request)
        raise PrefectHTTPStatusError("no", request=request, response=response)


def given(automation: AutomationCore) -> dict[str, Any]:
    """Return the fields that go over the wire: those that were set."""
    return {name: getattr(automation, name) for name in automation.model_fields_set}


class SyncClient:
    """The blocking face of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def __enter__(self) -> Any:
        return self.server

    def __exit__(self, *error: object) -> None:
        return None


class AsyncClient:
    """The asynchronous face of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return getattr(self.server, name)(*args, **kwargs)

        return call


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(automations, "_sync_client", lambda: SyncClient(server))
    monkeypatch.setattr(automations, "_async_client", lambda: AsyncClient(server))
    return server


@pytest.fixture(params=["sync", "async", "dispatched"])
def call(request: pytest.FixtureRequest) -> Any:
    """Call a method by name: directly, as its twin, or as itself in a running loop."""

    def run(target: Any, name: str, /, **kwargs: Any) -> Any:
        if request.param == "sync":
            return getattr(target, name)(**kwargs)
        if request.param == "async":
            return asyncio.run(getattr(target, f"a{name}")(**kwargs))

        async def dispatched() -> Any:
            coroutine = getattr(target, name)(**kwargs)
            assert inspect.iscoroutine(coroutine)
            return await coroutine

        return asyncio.run(dispatched())

    return run


def automation(**fields: Any) -> Automation:
    return Automation(name="n", trigger=EventTrigger(expect={"x"}), actions=[DoNothing()], **fields)


def test_creating_gives_an_id(server: Server, call: Any) -> None:
    created = automation()

    assert call(created, "create") is created
    assert created.id in server.stored


def test_what_was_stored_is_read_by_id_and_by_name(server: Server, call: Any) -> None:
    created = call(automation(tags=["t"]), "create")

    by_id = call(Automation, "read", id=created.id)
    by_name = call(Automation, "read", name="n")

    assert type(by_id) is Automation
    assert by_id.id == by_name.id == created.id
    assert by_id.tags == ["t"]
    assert by_id.trigger == created.trigger


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "neither was given"),
        ({"id": UUID(int=1), "name": "n"}, "both were given"),
        ({"id": UUID(int=1)}, "no automation with the id '00000000"),
        ({"name": "nope"}, "no automation with the name 'nope'"),
    ],
)
def test_what_cannot_be_read_is_named(
    server: Server, call: Any, wanted: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        call(Automation, "read", **wanted)


def test_updating_stores_every_change_also_inside_of_defaults(server: Server, call: Any) -> None:
    stored = call(automation(), "create")
    stored.name = "renamed"
    stored.tags.append("t")

    call(stored, "update")

    assert server.stored[stored.id].name == "renamed"
    assert server.stored[stored.id].tags == ["t"]


def test_fields_that_nobody_touched_are_not_sent(server: Server, call: Any) -> None:
    stored = call(automation(), "create")

    assert server.stored[stored.id].model_fields_set == {"id", "name", "trigger", "actions"}


def test_disabling_and_enabling_change_both_sides(server: Server, call: Any) -> None:
    stored = call(automation(), "create")

    assert call(stored, "disable") is True
    assert (stored.enabled, server.stored[stored.id].enabled) == (False, False)
    call(stored, "update")
    assert server.stored[stored.id].enabled is False
    assert call(stored, "enable") is True
    assert (stored.enabled, server.stored[stored.id].enabled) == (True, True)


def test_deleting_tells_whether_there_was_something(server: Server, call: Any) -> None:
    stored = call(automation(), "create")

    assert call(stored, "delete") is True
    assert call(stored, "delete") is False


@pytest.mark.parametrize("method", ["disable", "enable"])
def test_an_automation_that_is_gone_cannot_be_switched(
    server: Server, call: Any, method: str
) -> None:
    assert call(automation(id=UUID(int=1)), method) is False


@pytest.mark.parametrize("method", ["update", "delete", "disable", "enable"])
def test_an_automation_without_id_was_never_stored(server: Server, call: Any, method: str) -> None:
    with pytest.raises(ValueError, match=f"Cannot {method} the automation 'n': it has no id"):
        call(automation(), method)


@pytest.mark.parametrize("method", ["delete", "disable", "enable"])
def test_other_answers_than_not_found_are_errors(server: Server, call: Any, method: str) -> None:
    server.failure = 403

    with pytest.raises(PrefectHTTPStatusError):
        call(automation(id=UUID(int=1)), method)


def test_a_refused_read_is_an_error(server: Server, call: Any) -> None:
    server.failure = 403

    with pytest.raises(PrefectHTTPStatusError):
        call(Automation, "read", id=UUID(int=1))
