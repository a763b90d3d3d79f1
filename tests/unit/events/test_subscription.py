"""The subscription to scheduled objects, against a real WebSocket server."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fake_websocket_api import DROP, WAIT, Close, FakeApi
from pydantic import BaseModel

from prefect.client._websockets import WebSocketUnauthorized
from prefect.client.subscriptions import WS_1008_POLICY_VIOLATION, Subscription

PATH = "/task_runs/subscriptions/scheduled"


class Thing(BaseModel):
    id: int


def subscribe(**options: Any) -> "Subscription[Thing]":
    return Subscription(Thing, PATH, ["a", "b"], **options)


async def take(subscription: "Subscription[Thing]", count: int) -> list[int]:
    found = [(await subscription.__anext__()).id for _ in range(count)]
    await subscription.aclose()
    return found


def test_items_are_acknowledged(fake_api: FakeApi) -> None:
    fake_api.out = [[{"id": 1}, {"id": 2, "field_of_the_future": 3}, WAIT]]

    assert asyncio.run(take(subscribe(client_id="me"), 2)) == [1, 2]

    assert fake_api.filters == [{"type": "subscribe", "keys": ["a", "b"], "client_id": "me"}]
    fake_api.wait_for(lambda: fake_api.frames == [{"type": "ack"}] * 2)


def test_drops_are_survived(fake_api: FakeApi) -> None:
    fake_api.out = [[{"id": 1}, DROP], [DROP], [Close(1012)], [{"id": 2}, WAIT]]

    assert asyncio.run(take(subscribe(), 2)) == [1, 2]


def test_refused_credentials_end_it(fake_api: FakeApi) -> None:
    fake_api.auth_string = "me:secret"

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_AUTH_STRING"):
        asyncio.run(take(subscribe(), 1))

    assert fake_api.opened[PATH] == 1


def test_access_denied_later_ends_it_too(fake_api: FakeApi) -> None:
    fake_api.out = [[Close(WS_1008_POLICY_VIOLATION)]]

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_KEY"):
        asyncio.run(take(subscribe(), 1))


def test_websocket_before_the_first_item_is_an_error(
    set_environment: Callable[..., None],
) -> None:
    subscription = subscribe(base_url="http://h/api")

    with pytest.raises(RuntimeError, match="not connected"):
        _ = subscription.websocket


def test_address_is_required(set_environment: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match="PREFECT_API_URL"):
        subscribe()
