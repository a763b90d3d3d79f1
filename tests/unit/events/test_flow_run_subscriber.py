"""Following a flow run: events and logs in one stream that ends with the run."""

import asyncio
from uuid import UUID

import pytest
from fake_websocket_api import WAIT, Close, FakeApi, event_frame, stored_event, stored_log

from prefect.client.schemas.objects import Log, StateType
from prefect.events import subscribers
from prefect.events.schemas.events import Event
from prefect.events.subscribers import TERMINAL_STATES, FlowRunSubscriber
from prefect.exceptions import ObjectNotFound

RUN = UUID(int=5)


def run_event(state: str) -> dict[str, object]:
    event = stored_event(f"prefect.flow-run.{state.title()}")
    event["resource"] = {
        "prefect.resource.id": f"prefect.flow-run.{RUN}",
        "prefect.state-type": state,
    }
    return event_frame(event)


async def follow(run: UUID = RUN) -> list[str]:
    found: list[str] = []
    async with FlowRunSubscriber(run, straggler_timeout=0) as items:
        async for item in items:
            assert isinstance(item, (Log, Event))
            found.append(item.message if isinstance(item, Log) else item.event)
        assert [item async for item in items] == []
    return found


def test_events_and_logs_come_until_the_run_has_ended(fake_api: FakeApi) -> None:
    fake_api.flow_run = {"state_type": "RUNNING"}
    fake_api.pages = [[stored_log("hello", flow_run_id=str(RUN))]]
    out = {"/events/out": [run_event("RUNNING"), run_event("COMPLETED"), WAIT]}
    route_by_path(fake_api, out)

    found = asyncio.run(follow())

    events = [name for name in found if name.startswith("prefect.")]
    assert events == ["prefect.flow-run.Running", "prefect.flow-run.Completed"]
    assert found.count("hello") == 1


def test_run_that_ended_long_ago_ends_the_stream(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_api.flow_run = {"state_type": "FAILED", "end_time": "2026-01-01T00:00:00.000000Z"}
    route_by_path(fake_api, {})

    assert asyncio.run(follow()) == []


def test_missing_run_is_an_error(fake_api: FakeApi) -> None:
    route_by_path(fake_api, {})

    with pytest.raises(ObjectNotFound):
        asyncio.run(follow())


def test_filters_name_the_run(fake_api: FakeApi) -> None:
    fake_api.flow_run = {"state_type": "RUNNING"}
    route_by_path(fake_api, {"/events/out": [run_event("CANCELLED"), WAIT]})

    asyncio.run(follow())

    wanted = next(frame["filter"] for frame in fake_api.filters if "order" in frame["filter"])
    assert wanted["any_resource"] == {"id": [f"prefect.flow-run.{RUN}"]}
    logs = next(body for body in fake_api.bodies if body and "logs" in body)
    assert logs["logs"]["flow_run_id"] == {"any_": [str(RUN)]}
    assert logs["sort"] == "TIMESTAMP_ASC"


def test_leaving_early_leaves_nothing_open(fake_api: FakeApi) -> None:
    fake_api.flow_run = {"state_type": "RUNNING"}
    route_by_path(fake_api, {"/events/out": [run_event("RUNNING"), WAIT]})

    async def main() -> int:
        async with FlowRunSubscriber(RUN) as items:
            await items.__anext__()
        return len(asyncio.all_tasks())

    assert asyncio.run(main()) == 1


def test_terminal_states() -> None:
    assert {
        StateType.CANCELLED,
        StateType.COMPLETED,
        StateType.CRASHED,
        StateType.FAILED,
    } == TERMINAL_STATES
    assert subscribers.TERMINAL_STATES is TERMINAL_STATES


def route_by_path(api: FakeApi, out: dict[str, list[object]]) -> None:
    """Script each route on its own; without a script it refuses, as a server's logs do."""
    original = api._hand_out

    async def hand_out(websocket: object, number: int) -> None:
        path = websocket.request.path.removeprefix("/some/prefix/api")  # type: ignore[attr-defined]
        default = [Close(1002)] if path == "/logs/out" else [WAIT]
        api.out = [out.get(path, default)] * (number + 1)
        await original(websocket, number)  # type: ignore[arg-type]

    api._hand_out = hand_out  # type: ignore[method-assign,assignment]
