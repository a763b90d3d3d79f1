"""Actions of automations."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from prefect.events import actions
from prefect.events.actions import ActionTypesOrUnknown, UnknownAction

ID = "0692f6a1-0000-4000-8000-000000000001"
ADAPTER: TypeAdapter[Any] = TypeAdapter(ActionTypesOrUnknown)

MINIMAL: dict[str, dict[str, Any]] = {
    "do-nothing": {},
    "run-deployment": {"deployment_id": ID},
    "pause-deployment": {"deployment_id": ID},
    "resume-deployment": {"deployment_id": ID},
    "resume-flow-run": {},
    "cancel-flow-run": {},
    "delete-flow-run": {},
    "suspend-flow-run": {},
    "change-flow-run-state": {"state": "FAILED"},
    "pause-work-queue": {"work_queue_id": ID},
    "resume-work-queue": {"work_queue_id": ID},
    "pause-work-pool": {"work_pool_id": ID},
    "resume-work-pool": {"work_pool_id": ID},
    "pause-automation": {"automation_id": ID},
    "resume-automation": {"automation_id": ID},
    "send-notification": {"block_document_id": ID, "body": "b"},
    "call-webhook": {"block_document_id": ID},
    "declare-incident": {},
}


@pytest.mark.parametrize("type", sorted(MINIMAL))
def test_an_action_is_chosen_by_its_type_and_dumps_back(type: str) -> None:
    action = ADAPTER.validate_python({"type": type, **MINIMAL[type]})

    assert action.__class__.__name__.lower() == type.replace("-", "")
    assert action.model_dump(mode="json", exclude_unset=True) == {"type": type, **MINIMAL[type]}
    assert action.describe_for_cli() == type.replace("-", " ").capitalize()


def test_an_unknown_action_keeps_all_that_came_with_it() -> None:
    sent = {"type": "water-plants", "litres": {"fern": 2}}

    action = ADAPTER.validate_python(sent)

    assert isinstance(action, UnknownAction)
    assert action.model_dump() == sent
    assert action.describe_for_cli() == "Water plants"


def test_a_known_type_is_no_unknown_action() -> None:
    with pytest.raises(ValidationError, match="'do-nothing' is a known action type"):
        UnknownAction(type="do-nothing")


def test_a_mistake_is_told_once_and_for_its_action_only() -> None:
    with pytest.raises(ValidationError) as raised:
        ADAPTER.validate_python({"type": "send-notification", "block_document_id": ID})

    assert [error["loc"] for error in raised.value.errors()] == [("send-notification", "body")]


@pytest.mark.parametrize("value", [{"deployment_id": ID}, {}, 7, None])
def test_an_action_without_type_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match="an action needs a `type`"):
        ADAPTER.validate_python(value)


TARGETS = [
    (actions.RunDeployment, "deployment_id"),
    (actions.PauseDeployment, "deployment_id"),
    (actions.ResumeWorkPool, "work_pool_id"),
    (actions.PauseWorkQueue, "work_queue_id"),
    (actions.ResumeAutomation, "automation_id"),
]


@pytest.mark.parametrize(("action", "field"), TARGETS)
def test_a_selected_target_has_to_be_given(action: Any, field: str) -> None:
    assert getattr(action(**{field: ID}), field) == UUID(ID)
    with pytest.raises(ValidationError, match=f"{field} is required"):
        action()


@pytest.mark.parametrize(("action", "field"), TARGETS)
def test_an_inferred_target_must_not_be_given(action: Any, field: str) -> None:
    assert getattr(action(source="inferred"), field) is None
    with pytest.raises(ValidationError, match=f"{field} is not allowed"):
        action(source="inferred", **{field: ID})


def test_a_run_cannot_be_scheduled_before_its_trigger() -> None:
    with pytest.raises(ValidationError, match="schedule_after"):
        actions.RunDeployment(deployment_id=ID, schedule_after=-1)


def test_durations_are_seconds_on_the_wire() -> None:
    action = actions.RunDeployment(deployment_id=ID, schedule_after=90)

    assert action.model_dump(mode="json")["schedule_after"] == 90.0
