"""Workers, and the agents that came before them."""

from uuid import UUID

from pydantic import ConfigDict, Field

from prefect._internal.schemas.bases import ObjectBaseModel, PrefectBaseModel, publish
from prefect.client.schemas._models._fields import RunName, random_name
from prefect.types._datetime import DateTime
from prefect.types._enums import AutoEnum

__all__ = [
    "DEFAULT_AGENT_WORK_POOL_NAME",
    "Agent",
    "Integration",
    "Worker",
    "WorkerMetadata",
    "WorkerStatus",
]

DEFAULT_AGENT_WORK_POOL_NAME = "default-agent-pool"


class WorkerStatus(AutoEnum):
    """Whether a worker has been heard of lately."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"


class Worker(ObjectBaseModel):
    """A worker of a work pool."""

    name: str
    work_pool_id: UUID
    last_heartbeat_time: DateTime | None = None
    heartbeat_interval_seconds: int | None = None
    status: WorkerStatus = WorkerStatus.OFFLINE


class Agent(ObjectBaseModel):
    """What polled queues before there were workers."""

    name: RunName = Field(default_factory=random_name)
    work_queue_id: UUID
    last_activity_time: DateTime | None = None


class Integration(PrefectBaseModel):
    """An integration package that a worker has installed."""

    name: str
    version: str


class WorkerMetadata(PrefectBaseModel):
    """What a worker tells about itself; each kind of worker may add fields."""

    model_config = ConfigDict(extra="allow")

    integrations: list[Integration]


publish("prefect.client.schemas.objects", WorkerStatus, Worker, Agent, Integration, WorkerMetadata)
