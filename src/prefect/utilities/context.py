"""Which run is going on here, for code that must not load the engine to find out."""

from __future__ import annotations

import sys
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from contextvars import Context
    from typing import Any
    from uuid import UUID

__all__ = [
    "get_flow_run_id",
    "get_task_and_flow_run_ids",
    "get_task_run_id",
    "temporary_context",
]


@contextmanager
def temporary_context(context: Context) -> Generator[None, Any, None]:
    """Give the context variables the values they have in `context`, then take them back.

    Args:
        context: A copy made with `contextvars.copy_context()`, of another thread for example.
    """
    tokens = {variable: variable.set(value) for variable, value in context.items()}
    try:
        yield
    finally:
        for variable, token in tokens.items():
            variable.reset(token)


def get_task_run_id() -> UUID | None:
    """Give the id of the task run this code belongs to, if any."""
    return get_task_and_flow_run_ids()[0]


def get_flow_run_id() -> UUID | None:
    """Give the id of the flow run this code belongs to, if any, also from inside its tasks."""
    return get_task_and_flow_run_ids()[1]


def get_task_and_flow_run_ids() -> tuple[UUID | None, UUID | None]:
    """Give the ids of the task run and of the flow run this code belongs to, each None without."""
    # Without that module no run can be going on.
    module: Any = sys.modules.get("prefect.context")
    if module is None:
        return None, None
    flow_context = module.FlowRunContext.get()
    task_context = module.TaskRunContext.get()
    task_run_id = None if task_context is None else task_context.task_run.id
    if flow_context is not None and flow_context.flow_run is not None:
        return task_run_id, flow_context.flow_run.id
    return task_run_id, None if task_context is None else task_context.task_run.flow_run_id
