"""Events and logs through a real server: sent, received, backfilled, followed."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fake_api_fixtures import no_delays, set_environment

from prefect.client._connection import Connection
from prefect.client._log_follower import LogFollower
from prefect.client.schemas.filters import LogFilter
from prefect.events.clients import get_events_client, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.schemas.events import Event
from prefect.events.subscribers import FlowRunSubscriber
from prefect.events.utilities import emit_event
from prefect.events.worker import EventsWorker

__all__ = ["no_delays", "set_environment"]

RESOURCE = {"prefect.resource.id": "test.subscriptions"}
PATIENCE_SECONDS = 30


@pytest.fixture
def server_api(real_server: Any, set_environment: Callable[..., None]) -> httpx.Client:
    """The real server, which the settings point to, for arranging."""
    set_environment(PREFECT_API_URL=real_server.api_url)
    with httpx.Client(base_url=real_server.api_url, timeout=30) as client:
        yield client  # type: ignore[misc]  # a fixture


def unique() -> str:
    return f"test.subscriptions.{uuid4().hex}"


def by_prefix(prefix: str) -> EventFilter:
    return EventFilter(event=EventNameFilter(prefix=[prefix]))


def create_run(api: httpx.Client) -> UUID:
    flow = api.post("/flows/", json={"name": unique()}).raise_for_status().json()
    body = {"flow_id": flow["id"], "state": {"type": "PENDING"}}
    return UUID(api.post("/flow_runs/", json=body).raise_for_status().json()["id"])


def set_state(api: httpx.Client, run: UUID, kind: str) -> None:
    body = {"state": {"type": kind, "name": kind.title()}, "force": True}
    api.post(f"/flow_runs/{run}/set_state", json=body).raise_for_status()


def write_logs(api: httpx.Client, run: UUID, *messages: str) -> None:
    logs = [
        {
            "name": "prefect.flow_runs",
            "level": 20,
            "message": message,
            "timestamp": datetime.now(timezone.utc).isoformat(),
            "flow_run_id": str(run),
        }
        for message in messages
    ]
    api.post("/logs/", json=logs).raise_for_status()


def test_emitted_event_reaches_a_subscriber(server_api: httpx.Client) -> None:
    name = unique()

    async def main() -> list[str]:
        async with get_events_subscriber(filter=by_prefix(name)) as subscriber:
            first = emit_event(f"{name}.a", RESOURCE, payload={"n": 1})
            assert first is not None
            emit_event(f"{name}.b", RESOURCE, follows=first)
            received = [await subscriber.__anext__(), await subscriber.__anext__()]
            assert received[0].id == first.id
            assert received[0].payload == {"n": 1}
            assert received[1].follows == first.id
            return [event.event for event in received]

    found = asyncio.run(asyncio.wait_for(main(), PATIENCE_SECONDS))

    assert found == [f"{name}.a", f"{name}.b"]


def test_events_from_before_the_subscription_are_backfilled(server_api: httpx.Client) -> None:
    name = unique()
    for number in range(120):  # more than two pages
        emit_event(f"{name}.{number}", RESOURCE)
    EventsWorker.instance().wait_until_empty()

    async def main() -> set[str]:
        found: list[str] = []
        async with get_events_subscriber(filter=by_prefix(name)) as subscriber:
            async for event in subscriber:
                found.append(event.event)
                if len(found) == 120:
                    break
        return set(found)

    found = asyncio.run(asyncio.wait_for(main(), PATIENCE_SECONDS))

    assert found == {f"{name}.{number}" for number in range(120)}


def test_reconnection_loses_nothing(server_api: httpx.Client) -> None:
    name = unique()

    async def main() -> list[str]:
        async with (
            get_events_client() as client,
            get_events_subscriber(filter=by_prefix(name)) as subscriber,
        ):
            await client.emit(Event(event=f"{name}.0", resource=RESOURCE))
            found = [(await subscriber.__anext__()).event]
            assert subscriber._websocket is not None
            subscriber._websocket.transport.abort()
            for number in range(1, 20):
                await client.emit(Event(event=f"{name}.{number}", resource=RESOURCE))
            while len(found) < 20:
                found.append((await subscriber.__anext__()).event)
        return found

    found = asyncio.run(asyncio.wait_for(main(), PATIENCE_SECONDS))

    assert sorted(found) == sorted(f"{name}.{number}" for number in range(20))


def test_http_delivers_what_a_websocket_would(server_api: httpx.Client) -> None:
    name = unique()

    async def main() -> str:
        async with (
            get_events_subscriber(filter=by_prefix(name)) as subscriber,
            get_events_client() as client,
        ):
            client._use_http(client._fallback(), "test")  # type: ignore[attr-defined]
            await client.emit(Event(event=f"{name}.http", resource=RESOURCE))
            return (await subscriber.__anext__()).event

    assert asyncio.run(asyncio.wait_for(main(), PATIENCE_SECONDS)) == f"{name}.http"


def test_flow_run_is_followed_to_its_end(server_api: httpx.Client) -> None:
    run = create_run(server_api)

    async def main() -> tuple[list[str], list[str]]:
        logs, events = [], []
        async with FlowRunSubscriber(run, straggler_timeout=1) as items:
            await asyncio.to_thread(set_state, server_api, run, "RUNNING")
            await asyncio.to_thread(write_logs, server_api, run, "one", "two")
            await asyncio.to_thread(set_state, server_api, run, "COMPLETED")
            await asyncio.to_thread(write_logs, server_api, run, "straggler")
            async for item in items:
                if isinstance(item, Event):
                    events.append(item.event)
                else:
                    logs.append(item.message)
        return logs, events

    logs, events = asyncio.run(asyncio.wait_for(main(), PATIENCE_SECONDS))

    assert logs == ["one", "two", "straggler"]
    assert [event for event in events if event.startswith("prefect.flow-run.")][-2:] == [
        "prefect.flow-run.Running",
        "prefect.flow-run.Completed",
    ]


def test_many_logs_are_followed_completely_and_in_order(server_api: httpx.Client) -> None:
    run = create_run(server_api)
    wanted = [f"line {number}" for number in range(450)]

    async def main(api_url: str) -> list[str]:
        filter = LogFilter.model_validate({"flow_run_id": {"any_": [run]}})
        found: list[str] = []
        async with LogFollower(Connection.from_settings(api_url), filter) as logs:
            for start in range(0, len(wanted), 90):
                await asyncio.to_thread(write_logs, server_api, run, *wanted[start : start + 90])
            async for log in logs:
                found.append(log.message)
                if len(found) == len(wanted):
                    logs.finish(quiet_seconds=0.2)
        return found

    api_url = str(server_api.base_url).rstrip("/")
    found = asyncio.run(asyncio.wait_for(main(api_url), PATIENCE_SECONDS))

    assert found == wanted
