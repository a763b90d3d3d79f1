"""The flow run that this code belongs to, also from inside its tasks.

In a process that is about to run a flow run (`PREFECT__FLOW_RUN_ID`), its id and what the API knows
of it can be asked for before it starts.
"""

import os
from typing import TYPE_CHECKING, Any

from prefect.context import FlowRunContext, TaskRunContext
from prefect.runtime._attributes import attributes
from prefect.types._datetime import DateTime, now

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

__all__ = [  # noqa: F822, RUF100  # attributes that `__getattr__` gives
    "api_url",
    "flow_name",
    "flow_version",
    "id",
    "job_variables",
    "name",
    "parameters",
    "parent_deployment_id",
    "parent_flow_run_id",
    "root_flow_run_id",
    "run_count",
    "scheduled_start_time",
    "tags",
    "ui_url",
]

_read: "dict[str, FlowRun]" = {}
"""Flow runs read from the API, by id: a process asks about very few."""


def _flow_run() -> "FlowRun | None":
    """The current flow run, from its context or from the API; None outside of runs."""
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None:
        run: FlowRun = context.flow_run
        return run
    run_id = get_id()
    return None if run_id is None else _from_api(run_id)


def _from_api(run_id: str) -> "FlowRun":
    if run_id not in _read:
        from uuid import UUID

        from prefect.client.orchestration import get_client
        from prefect.utilities.asyncutils import run_coro_as_sync

        async def read() -> "FlowRun":
            async with get_client() as client:
                return await client.read_flow_run(UUID(run_id))

        found = run_coro_as_sync(read())
        assert found is not None
        _read[run_id] = found
    return _read[run_id]


def get_id() -> str | None:
    """The run's id."""
    context = FlowRunContext.get()
    if context is not None and context.flow_run is not None:
        return str(context.flow_run.id)
    task_context = TaskRunContext.get()
    if task_context is not None and task_context.task_run.flow_run_id is not None:
        return str(task_context.task_run.flow_run_id)
    return os.environ.get("PREFECT__FLOW_RUN_ID")


def get_name() -> str | None:
    """The run's name."""
    run = _flow_run()
    return None if run is None else run.name


def get_tags() -> list[str]:
    """The run's tags."""
    run = _flow_run()
    return [] if run is None else list(run.tags)


def get_run_count() -> int:
    """Which attempt this is, starting at 1."""
    run = _flow_run()
    return 0 if run is None else run.run_count


def get_scheduled_start_time() -> DateTime:
    """When the run was to start."""
    run = _flow_run()
    if run is None or run.expected_start_time is None:
        return now()
    return run.expected_start_time


def get_flow_name() -> str | None:
    """The name of the run's flow."""
    context = FlowRunContext.get()
    if context is not None and context.flow is not None:
        return str(context.flow.name)
    run = _flow_run()
    if run is None:
        return None
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_flow(run.flow_id).name


def get_flow_version() -> str | None:
    """The version of the run's flow."""
    context = FlowRunContext.get()
    if context is not None and context.flow is not None:
        version: str | None = context.flow.version
        return version
    run = _flow_run()
    return None if run is None else run.flow_version


def get_parameters() -> dict[str, Any]:
    """The parameters the flow was called with."""
    context = FlowRunContext.get()
    if context is not None:
        return context.parameters or {}
    run = _flow_run()
    return {} if run is None else run.parameters


def get_job_variables() -> dict[str, Any] | None:
    """The job variables of the run."""
    run = _flow_run()
    return None if run is None else run.job_variables


def get_parent_flow_run_id() -> str | None:
    """The id of the flow run that called this one."""
    run = _flow_run()
    if run is None or run.parent_task_run_id is None:
        return None
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        placeholder = client.read_task_run(run.parent_task_run_id)
    return None if placeholder.flow_run_id is None else str(placeholder.flow_run_id)


def get_root_flow_run_id() -> str | None:
    """The id of the outermost flow run; this one's if nothing called it."""
    run_id = get_id()
    while run_id is not None:
        context = FlowRunContext.get()
        run = (
            context.flow_run
            if context is not None and context.flow_run and str(context.flow_run.id) == run_id
            else _from_api(run_id)
        )
        if run.parent_task_run_id is None:
            break
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            placeholder = client.read_task_run(run.parent_task_run_id)
        if placeholder.flow_run_id is None:
            break
        run_id = str(placeholder.flow_run_id)
    return run_id


def get_parent_deployment_id() -> str | None:
    """The id of the deployment of the flow run that called this one."""
    parent = get_parent_flow_run_id()
    if parent is None:
        return None
    deployment_id = _from_api(parent).deployment_id
    return None if deployment_id is None else str(deployment_id)


def get_flow_run_api_url() -> str | None:
    """The run's address in the API."""
    return _url("api")


def get_flow_run_ui_url() -> str | None:
    """The run's page in the UI."""
    return _url("ui")


def _url(kind: Any) -> str | None:
    run_id = get_id()
    if run_id is None:
        return None
    from prefect.utilities.urls import url_for

    return url_for("flow-run", obj_id=run_id, url_type=kind)


__getattr__, __dir__ = attributes(
    __name__,
    {
        "api_url": get_flow_run_api_url,
        "flow_name": get_flow_name,
        "flow_version": get_flow_version,
        "id": get_id,
        "job_variables": get_job_variables,
        "name": get_name,
        "parameters": get_parameters,
        "parent_deployment_id": get_parent_deployment_id,
        "parent_flow_run_id": get_parent_flow_run_id,
        "root_flow_run_id": get_root_flow_run_id,
        "run_count": get_run_count,
        "scheduled_start_time": get_scheduled_start_time,
        "tags": get_tags,
        "ui_url": get_flow_run_ui_url,
    },
)
