"""Flow runs: create, read, count, change, delete; their states, inputs and labels.

Source: REST contract, `/flow_runs` and `/flow_run_states`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    as_id,
    join,
    merge,
    not_found,
    parse,
    parse_json,
    parse_list,
    path,
    refused,
    tag_list,
    to_bytes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar
    from uuid import UUID

    import httpx

    from prefect.client._nouns._protocols import FlowObject
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        FlowFilter,
        FlowRunFilter,
        TaskRunFilter,
        WorkPoolFilter,
        WorkQueueFilter,
    )
    from prefect.client.schemas.objects import FlowRun, FlowRunInput, FlowRunPolicy, State
    from prefect.client.schemas.responses import OrchestrationResult
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.types import KeyValueLabelsField

    R = TypeVar("R")
    T = TypeVar("T")

__all__ = ["FlowRuns"]


class FlowRuns(Noun):
    """The endpoints of flow runs."""

    async def create_flow_run(
        self,
        flow: FlowObject[Any, R],
        name: str | None = None,
        parameters: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        tags: Iterable[str] | None = None,
        parent_task_run_id: UUID | None = None,
        state: State[R] | None = None,
        work_pool_name: str | None = None,
        work_queue_name: str | None = None,
        job_variables: dict[str, Any] | None = None,
    ) -> FlowRun:
        """Create a run of a flow that this process runs itself; the flow is registered if new.

        The request carries an idempotency key of its own, so that repeating it after a lost
        answer finds the run that was made.

        Args:
            flow: Its name, version, retries and retry delay are sent.
            parameters: What the flow is called with. The record sent is their JSON form, with NaN
                and infinities as text; the run returned holds the very objects given.
            state: Pending by default.

        Raises:
            TypeError, ValueError: If a parameter has no JSON form; nothing was sent.
        """
        from uuid import uuid4

        from prefect.client._nouns._states import PENDING, state_body
        from prefect.client._nouns._values import checked, jsonable
        from prefect.client.schemas.objects import FlowRun

        given = parameters or {}
        record = to_bytes(jsonable(given, "parameters", non_finite="text"))
        more = checked(context=context, job_variables=job_variables)
        flow_id = await self.create_flow(flow)  # type: ignore[attr-defined]  # in Flows
        known = join(
            name=name,
            flow_id=flow_id,
            flow_version=flow.version,
            parent_task_run_id=parent_task_run_id,
            empirical_policy=_policy(flow),
            tags=tag_list(tags),
            idempotency_key=str(uuid4()),
            work_pool_name=work_pool_name,
            work_queue_name=work_queue_name,
            **more,
        )
        proposed = PENDING if state is None else state_body(state)
        body = merge(b'{"state":%b,"parameters":%b}' % (proposed, record), known)
        run = parse(FlowRun, await self._send("POST", "/flow_runs/", content=body))
        run.parameters = given
        return run

    async def update_flow_run(
        self,
        flow_run_id: UUID,
        flow_version: str | None = None,
        parameters: dict[str, Any] | None = None,
        name: str | None = None,
        tags: Iterable[str] | None = None,
        empirical_policy: FlowRunPolicy | None = None,
        infrastructure_pid: str | None = None,
        job_variables: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """Change what is given of a flow run; None leaves a field as it is.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such run.
        """
        from prefect.client._nouns._values import checked

        body = join(
            name=name,
            flow_version=flow_version,
            empirical_policy=empirical_policy,
            tags=None if tags is None else tag_list(tags),
            infrastructure_pid=infrastructure_pid,
            **checked(parameters=parameters, job_variables=job_variables),
        )
        return await self._send(
            "PATCH",
            path("/flow_runs/{id}", id=flow_run_id),
            content=body,
            errors={404: refused(f"Cannot change flow run '{flow_run_id}'")},
        )

    async def delete_flow_run(self, flow_run_id: UUID) -> None:
        """Delete a flow run.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such run.
        """
        await self._send(
            "DELETE",
            path("/flow_runs/{id}", id=flow_run_id),
            errors={404: not_found(f"flow run '{flow_run_id}'")},
        )

    async def read_flow_run(self, flow_run_id: UUID) -> FlowRun:
        """Read a flow run.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such run.
        """
        from prefect.client.schemas.objects import FlowRun

        response = await self._send(
            "GET",
            path("/flow_runs/{id}", id=flow_run_id),
            errors={404: not_found(f"flow run '{flow_run_id}'")},
        )
        return parse(FlowRun, response)

    async def resume_flow_run(
        self, flow_run_id: UUID, run_input: dict[str, Any] | None = None
    ) -> OrchestrationResult[Any]:
        """Let a paused or suspended flow run go on.

        Args:
            run_input: Values the run waits for, checked by the server against its schema.

        Returns:
            Accepted, or rejected or aborted with the server's reason.
        """
        from prefect.client._nouns._values import checked
        from prefect.client.schemas.responses import OrchestrationResult

        response = await self._send(
            "POST",
            path("/flow_runs/{id}/resume", id=flow_run_id),
            content=join(**checked(run_input=run_input)),
            errors={404: refused(f"Cannot resume flow run '{flow_run_id}'")},
        )
        return parse(OrchestrationResult, response)

    async def read_flow_runs(
        self,
        *,
        flow_filter: FlowFilter | None = None,
        flow_run_filter: FlowRunFilter | None = None,
        task_run_filter: TaskRunFilter | None = None,
        deployment_filter: DeploymentFilter | None = None,
        work_pool_filter: WorkPoolFilter | None = None,
        work_queue_filter: WorkQueueFilter | None = None,
        sort: FlowRunSort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[FlowRun]:
        """Read the flow runs that match all the filters given.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching runs to skip.
        """
        from prefect.client.schemas.objects import FlowRun

        body = join(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
            sort=sort,
            limit=limit,
            offset=offset,
        )
        return parse_list(FlowRun, await self._send("POST", "/flow_runs/filter", content=body))

    async def count_flow_runs(
        self,
        *,
        flow_filter: FlowFilter | None = None,
        flow_run_filter: FlowRunFilter | None = None,
        task_run_filter: TaskRunFilter | None = None,
        deployment_filter: DeploymentFilter | None = None,
        work_pool_filter: WorkPoolFilter | None = None,
        work_queue_filter: WorkQueueFilter | None = None,
    ) -> int:
        """Count the flow runs that match all the filters given."""
        body = join(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
        )
        response = await self._send("POST", "/flow_runs/count", content=body)
        return int(parse_json(response))

    async def set_flow_run_state(
        self, flow_run_id: UUID | str, state: State[T], force: bool = False
    ) -> OrchestrationResult[T]:
        """Propose a state for a flow run.

        Each proposal carries an id of its own. When the answer to an accepted proposal was lost
        and the request repeated, the server rejects the second as a duplicate and shows the state
        it holds; this is recognised by the id and reported as accepted.

        Args:
            force: Skip the rules that could reject or delay the state.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such run.
            ValueError: If the id is text but not a UUID.
        """
        from uuid import uuid4

        from prefect.client._nouns._states import proposal
        from prefect.client.schemas.responses import OrchestrationResult

        run_id = as_id(flow_run_id, "flow run")
        transition_id = uuid4()
        response = await self._send(
            "POST",
            path("/flow_runs/{id}/set_state", id=run_id),
            content=proposal(state, force, flow_run_id=run_id, transition_id=transition_id),
            errors={404: not_found(f"flow run '{run_id}'")},
        )
        result: OrchestrationResult[T] = parse(OrchestrationResult, response)
        return _recognise_repeat(result, state, transition_id)

    async def read_flow_run_state(self, flow_run_state_id: UUID) -> State[Any]:
        """Read one state by its own id.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such state.
        """
        from prefect.client.schemas.objects import State

        response = await self._send(
            "GET",
            path("/flow_run_states/{id}", id=flow_run_state_id),
            errors={404: not_found(f"flow run state '{flow_run_state_id}'")},
        )
        return parse(State, response)

    async def read_flow_run_states(self, flow_run_id: UUID) -> list[State[Any]]:
        """Read the states a flow run went through, oldest first."""
        from prefect.client.schemas.objects import State

        response = await self._send(
            "GET", "/flow_run_states/", params={"flow_run_id": str(flow_run_id)}
        )
        return parse_list(State, response)

    async def set_flow_run_name(self, flow_run_id: UUID, name: str) -> httpx.Response:
        """Rename a flow run."""
        return await self.update_flow_run(flow_run_id, name=name)

    async def create_flow_run_input(
        self, flow_run_id: UUID, key: str, value: str, sender: str | None = None
    ) -> None:
        """Store a value under a key for a flow run to read.

        Args:
            value: JSON text.
            sender: Who stores it, such as `prefect.flow-run.<id>`.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 409 if the key is taken, 404 if
                there is no such run.
        """
        # Parse eagerly what the server would answer with an internal error (500).
        if "/" in key:
            raise ValueError(f"Flow run input key {key!r} contains '/', which the API cannot store")
        await self._send(
            "POST",
            path("/flow_runs/{id}/input", id=flow_run_id),
            content=join(key=key, value=value, sender=sender),
            errors={
                404: refused(f"Cannot store input {key!r} of flow run '{flow_run_id}'"),
                409: refused(f"Cannot store input {key!r} of flow run '{flow_run_id}'"),
            },
        )

    async def filter_flow_run_input(
        self, flow_run_id: UUID, key_prefix: str, limit: int, exclude_keys: set[str]
    ) -> list[FlowRunInput]:
        """Read the inputs of a flow run whose keys start with a prefix, oldest first."""
        from prefect.client.schemas.objects import FlowRunInput

        response = await self._send(
            "POST",
            path("/flow_runs/{id}/input/filter", id=flow_run_id),
            content=join(prefix=key_prefix, limit=limit, exclude_keys=sorted(exclude_keys)),
        )
        return parse_list(FlowRunInput, response)

    async def read_flow_run_input(self, flow_run_id: UUID, key: str) -> str:
        """Read the value stored under a key, as the JSON text it was stored as.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is none.
        """
        response = await self._send(
            "GET",
            path("/flow_runs/{id}/input/{key}", id=flow_run_id, key=key),
            errors={404: refused(f"Cannot read input {key!r} of flow run '{flow_run_id}'")},
        )
        return response.content.decode()

    async def delete_flow_run_input(self, flow_run_id: UUID, key: str) -> None:
        """Delete the value stored under a key.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is none.
        """
        await self._send(
            "DELETE",
            path("/flow_runs/{id}/input/{key}", id=flow_run_id, key=key),
            errors={404: refused(f"Cannot delete input {key!r} of flow run '{flow_run_id}'")},
        )

    async def update_flow_run_labels(self, flow_run_id: UUID, labels: KeyValueLabelsField) -> None:
        """Add labels to a flow run; a label it has already takes the new value."""
        from prefect.client._nouns._values import checked

        await self._send(
            "PATCH",
            path("/flow_runs/{id}/labels", id=flow_run_id),
            content=to_bytes(checked(labels=labels or {})["labels"]),
            errors={404: refused(f"Cannot label flow run '{flow_run_id}'")},
        )


def _policy(flow: FlowObject[Any, Any]) -> dict[str, Any]:
    """What the server needs to retry the flow; the API takes whole seconds."""
    return {"retries": flow.retries, "retry_delay": int(flow.retry_delay_seconds or 0)}


def _recognise_repeat(
    result: OrchestrationResult[T], proposed: State[Any], transition_id: UUID
) -> OrchestrationResult[T]:
    from prefect.client.schemas.responses import SetStateStatus, StateAcceptDetails

    held = result.state
    if (
        result.status != SetStateStatus.REJECT
        or held is None
        or held.type != proposed.type
        or held.state_details.transition_id != transition_id
    ):
        return result
    return result.model_copy(
        update={"status": SetStateStatus.ACCEPT, "details": StateAcceptDetails()}
    )
