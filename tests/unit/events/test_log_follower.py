"""Following logs: in order, each once, with or without the live stream."""

import asyncio
from typing import Any

import pytest
from fake_websocket_api import WAIT, Close, FakeApi, stored_log

from prefect.client import _log_follower
from prefect.client._connection import Connection
from prefect.client._log_follower import LogFollower
from prefect.client.schemas.filters import LogFilter


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUSY_SECONDS", "IDLE_SECONDS", "STORE_SECONDS", "GATHER_SECONDS"):
        monkeypatch.setattr(_log_follower, name, 0.001)


async def follow(api: FakeApi, count: int) -> list[str]:
    """Read so many logs, then finish."""
    found: list[str] = []
    async with LogFollower(Connection(api.api_url), LogFilter()) as logs:
        async for log in logs:
            found.append(log.message)
            if len(found) == count:
                logs.finish()
    return found


def test_polling_delivers_in_order_and_once(fake_api: FakeApi) -> None:
    fake_api.out = [[Close(1002)]]
    lines = [stored_log(str(number)) for number in range(4)]
    fake_api.pages = [lines[:2], lines[:3], [], lines[1:]]

    assert asyncio.run(follow(fake_api, 4)) == ["0", "1", "2", "3"]


def test_long_answers_are_read_page_by_page(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_log_follower, "PAGE_LOGS", 2)
    fake_api.out = [[Close(1002)]]
    lines = [stored_log(str(number)) for number in range(5)]
    fake_api.pages = [lines[:2], lines[2:4], lines[4:], []]

    assert asyncio.run(follow(fake_api, 5)) == ["0", "1", "2", "3", "4"]

    offsets = [body["offset"] for body in fake_api.bodies[:3]]
    assert offsets == [0, 2, 4]


def test_late_log_is_delivered_by_the_last_read(fake_api: FakeApi) -> None:
    fake_api.out = [[Close(1002)]]
    early = stored_log("early", timestamp="2026-01-01T00:00:00Z")
    fake_api.pages = [[stored_log("a")], [early], []]

    async def main() -> list[str]:
        async with LogFollower(Connection(fake_api.api_url), LogFilter()) as logs:
            first = await logs.__anext__()
            logs.finish()
            return [first.message] + [log.message async for log in logs]

    assert asyncio.run(main()) == ["a", "early"]
    assert "timestamp" not in fake_api.bodies[-1]["logs"]  # everything was gone over


def test_stream_says_when_to_read(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the stream's word the next read would be a minute away.
    for name in ("BUSY_SECONDS", "IDLE_SECONDS", "STREAM_SECONDS"):
        monkeypatch.setattr(_log_follower, name, 60.0)
    line = stored_log("live")
    fake_api.pages = [[], [], [line]]
    fake_api.out = [[{"type": "log", "log": line}, WAIT]]

    async def main() -> str:
        async with LogFollower(Connection(fake_api.api_url), LogFilter()) as logs:
            return (await logs.__anext__()).message

    assert asyncio.run(main()) == "live"


def test_log_that_is_never_stored_is_not_waited_for_for_ever(fake_api: FakeApi) -> None:
    fake_api.out = [[{"type": "log", "log": stored_log("lost")}, WAIT]]

    async def main() -> list[str]:
        async with LogFollower(Connection(fake_api.api_url), LogFilter()) as logs:
            logs.finish(quiet_seconds=0.05)
            return [log.message async for log in logs]

    assert asyncio.run(main()) == []


def test_unreachable_server_raises_in_the_end(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.client._http_fallback import HttpFallback

    async def post(self: HttpFallback, path: str, content: bytes) -> Any:
        raise ConnectionError("away")

    monkeypatch.setattr(HttpFallback, "post", post)

    with pytest.raises(ConnectionError, match="away"):
        asyncio.run(follow(fake_api, 1))
