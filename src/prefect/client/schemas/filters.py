"""Filters of the API's `filter` and `count` endpoints: the facade of the filter models.

Each noun's filters stand in a private module that is imported when one of its names is first
used, so that somebody who filters flow runs does not pay for the other seventy models.

    FlowRunFilter(state={"type": {"any_": ["FAILED"]}}, tags={"all_": ["nightly"]})
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas._filters._operators import Operator as Operator
    from prefect.client.schemas._filters._operators import OperatorMixin as OperatorMixin
    from prefect.client.schemas._filters.artifacts import (
        ArtifactCollectionFilter as ArtifactCollectionFilter,
    )
    from prefect.client.schemas._filters.artifacts import (
        ArtifactCollectionFilterFlowRunId as ArtifactCollectionFilterFlowRunId,
    )
    from prefect.client.schemas._filters.artifacts import (
        ArtifactCollectionFilterKey as ArtifactCollectionFilterKey,
    )
    from prefect.client.schemas._filters.artifacts import (
        ArtifactCollectionFilterLatestId as ArtifactCollectionFilterLatestId,
    )
    from prefect.client.schemas._filters.artifacts import (
        ArtifactCollectionFilterTaskRunId as ArtifactCollectionFilterTaskRunId,
    )
    from prefect.client.schemas._filters.artifacts import (
        ArtifactCollectionFilterType as ArtifactCollectionFilterType,
    )
    from prefect.client.schemas._filters.artifacts import ArtifactFilter as ArtifactFilter
    from prefect.client.schemas._filters.artifacts import (
        ArtifactFilterFlowRunId as ArtifactFilterFlowRunId,
    )
    from prefect.client.schemas._filters.artifacts import ArtifactFilterId as ArtifactFilterId
    from prefect.client.schemas._filters.artifacts import ArtifactFilterKey as ArtifactFilterKey
    from prefect.client.schemas._filters.artifacts import (
        ArtifactFilterTaskRunId as ArtifactFilterTaskRunId,
    )
    from prefect.client.schemas._filters.artifacts import ArtifactFilterType as ArtifactFilterType
    from prefect.client.schemas._filters.blocks import BlockDocumentFilter as BlockDocumentFilter
    from prefect.client.schemas._filters.blocks import (
        BlockDocumentFilterBlockTypeId as BlockDocumentFilterBlockTypeId,
    )
    from prefect.client.schemas._filters.blocks import (
        BlockDocumentFilterId as BlockDocumentFilterId,
    )
    from prefect.client.schemas._filters.blocks import (
        BlockDocumentFilterIsAnonymous as BlockDocumentFilterIsAnonymous,
    )
    from prefect.client.schemas._filters.blocks import (
        BlockDocumentFilterName as BlockDocumentFilterName,
    )
    from prefect.client.schemas._filters.blocks import BlockSchemaFilter as BlockSchemaFilter
    from prefect.client.schemas._filters.blocks import (
        BlockSchemaFilterBlockTypeId as BlockSchemaFilterBlockTypeId,
    )
    from prefect.client.schemas._filters.blocks import (
        BlockSchemaFilterCapabilities as BlockSchemaFilterCapabilities,
    )
    from prefect.client.schemas._filters.blocks import BlockSchemaFilterId as BlockSchemaFilterId
    from prefect.client.schemas._filters.blocks import (
        BlockSchemaFilterVersion as BlockSchemaFilterVersion,
    )
    from prefect.client.schemas._filters.blocks import BlockTypeFilter as BlockTypeFilter
    from prefect.client.schemas._filters.blocks import BlockTypeFilterName as BlockTypeFilterName
    from prefect.client.schemas._filters.blocks import BlockTypeFilterSlug as BlockTypeFilterSlug
    from prefect.client.schemas._filters.deployments import DeploymentFilter as DeploymentFilter
    from prefect.client.schemas._filters.deployments import (
        DeploymentFilterConcurrencyLimit as DeploymentFilterConcurrencyLimit,
    )
    from prefect.client.schemas._filters.deployments import DeploymentFilterId as DeploymentFilterId
    from prefect.client.schemas._filters.deployments import (
        DeploymentFilterName as DeploymentFilterName,
    )
    from prefect.client.schemas._filters.deployments import (
        DeploymentFilterTags as DeploymentFilterTags,
    )
    from prefect.client.schemas._filters.deployments import (
        DeploymentFilterWorkQueueName as DeploymentFilterWorkQueueName,
    )
    from prefect.client.schemas._filters.filter_set import FilterSet as FilterSet
    from prefect.client.schemas._filters.flow_runs import FlowRunFilter as FlowRunFilter
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterCreatedBy as FlowRunFilterCreatedBy,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterDeploymentId as FlowRunFilterDeploymentId,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterEndTime as FlowRunFilterEndTime,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterExpectedStartTime as FlowRunFilterExpectedStartTime,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterFlowVersion as FlowRunFilterFlowVersion,
    )
    from prefect.client.schemas._filters.flow_runs import FlowRunFilterId as FlowRunFilterId
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterIdempotencyKey as FlowRunFilterIdempotencyKey,
    )
    from prefect.client.schemas._filters.flow_runs import FlowRunFilterName as FlowRunFilterName
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterNextScheduledStartTime as FlowRunFilterNextScheduledStartTime,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterParentFlowRunId as FlowRunFilterParentFlowRunId,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterParentTaskRunId as FlowRunFilterParentTaskRunId,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterStartTime as FlowRunFilterStartTime,
    )
    from prefect.client.schemas._filters.flow_runs import FlowRunFilterState as FlowRunFilterState
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterStateName as FlowRunFilterStateName,
    )
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterStateType as FlowRunFilterStateType,
    )
    from prefect.client.schemas._filters.flow_runs import FlowRunFilterTags as FlowRunFilterTags
    from prefect.client.schemas._filters.flow_runs import (
        FlowRunFilterWorkQueueName as FlowRunFilterWorkQueueName,
    )
    from prefect.client.schemas._filters.flows import FlowFilter as FlowFilter
    from prefect.client.schemas._filters.flows import FlowFilterId as FlowFilterId
    from prefect.client.schemas._filters.flows import FlowFilterName as FlowFilterName
    from prefect.client.schemas._filters.flows import FlowFilterTags as FlowFilterTags
    from prefect.client.schemas._filters.logs import LogFilter as LogFilter
    from prefect.client.schemas._filters.logs import LogFilterFlowRunId as LogFilterFlowRunId
    from prefect.client.schemas._filters.logs import LogFilterLevel as LogFilterLevel
    from prefect.client.schemas._filters.logs import LogFilterName as LogFilterName
    from prefect.client.schemas._filters.logs import LogFilterTaskRunId as LogFilterTaskRunId
    from prefect.client.schemas._filters.logs import LogFilterTextSearch as LogFilterTextSearch
    from prefect.client.schemas._filters.logs import LogFilterTimestamp as LogFilterTimestamp
    from prefect.client.schemas._filters.task_runs import TaskRunFilter as TaskRunFilter
    from prefect.client.schemas._filters.task_runs import (
        TaskRunFilterEndTime as TaskRunFilterEndTime,
    )
    from prefect.client.schemas._filters.task_runs import (
        TaskRunFilterFlowRunId as TaskRunFilterFlowRunId,
    )
    from prefect.client.schemas._filters.task_runs import TaskRunFilterId as TaskRunFilterId
    from prefect.client.schemas._filters.task_runs import TaskRunFilterName as TaskRunFilterName
    from prefect.client.schemas._filters.task_runs import (
        TaskRunFilterStartTime as TaskRunFilterStartTime,
    )
    from prefect.client.schemas._filters.task_runs import TaskRunFilterState as TaskRunFilterState
    from prefect.client.schemas._filters.task_runs import (
        TaskRunFilterStateName as TaskRunFilterStateName,
    )
    from prefect.client.schemas._filters.task_runs import (
        TaskRunFilterStateType as TaskRunFilterStateType,
    )
    from prefect.client.schemas._filters.task_runs import (
        TaskRunFilterSubFlowRuns as TaskRunFilterSubFlowRuns,
    )
    from prefect.client.schemas._filters.task_runs import TaskRunFilterTags as TaskRunFilterTags
    from prefect.client.schemas._filters.variables import VariableFilter as VariableFilter
    from prefect.client.schemas._filters.variables import VariableFilterId as VariableFilterId
    from prefect.client.schemas._filters.variables import VariableFilterName as VariableFilterName
    from prefect.client.schemas._filters.variables import VariableFilterTags as VariableFilterTags
    from prefect.client.schemas._filters.work_pools import WorkerFilter as WorkerFilter
    from prefect.client.schemas._filters.work_pools import (
        WorkerFilterLastHeartbeatTime as WorkerFilterLastHeartbeatTime,
    )
    from prefect.client.schemas._filters.work_pools import WorkerFilterStatus as WorkerFilterStatus
    from prefect.client.schemas._filters.work_pools import (
        WorkerFilterWorkPoolId as WorkerFilterWorkPoolId,
    )
    from prefect.client.schemas._filters.work_pools import WorkPoolFilter as WorkPoolFilter
    from prefect.client.schemas._filters.work_pools import WorkPoolFilterId as WorkPoolFilterId
    from prefect.client.schemas._filters.work_pools import WorkPoolFilterName as WorkPoolFilterName
    from prefect.client.schemas._filters.work_pools import WorkPoolFilterType as WorkPoolFilterType
    from prefect.client.schemas._filters.work_pools import WorkQueueFilter as WorkQueueFilter
    from prefect.client.schemas._filters.work_pools import WorkQueueFilterId as WorkQueueFilterId
    from prefect.client.schemas._filters.work_pools import (
        WorkQueueFilterName as WorkQueueFilterName,
    )

__all__ = [
    "ArtifactCollectionFilter",
    "ArtifactCollectionFilterFlowRunId",
    "ArtifactCollectionFilterKey",
    "ArtifactCollectionFilterLatestId",
    "ArtifactCollectionFilterTaskRunId",
    "ArtifactCollectionFilterType",
    "ArtifactFilter",
    "ArtifactFilterFlowRunId",
    "ArtifactFilterId",
    "ArtifactFilterKey",
    "ArtifactFilterTaskRunId",
    "ArtifactFilterType",
    "BlockDocumentFilter",
    "BlockDocumentFilterBlockTypeId",
    "BlockDocumentFilterId",
    "BlockDocumentFilterIsAnonymous",
    "BlockDocumentFilterName",
    "BlockSchemaFilter",
    "BlockSchemaFilterBlockTypeId",
    "BlockSchemaFilterCapabilities",
    "BlockSchemaFilterId",
    "BlockSchemaFilterVersion",
    "BlockTypeFilter",
    "BlockTypeFilterName",
    "BlockTypeFilterSlug",
    "DeploymentFilter",
    "DeploymentFilterConcurrencyLimit",
    "DeploymentFilterId",
    "DeploymentFilterName",
    "DeploymentFilterTags",
    "DeploymentFilterWorkQueueName",
    "FilterSet",
    "FlowFilter",
    "FlowFilterId",
    "FlowFilterName",
    "FlowFilterTags",
    "FlowRunFilter",
    "FlowRunFilterCreatedBy",
    "FlowRunFilterDeploymentId",
    "FlowRunFilterEndTime",
    "FlowRunFilterExpectedStartTime",
    "FlowRunFilterFlowVersion",
    "FlowRunFilterId",
    "FlowRunFilterIdempotencyKey",
    "FlowRunFilterName",
    "FlowRunFilterNextScheduledStartTime",
    "FlowRunFilterParentFlowRunId",
    "FlowRunFilterParentTaskRunId",
    "FlowRunFilterStartTime",
    "FlowRunFilterState",
    "FlowRunFilterStateName",
    "FlowRunFilterStateType",
    "FlowRunFilterTags",
    "FlowRunFilterWorkQueueName",
    "LogFilter",
    "LogFilterFlowRunId",
    "LogFilterLevel",
    "LogFilterName",
    "LogFilterTaskRunId",
    "LogFilterTextSearch",
    "LogFilterTimestamp",
    "Operator",
    "OperatorMixin",
    "TaskRunFilter",
    "TaskRunFilterEndTime",
    "TaskRunFilterFlowRunId",
    "TaskRunFilterId",
    "TaskRunFilterName",
    "TaskRunFilterStartTime",
    "TaskRunFilterState",
    "TaskRunFilterStateName",
    "TaskRunFilterStateType",
    "TaskRunFilterSubFlowRuns",
    "TaskRunFilterTags",
    "VariableFilter",
    "VariableFilterId",
    "VariableFilterName",
    "VariableFilterTags",
    "WorkPoolFilter",
    "WorkPoolFilterId",
    "WorkPoolFilterName",
    "WorkPoolFilterType",
    "WorkQueueFilter",
    "WorkQueueFilterId",
    "WorkQueueFilterName",
    "WorkerFilter",
    "WorkerFilterLastHeartbeatTime",
    "WorkerFilterStatus",
    "WorkerFilterWorkPoolId",
]

_TABLE = {
    "ArtifactCollectionFilter": "prefect.client.schemas._filters.artifacts",
    "ArtifactCollectionFilterFlowRunId": "prefect.client.schemas._filters.artifacts",
    "ArtifactCollectionFilterKey": "prefect.client.schemas._filters.artifacts",
    "ArtifactCollectionFilterLatestId": "prefect.client.schemas._filters.artifacts",
    "ArtifactCollectionFilterTaskRunId": "prefect.client.schemas._filters.artifacts",
    "ArtifactCollectionFilterType": "prefect.client.schemas._filters.artifacts",
    "ArtifactFilter": "prefect.client.schemas._filters.artifacts",
    "ArtifactFilterFlowRunId": "prefect.client.schemas._filters.artifacts",
    "ArtifactFilterId": "prefect.client.schemas._filters.artifacts",
    "ArtifactFilterKey": "prefect.client.schemas._filters.artifacts",
    "ArtifactFilterTaskRunId": "prefect.client.schemas._filters.artifacts",
    "ArtifactFilterType": "prefect.client.schemas._filters.artifacts",
    "BlockDocumentFilter": "prefect.client.schemas._filters.blocks",
    "BlockDocumentFilterBlockTypeId": "prefect.client.schemas._filters.blocks",
    "BlockDocumentFilterId": "prefect.client.schemas._filters.blocks",
    "BlockDocumentFilterIsAnonymous": "prefect.client.schemas._filters.blocks",
    "BlockDocumentFilterName": "prefect.client.schemas._filters.blocks",
    "BlockSchemaFilter": "prefect.client.schemas._filters.blocks",
    "BlockSchemaFilterBlockTypeId": "prefect.client.schemas._filters.blocks",
    "BlockSchemaFilterCapabilities": "prefect.client.schemas._filters.blocks",
    "BlockSchemaFilterId": "prefect.client.schemas._filters.blocks",
    "BlockSchemaFilterVersion": "prefect.client.schemas._filters.blocks",
    "BlockTypeFilter": "prefect.client.schemas._filters.blocks",
    "BlockTypeFilterName": "prefect.client.schemas._filters.blocks",
    "BlockTypeFilterSlug": "prefect.client.schemas._filters.blocks",
    "DeploymentFilter": "prefect.client.schemas._filters.deployments",
    "DeploymentFilterConcurrencyLimit": "prefect.client.schemas._filters.deployments",
    "DeploymentFilterId": "prefect.client.schemas._filters.deployments",
    "DeploymentFilterName": "prefect.client.schemas._filters.deployments",
    "DeploymentFilterTags": "prefect.client.schemas._filters.deployments",
    "DeploymentFilterWorkQueueName": "prefect.client.schemas._filters.deployments",
    "FilterSet": "prefect.client.schemas._filters.filter_set",
    "FlowFilter": "prefect.client.schemas._filters.flows",
    "FlowFilterId": "prefect.client.schemas._filters.flows",
    "FlowFilterName": "prefect.client.schemas._filters.flows",
    "FlowFilterTags": "prefect.client.schemas._filters.flows",
    "FlowRunFilter": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterCreatedBy": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterDeploymentId": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterEndTime": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterExpectedStartTime": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterFlowVersion": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterId": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterIdempotencyKey": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterName": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterNextScheduledStartTime": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterParentFlowRunId": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterParentTaskRunId": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterStartTime": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterState": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterStateName": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterStateType": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterTags": "prefect.client.schemas._filters.flow_runs",
    "FlowRunFilterWorkQueueName": "prefect.client.schemas._filters.flow_runs",
    "LogFilter": "prefect.client.schemas._filters.logs",
    "LogFilterFlowRunId": "prefect.client.schemas._filters.logs",
    "LogFilterLevel": "prefect.client.schemas._filters.logs",
    "LogFilterName": "prefect.client.schemas._filters.logs",
    "LogFilterTaskRunId": "prefect.client.schemas._filters.logs",
    "LogFilterTextSearch": "prefect.client.schemas._filters.logs",
    "LogFilterTimestamp": "prefect.client.schemas._filters.logs",
    "Operator": "prefect.client.schemas._filters._operators",
    "OperatorMixin": "prefect.client.schemas._filters._operators",
    "TaskRunFilter": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterEndTime": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterFlowRunId": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterId": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterName": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterStartTime": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterState": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterStateName": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterStateType": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterSubFlowRuns": "prefect.client.schemas._filters.task_runs",
    "TaskRunFilterTags": "prefect.client.schemas._filters.task_runs",
    "VariableFilter": "prefect.client.schemas._filters.variables",
    "VariableFilterId": "prefect.client.schemas._filters.variables",
    "VariableFilterName": "prefect.client.schemas._filters.variables",
    "VariableFilterTags": "prefect.client.schemas._filters.variables",
    "WorkPoolFilter": "prefect.client.schemas._filters.work_pools",
    "WorkPoolFilterId": "prefect.client.schemas._filters.work_pools",
    "WorkPoolFilterName": "prefect.client.schemas._filters.work_pools",
    "WorkPoolFilterType": "prefect.client.schemas._filters.work_pools",
    "WorkQueueFilter": "prefect.client.schemas._filters.work_pools",
    "WorkQueueFilterId": "prefect.client.schemas._filters.work_pools",
    "WorkQueueFilterName": "prefect.client.schemas._filters.work_pools",
    "WorkerFilter": "prefect.client.schemas._filters.work_pools",
    "WorkerFilterLastHeartbeatTime": "prefect.client.schemas._filters.work_pools",
    "WorkerFilterStatus": "prefect.client.schemas._filters.work_pools",
    "WorkerFilterWorkPoolId": "prefect.client.schemas._filters.work_pools",
}

__getattr__, __dir__ = lazy_exports(__name__, _TABLE)
