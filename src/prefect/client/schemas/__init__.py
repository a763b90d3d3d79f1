"""The models of the REST API: objects, request bodies, answers, filters, schedules.

This package only holds a table of names; using one loads one small module.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas.actions import BlockTypeUpdate as BlockTypeUpdate
    from prefect.client.schemas.actions import StateCreate as StateCreate
    from prefect.client.schemas.objects import (
        DEFAULT_BLOCK_SCHEMA_VERSION as DEFAULT_BLOCK_SCHEMA_VERSION,
    )
    from prefect.client.schemas.objects import BlockDocument as BlockDocument
    from prefect.client.schemas.objects import BlockSchema as BlockSchema
    from prefect.client.schemas.objects import BlockType as BlockType
    from prefect.client.schemas.objects import FlowRun as FlowRun
    from prefect.client.schemas.objects import FlowRunPolicy as FlowRunPolicy
    from prefect.client.schemas.objects import FlowRunResult as FlowRunResult
    from prefect.client.schemas.objects import RunInput as RunInput
    from prefect.client.schemas.objects import State as State
    from prefect.client.schemas.objects import StateDetails as StateDetails
    from prefect.client.schemas.objects import StateType as StateType
    from prefect.client.schemas.objects import TaskRun as TaskRun
    from prefect.client.schemas.objects import TaskRunPolicy as TaskRunPolicy
    from prefect.client.schemas.objects import TaskRunResult as TaskRunResult
    from prefect.client.schemas.objects import Workspace as Workspace
    from prefect.client.schemas.responses import OrchestrationResult as OrchestrationResult
    from prefect.client.schemas.responses import SetStateStatus as SetStateStatus
    from prefect.client.schemas.responses import StateAbortDetails as StateAbortDetails
    from prefect.client.schemas.responses import StateAcceptDetails as StateAcceptDetails
    from prefect.client.schemas.responses import StateRejectDetails as StateRejectDetails

__all__ = [
    "BlockDocument",
    "BlockSchema",
    "BlockType",
    "BlockTypeUpdate",
    "DEFAULT_BLOCK_SCHEMA_VERSION",
    "FlowRun",
    "FlowRunPolicy",
    "FlowRunResult",
    "OrchestrationResult",
    "RunInput",
    "SetStateStatus",
    "State",
    "StateAbortDetails",
    "StateAcceptDetails",
    "StateCreate",
    "StateDetails",
    "StateRejectDetails",
    "StateType",
    "TaskRun",
    "TaskRunPolicy",
    "TaskRunResult",
    "Workspace",
]

_HOMES = {
    "prefect.client.schemas.actions": ("BlockTypeUpdate", "StateCreate"),
    "prefect.client.schemas.objects": (
        "BlockDocument",
        "BlockSchema",
        "BlockType",
        "DEFAULT_BLOCK_SCHEMA_VERSION",
        "FlowRun",
        "FlowRunPolicy",
        "FlowRunResult",
        "RunInput",
        "State",
        "StateDetails",
        "StateType",
        "TaskRun",
        "TaskRunPolicy",
        "TaskRunResult",
        "Workspace",
    ),
    "prefect.client.schemas.responses": (
        "OrchestrationResult",
        "SetStateStatus",
        "StateAbortDetails",
        "StateAcceptDetails",
        "StateRejectDetails",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: home for home, names in _HOMES.items() for name in names}
)
