"""The task run that this code belongs to."""

from typing import Any

from prefect.context import TaskRunContext
from prefect.runtime._attributes import attributes

__all__ = [  # noqa: F822, RUF100  # attributes that `__getattr__` gives
    "api_url",
    "id",
    "name",
    "parameters",
    "run_count",
    "tags",
    "task_name",
    "ui_url",
]


def get_id() -> str | None:
    """The run's id."""
    context = TaskRunContext.get()
    return None if context is None else str(context.task_run.id)


def get_name() -> str | None:
    """The run's name."""
    context = TaskRunContext.get()
    return None if context is None else str(context.task_run.name)


def get_task_name() -> str | None:
    """The name of the task."""
    context = TaskRunContext.get()
    return None if context is None else str(context.task.name)


def get_tags() -> list[str]:
    """The run's tags."""
    context = TaskRunContext.get()
    return [] if context is None else list(context.task_run.tags)


def get_run_count() -> int:
    """Which attempt this is, starting at 1."""
    context = TaskRunContext.get()
    return 0 if context is None else int(context.task_run.run_count)


def get_parameters() -> dict[str, Any]:
    """The parameters the task was called with."""
    context = TaskRunContext.get()
    return {} if context is None else context.parameters


def get_task_run_api_url() -> str | None:
    """The run's address in the API."""
    return _url("api")


def get_task_run_ui_url() -> str | None:
    """The run's page in the UI."""
    return _url("ui")


def _url(kind: Any) -> str | None:
    run_id = get_id()
    if run_id is None:
        return None
    from prefect.utilities.urls import url_for

    return url_for("task-run", obj_id=run_id, url_type=kind)


__getattr__, __dir__ = attributes(
    __name__,
    {
        "api_url": get_task_run_api_url,
        "id": get_id,
        "name": get_name,
        "parameters": get_parameters,
        "run_count": get_run_count,
        "tags": get_tags,
        "task_name": get_task_name,
        "ui_url": get_task_run_ui_url,
    },
)
