"""Check the syntax of cron expressions, without knowing when they fire.

The server computes the dates; the client only refuses what no server would take, so that a typing
error is reported where it was made. Five fields (minute, hour, day of month, month, day of week),
then optionally seconds and year, as croniter reads them on the server.

Source: crontab(5); the REST contract's recorded answers for `L`, `#`, `?`, `@` names and `R`/`H`.
"""

import re
from typing import NamedTuple

__all__ = ["check_cron"]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_ALIASES = frozenset(
    {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
)


class _Field(NamedTuple):
    name: str
    lowest: int
    highest: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, tuple(_MONTHS)),
    _Field("day of week", 0, 7, tuple(_DAYS)),
    _Field("second", 0, 59),
    _Field("year", 1970, 2099),
)

_WITHOUT_NUMBER = {("?", "day of month"), ("?", "day of week"), ("l", "day of month")}
_PART = re.compile(r"(?P<first>\*|[a-z0-9]+)(?:-(?P<last>[a-z0-9]+))?(?:/(?P<step>\d+))?")


def check_cron(expression: str) -> str:
    """Return a cron expression whose syntax is right.

    Raises:
        ValueError: If a field is missing, unknown or out of its range, or if the expression asks
            for random (`R`) or hashed (`H`) times, which no two readers would agree on.
    """
    text = expression.strip().lower()
    if text in _ALIASES:
        return expression
    parts = text.split()
    if not 5 <= len(parts) <= len(_FIELDS):
        raise ValueError(
            f"The cron expression {expression!r} has {len(parts)} fields; it needs five (minute,"
            " hour, day of month, month, day of week), optionally followed by second and year, or"
            f" one of {', '.join(sorted(_ALIASES))}."
        )
    for field, part in zip(_FIELDS, parts, strict=False):
        for item in part.split(","):
            if problem := _problem(item, field):
                raise ValueError(f"The cron expression {expression!r} is not valid: {problem}.")
    return expression


def _problem(item: str, field: _Field) -> str | None:
    """What is wrong with one item of a field; None when nothing is."""
    if re.match(r"[rh](?![a-z])", item):
        return f"random and hashed times ({item!r} in the {field.name}) are not supported"
    if (item, field.name) in _WITHOUT_NUMBER:
        return None
    if field.name == "day of week":
        item = _without_week(item)
    match = _PART.fullmatch(item)
    if match is None:
        return f"{item!r} is no {field.name}"
    first, last, step = match["first"], match["last"], match["step"]
    if first == "*" and last is not None:
        return f"{item!r} is no {field.name}"
    for value in (first, last):
        if value not in (None, "*") and not _in_range(value, field):
            return (
                f"{value!r} is no {field.name} ({field.lowest} to {field.highest}"
                f"{', or ' + ', '.join(field.names) if field.names else ''})"
            )
    if step is not None and int(step) == 0:
        return f"the step of {item!r} in the {field.name} is 0"
    return None


def _without_week(item: str) -> str:
    """Take `#2` (the second of the month) or `L` (the last) off a day of the week."""
    if match := re.fullmatch(r"([a-z0-9]+)#[1-5]", item):
        return match[1]
    if match := re.fullmatch(r"l([0-7]|[a-z]{3})", item):
        return match[1]
    return item


def _in_range(value: str, field: _Field) -> bool:
    if value.isdecimal():
        return field.lowest <= int(value) <= field.highest
    return value in field.names
