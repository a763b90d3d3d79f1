"""Every member of the client, called against a real server on both faces, and its answer checked.

The tests call `api.<member>(...)` without knowing the face: the fixture drives the async client in
an event loop of its own. The last test reads this file and fails when a public member of either
client is neither called here nor in `NOT_CALLED`.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from prefect.client.orchestration import PrefectClient, SyncPrefectClient, get_client
from prefect.client.schemas import actions, filters, objects, responses, schedules, sorting
from prefect.events.actions import DoNothing
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import (
    ObjectAlreadyExists,
    ObjectNotFound,
    PrefectHTTPStatusError,
    ProtectedBlockError,
)
from prefect.settings.context import refresh_settings

NOT_CALLED = {
    "send": "the port below the endpoints: each call here goes through it",
    "sleep": "the port's wait between attempts; the fault tests see it",
}
"""Public member → why no test here calls it."""


class Driven:
    """A client of either face, called as if it were the blocking one."""

    def __init__(self, client: Any, loop: asyncio.AbstractEventLoop | None) -> None:
        self._client = client
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if not callable(member):
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            result = member(*args, **kwargs)
            if inspect.isawaitable(result):
                assert self._loop is not None, f"{name} of the sync client gave a coroutine"
                return self._loop.run_until_complete(result)
            return result

        return call


@pytest.fixture(scope="module")
def api_url(request: pytest.FixtureRequest) -> str:
    """The server: one that runs already (PREFECT_TEST_API_URL), or the session's own."""
    running = os.environ.get("PREFECT_TEST_API_URL")
    return running or str(request.getfixturevalue("real_server").api_url)


@pytest.fixture(scope="module", params=["sync", "async"])
def api(
    request: pytest.FixtureRequest, api_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The client, on each face in turn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_API_URL", api_url)
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("home")))
        refresh_settings()
        yield from _opened(request.param)
    refresh_settings()


def _opened(face: str) -> Iterator[Any]:
    if face == "sync":
        with get_client(sync_client=True) as blocking:
            yield Driven(blocking, None)
        return
    loop = asyncio.new_event_loop()
    client = get_client()
    loop.run_until_complete(client.__aenter__())
    yield Driven(client, loop)
    loop.run_until_complete(client.__aexit__(None, None, None))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def unique(kind: str) -> str:
    """A name no other test uses."""
    return f"members-{kind}-{uuid4().hex[:10]}"


def eventually(read: Callable[[], Any], seconds: float = 15) -> Any:
    """Read until the answer is not empty: what the server stores in the background."""
    end = time.monotonic() + seconds
    while not (answer := read()):
        assert time.monotonic() < end, f"nothing came within {seconds} s"
        time.sleep(0.1)
    return answer


def status_of(call: Callable[[], Any]) -> int:
    """The status an HTTP error carries."""
    with pytest.raises(PrefectHTTPStatusError) as raised:
        call()
    return int(raised.value.response.status_code)


class FlowLike:
    """What `create_flow_run` reads of a flow."""

    def __init__(self, name: str, retries: int | None = None) -> None:
        self.name = name
        self.version = "v1"
        self.retries = retries
        self.retry_delay_seconds = 2


class TaskLike:
    """What `create_task_run` reads of a task."""

    name = "members-task"
    task_key = "members-task-1234abcd"
    version = "v2"
    tags = frozenset({"members"})
    retries = 1
    retry_delay_seconds = (1, 2)
    retry_jitter_factor = 0.5


def named(*names: str) -> filters.FlowFilter:
    """A filter on flow names."""
    return filters.FlowFilter(name=filters.FlowFilterName(any_=list(names)))


def by_id(*ids: UUID) -> filters.FlowRunFilter:
    """A filter on flow run ids."""
    return filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=list(ids)))


@pytest.fixture
def deployment_id(api: Any) -> UUID:
    """A deployment of a new flow, for a process that serves it."""
    made: UUID = api.create_deployment(api.create_flow_from_name(unique("flow")), "d")
    return made


@pytest.fixture
def pool(api: Any) -> Iterator[str]:
    """A work pool."""
    name = unique("pool")
    api.create_work_pool(actions.WorkPoolCreate(name=name, type="process"))
    yield name
    api.delete_work_pool(name)


# --- the client and the API itself ---------------------------------------------------------------


def test_client_tells_about_itself_and_the_api(api: Any, api_url: str) -> None:
    assert str(api.api_url).rstrip("/") == api_url.rstrip("/")
    assert api.client_version().startswith("3.")
    assert api.api_healthcheck() is None
    assert api.hello().status_code == 200
    assert api.api_version().startswith("3.")
    assert api.raise_for_api_version_mismatch() is None
    assert api.raise_for_api_version_mismatch_once() is None
    assert api.server_type.name == "SERVER"


def test_async_client_knows_its_loop(api: Any) -> None:
    if isinstance(api._client, PrefectClient):
        assert api.loop is api._loop
    else:
        assert not hasattr(SyncPrefectClient, "loop")


def test_worker_metadata_lists_worker_types(api: Any) -> None:
    metadata = api.read_worker_metadata()

    assert "process" in metadata["prefect"]


# --- flows ---------------------------------------------------------------------------------------


def test_flow_is_created_read_and_deleted(api: Any) -> None:
    name = unique("flow with space")

    flow_id = api.create_flow(FlowLike(name))

    assert api.create_flow_from_name(name) == flow_id
    assert api.read_flow(flow_id).name == name
    assert [flow.id for flow in api.read_flows(flow_filter=named(name), limit=5)] == [flow_id]
    api.delete_flow(flow_id)
    with pytest.raises(ObjectNotFound, match=str(flow_id)):
        api.delete_flow(flow_id)
    assert status_of(lambda: api.read_flow(flow_id)) == 404


def test_flow_is_read_by_name(api: Any) -> None:
    name = unique("flow")
    flow_id = api.create_flow_from_name(name)

    assert api.read_flow_by_name(name).id == flow_id
    assert status_of(lambda: api.read_flow_by_name(name + "x")) == 404


# --- flow runs -----------------------------------------------------------------------------------


def test_flow_run_is_created_changed_and_deleted(api: Any) -> None:
    flow = FlowLike(unique("flow"), retries=3)
    given = {"x": (1, 2), "when": datetime(2026, 1, 2, tzinfo=timezone.utc), "nan": float("nan")}

    run = api.create_flow_run(
        flow, name="n", parameters=given, context={"a": 1}, tags=["t"], job_variables={"v": 1}
    )

    assert run.parameters is given
    assert run.state.is_pending()
    stored = api.read_flow_run(run.id)
    assert stored.parameters == {"x": [1, 2], "when": "2026-01-02T00:00:00Z", "nan": "NaN"}
    assert (stored.name, stored.tags, stored.flow_version) == ("n", ["t"], "v1")
    assert (stored.empirical_policy.retries, stored.empirical_policy.retry_delay) == (3, 2)
    assert stored.idempotency_key

    api.update_flow_run(run.id, name="m", tags=["u"], infrastructure_pid="host:1")
    changed = api.read_flow_run(run.id)
    assert (changed.name, changed.tags, changed.infrastructure_pid) == ("m", ["u"], "host:1")
    assert changed.parameters == stored.parameters
    api.set_flow_run_name(run.id, "o")
    assert api.read_flow_run(run.id).name == "o"
    api.update_flow_run_labels(run.id, {"answer": 42})
    assert api.read_flow_run(run.id).labels["answer"] == 42

    api.delete_flow_run(run.id)
    with pytest.raises(ObjectNotFound, match=str(run.id)):
        api.read_flow_run(run.id)
    with pytest.raises(ObjectNotFound):
        api.delete_flow_run(run.id)
    assert status_of(lambda: api.update_flow_run(run.id, name="x")) == 404


def test_flow_runs_are_filtered_and_counted(api: Any) -> None:
    flow = FlowLike(unique("flow"))
    first, second = (api.create_flow_run(flow, name=name) for name in "ab")
    api.set_flow_run_state(second.id, objects.State(type=objects.StateType.RUNNING))

    both = api.read_flow_runs(flow_filter=named(flow.name), sort=sorting.FlowRunSort.NAME_DESC)
    one = api.read_flow_runs(flow_run_filter=by_id(first.id, second.id), limit=1, offset=1)

    assert [run.id for run in both] == [second.id, first.id]
    assert len(one) == 1
    running = filters.FlowRunFilter(
        state=filters.FlowRunFilterState(
            type=filters.FlowRunFilterStateType(any_=[objects.StateType.RUNNING])
        )
    )
    assert api.count_flow_runs(flow_filter=named(flow.name)) == 2
    assert api.count_flow_runs(flow_filter=named(flow.name), flow_run_filter=running) == 1
    assert status_of(lambda: api.read_flow_runs(limit=9999)) == 422


def test_flow_run_states_are_set_and_read(api: Any) -> None:
    run = api.create_flow_run(FlowLike(unique("flow")))

    accepted = api.set_flow_run_state(
        str(run.id), objects.State(type=objects.StateType.RUNNING, message="go")
    )

    assert accepted.status == responses.SetStateStatus.ACCEPT
    assert isinstance(accepted.details, responses.StateAcceptDetails)
    assert accepted.state.is_running()
    assert accepted.state.message == "go"
    assert accepted.state.state_details.flow_run_id == run.id
    later = objects.State(
        type=objects.StateType.SCHEDULED,
        state_details=objects.StateDetails(
            scheduled_time=datetime.now(timezone.utc) + timedelta(hours=1)
        ),
    )
    api.set_flow_run_state(run.id, later, force=True)
    waiting = api.set_flow_run_state(run.id, objects.State(type=objects.StateType.RUNNING))
    assert waiting.status == responses.SetStateStatus.WAIT
    assert waiting.details.delay_seconds > 3000
    states = api.read_flow_run_states(run.id)
    assert [state.type.value for state in states] == ["PENDING", "RUNNING", "SCHEDULED"]
    assert api.read_flow_run_state(states[1].id).message == "go"
    with pytest.raises(ObjectNotFound):
        api.read_flow_run_state(uuid4())
    with pytest.raises(ObjectNotFound):
        api.set_flow_run_state(uuid4(), later)
    with pytest.raises(ValueError, match="'nope'"):
        api.set_flow_run_state("nope", later)


def test_paused_flow_run_is_resumed(api: Any) -> None:
    run = api.create_flow_run(FlowLike(unique("flow")))
    api.set_flow_run_state(run.id, objects.State(type=objects.StateType.RUNNING))
    aborted = api.resume_flow_run(run.id)
    pause = objects.StateDetails(
        pause_timeout=datetime.now(timezone.utc) + timedelta(minutes=5), pause_key="1"
    )
    paused = objects.State(type=objects.StateType.PAUSED, state_details=pause)
    assert api.set_flow_run_state(run.id, paused).status == responses.SetStateStatus.ACCEPT

    resumed = api.resume_flow_run(run.id, run_input={"a": 1})

    assert aborted.status == responses.SetStateStatus.ABORT
    assert resumed.status == responses.SetStateStatus.ACCEPT
    assert resumed.state.is_running()


def test_flow_run_inputs_are_stored_and_read(api: Any) -> None:
    run = api.create_flow_run(FlowLike(unique("flow")))

    api.create_flow_run_input(run.id, "k-1", '{"a": 1}', sender="me")
    api.create_flow_run_input(run.id, "k-2", "2")

    assert api.read_flow_run_input(run.id, "k-1") == '{"a": 1}'
    found = api.filter_flow_run_input(run.id, "k-", limit=5, exclude_keys={"k-2"})
    assert [(item.key, item.sender) for item in found] == [("k-1", "me")]
    assert status_of(lambda: api.create_flow_run_input(run.id, "k-1", "3")) == 409
    with pytest.raises(ValueError, match="'a/b'"):
        api.create_flow_run_input(run.id, "a/b", "3")
    api.delete_flow_run_input(run.id, "k-1")
    assert status_of(lambda: api.read_flow_run_input(run.id, "k-1")) == 404
    assert status_of(lambda: api.delete_flow_run_input(run.id, "k-1")) == 404


# --- task runs -----------------------------------------------------------------------------------


def test_task_run_is_created_once_changed_and_deleted(api: Any) -> None:
    run = api.create_flow_run(FlowLike(unique("flow")))
    task_run_id = uuid4()
    inputs = {"x": [objects.TaskRunResult(id=uuid4()), objects.Parameter(name="y")]}

    task_run = api.create_task_run(
        TaskLike(), run.id, "0", id=task_run_id, name="n", extra_tags=["e"], task_inputs=inputs
    )

    assert task_run.id == task_run_id
    assert api.create_task_run(TaskLike(), run.id, "0").id == task_run_id
    stored = api.read_task_run(task_run_id)
    assert (stored.name, sorted(stored.tags)) == ("n", ["e", "members"])
    assert stored.task_inputs == inputs
    assert (stored.empirical_policy.retries, stored.empirical_policy.retry_delay) == (1, [1, 2])
    api.set_task_run_name(task_run_id, "m")
    of_run = api.read_task_runs(
        flow_run_filter=by_id(run.id), sort=sorting.TaskRunSort.NAME_ASC, limit=3
    )
    assert [item.name for item in of_run] == ["m"]
    result = api.set_task_run_state(
        task_run_id, objects.State(type=objects.StateType.COMPLETED), force=True
    )
    assert result.status == responses.SetStateStatus.ACCEPT
    states = api.read_task_run_states(task_run_id)
    assert [state.type.value for state in states] == ["PENDING", "COMPLETED"]
    api.delete_task_run(task_run_id)
    with pytest.raises(ObjectNotFound, match=str(task_run_id)):
        api.read_task_run(task_run_id)
    with pytest.raises(ObjectNotFound):
        api.delete_task_run(task_run_id)


# --- deployments ---------------------------------------------------------------------------------


def test_deployment_is_created_read_changed_and_deleted(api: Any, pool: str) -> None:
    flow_name = unique("flow")
    flow_id = api.create_flow_from_name(flow_name)
    cron = schedules.CronSchedule(cron="0 0 * * *", timezone="Europe/Rome")
    limits = objects.ConcurrencyOptions(collision_strategy="CANCEL_NEW")

    deployment_id = api.create_deployment(
        flow_id,
        "d",
        version="1",
        schedules=[actions.DeploymentScheduleCreate(schedule=cron, active=False)],
        concurrency_limit=3,
        concurrency_options=limits,
        parameters={"x": 1},
        description="text",
        work_pool_name=pool,
        tags=["t"],
        path="/x",
        entrypoint="a.py:f",
        parameter_openapi_schema={"type": "object", "properties": {"x": {"type": "integer"}}},
        pull_steps=[{"step": {"a": 1}}],
        enforce_parameter_schema=True,
        job_variables={"v": 1},
    )

    read = api.read_deployment(str(deployment_id))
    assert (read.name, read.version, read.description) == ("d", "1", "text")
    assert (read.tags, read.path, read.entrypoint) == (["t"], "/x", "a.py:f")
    assert read.global_concurrency_limit.limit == 3
    assert read.concurrency_options.collision_strategy.value == "CANCEL_NEW"
    assert read.schedules[0].schedule == cron
    assert (read.parameters, read.job_variables) == ({"x": 1}, {"v": 1})
    assert read.pull_steps == [{"step": {"a": 1}}]
    assert read.work_pool_name == pool
    assert api.read_deployment_by_name(f"{flow_name}/d").id == deployment_id
    like = filters.DeploymentFilter(name=filters.DeploymentFilterName(any_=["d"]))
    found = api.read_deployments(
        flow_filter=named(flow_name), deployment_filter=like, sort=sorting.DeploymentSort.NAME_DESC
    )
    assert [item.id for item in found] == [deployment_id]

    api.update_deployment(deployment_id, actions.DeploymentUpdate(description="z"))
    changed = api.read_deployment(deployment_id)
    assert (changed.description, changed.tags) == ("z", ["t"])
    assert api.create_deployment(flow_id, "d") == deployment_id
    assert api.read_deployment(deployment_id).description is None

    api.delete_deployment(deployment_id)
    for call in (api.read_deployment, api.delete_deployment, api.pause_deployment):
        with pytest.raises(ObjectNotFound, match=str(deployment_id)):
            call(deployment_id)


def test_deployment_is_paused_and_resumed(api: Any, deployment_id: UUID) -> None:
    api.pause_deployment(deployment_id)
    assert api.read_deployment(deployment_id).paused
    api.resume_deployment(str(deployment_id))
    assert not api.read_deployment(deployment_id).paused
    with pytest.warns(DeprecationWarning, match="pause_deployment"):
        api.set_deployment_paused_state(deployment_id, True)
    assert api.read_deployment(deployment_id).paused
    with pytest.raises(ValueError, match="'nope'"):
        api.pause_deployment("nope")


def test_missing_deployment_is_named_with_its_neighbours(api: Any) -> None:
    flow_name = unique("flow")
    api.create_deployment(api.create_flow_from_name(flow_name), "nightly")

    with pytest.raises(ObjectNotFound) as near:
        api.read_deployment_by_name(f"{flow_name}/nigthly")
    with pytest.raises(ObjectNotFound) as far:
        api.read_deployment_by_name(f"{flow_name}x/nightly")

    assert f"{flow_name}/nigthly" in str(near.value)
    assert f"{flow_name}/nightly" in str(near.value)
    assert "404" in str(near.value.http_exc)
    assert "check the flow's name" in str(far.value)
    with pytest.raises(ValueError, match="flow-name/deployment-name"):
        api.read_deployment_by_name("nightly")


def test_deployment_is_refused_with_the_servers_reason(api: Any) -> None:
    flow_id = api.create_flow_from_name(unique("flow"))

    with pytest.raises(PrefectHTTPStatusError, match="no-such-pool") as missing_pool:
        api.create_deployment(flow_id, "d", work_pool_name="no-such-pool")
    with pytest.raises(ObjectAlreadyExists, match="'d'"):
        api.create_deployment(uuid4(), "d")

    assert missing_pool.value.response.status_code == 404


def test_deployment_schedules_are_added_changed_and_removed(api: Any, deployment_id: UUID) -> None:
    daily = schedules.CronSchedule(cron="0 1 * * *")
    hourly = schedules.IntervalSchedule(interval=timedelta(hours=1))

    (made,) = api.create_deployment_schedules(
        deployment_id, [(daily, False)], max_scheduled_runs=3, parameters={"x": 1}, slug="s"
    )
    model = actions.DeploymentScheduleCreate(schedule=hourly, active=False)
    (other,) = api.create_deployment_schedules(deployment_id, [model])

    assert (made.schedule, made.active, made.slug) == (daily, False, "s")
    assert (made.max_scheduled_runs, made.parameters) == (3, {"x": 1})
    api.update_deployment_schedule(deployment_id, made.id, schedule=hourly, slug="r")
    read = {item.id: item for item in api.read_deployment_schedules(deployment_id)}
    assert read.keys() == {made.id, other.id}
    assert read[made.id].schedule.interval == timedelta(hours=1)
    assert (read[made.id].slug, read[made.id].active) == ("r", False)
    assert (
        status_of(
            lambda: api.create_deployment_schedules(deployment_id, [(daily, False)], slug="r")
        )
        == 409
    )
    api.delete_deployment_schedule(deployment_id, made.id)
    with pytest.raises(ObjectNotFound, match=str(made.id)):
        api.delete_deployment_schedule(deployment_id, made.id)
    with pytest.raises(ObjectNotFound):
        api.update_deployment_schedule(deployment_id, made.id, active=True)
    with pytest.raises(ObjectNotFound):
        api.read_deployment_schedules(uuid4())


def test_deployment_is_run_once_per_key(api: Any, deployment_id: UUID) -> None:
    parameters = {"x": uuid4(), "set": {1}, "path": Path("/a"), "big": 10**25}

    run = api.create_flow_run_from_deployment(
        deployment_id,
        parameters=parameters,
        context={"k": "v"},
        name="n",
        tags=["t"],
        idempotency_key="key",
        job_variables={"v": 1},
        labels={"l": "m"},
    )
    again = api.create_flow_run_from_deployment(deployment_id, idempotency_key="key")
    other = api.create_flow_run_from_deployment(deployment_id)

    assert again.id == run.id != other.id
    assert run.state.is_scheduled()
    age = datetime.now(timezone.utc) - run.state.state_details.scheduled_time
    assert abs(age) < timedelta(minutes=1)
    assert run.parameters == {"x": str(parameters["x"]), "set": [1], "path": "/a", "big": 10**25}
    assert (run.name, run.tags, run.job_variables) == ("n", ["t"], {"v": 1})
    assert run.labels["l"] == "m"
    due = api.get_scheduled_flow_runs_for_deployments(
        [deployment_id], scheduled_before=datetime.now(timezone.utc) + timedelta(hours=1), limit=5
    )
    assert {item.id for item in due} == {run.id, other.id}


def test_deployment_is_run_later(api: Any, deployment_id: UUID) -> None:
    later = datetime.now(timezone.utc) + timedelta(hours=2)
    state = objects.State(
        type=objects.StateType.SCHEDULED, state_details=objects.StateDetails(scheduled_time=later)
    )

    run = api.create_flow_run_from_deployment(deployment_id, state=state)

    assert run.state.state_details.scheduled_time == later


def test_run_is_refused_with_the_parameter_and_the_reason(api: Any) -> None:
    deployment_id = api.create_deployment(
        api.create_flow_from_name(unique("flow")),
        "d",
        parameter_openapi_schema={"type": "object", "properties": {"x": {"type": "integer"}}},
        enforce_parameter_schema=True,
    )

    with pytest.raises(PrefectHTTPStatusError, match=r"'x'.*'no' is not") as mismatch:
        api.create_flow_run_from_deployment(deployment_id, parameters={"x": "no"})
    with pytest.raises(TypeError, match=r"parameters\['x'\]"):
        api.create_flow_run_from_deployment(deployment_id, parameters={"x": object()})

    assert mismatch.value.response.status_code == 409
    missing = status_of(lambda: api.create_flow_run_from_deployment(uuid4()))
    assert missing == 404


def test_branches_and_agreements_are_for_cloud(api: Any, deployment_id: UUID) -> None:
    with pytest.raises(PrefectHTTPStatusError, match="Prefect Cloud"):
        api.create_deployment_branch(deployment_id, "b")
    with pytest.raises(PrefectHTTPStatusError, match="Prefect Cloud"):
        api.apply_slas_for_deployment(deployment_id, [])


# --- automations ---------------------------------------------------------------------------------


def test_automation_is_created_found_changed_and_deleted(api: Any) -> None:
    name = unique("Automation")
    trigger = EventTrigger(expect={"x.y"}, posture=Posture.Reactive, threshold=2)
    core = AutomationCore(name=name, trigger=trigger, actions=[DoNothing()])

    automation_id = api.create_automation(core)

    read = api.read_automation(automation_id)
    assert (read.id, read.name, read.enabled) == (automation_id, name, True)
    assert read.trigger.expect == {"x.y"}
    assert [item.id for item in api.read_automations_by_name(name)] == [automation_id]
    assert api.find_automation(name).id == automation_id
    assert api.find_automation(name.upper()).id == automation_id
    assert api.find_automation(str(automation_id)).id == automation_id
    assert api.find_automation(name + "x") is None
    assert any(item.id == automation_id for item in api.read_automations(limit=200))

    api.update_automation(automation_id, core.model_copy(update={"description": "z"}))
    api.pause_automation(automation_id)
    paused = api.read_automation(automation_id)
    assert (paused.description, paused.enabled) == ("z", False)
    assert isinstance(paused.actions[0], DoNothing)
    api.resume_automation(automation_id)
    assert api.read_automation(automation_id).enabled

    api.delete_automation(automation_id)
    assert status_of(lambda: api.read_automation(automation_id)) == 404
    assert status_of(lambda: api.delete_automation(automation_id)) == 404
    with pytest.raises(ObjectNotFound, match=str(automation_id)):
        api.find_automation(automation_id)


def test_automations_of_a_resource_are_deleted_with_it(api: Any, deployment_id: UUID) -> None:
    resource_id = f"prefect.deployment.{deployment_id}"
    trigger = EventTrigger(
        match={"prefect.resource.id": resource_id}, posture=Posture.Reactive, threshold=1
    )
    automation_id = api.create_automation(
        AutomationCore(
            name=unique("owned"),
            trigger=trigger,
            actions=[DoNothing()],
            owner_resource=resource_id,
        )
    )

    api.read_resource_related_automations(resource_id)
    api.delete_resource_owned_automations(resource_id)

    assert status_of(lambda: api.read_automation(automation_id)) == 404


# --- artifacts, logs, variables ------------------------------------------------------------------


def test_artifact_is_created_changed_and_deleted(api: Any) -> None:
    key = unique("key")
    first = api.create_artifact(
        actions.ArtifactCreate(key=key, type="markdown", data="# x", metadata_={"a": "b"})
    )
    second = api.create_artifact(actions.ArtifactCreate(key=key, type="markdown", data="# y"))

    api.update_artifact(second.id, actions.ArtifactUpdate(data="# z", description="d"))

    of_key = filters.ArtifactFilter(key=filters.ArtifactFilterKey(any_=[key]))
    found = api.read_artifacts(artifact_filter=of_key, sort=sorting.ArtifactSort.ID_DESC, limit=9)
    assert {(item.id, item.data) for item in found} == {(first.id, "# x"), (second.id, "# z")}
    latest = api.read_latest_artifacts(
        artifact_filter=filters.ArtifactCollectionFilter(
            key=filters.ArtifactCollectionFilterKey(any_=[key])
        )
    )
    assert [(item.key, item.latest_id) for item in latest] == [(key, second.id)]
    api.delete_artifact(first.id)
    with pytest.raises(ObjectNotFound, match=str(first.id)):
        api.delete_artifact(first.id)
    with pytest.raises(TypeError, match="flow_filter"):
        api.read_artifacts(flow_filter=None)


def test_logs_are_sent_and_read(api: Any) -> None:
    run = api.create_flow_run(FlowLike(unique("flow")))
    now = datetime.now(timezone.utc)
    lines = [
        actions.LogCreate(name="n", level=20, message="one", timestamp=now, flow_run_id=run.id),
        {
            "name": "n",
            "level": 30,
            "message": "two",
            "timestamp": (now + timedelta(seconds=1)).isoformat(),
            "flow_run_id": str(run.id),
        },
    ]

    api.create_logs(lines)

    of_run = filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[run.id]))
    read = eventually(lambda: api.read_logs(of_run))
    assert [(log.level, log.message) for log in read] == [(20, "one"), (30, "two")]
    newest = api.read_logs(of_run, limit=1, sort=sorting.LogSort.TIMESTAMP_DESC)
    assert [log.message for log in newest] == ["two"]


def test_variable_is_created_changed_and_deleted(api: Any) -> None:
    name = unique("v").replace("-", "_")
    assert api.read_variable_by_name(name) is None

    made = api.create_variable(actions.VariableCreate(name=name, value={"a": [1]}, tags=["t"]))

    assert api.read_variable_by_name(name).id == made.id
    with pytest.raises(ObjectAlreadyExists, match=name):
        api.create_variable(actions.VariableCreate(name=name, value=1))
    api.update_variable(actions.VariableUpdate(name=name, value=2))
    changed = api.read_variable_by_name(name)
    assert (changed.value, changed.tags) == (2, ["t"])
    assert len(api.read_variables(limit=1)) == 1
    api.delete_variable_by_name(name)
    with pytest.raises(ObjectNotFound, match=name):
        api.delete_variable_by_name(name)
    assert status_of(lambda: api.update_variable(actions.VariableUpdate(name=name))) == 404
    with pytest.raises(ValueError, match="name"):
        api.update_variable(actions.VariableUpdate(value=1))


# --- concurrency limits --------------------------------------------------------------------------


def test_tag_limit_gives_and_takes_slots(api: Any) -> None:
    tag = unique("tag")
    run = api.create_flow_run(FlowLike(unique("flow")))
    task_run = api.create_task_run(TaskLike(), run.id, "0")

    api.create_concurrency_limit(tag, 1)

    assert api.read_concurrency_limit_by_tag(tag).concurrency_limit == 1
    limits = api.read_concurrency_limits(limit=200, offset=0)
    assert any(item.tag == tag for item in limits)
    assert api.increment_v1_concurrency_slots([tag], task_run.id).status_code == 200
    assert api.read_concurrency_limit_by_tag(tag).active_slots == [task_run.id]
    assert status_of(lambda: api.increment_v1_concurrency_slots([tag], uuid4())) == 423
    api.decrement_v1_concurrency_slots([tag], task_run.id, 1.0)
    assert api.read_concurrency_limit_by_tag(tag).active_slots == []
    api.increment_v1_concurrency_slots([tag], task_run.id)
    api.reset_concurrency_limit_by_tag(tag)
    assert api.read_concurrency_limit_by_tag(tag).active_slots == []
    api.delete_concurrency_limit_by_tag(tag)
    for call in (
        api.read_concurrency_limit_by_tag,
        api.delete_concurrency_limit_by_tag,
        api.reset_concurrency_limit_by_tag,
    ):
        with pytest.raises(ObjectNotFound, match=tag):
            call(tag)


def test_global_limit_is_created_changed_and_deleted(api: Any) -> None:
    name = unique("limit")
    limit_id = api.create_global_concurrency_limit(
        actions.GlobalConcurrencyLimitCreate(name=name, limit=2)
    )

    assert api.read_global_concurrency_limit_by_name(name).id == limit_id
    with pytest.raises(ObjectAlreadyExists, match=name):
        api.create_global_concurrency_limit(
            actions.GlobalConcurrencyLimitCreate(name=name, limit=2)
        )
    api.update_global_concurrency_limit(name, actions.GlobalConcurrencyLimitUpdate(limit=3))
    assert api.read_global_concurrency_limit_by_name(name).limit == 3
    api.upsert_global_concurrency_limit_by_name(name, 4, 0.5)
    changed = api.read_global_concurrency_limit_by_name(name)
    assert (changed.limit, changed.slot_decay_per_second) == (4, 0.5)
    names = [item.name for item in api.read_global_concurrency_limits(limit=200)]
    assert name in names
    api.delete_global_concurrency_limit_by_name(name)
    with pytest.raises(ObjectNotFound, match=name):
        api.delete_global_concurrency_limit_by_name(name)
    api.upsert_global_concurrency_limit_by_name(name, 5)
    assert api.read_global_concurrency_limit_by_name(name).limit == 5


def test_global_limit_gives_slots_and_leases(api: Any) -> None:
    name = unique("limit")
    api.create_global_concurrency_limit(actions.GlobalConcurrencyLimitCreate(name=name, limit=2))

    taken = api.increment_concurrency_slots([name], 2, "concurrency")

    assert [item["name"] for item in taken.json()] == [name]
    assert status_of(lambda: api.increment_concurrency_slots([name], 1, "concurrency")) == 423
    assert status_of(lambda: api.increment_concurrency_slots([name], 3, "concurrency")) == 422
    api.release_concurrency_slots([name], 2, 0.5)
    lease = api.increment_concurrency_slots_with_lease(
        [name],
        1,
        "concurrency",
        60,
        holder=objects.ConcurrencyLeaseHolder(type="flow_run", id=uuid4()),
    ).json()
    assert api.read_global_concurrency_limit_by_name(name).active_slots == 1
    lease_id = UUID(lease["lease_id"])
    assert api.renew_concurrency_lease(lease_id, 90).status_code == 204
    assert api.release_concurrency_slots_with_lease(lease_id).status_code == 204
    assert api.read_global_concurrency_limit_by_name(name).active_slots == 0
    assert status_of(lambda: api.renew_concurrency_lease(lease_id, 90)) == 410


# --- blocks --------------------------------------------------------------------------------------


def test_block_type_schema_and_document_are_registered(api: Any) -> None:
    slug = unique("block")
    made = api.create_block_type(
        actions.BlockTypeCreate(name=slug, slug=slug, logo_url="https://example.org/l.png")
    )
    with pytest.raises(ObjectAlreadyExists, match=slug):
        api.create_block_type(actions.BlockTypeCreate(name=slug, slug=slug))
    api.update_block_type(made.id, actions.BlockTypeUpdate(description="d"))
    assert api.read_block_type_by_slug(slug).description == "d"
    assert api.get_most_recent_block_schema_for_block_type(made.id) is None
    assert any(item.slug == "secret" for item in api.read_block_types())

    fields = {
        "title": slug,
        "type": "object",
        "properties": {"value": {"type": "string"}},
        "secret_fields": ["value"],
        "block_type_slug": slug,
        "block_schema_references": {},
    }
    schema = api.create_block_schema(
        actions.BlockSchemaCreate(
            fields=fields, block_type_id=made.id, capabilities=["c"], version="1"
        )
    )
    assert api.read_block_schema_by_checksum(schema.checksum).id == schema.id
    assert api.read_block_schema_by_checksum(schema.checksum, version="1").id == schema.id
    with pytest.raises(ObjectNotFound, match="'2'"):
        api.read_block_schema_by_checksum(schema.checksum, version="2")
    assert api.get_most_recent_block_schema_for_block_type(made.id).id == schema.id
    assert api.read_block_schemas()

    new = actions.BlockDocumentCreate(
        name="doc", data={"value": "s3cret"}, block_schema_id=schema.id, block_type_id=made.id
    )
    document = api.create_block_document(new)
    with pytest.raises(ObjectAlreadyExists, match="'doc'"):
        api.create_block_document(new)
    assert api.read_block_document(document.id).data == {"value": "s3cret"}
    masked = api.read_block_document(document.id, include_secrets=False)
    assert "s3cret" not in str(masked.data)
    assert api.read_block_document_by_name("doc", slug).data == {"value": "s3cret"}
    api.update_block_document(document.id, actions.BlockDocumentUpdate(data={"value": "new"}))
    assert [item.data for item in api.read_block_documents(slug)] == [{"value": "new"}]
    assert [item.id for item in api.read_block_documents_by_type(slug, limit=3)] == [document.id]
    api.delete_block_document(document.id)
    for call in (api.read_block_document, api.delete_block_document):
        with pytest.raises(ObjectNotFound, match=str(document.id)):
            call(document.id)
    with pytest.raises(ObjectNotFound, match="doc"):
        api.read_block_document_by_name("doc", slug)

    api.delete_block_type(made.id)
    with pytest.raises(ObjectNotFound, match=slug):
        api.read_block_type_by_slug(slug)
    with pytest.raises(ProtectedBlockError):
        api.delete_block_type(api.read_block_type_by_slug("secret").id)


def test_default_result_storage_is_chosen_and_cleared(api: Any) -> None:
    kind = api.read_block_type_by_slug("local-file-system")
    schema = api.get_most_recent_block_schema_for_block_type(kind.id)
    document = api.create_block_document(
        actions.BlockDocumentCreate(
            name=unique("fs"),
            data={"basepath": "/results"},
            block_schema_id=schema.id,
            block_type_id=kind.id,
        )
    )

    try:
        chosen = api.update_server_default_result_storage(document.id)
        read = api.read_server_default_result_storage()
    finally:
        api.clear_server_default_result_storage()

    assert chosen.default_result_storage_block_id == document.id
    assert read.default_result_storage_block_id == document.id
    assert api.read_server_default_result_storage().default_result_storage_block_id is None
    assert status_of(lambda: api.update_server_default_result_storage(uuid4())) == 404
    api.delete_block_document(document.id)


# --- work pools and queues -----------------------------------------------------------------------


def test_work_pool_is_created_changed_and_deleted(api: Any) -> None:
    name = unique("pool")
    new = actions.WorkPoolCreate(name=name, type="process", description="d")
    made = api.create_work_pool(new)

    with pytest.raises(ObjectAlreadyExists, match="overwrite=True"):
        api.create_work_pool(new)
    changed = api.create_work_pool(new.model_copy(update={"description": "z"}), overwrite=True)
    assert (changed.id, changed.description) == (made.id, "z")
    with pytest.raises(ValueError, match="'docker'"):
        api.create_work_pool(actions.WorkPoolCreate(name=name, type="docker"), overwrite=True)
    assert (
        status_of(
            lambda: api.create_work_pool(actions.WorkPoolCreate(name="prefect-x", type="process"))
        )
        == 403
    )
    api.update_work_pool(name, actions.WorkPoolUpdate(is_paused=True, concurrency_limit=4))
    read = api.read_work_pool(name)
    assert (read.is_paused, read.concurrency_limit, read.description) == (True, 4, "z")
    of_name = filters.WorkPoolFilter(name=filters.WorkPoolFilterName(any_=[name]))
    assert [item.id for item in api.read_work_pools(work_pool_filter=of_name)] == [made.id]
    status = api.read_work_pool_concurrency_status(name, limit=5)
    assert (status.active_slots, status.concurrency_limit) == (0, 4)
    api.delete_work_pool(name)
    for call in (api.read_work_pool, api.delete_work_pool, api.read_work_pool_concurrency_status):
        with pytest.raises(ObjectNotFound, match=name):
            call(name)


def test_workers_of_a_pool_are_heard_and_listed(api: Any, pool: str) -> None:
    metadata = objects.WorkerMetadata(integrations=[])

    nothing = api.send_worker_heartbeat(
        pool, "w", heartbeat_interval_seconds=30, get_worker_id=True, worker_metadata=metadata
    )

    assert nothing is None  # only Cloud gives an id
    online = filters.WorkerFilter(
        status=filters.WorkerFilterStatus(any_=[objects.WorkerStatus.ONLINE])
    )
    workers = api.read_workers_for_work_pool(pool, worker_filter=online, limit=5)
    assert [(worker.name, worker.heartbeat_interval_seconds) for worker in workers] == [("w", 30)]
    assert status_of(lambda: api.send_worker_heartbeat(pool + "x", "w")) == 404


def test_work_queue_is_created_polled_and_deleted(api: Any, pool: str) -> None:
    name = unique("queue")
    made = api.create_work_queue(name, description="d", priority=2, work_pool_name=pool)

    with pytest.raises(ObjectAlreadyExists, match=name):
        api.create_work_queue(name, work_pool_name=pool)
    with pytest.raises(ObjectNotFound, match="no-such-pool"):
        api.create_work_queue(name, work_pool_name="no-such-pool")
    assert api.read_work_queue(made.id).name == name
    assert api.read_work_queue_by_name(name, work_pool_name=pool).id == made.id
    api.update_work_queue(made.id, concurrency_limit=7, description="z")
    changed = api.read_work_queue(made.id)
    assert (changed.concurrency_limit, changed.description) == (7, "z")
    with pytest.raises(ValueError, match="concurrency_limit"):
        api.update_work_queue(made.id)
    assert [item.id for item in api.match_work_queues([name[:-2]], work_pool_name=pool)] == [
        made.id
    ]
    queues = {item.name for item in api.read_work_queues(work_pool_name=pool)}
    assert queues == {"default", name}

    flow_id = api.create_flow_from_name(unique("flow"))
    deployment_id = api.create_deployment(flow_id, "d", work_pool_name=pool, work_queue_name=name)
    run = api.create_flow_run_from_deployment(deployment_id)
    soon = datetime.now(timezone.utc) + timedelta(minutes=1)
    waiting = api.get_runs_in_work_queue(made.id, scheduled_before=soon)
    assert [item.id for item in waiting] == [run.id]
    due = api.get_scheduled_flow_runs_for_work_pool(pool, [name], scheduled_before=soon)
    assert [(item.flow_run.id, item.work_queue_id) for item in due] == [(run.id, made.id)]
    assert api.read_work_queue_status(made.id).late_runs_count == 0
    assert api.read_work_queue_concurrency_status(made.id, limit=3).concurrency_limit == 7

    api.delete_work_queue_by_id(made.id)
    for call in (
        api.read_work_queue,
        api.read_work_queue_status,
        api.delete_work_queue_by_id,
        api.read_work_queue_concurrency_status,
        api.get_runs_in_work_queue,
    ):
        with pytest.raises(ObjectNotFound, match=str(made.id)):
            call(made.id)
    with pytest.raises(ObjectNotFound, match=name):
        api.read_work_queue_by_name(name, work_pool_name=pool)


# --- events --------------------------------------------------------------------------------------


def test_events_are_read_page_by_page(api: Any, api_url: str) -> None:
    name = unique("event")
    events = [
        {
            "id": str(uuid4()),
            "occurred": datetime.now(timezone.utc).isoformat(),
            "event": name,
            "resource": {"prefect.resource.id": f"members.{number}"},
        }
        for number in range(3)
    ]
    httpx.post(f"{api_url}/events", json=events).raise_for_status()
    of_name = EventFilter(event=EventNameFilter(name=[name]))
    eventually(lambda: api.read_events(of_name).total == 3)

    every = api.read_events(of_name)
    assert (len(every.events), every.next_page) == (3, None)
    first = api.read_events(of_name, limit=2)
    rest = api.read_events_page(first.next_page)

    assert first.total == 3
    assert {str(event.id) for event in [*first.events, *rest.events]} == {
        event["id"] for event in events
    }
    with pytest.raises(ValueError, match="next_page"):
        api.read_events_page("http://x.test/")


# --- nothing is left out -------------------------------------------------------------------------


def test_every_public_member_is_called_here() -> None:
    tree = ast.parse(Path(__file__).read_text())
    called = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "api"
    }
    members = {
        name
        for client in (PrefectClient, SyncPrefectClient)
        for name in dir(client)
        if not name.startswith("_")
    }

    assert members - called - NOT_CALLED.keys() == set()
