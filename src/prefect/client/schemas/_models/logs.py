"""Logs of runs and workers."""

from uuid import UUID

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    TimeSeriesBaseModel,
    publish,
)
from prefect.types._datetime import DateTime

__all__ = ["Log", "LogCreate"]


class Log(TimeSeriesBaseModel, ObjectBaseModel):
    """One line of a run's log."""

    name: str
    level: int
    message: str
    timestamp: DateTime
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class LogCreate(ActionBaseModel):
    """Write one line of a log."""

    name: str
    level: int
    message: str
    timestamp: DateTime
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    worker_id: UUID | None = None


publish("prefect.client.schemas.objects", Log)
publish("prefect.client.schemas.actions", LogCreate)
