"""Who decides the states of a flow run: the server, or in local mode this process.

Both answer a proposal with a `Verdict`. The server's rules are the contract's; the local ones are
the few that a single process needs: what is proposed holds, and a failed run is tried again as
often as its flow says.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from prefect._engine._states import (
    TERMINAL_STATES,
    State,
    StateType,
    make_details,
    make_state,
)
from prefect.client.schemas._models._fields import random_name
from prefect.client.schemas._models.flow_runs import FlowRun, FlowRunPolicy
from prefect.types._datetime import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.client.schemas.objects import TaskRun

__all__ = ["LocalAuthority", "ServerAuthority", "Verdict", "note_state"]


class Verdict:
    """The answer to a proposed state.

    Attributes:
        status: `ACCEPT`, `REJECT`, `WAIT` or `ABORT`.
        state: The state the run is in now.
        delay_seconds: After a `WAIT`, when to propose again.
        reason: Why it was not accepted.
    """

    __slots__ = ("delay_seconds", "reason", "state", "status")

    def __init__(
        self, status: str, state: "State[Any] | None", reason: str = "", delay_seconds: float = 0
    ) -> None:
        self.status = status
        self.state = state
        self.reason = reason
        self.delay_seconds = delay_seconds


class ServerAuthority:
    """Asks the server.

    Args:
        client: The core of a client: its methods are awaited on the run's own port.
    """

    is_local = False

    def __init__(self, client: Any) -> None:
        self._client = client

    async def create(
        self,
        flow: Any,
        parameters: dict[str, Any],
        *,
        name: str | None,
        tags: "Iterable[str]",
        parent_task_run_id: UUID | None,
    ) -> FlowRun:
        """Make a flow run in state Pending."""
        run: FlowRun = await self._client.create_flow_run(
            flow,
            name=name,
            parameters=parameters,
            tags=tags,
            parent_task_run_id=parent_task_run_id,
        )
        return run

    async def create_placeholder(
        self, flow: Any, parent: Any, dynamic_key: str, inputs: dict[str, list[Any]]
    ) -> "TaskRun":
        """Make the task run that stands for a subflow in its parent's graph."""
        task_run: TaskRun = await self._client.create_task_run(
            _Placeholder(flow),
            flow_run_id=parent.id,
            dynamic_key=dynamic_key,
            name=f"{flow.name}-{dynamic_key}",
            task_inputs=inputs,
        )
        return task_run

    async def find_child(self, placeholder_id: UUID) -> FlowRun | None:
        """Find the subflow run of an earlier attempt of the parent."""
        # Heavy, and only for retried parents.
        from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterParentTaskRunId
        from prefect.client.schemas.sorting import FlowRunSort

        found = await self._client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                parent_task_run_id=FlowRunFilterParentTaskRunId(any_=[placeholder_id])
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=1,
        )
        return found[-1] if found else None

    async def propose(self, run: FlowRun, state: State[Any], force: bool = False) -> Verdict:
        """Propose a state."""
        result = await self._client.set_flow_run_state(run.id, state, force=force)
        status = result.status.value
        details = result.details
        accepted = result.state
        if status == "ACCEPT" and accepted is not None:
            # What is in memory stays with the state; the server holds only where it is stored.
            accepted.data = state.data
        return Verdict(
            status,
            accepted,
            getattr(details, "reason", None) or "",
            getattr(details, "delay_seconds", 0),
        )

    async def rename(self, run: FlowRun, name: str) -> None:
        """Rename a run."""
        await self._client.set_flow_run_name(run.id, name)


class _Placeholder:
    """A subflow, seen as a task of its parent."""

    retries = 0
    retry_delay_seconds = 0
    retry_jitter_factor = None
    tags: "tuple[str, ...]" = ()

    def __init__(self, flow: Any) -> None:
        self.task_key = flow._task_key
        self.version = flow.version


class LocalAuthority:
    """Decides by itself; nothing leaves the process."""

    is_local = True

    async def create(
        self,
        flow: Any,
        parameters: dict[str, Any],
        *,
        name: str | None,
        tags: "Iterable[str]",
        parent_task_run_id: UUID | None,
    ) -> FlowRun:
        """Make a flow run in state Pending."""
        run = FlowRun(
            id=uuid4(),
            flow_id=uuid4(),
            name=name or random_name(),
            flow_version=flow.version,
            tags=sorted(tags),
            parent_task_run_id=parent_task_run_id,
            empirical_policy=FlowRunPolicy(
                retries=flow.retries, retry_delay=int(flow.retry_delay_seconds or 0)
            ),
            expected_start_time=now(),
        )
        run.parameters = parameters
        details = make_details(flow_run_id=run.id)
        note_state(run, make_state(StateType.PENDING, "Pending", details=details))
        return run

    async def create_placeholder(
        self, flow: Any, parent: Any, dynamic_key: str, inputs: dict[str, list[Any]]
    ) -> Any:
        """There is no graph to stand in."""
        return None

    async def find_child(self, placeholder_id: UUID) -> FlowRun | None:
        """Nothing is kept between runs."""
        return None

    async def propose(self, run: FlowRun, state: State[Any], force: bool = False) -> Verdict:
        """Accept a state, or answer a failure with the next attempt."""
        retries = run.empirical_policy.retries or 0
        if state.type is StateType.FAILED and run.run_count <= retries and not force:
            delay = run.empirical_policy.retry_delay or 0
            return Verdict("REJECT", _awaiting_retry(run, state, delay), "The run is retried")
        return Verdict("ACCEPT", state)

    async def rename(self, run: FlowRun, name: str) -> None:
        """Nobody else has to know."""


def _awaiting_retry(run: FlowRun, failed: State[Any], delay_seconds: float) -> State[Any]:
    return make_state(
        StateType.SCHEDULED,
        "AwaitingRetry",
        message=failed.message,
        data=failed.data,
        details=make_details(
            flow_run_id=run.id, scheduled_time=now() + timedelta(seconds=delay_seconds)
        ),
    )


def note_state(run: FlowRun, state: State[Any]) -> None:
    """Do to a run here what the server does to its row when it enters a state.

    Source: orchestration facts, section 3.4.
    """
    before, at = run.state, state.timestamp
    if before is not None and before.type is StateType.RUNNING:
        run.total_run_time += at - before.timestamp
    if state.type is StateType.RUNNING:
        run.run_count += 1
        run.start_time = run.start_time or at
    if state.type in TERMINAL_STATES:
        run.end_time = at
        run.start_time = run.start_time or at
    elif run.end_time is not None:
        run.end_time = None
    run.state = state
    run.state_id = state.id
    run.state_type = state.type
    run.state_name = state.name
