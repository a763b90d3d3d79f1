"""Schedules: what is refused when it is written, and how it goes to the server and comes back."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from pydantic import ValidationError

from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentScheduleUpdate
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.schedules import (
    CronSchedule,
    IntervalSchedule,
    NoSchedule,
    RRuleSchedule,
    construct_schedule,
    is_schedule_type,
    is_valid_timezone,
)
from prefect.schedules import Cron, Interval, RRule, Schedule

ANCHOR = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "* * * * *",
            "*/5 * * * *",
            "0 0 * * mon-fri",
            "0 0 * jan *",
            "0 0 31 2 *",
            "1/2 * * * *",
        ),
        *(
            "0 0 1-5/2 * *",
            "0 0 L * *",
            "0 0 1,2,L * *",
            "0 0 ? * *",
            "0 0 * * 7",
            "0 0 * * fri-mon",
        ),
        *(
            "0 0 * * 5#2",
            "0 0 * * mon#1",
            "0 0 * * L5",
            " 0 0 * * * ",
            "5-1 * * * *",
            "0 0 * mar *",
        ),
        *("* * * * * *", "0 0 * * * 30", "* * * * * * *", "0 0 1 1 * 0 2030", "@daily", "@Yearly"),
    ],
)
def test_cron_expression_is_taken(expression: str) -> None:
    assert CronSchedule(cron=expression).cron == expression
    assert Cron(expression).cron == expression


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "has 0 fields"),
        ("a", "has 1 fields"),
        ("* * * *", "needs five"),
        ("* * * * * * * *", "has 8 fields"),
        ("60 * * * *", "'60' is no minute (0 to 59)"),
        ("0 24 * * *", "'24' is no hour (0 to 23)"),
        ("0 0 32 * *", "'32' is no day of month (1 to 31)"),
        ("0 0 * 13 *", "'13' is no month"),
        ("0 0 * mar thur", "'thur' is no day of week"),
        ("0 0 * * 8", "'8' is no day of week"),
        ("*/0 * * * *", "the step of '*/0' in the minute is 0"),
        ("*-5 * * * *", "'*-5' is no minute"),
        ("L * * * *", "'l' is no minute"),
        ("0 0 1W * *", "'1w' is no day of month"),
        ("1,,2 * * * *", "'' is no minute"),
        ("@reboot", "has 1 fields"),
        ("R * * * *", "random and hashed times"),
        ("0 0 * * r", "random and hashed times"),
        ("H(0-10) * * * *", "random and hashed times"),
    ],
)
def test_cron_expression_is_refused_with_a_reason(expression: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        Cron(expression)

    assert repr(expression) in str(caught.value)
    assert reason in str(caught.value)
    with pytest.raises(ValidationError):
        CronSchedule(cron=expression)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY",
        "RRULE:FREQ=DAILY;COUNT=3",
        "freq=weekly;byday=mo,we,-1FR;wkst=SU",
        "DTSTART:20200101T000000\nRRULE:FREQ=DAILY",
        "DTSTART;TZID=Europe/Berlin:20200101T000000\nRRULE:FREQ=DAILY\nEXDATE:20200102T000000",
        "RRULE:FREQ=DAILY;UNTIL=20300101T000000Z\nEXRULE:FREQ=WEEKLY",
        "RDATE:20200101T000000,20200102T000000",
        "FREQ=MONTHLY;BYSETPOS=-1;BYMONTHDAY=1,-1;INTERVAL=2",
    ],
)
def test_rule_is_taken(rule: str) -> None:
    assert RRuleSchedule(rrule=rule).rrule == rule
    assert RRule(rule).rrule == rule


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "is empty"),
        ("x", "'X' is no part of a rule"),
        ("FREQ=OFTEN", "'OFTEN' is no value of FREQ"),
        ("INTERVAL=2", "FREQ is missing"),
        ("FREQ=DAILY;DTSTART=1", "'DTSTART=1' is no part of a rule"),
        ("FREQ=DAILY;COUNT=many", "'MANY' is no value of COUNT"),
        ("DTSTART:tomorrow\nFREQ=DAILY", "'TOMORROW' is no date"),
        ("VEVENT:1", "'VEVENT' is no line"),
        ("FREQ=DAILY;" + "BYHOUR=1;" * 800, "at most 6500"),
    ],
)
def test_rule_is_refused_with_a_reason(rule: str, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        RRule(rule)

    assert reason in str(caught.value)
    with pytest.raises(ValidationError):
        RRuleSchedule(rrule=rule)


@pytest.mark.parametrize("seconds", [0, -5])
def test_interval_must_be_longer_than_nothing(seconds: int) -> None:
    with pytest.raises(ValueError, match="longer than 0 s"):
        Interval(seconds)
    with pytest.raises(ValidationError, match="greater than 0 seconds"):
        IntervalSchedule(interval=timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "make",
    [
        lambda zone: IntervalSchedule(interval=timedelta(1), timezone=zone),
        lambda zone: CronSchedule(cron="@daily", timezone=zone),
        lambda zone: RRuleSchedule(rrule="FREQ=DAILY", timezone=zone),
    ],
    ids=["interval", "cron", "rrule"],
)
def test_time_zone_must_exist(make: Any) -> None:
    assert make("Europe/Berlin").timezone == "Europe/Berlin"
    with pytest.raises(ValidationError, match="Unknown time zone 'Mars/Base'"):
        make("Mars/Base")


def test_any_time_zone_passes_without_time_zone_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", set)

    assert is_valid_timezone("Mars/Base")


def test_empty_text_is_no_time_zone() -> None:
    assert not is_valid_timezone("")
    assert not is_valid_timezone("Mars/Base")


def test_interval_takes_the_time_zone_of_its_anchor() -> None:
    anchor = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))

    schedule = IntervalSchedule(interval=timedelta(days=1), anchor_date=anchor)

    assert schedule.timezone == "Europe/Berlin"
    assert IntervalSchedule(interval=timedelta(days=1)).timezone == "UTC"


# ---- which kind it is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"interval": 5}, IntervalSchedule),
        ({"cron": "@daily"}, CronSchedule),
        ({"rrule": "FREQ=DAILY"}, RRuleSchedule),
        ({}, NoSchedule),
    ],
)
def test_kind_follows_from_the_field(fields: dict[str, Any], kind: type[Any]) -> None:
    for model in (DeploymentScheduleCreate, DeploymentScheduleUpdate, DeploymentSchedule):
        schedule = model.model_validate({"schedule": fields}).schedule

        assert isinstance(schedule, kind)
        assert is_schedule_type(schedule)
    assert not is_schedule_type(fields)


def test_schedule_of_a_newer_server_is_read_without_its_new_field() -> None:
    read = DeploymentSchedule.model_validate({"schedule": {"cron": "@daily", "jitter": 5}})

    assert read.schedule == CronSchedule(cron="@daily")
    with pytest.raises(ValidationError, match="jitter"):
        DeploymentScheduleCreate.model_validate({"schedule": {"cron": "@daily", "jitter": 5}})


def test_one_error_says_what_is_wrong_with_a_schedule() -> None:
    with pytest.raises(ValidationError, match="Give a schedule") as caught:
        DeploymentScheduleCreate.model_validate({"schedule": 5})
    assert caught.value.error_count() == 1

    with pytest.raises(ValidationError) as caught:
        DeploymentScheduleCreate.model_validate({"schedule": {"cron": "bad"}})
    assert caught.value.error_count() == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"interval": 5}, timedelta(seconds=5)),
        ({"interval": timedelta(1), "anchor_date": ANCHOR, "timezone": "UTC"}, timedelta(1)),
    ],
)
def test_construct_interval_schedule(arguments: dict[str, Any], expected: timedelta) -> None:
    schedule = construct_schedule(**arguments)

    assert isinstance(schedule, IntervalSchedule)
    assert schedule.interval == expected


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({}, "not none"),
        ({"interval": 1, "cron": "@daily"}, "not interval and cron"),
        ({"cron": "@daily", "anchor_date": ANCHOR}, "goes with an interval only"),
        ({"anchor_date": ANCHOR}, "goes with an interval only"),
    ],
)
def test_construct_schedule_wants_exactly_one_kind(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        construct_schedule(**arguments)


def test_schedule_in_code_is_of_one_kind() -> None:
    with pytest.raises(ValueError, match="interval and cron are given"):
        Schedule(interval=timedelta(1), cron="@daily")


# ---- request bodies -----------------------------------------------------------------------------


def body(schedule: Schedule) -> Any:
    made = DeploymentScheduleCreate.from_schedule(schedule)
    return json.loads(made.model_dump_json(exclude_unset=True))


def test_cron_goes_to_the_server() -> None:
    schedule = Cron("0 3 * * *", timezone="Europe/Berlin", parameters={"x": 1}, slug="nightly")

    assert body(schedule) == {
        "schedule": {"cron": "0 3 * * *", "timezone": "Europe/Berlin", "day_or": True},
        "active": True,
        "parameters": {"x": 1},
        "slug": "nightly",
    }


def test_interval_goes_to_the_server_in_seconds() -> None:
    assert body(Interval(90, anchor_date=ANCHOR, active=False)) == {
        "schedule": {"interval": 90.0, "anchor_date": "2026-01-01T00:00:00Z"},
        "active": False,
        "parameters": {},
        "slug": None,
    }


def test_rule_goes_to_the_server_with_a_fixed_start() -> None:
    assert body(RRule("FREQ=DAILY"))["schedule"] == {
        "rrule": "DTSTART:20200101T000000\nFREQ=DAILY",
    }
    with_start = "DTSTART:20260101T000000\nRRULE:FREQ=DAILY"
    assert body(RRule(with_start, timezone="UTC"))["schedule"]["rrule"] == with_start


def test_schedule_of_no_kind_goes_as_none() -> None:
    assert body(Schedule()) == {"schedule": {}}


def test_runs_scheduled_ahead_are_limited() -> None:
    assert DeploymentScheduleUpdate(max_scheduled_runs=50).max_scheduled_runs == 50
    with pytest.raises(ValidationError, match=r"at most 50, not 51.*MAX_SCHEDULED_RUNS"):
        DeploymentScheduleUpdate(max_scheduled_runs=51)
    with pytest.raises(ValidationError, match="greater than 0"):
        DeploymentScheduleUpdate(max_scheduled_runs=0)


# ---- dateutil -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=2", [1, 2]),
        ("DTSTART:20200105T000000\nRRULE:FREQ=DAILY;UNTIL=20200106T000000", [5, 6]),
        ("DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20200102T000000", [1, 3]),
        (
            (
                "DTSTART:20200101T000000\nRRULE:FREQ=DAILY;COUNT=3\n"
                "EXRULE:FREQ=DAILY;COUNT=1\nRDATE:20200107T000000"
            ),
            [2, 3, 7],
        ),
    ],
)
def test_rule_gives_its_dates_in_its_time_zone(rule: str, days: list[int]) -> None:
    dates = list(RRuleSchedule(rrule=rule, timezone="Europe/Berlin").to_rrule())

    zone = ZoneInfo("Europe/Berlin")
    assert dates == [datetime(2020, 1, day, tzinfo=zone) for day in days]


def test_rules_of_dateutil_are_taken_over() -> None:
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    rules = rrule.rruleset()
    rules.rrule(rrule.rrule(rrule.DAILY, dtstart=start, count=3))
    rules.exdate(start + timedelta(days=1))

    one = RRuleSchedule.from_rrule(rrule.rrule(rrule.DAILY, dtstart=start, count=2))
    several = RRuleSchedule.from_rrule(rules)

    assert (one.timezone, several.timezone) == ("Europe/Berlin", "Europe/Berlin")
    assert list(one.to_rrule()) == [start, start + timedelta(days=1)]
    assert list(several.to_rrule()) == [start, start + timedelta(days=2)]


def test_rules_of_a_set_start_in_one_time_zone() -> None:
    rules = rrule.rruleset()
    for zone in ("Europe/Berlin", "America/New_York"):
        start = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone))
        rules.rrule(rrule.rrule(rrule.DAILY, dtstart=start, count=3))

    with pytest.raises(ValueError, match="America/New_York, Europe/Berlin"):
        RRuleSchedule.from_rrule(rules)
