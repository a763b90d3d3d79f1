"""The run engine: one body that runs flows and tasks on the sync and on the async face.

The core modules (`_flow_run`, `_task_run`, `_authority`) are `async def` over a port and import
neither asyncio, anyio nor threading. `_blocking` and `_asyncio` are the two ports. Nothing here is
public; users meet it through `prefect.flows`, `prefect.tasks` and `prefect.futures`.
"""
