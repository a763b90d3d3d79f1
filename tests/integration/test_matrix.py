"""The client against released servers, from the first minor release of Prefect 3 to the newest.

3.9.1 is always here; the older releases have the marker `matrix` and run with `make test-matrix`.
Each test goes through a proxy of its own, so that the client knows nothing of the server from the
test before. What works where is told in docs/matrix.md.
"""

import asyncio
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from faces import FACES, by_tag, direct_client, opened, parked_deployment, submit, unique

from interop.environments import RealServer, environment
from interop.proxy import FaultProxy
from prefect.client.orchestration import get_client
from prefect.client.schemas import actions, filters, responses
from prefect.client.schemas.objects import Log
from prefect.events import Event
from prefect.events.clients import PrefectEventsClient, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.subscribers import FlowRunSubscriber
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.flow_runs import wait_for_flow_run
from prefect.settings.context import refresh_settings
from prefect.states import Cancelled, Cancelling, Completed, Running

NEWEST = "3.9.1"
OLDER = ("3.6.29", "3.4.25", "3.2.15", "3.0.11")


@pytest.fixture(
    scope="module",
    params=[NEWEST, *(pytest.param(release, marks=pytest.mark.matrix) for release in OLDER)],
)
def release(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(release: str, request: pytest.FixtureRequest) -> Iterator[RealServer]:
    """A real server of the release."""
    if release == NEWEST and "PREFECT_INTEROP_SERVER" not in os.environ:
        yield request.getfixturevalue("real_server")
        return
    with RealServer(environment(f"prefect-{release}")) as server:
        yield server


@pytest.fixture
def proxy(
    server: RealServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FaultProxy]:
    """A way to the server that the client does not know yet; the settings point there."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    with FaultProxy(server.port) as proxy:
        monkeypatch.setenv("PREFECT_API_URL", proxy.api_url)
        monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
        refresh_settings()
        yield proxy
    monkeypatch.undo()
    refresh_settings()


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def api(proxy: FaultProxy, face: str) -> Iterator[Any]:
    """An open client of each face."""
    with opened(face) as client:
        yield client


@pytest.fixture
def complaints() -> Iterator[list[warnings.WarningMessage]]:
    """The warnings of the test, which are no errors here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


class FlowLike:
    """What `create_flow_run` reads of a flow."""

    version = retries = retry_delay_seconds = None

    def __init__(self, name: str) -> None:
        self.name = name


class TaskLike:
    """What `create_task_run` reads of a task."""

    name = task_key = "lab-task"
    version = retries = retry_delay_seconds = retry_jitter_factor = None
    tags = frozenset({"lab"})


# --- the server itself ---------------------------------------------------------------------------


def test_older_server_is_named_once_with_both_versions(
    api: Any, release: str, complaints: list[warnings.WarningMessage]
) -> None:
    assert api.hello().status_code == 200
    assert api.api_healthcheck() is None
    assert api.api_version() == release

    api.raise_for_api_version_mismatch_once()
    api.raise_for_api_version_mismatch_once()

    said = [str(complaint.message) for complaint in complaints]
    if release == NEWEST:
        assert said == []
    else:
        assert len(said) == 1
        assert f"runs Prefect {release}, older than this client" in said[0]


# --- flows and runs ------------------------------------------------------------------------------


def test_run_lives_its_life(api: Any) -> None:
    flow = FlowLike(unique("flow"))
    tag = unique("tag")

    run = api.create_flow_run(flow, parameters={"x": 1}, tags=[tag])
    for state in (Running(), Completed(message="done")):
        result = api.set_flow_run_state(run.id, state)
        assert result.status == responses.SetStateStatus.ACCEPT

    stored = api.read_flow_run(run.id)
    assert stored.state.is_completed()
    assert stored.state.message == "done"
    assert stored.parameters == {"x": 1}
    kinds = [state.type.value for state in api.read_flow_run_states(run.id)]
    assert kinds == ["PENDING", "RUNNING", "COMPLETED"]
    assert [found.id for found in api.read_flow_runs(flow_run_filter=by_tag(tag))] == [run.id]
    assert api.count_flow_runs(flow_run_filter=by_tag(tag)) == 1
    api.update_flow_run(run.id, name="renamed")
    assert api.read_flow_run(run.id).name == "renamed"
    assert api.read_flow_by_name(flow.name).id == run.flow_id
    api.delete_flow_run(run.id)
    with pytest.raises(ObjectNotFound, match=str(run.id)):
        api.read_flow_run(run.id)


def test_task_run_is_made_and_read(api: Any) -> None:
    run = api.create_flow_run(FlowLike(unique("flow")))

    task_run = api.create_task_run(TaskLike(), run.id, "0", extra_tags=["e"])
    api.set_task_run_state(task_run.id, Completed(), force=True)

    assert sorted(api.read_task_run(task_run.id).tags) == ["e", "lab"]
    of_run = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[run.id]))
    assert [item.id for item in api.read_task_runs(flow_run_filter=of_run)] == [task_run.id]
    assert api.create_task_run(TaskLike(), run.id, "0").id == task_run.id


def test_run_is_submitted_and_waited_for(proxy: FaultProxy, face: str, server: RealServer) -> None:
    tag = unique("tag")
    with opened(face) as api:
        name, deployment_id = parked_deployment(api)

    def finish() -> None:
        proxy.wait_for("GET .*/flow_runs/")
        with direct_client(server) as direct:
            found = direct.post(
                "/flow_runs/filter", json={"flow_runs": {"tags": {"all_": [tag]}}}
            ).json()
            state = {"state": {"type": "COMPLETED"}, "force": True}
            direct.post(f"/flow_runs/{found[0]['id']}/set_state", json=state).raise_for_status()

    thread = threading.Thread(target=finish)
    thread.start()
    run = submit(face, name, parameters={"a": 1}, tags=[tag], timeout=60)
    thread.join()

    assert run.state is not None
    assert run.state.is_completed()
    assert run.deployment_id == deployment_id
    assert run.parameters == {"a": 1}


def test_field_that_the_server_does_not_know_is_left_out_with_one_warning(
    api: Any, proxy: FaultProxy, release: str, complaints: list[warnings.WarningMessage]
) -> None:
    _, deployment_id = parked_deployment(api)
    tag = unique("tag")

    for _ in range(2):
        api.create_flow_run_from_deployment(
            deployment_id, tags=[tag], labels={"team": "lab"}, job_variables={"env": {"A": "1"}}
        )

    runs = api.read_flow_runs(flow_run_filter=by_tag(tag))
    assert len(runs) == 2
    assert [run.job_variables for run in runs] == [{"env": {"A": "1"}}] * 2
    said = [str(complaint.message) for complaint in complaints]
    if release == "3.0.11":
        assert len(said) == 1
        assert f"(version {release}) does not know labels" in said[0]
        refused = [one for one in proxy.statuses if "create_flow_run" in one[0] and one[1] == 422]
        assert len(refused) == 1  # the second call knows
    else:
        assert said == []
        assert [run.labels["team"] for run in runs] == ["lab", "lab"]


def test_cancelled_run_is_cancelled(api: Any) -> None:
    _, deployment_id = parked_deployment(api)
    run = api.create_flow_run_from_deployment(deployment_id)
    api.set_flow_run_state(run.id, Running(), force=True)

    api.set_flow_run_state(run.id, Cancelling())
    api.set_flow_run_state(run.id, Cancelled(), force=True)

    assert api.read_flow_run(run.id).state.is_cancelled()


def test_deployment_and_its_schedule_are_kept(
    api: Any, release: str, complaints: list[warnings.WarningMessage]
) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    name, deployment_id = parked_deployment(api)
    daily = CronSchedule(cron="0 1 * * *", timezone="Europe/Rome")

    [made] = api.create_deployment_schedules(deployment_id, [(daily, False)])
    api.pause_deployment(deployment_id)

    assert api.read_deployment_by_name(name).paused
    assert api.read_deployment(deployment_id).schedules[0].id == made.id
    assert made.schedule == daily
    assert complaints == []
    later = datetime.now(timezone.utc) + timedelta(hours=1)
    run = api.create_flow_run_from_deployment(deployment_id, idempotency_key="k")
    due = api.get_scheduled_flow_runs_for_deployments([deployment_id], scheduled_before=later)
    assert [item.id for item in due] == [run.id]
    assert api.create_flow_run_from_deployment(deployment_id, idempotency_key="k").id == run.id


# --- events and logs -----------------------------------------------------------------------------


def test_event_goes_out_and_comes_back(proxy: FaultProxy) -> None:
    name = unique("event")
    event = Event(event=name, resource={"prefect.resource.id": "lab"})
    filter = EventFilter(event=EventNameFilter(name=[name]))

    async def main() -> UUID:
        async with get_events_subscriber(filter=filter) as subscriber:
            async with PrefectEventsClient() as client:
                await client.emit(event)
            return (await subscriber.__anext__()).id

    assert asyncio.run(asyncio.wait_for(main(), 60)) == event.id
    assert proxy.count("/events/in$") == 1
    assert proxy.count("/events/out$") == 1
    assert proxy.count("POST /api/events$") == 0


def test_stored_events_are_read(api: Any, complaints: list[warnings.WarningMessage]) -> None:
    name = unique("event")

    async def emit() -> None:
        async with PrefectEventsClient() as client:
            await client.emit(Event(event=name, resource={"prefect.resource.id": "lab"}))

    asyncio.run(asyncio.wait_for(emit(), 60))
    filter = EventFilter(event=EventNameFilter(name=[name]))
    for _ in range(300):
        page = api.read_events(filter)
        if page.total:
            break
        threading.Event().wait(0.1)  # stored by a background service of the server

    assert [event.event for event in page.events] == [name]
    assert complaints == []


def test_run_is_followed_to_its_end(proxy: FaultProxy) -> None:
    messages = [f"step {number}" for number in range(5)]

    async def main() -> list[Any]:
        async with get_client() as client:
            flow_id = await client.create_flow_from_name(unique("flow"))
            deployment_id = await client.create_deployment(flow_id, "d")
            run = await client.create_flow_run_from_deployment(deployment_id)
            items: list[Any] = []
            async with FlowRunSubscriber(run.id, straggler_timeout=1) as happenings:
                await client.set_flow_run_state(run.id, Running(), force=True)
                await client.create_logs(
                    [
                        actions.LogCreate(
                            name="lab",
                            level=20,
                            message=message,
                            timestamp=datetime.now(timezone.utc),
                            flow_run_id=run.id,
                        )
                        for message in messages
                    ]
                )
                await client.set_flow_run_state(run.id, Completed(), force=True)
                async for item in happenings:
                    items.append(item)
            stored = await client.read_logs()
            assert {log.message for log in stored} >= set(messages)
            return items

    items = asyncio.run(asyncio.wait_for(main(), 60))

    assert [item.message for item in items if isinstance(item, Log)] == messages
    events = [item.event for item in items if not isinstance(item, Log)]
    assert events[-1] == "prefect.flow-run.Completed"
    assert len(set(events)) == len(events)


def test_end_of_a_run_is_told_by_its_event(proxy: FaultProxy) -> None:
    async def main() -> Any:
        async with get_client() as client:
            flow_id = await client.create_flow_from_name(unique("flow"))
            run = await client.create_flow_run_from_deployment(
                await client.create_deployment(flow_id, "d")
            )
            # Looking at the run alone would take ten minutes.
            waiting = asyncio.create_task(wait_for_flow_run(run.id, poll_interval=600))
            await asyncio.to_thread(proxy.wait_for, "/events/out")
            await client.set_flow_run_state(run.id, Completed(), force=True)
            return await waiting

    assert asyncio.run(asyncio.wait_for(main(), 60)).state.is_completed()


# --- the rest of the house -----------------------------------------------------------------------


def test_variable_is_kept(api: Any) -> None:
    name = unique("variable").replace("-", "_")

    made = api.create_variable(actions.VariableCreate(name=name, value={"a": [1]}, tags=["t"]))
    api.update_variable(actions.VariableUpdate(name=name, value=2))

    assert api.read_variable_by_name(name).id == made.id
    assert api.read_variable_by_name(name).value == 2
    api.delete_variable_by_name(name)
    assert api.read_variable_by_name(name) is None


def test_artifact_is_kept(api: Any) -> None:
    key = unique("artifact")

    made = api.create_artifact(actions.ArtifactCreate(key=key, type="markdown", data="# hi"))
    api.update_artifact(made.id, actions.ArtifactUpdate(description="d"))

    of_key = filters.ArtifactFilter(key=filters.ArtifactFilterKey(any_=[key]))
    [found] = api.read_artifacts(artifact_filter=of_key)
    assert (found.data, found.description) == ("# hi", "d")
    api.delete_artifact(made.id)


def test_limits_give_slots(api: Any) -> None:
    name = unique("limit")
    api.create_global_concurrency_limit(actions.GlobalConcurrencyLimitCreate(name=name, limit=2))

    taken = api.increment_concurrency_slots([name], 2, "concurrency")

    assert [item["name"] for item in taken.json()] == [name]
    with pytest.raises(PrefectHTTPStatusError, match="423"):
        api.increment_concurrency_slots([name], 1, "concurrency")
    api.release_concurrency_slots([name], 2, 0.5)
    api.delete_global_concurrency_limit_by_name(name)
    api.create_concurrency_limit(name, 1)
    assert api.read_concurrency_limit_by_tag(name).concurrency_limit == 1
    api.delete_concurrency_limit_by_tag(name)


def test_work_pool_and_queue_are_kept(api: Any, complaints: list[warnings.WarningMessage]) -> None:
    pool, queue = unique("pool"), unique("queue")
    new = actions.WorkPoolCreate(name=pool, type="process", description="d")

    api.create_work_pool(new)
    api.create_work_pool(new.model_copy(update={"description": "z"}), overwrite=True)
    made = api.create_work_queue(queue, work_pool_name=pool)
    api.send_worker_heartbeat(pool, "w")

    assert api.read_work_pool(pool).description == "z"
    assert api.read_work_queue_by_name(queue, work_pool_name=pool).id == made.id
    assert [worker.name for worker in api.read_workers_for_work_pool(pool)] == ["w"]
    api.delete_work_pool(pool)
    assert complaints == []


def test_block_is_kept(api: Any) -> None:
    kind = api.read_block_type_by_slug("secret")
    schema = api.get_most_recent_block_schema_for_block_type(kind.id)
    name = unique("block")

    made = api.create_block_document(
        actions.BlockDocumentCreate(
            name=name, data={"value": "x"}, block_schema_id=schema.id, block_type_id=kind.id
        )
    )

    assert api.read_block_document_by_name(name, "secret").id == made.id
    api.delete_block_document(made.id)


def test_automations_are_read(api: Any) -> None:
    assert isinstance(api.read_automations(), list)
    assert api.read_automations_by_name(unique("automation")) == []


# --- what an older server lacks ------------------------------------------------------------------

MISSING: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    "labels of a flow run": (
        lambda api: api.update_flow_run_labels(uuid4(), {"a": "b"}),
        ("3.0.11",),
    ),
    "leases of concurrency slots": (
        lambda api: api.increment_concurrency_slots_with_lease(["a"], 1, "concurrency", 60),
        ("3.0.11", "3.2.15"),
    ),
    "default result storage": (
        lambda api: api.read_server_default_result_storage(),
        ("3.0.11", "3.2.15", "3.4.25", "3.6.29"),
    ),
    "concurrency status of a pool": (
        lambda api: api.read_work_pool_concurrency_status("none"),
        ("3.0.11", "3.2.15", "3.4.25"),
    ),
    "concurrency status of a queue": (
        lambda api: api.read_work_queue_concurrency_status(uuid4()),
        ("3.0.11", "3.2.15", "3.4.25"),
    ),
}
"""What → how to ask for it, and the releases that do not have it."""


@pytest.mark.parametrize("what", MISSING)
def test_what_the_server_lacks_is_said_with_its_version(api: Any, release: str, what: str) -> None:
    ask, lacking = MISSING[what]
    if release not in lacking:
        outcome: Any = None
        try:
            outcome = ask(api)
        except (ObjectNotFound, PrefectHTTPStatusError) as error:
            outcome = error  # there is no such object, which the server knows how to say
        assert "older than this client" not in str(outcome)
        return

    with pytest.raises((ObjectNotFound, PrefectHTTPStatusError)) as raised:
        ask(api)

    assert f"runs Prefect {release}, older than this client" in str(raised.value)
