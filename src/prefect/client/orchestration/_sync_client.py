"""The blocking client: every noun of the API over the blocking port, without an event loop."""

from __future__ import annotations

from prefect._dual import blocking
from prefect.client._core import BlockingCore, gives_httpx_response
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
    from typing import Any

    import httpx

    from prefect.client.base import ASGIApp, PrefectHttpxSyncClient, ServerType

__all__ = ["SyncPrefectClient"]


class Core(
    BlockingCore,
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

    # Admin
    api_healthcheck = blocking(Admin.api_healthcheck)
    hello = blocking(gives_httpx_response(Admin.hello))
    api_version = blocking(Admin.api_version)
    read_worker_metadata = blocking(Admin.read_worker_metadata)
    read_server_default_result_storage = blocking(Admin.read_server_default_result_storage)
    update_server_default_result_storage = blocking(Admin.update_server_default_result_storage)
    clear_server_default_result_storage = blocking(Admin.clear_server_default_result_storage)

    # Artifacts
    create_artifact = blocking(Artifacts.create_artifact)
    update_artifact = blocking(Artifacts.update_artifact)
    read_artifacts = blocking(Artifacts.read_artifacts)
    delete_artifact = blocking(Artifacts.delete_artifact)

    # ArtifactCollections
    read_latest_artifacts = blocking(ArtifactCollections.read_latest_artifacts)

    # Automations
    create_automation = blocking(Automations.create_automation)
    update_automation = blocking(Automations.update_automation)
    read_automations = blocking(Automations.read_automations)
    find_automation = blocking(Automations.find_automation)
    read_automation = blocking(Automations.read_automation)
    read_automations_by_name = blocking(Automations.read_automations_by_name)
    pause_automation = blocking(Automations.pause_automation)
    resume_automation = blocking(Automations.resume_automation)
    delete_automation = blocking(Automations.delete_automation)
    read_resource_related_automations = blocking(Automations.read_resource_related_automations)
    delete_resource_owned_automations = blocking(Automations.delete_resource_owned_automations)

    # BlockDocuments
    create_block_document = blocking(BlockDocuments.create_block_document)
    update_block_document = blocking(BlockDocuments.update_block_document)
    delete_block_document = blocking(BlockDocuments.delete_block_document)
    read_block_document = blocking(BlockDocuments.read_block_document)
    read_block_documents = blocking(BlockDocuments.read_block_documents)

    # BlockSchemas
    create_block_schema = blocking(BlockSchemas.create_block_schema)
    read_block_schema_by_checksum = blocking(BlockSchemas.read_block_schema_by_checksum)
    read_block_schemas = blocking(BlockSchemas.read_block_schemas)
    get_most_recent_block_schema_for_block_type = blocking(
        BlockSchemas.get_most_recent_block_schema_for_block_type
    )

    # BlockTypes
    read_block_documents_by_type = blocking(BlockTypes.read_block_documents_by_type)
    create_block_type = blocking(BlockTypes.create_block_type)
    read_block_type_by_slug = blocking(BlockTypes.read_block_type_by_slug)
    update_block_type = blocking(BlockTypes.update_block_type)
    delete_block_type = blocking(BlockTypes.delete_block_type)
    read_block_types = blocking(BlockTypes.read_block_types)
    read_block_document_by_name = blocking(BlockTypes.read_block_document_by_name)

    # ConcurrencyLimits
    create_concurrency_limit = blocking(ConcurrencyLimits.create_concurrency_limit)
    read_concurrency_limit_by_tag = blocking(ConcurrencyLimits.read_concurrency_limit_by_tag)
    read_concurrency_limits = blocking(ConcurrencyLimits.read_concurrency_limits)
    reset_concurrency_limit_by_tag = blocking(ConcurrencyLimits.reset_concurrency_limit_by_tag)
    delete_concurrency_limit_by_tag = blocking(ConcurrencyLimits.delete_concurrency_limit_by_tag)
    increment_v1_concurrency_slots = blocking(
        gives_httpx_response(ConcurrencyLimits.increment_v1_concurrency_slots)
    )
    decrement_v1_concurrency_slots = blocking(
        gives_httpx_response(ConcurrencyLimits.decrement_v1_concurrency_slots)
    )
    increment_concurrency_slots = blocking(
        gives_httpx_response(ConcurrencyLimits.increment_concurrency_slots)
    )
    increment_concurrency_slots_with_lease = blocking(
        gives_httpx_response(ConcurrencyLimits.increment_concurrency_slots_with_lease)
    )
    renew_concurrency_lease = blocking(
        gives_httpx_response(ConcurrencyLimits.renew_concurrency_lease)
    )
    release_concurrency_slots = blocking(
        gives_httpx_response(ConcurrencyLimits.release_concurrency_slots)
    )
    release_concurrency_slots_with_lease = blocking(
        gives_httpx_response(ConcurrencyLimits.release_concurrency_slots_with_lease)
    )
    create_global_concurrency_limit = blocking(ConcurrencyLimits.create_global_concurrency_limit)
    update_global_concurrency_limit = blocking(
        gives_httpx_response(ConcurrencyLimits.update_global_concurrency_limit)
    )
    delete_global_concurrency_limit_by_name = blocking(
        gives_httpx_response(ConcurrencyLimits.delete_global_concurrency_limit_by_name)
    )
    read_global_concurrency_limit_by_name = blocking(
        ConcurrencyLimits.read_global_concurrency_limit_by_name
    )
    upsert_global_concurrency_limit_by_name = blocking(
        ConcurrencyLimits.upsert_global_concurrency_limit_by_name
    )
    read_global_concurrency_limits = blocking(ConcurrencyLimits.read_global_concurrency_limits)

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

    # Events
    read_events = blocking(Events.read_events)
    read_events_page = blocking(Events.read_events_page)

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

    # Slas
    apply_slas_for_deployment = blocking(Slas.apply_slas_for_deployment)

    # TaskRuns
    create_task_run = blocking(TaskRuns.create_task_run)
    read_task_run = blocking(TaskRuns.read_task_run)
    read_task_runs = blocking(TaskRuns.read_task_runs)
    delete_task_run = blocking(TaskRuns.delete_task_run)
    set_task_run_name = blocking(gives_httpx_response(TaskRuns.set_task_run_name))
    set_task_run_state = blocking(TaskRuns.set_task_run_state)
    read_task_run_states = blocking(TaskRuns.read_task_run_states)

    # Variables
    create_variable = blocking(Variables.create_variable)
    read_variable_by_name = blocking(Variables.read_variable_by_name)
    read_variables = blocking(Variables.read_variables)
    update_variable = blocking(Variables.update_variable)
    delete_variable_by_name = blocking(Variables.delete_variable_by_name)

    # WorkPools
    send_worker_heartbeat = blocking(WorkPools.send_worker_heartbeat)
    read_workers_for_work_pool = blocking(WorkPools.read_workers_for_work_pool)
    read_work_pool = blocking(WorkPools.read_work_pool)
    read_work_pools = blocking(WorkPools.read_work_pools)
    create_work_pool = blocking(WorkPools.create_work_pool)
    update_work_pool = blocking(WorkPools.update_work_pool)
    delete_work_pool = blocking(WorkPools.delete_work_pool)
    get_scheduled_flow_runs_for_work_pool = blocking(
        WorkPools.get_scheduled_flow_runs_for_work_pool
    )
    read_work_pool_concurrency_status = blocking(WorkPools.read_work_pool_concurrency_status)

    # WorkQueues
    create_work_queue = blocking(WorkQueues.create_work_queue)
    read_work_queue_by_name = blocking(WorkQueues.read_work_queue_by_name)
    # mypy thinks that `kwargs` could hold a `self`.
    update_work_queue = blocking(WorkQueues.update_work_queue)  # type: ignore[arg-type]
    get_runs_in_work_queue = blocking(WorkQueues.get_runs_in_work_queue)
    read_work_queue = blocking(WorkQueues.read_work_queue)
    read_work_queue_status = blocking(WorkQueues.read_work_queue_status)
    read_work_queue_concurrency_status = blocking(WorkQueues.read_work_queue_concurrency_status)
    match_work_queues = blocking(WorkQueues.match_work_queues)
    delete_work_queue_by_id = blocking(WorkQueues.delete_work_queue_by_id)
    read_work_queues = blocking(WorkQueues.read_work_queues)


SyncPrefectClient.__module__ = "prefect.client.orchestration"
