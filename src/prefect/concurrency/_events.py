"""The events of slots that were taken and given back."""

import sys
from typing import Any, Literal
from uuid import UUID

from prefect.client.schemas._models.concurrency_limits import MinimalConcurrencyLimitResponse
from prefect.events.utilities import emit_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.events.schemas.events import Event

__all__ = ["emit_concurrency_acquisition_events", "emit_concurrency_release_events"]


def emit_concurrency_acquisition_events(
    limits: list[MinimalConcurrencyLimitResponse], occupy: int
) -> "dict[UUID, Event | None]":
    """Tell that slots of some limits were taken.

    Args:
        limits: The limits.
        occupy: Slots of each.

    Returns:
        Id of the limit → its event, for `emit_concurrency_release_events`.
    """
    return {limit.id: _emit("acquired", limit, limits, occupy) for limit in limits}


def emit_concurrency_release_events(
    limits: list[MinimalConcurrencyLimitResponse],
    occupy: int,
    events: "dict[UUID, Event | None]",
) -> None:
    """Tell that slots were given back; each event follows that of taking them."""
    if sys.is_finalizing():  # a block that nobody left, cleared away with the interpreter
        return
    for limit in limits:
        _emit("released", limit, limits, occupy, follows=events.get(limit.id))


def _emit(
    phase: Literal["acquired", "released"],
    limit: MinimalConcurrencyLimitResponse,
    limits: list[MinimalConcurrencyLimitResponse],
    occupy: int,
    follows: "Event | None" = None,
) -> "Event | None":
    resource = {
        "prefect.resource.id": f"prefect.concurrency-limit.{limit.id}",
        "prefect.resource.name": limit.name,
        "slots-acquired": str(occupy),
        "limit": str(limit.limit),
    }
    related: list[dict[str, Any]] = [
        {
            "prefect.resource.id": f"prefect.concurrency-limit.{other.id}",
            "prefect.resource.role": "concurrency-limit",
        }
        for other in limits
        if other.id != limit.id
    ]
    return emit_event(
        f"prefect.concurrency-limit.{phase}", resource=resource, related=related, follows=follows
    )
