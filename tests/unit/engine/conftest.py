"""The two faces of the engine, without a server: local mode, or with what would be sent kept."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from logging_state import restored_logging

from prefect.events.clients import AssertingEventsClient
from prefect.events.worker import EventsWorker
from prefect.settings.context import refresh_settings


@pytest.fixture(autouse=True)
def local_mode(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """No API, and a home of the test's own."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    refresh_settings()
    with restored_logging():
        yield
    monkeypatch.undo()
    refresh_settings()


class Face:
    """Makes functions of one colour, and calls flows and tasks made of them."""

    def __init__(self, is_async: bool) -> None:
        self.is_async = is_async

    def make(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function this face's colour."""
        if not self.is_async:
            return fn

        @functools.wraps(fn)
        async def twin(*args: Any, **kwargs: Any) -> Any:
            return fn(*args, **kwargs)

        return twin

    def call(self, subject: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a flow or task and wait for it."""
        result = subject(*args, **kwargs)
        if not self.is_async:
            assert not inspect.isawaitable(result)
            return result

        async def waited() -> Any:
            return await result

        return asyncio.run(waited())


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest) -> Face:
    """The sync and the async face, one after the other."""
    return Face(request.param == "async")


@pytest.fixture
def sent() -> Iterator[Callable[[], list[Any]]]:
    """Keep the events the engine sends; call it to get those sent so far."""
    AssertingEventsClient.reset()
    EventsWorker.set_client_override(AssertingEventsClient)

    def events() -> list[Any]:
        EventsWorker.instance().drain()
        return [event for client in AssertingEventsClient.all for event in client.events]

    yield events
    EventsWorker.instance().drain()
    EventsWorker.set_client_override(None)
    AssertingEventsClient.reset()
