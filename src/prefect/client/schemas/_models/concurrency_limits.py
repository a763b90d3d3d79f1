"""Concurrency limits: by tag, by name, and of a deployment."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    empty_list,
    publish,
)
from prefect.types._enums import AutoEnum
from prefect.types._fields import NonNegativeFloat, NonNegativeInteger
from prefect.types.names import Name

__all__ = [
    "ConcurrencyLimit",
    "ConcurrencyLimitConfig",
    "ConcurrencyLimitCreate",
    "ConcurrencyLimitStrategy",
    "ConcurrencyLimitV2Create",
    "ConcurrencyLimitV2Update",
    "ConcurrencyLimitWithLeaseResponse",
    "ConcurrencyOptions",
    "GlobalConcurrencyLimit",
    "GlobalConcurrencyLimitCreate",
    "GlobalConcurrencyLimitResponse",
    "GlobalConcurrencyLimitUpdate",
    "MinimalConcurrencyLimitResponse",
]


class ConcurrencyLimitStrategy(AutoEnum):
    """What happens to a run that finds no free slot."""

    ENQUEUE = "ENQUEUE"
    CANCEL_NEW = "CANCEL_NEW"


GracePeriodSeconds = Annotated[int | None, Field(ge=60, le=86400)]


class ConcurrencyLimitConfig(PrefectBaseModel):
    """The limit of a deployment, as it is written in code."""

    limit: int
    collision_strategy: ConcurrencyLimitStrategy = ConcurrencyLimitStrategy.ENQUEUE
    grace_period_seconds: GracePeriodSeconds = None


class ConcurrencyOptions(PrefectBaseModel):
    """What a deployment's limit does beyond counting, as the server keeps it."""

    collision_strategy: ConcurrencyLimitStrategy
    grace_period_seconds: GracePeriodSeconds = None


class ConcurrencyLimit(ObjectBaseModel):
    """How many task runs with a tag may run at the same time."""

    tag: str
    concurrency_limit: int
    active_slots: list[UUID] = Field(default_factory=empty_list)


class GlobalConcurrencyLimit(ObjectBaseModel):
    """How many slots of a named limit may be taken at the same time."""

    name: str
    limit: int
    active: bool | None = True
    active_slots: int | None = 0
    slot_decay_per_second: float | None = 0.0


class GlobalConcurrencyLimitResponse(ObjectBaseModel):
    """A named limit as the server answers it."""

    active: bool = True
    name: str
    limit: int
    active_slots: int
    slot_decay_per_second: float = 2.0


class MinimalConcurrencyLimitResponse(PrefectBaseModel):
    """A limit of which slots were taken or given back."""

    id: UUID
    name: str
    limit: int


class ConcurrencyLimitWithLeaseResponse(PrefectBaseModel):
    """Slots that were taken on lease: they come free by themselves unless it is renewed."""

    lease_id: UUID
    limits: list[MinimalConcurrencyLimitResponse]


class ConcurrencyLimitCreate(ActionBaseModel):
    """Create a limit by tag."""

    tag: str
    concurrency_limit: int


class ConcurrencyLimitV2Create(ActionBaseModel):
    """Create a named limit, with its counters."""

    active: bool = True
    name: Name
    limit: NonNegativeInteger
    active_slots: NonNegativeInteger = 0
    denied_slots: NonNegativeInteger = 0
    slot_decay_per_second: NonNegativeFloat = 0


class ConcurrencyLimitV2Update(ActionBaseModel):
    """Change a named limit or its counters."""

    active: bool | None = None
    name: Name | None = None
    limit: NonNegativeInteger | None = None
    active_slots: NonNegativeInteger | None = None
    denied_slots: NonNegativeInteger | None = None
    slot_decay_per_second: NonNegativeFloat | None = None


class GlobalConcurrencyLimitCreate(ActionBaseModel):
    """Create a named limit."""

    name: Name
    limit: NonNegativeInteger
    active: bool | None = True
    active_slots: NonNegativeInteger | None = 0
    slot_decay_per_second: NonNegativeFloat | None = 0.0


class GlobalConcurrencyLimitUpdate(ActionBaseModel):
    """Change a named limit."""

    name: Name | None = None
    limit: NonNegativeInteger | None = None
    active: bool | None = None
    active_slots: NonNegativeInteger | None = None
    slot_decay_per_second: NonNegativeFloat | None = None


publish(
    "prefect.client.schemas.objects",
    ConcurrencyLimitStrategy,
    ConcurrencyLimitConfig,
    ConcurrencyOptions,
    ConcurrencyLimit,
    GlobalConcurrencyLimit,
)
publish(
    "prefect.client.schemas.responses",
    GlobalConcurrencyLimitResponse,
    MinimalConcurrencyLimitResponse,
    ConcurrencyLimitWithLeaseResponse,
)
publish(
    "prefect.client.schemas.actions",
    ConcurrencyLimitCreate,
    ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update,
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
)
