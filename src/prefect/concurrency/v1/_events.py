"""The events of slots of tags that were taken and given back."""

from typing import Any, Literal
from uuid import UUID

from prefect.client.schemas._models.concurrency_limits import MinimalConcurrencyLimitResponse
from prefect.events.utilities import emit_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.events.schemas.events import Event

__all__ = ["emit_concurrency_acquisition_events", "emit_concurrency_release_events"]


def emit_concurrency_acquisition_events(
    limits: list[MinimalConcurrencyLimitResponse], task_run_id: UUID
) -> "dict[UUID, Event | None]":
    """Tell that a task run took slots; id of the limit → its event."""
    return {limit.id: _emit("acquired", limit, limits, task_run_id) for limit in limits}


def emit_concurrency_release_events(
    limits: list[MinimalConcurrencyLimitResponse],
    events: "dict[UUID, Event | None]",
    task_run_id: UUID,
) -> None:
    """Tell that a task run gave slots back; each event follows that of taking them."""
    for limit in limits:
        _emit("released", limit, limits, task_run_id, follows=events.get(limit.id))


def _emit(
    phase: Literal["acquired", "released"],
    limit: MinimalConcurrencyLimitResponse,
    limits: list[MinimalConcurrencyLimitResponse],
    task_run_id: UUID,
    follows: "Event | None" = None,
) -> "Event | None":
    resource = {
        "prefect.resource.id": f"prefect.concurrency-limit.v1.{limit.id}",
        "prefect.resource.name": limit.name,
        "limit": str(limit.limit),
        "task_run_id": str(task_run_id),
    }
    related: list[dict[str, Any]] = [
        {
            "prefect.resource.id": f"prefect.concurrency-limit.v1.{other.id}",
            "prefect.resource.role": "concurrency-limit",
        }
        for other in limits
        if other.id != limit.id
    ]
    return emit_event(
        f"prefect.concurrency-limit.v1.{phase}", resource=resource, related=related, follows=follows
    )
