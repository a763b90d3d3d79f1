"""Work pools: create, read, change, delete; their workers and the runs that wait for them.

Source: REST contract, `/work_pools`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    dump,
    error_detail,
    join,
    not_found,
    parse,
    parse_list,
    path,
    refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from prefect.client._nouns._base import ErrorMapping
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.client.schemas.filters import WorkerFilter, WorkPoolFilter
    from prefect.client.schemas.objects import Worker, WorkerMetadata, WorkPool
    from prefect.client.schemas.responses import WorkerFlowRunResponse, WorkPoolConcurrencyStatus

__all__ = ["WorkPools"]


class WorkPools(Noun):
    """The endpoints of work pools."""

    async def send_worker_heartbeat(
        self,
        work_pool_name: str,
        worker_name: str,
        heartbeat_interval_seconds: float | None = None,
        get_worker_id: bool = False,
        worker_metadata: WorkerMetadata | None = None,
    ) -> UUID | None:
        """Tell the API that a worker of a pool is alive; an unknown worker is registered.

        Args:
            heartbeat_interval_seconds: When the next one can be expected.
            get_worker_id: Ask for the worker's id.

        Returns:
            The worker's id, from Prefect Cloud and only if asked for; otherwise None.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such pool.
        """
        from uuid import UUID

        response = await self._send(
            "POST",
            path("/work_pools/{name}/workers/heartbeat", name=work_pool_name),
            content=join(
                name=worker_name,
                heartbeat_interval_seconds=heartbeat_interval_seconds,
                metadata=worker_metadata,
                return_id=True if get_worker_id else None,
            ),
            errors={404: refused(f"There is no work pool {work_pool_name!r}")},
        )
        if not get_worker_id or response.status_code != 200:
            return None
        answer = response.json()
        worker_id = answer.get("worker_id") if isinstance(answer, dict) else None
        return UUID(worker_id) if worker_id else None

    async def read_workers_for_work_pool(
        self,
        work_pool_name: str,
        worker_filter: WorkerFilter | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> list[Worker]:
        """Read the workers of a pool, the one heard of last first.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such pool.
        """
        from prefect.client.schemas.objects import Worker

        response = await self._send(
            "POST",
            path("/work_pools/{name}/workers/filter", name=work_pool_name),
            content=join(workers=worker_filter, offset=offset, limit=limit),
            errors={404: refused(f"There is no work pool {work_pool_name!r}")},
        )
        return parse_list(Worker, response)

    async def read_work_pool(self, work_pool_name: str) -> WorkPool:
        """Read a work pool.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        from prefect.client.schemas.objects import WorkPool

        response = await self._send(
            "GET", _one(work_pool_name), errors={404: _no_pool(work_pool_name)}
        )
        return parse(WorkPool, response)

    async def read_work_pools(
        self,
        limit: int | None = None,
        offset: int = 0,
        work_pool_filter: WorkPoolFilter | None = None,
    ) -> list[WorkPool]:
        """Read the work pools that match the filter.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching pools to skip.
        """
        from prefect.client.schemas.objects import WorkPool

        body = join(limit=limit, offset=offset, work_pools=work_pool_filter)
        return parse_list(WorkPool, await self._send("POST", "/work_pools/filter", content=body))

    async def create_work_pool(
        self, work_pool: WorkPoolCreate, overwrite: bool = False
    ) -> WorkPool:
        """Create a work pool.

        Args:
            overwrite: If the name is taken, change that pool to be as described here.

        Raises:
            prefect.exceptions.ObjectAlreadyExists: If the name is taken and not to be overwritten.
            ValueError: If the pool to be overwritten has another type, which cannot be changed.
            prefect.exceptions.ObjectUnsupported: If the account's plan does not offer such a pool
                (Prefect Cloud).
            prefect.exceptions.PrefectHTTPStatusError: With status 403 if the name is reserved.
        """
        from prefect.client.schemas.objects import WorkPool
        from prefect.exceptions import ObjectAlreadyExists

        try:
            response = await self._send(
                "POST",
                "/work_pools/",
                content=dump(work_pool, exclude_unset=True),
                errors={403: _unsupported(work_pool.name), 409: _taken(work_pool.name)},
            )
        except ObjectAlreadyExists:
            if not overwrite:
                raise
            return await self._overwrite(work_pool)
        return parse(WorkPool, response)

    async def _overwrite(self, work_pool: WorkPoolCreate) -> WorkPool:
        from prefect.client.schemas.actions import WorkPoolUpdate

        existing = await self.read_work_pool(work_pool.name)
        if existing.type != work_pool.type:
            raise ValueError(
                f"Work pool {work_pool.name!r} is of type {existing.type!r}, and a pool's type"
                f" cannot be changed to {work_pool.type!r}; delete it first, or choose another"
                " name."
            )
        # Not what is as it should be already: an older server may not know the field.
        wanted = {
            name: getattr(work_pool, name)
            for name in WorkPoolUpdate.model_fields
            if getattr(work_pool, name) != getattr(existing, name)
        }
        await self.update_work_pool(work_pool.name, WorkPoolUpdate(**wanted))
        return await self.read_work_pool(work_pool.name)

    async def update_work_pool(self, work_pool_name: str, work_pool: WorkPoolUpdate) -> None:
        """Change the fields of a pool that are set in `work_pool`.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        await self._send(
            "PATCH",
            _one(work_pool_name),
            content=dump(work_pool, exclude_unset=True),
            errors={404: _no_pool(work_pool_name)},
        )

    async def delete_work_pool(self, work_pool_name: str) -> None:
        """Delete a work pool, its queues and its workers' records.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        await self._send("DELETE", _one(work_pool_name), errors={404: _no_pool(work_pool_name)})

    async def get_scheduled_flow_runs_for_work_pool(
        self,
        work_pool_name: str,
        work_queue_names: list[str] | None = None,
        scheduled_before: datetime | None = None,
    ) -> list[WorkerFlowRunResponse]:
        """Read the runs a worker of the pool may start now.

        Args:
            work_queue_names: Only of these queues of the pool.
            scheduled_before: Only runs scheduled before this time.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool or queue.
        """
        from prefect.client.schemas.responses import WorkerFlowRunResponse

        response = await self._send(
            "POST",
            path("/work_pools/{name}/get_scheduled_flow_runs", name=work_pool_name),
            content=join(work_queue_names=work_queue_names, scheduled_before=scheduled_before),
            errors={404: _no_pool(work_pool_name)},
        )
        return parse_list(WorkerFlowRunResponse, response)

    async def read_work_pool_concurrency_status(
        self,
        work_pool_name: str,
        page: int = 1,
        limit: int | None = None,
        flow_run_limit: int = 10,
    ) -> WorkPoolConcurrencyStatus:
        """Read which runs hold the slots of a pool and its queues.

        Args:
            page: Which page of queues, starting at 1.
            limit: Queues on a page.
            flow_run_limit: Runs shown of each queue, at most 200.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such pool.
        """
        from prefect.client.schemas.responses import WorkPoolConcurrencyStatus

        response = await self._send(
            "POST",
            path("/work_pools/{name}/concurrency_status", name=work_pool_name),
            content=join(page=page, limit=limit, flow_run_limit=flow_run_limit),
            errors={404: _no_pool(work_pool_name)},
        )
        return parse(WorkPoolConcurrencyStatus, response)


def _one(work_pool_name: str) -> str:
    return path("/work_pools/{name}", name=work_pool_name)


def _no_pool(work_pool_name: str) -> ErrorMapping:
    return not_found(f"work pool {work_pool_name!r}")


def _taken(name: str) -> ErrorMapping:
    def factory(http_exc: Exception) -> Exception:
        from prefect.exceptions import ObjectAlreadyExists

        return ObjectAlreadyExists(
            http_exc,
            f"There is already a work pool named {name!r}. Pass `overwrite=True` to change it.",
        )

    return factory


def _unsupported(name: str) -> ErrorMapping:
    def factory(http_exc: Any) -> Exception:
        from prefect.exceptions import ObjectUnsupported

        detail = error_detail(http_exc)
        # The same status is used for reserved names and missing rights.
        if any(word in detail.lower() for word in ("support", "plan", "upgrade")):
            return ObjectUnsupported(http_exc, f"Cannot create work pool {name!r}: {detail}")
        return refused(f"Cannot create work pool {name!r}")(http_exc=http_exc)

    return factory
