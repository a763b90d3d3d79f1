"""The blocking client: every noun of the API over the blocking port, without an event loop."""

from __future__ import annotations

from prefect._dual import blocking
from prefect.client._core import BlockingCore, gives_httpx_response
from prefect.client._nouns.deployments import Deployments
from prefect.client._nouns.flow_runs import FlowRuns
from prefect.client._nouns.flows import Flows
from prefect.client._nouns.logs import Logs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import httpx

    from prefect.client.base import ASGIApp, PrefectHttpxSyncClient, ServerType

__all__ = ["SyncPrefectClient"]


class Core(
    BlockingCore,
    Deployments,
    FlowRuns,
    Flows,
    Logs,
):
    """The endpoints over the blocking port; `SyncPrefectClient` drives it."""


class SyncPrefectClient:
    """Client of the REST API for code without an event loop; any thread may use it.

    Connections belong to the process, so a client costs next to nothing and may be used without
    being entered. Entering it marks its life: it cannot be used after.

    Args:
        api: URL of the API.
        auth_string: `user:password` for basic authentication.
        api_key: Bearer token.
        api_version: Sent as `X-PREFECT-API-VERSION` instead of our own.
        httpx_settings: Arguments of `httpx.Client`, such as `headers`, `timeout`, `verify`,
            `cert`, `transport`. What concerns connections gives this client a pool of its own.
        server_type: Kind of server, if it cannot be told from the URL.

    Raises:
        ValueError: If `api` is not an http or https URL.
    """

    def __init__(
        self,
        api: str | ASGIApp,
        *,
        auth_string: str | None = None,
        api_key: str | None = None,
        api_version: str | None = None,
        httpx_settings: dict[str, Any] | None = None,
        server_type: ServerType | None = None,
    ) -> None:
        self._core = Core(
            api,
            auth_string=auth_string,
            api_key=api_key,
            api_version=api_version,
            httpx_settings=httpx_settings,
            server_type=server_type,
        )

    @property
    def _client(self) -> PrefectHttpxSyncClient:
        client: PrefectHttpxSyncClient = self._core._client
        return client

    @property
    def api_url(self) -> httpx.URL:
        """The address of the API, as httpx knows it (with a trailing slash)."""
        return self._core.api_url

    @property
    def server_type(self) -> ServerType:
        """What kind of server the address leads to."""
        return self._core.server_type

    def __enter__(self) -> SyncPrefectClient:
        self._core._enter()
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self._core._exit()

    def client_version(self) -> str:
        """The version of this client."""
        return self._core.client_version()

    raise_for_api_version_mismatch = blocking(BlockingCore.raise_for_api_version_mismatch)
    raise_for_api_version_mismatch_once = blocking(BlockingCore.raise_for_api_version_mismatch_once)

    # Deployments
    create_deployment = blocking(Deployments.create_deployment)
    set_deployment_paused_state = blocking(Deployments.set_deployment_paused_state)
    pause_deployment = blocking(Deployments.pause_deployment)
    resume_deployment = blocking(Deployments.resume_deployment)
    update_deployment = blocking(Deployments.update_deployment)
    read_deployment = blocking(Deployments.read_deployment)
    read_deployment_by_name = blocking(Deployments.read_deployment_by_name)
    read_deployments = blocking(Deployments.read_deployments)
    delete_deployment = blocking(Deployments.delete_deployment)
    create_deployment_schedules = blocking(Deployments.create_deployment_schedules)
    read_deployment_schedules = blocking(Deployments.read_deployment_schedules)
    update_deployment_schedule = blocking(Deployments.update_deployment_schedule)
    delete_deployment_schedule = blocking(Deployments.delete_deployment_schedule)
    get_scheduled_flow_runs_for_deployments = blocking(
        Deployments.get_scheduled_flow_runs_for_deployments
    )
    create_flow_run_from_deployment = blocking(Deployments.create_flow_run_from_deployment)
    create_deployment_branch = blocking(Deployments.create_deployment_branch)

    # FlowRuns
    create_flow_run = blocking(FlowRuns.create_flow_run)
    update_flow_run = blocking(gives_httpx_response(FlowRuns.update_flow_run))
    delete_flow_run = blocking(FlowRuns.delete_flow_run)
    read_flow_run = blocking(FlowRuns.read_flow_run)
    resume_flow_run = blocking(FlowRuns.resume_flow_run)
    read_flow_runs = blocking(FlowRuns.read_flow_runs)
    count_flow_runs = blocking(FlowRuns.count_flow_runs)
    set_flow_run_state = blocking(FlowRuns.set_flow_run_state)
    read_flow_run_state = blocking(FlowRuns.read_flow_run_state)
    read_flow_run_states = blocking(FlowRuns.read_flow_run_states)
    set_flow_run_name = blocking(gives_httpx_response(FlowRuns.set_flow_run_name))
    create_flow_run_input = blocking(FlowRuns.create_flow_run_input)
    filter_flow_run_input = blocking(FlowRuns.filter_flow_run_input)
    read_flow_run_input = blocking(FlowRuns.read_flow_run_input)
    delete_flow_run_input = blocking(FlowRuns.delete_flow_run_input)
    update_flow_run_labels = blocking(FlowRuns.update_flow_run_labels)

    # Flows
    create_flow = blocking(Flows.create_flow)
    create_flow_from_name = blocking(Flows.create_flow_from_name)
    read_flow = blocking(Flows.read_flow)
    delete_flow = blocking(Flows.delete_flow)
    read_flows = blocking(Flows.read_flows)
    read_flow_by_name = blocking(Flows.read_flow_by_name)

    # Logs
    create_logs = blocking(Logs.create_logs)
    read_logs = blocking(Logs.read_logs)


SyncPrefectClient.__module__ = "prefect.client.orchestration"
