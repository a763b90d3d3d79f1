"""Triggers, automations, and the triggers of deployments."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from prefect.events.schemas.automations import (
    AutomationCore,
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    MetricTriggerQuery,
    Posture,
    ResourceSpecification,
    SequenceTrigger,
    TriggerTypes,
    trigger_discriminator,
)
from prefect.events.schemas.deployment_triggers import (
    DeploymentCompoundTrigger,
    DeploymentEventTrigger,
    DeploymentMetricTrigger,
    DeploymentSequenceTrigger,
    DeploymentTriggerTypes,
    deployment_trigger_discriminator,
)

DEPLOYMENT_ID = UUID("0692f6a1-0000-4000-8000-000000000001")
EVENT = {"type": "event", "expect": ["order.shipped"]}
METRIC = {"name": "lateness", "threshold": 60, "operator": ">"}


def test_a_trigger_is_by_default_reactive_and_fires_at_once() -> None:
    assert EventTrigger().model_dump(mode="json") == {
        "type": "event",
        "match": {},
        "match_related": {},
        "after": [],
        "expect": [],
        "for_each": [],
        "posture": "Reactive",
        "threshold": 1,
        "within": 0.0,
    }


@pytest.mark.parametrize("within", [{}, {"within": 0}])
def test_a_proactive_trigger_waits_ten_seconds_unless_told(within: dict[str, int]) -> None:
    trigger = EventTrigger(posture="Proactive", **within)

    assert trigger.within == timedelta(seconds=10)
    assert trigger.model_dump(mode="json", exclude_unset=True)["within"] == 10.0


@pytest.mark.parametrize("within", [1, 9.9])
def test_a_proactive_trigger_cannot_wait_less_than_ten_seconds(within: float) -> None:
    with pytest.raises(ValidationError, match=f"is {within:g} s, it must be at least 10 s"):
        EventTrigger(posture=Posture.Proactive, within=within)


def test_an_event_trigger_has_no_metric_posture_and_no_negative_window() -> None:
    with pytest.raises(ValidationError, match="posture"):
        EventTrigger(posture="Metric")
    with pytest.raises(ValidationError, match="within"):
        EventTrigger(within=-1)


def test_what_is_matched_becomes_specifications() -> None:
    trigger = EventTrigger(match={"a": "b"}, match_related=[{"c": ["d"]}, {"e": "f"}])

    assert trigger.match == ResourceSpecification({"a": "b"})
    assert isinstance(trigger.match_related, list)
    assert all(isinstance(each, ResourceSpecification) for each in trigger.match_related)
    assert trigger.model_dump(mode="json")["match_related"] == [{"c": ["d"]}, {"e": "f"}]


@pytest.mark.parametrize("require", ["any", "all", 1, 2])
def test_a_compound_trigger_takes_up_to_all_of_its_triggers(require: Any) -> None:
    assert CompoundTrigger(require=require, triggers=[EVENT, EVENT]).require == require


@pytest.mark.parametrize("require", [0, -1, 3])
def test_a_compound_trigger_cannot_require_more_than_it_has(require: int) -> None:
    with pytest.raises(ValidationError, match=f"`require` is {require}.*triggers, 2"):
        CompoundTrigger(require=require, triggers=[EVENT, EVENT])


def test_a_compound_trigger_has_to_say_what_it_requires() -> None:
    with pytest.raises(ValidationError, match="require"):
        CompoundTrigger(triggers=[EVENT])


@pytest.mark.parametrize("field", ["range", "firing_for"])
def test_metrics_are_computed_over_five_minutes_or_more(field: str) -> None:
    with pytest.raises(ValidationError, match="299 s is too short, the minimum is 300 s"):
        MetricTriggerQuery(**METRIC, **{field: 299})


@pytest.mark.parametrize("discriminator", [trigger_discriminator, deployment_trigger_discriminator])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "sequence"}, "sequence"),
        ({"expect": ["x"]}, "event"),
        ({}, "event"),
        ({"posture": "Metric"}, "metric"),
        ({"metric": METRIC}, "metric"),
        ({"triggers": []}, "sequence"),
        ({"triggers": [], "require": "any"}, "compound"),
        (DeploymentSequenceTrigger(triggers=[EVENT]), "sequence"),
    ],
)
def test_a_trigger_without_type_is_known_by_its_parts(
    discriminator: Any, value: Any, expected: str
) -> None:
    assert discriminator(value) == expected


def test_triggers_nest() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(TriggerTypes)

    trigger = adapter.validate_python(
        {"require": "all", "triggers": [EVENT, {"triggers": [EVENT, {"metric": METRIC}]}]}
    )

    assert isinstance(trigger, CompoundTrigger)
    assert isinstance(trigger.triggers[1], SequenceTrigger)
    assert isinstance(trigger.triggers[1].triggers[1], MetricTrigger)
    assert adapter.validate_json(adapter.dump_json(trigger)) == trigger


def test_a_trigger_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="'weather'"):
        AutomationCore(name="n", trigger={"type": "weather"}, actions=[])


def test_triggers_describe_themselves() -> None:
    trigger = CompoundTrigger(
        require="any",
        triggers=[
            EventTrigger(expect={"b", "a"}, threshold=2, within=60),
            EventTrigger(posture="Proactive", expect={"c"}),
            SequenceTrigger(triggers=[EventTrigger(), MetricTrigger(metric=METRIC)]),
        ],
    )

    assert trigger.describe_for_cli().splitlines() == [
        "Any of:",
        "  Reactive: 2 x a, b within 0:01:00",
        "  Proactive: fewer than 1 x c within 0:00:10",
        "  In this order:",
        "    Reactive: 1 x any event",
        "    Metric: lateness > 60 for 0:05:00",
    ]
    assert trigger.describe_for_cli(indent=1).startswith("  Any of:\n    Reactive")


def test_an_automation_sends_only_what_was_set() -> None:
    automation = AutomationCore(name="n", trigger=EVENT, actions=[{"type": "do-nothing"}])

    assert automation.model_dump(mode="json", exclude_unset=True) == {
        "name": "n",
        "trigger": EVENT,
        "actions": [{"type": "do-nothing"}],
    }


@pytest.mark.parametrize(
    ("trigger", "core"),
    [
        (DeploymentEventTrigger(expect={"x"}, within=5), EventTrigger(expect={"x"}, within=5)),
        (DeploymentMetricTrigger(metric=METRIC), MetricTrigger(metric=METRIC)),
        (
            DeploymentCompoundTrigger(require=1, triggers=[EVENT]),
            CompoundTrigger(require=1, triggers=[EVENT]),
        ),
        (DeploymentSequenceTrigger(triggers=[EVENT]), SequenceTrigger(triggers=[EVENT])),
    ],
)
def test_a_deployment_trigger_becomes_an_automation(trigger: Any, core: Any) -> None:
    trigger.set_deployment_id(DEPLOYMENT_ID)

    automation = trigger.as_automation()

    assert type(automation.trigger) is type(core)
    assert automation.trigger.model_dump() == core.model_dump()
    assert automation.name == f"Automation for deployment {DEPLOYMENT_ID}"
    assert automation.owner_resource == f"prefect.deployment.{DEPLOYMENT_ID}"
    assert [action.model_dump(mode="json") for action in automation.actions] == [
        {
            "type": "run-deployment",
            "source": "selected",
            "deployment_id": str(DEPLOYMENT_ID),
            "parameters": None,
            "job_variables": None,
            "schedule_after": 0.0,
        }
    ]


def test_a_deployment_trigger_says_how_the_deployment_is_run() -> None:
    trigger = DeploymentEventTrigger(
        name="n",
        description="d",
        enabled=False,
        parameters={"a": 1},
        job_variables={"b": 2},
        schedule_after=30,
    )
    trigger.set_deployment_id(DEPLOYMENT_ID)

    automation = trigger.as_automation()
    [action] = automation.actions

    assert (automation.name, automation.description, automation.enabled) == ("n", "d", False)
    assert action.model_dump()["parameters"] == {"a": 1}
    assert action.model_dump()["job_variables"] == {"b": 2}
    assert action.model_dump()["schedule_after"] == timedelta(seconds=30)


def test_a_trigger_of_no_deployment_makes_no_automation() -> None:
    with pytest.raises(ValueError, match="set_deployment_id"):
        DeploymentEventTrigger().as_automation()


def test_deployment_triggers_are_chosen_by_their_parts() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(DeploymentTriggerTypes)

    assert isinstance(adapter.validate_python({"match": {"a": "b"}}), DeploymentEventTrigger)
    assert isinstance(
        adapter.validate_python({"require": "any", "triggers": [EVENT]}), DeploymentCompoundTrigger
    )
    with pytest.raises(ValidationError, match="'weather'"):
        adapter.validate_python({"type": "weather"})
