"""What the server stores, as the client reads it: flow runs, states, deployments, …

Each class is defined in the private module of its noun and loaded when first used, so reading a
flow run does not define the models of work pools.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas._models.artifacts import Artifact as Artifact
    from prefect.client.schemas._models.artifacts import ArtifactCollection as ArtifactCollection
    from prefect.client.schemas._models.blocks import (
        DEFAULT_BLOCK_SCHEMA_VERSION as DEFAULT_BLOCK_SCHEMA_VERSION,
    )
    from prefect.client.schemas._models.blocks import BlockDocument as BlockDocument
    from prefect.client.schemas._models.blocks import (
        BlockDocumentReference as BlockDocumentReference,
    )
    from prefect.client.schemas._models.blocks import BlockSchema as BlockSchema
    from prefect.client.schemas._models.blocks import BlockSchemaReference as BlockSchemaReference
    from prefect.client.schemas._models.blocks import BlockType as BlockType
    from prefect.client.schemas._models.cloud import IPAllowlist as IPAllowlist
    from prefect.client.schemas._models.cloud import IPAllowlistEntry as IPAllowlistEntry
    from prefect.client.schemas._models.cloud import (
        IPAllowlistMyAccessResponse as IPAllowlistMyAccessResponse,
    )
    from prefect.client.schemas._models.cloud import Workspace as Workspace
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimit as ConcurrencyLimit,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimitConfig as ConcurrencyLimitConfig,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimitStrategy as ConcurrencyLimitStrategy,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyOptions as ConcurrencyOptions,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        GlobalConcurrencyLimit as GlobalConcurrencyLimit,
    )
    from prefect.client.schemas._models.deployments import (
        BranchingScheduleHandling as BranchingScheduleHandling,
    )
    from prefect.client.schemas._models.deployments import Deployment as Deployment
    from prefect.client.schemas._models.deployments import (
        DeploymentBranchingOptions as DeploymentBranchingOptions,
    )
    from prefect.client.schemas._models.deployments import DeploymentSchedule as DeploymentSchedule
    from prefect.client.schemas._models.deployments import DeploymentStatus as DeploymentStatus
    from prefect.client.schemas._models.deployments import VersionInfo as VersionInfo
    from prefect.client.schemas._models.flow_run_inputs import FlowRunInput as FlowRunInput
    from prefect.client.schemas._models.flow_runs import FlowRun as FlowRun
    from prefect.client.schemas._models.flow_runs import FlowRunPolicy as FlowRunPolicy
    from prefect.client.schemas._models.flows import Flow as Flow
    from prefect.client.schemas._models.logs import Log as Log
    from prefect.client.schemas._models.run_inputs import Constant as Constant
    from prefect.client.schemas._models.run_inputs import FlowRunResult as FlowRunResult
    from prefect.client.schemas._models.run_inputs import Parameter as Parameter
    from prefect.client.schemas._models.run_inputs import RunInput as RunInput
    from prefect.client.schemas._models.run_inputs import RunType as RunType
    from prefect.client.schemas._models.run_inputs import TaskRunResult as TaskRunResult
    from prefect.client.schemas._models.schedules import SCHEDULE_TYPES as SCHEDULE_TYPES
    from prefect.client.schemas._models.server import Configuration as Configuration
    from prefect.client.schemas._models.server import CsrfToken as CsrfToken
    from prefect.client.schemas._models.server import SavedSearch as SavedSearch
    from prefect.client.schemas._models.server import SavedSearchFilter as SavedSearchFilter
    from prefect.client.schemas._models.server import (
        ServerDefaultResultStorage as ServerDefaultResultStorage,
    )
    from prefect.client.schemas._models.server import (
        ServerDefaultResultStorageUpdate as ServerDefaultResultStorageUpdate,
    )
    from prefect.client.schemas._models.states import TERMINAL_STATES as TERMINAL_STATES
    from prefect.client.schemas._models.states import State as State
    from prefect.client.schemas._models.states import StateDetails as StateDetails
    from prefect.client.schemas._models.states import StateType as StateType
    from prefect.client.schemas._models.states import data_discriminator as data_discriminator
    from prefect.client.schemas._models.task_runs import TaskRun as TaskRun
    from prefect.client.schemas._models.task_runs import TaskRunPolicy as TaskRunPolicy
    from prefect.client.schemas._models.variables import Variable as Variable
    from prefect.client.schemas._models.work_pools import WorkPool as WorkPool
    from prefect.client.schemas._models.work_pools import WorkPoolStatus as WorkPoolStatus
    from prefect.client.schemas._models.work_pools import (
        WorkPoolStorageConfiguration as WorkPoolStorageConfiguration,
    )
    from prefect.client.schemas._models.work_queues import QueueFilter as QueueFilter
    from prefect.client.schemas._models.work_queues import WorkQueue as WorkQueue
    from prefect.client.schemas._models.work_queues import (
        WorkQueueHealthPolicy as WorkQueueHealthPolicy,
    )
    from prefect.client.schemas._models.work_queues import WorkQueueStatus as WorkQueueStatus
    from prefect.client.schemas._models.work_queues import (
        WorkQueueStatusDetail as WorkQueueStatusDetail,
    )
    from prefect.client.schemas._models.workers import (
        DEFAULT_AGENT_WORK_POOL_NAME as DEFAULT_AGENT_WORK_POOL_NAME,
    )
    from prefect.client.schemas._models.workers import Agent as Agent
    from prefect.client.schemas._models.workers import Integration as Integration
    from prefect.client.schemas._models.workers import Worker as Worker
    from prefect.client.schemas._models.workers import WorkerMetadata as WorkerMetadata
    from prefect.client.schemas._models.workers import WorkerStatus as WorkerStatus
    from prefect.types._concurrency import ConcurrencyLeaseHolder as ConcurrencyLeaseHolder
    from prefect.types._fields import NonNegativeInteger as NonNegativeInteger
    from prefect.types._fields import PositiveInteger as PositiveInteger
    from prefect.types._labels import KeyValueLabelsField as KeyValueLabelsField
    from prefect.types._variables import StrictVariableValue as StrictVariableValue
    from prefect.types.names import MAX_VARIABLE_NAME_LENGTH as MAX_VARIABLE_NAME_LENGTH
    from prefect.types.names import BlockDocumentName as BlockDocumentName
    from prefect.types.names import Name as Name

__all__ = [
    "Agent",
    "Artifact",
    "ArtifactCollection",
    "BlockDocument",
    "BlockDocumentName",
    "BlockDocumentReference",
    "BlockSchema",
    "BlockSchemaReference",
    "BlockType",
    "BranchingScheduleHandling",
    "ConcurrencyLeaseHolder",
    "ConcurrencyLimit",
    "ConcurrencyLimitConfig",
    "ConcurrencyLimitStrategy",
    "ConcurrencyOptions",
    "Configuration",
    "Constant",
    "CsrfToken",
    "DEFAULT_AGENT_WORK_POOL_NAME",
    "DEFAULT_BLOCK_SCHEMA_VERSION",
    "Deployment",
    "DeploymentBranchingOptions",
    "DeploymentSchedule",
    "DeploymentStatus",
    "Flow",
    "FlowRun",
    "FlowRunInput",
    "FlowRunPolicy",
    "FlowRunResult",
    "GlobalConcurrencyLimit",
    "IPAllowlist",
    "IPAllowlistEntry",
    "IPAllowlistMyAccessResponse",
    "Integration",
    "KeyValueLabelsField",
    "Log",
    "MAX_VARIABLE_NAME_LENGTH",
    "Name",
    "NonNegativeInteger",
    "Parameter",
    "PositiveInteger",
    "QueueFilter",
    "RunInput",
    "RunType",
    "SCHEDULE_TYPES",
    "SavedSearch",
    "SavedSearchFilter",
    "ServerDefaultResultStorage",
    "ServerDefaultResultStorageUpdate",
    "State",
    "StateDetails",
    "StateType",
    "StrictVariableValue",
    "TERMINAL_STATES",
    "TaskRun",
    "TaskRunPolicy",
    "TaskRunResult",
    "Variable",
    "VersionInfo",
    "WorkPool",
    "WorkPoolStatus",
    "WorkPoolStorageConfiguration",
    "WorkQueue",
    "WorkQueueHealthPolicy",
    "WorkQueueStatus",
    "WorkQueueStatusDetail",
    "Worker",
    "WorkerMetadata",
    "WorkerStatus",
    "Workspace",
    "data_discriminator",
]

_HOMES = {
    "prefect.client.schemas._models.artifacts": ("Artifact", "ArtifactCollection"),
    "prefect.client.schemas._models.blocks": (
        "BlockDocument",
        "BlockDocumentReference",
        "BlockSchema",
        "BlockSchemaReference",
        "BlockType",
        "DEFAULT_BLOCK_SCHEMA_VERSION",
    ),
    "prefect.client.schemas._models.cloud": (
        "IPAllowlist",
        "IPAllowlistEntry",
        "IPAllowlistMyAccessResponse",
        "Workspace",
    ),
    "prefect.client.schemas._models.concurrency_limits": (
        "ConcurrencyLimit",
        "ConcurrencyLimitConfig",
        "ConcurrencyLimitStrategy",
        "ConcurrencyOptions",
        "GlobalConcurrencyLimit",
    ),
    "prefect.client.schemas._models.deployments": (
        "BranchingScheduleHandling",
        "Deployment",
        "DeploymentBranchingOptions",
        "DeploymentSchedule",
        "DeploymentStatus",
        "VersionInfo",
    ),
    "prefect.client.schemas._models.flow_run_inputs": ("FlowRunInput",),
    "prefect.client.schemas._models.flow_runs": ("FlowRun", "FlowRunPolicy"),
    "prefect.client.schemas._models.flows": ("Flow",),
    "prefect.client.schemas._models.logs": ("Log",),
    "prefect.client.schemas._models.run_inputs": (
        "Constant",
        "FlowRunResult",
        "Parameter",
        "RunInput",
        "RunType",
        "TaskRunResult",
    ),
    "prefect.client.schemas._models.schedules": ("SCHEDULE_TYPES",),
    "prefect.client.schemas._models.server": (
        "Configuration",
        "CsrfToken",
        "SavedSearch",
        "SavedSearchFilter",
        "ServerDefaultResultStorage",
        "ServerDefaultResultStorageUpdate",
    ),
    "prefect.client.schemas._models.states": (
        "State",
        "StateDetails",
        "StateType",
        "TERMINAL_STATES",
        "data_discriminator",
    ),
    "prefect.client.schemas._models.task_runs": ("TaskRun", "TaskRunPolicy"),
    "prefect.client.schemas._models.variables": ("Variable",),
    "prefect.client.schemas._models.work_pools": (
        "WorkPool",
        "WorkPoolStatus",
        "WorkPoolStorageConfiguration",
    ),
    "prefect.client.schemas._models.work_queues": (
        "QueueFilter",
        "WorkQueue",
        "WorkQueueHealthPolicy",
        "WorkQueueStatus",
        "WorkQueueStatusDetail",
    ),
    "prefect.client.schemas._models.workers": (
        "Agent",
        "DEFAULT_AGENT_WORK_POOL_NAME",
        "Integration",
        "Worker",
        "WorkerMetadata",
        "WorkerStatus",
    ),
    "prefect.types._concurrency": ("ConcurrencyLeaseHolder",),
    "prefect.types._fields": ("NonNegativeInteger", "PositiveInteger"),
    "prefect.types._labels": ("KeyValueLabelsField",),
    "prefect.types._variables": ("StrictVariableValue",),
    "prefect.types.names": ("BlockDocumentName", "MAX_VARIABLE_NAME_LENGTH", "Name"),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: home for home, names in _HOMES.items() for name in names}
)
