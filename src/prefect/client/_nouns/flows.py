"""Flows: register, read, delete.

Source: REST contract, `/flows`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    join,
    not_found,
    parse,
    parse_id,
    parse_list,
    path,
    refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from prefect.client._nouns._protocols import FlowObject
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        FlowFilter,
        FlowRunFilter,
        TaskRunFilter,
        WorkPoolFilter,
        WorkQueueFilter,
    )
    from prefect.client.schemas.objects import Flow
    from prefect.client.schemas.sorting import FlowSort

__all__ = ["Flows"]


class Flows(Noun):
    """The endpoints of flows."""

    async def create_flow(self, flow: FlowObject[Any, Any]) -> UUID:
        """Register a flow by its name, and return its id; a known name keeps its id."""
        return await self.create_flow_from_name(flow.name)

    async def create_flow_from_name(self, flow_name: str) -> UUID:
        """Register a flow name, and return the flow's id; a known name keeps its id."""
        return parse_id(await self._send("POST", "/flows/", content=join(name=flow_name)))

    async def read_flow(self, flow_id: UUID) -> Flow:
        """Read a flow.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such flow.
        """
        from prefect.client.schemas.objects import Flow

        response = await self._send(
            "GET",
            path("/flows/{id}", id=flow_id),
            errors={404: refused(f"There is no flow '{flow_id}'")},
        )
        return parse(Flow, response)

    async def delete_flow(self, flow_id: UUID) -> None:
        """Delete a flow, its deployments and its runs.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such flow.
        """
        await self._send(
            "DELETE",
            path("/flows/{id}", id=flow_id),
            errors={404: not_found(f"flow '{flow_id}'")},
        )

    async def read_flows(
        self,
        *,
        flow_filter: FlowFilter | None = None,
        flow_run_filter: FlowRunFilter | None = None,
        task_run_filter: TaskRunFilter | None = None,
        deployment_filter: DeploymentFilter | None = None,
        work_pool_filter: WorkPoolFilter | None = None,
        work_queue_filter: WorkQueueFilter | None = None,
        sort: FlowSort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Flow]:
        """Read the flows that match all the filters given.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching flows to skip.
        """
        from prefect.client.schemas.objects import Flow

        body = join(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_queues=work_queue_filter,
            sort=sort,
            limit=limit,
            offset=offset,
        )
        return parse_list(Flow, await self._send("POST", "/flows/filter", content=body))

    async def read_flow_by_name(self, flow_name: str) -> Flow:
        """Read a flow by its name.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such flow.
        """
        from prefect.client.schemas.objects import Flow

        response = await self._send(
            "GET",
            path("/flows/name/{name}", name=flow_name),
            errors={404: refused(f"There is no flow named {flow_name!r}")},
        )
        return parse(Flow, response)
