"""Fixtures around `FakeApi`: a clean process state, no waiting between attempts."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_websocket_api import FakeApi

_SETTINGS = (
    "PREFECT_API_URL",
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)


@pytest.fixture
def set_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[..., None]]:
    """Set environment variables and read the settings anew; undone afterwards."""
    from prefect.settings import _current

    def setter(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        _current.refresh()

    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    setter(PREFECT_HOME=str(tmp_path / "home"))
    yield setter
    monkeypatch.undo()
    _current.refresh()


@pytest.fixture
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect at once."""
    from prefect.client import _websockets

    monkeypatch.setattr(_websockets, "reconnect_delay", lambda failures: 0.0)


@pytest.fixture
def fake_api(set_environment: Callable[..., None], no_delays: None) -> Iterator[FakeApi]:
    """A running fake API that the settings point to."""
    with FakeApi() as api:
        set_environment(PREFECT_API_URL=api.api_url)
        yield api
