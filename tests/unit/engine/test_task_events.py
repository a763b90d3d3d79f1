"""The events that tell the server about task runs."""

from typing import Any
from uuid import UUID

import pytest

from prefect import flow, task
from prefect.runtime import task_run as current


def by_run(events: list[Any]) -> list[list[Any]]:
    runs: dict[str, list[Any]] = {}
    for event in events:
        if event.event.startswith("prefect.task-run."):
            runs.setdefault(event.resource.id, []).append(event)
    return list(runs.values())


def test_states_are_told_in_order(face, sent):
    attempts: list[int] = []

    def flaky() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("again")
        return 1

    face.call(task(face.make(flaky), retries=1, retry_delay_seconds=0.001))

    [events] = by_run(sent())
    assert [event.event for event in events] == [
        f"prefect.task-run.{name}"
        for name in ("Pending", "Running", "AwaitingRetry", "Retrying", "Completed")
    ]
    assert [event.payload["task_run"]["run_count"] for event in events] == [0, 1, 1, 2, 2]
    assert [event.follows for event in events] == [None, *[event.id for event in events[:-1]]]
    occurred = [event.occurred for event in events]
    assert occurred == sorted(occurred)


def test_event_has_the_form_of_the_contract(sent):
    @task(tags=["b", "a"], task_run_name='say "{x}"')
    def look(x: int) -> str | None:
        return current.id

    @flow
    def run() -> str | None:
        return look(1)

    run_id = run()

    [events] = by_run(sent())
    last = events[-1]
    assert last.resource.root == {
        "prefect.resource.id": f"prefect.task-run.{run_id}",
        "prefect.resource.name": 'say "1"',
        "prefect.run-count": "1",
        "prefect.state-message": "",
        "prefect.state-name": "Completed",
        "prefect.state-timestamp": last.occurred.isoformat(),
        "prefect.state-type": "COMPLETED",
        "prefect.orchestration": "client",
    }
    assert [related.role for related in last.related] == ["tag", "tag", "flow-run", "flow"]
    assert [related.id for related in last.related[:2]] == ["prefect.tag.a", "prefect.tag.b"]
    payload = last.payload
    assert payload["intended"] == {"from": "RUNNING", "to": "COMPLETED"}
    assert payload["initial_state"]["name"] == "Running"
    assert payload["validated_state"] == {
        "type": "COMPLETED",
        "name": "Completed",
        "message": "",
        "state_details": {},
        "data": None,
    }
    fields = payload["task_run"]
    assert UUID(fields["dynamic_key"])
    assert fields["task_key"] == look.task_key
    assert (fields["tags"], fields["task_inputs"]) == (["a", "b"], {"x": []})
    assert fields["empirical_policy"] == {
        "max_retries": 0,
        "retry_delay_seconds": 0.0,
        "retries": 0,
        "retry_delay": 0,
    }


def test_failure_is_told_with_its_message(sent):
    @task
    def fail() -> None:
        raise ValueError('a "quoted" ü')

    fail(return_state=True)

    [events] = by_run(sent())
    assert events[-1].event == "prefect.task-run.Failed"
    assert events[-1].payload["validated_state"]["message"] == 'ValueError: a "quoted" ü'


def test_long_message_is_cut(sent):
    @task
    def fail() -> None:
        raise ValueError("x" * 200_000)

    fail(return_state=True)

    [events] = by_run(sent())
    assert len(events[-1].payload["validated_state"]["message"]) == 100_000


@pytest.mark.parametrize("way", ["future", "state", "result", "inside", "wait_for"])
def test_inputs_name_the_runs_they_come_from(sent, way):
    @task
    def make() -> Any:
        return {"value": 12345678}

    @task
    def use(x: Any = None) -> None: ...

    @flow
    def run() -> None:
        if way == "future":
            use(make.submit())
        elif way == "state":
            use(make(return_state=True))
        elif way == "result":
            use(make())
        elif way == "inside":
            use([make()["value"], "other"])
        else:
            use(wait_for=[make.submit()])

    run()

    makes, uses = by_run(sent())
    made = makes[0].resource.id.removeprefix("prefect.task-run.")
    inputs = uses[0].payload["task_run"]["task_inputs"]
    name = "wait_for" if way == "wait_for" else "x"
    assert inputs[name] == [{"input_type": "task_run", "id": made}]


def test_calling_task_is_named_as_parent(sent):
    @task
    def inner() -> None: ...

    @task
    def outer() -> None:
        inner()

    @flow
    def run() -> None:
        outer()

    run()

    outers, inners = by_run(sent())
    parent = outers[0].resource.id.removeprefix("prefect.task-run.")
    assert inners[0].payload["task_run"]["task_inputs"]["__parents__"] == [
        {"input_type": "task_run", "id": parent}
    ]


def test_flow_run_gives_a_sign_of_life(sent):
    @flow
    def run() -> None: ...

    run()

    [beat] = [event for event in sent() if event.event == "prefect.flow-run.heartbeat"]
    assert beat.related[0].role == "flow"
