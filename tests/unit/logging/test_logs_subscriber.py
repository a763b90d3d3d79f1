"""The logs subscriber against a real WebSocket server that misbehaves."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from fake_websocket_api import DROP, WAIT, Close, FakeApi, stored_log

from prefect.client._websockets import WebSocketsBlocked, WebSocketUnauthorized
from prefect.client.schemas.filters import LogFilter
from prefect.logging.clients import (
    PrefectCloudLogsSubscriber,
    PrefectLogsSubscriber,
    get_logs_subscriber,
    logs_out_socket_from_api_url,
)


async def messages(count: int | None = None, **options: object) -> list[str]:
    found: list[str] = []
    async with PrefectLogsSubscriber(**options) as subscriber:  # type: ignore[arg-type]
        async for log in subscriber:
            found.append(log.message)
            if len(found) == count:
                break
    return found


def frame(message: str) -> dict[str, object]:
    return {"type": "log", "log": stored_log(message)}


def test_logs_are_delivered_once_over_drops(fake_api: FakeApi) -> None:
    first, second = frame("a"), frame("b")
    fake_api.out = [[first, DROP], [first, second, WAIT]]

    assert asyncio.run(messages(2)) == ["a", "b"]


def test_clean_close_ends_the_iteration(fake_api: FakeApi) -> None:
    fake_api.out = [[frame("a"), Close(1000)]]

    assert asyncio.run(messages()) == ["a"]


def test_malformed_and_unknown_messages_are_left_out(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    fake_api.out = [["{", "[]", {"type": "new"}, {"type": "log", "log": {}}, frame("a"), WAIT]]

    with caplog.at_level(logging.WARNING, logger="prefect"):
        assert asyncio.run(messages(1)) == ["a"]

    assert [record.name for record in caplog.records].count("prefect.logging.clients") == 2


def test_filter_frame_starts_a_minute_ago(fake_api: FakeApi) -> None:
    fake_api.out = [[Close(1000)]]
    wanted = LogFilter.model_validate({"flow_run_id": {"any_": ["0" * 32]}})

    asyncio.run(messages(filter=wanted))

    sent = fake_api.filters[0]["filter"]
    assert sent["flow_run_id"] == {"any_": ["00000000-0000-0000-0000-000000000000"]}
    assert set(sent["timestamp"]) == {"after_", "before_"}


def test_refused_credentials_name_the_setting(fake_api: FakeApi) -> None:
    fake_api.auth_string = "me:secret"

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_AUTH_STRING"):
        asyncio.run(messages())


def test_blocked_websockets_are_an_error_here(fake_api: FakeApi) -> None:
    fake_api.upgrade_status = 403

    with pytest.raises(WebSocketsBlocked, match="403"):
        asyncio.run(messages())


def test_get_logs_subscriber_follows_the_settings(set_environment: Callable[..., None]) -> None:
    set_environment(PREFECT_API_URL="http://h/api")
    assert type(get_logs_subscriber()) is PrefectLogsSubscriber
    set_environment(PREFECT_API_URL="https://api.prefect.cloud/api", PREFECT_API_KEY="k")
    subscriber = get_logs_subscriber()
    assert type(subscriber) is PrefectCloudLogsSubscriber
    assert subscriber.client_name == "PrefectCloudLogsSubscriber"


def test_address_of_the_socket() -> None:
    assert logs_out_socket_from_api_url("https://h/api/") == "wss://h/api/logs/out"
