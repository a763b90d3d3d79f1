"""Submit a run, follow it, read its result: the whole job of the light client.

Runs in an environment that holds `prefect-client` alone, with PREFECT_API_URL set.
"""

import asyncio

from prefect.client.schemas.objects import Log
from prefect.deployments import arun_deployment
from prefect.events.subscribers import FlowRunSubscriber
from prefect.flow_runs import wait_for_flow_run


async def main() -> None:
    flow_run = await arun_deployment(
        "greet/demo", parameters={"names": ["Ada", "Grace", "Barbara"]}, timeout=0
    )
    print(f"submitted flow run {flow_run.name!r} ({flow_run.id})")

    async with FlowRunSubscriber(flow_run.id) as happenings:
        async for item in happenings:
            if isinstance(item, Log):
                print(f"  {item.timestamp:%H:%M:%S.%f}  log    {item.message}")
            else:
                print(f"  {item.occurred:%H:%M:%S.%f}  event  {item.event}")

    flow_run = await wait_for_flow_run(flow_run.id)
    assert flow_run.state is not None
    print(f"final state: {flow_run.state.name}")
    print(f"result: {await flow_run.state.aresult()}")


if __name__ == "__main__":
    asyncio.run(main())
