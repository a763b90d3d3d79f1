"""Field types of numbers, durations, secrets and lists written as text, mostly for settings."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import AfterValidator, BeforeValidator, Field, Secret, TypeAdapter

__all__ = [
    "ClientRetryExtraCodes",
    "DurationOrSecondsTimeDelta",
    "JsonStringOrDict",
    "ListOfNonEmptyStrings",
    "LogLevel",
    "NonNegativeFloat",
    "NonNegativeInteger",
    "NonNegativeTimeDelta",
    "PositiveInteger",
    "SecondsTimeDelta",
    "SecretDict",
    "StatusCode",
    "TaskRetryDelaySeconds",
    "parse_retry_delay_input",
    "validate_set_T_from_delim_string",
]

T = TypeVar("T")

PositiveInteger = Annotated[int, Field(gt=0)]
NonNegativeInteger = Annotated[int, Field(ge=0)]
NonNegativeFloat = Annotated[float, Field(ge=0.0)]
StatusCode = Annotated[int, Field(ge=100, le=599)]


class SecretDict(Secret[dict[str, Any]]):
    """A mapping that is not shown when printed; `get_secret_value()` gives it."""


SecretDict.__module__ = "prefect.types"


# ---- durations ----------------------------------------------------------------------------------


def _seconds_or_duration(value: Any) -> Any:
    """Take a number, also in text, as seconds; leave ISO durations and `HH:MM:SS` alone."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value)
    if isinstance(value, str):
        try:
            return timedelta(seconds=float(value))
        except ValueError:
            return value
    return value


def _numbers_are_seconds(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value)
    return value


def _not_negative(value: timedelta) -> timedelta:
    if value < timedelta(0):
        raise ValueError(f"The duration may not be negative, but it is {value.total_seconds()} s.")
    return value


SecondsTimeDelta = Annotated[timedelta, BeforeValidator(_seconds_or_duration)]
"""A duration; a number, also in text, counts seconds."""
DurationOrSecondsTimeDelta = Annotated[timedelta, BeforeValidator(_numbers_are_seconds)]
"""A duration; a number counts seconds, text is an ISO duration or `HH:MM:SS`."""
NonNegativeTimeDelta = Annotated[timedelta, AfterValidator(_not_negative)]


# ---- lists and mappings written as text ---------------------------------------------------------


def validate_set_T_from_delim_string(
    value: str | T | set[T] | None, type_: Any, delim: str | None = None
) -> set[T]:
    """Read a set from text, one element, several elements or None.

    Args:
        value: Text with elements between `delim`, one element, or a collection of them.
        type_: What each element is validated as.
        delim: What stands between two elements in text; a comma when None.

    Returns:
        The elements; empty for None and empty text.

    Raises:
        ValueError: If an element is no `type_`.
    """
    if not value and value != 0:
        return set()
    items: Iterable[Any]
    if isinstance(value, str):
        items = [item.strip() for item in value.split(delim or ",") if item.strip()]
    elif isinstance(value, (set, frozenset, list, tuple)):
        items = value
    else:
        items = [value]
    # JSON rules are not strict about numbers in text, which is how environment variables come.
    return cast("set[T]", TypeAdapter(set[type_]).validate_python(set(items)))


ClientRetryExtraCodes = Annotated[
    str | StatusCode | set[StatusCode] | None,
    BeforeValidator(partial(validate_set_T_from_delim_string, type_=StatusCode)),
]
"""HTTP status codes to retry: `502,504` in text, one number, or a set."""


def parse_retry_delay_input(value: Any) -> Any:
    """Read delays in seconds from text: one number, or several between commas.

    Returns:
        A float, a list of floats, None for empty text; what is no text is returned as it is.

    Raises:
        ValueError: If a part of the text is no number.
    """
    if not isinstance(value, str):
        return value
    parts = [part.strip() for part in value.split(",") if part.strip()]
    try:
        delays = [float(part) for part in parts]
    except ValueError as error:
        raise ValueError(
            f"{value!r} is no retry delay; write seconds like '10', or several like '1,10,60'."
        ) from error
    if not delays:
        return None
    return delays if len(delays) > 1 else delays[0]


TaskRetryDelaySeconds = Annotated[
    str | int | float | list[float] | None, BeforeValidator(parse_retry_delay_input)
]


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)
]
"""The name of a logging level, in capitals or not."""


def _without_empty(value: Any) -> Any:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise ValueError(f"{value!r} is no list of texts.")
    return [text for item in value if (text := str(item).strip())]


ListOfNonEmptyStrings = Annotated[list[str], BeforeValidator(_without_empty)]
"""Texts without the empty ones; one text is split at its commas."""


def _from_json_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    import json  # not needed for most settings

    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no JSON object: {error}") from error


JsonStringOrDict = Annotated[dict[str, str], BeforeValidator(_from_json_text)]
"""A mapping of texts, also written as a JSON object."""
