"""Filters of logs: the conditions, and the filter made of them.

Published by `prefect.client.schemas.filters`.
"""

from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters._operators import OperatorMixin
from prefect.types._datetime import DateTime

__all__ = [
    "LogFilter",
    "LogFilterFlowRunId",
    "LogFilterLevel",
    "LogFilterName",
    "LogFilterTaskRunId",
    "LogFilterTextSearch",
    "LogFilterTimestamp",
]


class LogFilterFlowRunId(PrefectBaseModel):
    """Filter logs by the flow run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of flow runs.")


class LogFilterLevel(PrefectBaseModel):
    """Filter logs by level."""

    ge_: int | None = Field(default=None, description="At least this.")
    le_: int | None = Field(default=None, description="At most this.")


class LogFilterName(PrefectBaseModel):
    """Filter logs by name."""

    any_: list[str] | None = Field(default=None, description="One of these names.")


class LogFilterTaskRunId(PrefectBaseModel):
    """Filter logs by the task run they belong to."""

    any_: list[UUID] | None = Field(default=None, description="One of these ids of task runs.")


class LogFilterTextSearch(PrefectBaseModel):
    """Filter logs by words in the message."""

    query: str = Field(
        max_length=200,
        description="Words to look for; `-word` excludes, `+word` requires, quotes make a phrase.",
    )


class LogFilterTimestamp(PrefectBaseModel):
    """Filter logs by time."""

    before_: DateTime | None = Field(default=None, description="At or before this time.")
    after_: DateTime | None = Field(default=None, description="At or after this time.")


class LogFilter(PrefectBaseModel, OperatorMixin):
    """Select logs by all of the parts given, or by any of them."""

    level: LogFilterLevel | None = Field(default=None, description="By level.")
    timestamp: LogFilterTimestamp | None = Field(default=None, description="By time.")
    flow_run_id: LogFilterFlowRunId | None = Field(
        default=None, description="By the flow run they belong to."
    )
    task_run_id: LogFilterTaskRunId | None = Field(
        default=None, description="By the task run they belong to."
    )
    text: LogFilterTextSearch | None = Field(default=None, description="By words in the message.")


publish(
    "prefect.client.schemas.filters",
    LogFilter,
    LogFilterFlowRunId,
    LogFilterLevel,
    LogFilterName,
    LogFilterTaskRunId,
    LogFilterTextSearch,
    LogFilterTimestamp,
)
