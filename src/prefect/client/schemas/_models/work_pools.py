"""Work pools: where deployments' runs wait for workers of one type."""

from typing import Any
from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect.client.schemas._models.work_queues import WorkQueueConcurrencyStatusDetail
from prefect.types._enums import AutoEnum
from prefect.types._fields import NonNegativeInteger
from prefect.types.names import Name, NonEmptyishName

__all__ = [
    "WorkPool",
    "WorkPoolConcurrencyStatus",
    "WorkPoolCreate",
    "WorkPoolStatus",
    "WorkPoolStorageConfiguration",
    "WorkPoolUpdate",
]


class WorkPoolStatus(AutoEnum):
    """Whether a work pool takes runs."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    PAUSED = "PAUSED"

    @property
    def display_name(self) -> str:
        """The status as people read it, e.g. `Not ready`."""
        return self.name.replace("_", " ").capitalize()


class WorkPoolStorageConfiguration(PrefectBaseModel):
    """Where a work pool keeps code bundles and results."""

    bundle_upload_step: dict[str, Any] | None = None
    bundle_execution_step: dict[str, Any] | None = None
    default_result_storage_block_id: UUID | None = None


class WorkPool(ObjectBaseModel):
    """A work pool."""

    name: Name
    description: str | None = None
    type: str
    base_job_template: dict[str, Any] = Field(default_factory=empty_dict)
    is_paused: bool = False
    concurrency_limit: NonNegativeInteger | None = None
    status: WorkPoolStatus | None = None
    active_slots: int | None = None
    storage_configuration: WorkPoolStorageConfiguration = Field(
        default_factory=WorkPoolStorageConfiguration
    )
    # The server always sends it; it may only be missing where a pool is made by hand.
    default_queue_id: UUID = None  # type: ignore[assignment]  # the contract's default

    @property
    def is_push_pool(self) -> bool:
        """Whether the server itself hands runs to serverless infrastructure."""
        return self.type.endswith(":push")

    @property
    def is_managed_pool(self) -> bool:
        """Whether the server's operator runs the infrastructure too."""
        return self.type.endswith(":managed")


class WorkPoolConcurrencyStatus(PrefectBaseModel):
    """How a work pool's slots are taken, one page of its queues at a time."""

    active_slots: int
    concurrency_limit: int | None = None
    queues: list[WorkQueueConcurrencyStatusDetail] = Field(default_factory=empty_list)
    count: int
    limit: int
    pages: int
    page: int


class WorkPoolCreate(ActionBaseModel):
    """Create a work pool."""

    name: NonEmptyishName
    description: str | None = None
    type: str = "prefect-agent"
    base_job_template: dict[str, Any] = Field(default_factory=empty_dict)
    is_paused: bool = False
    concurrency_limit: NonNegativeInteger | None = None
    storage_configuration: WorkPoolStorageConfiguration = Field(
        default_factory=WorkPoolStorageConfiguration
    )


class WorkPoolUpdate(ActionBaseModel):
    """Change a work pool."""

    description: str | None = None
    is_paused: bool | None = None
    base_job_template: dict[str, Any] | None = None
    concurrency_limit: int | None = None
    storage_configuration: WorkPoolStorageConfiguration | None = None


publish("prefect.client.schemas.objects", WorkPoolStatus, WorkPoolStorageConfiguration, WorkPool)
publish("prefect.client.schemas.responses", WorkPoolConcurrencyStatus)
publish("prefect.client.schemas.actions", WorkPoolCreate, WorkPoolUpdate)
