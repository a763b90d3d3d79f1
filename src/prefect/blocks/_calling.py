"""Call methods of blocks whatever their colour: sync, async, or both under one name.

Blocks of users and of integration packages define `read_path` and the like as they see fit, and
storage has to call them from sync and from async code.
"""

import inspect
from functools import partial
from typing import Any

__all__ = ["call_from_async", "call_from_sync"]


def call_from_sync(block: object, method: str, *args: Any) -> Any:
    """Call a method of a block where nothing can be awaited, and give what it returns."""
    function = getattr(block, method)
    # Those of both colours take their cue from the caller, which may be inside an event loop.
    result = function(*args, _sync=True) if hasattr(function, "aio") else function(*args)
    if inspect.iscoroutine(result):
        from prefect.utilities.asyncutils import run_coro_as_sync  # heavy: asyncio

        result = run_coro_as_sync(result)
    return result


async def call_from_async(block: object, method: str, *args: Any) -> Any:
    """Call a method of a block in an event loop, which goes on meanwhile."""
    function = getattr(block, method)
    aio = getattr(function, "aio", None)
    if aio is not None:
        return await aio(block, *args)
    if inspect.iscoroutinefunction(inspect.unwrap(function)):
        return await function(*args)
    from anyio import to_thread  # heavy; an event loop is running here anyway

    result = await to_thread.run_sync(partial(function, *args))
    return await result if inspect.isawaitable(result) else result
