"""Work queues: create, read, change, delete; their status and the runs that wait in them.

Source: REST contract, `/work_queues` and `/work_pools/{name}/queues`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    already_exists,
    dump,
    join,
    not_found,
    parse,
    parse_list,
    path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from prefect.client._nouns._base import ErrorMapping
    from prefect.client.schemas.filters import WorkQueueFilter
    from prefect.client.schemas.objects import FlowRun, WorkQueue, WorkQueueStatusDetail
    from prefect.client.schemas.responses import WorkQueueConcurrencyStatus

__all__ = ["WorkQueues"]

_PAGE = 100
"""Queues asked for at a time where all of them are wanted."""


class WorkQueues(Noun):
    """The endpoints of work queues."""

    async def create_work_queue(
        self,
        name: str,
        description: str | None = None,
        is_paused: bool | None = None,
        concurrency_limit: int | None = None,
        priority: int | None = None,
        work_pool_name: str | None = None,
    ) -> WorkQueue:
        """Create a work queue.

        Args:
            concurrency_limit: Runs of the queue that may be under way at once.
            priority: 1 is served first; by default the first number free.
            work_pool_name: The pool it belongs to.

        Raises:
            prefect.exceptions.ObjectAlreadyExists: If the pool has a queue of that name.
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        from prefect.client.schemas.objects import WorkQueue

        body = join(
            name=name,
            description=description,
            is_paused=is_paused,
            concurrency_limit=concurrency_limit,
            priority=priority,
        )
        response = await self._send(
            "POST",
            "/work_queues/"
            if work_pool_name is None
            else path("/work_pools/{pool}/queues", pool=work_pool_name),
            content=body,
            errors={
                404: not_found(f"work pool {work_pool_name!r}"),
                409: already_exists(_words(name, work_pool_name)),
            },
        )
        return parse(WorkQueue, response)

    async def read_work_queue_by_name(
        self, name: str, work_pool_name: str | None = None
    ) -> WorkQueue:
        """Read a work queue by its name, and its pool's unless that is the default one.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such queue or pool.
        """
        from prefect.client.schemas.objects import WorkQueue

        response = await self._send(
            "GET",
            path("/work_queues/name/{name}", name=name)
            if work_pool_name is None
            else path("/work_pools/{pool}/queues/{name}", pool=work_pool_name, name=name),
            errors={404: not_found(_words(name, work_pool_name))},
        )
        return parse(WorkQueue, response)

    async def update_work_queue(self, id: UUID, **kwargs: Any) -> None:
        """Change fields of a work queue.

        Args:
            kwargs: The fields of `WorkQueueUpdate` to change.

        Raises:
            ValueError: If none is given.
            prefect.exceptions.ObjectNotFound: If there is no such queue.
        """
        from prefect.client.schemas.actions import WorkQueueUpdate

        if not kwargs:
            raise ValueError(
                "No field of the work queue to change was given; pass some of"
                f" {', '.join(WorkQueueUpdate.model_fields)}"
            )
        await self._send(
            "PATCH",
            _one(id),
            content=dump(WorkQueueUpdate(**kwargs), exclude_unset=True),
            errors={404: _no_queue(id)},
        )

    async def get_runs_in_work_queue(
        self, id: UUID, limit: int = 10, scheduled_before: datetime | None = None
    ) -> list[FlowRun]:
        """Read the runs that wait in a queue.

        Args:
            limit: At most this many.
            scheduled_before: Only runs scheduled before this time; by default before now.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such queue.
        """
        from datetime import datetime, timezone

        from prefect.client.schemas.objects import FlowRun

        response = await self._send(
            "POST",
            path("/work_queues/{id}/get_runs", id=id),
            content=join(
                limit=limit, scheduled_before=scheduled_before or datetime.now(timezone.utc)
            ),
            errors={404: _no_queue(id)},
        )
        return parse_list(FlowRun, response)

    async def read_work_queue(self, id: UUID) -> WorkQueue:
        """Read a work queue.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such queue.
        """
        from prefect.client.schemas.objects import WorkQueue

        return parse(WorkQueue, await self._send("GET", _one(id), errors={404: _no_queue(id)}))

    async def read_work_queue_status(self, id: UUID) -> WorkQueueStatusDetail:
        """Read whether a queue is polled and how many of its runs are late.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such queue.
        """
        from prefect.client.schemas.objects import WorkQueueStatusDetail

        response = await self._send(
            "GET", path("/work_queues/{id}/status", id=id), errors={404: _no_queue(id)}
        )
        return parse(WorkQueueStatusDetail, response)

    async def read_work_queue_concurrency_status(
        self, id: UUID, page: int = 1, limit: int | None = None
    ) -> WorkQueueConcurrencyStatus:
        """Read which runs hold the slots of a queue.

        Args:
            page: Which page of runs, starting at 1.
            limit: Runs on a page.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such queue.
        """
        from prefect.client.schemas.responses import WorkQueueConcurrencyStatus

        response = await self._send(
            "POST",
            path("/work_queues/{id}/concurrency_status", id=id),
            content=join(page=page, limit=limit),
            errors={404: _no_queue(id)},
        )
        return parse(WorkQueueConcurrencyStatus, response)

    async def match_work_queues(
        self, prefixes: list[str], work_pool_name: str | None = None
    ) -> list[WorkQueue]:
        """Read all the queues whose names start with one of the prefixes.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        from prefect.client.schemas.filters import WorkQueueFilter, WorkQueueFilterName

        matching = WorkQueueFilter(name=WorkQueueFilterName(startswith_=prefixes))
        queues: list[WorkQueue] = []
        while True:
            page = await self.read_work_queues(
                work_pool_name, matching, limit=_PAGE, offset=len(queues)
            )
            queues += page
            if len(page) < _PAGE:
                return queues

    async def delete_work_queue_by_id(self, id: UUID) -> None:
        """Delete a work queue.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such queue.
        """
        await self._send("DELETE", _one(id), errors={404: _no_queue(id)})

    async def read_work_queues(
        self,
        work_pool_name: str | None = None,
        work_queue_filter: WorkQueueFilter | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> list[WorkQueue]:
        """Read the work queues that match the filter.

        Args:
            work_pool_name: Only of this pool.
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching queues to skip.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        from prefect.client.schemas.objects import WorkQueue

        response = await self._send(
            "POST",
            "/work_queues/filter"
            if work_pool_name is None
            else path("/work_pools/{pool}/queues/filter", pool=work_pool_name),
            content=join(work_queues=work_queue_filter, limit=limit, offset=offset),
            errors={404: not_found(f"work pool {work_pool_name!r}")},
        )
        return parse_list(WorkQueue, response)


def _one(id: UUID) -> str:
    return path("/work_queues/{id}", id=id)


def _no_queue(id: UUID) -> ErrorMapping:
    return not_found(f"work queue '{id}'")


def _words(name: str, work_pool_name: str | None) -> str:
    pool = "" if work_pool_name is None else f" in work pool {work_pool_name!r}"
    return f"work queue named {name!r}{pool}"
