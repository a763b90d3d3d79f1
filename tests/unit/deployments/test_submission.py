"""What is sent to submit a run, on a core that records instead of sending."""

import datetime
import sys
import types
import uuid
from typing import Any

import pytest

from prefect._dual import run
from prefect.deployments.flow_runs import LABELS_TRACEPARENT_KEY, _submit

DEPLOYMENT_ID = uuid.UUID(int=7)
ARGUMENTS: dict[str, Any] = dict(
    parameters=None,
    scheduled_time=None,
    flow_run_name=None,
    tags=None,
    idempotency_key=None,
    work_queue_name=None,
    as_subflow=True,
    job_variables=None,
)


class Recorder:
    """Stands for the deployments' endpoints."""

    def __init__(self) -> None:
        self.looked_up: list[str] = []
        self.created: list[tuple[uuid.UUID, dict[str, Any]]] = []

    async def _read_id_by_name(self, name: str) -> uuid.UUID:
        self.looked_up.append(name)
        return DEPLOYMENT_ID

    async def create_flow_run_from_deployment(self, deployment_id: uuid.UUID, **body: Any) -> str:
        self.created.append((deployment_id, body))
        return "flow run"


def submit(name: Any, **changes: Any) -> Recorder:
    recorder = Recorder()
    assert run(_submit(recorder, name, **{**ARGUMENTS, **changes})) == "flow run"
    return recorder


def test_name_costs_one_look_up() -> None:
    recorder = submit("etl/nightly")

    assert recorder.looked_up == ["etl/nightly"]
    assert recorder.created[0][0] == DEPLOYMENT_ID


@pytest.mark.parametrize("name", [DEPLOYMENT_ID, str(DEPLOYMENT_ID)])
def test_id_costs_no_look_up(name: Any) -> None:
    recorder = submit(name)

    assert recorder.looked_up == []
    assert recorder.created[0][0] == DEPLOYMENT_ID


def test_run_for_now_leaves_the_time_to_the_server() -> None:
    assert submit("a/b").created[0][1]["state"] is None


def test_scheduled_time_is_proposed() -> None:
    later = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)

    state = submit("a/b", scheduled_time=later).created[0][1]["state"]

    assert state.is_scheduled()
    assert state.state_details.scheduled_time == later


def test_trace_is_not_looked_for_when_nobody_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "opentelemetry.trace", raising=False)
    before = set(sys.modules)

    assert submit("a/b").created[0][1]["labels"] is None
    assert not any(name.startswith("opentelemetry") for name in set(sys.modules) - before)


def test_trace_of_the_caller_travels_as_a_label(monkeypatch: pytest.MonkeyPatch) -> None:
    def inject(carrier: dict[str, str]) -> None:
        carrier["traceparent"] = "00-1-2-01"

    monkeypatch.setitem(sys.modules, "opentelemetry.trace", types.ModuleType("trace"))
    propagate = types.ModuleType("opentelemetry.propagate")
    propagate.inject = inject  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "opentelemetry.propagate", propagate)

    assert submit("a/b").created[0][1]["labels"] == {LABELS_TRACEPARENT_KEY: "00-1-2-01"}
