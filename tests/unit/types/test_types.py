"""Names, times, labels and settings' values: what is taken and what is refused."""

import pickle
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import prefect.types
from prefect._internal.uuid7 import uuid7
from prefect.types import (
    DateTime,
    SecretDict,
    check_variable_value,
    names,
    parse_retry_delay_input,
    validate_set_T_from_delim_string,
)
from prefect.types._concurrency import ConcurrencyLeaseHolder
from prefect.types._datetime import get_timezone, now, parse_datetime
from prefect.utilities.collections import AutoEnum

UTC = timezone.utc


def taken(name: str, value: Any) -> Any:
    home = prefect.types if hasattr(prefect.types, name) else names
    return TypeAdapter(getattr(home, name)).validate_python(value)


@pytest.mark.parametrize(
    ("name", "value", "result"),
    [
        ("Name", "my flow", "my flow"),
        ("NameOrEmpty", "", ""),
        ("NonEmptyishName", "a", "a"),
        ("URILike", "s3://bucket/key", "s3://bucket/key"),
        ("ValidAssetKey", "s3://bucket/ü", "s3://bucket/ü"),
        ("ArtifactKey", "my-key-1", "my-key-1"),
        ("BlockDocumentName", "my-block", "my-block"),
        ("VariableName", "my_variable-1", "my_variable-1"),
        ("SecondsTimeDelta", 5, timedelta(seconds=5)),
        ("SecondsTimeDelta", "5.5", timedelta(seconds=5.5)),
        ("SecondsTimeDelta", "PT5S", timedelta(seconds=5)),
        ("SecondsTimeDelta", "00:00:05", timedelta(seconds=5)),
        ("DurationOrSecondsTimeDelta", 5.5, timedelta(seconds=5.5)),
        ("NonNegativeTimeDelta", 0, timedelta(0)),
        ("LogLevel", "info", "INFO"),
        ("ListOfNonEmptyStrings", ["a", "", " b "], ["a", "b"]),
        ("ListOfNonEmptyStrings", "a", ["a"]),
        ("JsonStringOrDict", '{"a": "b"}', {"a": "b"}),
        ("KeyValueLabelsField", None, {}),
        ("KeyValueLabelsField", {"a": True, "b": 1.5}, {"a": True, "b": 1.5}),
        ("ClientRetryExtraCodes", "502, 504", {502, 504}),
        ("ClientRetryExtraCodes", 500, {500}),
        ("ClientRetryExtraCodes", None, set()),
        ("TaskRetryDelaySeconds", "1,2", [1.0, 2.0]),
        ("TaskRetryDelaySeconds", "", None),
        ("StrictVariableValue", {"a": [1, None]}, {"a": [1, None]}),
    ],
)
def test_field_takes(name: str, value: Any, result: Any) -> None:
    assert taken(name, value) == result


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("Name", "a/b", "pattern"),
        ("Name", "", "pattern"),
        ("NameOrEmpty", "a&b", "pattern"),
        ("NonEmptyishName", "' '", "is empty"),
        ("URILike", "bucket/key", "'bucket/key' is not a URI"),
        ("ValidAssetKey", "s3://a b", "may not contain ' '"),
        ("ValidAssetKey", "s3://" + "a" * 512, "512"),
        ("ArtifactKey", "My Key", "Artifact key 'My Key' may only contain lowercase"),
        ("ArtifactKey", "key\n", "may only contain lowercase"),
        ("BlockDocumentName", "a_b", "numbers, and dashes"),
        ("VariableName", "a" * 256, "255"),
        ("VariableName", "A", "dashes, and underscores"),
        ("NonNegativeTimeDelta", -1, "may not be negative"),
        ("DurationOrSecondsTimeDelta", "5", "duration"),
        ("LogLevel", "loud", "'DEBUG'"),
        ("ListOfNonEmptyStrings", None, "is no list"),
        ("JsonStringOrDict", "{", "is no JSON object"),
        ("KeyValueLabelsField", {"a": None}, "valid boolean"),
        ("ClientRetryExtraCodes", "99", "greater than or equal to 100"),
        ("ClientRetryExtraCodes", "abc", "valid integer"),
        ("TaskRetryDelaySeconds", "soon", "'soon' is no retry delay"),
        ("StrictVariableValue", object(), "must be JSON"),
        ("StrictVariableValue", "x" * 5001, "up to 5000 characters"),
    ],
)
def test_field_refuses_with_a_reason(name: str, value: Any, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        taken(name, value)

    assert reason in str(caught.value)


def test_none_passes_the_name_rules_that_allow_it() -> None:
    assert names.raise_on_name_alphanumeric_dashes_only(None) is None
    assert names.raise_on_name_alphanumeric_underscores_only(None) is None


def test_name_rule_calls_the_field_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"^Slug 'a b' may only"):
        names.raise_on_name_alphanumeric_underscores_only("a b", field_name="Slug")


def test_set_is_read_from_text_with_another_delimiter() -> None:
    read: set[int] = validate_set_T_from_delim_string("1; 2", int, delim=";")

    assert read == {1, 2}


def test_retry_delay_that_is_no_text_is_kept() -> None:
    assert parse_retry_delay_input([1, 2]) == [1, 2]
    assert parse_retry_delay_input("1.5") == 1.5


def test_variable_value_is_returned_as_it_is() -> None:
    value = {"a": 1}

    assert check_variable_value(value) is value


def test_cast_none_to_empty_dict_refuses_what_is_no_mapping() -> None:
    assert prefect.types.cast_none_to_empty_dict(None) == {}
    with pytest.raises(ValueError, match="5 is no mapping"):
        prefect.types.cast_none_to_empty_dict(5)


def test_secret_dict_is_not_shown() -> None:
    secret = SecretDict({"password": "hunter2"})

    assert "hunter2" not in repr(secret) + str(secret)
    assert secret.get_secret_value() == {"password": "hunter2"}


# ---- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T10:00:00", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("2026-01-01T10:00:00Z", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("2026-01-01T10:00:00+02:00", datetime(2026, 1, 1, 8, tzinfo=UTC)),
    ],
)
def test_time_without_offset_is_taken_as_utc(text: str, expected: datetime) -> None:
    validated = TypeAdapter(DateTime).validate_python(text)

    assert parse_datetime(text) == validated == expected
    assert validated.tzinfo is not None


def test_date_time_stands_for_every_datetime() -> None:
    assert isinstance(datetime(2026, 1, 1), DateTime)  # noqa: DTZ001 - naive ones too
    assert not isinstance("2026-01-01", DateTime)
    assert DateTime.fromisoformat("2026-01-01T00:00:00Z") == datetime(2026, 1, 1, tzinfo=UTC)


def test_now_is_aware() -> None:
    assert now().utcoffset() == timedelta(0)
    assert now("UTC").tzinfo is UTC
    assert now(timezone(timedelta(hours=1))).utcoffset() == timedelta(hours=1)


def test_unknown_time_zone_is_named() -> None:
    with pytest.raises(ValueError, match=r"Unknown time zone 'Mars/Base'.*tzdata"):
        get_timezone("Mars/Base")


# ---- ids -----------------------------------------------------------------------------------------


def test_ids_are_ordered_within_one_millisecond() -> None:
    ids = [uuid7(time_func=lambda: 4_000_000_000_000) for _ in range(5000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_ids_stay_ordered_when_the_clock_goes_back() -> None:
    later = uuid7(time_func=lambda: 4_100_000_000_000)

    assert uuid7(time_func=lambda: 1) > later


@given(st.integers(0, 2**48 - 1))
def test_id_holds_its_time(milliseconds: int) -> None:
    made = uuid7(milliseconds)

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == milliseconds


# ---- others --------------------------------------------------------------------------------------


class Colour(AutoEnum):
    RED = AutoEnum.auto()
    BLUE = "blue"


def test_auto_enum_is_shown_alike_on_every_python() -> None:
    assert Colour.RED.value == "RED"
    assert (repr(Colour.BLUE), str(Colour.BLUE), f"{Colour.BLUE}") == (
        "Colour.blue",
        "Colour.BLUE",
        "Colour.BLUE",
    )
    assert pickle.loads(pickle.dumps(Colour.RED)) is Colour.RED


def test_lease_holder_refuses_unknown_fields() -> None:
    with pytest.raises(ValidationError, match="extra"):
        ConcurrencyLeaseHolder(type="flow_run", id=UUID(int=1), x=1)  # type: ignore[call-arg]
