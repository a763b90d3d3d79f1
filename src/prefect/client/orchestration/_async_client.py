"""The async client: every noun of the API over the asyncio port."""

from __future__ import annotations

from prefect.client._core import AsyncCore, gives_httpx_response
from prefect.client._nouns.admin import Admin
from prefect.client._nouns.artifacts import ArtifactCollections, Artifacts
from prefect.client._nouns.automations import Automations
from prefect.client._nouns.block_documents import BlockDocuments
from prefect.client._nouns.block_schemas import BlockSchemas
from prefect.client._nouns.block_types import BlockTypes
from prefect.client._nouns.concurrency_limits import ConcurrencyLimits
from prefect.client._nouns.deployments import Deployments
from prefect.client._nouns.events import Events
from prefect.client._nouns.flow_runs import FlowRuns
from prefect.client._nouns.flows import Flows
from prefect.client._nouns.logs import Logs
from prefect.client._nouns.slas import Slas
from prefect.client._nouns.task_runs import TaskRuns
from prefect.client._nouns.variables import Variables
from prefect.client._nouns.work_pools import WorkPools
from prefect.client._nouns.work_queues import WorkQueues

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from typing import Any, NoReturn

    from typing_extensions import Self

__all__ = ["PrefectClient"]


class PrefectClient(
    AsyncCore,
    Admin,
    Artifacts,
    ArtifactCollections,
    Automations,
    BlockDocuments,
    BlockSchemas,
    BlockTypes,
    ConcurrencyLimits,
    Deployments,
    Events,
    FlowRuns,
    Flows,
    Logs,
    Slas,
    TaskRuns,
    Variables,
    WorkPools,
    WorkQueues,
):
    """Client of the REST API for async code.

    Connections belong to the process, one pool per event loop, so a client costs next to nothing
    and may be used without being entered. Entering it marks its life: it cannot be used after.

    Args:
        api: URL of the API, or an ASGI application to be called in this process.
        auth_string: `user:password` for basic authentication.
        api_key: Bearer token.
        api_version: Sent as `X-PREFECT-API-VERSION` instead of our own.
        httpx_settings: Arguments of `httpx.AsyncClient`, such as `headers`, `timeout`, `verify`,
            `cert`, `transport`. What concerns connections gives this client a pool of its own.
        server_type: Kind of server, if it cannot be told from the URL.

    Raises:
        ValueError: If `api` is not an http or https URL.
    """

    @property
    def loop(self) -> AbstractEventLoop | None:
        """The event loop in which the client was entered."""
        loop: AbstractEventLoop | None = self._loop
        return loop

    async def __aenter__(self) -> Self:
        await self._enter()
        return self

    async def __aexit__(self, *exc_info: Any) -> bool | None:
        return await self._exit(*exc_info)

    def __enter__(self) -> NoReturn:
        raise RuntimeError(
            "`PrefectClient` is async: use `async with`, or `get_client(sync_client=True)`."
        )

    def __exit__(self, *_: object) -> NoReturn:
        raise AssertionError("never entered")  # `__enter__` raises

    hello = gives_httpx_response(Admin.hello)
    increment_v1_concurrency_slots = gives_httpx_response(
        ConcurrencyLimits.increment_v1_concurrency_slots
    )
    decrement_v1_concurrency_slots = gives_httpx_response(
        ConcurrencyLimits.decrement_v1_concurrency_slots
    )
    increment_concurrency_slots = gives_httpx_response(
        ConcurrencyLimits.increment_concurrency_slots
    )
    increment_concurrency_slots_with_lease = gives_httpx_response(
        ConcurrencyLimits.increment_concurrency_slots_with_lease
    )
    renew_concurrency_lease = gives_httpx_response(ConcurrencyLimits.renew_concurrency_lease)
    release_concurrency_slots = gives_httpx_response(ConcurrencyLimits.release_concurrency_slots)
    release_concurrency_slots_with_lease = gives_httpx_response(
        ConcurrencyLimits.release_concurrency_slots_with_lease
    )
    update_global_concurrency_limit = gives_httpx_response(
        ConcurrencyLimits.update_global_concurrency_limit
    )
    delete_global_concurrency_limit_by_name = gives_httpx_response(
        ConcurrencyLimits.delete_global_concurrency_limit_by_name
    )
    update_flow_run = gives_httpx_response(FlowRuns.update_flow_run)
    set_flow_run_name = gives_httpx_response(FlowRuns.set_flow_run_name)
    set_task_run_name = gives_httpx_response(TaskRuns.set_task_run_name)


PrefectClient.__module__ = "prefect.client.orchestration"
