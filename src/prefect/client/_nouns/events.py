"""Events: read what happened, page by page.

Source: REST contract, `/events`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.client._nouns._base import Noun, dump, join, merge, parse

if TYPE_CHECKING:
    from prefect.client.schemas.events import EventPage
    from prefect.events.filters import EventFilter

__all__ = ["Events"]


class Events(Noun):
    """The endpoints of events."""

    async def read_events(self, filter: EventFilter | None = None, limit: int = 100) -> EventPage:
        """Read the events that match the filter, first page first.

        Args:
            limit: Events on a page; a server gives at most 50 and takes a larger number as 50.

        Returns:
            The page, with the address of the next one for `read_events_page`.
        """
        from prefect.client.schemas.events import EventPage

        # Sent whole: the span of time it covers by default counts from when it was made.
        wanted = b"{}" if filter is None else b'{"filter":%b}' % dump(filter)
        response = await self._send(
            "POST", "/events/filter", content=merge(wanted, join(limit=limit))
        )
        return parse(EventPage, response)

    async def read_events_page(self, next_page_url: str) -> EventPage:
        """Read the page of events at an address that came with the page before.

        Args:
            next_page_url: An `EventPage`'s `next_page`.
        """
        from prefect.client.schemas.events import EventPage

        return parse(EventPage, await self._send("GET", str(next_page_url)))
