"""Submit runs to a real server, follow them, read their results, cancel them."""

import asyncio
import datetime
import threading
import uuid
from pathlib import Path

import pytest

from interop.environments import RealServer
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, Log
from prefect.deployments import arun_deployment, run_deployment
from prefect.events.subscribers import FlowRunSubscriber
from prefect.exceptions import FlowRunWaitTimeout, ObjectNotFound
from prefect.flow_runs import wait_for_flow_run
from prefect.states import Cancelled, Cancelling

pytestmark = pytest.mark.usefixtures("api")


@pytest.fixture(params=["sync", "async"])
def submit(request: pytest.FixtureRequest):
    """`run_deployment` on either face, called the same way."""
    if request.param == "sync":
        return run_deployment
    return lambda *args, **kwargs: asyncio.run(arun_deployment(*args, **kwargs))


def test_run_deployment_waits_for_the_result(served: RealServer, submit) -> None:
    flow_run = submit("add/served", parameters={"a": 40, "b": 2}, timeout=120)

    assert flow_run.state is not None
    assert flow_run.state.is_completed()
    assert flow_run.state.result() == 42


def test_run_deployment_without_waiting_returns_the_scheduled_run(served, submit) -> None:
    flow_run = submit("add/parked", parameters={"a": 1}, timeout=0)

    assert flow_run.state.is_scheduled()
    assert flow_run.parameters == {"a": 1}


def test_run_deployment_takes_an_id(served, submit) -> None:
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("add/parked")

    by_id = submit(deployment.id, parameters={"a": 1}, timeout=0)
    by_text = submit(str(deployment.id), parameters={"a": 1}, timeout=0)

    assert by_id.deployment_id == by_text.deployment_id == deployment.id


def test_run_deployment_passes_everything_on(served, submit) -> None:
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    key = uuid.uuid4().hex

    flow_run = submit(
        "add/parked",
        parameters={"a": 1},
        scheduled_time=later,
        flow_run_name="by hand",
        tags=["x"],
        idempotency_key=key,
        job_variables={"env": {"A": "1"}},
        timeout=0,
    )

    assert flow_run.name == "by hand"
    assert "x" in flow_run.tags
    assert flow_run.idempotency_key == key
    assert flow_run.job_variables == {"env": {"A": "1"}}
    assert abs(flow_run.expected_start_time - later) < datetime.timedelta(seconds=1)


def test_run_deployment_with_the_same_key_gives_the_first_run(served, submit) -> None:
    key = uuid.uuid4().hex

    first, second = (
        submit("add/parked", parameters={"a": 1}, idempotency_key=key, timeout=0) for _ in range(2)
    )

    assert first.id == second.id


def test_run_deployment_returns_when_the_time_is_over(served, submit) -> None:
    flow_run = submit("slow/served", parameters={"seconds": 60}, timeout=1)

    assert not flow_run.state.is_final()
    _cancel(flow_run)


def test_run_deployment_inside_a_loop_returns_an_awaitable(served) -> None:
    async def main() -> FlowRun:
        return await run_deployment("add/parked", parameters={"a": 1}, timeout=0)

    assert asyncio.run(main()).state.is_scheduled()


def test_missing_deployment_error_names_it(served, submit) -> None:
    with pytest.raises(ObjectNotFound, match="add/no-such"):
        submit("add/no-such", timeout=0)


def test_name_without_a_slash_is_refused_before_any_request(monkeypatch, submit) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")

    with pytest.raises(ValueError, match="'served'"):
        submit("served", timeout=0)


def test_parameters_that_do_not_match_the_schema_are_named(served, submit) -> None:
    with pytest.raises(Exception, match=r"\ba\b") as caught:
        submit("add/parked", parameters={"a": "not a number"}, timeout=0)

    assert "not a number" in str(caught.value)


def test_parameter_without_a_json_form_is_refused_before_the_run_exists(served, submit) -> None:
    with pytest.raises(Exception, match="'a'") as caught:
        submit("add/parked", parameters={"a": object()}, timeout=0)

    assert "object" in str(caught.value)


def test_failed_run_raises_its_error_when_the_result_is_asked_for(served, submit) -> None:
    flow_run = submit("fail/served", parameters={"message": "told so"}, timeout=120)

    assert flow_run.state.is_failed()
    with pytest.raises(Exception, match="told so"):
        flow_run.state.result()


def test_following_a_run_gives_every_log_once_and_the_last_state(served) -> None:
    async def main() -> tuple[list[str], list[str]]:
        flow_run = await arun_deployment("slow/served", parameters={"seconds": 1.5}, timeout=0)
        logs, events = [], []
        async with FlowRunSubscriber(flow_run.id) as happenings:
            async for item in happenings:
                if isinstance(item, Log):
                    logs.append(item.message)
                else:
                    events.append(item.event)
        return logs, events

    logs, events = asyncio.run(asyncio.wait_for(main(), 90))

    steps = [message for message in logs if message.startswith("step")]
    assert steps == [f"step {i}" for i in range(len(steps))]
    assert len(steps) >= 5
    assert events[-1] == "prefect.flow-run.Completed"


def test_cancelling_a_run_ends_it(served) -> None:
    async def main() -> FlowRun:
        flow_run = await arun_deployment("slow/served", parameters={"seconds": 120}, timeout=0)
        async with FlowRunSubscriber(flow_run.id) as happenings:
            async for item in happenings:
                if not isinstance(item, Log) and item.event == "prefect.flow-run.Running":
                    break
        async with get_client() as client:
            await client.set_flow_run_state(flow_run.id, Cancelling())
        return await wait_for_flow_run(flow_run.id, timeout=120)

    assert asyncio.run(main()).state.is_cancelled()


def test_wait_that_runs_out_of_time_says_so(served) -> None:
    flow_run = run_deployment("slow/served", parameters={"seconds": 60}, timeout=0)

    with pytest.raises(FlowRunWaitTimeout, match=str(flow_run.id)):
        asyncio.run(wait_for_flow_run(flow_run.id, timeout=1))

    _cancel(flow_run)


def test_end_is_known_from_the_event_not_from_polling(served) -> None:
    async def main() -> FlowRun:
        flow_run = await arun_deployment("slow/served", parameters={"seconds": 600}, timeout=0)
        # Polling alone would look again after the time given to `wait_for`.
        waiting = asyncio.create_task(wait_for_flow_run(flow_run.id, poll_interval=600))
        async with get_client() as client:
            await client.set_flow_run_state(flow_run.id, Cancelled(), force=True)
        return await asyncio.wait_for(waiting, 60)

    assert asyncio.run(main()).state.is_cancelled()


def test_threads_share_one_client_pool(served) -> None:
    found: list[FlowRun] = []

    def work() -> None:
        found.append(run_deployment("add/parked", parameters={"a": 1}, timeout=0))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len({flow_run.id for flow_run in found}) == 8


def test_result_of_another_machine_is_missed_with_a_clear_error(served, tmp_path: Path) -> None:
    flow_run = run_deployment("add/served", parameters={"a": 1}, timeout=120)
    flow_run.state.data.storage_key = str(tmp_path / "elsewhere")

    with pytest.raises(Exception, match="elsewhere"):
        flow_run.state.result()


def _cancel(flow_run: FlowRun) -> None:
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(flow_run.id, Cancelling())


def test_run_submitted_inside_a_flow_is_its_child(served) -> None:
    @flow
    def parent() -> tuple[FlowRun, FlowRun, FlowRun]:
        return tuple(
            run_deployment("add/parked", parameters={"a": 1}, timeout=0, as_subflow=linked)
            for linked in (True, True, False)
        )

    state = parent(return_state=True)

    first, second, alone = state.result()
    assert alone.parent_task_run_id is None
    assert first.parent_task_run_id != second.parent_task_run_id
    with get_client(sync_client=True) as client:
        placeholder = client.read_task_run(first.parent_task_run_id)
    assert placeholder.flow_run_id == state.state_details.flow_run_id
    assert placeholder.state.state_details.child_flow_run_id == first.id
