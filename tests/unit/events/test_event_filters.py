"""Event filters judge events as the server does."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from prefect.events.filters import (
    EventAnyResourceFilter,
    EventFilter,
    EventIDFilter,
    EventNameFilter,
    EventOccurredFilter,
    EventRelatedFilter,
    EventResourceFilter,
    EventTextFilter,
)
from prefect.events.schemas.events import Event

EVENT = Event(
    event="order.shipped",
    occurred="2024-05-05T12:00:00Z",
    resource={"prefect.resource.id": "shop.order.17", "colour": "red"},
    related=[
        {"prefect.resource.id": "shop.item.1", "prefect.resource.role": "item"},
        {
            "prefect.resource.id": "shop.customer.1",
            "prefect.resource.role": "customer",
            "vip": "yes",
        },
    ],
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"name": ["order.shipped"]}, True),
        ({"name": ["order.*"]}, False),
        ({"prefix": ["item.", "order."]}, True),
        ({"prefix": ["item."], "name": ["order.shipped"]}, False),
        ({"exclude_name": ["order.shipped"]}, False),
        ({"exclude_prefix": ["order."]}, False),
        ({"prefix": ["order."], "exclude_name": ["order.paid"]}, True),
    ],
)
def test_names_have_to_agree_with_every_list(fields: dict[str, Any], expected: bool) -> None:
    assert EventNameFilter(**fields).includes(EVENT) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"id": []}, True),
        ({"id": ["shop.order.17"]}, True),
        ({"id": ["shop.item.1"]}, False),
        ({"id_prefix": ["shop.order."]}, True),
        ({"labels": {"colour": ["blue", "red"]}}, True),
        ({"id": ["shop.order.17"], "labels": {"colour": "blue"}}, False),
        ({"distinct": True}, True),
    ],
)
def test_resource_has_to_meet_every_condition(fields: dict[str, Any], expected: bool) -> None:
    assert EventResourceFilter(**fields).includes(EVENT) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"id": ["shop.item.1"]}, True),
        ({"id": ["shop.order.17"]}, False),
        ({"role": ["customer"]}, True),
        ({"id": ["shop.item.1"], "role": ["customer"]}, False),
        ({"resources_in_roles": [("shop.item.1", "item")]}, True),
        ({"resources_in_roles": [("shop.item.1", "customer")]}, False),
        ({"labels": {"vip": "yes"}}, True),
        ({"labels": {"vip": "yes"}, "role": ["item"]}, False),
    ],
)
def test_one_related_resource_has_to_meet_every_condition(
    fields: dict[str, Any], expected: bool
) -> None:
    assert EventRelatedFilter(**fields).includes(EVENT) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"id": ["shop.order.17"]}, True),
        ({"id_prefix": ["shop.customer"]}, True),
        ({"id": ["shop.item.1"], "labels": {"vip": "yes"}}, False),
        ({"labels": {"colour": "red"}}, True),
        ({"id": ["shop.item.9"]}, False),
    ],
)
def test_any_involved_resource_may_meet_the_conditions(
    fields: dict[str, Any], expected: bool
) -> None:
    assert EventAnyResourceFilter(**fields).includes(EVENT) is expected


def test_both_ends_of_the_time_span_are_included() -> None:
    second = timedelta(seconds=1)

    at_once = EventOccurredFilter(since=EVENT.occurred, until=EVENT.occurred)
    too_late = EventOccurredFilter(since=EVENT.occurred + second, until=EVENT.occurred + second)

    assert at_once.includes(EVENT)
    assert too_late.excludes(EVENT)


def test_by_default_the_last_180_days_are_meant() -> None:
    occurred = EventFilter().occurred

    assert occurred.since.time().isoformat() == "00:00:00"
    assert timedelta(days=180) <= occurred.until - occurred.since < timedelta(days=181)


def test_id_filter_without_ids_takes_every_event() -> None:
    assert EventIDFilter(id=[]).includes(EVENT)
    assert EventIDFilter(id=[EVENT.id]).includes(EVENT)
    assert EventIDFilter(id=["0692f6a1-0000-4000-8000-000000000001"]).excludes(EVENT)


def of_may_2024(**fields: Any) -> EventFilter:
    return EventFilter(occurred={"since": "2024-05-01T00:00:00Z"}, **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"event": {"prefix": ["order."]}, "resource": {"labels": {"colour": "red"}}}, True),
        ({"event": {"prefix": ["order."]}, "resource": {"labels": {"colour": "blue"}}}, False),
        ({"related": [{"role": ["item"]}, {"role": ["customer"]}]}, True),
        ({"related": [{"role": ["item"]}, {"role": ["seller"]}]}, False),
        ({"any_resource": [{"id": ["shop.item.1"]}, {"id": ["shop.order.17"]}]}, True),
        ({"text": {"query": "whatever"}}, True),
    ],
)
def test_every_part_of_a_filter_has_to_match(fields: dict[str, Any], expected: bool) -> None:
    assert of_may_2024(**fields).includes(EVENT) is expected
    assert of_may_2024(**fields).excludes(EVENT) is not expected


def test_parts_of_a_filter_are_flattened() -> None:
    filters = of_may_2024(related=[{"role": ["item"]}, {"role": ["seller"]}]).get_filters()

    assert [type(part).__name__ for part in filters] == [
        "EventOccurredFilter",
        "EventRelatedFilter",
        "EventRelatedFilter",
        "EventIDFilter",
    ]


def test_a_misspelt_condition_is_refused() -> None:
    with pytest.raises(ValidationError, match="evnet"):
        EventFilter(evnet={"name": ["x"]})


def test_the_text_is_bounded() -> None:
    with pytest.raises(ValidationError, match="200"):
        EventTextFilter(query="x" * 201)


def test_only_what_was_set_goes_over_the_wire() -> None:
    assert EventFilter(event={"name": ["x"]}).model_dump_json(exclude_unset=True) == (
        '{"event":{"name":["x"]}}'
    )
