"""Text from the environment becomes the value of a setting, or is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

import prefect.settings
from prefect.settings.legacy import declarations
from prefect.settings.models.server.services import ServerServicesDBVacuumSettings


def read(name: str) -> Any:
    declaration = declarations()[name]
    return getattr(declaration.model(), declaration.field)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PREFECT_CLIENT_RETRY_EXTRA_CODES", "", set()),
        ("PREFECT_CLIENT_RETRY_EXTRA_CODES", "429", {429}),
        ("PREFECT_CLIENT_RETRY_EXTRA_CODES", " 429 , 500 ,", {429, 500}),
        ("PREFECT_CLIENT_RETRY_EXTRA_CODES", "[429]", {429}),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", "", {}),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-A": "a=b, c"}', {"X-A": "a=b, c"}),
        ("PREFECT_LOGGING_EXTRA_LOGGERS", "", []),
        ("PREFECT_LOGGING_EXTRA_LOGGERS", "a, b", ["a", "b"]),
        ("PREFECT_LOGGING_LEVEL", "debug", "DEBUG"),
        ("PREFECT_PLUGINS_ALLOW", "", set()),
        ("PREFECT_PLUGINS_ALLOW", "a,b,a", {"a", "b"}),
        ("PREFECT_TASKS_DEFAULT_RETRY_DELAY_SECONDS", "", None),
        ("PREFECT_TASKS_DEFAULT_RETRY_DELAY_SECONDS", "1, 10,5", [1.0, 10.0, 5.0]),
        ("PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS", "1.5", 1.5),
        ("PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS", "60.5", timedelta(seconds=60.5)),
        ("PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS", "PT15S", timedelta(seconds=15)),
        ("PREFECT_SERVER_EVENTS_RETENTION_PERIOD", "1:00:00", timedelta(hours=1)),
        ("PREFECT_SERVER_EVENTS_RETENTION_PERIOD", "3600", timedelta(hours=1)),
        ("PREFECT_API_URL", "", ""),
        ("PREFECT_CLI_PROMPT", "yes", True),
    ],
)
def test_text_is_read_as(
    name: str, text: str, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)

    assert read(name) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PREFECT_CLIENT_RETRY_EXTRA_CODES", "99"),
        ("PREFECT_CLIENT_RETRY_EXTRA_CODES", "429,x"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", "x"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '{"a": 1}'),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", "[1]"),
        ("PREFECT_LOGGING_LEVEL", "loud"),
        ("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "10"),
        ("PREFECT_TASKS_DEFAULT_RETRY_DELAY_SECONDS", "a"),
        ("PREFECT_SERVER_EVENTS_RETENTION_PERIOD", "soon"),
        ("PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED", "events,logs"),
        ("PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD", "3600"),
        ("PREFECT_API_REQUEST_TIMEOUT", ""),
    ],
)
def test_text_is_refused(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, text)

    with pytest.raises(ValidationError, match=name):
        read(name)


@pytest.mark.parametrize(
    ("text", "removed"),
    [
        ("true", {"events", "flow_runs", "orphans"}),
        ("1", {"events", "flow_runs", "orphans"}),
        ("false", {"events"}),
        ("", {"events"}),
        ("orphans", {"orphans"}),
        ("flow_runs", {"flow_runs", "orphans"}),
        ("events,flow_runs", {"events", "flow_runs", "orphans"}),
    ],
)
def test_vacuum_removes(text: str, removed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED", text)

    assert ServerServicesDBVacuumSettings().enabled_vacuum_types == removed


def test_vacuum_without_a_value_removes_nothing() -> None:
    assert ServerServicesDBVacuumSettings(enabled=None).enabled_vacuum_types == set()


def test_constant_of_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="PREFECT_NO_SUCH_SETTING"):
        _ = prefect.settings.PREFECT_NO_SUCH_SETTING
