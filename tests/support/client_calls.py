"""One call of every endpoint, with the values its recorded request was made from.

`CALLS` maps a label to a function that takes a client (either face) and makes the call. The same
table was run against the public client of the peer, which gave `client_requests.json`: what goes
over the wire for each of these calls.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from prefect.client.schemas import actions, filters, objects, schedules, sorting
from prefect.events import filters as event_filters
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture


def uid(number: int) -> UUID:
    """A fixed id."""
    return UUID(int=number)


WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)


class FlowLike:
    """The least a flow has to be for the client: a name, a version, tags and retries."""

    name = "f"
    version = "v1"
    retries = 2
    retry_delay_seconds = 3

    def serialize_parameters(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return dict(parameters)


class TaskLike:
    """The least a task has to be for the client."""

    name = "t"
    task_key = "t-abc"
    version = "v2"
    tags = {"tt"}
    retries = 1
    retry_delay_seconds = 2
    retry_jitter_factor = None


def state(**more: Any) -> objects.State[Any]:
    """A state with fixed id and time."""
    return objects.State(id=uid(99), timestamp=WHEN, **{"type": objects.StateType.RUNNING, **more})


def pending() -> objects.State[Any]:
    """A pending state with a message."""
    return state(type=objects.StateType.PENDING, message="m")


FLOWS = filters.FlowFilter(name=filters.FlowFilterName(any_=["f"]))
FLOW_RUNS = filters.FlowRunFilter(
    state=filters.FlowRunFilterState(
        type=filters.FlowRunFilterStateType(any_=[objects.StateType.RUNNING])
    ),
    start_time=filters.FlowRunFilterStartTime(after_=WHEN),
)
TASK_RUNS = filters.TaskRunFilter(name=filters.TaskRunFilterName(any_=["t"]))
DEPLOYMENTS = filters.DeploymentFilter(
    operator=filters.Operator.or_, name=filters.DeploymentFilterName(like_="d")
)
WORK_POOLS = filters.WorkPoolFilter(name=filters.WorkPoolFilterName(any_=["p"]))
WORK_QUEUES = filters.WorkQueueFilter(name=filters.WorkQueueFilterName(any_=["q"]))
ALL_SIX = {
    "flow_filter": FLOWS,
    "flow_run_filter": FLOW_RUNS,
    "task_run_filter": TASK_RUNS,
    "deployment_filter": DEPLOYMENTS,
    "work_pool_filter": WORK_POOLS,
    "work_queue_filter": WORK_QUEUES,
}
FOUR = {key: value for key, value in ALL_SIX.items() if not key.startswith("work")}
POOL_TEMPLATE = {"job_configuration": {"x": "{{ x }}"}, "variables": {"type": "object"}}


def automation() -> AutomationCore:
    """An automation with an event trigger."""
    return AutomationCore(
        name="a",
        trigger=EventTrigger(expect={"x.y"}, posture=Posture.Reactive, threshold=2),
        actions=[DoNothing()],
    )


Call = Callable[[Any], Any]

CALLS: dict[str, Call] = {
    # flow runs
    "create_flow_run": lambda c: c.create_flow_run(FlowLike()),
    "create_flow_run full": lambda c: c.create_flow_run(
        FlowLike(),
        name="n",
        parameters={"x": 1},
        context={"k": "v"},
        tags=["a", "b"],
        parent_task_run_id=uid(2),
        state=pending(),
        work_pool_name="p",
        work_queue_name="q",
        job_variables={"env": {"A": "1"}},
    ),
    "update_flow_run": lambda c: c.update_flow_run(uid(1), name="n"),
    "update_flow_run full": lambda c: c.update_flow_run(
        uid(1),
        flow_version="2",
        parameters={"x": 2},
        name="n",
        tags=["t"],
        empirical_policy=objects.FlowRunPolicy(retries=3),
        infrastructure_pid="host:1",
        job_variables={"a": 1},
    ),
    "delete_flow_run": lambda c: c.delete_flow_run(uid(1)),
    "read_flow_run": lambda c: c.read_flow_run(uid(1)),
    "resume_flow_run": lambda c: c.resume_flow_run(uid(1)),
    "resume_flow_run input": lambda c: c.resume_flow_run(uid(1), run_input={"a": 1}),
    "read_flow_runs": lambda c: c.read_flow_runs(),
    "read_flow_runs full": lambda c: c.read_flow_runs(
        **ALL_SIX, sort=sorting.FlowRunSort.START_TIME_DESC, limit=7, offset=3
    ),
    "count_flow_runs": lambda c: c.count_flow_runs(),
    "count_flow_runs full": lambda c: c.count_flow_runs(**ALL_SIX),
    "set_flow_run_state": lambda c: c.set_flow_run_state(uid(1), state(), force=True),
    "set_flow_run_state data": lambda c: c.set_flow_run_state(
        str(uid(1)),
        state(
            type=objects.StateType.SCHEDULED,
            name="Later",
            state_details=objects.StateDetails(scheduled_time=WHEN),
            data={"x": [1]},
        ),
    ),
    "read_flow_run_state": lambda c: c.read_flow_run_state(uid(3)),
    "read_flow_run_states": lambda c: c.read_flow_run_states(uid(1)),
    "set_flow_run_name": lambda c: c.set_flow_run_name(uid(1), "n"),
    "create_flow_run_input": lambda c: c.create_flow_run_input(uid(1), "k", "v"),
    "create_flow_run_input sender": lambda c: c.create_flow_run_input(uid(1), "k", "v", "me"),
    "filter_flow_run_input": lambda c: c.filter_flow_run_input(uid(1), "k", 5, {"a"}),
    "read_flow_run_input": lambda c: c.read_flow_run_input(uid(1), "k"),
    "delete_flow_run_input": lambda c: c.delete_flow_run_input(uid(1), "k"),
    "update_flow_run_labels": lambda c: c.update_flow_run_labels(uid(1), {"a": 1, "b": "c"}),
    # flows
    "create_flow": lambda c: c.create_flow(FlowLike()),
    "create_flow_from_name": lambda c: c.create_flow_from_name("f g"),
    "read_flow": lambda c: c.read_flow(uid(1)),
    "delete_flow": lambda c: c.delete_flow(uid(1)),
    "read_flows": lambda c: c.read_flows(),
    "read_flows full": lambda c: c.read_flows(
        **ALL_SIX, sort=sorting.FlowSort.NAME_DESC, limit=7, offset=3
    ),
    "read_flow_by_name": lambda c: c.read_flow_by_name("f g"),
    # task runs
    "set_task_run_name": lambda c: c.set_task_run_name(uid(1), "n"),
    "create_task_run": lambda c: c.create_task_run(TaskLike(), uid(1), "d"),
    "create_task_run full": lambda c: c.create_task_run(
        TaskLike(),
        uid(1),
        "d",
        id=uid(4),
        name="n",
        extra_tags=["e"],
        state=pending(),
        task_inputs={
            "x": [objects.Parameter(name="y"), objects.TaskRunResult(id=uid(5))],
        },
    ),
    "read_task_run": lambda c: c.read_task_run(uid(1)),
    "read_task_runs": lambda c: c.read_task_runs(),
    "read_task_runs full": lambda c: c.read_task_runs(
        **FOUR, sort=sorting.TaskRunSort.NAME_ASC, limit=7, offset=3
    ),
    "delete_task_run": lambda c: c.delete_task_run(uid(1)),
    "set_task_run_state": lambda c: c.set_task_run_state(uid(1), pending(), force=True),
    "read_task_run_states": lambda c: c.read_task_run_states(uid(1)),
    # deployments
    "create_deployment": lambda c: c.create_deployment(uid(1), "d"),
    "create_deployment full": lambda c: c.create_deployment(
        uid(1),
        "d",
        version="1",
        version_info=objects.VersionInfo(type="t", version="1"),
        schedules=[
            actions.DeploymentScheduleCreate(
                schedule=schedules.CronSchedule(cron="0 0 * * *"), active=False
            )
        ],
        concurrency_limit=3,
        concurrency_options=objects.ConcurrencyOptions(collision_strategy="ENQUEUE"),
        parameters={"x": 1},
        description="text",
        work_queue_name="q",
        work_pool_name="p",
        tags=["t"],
        storage_document_id=uid(6),
        path="/x",
        entrypoint="a.py:f",
        infrastructure_document_id=uid(7),
        parameter_openapi_schema={"type": "object", "properties": {"x": {}}},
        paused=True,
        pull_steps=[{"s": {"a": 1}}],
        enforce_parameter_schema=False,
        job_variables={"a": 1},
        branch="main",
        base=uid(8),
        root=uid(9),
    ),
    "set_deployment_paused_state": lambda c: c.set_deployment_paused_state(uid(1), True),
    "pause_deployment": lambda c: c.pause_deployment(uid(1)),
    "resume_deployment": lambda c: c.resume_deployment(str(uid(1))),
    "update_deployment": lambda c: c.update_deployment(
        uid(1), actions.DeploymentUpdate(description="z", tags=["a"])
    ),
    "update_deployment schedules": lambda c: c.update_deployment(
        uid(1),
        actions.DeploymentUpdate(
            schedules=[
                actions.DeploymentScheduleUpdate(
                    schedule=schedules.IntervalSchedule(interval=timedelta(hours=1)), active=True
                )
            ]
        ),
    ),
    "read_deployment": lambda c: c.read_deployment(uid(1)),
    "read_deployment_by_name": lambda c: c.read_deployment_by_name("f g/d h"),
    "read_deployments": lambda c: c.read_deployments(),
    "read_deployments full": lambda c: c.read_deployments(
        **ALL_SIX, sort=sorting.DeploymentSort.NAME_DESC, limit=7, offset=3
    ),
    "delete_deployment": lambda c: c.delete_deployment(uid(1)),
    "create_deployment_schedules": lambda c: c.create_deployment_schedules(
        uid(1), [(schedules.CronSchedule(cron="0 1 * * *", timezone="Europe/Rome"), False)]
    ),
    "create_deployment_schedules models": lambda c: c.create_deployment_schedules(
        uid(1),
        [
            actions.DeploymentScheduleCreate(
                schedule=schedules.RRuleSchedule(rrule="FREQ=DAILY"), slug="s"
            )
        ],
        max_scheduled_runs=3,
        parameters={"x": 1},
    ),
    "create_deployment_schedules tuple options": lambda c: c.create_deployment_schedules(
        uid(1),
        [(schedules.IntervalSchedule(interval=timedelta(minutes=5), anchor_date=WHEN), True)],
        max_scheduled_runs=3,
        parameters={"x": 1},
        slug="s",
    ),
    "read_deployment_schedules": lambda c: c.read_deployment_schedules(uid(1)),
    "update_deployment_schedule": lambda c: c.update_deployment_schedule(uid(1), uid(2), True),
    "update_deployment_schedule full": lambda c: c.update_deployment_schedule(
        uid(1),
        uid(2),
        active=False,
        schedule=schedules.CronSchedule(cron="0 2 * * *"),
        max_scheduled_runs=2,
        parameters={"x": 1},
        slug="s",
    ),
    "delete_deployment_schedule": lambda c: c.delete_deployment_schedule(uid(1), uid(2)),
    "get_scheduled_flow_runs_for_deployments": (
        lambda c: c.get_scheduled_flow_runs_for_deployments([uid(1)])
    ),
    "get_scheduled_flow_runs_for_deployments full": (
        lambda c: c.get_scheduled_flow_runs_for_deployments(
            [uid(1), uid(2)], scheduled_before=WHEN, limit=4
        )
    ),
    "create_flow_run_from_deployment": lambda c: c.create_flow_run_from_deployment(
        uid(1), idempotency_key="key"
    ),
    "create_flow_run_from_deployment full": lambda c: c.create_flow_run_from_deployment(
        uid(1),
        parameters={"x": 1, "when": WHEN, "id": uid(3)},
        context={"k": "v"},
        state=state(
            type=objects.StateType.SCHEDULED,
            state_details=objects.StateDetails(scheduled_time=WHEN),
        ),
        name="n",
        tags=("a", "b"),
        idempotency_key="key",
        parent_task_run_id=uid(2),
        work_queue_name="q",
        job_variables={"env": {"A": "1"}},
        labels={"l": 1},
    ),
    "create_deployment_branch": lambda c: c.create_deployment_branch(uid(1), "b"),
    "create_deployment_branch full": lambda c: c.create_deployment_branch(
        uid(1),
        "b",
        overrides=actions.DeploymentUpdate(description="z"),
    ),
    # automations
    "create_automation": lambda c: c.create_automation(automation()),
    "update_automation": lambda c: c.update_automation(uid(1), automation()),
    "read_automations": lambda c: c.read_automations(),
    "read_automations full": lambda c: c.read_automations(
        automations=event_filters.AutomationFilter(
            name=event_filters.AutomationFilterName(any_=["a"])
        ),
        sort=sorting.AutomationSort.NAME_DESC,
        limit=7,
        offset=3,
    ),
    "find_automation id": lambda c: c.find_automation(uid(1)),
    "find_automation name": lambda c: c.find_automation("some name"),
    "read_automation": lambda c: c.read_automation(uid(1)),
    "read_automations_by_name": lambda c: c.read_automations_by_name("a"),
    "pause_automation": lambda c: c.pause_automation(uid(1)),
    "resume_automation": lambda c: c.resume_automation(uid(1)),
    "delete_automation": lambda c: c.delete_automation(uid(1)),
    "read_resource_related_automations": lambda c: c.read_resource_related_automations("a.b/c"),
    "delete_resource_owned_automations": lambda c: c.delete_resource_owned_automations("a.b"),
    # artifacts
    "create_artifact": lambda c: c.create_artifact(
        actions.ArtifactCreate(key="k", type="markdown", data="# x", metadata_={"a": "b"})
    ),
    "update_artifact": lambda c: c.update_artifact(uid(1), actions.ArtifactUpdate(data={"a": 1})),
    "read_artifacts": lambda c: c.read_artifacts(),
    "read_artifacts full": lambda c: c.read_artifacts(
        artifact_filter=filters.ArtifactFilter(key=filters.ArtifactFilterKey(any_=["k"])),
        flow_run_filter=FLOW_RUNS,
        task_run_filter=TASK_RUNS,
        sort=sorting.ArtifactSort.KEY_ASC,
        limit=7,
        offset=3,
    ),
    "delete_artifact": lambda c: c.delete_artifact(uid(1)),
    "read_latest_artifacts": lambda c: c.read_latest_artifacts(),
    "read_latest_artifacts full": lambda c: c.read_latest_artifacts(
        artifact_filter=filters.ArtifactCollectionFilter(
            key=filters.ArtifactCollectionFilterKey(any_=["k"])
        ),
        flow_run_filter=FLOW_RUNS,
        task_run_filter=TASK_RUNS,
        sort=sorting.ArtifactCollectionSort.KEY_ASC,
        limit=7,
        offset=3,
    ),
    # logs
    "create_logs": lambda c: c.create_logs(
        [
            actions.LogCreate(name="n", level=20, message="m", timestamp=WHEN, flow_run_id=uid(1)),
            {"name": "n", "level": 30, "message": "d", "timestamp": WHEN.isoformat()},
        ]
    ),
    "read_logs": lambda c: c.read_logs(),
    "read_logs full": lambda c: c.read_logs(
        filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[uid(1)])),
        limit=7,
        offset=3,
        sort=sorting.LogSort.TIMESTAMP_DESC,
    ),
    # variables
    "create_variable": lambda c: c.create_variable(
        actions.VariableCreate(name="v", value={"a": [1, None]}, tags=["t"])
    ),
    "read_variable_by_name": lambda c: c.read_variable_by_name("v"),
    "read_variables": lambda c: c.read_variables(),
    "read_variables limit": lambda c: c.read_variables(limit=4),
    "update_variable": lambda c: c.update_variable(actions.VariableUpdate(name="v", value=2)),
    "delete_variable_by_name": lambda c: c.delete_variable_by_name("v"),
    # concurrency limits
    "create_concurrency_limit": lambda c: c.create_concurrency_limit("t", 3),
    "read_concurrency_limit_by_tag": lambda c: c.read_concurrency_limit_by_tag("t"),
    "read_concurrency_limits": lambda c: c.read_concurrency_limits(limit=5, offset=2),
    "reset_concurrency_limit_by_tag": lambda c: c.reset_concurrency_limit_by_tag("t"),
    "reset_concurrency_limit_by_tag override": lambda c: c.reset_concurrency_limit_by_tag(
        "t", slot_override=[uid(1), str(uid(2))]
    ),
    "delete_concurrency_limit_by_tag": lambda c: c.delete_concurrency_limit_by_tag("t"),
    "increment_v1_concurrency_slots": lambda c: c.increment_v1_concurrency_slots(["t"], uid(1)),
    "decrement_v1_concurrency_slots": lambda c: c.decrement_v1_concurrency_slots(
        ["t"], uid(1), 1.5
    ),
    "increment_concurrency_slots": lambda c: c.increment_concurrency_slots(["n"], 2, "concurrency"),
    "increment_concurrency_slots_with_lease": (
        lambda c: c.increment_concurrency_slots_with_lease(["n"], 2, "concurrency", 60.0)
    ),
    "increment_concurrency_slots_with_lease holder": (
        lambda c: c.increment_concurrency_slots_with_lease(
            ["n"],
            2,
            "rate_limit",
            60.0,
            holder=objects.ConcurrencyLeaseHolder(type="task_run", id=uid(1)),
        )
    ),
    "renew_concurrency_lease": lambda c: c.renew_concurrency_lease(uid(1), 60.0),
    "release_concurrency_slots": lambda c: c.release_concurrency_slots(["n"], 2, 1.5),
    "release_concurrency_slots_with_lease": (
        lambda c: c.release_concurrency_slots_with_lease(uid(1))
    ),
    "create_global_concurrency_limit": lambda c: c.create_global_concurrency_limit(
        actions.GlobalConcurrencyLimitCreate(name="n", limit=2)
    ),
    "update_global_concurrency_limit": lambda c: c.update_global_concurrency_limit(
        "n", actions.GlobalConcurrencyLimitUpdate(limit=3)
    ),
    "delete_global_concurrency_limit_by_name": (
        lambda c: c.delete_global_concurrency_limit_by_name("n")
    ),
    "read_global_concurrency_limit_by_name": (
        lambda c: c.read_global_concurrency_limit_by_name("n")
    ),
    "upsert_global_concurrency_limit_by_name": (
        lambda c: c.upsert_global_concurrency_limit_by_name("n", 4)
    ),
    "upsert_global_concurrency_limit_by_name decay": (
        lambda c: c.upsert_global_concurrency_limit_by_name("n", 4, 0.5)
    ),
    "upsert_global_concurrency_limit_by_name missing": (
        lambda c: c.upsert_global_concurrency_limit_by_name("missing", 4, 0.5)
    ),
    "upsert_global_concurrency_limit_by_name missing, no decay": (
        lambda c: c.upsert_global_concurrency_limit_by_name("missing", 4)
    ),
    "read_global_concurrency_limits": lambda c: c.read_global_concurrency_limits(),
    # block documents, schemas and types
    "create_block_document": lambda c: c.create_block_document(
        actions.BlockDocumentCreate(
            name="b", data={"value": "s"}, block_schema_id=uid(1), block_type_id=uid(2)
        )
    ),
    "create_block_document object": lambda c: c.create_block_document(
        objects.BlockDocument(
            id=uid(3),
            name="b",
            data={"value": "s"},
            block_schema_id=uid(1),
            block_type_id=uid(2),
            is_anonymous=False,
        ),
        include_secrets=False,
    ),
    "update_block_document": lambda c: c.update_block_document(
        uid(1), actions.BlockDocumentUpdate(data={"value": "t"}, merge_existing_data=False)
    ),
    "delete_block_document": lambda c: c.delete_block_document(uid(1)),
    "read_block_document": lambda c: c.read_block_document(uid(1)),
    "read_block_document masked": lambda c: c.read_block_document(uid(1), include_secrets=False),
    "read_block_documents": lambda c: c.read_block_documents(),
    "read_block_documents full": lambda c: c.read_block_documents("s", 3, 7, False),
    "create_block_schema": lambda c: c.create_block_schema(
        actions.BlockSchemaCreate(
            fields={"type": "object"}, block_type_id=uid(1), capabilities=["c"], version="1"
        )
    ),
    "read_block_schema_by_checksum": lambda c: c.read_block_schema_by_checksum("sha256:ab"),
    "read_block_schema_by_checksum version": lambda c: c.read_block_schema_by_checksum(
        "sha256:ab", version="1.0 x"
    ),
    "read_block_schemas": lambda c: c.read_block_schemas(),
    "get_most_recent_block_schema_for_block_type": (
        lambda c: c.get_most_recent_block_schema_for_block_type(uid(1))
    ),
    "read_block_documents_by_type": lambda c: c.read_block_documents_by_type("secret"),
    "read_block_documents_by_type full": lambda c: c.read_block_documents_by_type(
        "secret", 3, 7, False
    ),
    "create_block_type": lambda c: c.create_block_type(
        actions.BlockTypeCreate(name="B", slug="b", logo_url="https://e.org/l.png")
    ),
    "read_block_type_by_slug": lambda c: c.read_block_type_by_slug("b"),
    "update_block_type": lambda c: c.update_block_type(
        uid(1), actions.BlockTypeUpdate(description="z")
    ),
    "delete_block_type": lambda c: c.delete_block_type(uid(1)),
    "read_block_types": lambda c: c.read_block_types(),
    "read_block_document_by_name": lambda c: c.read_block_document_by_name("d", "secret"),
    "read_block_document_by_name masked": lambda c: c.read_block_document_by_name(
        "d", "secret", include_secrets=False
    ),
    # work pools
    "send_worker_heartbeat": lambda c: c.send_worker_heartbeat("p", "w"),
    "send_worker_heartbeat full": lambda c: c.send_worker_heartbeat(
        "p",
        "w",
        heartbeat_interval_seconds=30,
        get_worker_id=True,
        worker_metadata=objects.WorkerMetadata(
            integrations=[objects.Integration(name="i", version="1")]
        ),
    ),
    "read_workers_for_work_pool": lambda c: c.read_workers_for_work_pool("p"),
    "read_workers_for_work_pool full": lambda c: c.read_workers_for_work_pool(
        "p",
        worker_filter=filters.WorkerFilter(
            status=filters.WorkerFilterStatus(any_=[objects.WorkerStatus.ONLINE])
        ),
        offset=3,
        limit=7,
    ),
    "read_work_pool": lambda c: c.read_work_pool("p q"),
    "read_work_pools": lambda c: c.read_work_pools(),
    "read_work_pools full": lambda c: c.read_work_pools(
        limit=7, offset=3, work_pool_filter=WORK_POOLS
    ),
    "create_work_pool": lambda c: c.create_work_pool(
        actions.WorkPoolCreate(name="p", type="process", base_job_template=POOL_TEMPLATE)
    ),
    "create_work_pool overwrite": lambda c: c.create_work_pool(
        actions.WorkPoolCreate(
            name="taken", type="process", description="z", base_job_template=POOL_TEMPLATE
        ),
        overwrite=True,
    ),
    "update_work_pool": lambda c: c.update_work_pool(
        "p", actions.WorkPoolUpdate(is_paused=True, concurrency_limit=None)
    ),
    "delete_work_pool": lambda c: c.delete_work_pool("p"),
    "get_scheduled_flow_runs_for_work_pool": (
        lambda c: c.get_scheduled_flow_runs_for_work_pool("p")
    ),
    "get_scheduled_flow_runs_for_work_pool full": (
        lambda c: c.get_scheduled_flow_runs_for_work_pool("p", ["q"], WHEN)
    ),
    "read_work_pool_concurrency_status": lambda c: c.read_work_pool_concurrency_status("p"),
    "read_work_pool_concurrency_status full": lambda c: c.read_work_pool_concurrency_status(
        "p", page=2, limit=3, flow_run_limit=4
    ),
    # work queues
    "create_work_queue": lambda c: c.create_work_queue("q"),
    "create_work_queue full": lambda c: c.create_work_queue(
        "q", "text", True, 2, 3, work_pool_name="p"
    ),
    "read_work_queue_by_name": lambda c: c.read_work_queue_by_name("q"),
    "read_work_queue_by_name pool": lambda c: c.read_work_queue_by_name("q r", "p"),
    "update_work_queue": lambda c: c.update_work_queue(uid(1), concurrency_limit=None, priority=2),
    "get_runs_in_work_queue": lambda c: c.get_runs_in_work_queue(uid(1), 3, WHEN),
    "read_work_queue": lambda c: c.read_work_queue(uid(1)),
    "read_work_queue_status": lambda c: c.read_work_queue_status(uid(1)),
    "read_work_queue_concurrency_status": (lambda c: c.read_work_queue_concurrency_status(uid(1))),
    "read_work_queue_concurrency_status full": (
        lambda c: c.read_work_queue_concurrency_status(uid(1), page=2, limit=3)
    ),
    "match_work_queues": lambda c: c.match_work_queues(["a", "b"]),
    "match_work_queues pool": lambda c: c.match_work_queues(["a"], work_pool_name="p"),
    "delete_work_queue_by_id": lambda c: c.delete_work_queue_by_id(uid(1)),
    "read_work_queues": lambda c: c.read_work_queues(),
    "read_work_queues full": lambda c: c.read_work_queues("p", WORK_QUEUES, 7, 3),
    # events
    "read_events": lambda c: c.read_events(),
    "read_events filter": lambda c: c.read_events(
        event_filters.EventFilter(
            event=event_filters.EventNameFilter(prefix=["a."]),
            occurred=event_filters.EventOccurredFilter(since=WHEN, until=WHEN),
        ),
        limit=7,
    ),
    "read_events_page": lambda c: c.read_events_page(
        "http://x.test/api/events/filter/next?page-token=ab%3D"
    ),
    # admin
    "api_healthcheck": lambda c: c.api_healthcheck(),
    "hello": lambda c: c.hello(),
    "read_worker_metadata": lambda c: c.read_worker_metadata(),
    "api_version": lambda c: c.api_version(),
    "read_server_default_result_storage": lambda c: c.read_server_default_result_storage(),
    "update_server_default_result_storage": (
        lambda c: c.update_server_default_result_storage(uid(1))
    ),
    "clear_server_default_result_storage": lambda c: c.clear_server_default_result_storage(),
}
