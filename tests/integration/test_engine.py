"""Flows and tasks of our engine, as a real server shows them afterwards."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from logging_state import restored_logging

from interop.environments import RealServer
from prefect import flow, get_client, get_run_logger, task
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.context import FlowRunContext
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogHandler


@pytest.fixture(autouse=True)
def as_before(api: RealServer) -> Iterator[None]:
    """Runs set logging up and start shippers for the whole process; other tests must not notice."""
    with restored_logging():
        yield
        delivered()
    EventsWorker.drain_all()


def until(find: Callable[[], Any], timeout: float = 30.0) -> Any:
    """Ask until there is an answer: the server works through events in its own time."""
    deadline = time.monotonic() + timeout
    while True:
        found = find()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def delivered() -> None:
    """Wait until everything has left this process."""
    EventsWorker.instance().wait_until_empty()
    APILogHandler().flush()


def states_of(flow_run_id: UUID) -> list[str]:
    with get_client(sync_client=True) as client:
        states = client.read_flow_run_states(flow_run_id)
    return [state.name or "" for state in sorted(states, key=lambda state: state.timestamp)]


def finished_task_runs(flow_run_id: UUID, count: int) -> dict[str, Any]:
    """The task runs of a flow run by name, once so many of them have ended."""

    def find() -> Any:
        with get_client(sync_client=True) as client:
            runs = client.read_task_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
            )
        ended = [run for run in runs if run.state is not None and run.state.is_final()]
        return ended if len(ended) == count else None

    delivered()
    return {run.name: run for run in until(find) or ()}


def current_id() -> UUID:
    context = FlowRunContext.get()
    assert context is not None
    return UUID(str(context.flow_run.id))


@task(task_run_name="make")
def make() -> dict[str, int]:
    get_run_logger().info("making")
    return {"value": 123456}


@task(task_run_name="use-{x[value]}", tags=["engine"])
def use(x: Any) -> int:
    return int(x["value"])


def test_flow_and_tasks_are_recorded():
    @flow(flow_run_name="recorded-{n}")
    def run(n: int) -> Any:
        return current_id(), use.submit(make.submit()).result()

    flow_run_id, value = run("5")

    assert value == 123456
    with get_client(sync_client=True) as client:
        recorded = client.read_flow_run(flow_run_id)
    assert (recorded.name, recorded.parameters, recorded.run_count) == ("recorded-5", {"n": "5"}, 1)
    assert states_of(flow_run_id) == ["Pending", "Running", "Completed"]
    runs = finished_task_runs(flow_run_id, 2)
    assert set(runs) == {"make", "use-123456"}
    assert runs["use-123456"].tags == ["engine"]
    [made] = runs["use-123456"].task_inputs["x"]
    assert made.id == runs["make"].id
    assert runs["make"].flow_run_run_count == 1


def test_logs_reach_the_server():
    @flow
    def run() -> UUID:
        make()
        get_run_logger().warning("ünïcode")
        return current_id()

    flow_run_id = run()
    delivered()

    with get_client(sync_client=True) as client:
        logs = client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id])))
    by_message = {log.message: log for log in logs}
    assert by_message["making"].task_run_id is not None
    assert by_message["ünïcode"].level == 30
    assert by_message["ünïcode"].task_run_id is None


def test_server_retries_a_flow_in_process():
    seen: list[UUID] = []

    @flow(retries=1)
    def flaky() -> str:
        seen.append(current_id())
        if len(seen) == 1:
            raise ValueError("again")
        return "done"

    assert flaky() == "done"
    assert seen[0] == seen[1]
    assert states_of(seen[0]) == ["Pending", "Running", "AwaitingRetry", "Running", "Completed"]


def test_async_flow_is_recorded():
    @task
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @flow
    async def run() -> Any:
        return current_id(), await asyncio.gather(*[later(x) for x in range(3)])

    flow_run_id, values = asyncio.run(run())

    assert values == [0, 1, 2]
    assert states_of(flow_run_id) == ["Pending", "Running", "Completed"]
    assert len(finished_task_runs(flow_run_id, 3)) == 3


def test_subflow_stands_in_its_parent_s_graph():
    @flow
    def child(x: Any) -> UUID:
        return current_id()

    @flow
    def parent() -> tuple[UUID, UUID]:
        return current_id(), child(make())

    parent_id, child_id = parent()

    runs = finished_task_runs(parent_id, 2)
    assert set(runs) == {"make", "child-0"}
    placeholder = runs["child-0"]
    assert [found.id for found in placeholder.task_inputs["x"]] == [runs["make"].id]
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(child_id).parent_task_run_id == placeholder.id
    assert placeholder.state is not None
    assert placeholder.state.state_details.child_flow_run_id == child_id


def test_failures_are_recorded():
    @task(task_run_name="bad")
    def bad() -> None:
        raise ValueError("no")

    ids: list[UUID] = []

    @flow
    def run() -> None:
        ids.append(current_id())
        bad()

    with pytest.raises(ValueError, match="no"):
        run()

    assert states_of(ids[0])[-1] == "Failed"
    failed = finished_task_runs(ids[0], 1)["bad"]
    assert failed.state is not None
    assert failed.state.message == "ValueError: no"


def test_run_that_was_cancelled_meanwhile_keeps_its_state():
    from prefect.states import Cancelled

    ids: list[UUID] = []

    @flow
    def run() -> int:
        ids.append(current_id())
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(ids[0], Cancelled(), force=True)
        return 1

    run(return_state=True)

    assert "Cancelled" in states_of(ids[0])


def test_limit_of_a_tag_is_kept():
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate

    tag = f"one-at-a-time-{uuid4().hex[:8]}"
    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(
            GlobalConcurrencyLimitCreate(name=f"tag:{tag}", limit=1)
        )
    running: list[int] = []
    most: list[int] = []

    @task(tags=[tag])
    def alone(x: int) -> int:
        running.append(x)
        most.append(len(running))
        time.sleep(0.05)
        running.remove(x)
        return x

    @flow
    def run() -> Any:
        return alone.map(range(3)).result()

    assert run() == [0, 1, 2]
    assert max(most) == 1
    with get_client(sync_client=True) as client:
        assert client.read_global_concurrency_limit_by_name(f"tag:{tag}").active_slots == 0


SCRIPT = """
import asyncio, os, sys, time
from prefect import flow, task

@task
def step(x): return x

@flow
def entry(x: int = 1, how: str = "ok"):
    if how == "fail": raise ValueError("as asked")
    if how == "wait":
        open(os.environ["READY_FILE"], "w").close()
        time.sleep(60)
    return step(x)

@flow
async def aentry(how: str):
    open(os.environ["READY_FILE"], "w").close()
    await asyncio.sleep(60)

if __name__ == "__main__":
    entry(how="wait") if sys.argv[1] == "sync" else asyncio.run(aentry(how="wait"))
"""


def environment_of(server: RealServer, tmp_path: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "PREFECT_API_URL": server.api_url,
        "PREFECT_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        **more,
    }


@pytest.mark.parametrize(("how", "name"), [("ok", "Completed"), ("fail", "Failed")])
def test_engine_runs_a_run_that_exists(api: RealServer, tmp_path: Path, how: str, name: str):
    (tmp_path / "flows.py").write_text(SCRIPT)
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("entry")
        answer = client._client.post(
            "/flow_runs/",
            content=json.dumps(
                {
                    "flow_id": str(flow_id),
                    "parameters": {"x": 4, "how": how},
                    "idempotency_key": str(uuid4()),
                    "state": {"type": "PENDING", "name": "Pending"},
                }
            ),
        )
    flow_run_id = UUID(answer.json()["id"])

    ended = subprocess.run(
        [sys.executable, "-m", "prefect.engine"],
        env=environment_of(
            api,
            tmp_path,
            PREFECT__FLOW_RUN_ID=str(flow_run_id),
            PREFECT__FLOW_ENTRYPOINT=f"{tmp_path / 'flows.py'}:entry",
        ),
        capture_output=True,
        timeout=120,
        check=False,
        text=True,
    )

    assert ended.returncode == 0, ended.stderr
    assert states_of(flow_run_id) == ["Pending", "Running", name]


def test_engine_says_that_it_could_not_load_the_flow(api: RealServer, tmp_path: Path):
    with get_client(sync_client=True) as client:
        flow_id = client.create_flow_from_name("entry")
        answer = client._client.post("/flow_runs/", content=json.dumps({"flow_id": str(flow_id)}))

    ended = subprocess.run(
        [sys.executable, "-m", "prefect.engine"],
        env=environment_of(
            api,
            tmp_path,
            PREFECT__FLOW_RUN_ID=answer.json()["id"],
            PREFECT__FLOW_ENTRYPOINT=f"{tmp_path / 'missing.py'}:entry",
        ),
        capture_output=True,
        timeout=120,
        check=False,
        text=True,
    )

    assert ended.returncode == 1
    assert "missing.py" in ended.stderr


@pytest.mark.parametrize("face", ["sync", "async"])
def test_terminated_process_leaves_a_crashed_run(api: RealServer, tmp_path: Path, face: str):
    script, ready = tmp_path / "flows.py", tmp_path / "ready"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, str(script), face],
        env=environment_of(api, tmp_path, READY_FILE=str(ready)),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert until(ready.exists, timeout=60)
        with get_client(sync_client=True) as client:
            [run] = [
                found
                for found in client.read_flow_runs()
                if found.parameters.get("how") == "wait" and found.state_name == "Running"
            ]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    finally:
        process.kill()

    assert process.returncode == -signal.SIGTERM
    assert states_of(run.id)[-1] == "Crashed"
