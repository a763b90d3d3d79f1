"""What each endpoint sends, against what the peer's client sends for the same call.

`client_requests.json` holds the peer's requests for the calls of `client_calls.CALLS`. Ours must
mean the same to the server; where they differ on purpose, `DIFFERENCES` says how and why.
"""

import json
import re
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from client_calls import CALLS, uid
from fake_port import FakeClient

from prefect._dual import run

RECORDED = json.loads(
    (Path(__file__).parents[3] / "contract" / "data" / "client_requests.json").read_text()
)

# Values the server takes when nothing is sent: sending them or not means the same.
TAKEN_FOR_GRANTED = [
    ("operator", "and_"),
    ("active", True),
    ("day_or", True),
    ("is_paused", False),
    ("order", "DESC"),
    ("timezone", "UTC"),
    ("pause_reschedule", False),
    ("untrackable_result", False),
    ("max_retries", 0),  # replaced by `retries`
    ("retry_delay_seconds", 0.0),  # replaced by `retry_delay`
]

ANY = "<any>"

DIFFERENCES: dict[str, Any] = {
    # A key of its own, so that repeating the request makes no second run.
    "create_flow_run": lambda requests: requests[1][2].update(idempotency_key=ANY),
    "create_flow_run full": lambda requests: requests[1][2].update(idempotency_key=ANY),
    # The server's present, not the client's clock.
    "create_flow_run_from_deployment": lambda requests: requests[0][2]["state"][
        "state_details"
    ].clear(),
    # The peer sends the text "None".
    "create_deployment": lambda requests: requests[0][2].pop("description"),
    # Whole: left out fields would fall back to defaults, and the action would have no type.
    "update_automation": lambda requests: requests[0].__setitem__(
        2,
        {
            key: value
            for key, value in RECORDED["create_automation"][0][2].items()
            if key != "owner_resource"
        },
    ),
    # Asks for the name first, instead of reading the first 200 automations only.
    "find_automation name": lambda requests: (
        requests.insert(
            0,
            [
                "POST",
                "/automations/filter",
                {"automations": {"name": {"any_": ["some name"]}}, "sort": "UPDATED_DESC"},
            ],
        )
        or requests[1][2].update(limit=200)
    ),
    # A slash of the resource's id must not become one of the path.
    "read_resource_related_automations": lambda requests: requests[0].__setitem__(
        1, "/automations/related-to/a.b%2Fc"
    ),
    # `block_schema_type` is no field of the API, which ignores it: the peer's answer is unfiltered.
    "read_block_documents full": lambda requests: requests[0][2].update(
        block_types={"slug": {"any_": [requests[0][2].pop("block_schema_type")]}}
    ),
    # The server refuses to be asked for more than 50 at a time.
    "read_events": lambda requests: requests[0][2].update(limit=50),
    # An empty number is left out of the query.
    "read_block_documents_by_type": lambda requests: requests[0].__setitem__(
        1, "/block_types/slug/secret/block_documents?include_secrets=true"
    ),
}


def meaning(body: Any) -> Any:
    """Reduce a body to what it tells the server."""
    if isinstance(body, dict):
        reduced = {key: meaning(value) for key, value in body.items()}
        return {
            key: value
            for key, value in reduced.items()
            if value not in (None, {}, []) and (key, value) not in TAKEN_FOR_GRANTED
        }
    if isinstance(body, list):
        return [meaning(item) for item in body]
    if isinstance(body, str) and re.match(r"\d{4}-\d\d-\d\d[T ]", body):
        return datetime.fromisoformat(body.replace("Z", "+00:00"))
    return body


def same(ours: Any, recorded: Any) -> bool:
    """Compare, with the placeholders of the record matching any text."""
    if recorded in (ANY, "<uuid>"):
        return isinstance(ours, str) and bool(ours)
    if isinstance(ours, dict) and isinstance(recorded, dict):
        return ours.keys() == recorded.keys() and all(
            same(ours[key], recorded[key]) for key in ours
        )
    return bool(ours == recorded)


@pytest.mark.parametrize("label", CALLS)
def test_endpoint_sends_what_the_peer_sends(label: str) -> None:
    client = FakeClient()
    recorded = json.loads(json.dumps(RECORDED[label]))
    DIFFERENCES.get(label, lambda requests: None)(recorded)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        run(CALLS[label](client))

    assert [request[:2] for request in client.requests] == [row[:2] for row in recorded]
    for (method, path, body), (_, _, expected) in zip(client.requests, recorded, strict=True):
        if method == "PATCH" and "/work_pools/taken" not in path:
            # Null and false say something here.
            assert body.keys() == expected.keys()
            assert all(same(meaning(body[key]), meaning(expected[key])) for key in body)
        else:
            assert same(meaning(body), meaning(expected)), (meaning(body), meaning(expected))


def test_every_endpoint_is_called_here() -> None:
    called = {label.split()[0] for label in CALLS}

    endpoints = FakeClient.endpoints() - {"apply_slas_for_deployment"}  # in test_slas

    assert called == endpoints


@pytest.mark.parametrize("label", sorted(DIFFERENCES))
def test_difference_still_exists(label: str) -> None:
    recorded = json.loads(json.dumps(RECORDED[label]))
    before = json.loads(json.dumps(recorded))

    DIFFERENCES[label](recorded)

    assert recorded != before


def test_ids_are_fixed() -> None:
    assert str(uid(1)) == "00000000-0000-0000-0000-000000000001"
