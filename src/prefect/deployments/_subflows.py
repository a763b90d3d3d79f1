"""Show a submitted run as a child of the flow run that submits it.

In the parent's graph a task run stands for the child: it is made before the child, with the
parent's results among the parameters as its inputs, and the child names it as its parent. The
server mirrors the child's states on it. Used by `run_deployment` inside flows only.

Source: recorded conversation `nested_subflow`; orchestration facts, section 4.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from prefect.client._nouns.task_runs import TaskRuns

__all__ = ["current_flow_run_context", "parent_task_run_id"]


class _Placeholder:
    """A deployment, seen as a task of the flow that submits it."""

    version = None
    retries = 0
    retry_delay_seconds = 0
    retry_jitter_factor = None
    tags: tuple[str, ...] = ()

    def __init__(self, deployment: str) -> None:
        self.task_key = f"run-deployment-{deployment}"


def current_flow_run_context() -> Any:
    """The flow run this code belongs to; None outside of flows.

    Looked up, not imported: where nobody has loaded the contexts no flow can be running.
    """
    contexts = sys.modules.get("prefect.context")
    context = None if contexts is None else contexts.FlowRunContext.get()
    return context if context is not None and context.flow_run is not None else None


async def parent_task_run_id(
    api: TaskRuns, context: Any, deployment: str, parameters: dict[str, Any]
) -> UUID:
    """Make the task run that stands for the child, and return its id.

    Args:
        context: The parent's, from `current_flow_run_context`.
        deployment: Name or id of the deployment.
        parameters: Of the child; results of the parent's other runs become inputs.
    """
    from prefect._engine._inputs import dependencies  # the engine is loaded: a flow is running
    from prefect.futures import PrefectFuture

    task: Any = _Placeholder(deployment)
    number = int(context.task_run_dynamic_keys.get(task.task_key, -1)) + 1
    context.task_run_dynamic_keys[task.task_key] = number
    task_run = await api.create_task_run(
        task,
        flow_run_id=context.flow_run.id,
        dynamic_key=str(number),
        name=f"{deployment}-{number}",
        task_inputs={
            name: list(dependencies(value, context.run_results, PrefectFuture))
            for name, value in parameters.items()
        },
    )
    return task_run.id
