"""What the tests of the client share: both faces, and sleeps that only count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from prefect._dual import run
from prefect.client._core import AsyncCore, BlockingCore
from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.settings._current import refresh


class Face:
    """One of the two clients, called the same way."""

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, api_url: Any, method: str, path: str, **options: Any) -> Any:
        """Send one request with a client of its own and return its answer."""
        return self.call(api_url, lambda core: core._send(method, path, **options))

    def call(self, api: Any, body: Callable[[Any], Any], **arguments: Any) -> Any:
        """Run a core coroutine made by `body` with a client of its own."""
        if self.name == "sync":
            with SyncPrefectClient(api, **arguments) as client:
                return run(body(client._core))

        async def main() -> Any:
            async with PrefectClient(api, **arguments) as client:
                return await body(client)

        return asyncio.run(main())

    def native(self, api: Any, method: str, path: str, **options: Any) -> Any:
        """Send one request through `client._client`."""
        arguments = options.pop("arguments", {})
        if self.name == "sync":
            with SyncPrefectClient(api, **arguments) as client:
                return client._client.request(method, path, **options)

        async def main() -> Any:
            async with PrefectClient(api, **arguments) as client:
                return await client._client.request(method, path, **options)

        return asyncio.run(main())


@pytest.fixture(params=["sync", "async"])
def port(request: pytest.FixtureRequest) -> Face:
    return Face(request.param)


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between attempts, which take no time in tests."""
    taken: list[float] = []

    async def sleep(self: Any, seconds: float) -> None:
        taken.append(seconds)

    from prefect.client import base

    for core in (BlockingCore, AsyncCore):
        monkeypatch.setattr(core, "_pause", sleep)
    for port in (base._SyncPort, base._AsyncPort):
        monkeypatch.setattr(port, "sleep", sleep)
    return taken


@pytest.fixture(autouse=True)
def quiet_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    """No settings but those a test makes: an own home, no variables, no proxies."""
    import os

    for name in list(os.environ):
        if name.startswith("PREFECT_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    refresh()
    yield
    monkeypatch.undo()
    refresh()


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Set one setting for the time of a test."""

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        refresh()

    return change
