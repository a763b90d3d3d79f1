"""Pages of events, as queries of events answer them."""

from typing import TYPE_CHECKING

from pydantic import AnyHttpUrl

from prefect._internal.schemas.bases import PrefectBaseModel

# Upward hop that the public API asks for: the model of an event lives with the events.
from prefect.events.schemas.events import ReceivedEvent

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient, SyncPrefectClient

__all__ = ["EventPage"]


class EventPage(PrefectBaseModel):
    """Some of the events that match a query, and where the next ones are."""

    events: list[ReceivedEvent]
    total: int
    next_page: AnyHttpUrl | None

    async def get_next_page(self, client: "PrefectClient") -> "EventPage | None":
        """Read the events that follow; None when there are no more."""
        if self.next_page is None:
            return None
        return await client.read_events_page(str(self.next_page))

    def get_next_page_sync(self, client: "SyncPrefectClient") -> "EventPage | None":
        """Read the events that follow; None when there are no more."""
        if self.next_page is None:
            return None
        return client.read_events_page(str(self.next_page))
