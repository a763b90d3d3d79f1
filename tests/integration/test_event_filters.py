"""Event filters judge as a real server does: the same events, chosen here and there."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from prefect.events.filters import EventFilter
from prefect.events.schemas.events import Event

MARK = f"filters-{uuid4()}"
RED, BLUE = f"{MARK}.order.1", f"{MARK}.order.2"


def made(name: str, id: str, colour: str | None, *related: tuple[str, str]) -> Event:
    labels = {"prefect.resource.id": id, "mark": MARK}
    return Event(
        event=f"{MARK}.{name}",
        resource=labels if colour is None else {**labels, "colour": colour},
        related=[
            {
                "prefect.resource.id": f"{MARK}.{related_id}",
                "prefect.resource.role": role,
                "kind": related_id.partition(".")[0],
            }
            for role, related_id in related
        ],
    )


EVENTS = [
    made("shipped", RED, "red", ("item", "item.1"), ("customer", "person.1")),
    made("shipped", BLUE, "blue", ("item", "item.2"), ("customer", "person.2")),
    made("paid", RED, "red", ("customer", "person.1"), ("seller", "person.2")),
    made("lost", BLUE, None),
]

FILTERS: list[dict[str, Any]] = [
    {},
    {"event": {"name": [f"{MARK}.paid", f"{MARK}.lost"]}},
    {"event": {"prefix": [f"{MARK}.s"]}},
    {"event": {"exclude_name": [f"{MARK}.paid"]}},
    {"event": {"exclude_prefix": [f"{MARK}.s", f"{MARK}.l"]}},
    {"resource": {"id": [RED]}},
    {"resource": {"id_prefix": [f"{MARK}.order.2"]}},
    {"resource": {"labels": {"colour": "red"}}},
    {"resource": {"labels": {"colour": ["red", "blue"], "mark": MARK}}},
    {"resource": {"labels": {"colour": "!red"}}},
    {"resource": {"labels": {"colour": "r*"}}},
    {"resource": {"id": [RED], "labels": {"colour": "blue"}}},
    {"related": {"id": [f"{MARK}.person.2"]}},
    {"related": {"role": ["seller"]}},
    {"related": {"id": [f"{MARK}.person.2"], "role": ["customer"]}},
    {"related": {"resources_in_roles": [(f"{MARK}.person.2", "seller")]}},
    {"related": {"labels": {"kind": "person"}}},
    {"related": {"labels": {"kind": "item"}, "role": ["customer"]}},
    {"related": [{"id": [f"{MARK}.person.1"]}, {"role": ["seller"]}]},
    {"any_resource": {"id": [RED]}},
    {"any_resource": {"id": [f"{MARK}.item.1"]}},
    {"any_resource": {"id_prefix": [f"{MARK}.person"]}},
    {"any_resource": {"labels": {"kind": "item"}}},
    {"any_resource": [{"id": [BLUE]}, {"labels": {"kind": "item"}}]},
    {"id": {"id": [str(EVENTS[0].id), str(EVENTS[3].id)]}},
]


@pytest.fixture(scope="module")
def server(real_server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=real_server.api_url, timeout=30) as client:
        sent = client.post("/events", json=[event.model_dump(mode="json") for event in EVENTS])
        sent.raise_for_status()
        # A background service of the server stores the events some seconds later.
        deadline = time.monotonic() + 60
        while len(chosen_by(client, {})) < len(EVENTS):
            assert time.monotonic() < deadline, "the server has not stored the events within 60 s"
            time.sleep(0.2)
        yield client


def chosen_by(client: httpx.Client, parts: dict[str, Any]) -> set[UUID]:
    # Other tests' events stay out of it.
    filter = EventFilter(**{**parts, "event": {"prefix": [MARK], **parts.get("event", {})}})
    answer = client.post(
        "/events/filter", json={"filter": filter.model_dump(mode="json", exclude_unset=True)}
    )
    answer.raise_for_status()
    return {UUID(event["id"]) for event in answer.json()["events"]}


@pytest.mark.parametrize("parts", FILTERS, ids=[str(n) for n in range(len(FILTERS))])
def test_the_server_chooses_the_same_events(server: httpx.Client, parts: dict[str, Any]) -> None:
    filter = EventFilter(**parts)

    assert chosen_by(server, parts) == {event.id for event in EVENTS if filter.includes(event)}
