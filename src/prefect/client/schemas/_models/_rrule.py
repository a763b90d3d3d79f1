"""Check the syntax of recurrence rules, without knowing when they fire.

Rules are written as in calendars: lines of `DTSTART`, `RRULE`, `RDATE`, `EXRULE` and `EXDATE`; a
line without a name is a rule. The server computes the dates.

Source: RFC 5545, 3.3.10 and 3.8.5; the rule parts are those dateutil reads on the server.
"""

import re

__all__ = ["MAX_RRULE_LENGTH", "check_rrule", "with_start"]

MAX_RRULE_LENGTH = 6500
"""Characters; the server's limit."""

_FREQUENCIES = {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}
_DATE = re.compile(r"\d{8}(T\d{4,6}Z?)?|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?)?")
_NUMBER = re.compile(r"[+-]?\d+")
_NUMBERS = re.compile(r"[+-]?\d+(,[+-]?\d+)*")
_WEEKDAY = r"[+-]?\d*(MO|TU|WE|TH|FR|SA|SU)(\([+-]?\d+\))?"
_WEEKDAYS = re.compile(rf"{_WEEKDAY}(,{_WEEKDAY})*")
_PARTS = {
    "FREQ": re.compile("|".join(sorted(_FREQUENCIES))),
    "INTERVAL": _NUMBER,
    "COUNT": _NUMBER,
    "UNTIL": _DATE,
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
    "BYDAY": _WEEKDAYS,
    "BYWEEKDAY": _WEEKDAYS,
    **dict.fromkeys(
        (
            *("BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"),
            *("BYMONTH", "BYSETPOS", "BYEASTER"),
        ),
        _NUMBERS,
    ),
}


def check_rrule(text: str) -> str:
    """Return a recurrence rule whose syntax is right.

    Raises:
        ValueError: If it is empty, longer than the server takes, or has an unknown line, an
            unknown part or a part with a wrong value.
    """
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    if len(text) > MAX_RRULE_LENGTH:
        raise ValueError(
            f"The recurrence rule {shown!r} has {len(text)} characters; at most"
            f" {MAX_RRULE_LENGTH} are allowed."
        )
    lines = [line.strip() for line in text.upper().splitlines() if line.strip()]
    if not lines:
        raise ValueError("The recurrence rule is empty; write it like 'FREQ=DAILY'.")
    for line in lines:
        if problem := _problem(line):
            raise ValueError(f"The recurrence rule {shown!r} is not valid: {problem}.")
    return text


def with_start(text: str) -> str:
    """Give a rule without `DTSTART` a fixed one.

    Otherwise the dates would be counted from whenever the server reads the rule.
    """
    return text if "DTSTART" in text.upper() else f"DTSTART:20200101T000000\n{text}"


def _problem(line: str) -> str | None:
    """What is wrong with one line; None when nothing is."""
    name, colon, value = line.partition(":")
    if not colon:
        name, value = "RRULE", line
    name = name.partition(";")[0]  # parameters of the line, such as `TZID=...`
    if name in ("RRULE", "EXRULE"):
        return _rule_problem(value)
    if name in ("DTSTART", "RDATE", "EXDATE"):
        bad = [date for date in value.split(",") if not _DATE.fullmatch(date.strip())]
        return f"{bad[0]!r} is no date such as 20200131T120000" if bad else None
    return f"{name!r} is no line of a recurrence rule"


def _rule_problem(rule: str) -> str | None:
    names = []
    for part in rule.split(";"):
        name, equals, value = part.partition("=")
        if not equals or name not in _PARTS:
            return f"{part!r} is no part of a rule; write it like 'FREQ=DAILY;INTERVAL=2'"
        if not _PARTS[name].fullmatch(value):
            return f"{value!r} is no value of {name}"
        names.append(name)
    return None if "FREQ" in names else "FREQ is missing"
