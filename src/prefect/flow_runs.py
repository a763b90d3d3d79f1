"""Follow flow runs from outside: wait for one to finish, resume a paused one.

Waiting listens to the server's events over a WebSocket, so a change is known a few milliseconds
after it happened; the run itself is always read over REST. Where WebSockets are blocked, the run is
looked at in short intervals instead. A server that goes away during the wait is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect._lazy import lazy_exports

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.objects import FlowRun
    from prefect.client.schemas.responses import OrchestrationResult

__all__ = [
    "aresume_flow_run",
    "resume_flow_run",
    "wait_for_flow_run",
    "wait_until_final",
]

POLL_SECONDS = 2.0
"""Between looks at a run while no events arrive: a compromise of latency and load, ours."""

LISTENING_POLL_SECONDS = 15.0
"""The same while events do arrive: only a safety net for an event that was lost."""

OUTAGE_SECONDS = 600.0
"""How long a wait without a timeout goes on while the server does not answer at all."""


async def wait_for_flow_run(
    flow_run_id: UUID,
    timeout: int | None = 10800,
    poll_interval: int | None = None,
    client: PrefectClient | None = None,
    log_states: bool = False,
) -> FlowRun:
    """Wait until a flow run is finished.

    Args:
        flow_run_id: The run to wait for.
        timeout: Seconds to wait; None waits as long as it takes.
        poll_interval: Seconds between looks at the run while the events WebSocket is not
            available; default: 2.
        client: A client that is already open; default: one from the settings.
        log_states: Whether to log each new state at level INFO.

    Returns:
        The flow run in its final state.

    Raises:
        FlowRunWaitTimeout: If the run is not final when `timeout` has passed.
        ObjectNotFound: If there is no such run.

    Example:
        >>> flow_run = run_deployment("etl/nightly", timeout=0)
        >>> flow_run = asyncio.run(wait_for_flow_run(flow_run.id))
        >>> flow_run.state.name
        'Completed'
    """
    flow_run = await wait_until_final(
        flow_run_id,
        client=client,
        timeout_seconds=timeout,
        poll_seconds=poll_interval,
        log_states=log_states,
    )
    if flow_run.state is None or not flow_run.state.is_final():
        from prefect.exceptions import FlowRunWaitTimeout

        state = flow_run.state.name if flow_run.state else "without a state"
        raise FlowRunWaitTimeout(
            f"Flow run {flow_run.name!r} ({flow_run_id}) is still {state!r} after {timeout} s."
            " It goes on running: wait again, or give a longer `timeout`."
        )
    return flow_run


async def wait_until_final(
    flow_run_id: UUID,
    *,
    client: PrefectClient | None = None,
    timeout_seconds: float | None = None,
    poll_seconds: float | None = None,
    log_states: bool = False,
) -> FlowRun:
    """Wait until a run is final or the time is over; the run as it was then.

    Args and errors are those of `wait_for_flow_run`, except that running out of time is no error.
    """
    if client is None:
        from prefect.client.orchestration import get_client  # loads httpx

        async with get_client() as opened:
            return await _wait(opened, flow_run_id, timeout_seconds, poll_seconds, log_states)
    return await _wait(client, flow_run_id, timeout_seconds, poll_seconds, log_states)


async def _wait(
    client: PrefectClient,
    flow_run_id: UUID,
    timeout_seconds: float | None,
    poll_seconds: float | None,
    log_states: bool,
) -> FlowRun:
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    listener = _Listener(flow_run_id)
    last_state = None
    try:
        while True:
            listener.changed.clear()  # before the read: a change during it must wake us again
            flow_run = await _read(client, flow_run_id, deadline)
            if log_states and flow_run.state is not None and flow_run.state.id != last_state:
                last_state = flow_run.state.id
                _log_state(flow_run)
            if flow_run.state is not None and flow_run.state.is_final():
                return flow_run
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return flow_run
            listener.start()
            patience = listener.patience(poll_seconds)
            patience = patience if left is None else min(patience, left)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(listener.changed.wait(), patience)
    finally:
        await listener.stop()


async def _read(client: PrefectClient, flow_run_id: UUID, deadline: float | None) -> FlowRun:
    """Read the run; a server that does not answer is asked again until the wait is over."""
    import httpx

    from prefect.logging.loggers import get_logger

    give_up = deadline if deadline is not None else time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            return await client.read_flow_run(flow_run_id)
        except httpx.HTTPError as error:
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else 503
            if status < 500 or time.monotonic() >= give_up:
                raise
            get_logger(__name__).warning(
                "Cannot read flow run %s now (%s); the wait goes on.", flow_run_id, error
            )
            await asyncio.sleep(POLL_SECONDS)


def _log_state(flow_run: FlowRun) -> None:
    from prefect.logging.loggers import get_logger

    assert flow_run.state is not None
    get_logger(__name__).info("Flow run %r is %s", flow_run.name, flow_run.state)


class _Listener:
    """Sets `changed` when the server says that the run's state may have changed."""

    def __init__(self, flow_run_id: UUID) -> None:
        self.flow_run_id = flow_run_id
        self.changed = asyncio.Event()
        self._listening = False
        self._task: asyncio.Task[None] | None = None

    def patience(self, poll_seconds: float | None) -> float:
        """Seconds to wait for an event before the run is looked at anyway."""
        wanted = POLL_SECONDS if poll_seconds is None else poll_seconds
        return max(wanted, LISTENING_POLL_SECONDS) if self._listening else wanted

    def start(self) -> None:
        """Begin to listen, once; the first look at the run needs no listener."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _listen(self) -> None:
        from prefect.events.clients import get_events_subscriber
        from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
        from prefect.logging.loggers import get_logger

        only_this_run = EventFilter(
            event=EventNameFilter(prefix=["prefect.flow-run."]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{self.flow_run_id}"]),
        )
        try:
            async with get_events_subscriber(filter=only_this_run) as subscriber:
                self._listening = True
                self.changed.set()  # what happened before we listened is read now
                async for _ in subscriber:
                    self.changed.set()
        except Exception as error:  # a boundary: without events the run is still polled
            get_logger(__name__).debug(
                "No events for flow run %s (%r); looking at it in intervals.",
                self.flow_run_id,
                error,
            )
        finally:
            self._listening = False
            self.changed.set()


async def aresume_flow_run(flow_run_id: UUID, run_input: dict[str, Any] | None = None) -> None:
    """Resume a paused or suspended flow run.

    Args:
        flow_run_id: The run to resume.
        run_input: Values for the input the run waits for; the server checks them.

    Raises:
        NotPausedError: If the run is not paused.
        FlowPauseTimeout: If the pause has already expired, so the run has failed.
        ValueError: If the server refuses the input; nothing has changed then.
    """
    from prefect.client.orchestration import get_client  # loads httpx

    async with get_client() as client:
        result = await client.resume_flow_run(flow_run_id, run_input)
    _check_resumed(flow_run_id, result)


@async_dispatch(aresume_flow_run)
def resume_flow_run(flow_run_id: UUID, run_input: dict[str, Any] | None = None) -> None:
    """Resume a paused or suspended flow run.

    The sync face of `aresume_flow_run`, with the same arguments and errors. Called where an event
    loop runs, it returns a coroutine to be awaited.
    """
    from prefect.client.orchestration import get_client  # loads httpx

    with get_client(sync_client=True) as client:
        result = client.resume_flow_run(flow_run_id, run_input)
    _check_resumed(flow_run_id, result)


def _check_resumed(flow_run_id: UUID, result: OrchestrationResult[Any]) -> None:
    """Turn the server's refusal to resume into an error.

    Source: REST contract, `POST /flow_runs/{id}/resume`; orchestration facts, section 8.
    """
    from prefect.client.schemas.responses import SetStateStatus
    from prefect.exceptions import FlowPauseTimeout, NotPausedError

    if result.status == SetStateStatus.ACCEPT:
        return
    reason = getattr(result.details, "reason", None) or "the server gave no reason"
    if result.status == SetStateStatus.ABORT:
        raise NotPausedError(f"Cannot resume flow run {flow_run_id}: {reason}")
    if result.state is not None and result.state.is_failed():
        raise FlowPauseTimeout(f"Cannot resume flow run {flow_run_id}: {reason}")
    raise ValueError(f"Cannot resume flow run {flow_run_id}: {reason}")


__getattr__, __dir__ = lazy_exports(
    __name__,
    {},
    not_yet=(
        "apause_flow_run",
        "asuspend_flow_run",
        "pause_flow_run",
        "suspend_flow_run",
    ),
)
