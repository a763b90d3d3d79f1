"""Settings can be changed for a while, for one thread or task and those that follow from it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from prefect.settings import (
    PREFECT_API_KEY,
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_HOME,
    PREFECT_RESULTS_LOCAL_STORAGE_PATH,
    get_current_settings,
    temporary_settings,
)
from prefect.settings._current import group


def test_updates_apply_within_the_context_only() -> None:
    with temporary_settings({PREFECT_API_URL: "http://x/api"}) as settings:
        assert settings is get_current_settings()
        assert settings.api.url == PREFECT_API_URL.value() == group("api").url == "http://x/api"

    assert PREFECT_API_URL.value() is None


def test_contexts_nest() -> None:
    with temporary_settings({PREFECT_API_URL: "http://outer/api", PREFECT_CLIENT_MAX_RETRIES: 7}):
        with temporary_settings({PREFECT_API_URL: "http://inner/api"}):
            assert PREFECT_API_URL.value() == "http://inner/api"
            assert PREFECT_CLIENT_MAX_RETRIES.value() == 7
        assert PREFECT_API_URL.value() == "http://outer/api"


def test_update_with_none_unsets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "k")

    with temporary_settings({PREFECT_API_KEY: None}):
        assert PREFECT_API_KEY.value() is None

    assert PREFECT_API_KEY.value() == "k"


def test_defaults_are_set_only_for_what_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://env/api")

    with temporary_settings(set_defaults={PREFECT_API_URL: "http://d/api", PREFECT_API_KEY: "d"}):
        assert PREFECT_API_URL.value() == "http://env/api"
        assert PREFECT_API_KEY.value() == "d"


def test_restored_settings_have_their_defaults_whatever_the_sources_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://env/api")

    with temporary_settings({PREFECT_API_KEY: "k"}, restore_defaults=[PREFECT_API_URL]):
        assert PREFECT_API_URL.value() is None
        assert PREFECT_API_KEY.value() == "k"


def test_changed_environment_has_no_effect_within_the_context(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with temporary_settings({PREFECT_API_KEY: "k"}):
        monkeypatch.setenv("PREFECT_API_URL", "http://late/api")

        assert PREFECT_API_URL.value() is None


def test_derived_defaults_follow_the_changes() -> None:
    with temporary_settings({PREFECT_HOME: "/elsewhere"}):
        assert PREFECT_RESULTS_LOCAL_STORAGE_PATH.value() == Path("/elsewhere/storage")


@pytest.mark.parametrize("key", ["PREFECT_CLIENT_MAX_RETRIES", "client.max_retries"])
def test_settings_may_be_named_by_text(key: str) -> None:
    with temporary_settings({key: 9}):
        assert PREFECT_CLIENT_MAX_RETRIES.value() == 9


@pytest.mark.parametrize("key", ["PREFECT_NO_SUCH", "no.such", "client", "x", ""])
def test_unknown_setting_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="There is no setting"):
        with temporary_settings({key: 1}):
            pytest.fail("entered")


def test_value_of_the_wrong_type_is_refused_and_nothing_changes() -> None:
    with pytest.raises(ValidationError, match="PREFECT_CLIENT_MAX_RETRIES"):
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: "many"}):
            pytest.fail("entered")

    assert PREFECT_CLIENT_MAX_RETRIES.value() == 5


def test_error_within_the_context_ends_it() -> None:
    with pytest.raises(ZeroDivisionError):
        with temporary_settings({PREFECT_API_URL: "http://x/api"}):
            _ = 1 / 0

    assert PREFECT_API_URL.value() is None


def test_other_threads_do_not_see_the_changes_but_those_of_the_context_do() -> None:
    seen: list[object] = []

    with temporary_settings({PREFECT_API_URL: "http://x/api"}):
        context = contextvars.copy_context()
        for target in (lambda: context.run(look), lambda: look()):
            thread = threading.Thread(target=target)

            def look() -> None:
                seen.append(PREFECT_API_URL.value())

            thread.start()
            thread.join()

    assert seen == ["http://x/api", None]


def test_tasks_see_the_settings_of_their_own_context() -> None:
    async def within(url: str, entered: _Both) -> object:
        with temporary_settings({PREFECT_API_URL: url}):
            await entered.wait()
            return PREFECT_API_URL.value(), await asyncio.to_thread(PREFECT_API_URL.value)

    async def main() -> list[object]:
        both = _Both()
        return [*await asyncio.gather(within("http://a/api", both), within("http://b/api", both))]

    assert asyncio.run(main()) == [("http://a/api",) * 2, ("http://b/api",) * 2]
    assert PREFECT_API_URL.value() is None


class _Both:
    """Lets two tasks go on when both have come (`asyncio.Barrier` needs Python 3.11)."""

    def __init__(self) -> None:
        self._missing = 2
        self._all_here = asyncio.Event()

    async def wait(self) -> None:
        self._missing -= 1
        if not self._missing:
            self._all_here.set()
        await self._all_here.wait()
