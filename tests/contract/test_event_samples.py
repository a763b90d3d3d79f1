"""Events that a real server stored: they parse, keep all they carry, and dump back."""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from prefect.events.filters import EventFilter
from prefect.events.schemas.events import ReceivedEvent

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "events.json").read_text())
TIME = "2024-01-01T12:00:00.123456Z"


def filled_in(sample: dict[str, Any]) -> dict[str, Any]:
    """Put ids and times where the recording has placeholders."""
    text = json.dumps(sample).replace("<ts>", TIME)
    text = re.sub(r"<id(\d+)>", lambda match: str(UUID(int=int(match[1]))), text)
    filled: dict[str, Any] = json.loads(text)
    return filled


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_recorded_events_parse_and_dump_back(name: str) -> None:
    sample = filled_in(SAMPLES[name])

    event = ReceivedEvent.model_validate_json(json.dumps(sample))

    assert json.loads(event.model_dump_json()) == sample
    assert event.event == sample["event"]
    assert event.resource.id == sample["resource"]["prefect.resource.id"]
    assert [related.role for related in event.related] == [
        related["prefect.resource.role"] for related in sample["related"]
    ]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_recorded_events_are_found_by_their_own_facts(name: str) -> None:
    event = ReceivedEvent.model_validate(filled_in(SAMPLES[name]))
    since = {"occurred": {"since": "2024-01-01T00:00:00Z"}}

    assert EventFilter(
        **since,
        event={"name": [event.event]},
        resource={"id": [event.resource.id]},
        related=[{"id": [related.id], "role": [related.role]} for related in event.related],
        id={"id": [event.id]},
    ).includes(event)
    assert EventFilter(**since, event={"exclude_name": [event.event]}).excludes(event)
