"""Schedules: when a deployment's flow runs start.

The client checks what people write and leaves the dates to the server. What the server sends is
read more kindly: a field of a schedule that only a newer server knows is dropped, because refusing
it would make the whole deployment unreadable.
"""

import datetime
from typing import Annotated, Any, TypeGuard

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from typing_extensions import Self

from prefect._internal.schemas.bases import StrictBaseModel, publish
from prefect.client.schemas._models._cron import check_cron
from prefect.client.schemas._models._rrule import MAX_RRULE_LENGTH, check_rrule
from prefect.types._datetime import DateTime, get_timezone, now

__all__ = [
    "DEFAULT_ANCHOR_DATE",
    "MAX_ITERATIONS",
    "MAX_RRULE_LENGTH",
    "NormalizedSchedule",
    "SCHEDULE_TYPES",
    "CronSchedule",
    "IntervalSchedule",
    "NoSchedule",
    "RRuleSchedule",
    "ReceivedSchedule",
    "construct_schedule",
    "is_schedule_type",
    "is_valid_timezone",
]

MAX_ITERATIONS = 1000
"""Dates that are looked at to find the next one."""
DEFAULT_ANCHOR_DATE = datetime.date(2020, 1, 1)


def is_valid_timezone(v: str) -> bool:
    """Whether a name is that of a time zone, as far as this machine knows.

    Where there is no time zone data at all (slim containers), any name passes; the server decides.
    """
    from zoneinfo import available_timezones  # reads the whole database: only when needed

    if not v:
        return False
    try:
        get_timezone(v)
    except ValueError:
        return not available_timezones()
    return True


def _check_timezone(value: str | None) -> str | None:
    if value and not is_valid_timezone(value):
        raise ValueError(
            f"Unknown time zone {value!r}; use an IANA name such as 'America/New_York'."
        )
    return value


TimezoneName = Annotated[str | None, AfterValidator(_check_timezone)]


class IntervalSchedule(StrictBaseModel):
    """Start at regular intervals, counted from an anchor date.

    Across a change of daylight saving time, an interval of a day or more keeps its time of day in
    `timezone`; a shorter one keeps its distance.
    """

    interval: Annotated[datetime.timedelta, Field(gt=datetime.timedelta(0))]
    anchor_date: DateTime = Field(default_factory=now)
    timezone: TimezoneName = None

    @model_validator(mode="after")
    def _take_timezone_of_anchor(self) -> Self:
        if self.timezone is None:
            zone = getattr(self.anchor_date.tzinfo, "key", None)
            # Set without marking it as given: the default of a field, not a choice.
            self.__dict__["timezone"] = zone or "UTC"
        return self


class CronSchedule(StrictBaseModel):
    """Start when a cron expression says so.

    Across a change of daylight saving time the expression is read in the local time of `timezone`.
    """

    cron: Annotated[str, AfterValidator(check_cron)]
    timezone: TimezoneName = None
    day_or: bool = True


class RRuleSchedule(StrictBaseModel):
    """Start when a recurrence rule of the iCalendar standard says so."""

    rrule: Annotated[str, AfterValidator(check_rrule)]
    timezone: Annotated[TimezoneName, BeforeValidator(lambda value: value or "UTC")] = "UTC"

    @classmethod
    def from_rrule(cls, rrule: Any) -> "RRuleSchedule":
        """Take over a rule or a set of rules of dateutil, which is optional and so not named here.

        The time zone is that of its start; all starts of a set must have the same.

        Raises:
            ValueError: If the starts of a set are in different time zones.
        """
        rules = getattr(rrule, "_rrule", None)
        if not isinstance(rules, (list, tuple)):
            return cls(rrule=str(rrule), timezone=_zone_name(getattr(rrule, "_dtstart", None)))
        zones = {_zone_name(getattr(rule, "_dtstart", None)) for rule in rules}
        if len(zones) > 1:
            raise ValueError(
                "The rules of a set must start in the same time zone, but these start in"
                f" {', '.join(sorted(zones))}."
            )
        return cls(rrule=_rruleset_text(rrule), timezone=next(iter(zones), "UTC"))

    def to_rrule(self) -> Any:
        """Make the rule or set of rules of dateutil, in this schedule's time zone.

        Raises:
            PrefectImportError: If dateutil is not installed.
        """
        from prefect._extras import require  # dateutil is optional

        parser = require(
            "dateutil.rrule", extra="schedules", what="computing the dates of a recurrence rule"
        )
        zone = get_timezone(self.timezone or "UTC")
        start = datetime.datetime(2020, 1, 1)  # noqa: DTZ001 - the zone follows
        parsed = parser.rrulestr(self.rrule, dtstart=start, tzids=get_timezone)
        return _in_zone(parsed, zone, parser.rruleset)


def _in_zone(rules: Any, zone: datetime.tzinfo, make_set: Any) -> Any:
    """Put the dates of a rule or set of rules that name no time zone into one."""

    def aware(date: datetime.datetime | None) -> datetime.datetime | None:
        return date.replace(tzinfo=zone) if date is not None and date.tzinfo is None else date

    def rule_in_zone(rule: Any) -> Any:
        return rule.replace(dtstart=aware(rule._dtstart), until=aware(rule._until))

    if not isinstance(rules, make_set):
        return rule_in_zone(rules)
    in_zone = make_set(cache=True)
    for rule in rules._rrule:
        in_zone.rrule(rule_in_zone(rule))
    for rule in rules._exrule:
        in_zone.exrule(rule_in_zone(rule))
    for date in rules._rdate:
        in_zone.rdate(aware(date))
    for date in rules._exdate:
        in_zone.exdate(aware(date))
    return in_zone


def _zone_name(start: datetime.datetime | None) -> str:
    zone = start.tzinfo if start is not None else None
    if zone is None:
        return "UTC"
    return str(getattr(zone, "key", None) or getattr(zone, "name", None) or zone.tzname(start))


def _rruleset_text(rules: Any) -> str:
    lines = [line for rule in rules._rrule for line in str(rule).splitlines()]
    lines += [
        line.replace("RRULE:", "EXRULE:")
        for rule in rules._exrule
        for line in str(rule).splitlines()
        if not line.startswith("DTSTART")
    ]
    lines += [f"RDATE:{date:%Y%m%dT%H%M%S}" for date in rules._rdate]
    lines += [f"EXDATE:{date:%Y%m%dT%H%M%S}" for date in rules._exdate]
    return "\n".join(dict.fromkeys(lines))  # one DTSTART, though each rule writes it


class NoSchedule(StrictBaseModel):
    """Never start by itself."""


SCHEDULE_TYPES = IntervalSchedule | CronSchedule | RRuleSchedule | NoSchedule
_CLASSES: dict[str, Any] = {
    "interval": IntervalSchedule,
    "cron": CronSchedule,
    "rrule": RRuleSchedule,
    "none": NoSchedule,
}


def _kind_of(value: Any) -> str | None:
    """The key in `_CLASSES` of a schedule or of what one is made from."""
    if isinstance(value, dict):
        return next((kind for kind in ("interval", "cron", "rrule") if kind in value), "none")
    return next((kind for kind, cls in _CLASSES.items() if isinstance(value, cls)), None)


def _drop_unknown_fields(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    known = _CLASSES[_kind_of(value) or "none"].model_fields
    return {name: item for name, item in value.items() if name in known}


NormalizedSchedule = Annotated[
    Annotated[IntervalSchedule, Tag("interval")]
    | Annotated[CronSchedule, Tag("cron")]
    | Annotated[RRuleSchedule, Tag("rrule")]
    | Annotated[NoSchedule, Tag("none")],
    Discriminator(
        _kind_of,
        custom_error_type="schedule",
        custom_error_message="Give a schedule: one with `interval`, `cron` or `rrule`",
    ),
]
"""A schedule that people write; its class is chosen by the field that is there."""
ReceivedSchedule = Annotated[NormalizedSchedule, BeforeValidator(_drop_unknown_fields)]
"""A schedule that the server sends."""


def is_schedule_type(obj: Any) -> TypeGuard[SCHEDULE_TYPES]:
    """Whether a value is one of the schedule models."""
    return isinstance(obj, (IntervalSchedule, CronSchedule, RRuleSchedule, NoSchedule))


def construct_schedule(
    interval: int | float | datetime.timedelta | None = None,
    anchor_date: datetime.datetime | str | None = None,
    cron: str | None = None,
    rrule: str | None = None,
    timezone: str | None = None,
) -> SCHEDULE_TYPES:
    """Make a schedule of exactly one of `interval` (a number counts seconds), `cron` and `rrule`.

    Raises:
        ValueError: If none or several of them are given, or an anchor date without an interval.
    """
    given = {"interval": interval, "cron": cron, "rrule": rrule}
    kinds = [kind for kind, value in given.items() if value is not None]
    if anchor_date is not None and kinds != ["interval"]:
        raise ValueError("An anchor date goes with an interval only.")
    if len(kinds) != 1:
        raise ValueError(
            "Give exactly one of interval, cron and rrule,"
            f" not {' and '.join(kinds) if kinds else 'none'}."
        )
    fields: dict[str, Any] = {kinds[0]: given[kinds[0]]}
    if timezone is not None:
        fields["timezone"] = timezone
    if anchor_date is not None:
        fields["anchor_date"] = anchor_date
    schedule: SCHEDULE_TYPES = _CLASSES[kinds[0]](**fields)
    return schedule


publish(
    "prefect.client.schemas.schedules", IntervalSchedule, CronSchedule, RRuleSchedule, NoSchedule
)
for _function in (construct_schedule, is_schedule_type, is_valid_timezone):
    _function.__module__ = "prefect.client.schemas.schedules"
