"""Frames of the worker channel."""

from typing import Any

import pytest
from pydantic import ValidationError

from prefect.client.schemas.worker_channel import (
    WORK_POOL_WORKER_CHANNEL_CONTRACT,
    WORKER_CHANNEL_CLOSE_POLICIES,
    WorkerChannelCloseReason,
    WorkerChannelProtocolError,
    select_worker_channel_version,
    validate_worker_channel_frame,
)

ID = "0692f6a1-0000-4000-8000-000000000001"
TIME = "2024-01-01T00:00:00Z"
REQUIRED = ["worker_heartbeat.v1", "work_pool_snapshot.v1"]
ALL = [*REQUIRED, "cleanup_delivery.v1"]
SNAPSHOT = {
    "snapshot_sequence": 1,
    "reason": "initial",
    "work_pool": {
        "id": ID,
        "name": "pool",
        "type": "process",
        "base_job_template": {},
        "is_paused": False,
        "storage_configuration": {},
        "default_queue_id": ID,
        "field_of_a_newer_server": 1,
    },
}
HELLO = {
    "consumer_id": ID,
    "worker_name": "w",
    "worker_type": "process",
    "heartbeat_interval_seconds": 30,
    "supported_channel_versions": ["work_pool_worker_channel.v1"],
    "requested_capabilities": REQUIRED,
}
READY = {
    "consumer_id": ID,
    "worker_id": None,
    "selected_channel_version": "work_pool_worker_channel.v1",
    "effective_heartbeat_interval_seconds": 30,
    "accepted_capabilities": REQUIRED,
    "initial_snapshot": SNAPSHOT,
}
RESULT = {"request_frame_id": ID, "message_id": ID, "operation": "ack", "status": "accepted"}
LEASE = {"message_id": ID, "reservation_token": "t"}
MESSAGE = {
    **LEASE,
    "lease_expires_at": TIME,
    "delivery_count": 1,
    "kind": "pending_claim_teardown.v1",
    "target": {"flow_run_id": ID, "claim_id": ID, "newer": 1},
}


def frame(type: str, payload: dict[str, Any], **changes: Any) -> Any:
    return validate_worker_channel_frame(
        {"type": type, "id": ID, "sent_at": TIME, "payload": {**payload, **changes}}
    )


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("worker.hello.v1", HELLO),
        ("worker.ready.v1", READY),
        (
            "worker.heartbeat.v1",
            {"consumer_id": ID, "worker_name": "w", "heartbeat_interval_seconds": 1},
        ),
        ("work_pool.snapshot.v1", {**SNAPSHOT, "snapshot_sequence": 3, "reason": "updated"}),
        ("cleanup.message.v1", MESSAGE),
        ("cleanup.ack.v1", LEASE),
        ("cleanup.release.v1", {**LEASE, "reason": "busy"}),
        ("cleanup.renew.v1", LEASE),
        ("cleanup.operation_result.v1", RESULT),
    ],
)
def test_a_frame_is_chosen_by_its_type_and_dumps_back(type: str, payload: dict[str, Any]) -> None:
    parsed = frame(type, payload)

    dumped = parsed.model_dump(mode="json", exclude_unset=True)
    if "initial_snapshot" in payload:
        dumped["payload"]["initial_snapshot"]["work_pool"]["field_of_a_newer_server"] = 1
    elif "work_pool" in payload:
        dumped["payload"]["work_pool"]["field_of_a_newer_server"] = 1
    assert dumped == {"type": type, "id": ID, "sent_at": TIME, "payload": payload}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requested_capabilities": ["worker_heartbeat.v1"]}, r"lacks .*work_pool_snapshot\.v1"),
        ({"max_cleanup_concurrency": 1}, "max_cleanup_concurrency"),
        ({"handled_cleanup_kinds": ["pending_claim_teardown.v1"]}, "handled_cleanup_kinds"),
        ({"worker_name": ""}, "worker_name"),
        ({"supported_channel_versions": []}, "supported_channel_versions"),
        ({"newer": 1}, "newer"),
    ],
)
def test_a_hello_has_to_fit_together(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        frame("worker.hello.v1", HELLO, **changes)


def test_a_worker_may_ask_for_capabilities_that_nobody_knows() -> None:
    hello = frame("worker.hello.v1", HELLO, requested_capabilities=[*ALL, "tea.v1"])

    assert hello.payload.requested_capabilities[-1] == "tea.v1"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"accepted_capabilities": ["worker_heartbeat.v1"]}, "lacks"),
        ({"accepted_capabilities": ALL}, "effective_max_cleanup_concurrency"),
        ({"effective_max_cleanup_concurrency": 2}, "effective_max_cleanup_concurrency"),
        ({"rejected_capabilities": ["worker_heartbeat.v1"]}, "both accepted and rejected"),
        ({"initial_snapshot": {**SNAPSHOT, "snapshot_sequence": 2}}, "sequence 2"),
        ({"initial_snapshot": {**SNAPSHOT, "reason": "updated"}}, "'updated'"),
    ],
)
def test_a_ready_has_to_fit_together(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        frame("worker.ready.v1", READY, **changes)


@pytest.mark.parametrize(
    ("changes", "valid"),
    [
        ({}, True),
        ({"lease_expires_at": TIME}, False),
        ({"operation": "renew"}, False),
        ({"operation": "renew", "lease_expires_at": TIME}, True),
        ({"status": "expired"}, False),
        ({"status": "expired", "reason": "late"}, True),
        (
            {"operation": "renew", "status": "expired", "reason": "r", "lease_expires_at": TIME},
            False,
        ),
    ],
)
def test_a_result_carries_what_its_status_asks_for(changes: dict[str, Any], valid: bool) -> None:
    if valid:
        assert frame("cleanup.operation_result.v1", RESULT, **changes)
    else:
        with pytest.raises(ValidationError, match="is required"):
            frame("cleanup.operation_result.v1", RESULT, **changes)


def test_an_unknown_frame_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"tea\.v1"):
        frame("tea.v1", {})


def test_the_version_both_sides_know_is_selected() -> None:
    assert select_worker_channel_version(iter(["v9", "work_pool_worker_channel.v1"])) == (
        "work_pool_worker_channel.v1"
    )


def test_no_common_version_closes_the_channel() -> None:
    with pytest.raises(WorkerChannelProtocolError, match="'v9'") as raised:
        select_worker_channel_version(["v9"])

    assert raised.value.close_reason is WorkerChannelCloseReason.UNSUPPORTED_VERSION


def test_every_close_reason_has_a_policy() -> None:
    assert set(WORKER_CHANNEL_CLOSE_POLICIES) == set(WorkerChannelCloseReason)
    assert all(
        policy.reason is reason and policy.terminal is not policy.retryable
        for reason, policy in WORKER_CHANNEL_CLOSE_POLICIES.items()
    )


def test_the_terms_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        WORK_POOL_WORKER_CHANNEL_CONTRACT.version = "v9"
