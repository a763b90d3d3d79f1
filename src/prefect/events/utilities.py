"""`emit_event`: tell Prefect that something happened.

The one function user code and integrations call; it builds the event and hands it to the
background worker. It never waits for the network and never fails because of it.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from prefect.events.schemas.events import Event, RelatedResource

__all__ = ["TIGHT_TIMING", "emit_event"]

TIGHT_TIMING = timedelta(minutes=5)
"""Events further apart than this are not declared to follow one another: the server holds an
event back until the one it follows has come, and does not wait that long."""


def emit_event(
    event: str,
    resource: dict[str, str],
    occurred: "datetime | None" = None,
    related: "list[dict[str, str]] | list[RelatedResource] | None" = None,
    payload: "dict[str, Any] | None" = None,
    id: "UUID | None" = None,
    follows: "Event | None" = None,
    **kwargs: "dict[str, Any] | None",
) -> "Event | None":
    """Send an event to Prefect, in the background.

    Args:
        event: What happened, e.g. `"my-app.order.shipped"`.
        resource: What it happened to; needs the label `prefect.resource.id`.
        occurred: When it happened; None means now.
        related: Other resources involved, each with a `prefect.resource.role`.
        payload: Anything else, JSON-serialisable.
        id: The event's id; None makes one.
        follows: The event that came before this one; declared only if both are within five
            minutes.
        **kwargs: Further fields of `Event`.

    Returns:
        The event; None when there is no API to send it to.

    Raises:
        ValidationError: If the event is malformed, e.g. without `prefect.resource.id`.

    Example:
        ```python
        emit_event("my-app.order.shipped", resource={"prefect.resource.id": "my-app.order.17"})
        ```
    """
    from prefect.events.worker import EventsWorker, should_emit_events

    if EventsWorker._override is None and not should_emit_events():
        return None
    from prefect.events.schemas.events import Event  # heavy

    fields: dict[str, Any] = {"event": event, "resource": resource, **kwargs}
    given = {"occurred": occurred, "related": related, "payload": payload, "id": id}
    fields.update({name: value for name, value in given.items() if value is not None})
    emitted = Event(**fields)
    if follows is not None and abs(emitted.occurred - follows.occurred) < TIGHT_TIMING:
        emitted.follows = follows.id
    _hand_over(emitted)
    return emitted


def _hand_over(event: "Event") -> None:
    """Give the event to the worker; what stands in the way is logged, not raised."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.loggers import get_logger

    try:
        try:
            EventsWorker.instance().send(event)
        except RuntimeError:  # drained between the two calls: a fresh one takes it
            EventsWorker.instance().send(event)
    except Exception as error:
        # Boundary: telling about something must not break the code it happens in.
        get_logger(__name__).warning("Event %r (%s) is lost: %s", event.event, event.id, error)
