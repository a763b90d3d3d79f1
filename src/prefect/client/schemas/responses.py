"""What the server answers where that is more or less than a stored object.

Each class is defined in the private module of its noun and loaded when first used.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas._models.concurrency_limits import (
        ConcurrencyLimitWithLeaseResponse as ConcurrencyLimitWithLeaseResponse,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        GlobalConcurrencyLimitResponse as GlobalConcurrencyLimitResponse,
    )
    from prefect.client.schemas._models.concurrency_limits import (
        MinimalConcurrencyLimitResponse as MinimalConcurrencyLimitResponse,
    )
    from prefect.client.schemas._models.deployments import DeploymentResponse as DeploymentResponse
    from prefect.client.schemas._models.flow_run_responses import FlowRunResponse as FlowRunResponse
    from prefect.client.schemas._models.flow_run_responses import (
        FlowRunSlotSummary as FlowRunSlotSummary,
    )
    from prefect.client.schemas._models.flow_run_responses import (
        WorkerFlowRunResponse as WorkerFlowRunResponse,
    )
    from prefect.client.schemas._models.orchestration import HistoryResponse as HistoryResponse
    from prefect.client.schemas._models.orchestration import (
        HistoryResponseState as HistoryResponseState,
    )
    from prefect.client.schemas._models.orchestration import (
        OrchestrationResult as OrchestrationResult,
    )
    from prefect.client.schemas._models.orchestration import SetStateStatus as SetStateStatus
    from prefect.client.schemas._models.orchestration import StateAbortDetails as StateAbortDetails
    from prefect.client.schemas._models.orchestration import (
        StateAcceptDetails as StateAcceptDetails,
    )
    from prefect.client.schemas._models.orchestration import (
        StateRejectDetails as StateRejectDetails,
    )
    from prefect.client.schemas._models.orchestration import (
        StateResponseDetails as StateResponseDetails,
    )
    from prefect.client.schemas._models.orchestration import StateWaitDetails as StateWaitDetails
    from prefect.client.schemas._models.work_pools import (
        WorkPoolConcurrencyStatus as WorkPoolConcurrencyStatus,
    )
    from prefect.client.schemas._models.work_queues import (
        WorkQueueConcurrencyStatus as WorkQueueConcurrencyStatus,
    )
    from prefect.client.schemas._models.work_queues import (
        WorkQueueConcurrencyStatusDetail as WorkQueueConcurrencyStatusDetail,
    )
    from prefect.types._labels import KeyValueLabelsField as KeyValueLabelsField

__all__ = [
    "ConcurrencyLimitWithLeaseResponse",
    "DeploymentResponse",
    "FlowRunResponse",
    "FlowRunSlotSummary",
    "GlobalConcurrencyLimitResponse",
    "HistoryResponse",
    "HistoryResponseState",
    "KeyValueLabelsField",
    "MinimalConcurrencyLimitResponse",
    "OrchestrationResult",
    "SetStateStatus",
    "StateAbortDetails",
    "StateAcceptDetails",
    "StateRejectDetails",
    "StateResponseDetails",
    "StateWaitDetails",
    "WorkPoolConcurrencyStatus",
    "WorkQueueConcurrencyStatus",
    "WorkQueueConcurrencyStatusDetail",
    "WorkerFlowRunResponse",
]

_HOMES = {
    "prefect.client.schemas._models.concurrency_limits": (
        "ConcurrencyLimitWithLeaseResponse",
        "GlobalConcurrencyLimitResponse",
        "MinimalConcurrencyLimitResponse",
    ),
    "prefect.client.schemas._models.deployments": ("DeploymentResponse",),
    "prefect.client.schemas._models.flow_run_responses": (
        "FlowRunResponse",
        "FlowRunSlotSummary",
        "WorkerFlowRunResponse",
    ),
    "prefect.client.schemas._models.orchestration": (
        "HistoryResponse",
        "HistoryResponseState",
        "OrchestrationResult",
        "SetStateStatus",
        "StateAbortDetails",
        "StateAcceptDetails",
        "StateRejectDetails",
        "StateResponseDetails",
        "StateWaitDetails",
    ),
    "prefect.client.schemas._models.work_pools": ("WorkPoolConcurrencyStatus",),
    "prefect.client.schemas._models.work_queues": (
        "WorkQueueConcurrencyStatus",
        "WorkQueueConcurrencyStatusDetail",
    ),
    "prefect.types._labels": ("KeyValueLabelsField",),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: home for home, names in _HOMES.items() for name in names}
)
