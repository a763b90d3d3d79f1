"""The types of settings that are written as text in the environment or in a file.

Each is a type with the reader that pydantic runs first: text with commas for lists and sets, JSON
for mappings, seconds for durations, any case for log levels. A value that is no text passes
unchanged. `Secret` is shown as asterisks wherever it is printed or dumped.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, SecretStr
from pydantic_core import core_schema

__all__ = [
    "ClientRetryExtraCodes",
    "Duration",
    "JsonStringOrDict",
    "LogLevel",
    "RetryDelays",
    "Secret",
    "TaskRetryDelaySeconds",
    "VacuumTypes",
    "Words",
]

VACUUM_TYPES = frozenset({"events", "flow_runs", "orphans"})


def words(value: Any) -> Any:
    """Split text at commas, or read it as a JSON list; empty text and None give no words."""
    if value is None:
        return []
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return _json(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def status_codes(value: Any) -> Any:
    """Make a collection of one number, or of text as in `words`."""
    return [value] if isinstance(value, int) else words(value)


def json_object(value: Any) -> Any:
    """Read text as JSON; empty text and None give an empty mapping."""
    if value is None:
        return {}
    if not isinstance(value, str):
        return value
    return _json(value) if value.strip() else {}


def retry_delays(value: Any) -> Any:
    """Read text with commas, or a JSON list, as a list of seconds; empty text gives None."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text:
        return None
    return words(text) if "," in text or text.startswith("[") else text


def duration(value: Any) -> Any:
    """Read text that is a number as seconds; pydantic reads `HH:MM:SS` and ISO 8601 itself."""
    if isinstance(value, str):
        try:
            return timedelta(seconds=float(value))
        except (ValueError, OverflowError):
            return value
    return value


def vacuum_types(value: Any) -> Any:
    """Read `true`, `false` or the names of what the database vacuum removes."""
    if isinstance(value, str):
        text = value.strip().lower()
        if text in ("true", "1"):
            return True
        if text in ("false", "0", ""):
            return False
        value = words(text)
    if isinstance(value, (list, tuple, set, frozenset)):
        unknown = sorted(str(name) for name in value if name not in VACUUM_TYPES)
        if unknown:
            raise ValueError(
                f"unknown names {', '.join(map(repr, unknown))};"
                f" choose from {', '.join(sorted(VACUUM_TYPES))}"
            )
        return set(value)
    return value


def upper(value: Any) -> Any:
    """Put text in upper case."""
    return value.upper() if isinstance(value, str) else value


def _json(text: str) -> Any:
    import json  # only where a value is written that way

    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"is not valid JSON ({error})") from None


class _Hidden:
    """Mark of a secret: it is dumped as asterisks unless the caller's context asks for it.

    `PlainSerializer` would say the same, but loads a module that submitting a run does not need.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        hidden = core_schema.plain_serializer_function_ser_schema(_hidden, info_arg=True)
        return core_schema.no_info_after_validator_function(
            _as_it_is, handler(source), serialization=hidden
        )


def _as_it_is(value: Any) -> Any:
    return value


def _hidden(value: Any, info: "core_schema.SerializationInfo[Any]") -> Any:
    if value is None:
        return None
    if isinstance(info.context, dict) and info.context.get("include_secrets"):
        return value.get_secret_value()
    return str(value) if info.mode_is_json() else value


Secret = Annotated[SecretStr, _Hidden()]
"""Text that is never shown."""

LogLevel = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(upper)
]
"""Name of a log level, in any case."""

Words = Annotated[list[str], BeforeValidator(words)]
"""Words, given as a list or as text with commas."""

WordSet = Annotated[set[str], BeforeValidator(words)]
"""Words without an order."""

Duration = Annotated[timedelta, BeforeValidator(duration)]
"""A duration, given in seconds, as `HH:MM:SS` or as ISO 8601."""

ClientRetryExtraCodes = Annotated[
    set[Annotated[int, Field(ge=100, le=599)]], BeforeValidator(status_codes)
]
"""HTTP statuses, given as a set, as one number, or as text with commas."""

JsonStringOrDict = Annotated[dict[str, str], BeforeValidator(json_object)]
"""A mapping of text to text, given as such or as the text of a JSON object."""

RetryDelays = Annotated[int | float | list[float], BeforeValidator(retry_delays)]
"""Seconds before a retry; of a list, the nth value counts for the nth retry."""

TaskRetryDelaySeconds = Annotated[int | float | list[float] | None, BeforeValidator(retry_delays)]
"""As `RetryDelays`; None means no delay."""

VacuumTypes = Annotated[set[str] | bool | None, BeforeValidator(vacuum_types)]
"""Which kinds of rows the database vacuum removes."""
