"""Waiting for a run and resuming one, on a client that answers from a list."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from prefect import flow_runs
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import OrchestrationResult
from prefect.exceptions import FlowPauseTimeout, FlowRunWaitTimeout, NotPausedError
from prefect.flow_runs import _check_resumed, wait_for_flow_run, wait_until_final
from prefect.states import Completed, Failed, Paused, Running

RUN_ID = uuid.uuid4()


def run_in(state: Any) -> FlowRun:
    return FlowRun(id=RUN_ID, flow_id=uuid.uuid4(), name="r", state=state)


class Client:
    """Gives or raises what it was told to, one item a call; the last one again and again."""

    def __init__(self, *answers: FlowRun | Exception) -> None:
        self.answers = list(answers)
        self.reads = 0

    async def read_flow_run(self, flow_run_id: uuid.UUID) -> FlowRun:
        assert flow_run_id == RUN_ID
        self.reads += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> "asyncio.Queue[Any]":
    """A subscription that delivers what is put here; an exception breaks it."""
    queue: asyncio.Queue[Any] = asyncio.Queue()

    @asynccontextmanager
    async def subscriber(**_: Any) -> AsyncIterator[AsyncIterator[Any]]:
        async def items() -> AsyncIterator[Any]:
            while True:
                item = await queue.get()
                if isinstance(item, Exception):
                    raise item
                yield item

        yield items()

    monkeypatch.setattr("prefect.events.clients.get_events_subscriber", subscriber)
    return queue


def test_final_run_costs_one_request_and_no_subscription(events: Any) -> None:
    client = Client(run_in(Completed()))

    flow_run = asyncio.run(wait_for_flow_run(RUN_ID, client=client))

    assert flow_run.state.is_completed()
    assert client.reads == 1


def test_event_makes_the_run_be_read_again(events: Any) -> None:
    client = Client(run_in(Running()), run_in(Completed()))
    events.put_nowait("an event")

    flow_run = asyncio.run(wait_for_flow_run(RUN_ID, client=client, poll_interval=600))

    assert flow_run.state.is_completed()


def test_broken_subscription_leaves_polling(events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_runs, "POLL_SECONDS", 0.0)
    events.put_nowait(OSError("blocked"))
    client = Client(*[run_in(Running())] * 5, run_in(Completed()))

    assert asyncio.run(wait_for_flow_run(RUN_ID, client=client)).state.is_completed()


def test_wait_out_of_time_names_the_run_and_its_state(events: Any) -> None:
    with pytest.raises(FlowRunWaitTimeout, match=f"{RUN_ID}.*'Running'"):
        asyncio.run(wait_for_flow_run(RUN_ID, client=Client(run_in(Running())), timeout=0))


def test_wait_until_final_gives_the_unfinished_run_when_time_is_over(events: Any) -> None:
    client = Client(run_in(Running()))

    flow_run = asyncio.run(wait_until_final(RUN_ID, client=client, timeout_seconds=0))

    assert flow_run.state.is_running()


def test_server_that_is_away_is_waited_for(events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_runs, "POLL_SECONDS", 0.0)
    client = Client(httpx.ConnectError("away"), httpx.ReadTimeout("slow"), run_in(Completed()))

    assert asyncio.run(wait_for_flow_run(RUN_ID, client=client)).state.is_completed()
    assert client.reads == 3


def test_server_that_stays_away_ends_the_wait_with_its_error(
    events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_runs, "OUTAGE_SECONDS", 0.0)

    with pytest.raises(httpx.ConnectError, match="away"):
        asyncio.run(
            wait_for_flow_run(RUN_ID, client=Client(httpx.ConnectError("away")), timeout=None)
        )


def test_answer_that_will_not_change_ends_the_wait_at_once(events: Any) -> None:
    request = httpx.Request("GET", "http://api.test/flow_runs")
    refusal = httpx.HTTPStatusError("401", request=request, response=httpx.Response(401))
    client = Client(refusal)

    with pytest.raises(httpx.HTTPStatusError):
        asyncio.run(wait_for_flow_run(RUN_ID, client=client))

    assert client.reads == 1


def test_states_are_logged_once_each(events: Any, caplog: pytest.LogCaptureFixture) -> None:
    running = Running()
    client = Client(run_in(running), run_in(running), run_in(Completed()))
    caplog.set_level("INFO")

    asyncio.run(wait_for_flow_run(RUN_ID, client=client, poll_interval=0, log_states=True))

    messages = [record.getMessage() for record in caplog.records]
    assert [("Running" in m, "Completed" in m) for m in messages] == [(True, False), (False, True)]


def result(status: str, details: dict[str, Any], state: Any = None) -> OrchestrationResult[Any]:
    return OrchestrationResult.model_validate(
        {"status": status, "details": details, "state": state.model_dump() if state else None}
    )


def test_accepted_resume_is_fine() -> None:
    _check_resumed(RUN_ID, result("ACCEPT", {"type": "accept_details"}))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (result("ABORT", {"type": "abort_details", "reason": "why"}), NotPausedError),
        (result("REJECT", {"type": "reject_details", "reason": "why"}, Failed()), FlowPauseTimeout),
        (result("REJECT", {"type": "reject_details", "reason": "why"}, Paused()), ValueError),
    ],
)
def test_refused_resume_says_which_run_and_why(answer: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"{RUN_ID}: why"):
        _check_resumed(RUN_ID, answer)
