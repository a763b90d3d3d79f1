"""The ways to write the schedules of a deployment."""

from collections.abc import Sequence
from typing import Any

from prefect.client.schemas._models.deployments import DeploymentScheduleCreate
from prefect.client.schemas._models.schedules import SCHEDULE_TYPES
from prefect.schedules import Schedule

__all__ = ["FlexibleScheduleList"]

FlexibleScheduleList = Sequence[
    DeploymentScheduleCreate | dict[str, Any] | SCHEDULE_TYPES | Schedule
]
