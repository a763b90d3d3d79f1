"""What `make demo` runs in the light environment: submit a run, watch it, read its result."""

import asyncio
import sys

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import Log
from prefect.deployments import run_deployment
from prefect.events.subscribers import FlowRunSubscriber

NUMBERS = [19, 4, 19]


async def main() -> int:
    """Run the demo; the exit code says whether the result is right."""
    flow_run = await run_deployment("add-up/demo", parameters={"numbers": NUMBERS}, timeout=0)
    print(f"submitted flow run {flow_run.name!r} ({flow_run.id}): {flow_run.state.name}")

    async with FlowRunSubscriber(flow_run.id) as items:
        async for item in items:
            if isinstance(item, Log):
                print(f"  {item.timestamp:%H:%M:%S}  log    {item.message}")
            elif not item.event.endswith(".heartbeat"):
                print(f"  {item.occurred:%H:%M:%S}  state  {item.event.rpartition('.')[2]}")

    async with get_client() as client:
        finished = await client.read_flow_run(flow_run.id)
    result = await finished.state.result(raise_on_failure=True)
    print(f"result: {' + '.join(map(str, NUMBERS))} = {result}")
    return 0 if result == sum(NUMBERS) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
