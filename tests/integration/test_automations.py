"""Automations on a real server: stored, read, changed, paused and deleted."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from prefect.automations import Automation
from prefect.events.actions import CancelFlowRun, DoNothing, RunDeployment
from prefect.events.schemas.automations import CompoundTrigger, EventTrigger, SequenceTrigger
from prefect.events.schemas.deployment_triggers import DeploymentEventTrigger
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, temporary_settings


@pytest.fixture(autouse=True)
def _api(real_server: Any) -> Iterator[None]:
    """Talk to the real server."""
    with temporary_settings({PREFECT_API_URL: real_server.api_url}):
        yield


def automation(**fields: Any) -> Automation:
    return Automation(
        **{
            "name": f"automation-{uuid4()}",
            "trigger": EventTrigger(expect={"never.happens"}),
            "actions": [DoNothing()],
            **fields,
        }
    )


def test_an_automation_lives_on_the_server() -> None:
    made = automation(description="d", tags=["t"]).create()

    read = Automation.read(id=made.id)  # type: ignore[arg-type]  # `create` sets it
    assert (read.name, read.description, read.tags) == (made.name, "d", ["t"])
    assert Automation.read(name=made.name).id == made.id

    read.description = "changed"
    read.actions.append(CancelFlowRun())
    read.update()
    again = Automation.read(name=made.name)
    assert again.description == "changed"
    assert [action.type for action in again.actions] == ["do-nothing", "cancel-flow-run"]

    assert again.disable() is True
    assert Automation.read(name=made.name).enabled is False
    again.update()
    assert Automation.read(name=made.name).enabled is False
    assert again.enable() is True
    assert Automation.read(name=made.name).enabled is True

    assert again.delete() is True
    assert again.delete() is False
    assert again.disable() is False
    with pytest.raises(ValueError, match="no automation with the name"):
        Automation.read(name=made.name)


def test_the_async_twins_do_the_same() -> None:
    async def life() -> list[Any]:
        made = await automation().acreate()
        read = await Automation.aread(name=made.name)
        read.description = "changed"
        await read.aupdate()
        return [
            made.id == read.id,
            await read.adisable(),
            (await Automation.aread(id=made.id)).enabled,  # type: ignore[arg-type]
            await read.aenable(),
            (await Automation.aread(name=made.name)).description,
            await read.adelete(),
            await read.adelete(),
        ]

    assert asyncio.run(life()) == [True, True, False, True, "changed", True, False]


@pytest.mark.parametrize(
    "trigger",
    [
        EventTrigger(
            match={"prefect.resource.id": ["a.*", "!b"]},
            match_related=[{"prefect.resource.role": "x"}, {"y": "z"}],
            after={"a"},
            expect={"b"},
            for_each={"prefect.resource.id"},
            threshold=3,
            within=60,
        ),
        EventTrigger(posture="Proactive", expect={"b"}),
        CompoundTrigger(
            require="all",
            within=30,
            triggers=[
                EventTrigger(expect={"a"}),
                SequenceTrigger(triggers=[EventTrigger(expect={"b"}), EventTrigger(expect={"c"})]),
            ],
        ),
    ],
    ids=["reactive", "proactive", "nested"],
)
def test_triggers_come_back_as_they_went(trigger: Any) -> None:
    made = automation(trigger=trigger).create()
    try:
        assert Automation.read(name=made.name).trigger == trigger
    finally:
        made.delete()


def test_the_automation_of_a_deployment_is_accepted() -> None:
    trigger = DeploymentEventTrigger(expect={"a"}, parameters={"x": 1}, schedule_after=5)
    trigger.set_deployment_id(uuid4())
    made = Automation(**dict(trigger.as_automation())).create()
    try:
        [action] = Automation.read(id=made.id).actions  # type: ignore[arg-type]
        assert isinstance(action, RunDeployment)
        assert (action.parameters, action.schedule_after.total_seconds()) == ({"x": 1}, 5)
    finally:
        made.delete()


def test_an_action_that_the_server_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(PrefectHTTPStatusError) as raised:
        automation(actions=[{"type": "water-plants"}]).create()

    assert raised.value.response.status_code == httpx.codes.UNPROCESSABLE_ENTITY
