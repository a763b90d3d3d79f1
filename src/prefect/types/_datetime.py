"""Points in time: aware datetimes everywhere, UTC when nothing else is said.

`DateTime` is the type of every time stamp on the wire: what comes without an offset is taken as
UTC, and it is written in ISO format with its offset (`Z` for UTC). `now` is the only clock of the
package; tests replace it. This module does not import pydantic.
"""

import datetime
from typing import Any

TYPE_CHECKING = False

__all__ = ["Date", "DateTime", "Duration", "get_timezone", "now", "parse_datetime"]

UTC = datetime.timezone.utc
Date = datetime.date
Duration = datetime.timedelta


def now(tz: str | Any = "UTC") -> datetime.datetime:
    """Read the clock, in a time zone given by name or as `tzinfo`."""
    return datetime.datetime.now(UTC if tz == "UTC" else get_timezone(tz))


def get_timezone(tz: str | datetime.tzinfo) -> datetime.tzinfo:
    """Look up a time zone by its IANA name.

    Raises:
        ValueError: If the time zone database knows no such name.
    """
    if isinstance(tz, datetime.tzinfo):
        return tz
    if tz.upper() == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # 5 ms; most processes only ever use UTC

    try:
        return ZoneInfo(tz)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(
            f"Unknown time zone {tz!r}: use an IANA name such as 'Europe/Berlin'. Where the system"
            " has no time zone data, run `pip install tzdata`."
        ) from error


def parse_datetime(dt: str) -> datetime.datetime:
    """Read an ISO 8601 time stamp; without an offset it is taken as UTC.

    Raises:
        ValueError: If the text is no ISO 8601 time stamp.
    """
    # `fromisoformat` takes a `Z` only since Python 3.11.
    text = dt[:-1] + "+00:00" if dt[-1:] in ("Z", "z") else dt
    return as_aware(datetime.datetime.fromisoformat(text))


def as_aware(value: datetime.datetime) -> datetime.datetime:
    """Take a naive datetime as UTC; an aware one is returned as it is."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


if TYPE_CHECKING:
    DateTime = datetime.datetime
else:

    class _AnyDateTime(type):
        """Make every datetime an instance of `DateTime`: models hold plain datetimes."""

        def __instancecheck__(cls, instance):
            return isinstance(instance, datetime.datetime)

    class DateTime(datetime.datetime, metaclass=_AnyDateTime):
        """An aware datetime, as the annotation of a pydantic field.

        Validation gives a plain `datetime.datetime` with an offset.
        """

        @classmethod
        def fromisoformat(cls, date_string):
            """Read an ISO 8601 time stamp, with `Z` on every Python version."""
            return super().fromisoformat(
                date_string[:-1] + "+00:00" if date_string[-1:] in ("Z", "z") else date_string
            )

        @classmethod
        def __get_pydantic_core_schema__(cls, source, handler):
            return {
                "type": "function-after",
                "function": {"type": "no-info", "function": as_aware},
                "schema": {"type": "datetime", "microseconds_precision": "truncate"},
            }
