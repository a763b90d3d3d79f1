"""What can be sent as JSON, what becomes of it, and what is refused."""

import dataclasses
import enum
import math
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, SecretStr

from prefect.client._nouns._values import UnserializableValue, checked, jsonable
from prefect.exceptions import SerializationError


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    at: datetime


class Shape(BaseModel):
    points: list[Point]
    size: float = 1.0


WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.10"), "1.10"),
        (date(2026, 1, 2), "2026-01-02"),
        (WHEN, "2026-01-02T03:04:05Z"),
        (timedelta(hours=1), "PT1H"),
        (Colour.RED, "red"),
        (PurePosixPath("/a"), "/a"),
        ((1, (2,)), [1, [2]]),
        ({3}, [3]),
        (frozenset({3}), [3]),
        (b"text", "text"),
        (10**40, 10**40),
        (Point(1, WHEN), {"x": 1, "at": "2026-01-02T03:04:05Z"}),
        (
            Shape(points=[Point(1, WHEN)]),
            {"points": [{"x": 1, "at": "2026-01-02T03:04:05Z"}], "size": 1.0},
        ),
        ({1: "a", UUID(int=2): "b"}, {"1": "a", "00000000-0000-0000-0000-000000000002": "b"}),
    ],
)
def test_value_is_sent_as(value: Any, expected: Any) -> None:
    assert jsonable({"x": [value]}, "parameters") == {"x": [expected]}


@pytest.mark.parametrize("value", [{}, {"a": [1, 2.5, None, True, {"b": "c"}]}, [], "x", None])
def test_plain_value_is_not_copied(value: Any) -> None:
    assert jsonable(value, "parameters") is value


@pytest.mark.parametrize(
    ("value", "where", "reason"),
    [
        ({"x": object()}, "parameters['x']", "unknown type"),
        ({"x": {"y": [1, object()]}}, "parameters['x']['y'][1]", "unknown type"),
        ({"x": b"\xff"}, "parameters['x']", "utf-8"),
        ({"x": [math.nan]}, "parameters['x'][0]", "JSON has no nan"),
        ({"x": -math.inf}, "parameters['x']", "JSON has no -inf"),
        ({"x": Shape(points=[], size=math.inf)}, "parameters['x']['size']", "JSON has no inf"),
        ({"x": SecretStr("s")}, "parameters['x']", "asterisks"),
        ({"x": {1: "a", "1": "b"}}, "parameters['x']", "'1'"),
        ({object(): 1}, "parameters", ""),
    ],
)
def test_value_that_json_cannot_carry_is_named(value: Any, where: str, reason: str) -> None:
    with pytest.raises(UnserializableValue) as raised:
        jsonable(value, "parameters")

    assert raised.value.where == where
    assert str(raised.value).startswith(f"{where} (")
    assert reason in str(raised.value)


def test_value_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(UnserializableValue, match="contains itself"):
        jsonable({"x": endless}, "parameters")


@pytest.mark.parametrize("kind", [TypeError, ValueError, SerializationError])
def test_error_is_caught_as(kind: type[Exception]) -> None:
    with pytest.raises(kind, match="object"):
        jsonable(object(), "parameters")


def test_secret_is_not_shown_in_the_error() -> None:
    with pytest.raises(UnserializableValue) as raised:
        jsonable({"x": SecretStr("hunter2")}, "parameters")

    assert "hunter2" not in str(raised.value)


def test_non_finite_numbers_can_be_sent_as_text() -> None:
    value = {"x": [math.nan, math.inf, -math.inf, 1.5]}

    sent = jsonable(value, "parameters", non_finite="text")

    assert sent == {"x": ["NaN", "Infinity", "-Infinity", 1.5]}


def test_several_values_are_called_by_their_names() -> None:
    assert checked(a=None, b=(1,)) == {"a": None, "b": [1]}
    with pytest.raises(UnserializableValue, match=r"^job_variables\['x'\]"):
        checked(job_variables={"x": object()})
