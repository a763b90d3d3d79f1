"""Schedules of deployments, as they are written in code.

    from prefect.schedules import Cron

    my_flow.serve(name="nightly", schedule=Cron("0 3 * * *", timezone="Europe/Berlin"))

`Cron`, `Interval` and `RRule` make a `Schedule`; what is sent to the server is made from it when
the flow is deployed. This module does not load pydantic.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from prefect.types._datetime import now

__all__ = ["Cron", "Interval", "RRule", "Schedule"]


@dataclass(frozen=True)
class Schedule:
    """When a deployment's flow runs start, and with which parameters.

    Attributes:
        interval: Time between two runs, counted from `anchor_date`.
        cron: A cron expression.
        rrule: A recurrence rule of the iCalendar standard.
        timezone: IANA name of the time zone that `cron`, `rrule` or days of `interval` are in.
        anchor_date: A point in time at which an interval starts.
        day_or: Whether a cron expression with both a day of month and a day of week fires on
            either of them, as cron does, or only when both agree.
        active: Whether runs are scheduled.
        parameters: Parameters of the runs, over those of the deployment.
        slug: Name of the schedule within its deployment.
    """

    interval: datetime.timedelta | None = None
    cron: str | None = None
    rrule: str | None = None
    timezone: str | None = None
    anchor_date: datetime.datetime = field(default_factory=now)
    day_or: bool = True
    active: bool = True
    parameters: dict[str, Any] = field(default_factory=dict)
    slug: str | None = None

    def __post_init__(self) -> None:
        """Refuse two kinds of schedule in one.

        Raises:
            ValueError: If more than one of `interval`, `cron` and `rrule` is given.
        """
        kinds = [kind for kind in ("interval", "cron", "rrule") if getattr(self, kind) is not None]
        if len(kinds) > 1:
            raise ValueError(
                f"A schedule is of one kind, but {' and '.join(kinds)} are given; make one schedule"
                " of each."
            )


def Cron(
    cron: str,
    /,
    timezone: str | None = None,
    day_or: bool = True,
    active: bool = True,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
) -> Schedule:
    """Start runs when a cron expression says so, e.g. `Cron("0 9 * * mon-fri")`.

    Raises:
        ValueError: If the expression is not valid.
    """
    # Upward hop: the schedules on the wire and their checks stand on storey 4.
    from prefect.client.schemas._models._cron import check_cron

    return Schedule(
        cron=check_cron(cron),
        timezone=timezone,
        day_or=day_or,
        active=active,
        parameters=parameters or {},
        slug=slug,
    )


def Interval(
    interval: datetime.timedelta | float | int,
    /,
    anchor_date: datetime.datetime | None = None,
    timezone: str | None = None,
    active: bool = True,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
) -> Schedule:
    """Start runs at regular intervals; a number counts seconds, e.g. `Interval(3600)`.

    Raises:
        ValueError: If the interval is not longer than nothing.
    """
    if not isinstance(interval, datetime.timedelta):
        interval = datetime.timedelta(seconds=interval)
    if interval <= datetime.timedelta(0):
        raise ValueError(
            f"The interval of a schedule must be longer than 0 s, not {interval.total_seconds()} s."
        )
    return Schedule(
        interval=interval,
        anchor_date=anchor_date or now(),
        timezone=timezone,
        active=active,
        parameters=parameters or {},
        slug=slug,
    )


def RRule(
    rrule: str,
    /,
    timezone: str | None = None,
    active: bool = True,
    parameters: dict[str, Any] | None = None,
    slug: str | None = None,
) -> Schedule:
    """Start runs when a recurrence rule says so, e.g. `RRule("FREQ=WEEKLY;BYDAY=MO,WE")`.

    Raises:
        ValueError: If the rule is not valid.
    """
    # Upward hop: the schedules on the wire and their checks stand on storey 4.
    from prefect.client.schemas._models._rrule import check_rrule

    return Schedule(
        rrule=check_rrule(rrule),
        timezone=timezone,
        active=active,
        parameters=parameters or {},
        slug=slug,
    )
