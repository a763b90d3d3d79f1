"""Logs of runs: send and read.

Source: REST contract, `/logs`.
"""

from __future__ import annotations

from prefect.client._nouns._base import Noun, array, join, parse_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from prefect.client.schemas.actions import LogCreate
    from prefect.client.schemas.filters import LogFilter
    from prefect.client.schemas.objects import Log
    from prefect.client.schemas.sorting import LogSort

__all__ = ["Logs"]


class Logs(Noun):
    """The endpoints of logs."""

    async def create_logs(self, logs: Iterable[LogCreate | dict[str, Any]]) -> None:
        """Send log lines in one request.

        Args:
            logs: Models, or mappings of the same shape.
        """
        await self._send("POST", "/logs/", content=array(logs))

    async def read_logs(
        self,
        log_filter: LogFilter | None = None,
        limit: int | None = None,
        offset: int | None = None,
        sort: LogSort | None = None,
    ) -> list[Log]:
        """Read log lines, oldest first unless `sort` says otherwise.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching lines to skip.
        """
        from prefect.client.schemas.objects import Log

        body = join(logs=log_filter, limit=limit, offset=offset, sort=sort or "TIMESTAMP_ASC")
        return parse_list(Log, await self._send("POST", "/logs/filter", content=body))
