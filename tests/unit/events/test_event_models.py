"""Events, their resources, and what matches them."""

import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prefect.events.schemas.events import (
    Event,
    ReceivedEvent,
    RelatedResource,
    Resource,
    ResourceSpecification,
    matches,
)
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE,
    PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES,
    PREFECT_UI_URL,
    temporary_settings,
)

FLOW_RUN_ID = UUID("0692f6a1-0000-4000-8000-000000000001")
FLOW_RUN = f"prefect.flow-run.{FLOW_RUN_ID}"


def related(role: str, id: str, **labels: str) -> dict[str, str]:
    return {"prefect.resource.id": id, "prefect.resource.role": role, **labels}


def event(**fields: Any) -> Event:
    return Event(
        **{
            "event": "order.shipped",
            "resource": {"prefect.resource.id": "shop.order.17", "prefect.resource.name": "17"},
            "related": [
                related("customer", "shop.customer.1"),
                related("item", "shop.item.1"),
                related("item", "shop.item.2", colour="red"),
            ],
            **fields,
        }
    )


def test_event_gets_id_and_time_when_it_is_built() -> None:
    before = datetime.now(timezone.utc)

    first, second = event(), event()

    assert first.id != second.id
    assert first.id.version == 7
    assert before <= first.occurred <= datetime.now(timezone.utc)
    assert first.follows is None


def test_event_ignores_fields_of_newer_senders() -> None:
    assert "weather" not in event(weather="fine").model_dump()


def test_event_takes_times_without_offset_as_utc() -> None:
    assert event(occurred="2024-01-01T00:00:00").occurred == datetime(
        2024, 1, 1, tzinfo=timezone.utc
    )


def test_event_dumps_what_the_wire_expects() -> None:
    dumped = json.loads(event(id=FLOW_RUN_ID, occurred="2024-01-01T00:00:00Z").model_dump_json())

    assert dumped == {
        "occurred": "2024-01-01T00:00:00Z",
        "event": "order.shipped",
        "resource": {"prefect.resource.id": "shop.order.17", "prefect.resource.name": "17"},
        "related": [
            related("customer", "shop.customer.1"),
            related("item", "shop.item.1"),
            related("item", "shop.item.2", colour="red"),
        ],
        "payload": {},
        "id": str(FLOW_RUN_ID),
        "follows": None,
    }


def test_size_is_the_length_of_the_json_in_bytes() -> None:
    grown = event(payload={"text": "ü"})

    assert grown.size_bytes == len(grown.model_dump_json().encode())


def test_event_tells_who_is_involved() -> None:
    shipped = event()

    assert [resource.id for resource in shipped.involved_resources] == [
        "shop.order.17",
        "shop.customer.1",
        "shop.item.1",
        "shop.item.2",
    ]
    assert shipped.resource_in_role["item"].id == "shop.item.1"
    assert [item.id for item in shipped.resources_in_role["item"]] == ["shop.item.1", "shop.item.2"]
    assert "seller" not in shipped.resource_in_role


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("prefect.resource.name", "17"),
        ("colour", None),
        ("related:item:colour", "red"),
        ("related:customer:colour", None),
        ("related:seller:prefect.resource.id", None),
        ("related:item", None),
    ],
)
def test_labels_are_found_by_name_and_role(label: str, expected: str | None) -> None:
    assert event().find_resource_label(label) == expected


def test_receiving_keeps_the_event_and_adds_the_time() -> None:
    sent = event()
    arrived = sent.occurred + timedelta(seconds=1)

    received = sent.receive(arrived)

    assert isinstance(received, ReceivedEvent)
    assert received.received == arrived
    assert received.model_dump(exclude={"received"}) == sent.model_dump()
    assert sent.receive().received >= sent.occurred


def test_events_pickle_under_their_public_home() -> None:
    sent = event()

    assert pickle.loads(pickle.dumps(sent)) == sent
    assert b"prefect.events.schemas.events" in pickle.dumps(sent)


@pytest.mark.parametrize("labels", [{}, {"a": "b"}, {"prefect.resource.id": ""}])
def test_a_resource_needs_an_id(labels: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=r"non-empty 'prefect\.resource\.id'"):
        Resource(labels)


def test_a_related_resource_needs_a_role() -> None:
    with pytest.raises(ValidationError, match=r"'shop.item.1' needs .*'prefect\.resource\.role'"):
        RelatedResource({"prefect.resource.id": "shop.item.1"})


def test_a_label_is_text() -> None:
    with pytest.raises(ValidationError, match="valid string"):
        Resource({"prefect.resource.id": "x", "count": 1})


def test_the_number_of_labels_is_bounded() -> None:
    labels = {str(number): "x" for number in range(500)}

    with pytest.raises(ValidationError, match="'x' has 501 labels, at most 500"):
        Resource({"prefect.resource.id": "x", **labels})


def test_the_number_of_related_resources_is_bounded() -> None:
    with pytest.raises(ValidationError, match="101 related resources, at most 100"):
        event(related=[related("item", "x")] * 101)


def test_the_limits_come_from_the_settings() -> None:
    with temporary_settings(
        {
            PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE: 3,
            PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES: 2,
        }
    ):
        with pytest.raises(ValidationError, match="at most 2 are allowed"):
            event()
        with pytest.raises(ValidationError, match="at most 3 are allowed"):
            Resource({"prefect.resource.id": "x", "a": "1", "b": "2", "c": "3"})


def test_a_prefect_object_is_found_in_its_resource_id() -> None:
    assert Resource({"prefect.resource.id": FLOW_RUN}).prefect_object_id("prefect.flow-run") == (
        FLOW_RUN_ID
    )


@pytest.mark.parametrize(
    ("id", "message"),
    [(FLOW_RUN, r"does not start with 'prefect\.flow\.'"), ("prefect.flow.x", "end with a UUID")],
)
def test_a_resource_of_another_kind_has_no_object_id(id: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Resource({"prefect.resource.id": id}).prefect_object_id("prefect.flow")


@pytest.mark.parametrize(
    ("expected", "value", "result"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", None, False),
        ("a*", "abc", True),
        ("a*", "ba", False),
        ("*", "", True),
        ("*", None, False),
        ("!a", "b", True),
        ("!a", "a", False),
        ("!a*", "abc", False),
        ("!a*", "b", True),
        ("!a", None, False),
        ("a*b", "acb", False),
    ],
)
def test_matches_knows_prefix_and_negation(expected: str, value: str | None, result: bool) -> None:
    assert matches(expected, value) is result


label_values = st.text("ab.*!", max_size=5)


@given(expected=label_values, value=label_values)
def test_negation_matches_every_value_that_the_rest_does_not(expected: str, value: str) -> None:
    if not expected.startswith("!"):
        assert matches(f"!{expected}", value) is not matches(expected, value)


@given(prefix=st.text("ab.", max_size=3), rest=st.text("ab.", max_size=3))
def test_a_prefix_matches_whatever_follows_it(prefix: str, rest: str) -> None:
    assert matches(f"{prefix}*", prefix + rest)
    assert not matches(f"!{prefix}*", prefix + rest)


specifications = st.dictionaries(
    st.sampled_from(["prefect.resource.id", "colour", "size"]),
    label_values | st.lists(label_values, max_size=3),
)
resources = st.fixed_dictionaries(
    {"prefect.resource.id": st.text("ab.", min_size=1, max_size=4)},
    optional={"colour": label_values, "size": label_values},
)


@given(specification=specifications, labels=resources)
def test_a_specification_matches_when_each_label_has_a_matching_value(
    specification: dict[str, Any], labels: dict[str, str]
) -> None:
    expected = all(
        any(
            matches(wanted, labels.get(label))
            for wanted in ([wanted] if isinstance(wanted, str) else wanted)
        )
        for label, wanted in specification.items()
    )

    assert ResourceSpecification(specification).matches(Resource(labels)) is expected


@given(specification=specifications, labels=resources)
def test_one_more_label_never_matches_more(
    specification: dict[str, Any], labels: dict[str, str]
) -> None:
    resource = Resource(labels)
    narrowed = ResourceSpecification({**specification, "another": "x"})

    assert not narrowed.matches(resource)
    if ResourceSpecification(specification).matches(resource):
        assert ResourceSpecification(specification).includes([resource])


def test_an_empty_specification_includes_even_nothing() -> None:
    assert ResourceSpecification({}).includes([])
    assert ResourceSpecification({}).matches_every_resource()
    assert not ResourceSpecification({"a": "*"}).includes([])


@pytest.mark.parametrize(
    ("specification", "expected"),
    [
        ({}, True),
        ({"prefect.resource.id": "prefect.flow-run.*"}, True),
        ({"prefect.resource.id": ["x", "prefect.flow-run.*"]}, True),
        ({"prefect.resource.id": "prefect.flow.*"}, False),
        ({"prefect.resource.id": "prefect.flow-run.*", "colour": "red"}, False),
        ({"colour": "red"}, False),
    ],
)
def test_a_specification_tells_whether_it_takes_a_whole_kind(
    specification: dict[str, Any], expected: bool
) -> None:
    assert (
        ResourceSpecification(specification).matches_every_resource_of_kind("prefect.flow-run")
        is expected
    )


def test_a_specification_reads_as_lists() -> None:
    specification = ResourceSpecification({"a": "b", "c": ["d"]})

    assert specification["a"] == ["b"]
    assert dict(specification.items()) == {"a": ["b"], "c": ["d"]}
    assert specification.get("zz") == []
    assert specification.get("zz", "x") == ["x"]
    assert specification.pop("a") == ["b"]
    assert specification.pop("a", ["y"]) == ["y"]
    assert ("a" in specification, len(specification)) == (False, 1)
    with pytest.raises(KeyError):
        specification["a"]


def test_a_deep_copy_of_a_specification_is_its_own() -> None:
    specification = ResourceSpecification({"a": ["b"]})

    copied = specification.deepcopy()
    copied.root["a"].append("c")  # type: ignore[union-attr]

    assert specification["a"] == ["b"]


def test_follows_takes_ids_only() -> None:
    assert event(follows=str(uuid4())).follows is not None
    with pytest.raises(ValidationError, match="follows"):
        event(follows="yesterday")


def test_a_received_event_has_a_page_in_the_ui() -> None:
    received = event(id=FLOW_RUN_ID, occurred="2024-01-01T00:00:00Z").receive()

    with temporary_settings({PREFECT_UI_URL: "http://ui.test"}):
        assert received.url == f"http://ui.test/events/event/2024-01-01/{FLOW_RUN_ID}"


def test_a_received_event_has_no_page_where_there_is_no_ui() -> None:
    with temporary_settings({PREFECT_UI_URL: None, PREFECT_API_URL: None}):
        assert event().receive().url is None
