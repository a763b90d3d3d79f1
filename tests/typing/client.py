"""Types that checkers must infer for users; checked by `test_typing.py`, never run."""

import asyncio
from typing import Any
from uuid import UUID

from typing_extensions import assert_type

from prefect import get_client
from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.client.schemas.objects import Flow, FlowRun, Log, State
from prefect.client.schemas.responses import DeploymentResponse, OrchestrationResult
from prefect.deployments import arun_deployment, run_deployment
from prefect.events import Event, emit_event
from prefect.flow_runs import wait_for_flow_run
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed

RUN_ID = UUID(int=1)


async def on_the_async_face() -> None:
    client = get_client()
    assert_type(client, PrefectClient)
    async with client as opened:
        assert_type(opened, PrefectClient)
        assert_type(await opened.read_flow_run(RUN_ID), FlowRun)
        assert_type(await opened.read_flow_runs(limit=1), list[FlowRun])
        assert_type(await opened.read_deployment_by_name("a/b"), DeploymentResponse)
        assert_type(await opened.create_flow_from_name("a"), UUID)
        assert_type(await opened.read_logs(), list[Log])
    assert_type(await arun_deployment("a/b", timeout=0), FlowRun)
    assert_type(await wait_for_flow_run(RUN_ID), FlowRun)


def on_the_sync_face() -> None:
    client = get_client(sync_client=True)
    assert_type(client, SyncPrefectClient)
    with client as opened:
        assert_type(opened.read_flow_run(RUN_ID), FlowRun)
        assert_type(opened.read_flow_runs(limit=1), list[FlowRun])
        assert_type(opened.read_deployment_by_name("a/b"), DeploymentResponse)
        assert_type(opened.read_flow(RUN_ID), Flow)
        assert_type(opened.read_logs(), list[Log])
        result = opened.set_flow_run_state(RUN_ID, Completed())
        assert_type(result, OrchestrationResult[Any])
    assert_type(run_deployment("a/b", timeout=0), FlowRun)


def elsewhere() -> None:
    assert_type(emit_event("a", resource={"prefect.resource.id": "a"}), Event | None)
    assert_type(Completed(), State[Any])
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:4200/api"}):
        assert PREFECT_API_URL.value()


def wrong_arguments_are_refused() -> None:
    with get_client(sync_client=True) as client:
        client.read_flow_run()  # type: ignore[call-arg]  # must stay an error
        client.read_flow_run("not an id")  # type: ignore[arg-type]  # must stay an error
    asyncio.run(on_the_async_face())
