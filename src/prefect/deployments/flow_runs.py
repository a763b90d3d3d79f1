"""Submit a run of a deployment, and wait for it if asked to.

`run_deployment` is what a Lambda, a web backend or a CI job calls. Submitting costs two requests
(one with an id) over the process's shared connection pool and never starts an event loop when
called from plain Python. Waiting is `prefect.flow_runs`' business.
"""

from __future__ import annotations

import sys

from prefect._dual import run
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.deployments._subflows import current_flow_run_context, parent_task_run_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient
    from prefect.client.orchestration._sync_client import Core
    from prefect.client.schemas.objects import FlowRun
    from prefect.types import KeyValueLabelsField

__all__ = ["LABELS_TRACEPARENT_KEY", "arun_deployment", "run_deployment"]

LABELS_TRACEPARENT_KEY = "__OTEL_TRACEPARENT"
"""Label of a flow run that carries the submitter's OpenTelemetry trace."""


async def arun_deployment(
    name: str | UUID,
    client: PrefectClient | None = None,
    parameters: dict[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,
    poll_interval: float | None = 5,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    work_queue_name: str | None = None,
    as_subflow: bool | None = True,
    job_variables: dict[str, Any] | None = None,
) -> FlowRun:
    """Create a flow run for a deployment and wait until it is finished.

    Args:
        name: `flow-name/deployment-name`, or the deployment's id.
        client: A client that is already open; default: one from the settings.
        parameters: Override the deployment's parameters, key by key. Values may be anything that
            has a JSON form (pydantic models, dataclasses, dates, UUIDs, …).
        scheduled_time: When to start; default: now.
        flow_run_name: Name of the run; default: two random words chosen by the server.
        timeout: Seconds to wait for a final state. None waits as long as it takes, 0 does not wait.
        poll_interval: Seconds between looks at the run while the events WebSocket is not
            available; with it, changes are known at once.
        tags: Added to the deployment's tags.
        idempotency_key: A second call with the same key returns the first call's run. Without one
            a key is made for this call, so that a retry of the request never creates a second run.
        work_queue_name: Queue to put the run in instead of the deployment's.
        as_subflow: Inside a flow run, whether the new run is shown as its child.
        job_variables: Override the work pool's infrastructure variables.

    Returns:
        The flow run, with the state it had when the wait ended: not final if `timeout` passed
        first or was 0.

    Raises:
        ObjectNotFound: If there is no such deployment.
        ValueError: If `name` has no `/` and is not an id.
        SerializationError: If a parameter has no JSON form; nothing was sent then.
        PrefectHTTPStatusError: If the server refuses the run, e.g. for its parameters.

    Source: REST contract, `POST /deployments/{id}/create_flow_run`.
    """
    submission: dict[str, Any] = dict(
        parameters=parameters,
        scheduled_time=scheduled_time,
        flow_run_name=flow_run_name,
        tags=tags,
        idempotency_key=idempotency_key,
        work_queue_name=work_queue_name,
        as_subflow=as_subflow,
        job_variables=job_variables,
    )
    if client is not None:
        return await _submit_and_wait(client, name, submission, timeout, poll_interval)
    from prefect.client.orchestration import get_client

    async with get_client() as api:
        return await _submit_and_wait(api, name, submission, timeout, poll_interval)


@async_dispatch(arun_deployment)
def run_deployment(
    name: str | UUID,
    client: PrefectClient | None = None,
    parameters: dict[str, Any] | None = None,
    scheduled_time: datetime | None = None,
    flow_run_name: str | None = None,
    timeout: float | None = None,
    poll_interval: float | None = 5,
    tags: Iterable[str] | None = None,
    idempotency_key: str | None = None,
    work_queue_name: str | None = None,
    as_subflow: bool | None = True,
    job_variables: dict[str, Any] | None = None,
) -> FlowRun:
    """Create a flow run for a deployment and wait until it is finished.

    The sync face of `arun_deployment`, with the same arguments, result and errors. Called where an
    event loop runs, it returns a coroutine to be awaited.

    Example:
        >>> from prefect.deployments import run_deployment
        >>> flow_run = run_deployment("etl/nightly", parameters={"day": "2026-11-22"}, timeout=0)
    """
    submission: dict[str, Any] = dict(
        parameters=parameters,
        scheduled_time=scheduled_time,
        flow_run_name=flow_run_name,
        tags=tags,
        idempotency_key=idempotency_key,
        work_queue_name=work_queue_name,
        as_subflow=as_subflow,
        job_variables=job_variables,
    )
    if client is not None:  # its connections belong to an event loop
        from prefect.utilities.asyncutils import run_coro_as_sync

        return run_coro_as_sync(_submit_and_wait(client, name, submission, timeout, poll_interval))
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as api:
        flow_run = run(_submit(api._core, name, **submission))
    if timeout == 0:
        return flow_run
    from prefect.flow_runs import wait_until_final  # asyncio and the subscriptions
    from prefect.utilities.asyncutils import run_coro_as_sync

    return run_coro_as_sync(
        wait_until_final(flow_run.id, timeout_seconds=timeout, poll_seconds=poll_interval)
    )


async def _submit_and_wait(
    client: PrefectClient,
    name: str | UUID,
    submission: dict[str, Any],
    timeout: float | None,
    poll_interval: float | None,
) -> FlowRun:
    """Submit through an open client and wait as `timeout` says."""
    flow_run = await _submit(client, name, **submission)
    if timeout == 0:
        return flow_run
    from prefect.flow_runs import wait_until_final  # the subscriptions

    return await wait_until_final(
        flow_run.id, client=client, timeout_seconds=timeout, poll_seconds=poll_interval
    )


async def _submit(
    api: PrefectClient | Core,
    name: str | UUID,
    *,
    parameters: dict[str, Any] | None,
    scheduled_time: datetime | None,
    flow_run_name: str | None,
    tags: Iterable[str] | None,
    idempotency_key: str | None,
    work_queue_name: str | None,
    as_subflow: bool | None,
    job_variables: dict[str, Any] | None,
) -> FlowRun:
    """Create the run, on either port."""
    deployment_id = _as_id(name)
    if deployment_id is None:
        deployment_id = await api._read_id_by_name(str(name))
    state = None
    if scheduled_time is not None:
        from prefect.states import Scheduled  # the models of states; not needed for "now"

        state = Scheduled(scheduled_time=scheduled_time)
    parent = None
    context = current_flow_run_context() if as_subflow else None
    if context is not None:
        parent = await parent_task_run_id(api, context, str(name), parameters or {})
    return await api.create_flow_run_from_deployment(
        deployment_id,
        parameters=parameters,
        state=state,
        parent_task_run_id=parent,
        name=flow_run_name,
        tags=tags,
        idempotency_key=idempotency_key,
        work_queue_name=work_queue_name,
        job_variables=job_variables,
        labels=_trace_labels(),
    )


def _as_id(name: str | UUID) -> UUID | None:
    """The deployment's id, if that is what was given."""
    from uuid import UUID

    if isinstance(name, UUID):
        return name
    if "/" in name:
        return None
    try:
        return UUID(name)
    except ValueError:
        return None


def _trace_labels() -> KeyValueLabelsField | None:
    """The labels that let the run continue the caller's trace, when the caller traces."""
    if "opentelemetry.trace" not in sys.modules:
        return None  # nobody traces in this process: no reason to load OpenTelemetry
    from opentelemetry.propagate import inject

    carrier: dict[str, str] = {}
    inject(carrier)
    traceparent = carrier.get("traceparent")
    return {LABELS_TRACEPARENT_KEY: traceparent} if traceparent else None
