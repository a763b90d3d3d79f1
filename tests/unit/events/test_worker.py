"""The background worker: it never blocks, never raises, loses nothing silently."""

import asyncio
import logging
import os
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fake_websocket_api import FakeApi

from prefect.events import worker as worker_module
from prefect.events.clients import AssertingEventsClient, NullEventsClient, PrefectEventsClient
from prefect.events.schemas.events import Event
from prefect.events.utilities import TIGHT_TIMING, emit_event
from prefect.events.worker import (
    EventsWorker,
    ProcessPoolForwardingEventsClient,
    should_emit_events,
)

RESOURCE = {"prefect.resource.id": "test"}


@pytest.fixture(autouse=True)
def fresh_workers() -> Iterator[None]:
    """Leave no worker behind."""
    yield
    EventsWorker.set_client_override(None)
    EventsWorker.drain_all(timeout=10)
    AssertingEventsClient.reset()


def run_script(body: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a script in a fresh interpreter, with warnings as errors."""
    source = str(Path(worker_module.__file__).parents[2])
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(body)],
        env={**inherited, "PYTHONPATH": source, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_emitted_events_arrive_in_order(fake_api: FakeApi) -> None:
    for number in range(50):
        emit_event(f"e{number}", RESOURCE)
    EventsWorker.instance().wait_until_empty()

    assert fake_api.names() == [f"e{number}" for number in range(50)]
    assert EventsWorker.instance().undelivered == 0


def test_emit_returns_the_event_as_it_is_sent(fake_api: FakeApi) -> None:
    emitted = emit_event(
        "x",
        RESOURCE,
        related=[{"prefect.resource.id": "r", "prefect.resource.role": "role"}],
        payload={"a": 1},
    )
    EventsWorker.instance().wait_until_empty()

    assert emitted is not None
    assert fake_api.received == [emitted.model_dump(mode="json")]


def test_without_an_api_nothing_is_made(set_environment: Callable[..., None]) -> None:
    threads = threading.active_count()

    assert emit_event("x", RESOURCE) is None

    assert not should_emit_events()
    assert EventsWorker.instance().client_type is NullEventsClient
    EventsWorker.instance().send(Event(event="x", resource=RESOURCE))
    assert threading.active_count() == threads


def test_follows_is_declared_within_five_minutes(fake_api: FakeApi) -> None:
    first = emit_event("a", RESOURCE)
    assert first is not None

    near = emit_event("b", RESOURCE, follows=first)
    far = emit_event("c", RESOURCE, occurred=first.occurred + TIGHT_TIMING, follows=first)
    before = emit_event(
        "d", RESOURCE, occurred=first.occurred - timedelta(minutes=4), follows=first
    )

    EventsWorker.instance().wait_until_empty()
    assert near is not None
    assert far is not None
    assert before is not None
    assert near.follows == first.id
    assert far.follows is None
    assert before.follows == first.id


def test_malformed_event_is_an_error_of_the_caller(fake_api: FakeApi) -> None:
    with pytest.raises(ValueError, match=r"prefect\.resource\.id"):
        emit_event("x", {"no": "id"})


def test_workers_survive_event_loops_that_end(fake_api: FakeApi) -> None:
    async def main(name: str) -> None:
        emit_event(name, RESOURCE)

    asyncio.run(main("a"))
    asyncio.run(main("b"))
    emit_event("c", RESOURCE)
    EventsWorker.instance().wait_until_empty()

    assert fake_api.names() == ["a", "b", "c"]
    assert fake_api.opened["/events/in"] == 1


def test_threads_share_one_worker(fake_api: FakeApi) -> None:
    threads = [
        threading.Thread(
            target=lambda n=number: [emit_event(f"{n}.{i}", RESOURCE) for i in range(25)]
        )
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    EventsWorker.instance().wait_until_empty()

    assert len(set(fake_api.names())) == 100
    assert fake_api.opened["/events/in"] == 1
    for number in range(4):  # each thread's events keep their order
        own = [name for name in fake_api.names() if name.startswith(f"{number}.")]
        assert own == [f"{number}.{i}" for i in range(25)]


def test_drain_delivers_and_a_later_emit_starts_afresh(fake_api: FakeApi) -> None:
    emit_event("a", RESOURCE)
    first = EventsWorker.instance()

    assert first.drain() is True
    emit_event("b", RESOURCE)
    EventsWorker.instance().wait_until_empty()

    assert EventsWorker.instance() is not first
    assert fake_api.names() == ["a", "b"]
    with pytest.raises(RuntimeError, match="drained"):
        first.send(Event(event="x", resource=RESOURCE))


def test_drain_is_awaitable_in_an_event_loop(fake_api: FakeApi) -> None:
    async def main() -> None:
        emit_event("a", RESOURCE)
        drained = EventsWorker.instance().drain()
        assert not isinstance(drained, bool)
        assert await drained is True
        emit_event("b", RESOURCE)
        done, pending = await EventsWorker.drain_all()
        assert (len(done), len(pending)) == (1, 0)

    asyncio.run(main())

    assert fake_api.names() == ["a", "b"]


def test_outage_is_survived_with_one_warning(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker_module, "OUTAGE_RETRY_SECONDS", 0.0)
    monkeypatch.setattr(PrefectEventsClient, "flush", _failing(PrefectEventsClient.flush, 5))

    with caplog.at_level(logging.WARNING, logger="prefect"):
        emit_event("a", RESOURCE)
        emit_event("b", RESOURCE)
        EventsWorker.instance().wait_until_empty()

    assert fake_api.names() == ["a", "b"]
    assert [record.name for record in caplog.records].count("prefect.events.worker") == 1


def _failing(original: Callable[..., object], times: int) -> Callable[..., object]:
    """The method, which fails so often before it works."""
    left = [times]

    async def flush(self: PrefectEventsClient, *, confirm: bool = True) -> None:
        if left[0]:
            left[0] -= 1
            raise ConnectionRefusedError("away")
        await original(self, confirm=confirm)  # type: ignore[misc]  # it is a coroutine function

    return flush


def test_refused_credentials_are_one_error_and_no_endless_retry(
    fake_api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    fake_api.auth_string = "me:secret"

    with caplog.at_level(logging.WARNING, logger="prefect"):
        emit_event("a", RESOURCE)
        EventsWorker.instance().wait_until_empty()
        emit_event("b", RESOURCE)
        EventsWorker.instance().wait_until_empty()

    assert fake_api.opened["/events/in"] == 1
    errors = [record for record in caplog.records if record.name == "prefect.events.worker"]
    assert len(errors) == 1
    assert "PREFECT_API_AUTH_STRING" in errors[0].getMessage()
    assert EventsWorker.instance().undelivered == 2


def test_full_queue_drops_the_oldest_with_one_warning(
    set_environment: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    set_environment(
        PREFECT_API_URL="http://127.0.0.1:9/api", PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE="3"
    )
    worker = EventsWorker(AssertingEventsClient, ())
    worker._start = lambda: None  # type: ignore[method-assign]  # nobody empties the queue

    with caplog.at_level(logging.WARNING, logger="prefect"):
        for number in range(6):
            worker.send(Event(event=f"e{number}", resource=RESOURCE))

    assert [event.event for event, _ in worker._queue] == ["e3", "e4", "e5"]
    assert worker.undelivered == 6
    assert len(caplog.records) == 1
    assert "PREFECT_EVENTS_WORKER_MAX_QUEUE_SIZE" in caplog.text


def test_override_sends_everything_to_another_client(
    set_environment: Callable[..., None],
) -> None:
    EventsWorker.set_client_override(AssertingEventsClient, colour="blue")

    emit_event("a", RESOURCE)
    EventsWorker.instance().wait_until_empty()

    client = AssertingEventsClient.last
    assert client is not None
    assert [event.event for event in client.events] == ["a"]
    assert client.kwargs == {"colour": "blue"}


def test_foreign_client_that_raises_costs_its_event_only(
    set_environment: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    class Moody(AssertingEventsClient):
        async def _emit(self, event: Event) -> None:
            if event.event == "bad":
                raise RuntimeError("mood")
            await super()._emit(event)

    EventsWorker.set_client_override(Moody)

    with caplog.at_level(logging.ERROR, logger="prefect"):
        for name in ("a", "bad", "b"):
            emit_event(name, RESOURCE)
        EventsWorker.instance().wait_until_empty()

    client = AssertingEventsClient.last
    assert client is not None
    assert [event.event for event in client.events] == ["a", "b"]
    assert "mood" in caplog.text


def test_settings_choose_the_worker(
    fake_api: FakeApi, set_environment: Callable[..., None]
) -> None:
    set_environment(PREFECT_API_KEY="one")
    first = EventsWorker.instance()
    set_environment(PREFECT_API_KEY="another")

    assert EventsWorker.instance() is not first
    set_environment(PREFECT_API_KEY="one")
    assert EventsWorker.instance() is first


def test_forwarding_client_hands_events_to_a_queue() -> None:
    from queue import Queue

    queue: Queue[tuple[str, Event]] = Queue()
    event = Event(event="x", resource=RESOURCE)

    async def main() -> None:
        async with ProcessPoolForwardingEventsClient(queue, item_type="kind") as client:
            await client.emit(event)

    asyncio.run(main())

    assert queue.get_nowait() == ("kind", event)


def test_import_starts_nothing_and_loads_no_event_loop() -> None:
    done = run_script(
        """
        import sys, threading
        import prefect.events.utilities, prefect.events.worker, prefect.events.clients
        heavy = {"asyncio", "websockets", "httpx", "ssl", "pydantic"} & set(sys.modules)
        assert not heavy, heavy
        assert threading.active_count() == 1
        """
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_events_emitted_at_the_end_are_delivered_at_exit(fake_api: FakeApi) -> None:
    done = run_script(
        """
        import atexit
        from prefect.events import emit_event
        resource = {"prefect.resource.id": "r"}
        for number in range(300):
            emit_event(f"e{number}", resource)
        """,
        PREFECT_API_URL=fake_api.api_url.replace("127.0.0.1", "localhost"),
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert fake_api.names() == [f"e{number}" for number in range(300)]


def test_undelivered_events_are_reported_at_exit() -> None:
    done = run_script(
        """
        from prefect.client import _background
        from prefect.events import emit_event
        _background.EXIT_SECONDS = 0.2
        for number in range(7):
            emit_event("e", {"prefect.resource.id": "r"})
        """,
        PREFECT_API_URL="http://127.0.0.1:9/api",
    )

    assert done.returncode == 0
    assert done.stderr.count("7 events were not delivered") == 1
    assert "Traceback" not in done.stderr
    assert "ResourceWarning" not in done.stderr


def test_silent_server_holds_up_the_exit_for_a_bounded_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = run_script(
            """
            from prefect.client import _background
            from prefect.events import emit_event
            _background.EXIT_SECONDS = 0.2
            emit_event("e", {"prefect.resource.id": "r"})
            """,
            PREFECT_API_URL=f"http://127.0.0.1:{server.getsockname()[1]}/api",
        )

    assert done.returncode == 0
    assert done.stderr.count("1 event was not delivered") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_ships_its_own_events(fake_api: FakeApi) -> None:
    done = run_script(
        """
        import multiprocessing, warnings
        from prefect.events import emit_event
        from prefect.events.worker import EventsWorker
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12: fork with threads
        resource = {"prefect.resource.id": "r"}
        def child():
            emit_event("child", resource)
        emit_event("before", resource)
        EventsWorker.instance().wait_until_empty()
        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        process.join(20)
        assert process.exitcode == 0
        emit_event("after", resource)
        """,
        PREFECT_API_URL=fake_api.api_url,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert fake_api.names() == ["before", "child", "after"]
