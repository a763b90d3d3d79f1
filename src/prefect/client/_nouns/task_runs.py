"""Task runs: create, read, rename, delete; their states.

Source: REST contract, `/task_runs` and `/task_run_states`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    join,
    merge,
    not_found,
    parse,
    parse_list,
    path,
    refused,
    tag_list,
    to_bytes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, ParamSpec, TypeVar
    from uuid import UUID

    import httpx

    from prefect.client._nouns._protocols import TaskObject
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        FlowFilter,
        FlowRunFilter,
        TaskRunFilter,
    )
    from prefect.client.schemas.objects import (
        Constant,
        FlowRunResult,
        Parameter,
        State,
        TaskRun,
        TaskRunResult,
    )
    from prefect.client.schemas.responses import OrchestrationResult
    from prefect.client.schemas.sorting import TaskRunSort

    P = ParamSpec("P")
    R = TypeVar("R")
    T = TypeVar("T")

__all__ = ["TaskRuns"]


class TaskRuns(Noun):
    """The endpoints of task runs."""

    async def create_task_run(
        self,
        task: TaskObject[P, R],
        flow_run_id: UUID | None,
        dynamic_key: str,
        id: UUID | None = None,
        name: str | None = None,
        extra_tags: Iterable[str] | None = None,
        state: State[R] | None = None,
        task_inputs: dict[str, list[TaskRunResult | FlowRunResult | Parameter | Constant]]
        | None = None,
    ) -> TaskRun:
        """Create a task run.

        The run is known by flow run, task key and dynamic key: a second request with the same
        three returns the run of the first, so repeating it is safe.

        Args:
            task: Its key, version, tags and retry options are sent.
            dynamic_key: Tells this run from the task's others in the flow run.
            id: The run's id; by default the server chooses.
            extra_tags: Beside the task's own.
            state: Pending by default.
        """
        from prefect.client._nouns._states import PENDING, state_body
        from prefect.client.schemas.objects import TaskRun

        policy = {
            "retries": task.retries,
            "retry_delay": task.retry_delay_seconds,
            "retry_jitter_factor": task.retry_jitter_factor,
        }
        known = join(
            id=id,
            name=name,
            flow_run_id=flow_run_id,
            task_key=task.task_key,
            dynamic_key=str(dynamic_key),
            task_version=task.version,
            empirical_policy=policy,
            tags=sorted({*task.tags, *tag_list(extra_tags)}),
        )
        body = merge(
            b'{"state":%b}' % (PENDING if state is None else state_body(state)),
            # Whole: their kinds are told apart by a field that has a default.
            b'{"task_inputs":%b}' % to_bytes(task_inputs or {}),
            known,
        )
        return parse(TaskRun, await self._send("POST", "/task_runs/", content=body, retry=True))

    async def read_task_run(self, task_run_id: UUID) -> TaskRun:
        """Read a task run.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such run.
        """
        from prefect.client.schemas.objects import TaskRun

        response = await self._send(
            "GET",
            path("/task_runs/{id}", id=task_run_id),
            errors={404: not_found(f"task run '{task_run_id}'")},
        )
        return parse(TaskRun, response)

    async def read_task_runs(
        self,
        *,
        flow_filter: FlowFilter | None = None,
        flow_run_filter: FlowRunFilter | None = None,
        task_run_filter: TaskRunFilter | None = None,
        deployment_filter: DeploymentFilter | None = None,
        sort: TaskRunSort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[TaskRun]:
        """Read the task runs that match all the filters given.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching runs to skip.
        """
        from prefect.client.schemas.objects import TaskRun

        body = join(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            sort=sort,
            limit=limit,
            offset=offset,
        )
        return parse_list(TaskRun, await self._send("POST", "/task_runs/filter", content=body))

    async def delete_task_run(self, task_run_id: UUID) -> None:
        """Delete a task run.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such run.
        """
        await self._send(
            "DELETE",
            path("/task_runs/{id}", id=task_run_id),
            errors={404: not_found(f"task run '{task_run_id}'")},
        )

    async def set_task_run_name(self, task_run_id: UUID, name: str) -> httpx.Response:
        """Rename a task run.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such run.
        """
        return await self._send(
            "PATCH",
            path("/task_runs/{id}", id=task_run_id),
            content=join(name=name),
            errors={404: refused(f"Cannot rename task run '{task_run_id}'")},
        )

    async def set_task_run_state(
        self, task_run_id: UUID, state: State[T], force: bool = False
    ) -> OrchestrationResult[T]:
        """Propose a state for a task run.

        Args:
            force: Skip the rules that could reject or delay the state.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such run.
        """
        from prefect.client._nouns._states import proposal
        from prefect.client.schemas.responses import OrchestrationResult

        response = await self._send(
            "POST",
            path("/task_runs/{id}/set_state", id=task_run_id),
            content=proposal(state, force, task_run_id=task_run_id),
            errors={404: refused(f"Cannot set the state of task run '{task_run_id}'")},
        )
        return parse(OrchestrationResult, response)

    async def read_task_run_states(self, task_run_id: UUID) -> list[State[Any]]:
        """Read the states a task run went through, oldest first."""
        from prefect.client.schemas.objects import State

        response = await self._send(
            "GET", "/task_run_states/", params={"task_run_id": str(task_run_id)}
        )
        return parse_list(State, response)
