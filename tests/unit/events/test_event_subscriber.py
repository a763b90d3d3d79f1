"""The events subscriber against a real WebSocket server that misbehaves."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from fake_websocket_api import DROP, WAIT, Close, FakeApi, event_frame, stored_event
from websockets.exceptions import ConnectionClosedError

from prefect.client import _feeds
from prefect.client._feeds import SeenIds
from prefect.client._websockets import WebSocketUnauthorized
from prefect.events.clients import (
    PrefectCloudAccountEventSubscriber,
    PrefectCloudEventSubscriber,
    PrefectEventSubscriber,
    get_events_subscriber,
)
from prefect.events.filters import EventFilter, EventNameFilter, EventOccurredFilter
from prefect.events.schemas.events import ReceivedEvent


async def names(count: int | None = None, **options: object) -> list[str]:
    """Iterate until the end, or until so many events came."""
    found: list[str] = []
    async with PrefectEventSubscriber(**options) as subscriber:  # type: ignore[arg-type]
        async for event in subscriber:
            assert isinstance(event, ReceivedEvent)
            found.append(event.event)
            if len(found) == count:
                break
    return found


def frames(*names: str) -> list[object]:
    return [event_frame(stored_event(name)) for name in names]


def test_subscriber_delivers_until_a_clean_close(fake_api: FakeApi) -> None:
    fake_api.out = [[*frames("a", "b"), Close(1000)]]

    assert asyncio.run(names()) == ["a", "b"]


def test_clean_close_can_mean_reconnect(fake_api: FakeApi) -> None:
    fake_api.out = [[*frames("a"), Close(1000)], [*frames("b"), WAIT]]

    assert asyncio.run(names(2, reconnect_on_clean_close=True)) == ["a", "b"]


def test_drop_reconnects_from_before_the_last_event_without_doubles(fake_api: FakeApi) -> None:
    first, second, third = (event_frame(stored_event(name)) for name in ("a", "b", "c"))
    fake_api.out = [[first, second, DROP], [first, second, third, WAIT]]

    assert asyncio.run(names(3)) == ["a", "b", "c"]

    since = [frame["filter"]["occurred"]["since"] for frame in fake_api.filters]
    assert len(since) == 2
    last_seen = datetime.fromisoformat(second["event"]["occurred"])
    resumed = datetime.fromisoformat(since[1].replace("Z", "+00:00"))
    assert last_seen - timedelta(seconds=61) < resumed < last_seen


def test_resuming_never_starts_after_an_event_from_the_future(fake_api: FakeApi) -> None:
    now = datetime.now(timezone.utc)
    ahead = stored_event("ahead", occurred=(now + timedelta(hours=1)).isoformat())
    ahead["received"] = now.isoformat()
    fake_api.out = [[event_frame(ahead), DROP], [*frames("next"), WAIT]]

    assert asyncio.run(names(2)) == ["ahead", "next"]

    since = fake_api.filters[1]["filter"]["occurred"]["since"].replace("Z", "+00:00")
    assert datetime.fromisoformat(since) <= now


def test_filter_frame_keeps_the_users_filter(fake_api: FakeApi) -> None:
    since = datetime(2026, 1, 2, tzinfo=timezone.utc)
    fake_api.out = [[Close(1000)]]
    wanted = EventFilter(
        event=EventNameFilter(prefix=["my."]), occurred=EventOccurredFilter(since=since)
    )

    asyncio.run(names(filter=wanted))

    frame = fake_api.filters[0]
    assert frame["type"] == "filter"
    assert frame["filter"]["event"] == {"prefix": ["my."]}
    assert frame["filter"]["occurred"]["since"].startswith("2026-01-02T00:00:00")
    assert datetime.fromisoformat(
        frame["filter"]["occurred"]["until"].replace("Z", "+00:00")
    ) > datetime.now(timezone.utc) + timedelta(days=300)
    assert "text" not in frame["filter"]


def test_malformed_and_unknown_messages_are_left_out(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    fake_api.out = [
        ["{no json", '"text"', "[]", {"type": "new-kind"}, {"type": "event"}, *frames("a"), WAIT]
    ]

    with caplog.at_level(logging.WARNING, logger="prefect"):
        assert asyncio.run(names(1)) == ["a"]

    assert [record.name for record in caplog.records].count("prefect.events.clients") == 2


def test_refused_credentials_name_the_setting_and_are_not_retried(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    fake_api.auth_string = "me:secret"

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_AUTH_STRING"):
        asyncio.run(names())

    assert fake_api.opened["/events/out"] == 1


def test_credentials_revoked_in_the_stream_end_it(fake_api: FakeApi) -> None:
    fake_api.out = [[*frames("a"), Close(1008)]]

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_AUTH_STRING"):
        asyncio.run(names())

    assert fake_api.opened["/events/out"] == 1


def test_refused_filter_is_not_retried(fake_api: FakeApi) -> None:
    fake_api.out = [[Close(1002)]]

    with pytest.raises(ConnectionClosedError):
        asyncio.run(names())

    assert fake_api.opened["/events/out"] == 1


def test_server_that_accepts_and_drops_is_given_up(fake_api: FakeApi) -> None:
    fake_api.out = [[DROP]] * 10

    with pytest.raises(ConnectionClosedError):
        asyncio.run(names(reconnection_attempts=3))

    assert fake_api.opened["/events/out"] == 4


def test_delivery_resets_the_count_of_failures(fake_api: FakeApi) -> None:
    fake_api.out = [[*frames(str(number)), DROP] for number in range(6)]

    assert asyncio.run(names(6, reconnection_attempts=1)) == list("012345")


def test_unreachable_server_raises_after_the_attempts(
    set_environment: Callable[..., None], no_delays: None
) -> None:
    set_environment(PREFECT_API_URL="http://127.0.0.1:9/api")

    with pytest.raises(OSError, match=r"."):
        asyncio.run(names(reconnection_attempts=2))


def test_events_stored_late_are_read_after_connecting(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_feeds, "CATCH_UP_SECONDS", 0.0)
    live, late, later = stored_event("live"), stored_event("late"), stored_event("later")
    fake_api.pages = [
        {"events": [live, late], "next_page": "http://inside/api/events/filter/next?page-token=7"}
    ]
    fake_api.out = [[event_frame(live), WAIT]]
    original = fake_api._answer

    def answer(method: str, target: str, headers: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        import json

        if "page-token=7" in target:
            return 200, json.dumps({"events": [later], "next_page": None}).encode()
        return original(method, target, headers, raw)

    monkeypatch.setattr(fake_api, "_answer", answer)

    found = asyncio.run(names(3))

    assert sorted(found) == ["late", "later", "live"]


def test_blocked_upgrade_polls_over_http(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_feeds, "POLL_SECONDS", 0.0)
    fake_api.upgrade_status = 403
    first, second = stored_event("a"), stored_event("b")
    fake_api.pages = [
        {"events": [first], "next_page": None},
        {"events": [first, second], "next_page": None},
    ]

    with caplog.at_level(logging.WARNING, logger="prefect"):
        assert asyncio.run(names(2)) == ["a", "b"]

    assert [record.name for record in caplog.records].count("prefect.client._feeds") == 1
    assert "HTTP 403" in caplog.text
    assert fake_api.bodies[-1]["filter"]["order"] == "ASC"


def test_waiting_can_be_cancelled_and_resumed(fake_api: FakeApi) -> None:
    gate = stored_event("a")

    async def main() -> str:
        async with PrefectEventSubscriber() as subscriber:
            waiting = asyncio.create_task(subscriber.__anext__())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            return (await subscriber.__anext__()).event

    fake_api.out = [[event_frame(gate), WAIT]]

    assert asyncio.run(main()) == "a"


def test_cloud_subscribers_use_the_key(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    fake_api.auth_string = "pnu_key"
    fake_api.out = [[Close(1000)]]
    set_environment(PREFECT_API_AUTH_STRING="must:not-be-used")

    async def main() -> None:
        async with PrefectCloudEventSubscriber(api_key="pnu_key") as subscriber:
            assert [event async for event in subscriber] == []

    asyncio.run(main())


def test_account_subscriber_leaves_the_workspace_out(
    set_environment: Callable[..., None],
) -> None:
    subscriber = PrefectCloudAccountEventSubscriber(
        "https://api.prefect.cloud/api/accounts/1/workspaces/2", "key"
    )

    assert subscriber._connection.api_url == "https://api.prefect.cloud/api/accounts/1"
    assert subscriber.client_name == "PrefectCloudAccountEventSubscriber"


def test_get_events_subscriber_follows_the_settings(set_environment: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match="PREFECT_API_URL"):
        get_events_subscriber()
    set_environment(PREFECT_API_URL="http://h/api")
    assert type(get_events_subscriber()) is PrefectEventSubscriber
    set_environment(PREFECT_API_URL="https://api.prefect.cloud/api", PREFECT_API_KEY="k")
    assert type(get_events_subscriber()) is PrefectCloudEventSubscriber


def test_seen_ids_are_bounded_by_size() -> None:
    seen = SeenIds(3, 1000.0)

    assert all(seen.add(UUID(int=number), number, 0.0) for number in range(10))

    assert len(seen) == 3
    assert not seen.add(UUID(int=9), 9, 0.0)


def test_seen_ids_are_forgotten_when_both_times_have_passed() -> None:
    seen = SeenIds(100, 10.0)
    seen.add("old", 0.0, 0.0)

    seen.add("same position, much later", 5.0, 1000.0)
    assert "old" in seen
    seen.add("next", 50.0, 1001.0)

    assert "old" not in seen
