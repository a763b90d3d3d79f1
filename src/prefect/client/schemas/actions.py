"""Request bodies: what creates and changes the things of `prefect.client.schemas.objects`.

Each class is defined in the private module of its noun and loaded when first used.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas._models.artifacts import ArtifactCreate as ArtifactCreate
    from prefect.client.schemas._models.artifacts import ArtifactUpdate as ArtifactUpdate
    from prefect.client.schemas._models.blocks import BlockDocumentCreate as BlockDocumentCreate
    from prefect.client.schemas._models.blocks import (
        BlockDocumentReferenceCreate as BlockDocumentReferenceCreate,
    )
    from prefect.client.schemas._models.blocks import BlockDocumentUpdate as BlockDocumentUpdate
    from prefect.client.schemas._models.blocks import BlockSchemaCreate as BlockSchemaCreate
    from prefect.client.schemas._models.blocks import BlockTypeCreate as BlockTypeCreate
    from prefect.client.schemas._models.blocks import BlockTypeUpdate as BlockTypeUpdate
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimitCreate as ConcurrencyLimitCreate,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimitV2Create as ConcurrencyLimitV2Create,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimitV2Update as ConcurrencyLimitV2Update,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        GlobalConcurrencyLimitCreate as GlobalConcurrencyLimitCreate,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        GlobalConcurrencyLimitUpdate as GlobalConcurrencyLimitUpdate,
    )
    from prefect.client.schemas._models.deployments import DeploymentBranch as DeploymentBranch
    from prefect.client.schemas._models.deployments import DeploymentCreate as DeploymentCreate
    from prefect.client.schemas._models.deployments import (
        DeploymentScheduleCreate as DeploymentScheduleCreate,
    )
    from prefect.client.schemas._models.deployments import (
        DeploymentScheduleUpdate as DeploymentScheduleUpdate,
    )
    from prefect.client.schemas._models.deployments import DeploymentUpdate as DeploymentUpdate
    from prefect.client.schemas._models.deployments import ParameterSchema as ParameterSchema
    from prefect.client.schemas._models.flow_run_actions import (
        DeploymentFlowRunCreate as DeploymentFlowRunCreate,
    )
    from prefect.client.schemas._models.flow_run_actions import FlowRunCreate as FlowRunCreate
    from prefect.client.schemas._models.flow_run_actions import FlowRunUpdate as FlowRunUpdate
    from prefect.client.schemas._models.flows import FlowCreate as FlowCreate
    from prefect.client.schemas._models.flows import FlowUpdate as FlowUpdate
    from prefect.client.schemas._models.logs import LogCreate as LogCreate
    from prefect.client.schemas._models.schedules import SCHEDULE_TYPES as SCHEDULE_TYPES
    from prefect.client.schemas._models.schedules import NormalizedSchedule as NormalizedSchedule
    from prefect.client.schemas._models.server import SavedSearchCreate as SavedSearchCreate
    from prefect.client.schemas._models.states import StateCreate as StateCreate
    from prefect.client.schemas._models.task_runs import TaskRunCreate as TaskRunCreate
    from prefect.client.schemas._models.task_runs import TaskRunUpdate as TaskRunUpdate
    from prefect.client.schemas._models.variables import VariableCreate as VariableCreate
    from prefect.client.schemas._models.variables import VariableUpdate as VariableUpdate
    from prefect.client.schemas._models.work_pools import WorkPoolCreate as WorkPoolCreate
    from prefect.client.schemas._models.work_pools import WorkPoolUpdate as WorkPoolUpdate
    from prefect.client.schemas._models.work_queues import WorkQueueCreate as WorkQueueCreate
    from prefect.client.schemas._models.work_queues import WorkQueueUpdate as WorkQueueUpdate
    from prefect.types._fields import NonNegativeFloat as NonNegativeFloat
    from prefect.types._fields import NonNegativeInteger as NonNegativeInteger
    from prefect.types._fields import PositiveInteger as PositiveInteger
    from prefect.types._labels import KeyValueLabelsField as KeyValueLabelsField
    from prefect.types._variables import StrictVariableValue as StrictVariableValue
    from prefect.types.names import ArtifactKey as ArtifactKey
    from prefect.types.names import BlockDocumentName as BlockDocumentName
    from prefect.types.names import BlockTypeSlug as BlockTypeSlug
    from prefect.types.names import Name as Name
    from prefect.types.names import NameOrEmpty as NameOrEmpty
    from prefect.types.names import NonEmptyishName as NonEmptyishName
    from prefect.types.names import VariableName as VariableName

__all__ = [
    "ArtifactCreate",
    "ArtifactKey",
    "ArtifactUpdate",
    "BlockDocumentCreate",
    "BlockDocumentName",
    "BlockDocumentReferenceCreate",
    "BlockDocumentUpdate",
    "BlockSchemaCreate",
    "BlockTypeCreate",
    "BlockTypeSlug",
    "BlockTypeUpdate",
    "ConcurrencyLimitCreate",
    "ConcurrencyLimitV2Create",
    "ConcurrencyLimitV2Update",
    "DeploymentBranch",
    "DeploymentCreate",
    "DeploymentFlowRunCreate",
    "DeploymentScheduleCreate",
    "DeploymentScheduleUpdate",
    "DeploymentUpdate",
    "FlowCreate",
    "FlowRunCreate",
    "FlowRunUpdate",
    "FlowUpdate",
    "GlobalConcurrencyLimitCreate",
    "GlobalConcurrencyLimitUpdate",
    "KeyValueLabelsField",
    "LogCreate",
    "Name",
    "NameOrEmpty",
    "NonEmptyishName",
    "NonNegativeFloat",
    "NonNegativeInteger",
    "NormalizedSchedule",
    "ParameterSchema",
    "PositiveInteger",
    "SCHEDULE_TYPES",
    "SavedSearchCreate",
    "StateCreate",
    "StrictVariableValue",
    "TaskRunCreate",
    "TaskRunUpdate",
    "VariableCreate",
    "VariableName",
    "VariableUpdate",
    "WorkPoolCreate",
    "WorkPoolUpdate",
    "WorkQueueCreate",
    "WorkQueueUpdate",
]

_HOMES = {
    "prefect.client.schemas._models.artifacts": ("ArtifactCreate", "ArtifactUpdate"),
    "prefect.client.schemas._models.blocks": (
        "BlockDocumentCreate",
        "BlockDocumentReferenceCreate",
        "BlockDocumentUpdate",
        "BlockSchemaCreate",
        "BlockTypeCreate",
        "BlockTypeUpdate",
    ),
    "prefect.client.schemas._models.concurrency_limits": (
        "ConcurrencyLimitCreate",
        "ConcurrencyLimitV2Create",
        "ConcurrencyLimitV2Update",
        "GlobalConcurrencyLimitCreate",
        "GlobalConcurrencyLimitUpdate",
    ),
    "prefect.client.schemas._models.deployments": (
        "DeploymentBranch",
        "DeploymentCreate",
        "DeploymentScheduleCreate",
        "DeploymentScheduleUpdate",
        "DeploymentUpdate",
        "ParameterSchema",
    ),
    "prefect.client.schemas._models.flow_run_actions": (
        "DeploymentFlowRunCreate",
        "FlowRunCreate",
        "FlowRunUpdate",
    ),
    "prefect.client.schemas._models.flows": ("FlowCreate", "FlowUpdate"),
    "prefect.client.schemas._models.logs": ("LogCreate",),
    "prefect.client.schemas._models.schedules": ("NormalizedSchedule", "SCHEDULE_TYPES"),
    "prefect.client.schemas._models.server": ("SavedSearchCreate",),
    "prefect.client.schemas._models.states": ("StateCreate",),
    "prefect.client.schemas._models.task_runs": ("TaskRunCreate", "TaskRunUpdate"),
    "prefect.client.schemas._models.variables": ("VariableCreate", "VariableUpdate"),
    "prefect.client.schemas._models.work_pools": ("WorkPoolCreate", "WorkPoolUpdate"),
    "prefect.client.schemas._models.work_queues": ("WorkQueueCreate", "WorkQueueUpdate"),
    "prefect.types._fields": ("NonNegativeFloat", "NonNegativeInteger", "PositiveInteger"),
    "prefect.types._labels": ("KeyValueLabelsField",),
    "prefect.types._variables": ("StrictVariableValue",),
    "prefect.types.names": (
        "ArtifactKey",
        "BlockDocumentName",
        "BlockTypeSlug",
        "Name",
        "NameOrEmpty",
        "NonEmptyishName",
        "VariableName",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: home for home, names in _HOMES.items() for name in names}
)
