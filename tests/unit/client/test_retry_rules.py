"""The retry rules: pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from prefect.client._retries import (
    BUDGET_SECONDS,
    is_repeatable,
    retry_after_seconds,
    retry_delay,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("GET", "/flows/x", None),
        ("DELETE", "/flows/x", None),
        ("PUT", "/automations/x", b"{}"),
        ("PATCH", "/flow_runs/x", b"{}"),
        ("POST", "/flow_runs/filter", b"{}"),
        ("POST", "/flow_runs/count", b"{}"),
        ("POST", "/work_pools/a%2Fb/get_scheduled_flow_runs", b"{}"),
        ("POST", "/flows/", b'{"name":"filter"}'),
        ("POST", "/deployments/", b"{}"),
        ("POST", "/task_runs/", b"{}"),
        ("POST", "/flow_runs/", b'{"name":"a","idempotency_key": "k"}'),
        ("POST", "/deployments/1/create_flow_run?x=1", b'{"idempotency_key":"k"}'),
        ("POST", "/flow_runs/1/set_state", b"{}"),
    ],
)
def test_request_that_may_arrive_twice_is_repeatable(
    method: str, path: str, content: bytes | None
) -> None:
    assert is_repeatable(method, path, content)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/artifacts/", b"{}"),
        ("/logs/", b"[]"),
        ("/flow_runs/", b'{"idempotency_key":null}'),
        ("/flow_runs/", None),
        ("/flow_runs/", b'{"parameters":{"idempotency_key":"k"}}'),
        ("/flow_runs/", b'"idempotency_key":"k"'),
        ("/deployments/1/create_flow_run", b"{}"),
        ("/v2/concurrency_limits/increment", b"{}"),
        ("/flow_runs/1/input", b"{}"),
        ("/variables/", b'{"idempotency_key":"k"}'),
        ("/automations/", b"{}"),
    ],
)
def test_request_that_could_make_two_is_not_repeatable(path: str, content: bytes | None) -> None:
    assert not is_repeatable("POST", path, content)


def test_delays_double_up_to_a_cap() -> None:
    delays = [retry_delay(n, max_retries=9, status=503, jitter_factor=0) for n in range(1, 8)]

    assert delays == [2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 1.6), (0.5, 2.0), (1.0, 2.4)])
def test_jitter_stretches_and_shrinks(chance: float, expected: float) -> None:
    assert retry_delay(1, max_retries=1, status=503, chance=chance) == pytest.approx(expected)


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 10.0), (1.0, 12.0)])
def test_retry_after_is_only_stretched(chance: float, expected: float) -> None:
    delay = retry_delay(1, max_retries=1, status=429, retry_after=10, chance=chance)

    assert delay == pytest.approx(expected)


def test_attempts_are_bounded() -> None:
    assert retry_delay(5, max_retries=5) is not None
    assert retry_delay(6, max_retries=5) is None


def test_waits_are_bounded_by_the_budget() -> None:
    assert retry_delay(1, max_retries=5, status=429, retry_after=BUDGET_SECONDS * 2) is None
    assert retry_delay(1, max_retries=500, waited_seconds=BUDGET_SECONDS) is None


def test_maintenance_outlasts_attempts() -> None:
    assert retry_delay(9, max_retries=0, status=503, maintenance=True) is not None
    assert retry_delay(9, max_retries=0, status=503) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Sun, 22 Nov 2026 12:00:09 GMT", 9.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, NOW) == seconds


def test_retry_after_is_relative_to_now() -> None:
    later = NOW + timedelta(seconds=4)

    assert retry_after_seconds("Sun, 22 Nov 2026 12:00:09 GMT", later) == 5
