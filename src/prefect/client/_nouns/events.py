"""Events: read what happened, page by page.

Source: REST contract, `/events`.
"""

from __future__ import annotations

from prefect.client._nouns._base import Noun, dump, join, merge, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas.events import EventPage
    from prefect.events.filters import EventFilter

__all__ = ["Events"]

_NEXT_PAGE = "/events/filter/next"

_PAGE = 50
"""Events the server gives in one answer; it refuses to be asked for more."""


class Events(Noun):
    """The endpoints of events."""

    async def read_events(self, filter: EventFilter | None = None, limit: int = 100) -> EventPage:
        """Read the events that match the filter, the newest first unless it says otherwise.

        Args:
            limit: At most this many. The server gives at most 50 in one answer, so more than that
                takes several requests.

        Returns:
            The events, how many match in all, and the address of the next page for
            `read_events_page`, or None.
        """
        from prefect.client.schemas.events import EventPage

        # Sent with its defaults: the span of time it covers counts from when it was made. What is
        # None says nothing, and an older server may not know its name.
        wanted = b"{}" if filter is None else b'{"filter":%b}' % dump(filter, exclude_none=True)
        pages = max(1, -(-limit // _PAGE))
        body = merge(wanted, join(limit=limit // pages))
        page = parse(EventPage, await self._send("POST", "/events/filter", content=body))
        events = page.events
        for _ in range(pages - 1):
            if page.next_page is None:
                break
            page = await self.read_events_page(str(page.next_page))
            events = [*events, *page.events]
        return page.model_copy(update={"events": events})

    async def read_events_page(self, next_page_url: str) -> EventPage:
        """Read the page of events at an address that came with the page before.

        Only the page's token is taken from the address: a server behind a proxy may not know
        how it is reached, and the credentials are for this API alone.

        Args:
            next_page_url: An `EventPage`'s `next_page`.

        Raises:
            ValueError: If it is no such address.
        """
        from urllib.parse import urlsplit

        from prefect.client.schemas.events import EventPage

        address = urlsplit(str(next_page_url))
        if not address.path.endswith(_NEXT_PAGE) or not address.query:
            raise ValueError(
                f"{next_page_url!r} is not the address of a page of events; pass the `next_page`"
                " of an `EventPage`"
            )
        return parse(EventPage, await self._send("GET", f"{_NEXT_PAGE}?{address.query}"))
