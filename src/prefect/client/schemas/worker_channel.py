"""The worker channel: frames that a worker and the server exchange over one WebSocket.

A worker says hello with what it can do, the server answers ready with what was agreed and a first
snapshot of the work pool; heartbeats, further snapshots and cleanup messages follow. Both sides
use these models; none of them does any I/O. Frames refuse keys that they do not know: what is new
comes as a new version or capability.

Source: REST contract, "Worker channel (work_pool_worker_channel.v1)".
"""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import PrefectBaseModel
from prefect.client.schemas.objects import WorkPool, WorkPoolStorageConfiguration
from prefect.types._datetime import DateTime

__all__ = [
    "CANCELLING_TIMEOUT_TEARDOWN",
    "CLEANUP_DELIVERY_CAPABILITY",
    "CancellingTimeoutCleanupMessagePayload",
    "CancellingTimeoutTeardownTarget",
    "CleanupAckFrame",
    "CleanupKind",
    "CleanupMessageFrame",
    "CleanupMessagePayload",
    "CleanupOperationPayload",
    "CleanupOperationResultFrame",
    "CleanupOperationResultPayload",
    "CleanupOperationStatus",
    "CleanupReleaseFrame",
    "CleanupReleasePayload",
    "CleanupRenewFrame",
    "OPTIONAL_WORKER_CHANNEL_CAPABILITIES",
    "PENDING_CLAIM_TEARDOWN",
    "PendingClaimCleanupMessagePayload",
    "PendingClaimTeardownTarget",
    "REQUIRED_WORKER_CHANNEL_CAPABILITIES",
    "ResolvedWorkQueue",
    "SUPPORTED_CLEANUP_KINDS",
    "SUPPORTED_WORKER_CHANNEL_CAPABILITIES",
    "WORKER_CHANNEL_CLOSE_POLICIES",
    "WORKER_CHANNEL_SUBPROTOCOL",
    "WORKER_HEARTBEAT_CAPABILITY",
    "WORK_POOL_SNAPSHOT_CAPABILITY",
    "WORK_POOL_WORKER_CHANNEL_CONTRACT",
    "WORK_POOL_WORKER_CHANNEL_ROUTE",
    "WORK_POOL_WORKER_CHANNEL_VERSION",
    "WorkPoolSnapshot",
    "WorkPoolSnapshotFrame",
    "WorkPoolSnapshotPayload",
    "WorkerChannelApplicationFrame",
    "WorkerChannelApplicationFrameAdapter",
    "WorkerChannelAuthRequest",
    "WorkerChannelAuthSuccess",
    "WorkerChannelCapability",
    "WorkerChannelClosePolicy",
    "WorkerChannelCloseReason",
    "WorkerChannelContract",
    "WorkerChannelFrame",
    "WorkerChannelFrameType",
    "WorkerChannelProtocolError",
    "WorkerChannelVersion",
    "WorkerHeartbeatFrame",
    "WorkerHeartbeatPayload",
    "WorkerHelloFrame",
    "WorkerHelloPayload",
    "WorkerReadyFrame",
    "WorkerReadyPayload",
    "select_worker_channel_version",
    "validate_worker_channel_frame",
]

WORK_POOL_WORKER_CHANNEL_ROUTE: Final = "/work_pools/{work_pool_name}/workers/connect"
WORK_POOL_WORKER_CHANNEL_VERSION: Final = "work_pool_worker_channel.v1"
WORKER_CHANNEL_SUBPROTOCOL: Final = "prefect"

WORKER_HEARTBEAT_CAPABILITY: Final = "worker_heartbeat.v1"
WORK_POOL_SNAPSHOT_CAPABILITY: Final = "work_pool_snapshot.v1"
CLEANUP_DELIVERY_CAPABILITY: Final = "cleanup_delivery.v1"

CANCELLING_TIMEOUT_TEARDOWN: Final = "cancelling_timeout_teardown.v1"
PENDING_CLAIM_TEARDOWN: Final = "pending_claim_teardown.v1"

WorkerChannelVersion: TypeAlias = Literal["work_pool_worker_channel.v1"]
WorkerChannelCapability: TypeAlias = Literal[
    "worker_heartbeat.v1", "work_pool_snapshot.v1", "cleanup_delivery.v1"
]
WorkerChannelFrameType: TypeAlias = Literal[
    "worker.hello.v1",
    "worker.ready.v1",
    "worker.heartbeat.v1",
    "work_pool.snapshot.v1",
    "cleanup.message.v1",
    "cleanup.ack.v1",
    "cleanup.release.v1",
    "cleanup.renew.v1",
    "cleanup.operation_result.v1",
]
CleanupKind: TypeAlias = Literal["cancelling_timeout_teardown.v1", "pending_claim_teardown.v1"]
CleanupOperationStatus: TypeAlias = Literal[
    "accepted",
    "not_current",
    "not_found",
    "expired",
    "invalid_token",
    "unauthorized",
    "dead_lettered",
    "error",
]

REQUIRED_WORKER_CHANNEL_CAPABILITIES: frozenset[WorkerChannelCapability] = frozenset(
    {WORKER_HEARTBEAT_CAPABILITY, WORK_POOL_SNAPSHOT_CAPABILITY}
)
OPTIONAL_WORKER_CHANNEL_CAPABILITIES: frozenset[WorkerChannelCapability] = frozenset(
    {CLEANUP_DELIVERY_CAPABILITY}
)
SUPPORTED_WORKER_CHANNEL_CAPABILITIES: frozenset[WorkerChannelCapability] = (
    REQUIRED_WORKER_CHANNEL_CAPABILITIES | OPTIONAL_WORKER_CHANNEL_CAPABILITIES
)
SUPPORTED_CLEANUP_KINDS: tuple[CleanupKind, ...] = (
    CANCELLING_TIMEOUT_TEARDOWN,
    PENDING_CLAIM_TEARDOWN,
)

_NonEmpty: TypeAlias = Annotated[str, Field(min_length=1)]
_Positive: TypeAlias = Annotated[int, Field(gt=0)]
_NotNegative: TypeAlias = Annotated[int, Field(ge=0)]


class WorkerChannelCloseReason(str, Enum):
    """Why the server closes a worker channel; sent as the reason of the close frame."""

    AUTHENTICATION_FAILED = "authentication_failed"
    AUTHORIZATION_FAILED = "authorization_failed"
    UNSUPPORTED_VERSION = "unsupported_version"
    PROTOCOL_ERROR = "protocol_error"
    HEARTBEAT_PERSISTENCE_FAILED = "heartbeat_persistence_failed"
    TRANSIENT_SERVER_ERROR = "transient_server_error"


class WorkerChannelProtocolError(ValueError):
    """What came over a worker channel breaks its rules.

    Attributes:
        close_reason: With which reason the channel is to be closed.
    """

    def __init__(self, close_reason: WorkerChannelCloseReason, message: str) -> None:
        super().__init__(message)
        self.close_reason = close_reason


class _StrictProtocolModel(PrefectBaseModel):
    """Base of what is sent: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class WorkerChannelClosePolicy(PrefectBaseModel):
    """What a close reason means for the worker."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: WorkerChannelCloseReason
    websocket_code: int = Field(description="Code of the close frame.")
    terminal: bool = Field(description="Whether the worker gives up the channel.")
    retryable: bool = Field(description="Whether connecting again may help.")


class WorkerChannelContract(PrefectBaseModel):
    """The fixed terms of this version of the channel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: Literal["/work_pools/{work_pool_name}/workers/connect"]
    version: WorkerChannelVersion
    websocket_subprotocol: Literal["prefect"]
    auth_setup_message_type: Literal["auth"]
    auth_success_message_type: Literal["auth_success"]
    first_application_frame_type: Literal["worker.hello.v1"]
    required_capabilities: tuple[WorkerChannelCapability, ...]
    optional_capabilities: tuple[WorkerChannelCapability, ...]
    supported_cleanup_kinds: tuple[CleanupKind, ...]
    scheduled_flow_run_acquisition: Literal["rest"]
    worker_startup_rollout: Literal["opportunistic_without_user_setting"]
    worker_side_cancellation_observation: Literal["event_subscription"]
    cleanup_delivery_guarantee: Literal["at_least_once_one_active_reservation_per_message"]
    cleanup_delivery_authority: Literal["reservation_token"]
    cloud_authorization_internals: Literal["excluded_from_shared_contract"]


class WorkerChannelAuthRequest(_StrictProtocolModel):
    """The worker's first message: its key."""

    type: Literal["auth"]
    token: str | None = None


class WorkerChannelAuthSuccess(_StrictProtocolModel):
    """The server's answer to a key that it accepts."""

    type: Literal["auth_success"]


class ResolvedWorkQueue(_StrictProtocolModel):
    """A work queue that the worker asked for by name."""

    id: UUID
    name: _NonEmpty


class WorkPoolSnapshot(WorkPool):
    """A work pool as it was when the frame was sent; fields of newer servers are ignored."""

    # What the server always has, and therefore has to send.
    id: UUID
    base_job_template: dict[str, Any]
    is_paused: bool
    storage_configuration: WorkPoolStorageConfiguration
    default_queue_id: UUID


class WorkPoolSnapshotPayload(_StrictProtocolModel):
    """A work pool, and why it is sent."""

    snapshot_sequence: _Positive = Field(description="Counts the snapshots of one channel.")
    reason: _NonEmpty
    work_pool: WorkPoolSnapshot


class WorkerHelloPayload(_StrictProtocolModel):
    """Who the worker is, and what it can do and wants."""

    consumer_id: UUID
    worker_name: _NonEmpty
    worker_type: _NonEmpty
    heartbeat_interval_seconds: _Positive
    supported_channel_versions: Annotated[list[_NonEmpty], Field(min_length=1)]
    requested_capabilities: Annotated[list[_NonEmpty], Field(min_length=1)]
    work_queue_names: list[_NonEmpty] = Field(default_factory=list)
    handled_cleanup_kinds: list[CleanupKind] = Field(default_factory=list)
    max_cleanup_concurrency: _NotNegative = 0
    create_pool_if_not_found: bool = False
    default_base_job_template: dict[str, Any] = Field(default_factory=dict)
    worker_metadata: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _check_capabilities(self) -> Self:
        missing = REQUIRED_WORKER_CHANNEL_CAPABILITIES.difference(self.requested_capabilities)
        if missing:
            raise ValueError(f"`requested_capabilities` lacks the required {sorted(missing)}")
        if CLEANUP_DELIVERY_CAPABILITY not in self.requested_capabilities:
            for field in ("handled_cleanup_kinds", "max_cleanup_concurrency"):
                if getattr(self, field):
                    raise ValueError(
                        f"`{field}` is {getattr(self, field)!r}, but"
                        f" {CLEANUP_DELIVERY_CAPABILITY!r} is not requested"
                    )
        return self


class WorkerReadyPayload(_StrictProtocolModel):
    """What the server and the worker agreed on."""

    consumer_id: UUID
    worker_id: UUID | None
    selected_channel_version: WorkerChannelVersion
    effective_heartbeat_interval_seconds: _Positive
    accepted_capabilities: Annotated[list[WorkerChannelCapability], Field(min_length=1)]
    rejected_capabilities: list[_NonEmpty] = Field(default_factory=list)
    effective_max_cleanup_concurrency: _NotNegative = 0
    resolved_work_queues: list[ResolvedWorkQueue] = Field(default_factory=list)
    initial_snapshot: WorkPoolSnapshotPayload

    @model_validator(mode="after")
    def _check_capabilities(self) -> Self:
        accepted = set(self.accepted_capabilities)
        missing = REQUIRED_WORKER_CHANNEL_CAPABILITIES - accepted
        if missing:
            raise ValueError(f"`accepted_capabilities` lacks the required {sorted(missing)}")
        both = accepted.intersection(self.rejected_capabilities)
        if both:
            raise ValueError(f"capabilities are both accepted and rejected: {sorted(both)}")
        if (CLEANUP_DELIVERY_CAPABILITY in accepted) != (
            self.effective_max_cleanup_concurrency > 0
        ):
            raise ValueError(
                f"`effective_max_cleanup_concurrency` is {self.effective_max_cleanup_concurrency};"
                f" it is positive when {CLEANUP_DELIVERY_CAPABILITY!r} is accepted, otherwise 0"
            )
        return self

    @model_validator(mode="after")
    def _check_initial_snapshot(self) -> Self:
        first = self.initial_snapshot
        if (first.snapshot_sequence, first.reason) != (1, "initial"):
            raise ValueError(
                f"the initial snapshot has sequence {first.snapshot_sequence} and reason"
                f" {first.reason!r}, they must be 1 and 'initial'"
            )
        return self


class WorkerHeartbeatPayload(_StrictProtocolModel):
    """The worker is alive."""

    consumer_id: UUID
    worker_name: _NonEmpty
    heartbeat_interval_seconds: _Positive


class CancellingTimeoutTeardownTarget(PrefectBaseModel):
    """What is to be torn down when a cancellation took too long."""

    model_config = ConfigDict(extra="allow")

    flow_run_id: UUID
    infrastructure_pid: str | None = None


class PendingClaimTeardownTarget(PrefectBaseModel):
    """What is to be torn down when a claimed run did not start."""

    model_config = ConfigDict(extra="allow")

    flow_run_id: UUID
    claim_id: UUID
    execution_id: UUID | None = None
    infrastructure_pid: str | None = None


class _CleanupMessagePayloadBase(_StrictProtocolModel):
    """What every cleanup message carries: the message and the worker's lease on it."""

    message_id: UUID
    reservation_token: _NonEmpty
    lease_expires_at: DateTime
    delivery_count: _Positive
    work_queue_id: UUID | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class CancellingTimeoutCleanupMessagePayload(_CleanupMessagePayloadBase):
    """Tear down a run whose cancellation took too long."""

    kind: Literal["cancelling_timeout_teardown.v1"]
    target: CancellingTimeoutTeardownTarget


class PendingClaimCleanupMessagePayload(_CleanupMessagePayloadBase):
    """Tear down a run that was claimed and did not start."""

    kind: Literal["pending_claim_teardown.v1"]
    target: PendingClaimTeardownTarget


CleanupMessagePayload: TypeAlias = Annotated[
    PendingClaimCleanupMessagePayload | CancellingTimeoutCleanupMessagePayload,
    Field(discriminator="kind"),
]


class CleanupOperationPayload(_StrictProtocolModel):
    """Which cleanup message is meant, with the token of the worker's lease."""

    message_id: UUID
    reservation_token: _NonEmpty


class CleanupReleasePayload(CleanupOperationPayload):
    """Which cleanup message is given back, and why."""

    reason: _NonEmpty


class CleanupOperationResultPayload(_StrictProtocolModel):
    """How the server took an acknowledgement, a release or a renewal."""

    request_frame_id: UUID
    message_id: UUID
    operation: Literal["ack", "release", "renew"]
    status: CleanupOperationStatus
    lease_expires_at: DateTime | None = None
    reason: str | None = None
    detail: str | None = None

    @model_validator(mode="after")
    def _check_outcome(self) -> Self:
        if self.status != "accepted" and not self.reason:
            raise ValueError(f"`reason` is required when the status is {self.status!r}")
        renewed = (self.operation, self.status) == ("renew", "accepted")
        if renewed != (self.lease_expires_at is not None):
            raise ValueError(
                "`lease_expires_at` is required for an accepted renewal and for nothing else; this"
                f" is {self.operation!r} with status {self.status!r}"
            )
        return self


class WorkerChannelFrame(_StrictProtocolModel):
    """The envelope of everything that is sent after authentication."""

    type: WorkerChannelFrameType
    id: UUID
    sent_at: DateTime


class WorkerHelloFrame(WorkerChannelFrame):
    """The worker introduces itself; the first frame."""

    type: Literal["worker.hello.v1"]
    payload: WorkerHelloPayload


class WorkerReadyFrame(WorkerChannelFrame):
    """The server accepts the worker."""

    type: Literal["worker.ready.v1"]
    payload: WorkerReadyPayload


class WorkerHeartbeatFrame(WorkerChannelFrame):
    """The worker is alive."""

    type: Literal["worker.heartbeat.v1"]
    payload: WorkerHeartbeatPayload


class WorkPoolSnapshotFrame(WorkerChannelFrame):
    """The work pool has changed."""

    type: Literal["work_pool.snapshot.v1"]
    payload: WorkPoolSnapshotPayload


class CleanupMessageFrame(WorkerChannelFrame):
    """The server asks for a cleanup."""

    type: Literal["cleanup.message.v1"]
    payload: CleanupMessagePayload


class CleanupAckFrame(WorkerChannelFrame):
    """The worker has done a cleanup."""

    type: Literal["cleanup.ack.v1"]
    payload: CleanupOperationPayload


class CleanupReleaseFrame(WorkerChannelFrame):
    """The worker gives a cleanup back."""

    type: Literal["cleanup.release.v1"]
    payload: CleanupReleasePayload


class CleanupRenewFrame(WorkerChannelFrame):
    """The worker needs longer for a cleanup."""

    type: Literal["cleanup.renew.v1"]
    payload: CleanupOperationPayload


class CleanupOperationResultFrame(WorkerChannelFrame):
    """The server answers one of the three."""

    type: Literal["cleanup.operation_result.v1"]
    payload: CleanupOperationResultPayload


WorkerChannelApplicationFrame: TypeAlias = Annotated[
    WorkerHelloFrame
    | WorkerReadyFrame
    | WorkerHeartbeatFrame
    | WorkPoolSnapshotFrame
    | CleanupMessageFrame
    | CleanupAckFrame
    | CleanupReleaseFrame
    | CleanupRenewFrame
    | CleanupOperationResultFrame,
    Field(discriminator="type"),
]

WorkerChannelApplicationFrameAdapter: TypeAdapter[WorkerChannelApplicationFrame] = TypeAdapter(
    WorkerChannelApplicationFrame, config=ConfigDict(defer_build=True)
)

WORKER_CHANNEL_CLOSE_POLICIES: dict[WorkerChannelCloseReason, WorkerChannelClosePolicy] = {
    reason: WorkerChannelClosePolicy(
        reason=reason, websocket_code=code, terminal=not retryable, retryable=retryable
    )
    for reason, code, retryable in (
        # 1008 policy violation, 1002 protocol error, 1011 internal error: RFC 6455, 7.4.1.
        (WorkerChannelCloseReason.AUTHENTICATION_FAILED, 1008, False),
        (WorkerChannelCloseReason.AUTHORIZATION_FAILED, 1008, False),
        (WorkerChannelCloseReason.UNSUPPORTED_VERSION, 1008, False),
        (WorkerChannelCloseReason.PROTOCOL_ERROR, 1002, False),
        (WorkerChannelCloseReason.HEARTBEAT_PERSISTENCE_FAILED, 1011, True),
        (WorkerChannelCloseReason.TRANSIENT_SERVER_ERROR, 1011, True),
    )
}

WORK_POOL_WORKER_CHANNEL_CONTRACT = WorkerChannelContract(
    route=WORK_POOL_WORKER_CHANNEL_ROUTE,
    version=WORK_POOL_WORKER_CHANNEL_VERSION,
    websocket_subprotocol=WORKER_CHANNEL_SUBPROTOCOL,
    auth_setup_message_type="auth",
    auth_success_message_type="auth_success",
    first_application_frame_type="worker.hello.v1",
    required_capabilities=tuple(sorted(REQUIRED_WORKER_CHANNEL_CAPABILITIES)),
    optional_capabilities=tuple(sorted(OPTIONAL_WORKER_CHANNEL_CAPABILITIES)),
    supported_cleanup_kinds=SUPPORTED_CLEANUP_KINDS,
    scheduled_flow_run_acquisition="rest",
    worker_startup_rollout="opportunistic_without_user_setting",
    worker_side_cancellation_observation="event_subscription",
    cleanup_delivery_guarantee="at_least_once_one_active_reservation_per_message",
    cleanup_delivery_authority="reservation_token",
    cloud_authorization_internals="excluded_from_shared_contract",
)


def select_worker_channel_version(supported_versions: Iterable[str]) -> WorkerChannelVersion:
    """Choose the version to speak from those that the other side supports.

    Raises:
        WorkerChannelProtocolError: If this side supports none of them; its close reason is
            `UNSUPPORTED_VERSION`.
    """
    supported = list(supported_versions)
    if WORK_POOL_WORKER_CHANNEL_VERSION not in supported:
        raise WorkerChannelProtocolError(
            WorkerChannelCloseReason.UNSUPPORTED_VERSION,
            f"the other side supports the worker channel versions {supported}, this one only"
            f" {WORK_POOL_WORKER_CHANNEL_VERSION!r}",
        )
    return WORK_POOL_WORKER_CHANNEL_VERSION


def validate_worker_channel_frame(frame: Any) -> WorkerChannelApplicationFrame:
    """Make a frame of decoded JSON.

    Raises:
        ValidationError: If it is no frame of this version.
    """
    return WorkerChannelApplicationFrameAdapter.validate_python(frame)
