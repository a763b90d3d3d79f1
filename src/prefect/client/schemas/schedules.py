"""Schedules of deployments: intervals, cron expressions, recurrence rules, none.

Loaded when first used, from the private module that defines them.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas._models._rrule import MAX_RRULE_LENGTH as MAX_RRULE_LENGTH
    from prefect.client.schemas._models.schedules import DEFAULT_ANCHOR_DATE as DEFAULT_ANCHOR_DATE
    from prefect.client.schemas._models.schedules import MAX_ITERATIONS as MAX_ITERATIONS
    from prefect.client.schemas._models.schedules import SCHEDULE_TYPES as SCHEDULE_TYPES
    from prefect.client.schemas._models.schedules import CronSchedule as CronSchedule
    from prefect.client.schemas._models.schedules import IntervalSchedule as IntervalSchedule
    from prefect.client.schemas._models.schedules import NoSchedule as NoSchedule
    from prefect.client.schemas._models.schedules import RRuleSchedule as RRuleSchedule
    from prefect.client.schemas._models.schedules import construct_schedule as construct_schedule
    from prefect.client.schemas._models.schedules import is_schedule_type as is_schedule_type
    from prefect.client.schemas._models.schedules import is_valid_timezone as is_valid_timezone

__all__ = [
    "CronSchedule",
    "DEFAULT_ANCHOR_DATE",
    "IntervalSchedule",
    "MAX_ITERATIONS",
    "MAX_RRULE_LENGTH",
    "NoSchedule",
    "RRuleSchedule",
    "SCHEDULE_TYPES",
    "construct_schedule",
    "is_schedule_type",
    "is_valid_timezone",
]

_HOMES = {
    "prefect.client.schemas._models._rrule": ("MAX_RRULE_LENGTH",),
    "prefect.client.schemas._models.schedules": (
        "CronSchedule",
        "DEFAULT_ANCHOR_DATE",
        "IntervalSchedule",
        "MAX_ITERATIONS",
        "NoSchedule",
        "RRuleSchedule",
        "SCHEDULE_TYPES",
        "construct_schedule",
        "is_schedule_type",
        "is_valid_timezone",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: home for home, names in _HOMES.items() for name in names}
)
