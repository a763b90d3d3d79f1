"""The events client against a real WebSocket server that misbehaves."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from fake_websocket_api import FakeApi

from prefect.client._websockets import WebSocketUnauthorized
from prefect.events import clients
from prefect.events.clients import (
    AssertingEventsClient,
    AssertingPassthroughEventsClient,
    EventsClient,
    NullEventsClient,
    PrefectCloudEventsClient,
    PrefectEventsClient,
    events_in_socket_from_api_url,
    events_out_socket_from_api_url,
    get_events_client,
    http_to_ws,
)
from prefect.events.schemas.events import Event


def event(name: str) -> Event:
    return Event(event=name, resource={"prefect.resource.id": "test"})


async def known_drop(client: PrefectEventsClient) -> None:
    """Wait until the client's side, too, knows that the server has cut the connection."""
    if client._websocket is not None:
        await client._websocket.wait_closed()


async def emit(*names: str, **options: object) -> None:
    async with PrefectEventsClient(**options) as client:  # type: ignore[arg-type]
        for name in names:
            await client.emit(event(name))


def test_client_sends_events_in_order(fake_api: FakeApi) -> None:
    names = [f"e{number}" for number in range(20)]

    asyncio.run(emit(*names))

    assert fake_api.names() == names


def test_frame_is_the_bare_event(fake_api: FakeApi) -> None:
    sent = Event(
        event="x", resource={"prefect.resource.id": "r"}, payload={"none": None, "list": [1]}
    )

    async def main() -> None:
        async with PrefectEventsClient() as client:
            await client.emit(sent)

    asyncio.run(main())

    assert fake_api.received == [sent.model_dump(mode="json")]


def test_client_authenticates_with_the_auth_string(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    fake_api.auth_string = "me:secret"
    set_environment(PREFECT_API_AUTH_STRING="me:secret", PREFECT_API_KEY="not this")

    asyncio.run(emit("x"))

    assert fake_api.names() == ["x"]


def test_client_authenticates_with_the_key(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    fake_api.auth_string = "pnu_key"
    set_environment(PREFECT_API_KEY="pnu_key")

    asyncio.run(emit("x"))

    assert fake_api.names() == ["x"]


def test_refused_credentials_name_the_setting_and_are_not_retried(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    fake_api.auth_string = "me:secret"
    set_environment(PREFECT_API_AUTH_STRING="me:wrong")

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_AUTH_STRING") as caught:
        asyncio.run(emit("x"))

    assert fake_api.opened["/events/in"] == 1
    assert "wrong" not in str(caught.value)


def test_handshake_carries_custom_headers_user_agent_and_authorization(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    set_environment(
        PREFECT_CLIENT_CUSTOM_HEADERS='{"X-Gateway": "abc"}', PREFECT_API_AUTH_STRING="me:secret"
    )

    asyncio.run(emit("x"))

    headers = fake_api.handshakes[0]
    assert headers["x-gateway"] == "abc"
    assert headers["user-agent"].startswith("prefect/")
    assert headers["authorization"].startswith("Basic ")
    assert headers["sec-websocket-protocol"] == "prefect"


def test_server_without_the_subprotocol_gets_no_authentication_frame(
    set_environment: Callable[..., None],
) -> None:
    api = FakeApi()
    api.select_subprotocol = False
    with api:
        set_environment(PREFECT_API_URL=api.api_url)

        asyncio.run(emit("x"))

    assert api.names() == ["x"]


def test_unconfirmed_events_are_sent_again_after_a_drop(fake_api: FakeApi) -> None:
    fake_api.drop_in_after = [3]

    async def main() -> None:
        async with PrefectEventsClient() as client:
            for name in "abc":
                await client.emit(event(name))
            await fake_api.until(lambda: fake_api.dropped == 1)
            await known_drop(client)
            for name in "defg":
                await client.emit(event(name))

    asyncio.run(main())

    assert fake_api.names()[:3] == ["a", "b", "c"]
    assert fake_api.names()[-7:] == list("abcdefg")


def test_drop_right_after_a_confirmation_repeats_what_it_confirmed(fake_api: FakeApi) -> None:
    # A server may answer a ping before its application has read the messages sent before it.
    fake_api.drop_in_after = [2]

    async def main() -> None:
        async with PrefectEventsClient(checkpoint_every=1) as client:
            await client.emit(event("a"))
            await client.emit(event("b"))
            await fake_api.until(lambda: fake_api.dropped == 1)

    asyncio.run(main())

    assert fake_api.names() == ["a", "b", "a", "b"]


def test_events_confirmed_long_ago_are_not_sent_again(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "RECENT_SECONDS", -1.0)
    fake_api.drop_in_after = [3]

    async def main() -> None:
        async with PrefectEventsClient() as client:
            await client.emit(event("a"))
            await client.emit(event("b"))
            await client.flush()
            assert client.unconfirmed == 0
            await client.emit(event("c"))
            await fake_api.until(lambda: fake_api.dropped == 1)
            await known_drop(client)
            await client.emit(event("d"))

    asyncio.run(main())

    assert fake_api.names() == ["a", "b", "c", "c", "d"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 426, 501])
def test_blocked_upgrade_delivers_over_http_with_one_warning(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    fake_api.upgrade_status = status

    with caplog.at_level(logging.WARNING, logger="prefect"):
        asyncio.run(emit("a", "b", "c"))

    assert [sent["event"] for sent in fake_api.posted] == ["a", "b", "c"]
    warnings = [record for record in caplog.records if record.name.startswith("prefect")]
    assert len(warnings) == 1
    assert f"HTTP {status}" in warnings[0].getMessage()
    assert len(fake_api.handshakes) == 1


def test_gateway_errors_in_a_row_lead_to_http(fake_api: FakeApi) -> None:
    fake_api.upgrade_status = 502

    asyncio.run(emit("a", "b"))

    assert [sent["event"] for sent in fake_api.posted] == ["a", "b"]


def test_poisonous_event_is_dropped_with_an_error_and_the_others_arrive(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    fake_api.drop_in_after = [2, 2]
    fake_api.http_status = lambda events: 422 if "bad" in [e["event"] for e in events] else 204

    async def main() -> None:
        async with PrefectEventsClient() as client:
            await client.emit(event("a"))
            await client.emit(event("bad"))
            await fake_api.until(lambda: fake_api.dropped == 1)
            await known_drop(client)
            await client.emit(event("b"))
            await fake_api.until(lambda: fake_api.dropped == 2)
            await known_drop(client)
            await client.emit(event("c"))

    with caplog.at_level(logging.ERROR, logger="prefect"):
        asyncio.run(main())

    posted = {sent["event"] for sent in fake_api.posted}
    assert {"a", "b"} <= posted
    assert "bad" not in posted
    assert "c" in fake_api.names()
    assert [record.name for record in caplog.records].count("prefect.events.clients") == 1
    assert "the server refuses it" in caplog.text


def test_wrong_credentials_over_http_are_an_error(fake_api: FakeApi) -> None:
    fake_api.upgrade_status = 403
    fake_api.http_status = 401

    with pytest.raises(WebSocketUnauthorized, match="PREFECT_API_AUTH_STRING"):
        asyncio.run(emit("x"))


def test_attempts_are_bounded_and_the_event_is_kept(
    set_environment: Callable[..., None], no_delays: None
) -> None:
    set_environment(PREFECT_API_URL="http://127.0.0.1:9/api")

    async def main() -> None:
        client = PrefectEventsClient(reconnection_attempts=2)
        client._in_context = True
        with pytest.raises(OSError, match=r"."):
            await client.emit(event("x"))
        assert client.unconfirmed == 1

    asyncio.run(main())


def test_entering_an_unreachable_server_raises(
    set_environment: Callable[..., None], no_delays: None
) -> None:
    set_environment(PREFECT_API_URL="http://127.0.0.1:9/api")

    with pytest.raises(OSError, match=r"."):
        asyncio.run(emit(reconnection_attempts=1))


def test_cancelled_emit_leaves_nothing_open(fake_api: FakeApi) -> None:
    async def main() -> None:
        async with PrefectEventsClient() as client:
            sending = asyncio.create_task(client.emit(event("x")))
            await asyncio.sleep(0)
            sending.cancel()
            await asyncio.wait([sending])
            await client.emit(event("y"))

    asyncio.run(main())

    assert "y" in fake_api.names()


def test_concurrent_emits_share_the_connection(fake_api: FakeApi) -> None:
    async def main() -> None:
        async with PrefectEventsClient() as client:
            await asyncio.gather(*(client.emit(event(f"e{number}")) for number in range(50)))

    asyncio.run(main())

    assert sorted(fake_api.names()) == sorted(f"e{number}" for number in range(50))
    assert fake_api.opened["/events/in"] == 1


@pytest.mark.parametrize(
    "client",
    [NullEventsClient(), AssertingEventsClient()],
    ids=lambda client: type(client).__name__,
)
def test_emit_outside_a_context_is_refused(client: EventsClient) -> None:
    with pytest.raises(TypeError, match="async with"):
        asyncio.run(client.emit(event("x")))


def test_asserting_client_keeps_events() -> None:
    AssertingEventsClient.reset()

    async def main() -> None:
        async with AssertingEventsClient("a", b=1) as client:
            await client.emit(event("x"))
            assert [kept.event for kept in client.pop_events()] == ["x"]
            assert client.pop_events() == []

    asyncio.run(main())

    last = AssertingEventsClient.last
    assert last is not None
    assert (last.args, last.kwargs, last.client_name) == (("a",), {"b": 1}, "AssertingEventsClient")
    assert AssertingEventsClient.all == [last]
    AssertingEventsClient.reset()
    assert AssertingEventsClient.last is None
    assert AssertingEventsClient.all == []


def test_passthrough_client_keeps_and_sends(fake_api: FakeApi) -> None:
    AssertingPassthroughEventsClient.reset()

    async def main() -> None:
        async with AssertingPassthroughEventsClient() as client:
            await client.emit(event("x"))

    asyncio.run(main())

    last = AssertingPassthroughEventsClient.last
    assert last is not None
    assert [kept.event for kept in last.pop_events()] == ["x"]
    assert fake_api.names() == ["x"]
    AssertingPassthroughEventsClient.reset()


def test_addresses_of_the_sockets() -> None:
    assert http_to_ws("https://host/p/api/") == "wss://host/p/api"
    assert events_in_socket_from_api_url("http://h:1/api") == "ws://h:1/api/events/in"
    assert events_out_socket_from_api_url("http://h:1/api") == "ws://h:1/api/events/out"


def test_get_events_client_follows_the_settings(set_environment: Callable[..., None]) -> None:
    assert type(get_events_client()) is NullEventsClient
    set_environment(PREFECT_API_URL="http://h/api")
    assert type(get_events_client()) is PrefectEventsClient
    set_environment(PREFECT_API_URL="https://api.prefect.cloud/api/accounts/1", PREFECT_API_KEY="k")
    assert type(get_events_client()) is PrefectCloudEventsClient


def test_cloud_client_says_what_is_missing(set_environment: Callable[..., None]) -> None:
    with pytest.raises(ValueError, match="PREFECT_API_URL and PREFECT_API_KEY"):
        PrefectCloudEventsClient()


def test_client_without_an_address_says_what_to_set(
    set_environment: Callable[..., None],
) -> None:
    with pytest.raises(ValueError, match="PREFECT_API_URL"):
        PrefectEventsClient()
