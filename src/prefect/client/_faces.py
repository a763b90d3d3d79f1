"""Run code that is written once over the client, from either face.

A function of the public API that needs the server has its body once, as a coroutine function that
takes a client. `awaited` runs it with an async client; `blocked` runs it with the core of the
blocking client, whose methods are coroutines that never suspend, without an event loop. Both use
the client that the caller gave, else the one of the context around this code, else a new one.
"""

from __future__ import annotations

import sys

from prefect._dual import run
from prefect.client.utilities import get_or_create_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    from prefect.client.orchestration import PrefectClient

    Result = TypeVar("Result")

__all__ = ["awaited", "blocked"]


async def awaited(
    body: Callable[[PrefectClient], Coroutine[Any, Any, Result]],
    client: PrefectClient | None = None,
) -> Result:
    """Run a body with an async client."""
    opened, borrowed = get_or_create_client(client)
    if borrowed:
        return await body(opened)
    async with opened:
        return await body(opened)


def blocked(body: Callable[[Any], Coroutine[Any, Any, Result]], client: Any = None) -> Result:
    """Run a body with a blocking client.

    Args:
        body: Must await nothing but methods of the client it is given.
        client: A `SyncPrefectClient`. An async client cannot be used without its event loop, so a
            blocking one takes its place.
    """
    core = getattr(client, "_core", None)
    if core is None:
        core = getattr(_active_sync_client(), "_core", None)
    if core is not None:
        return run(body(core))
    from prefect.client.orchestration import get_client  # heavy: the endpoint classes

    with get_client(sync_client=True) as opened:
        return run(body(opened._core))


def _active_sync_client() -> Any:
    """The blocking client of the context around this code, if there is one."""
    # Looked up, not imported: no context is active before its module is loaded.
    contexts = sys.modules.get("prefect.context")
    context = getattr(contexts, "SyncClientContext", None)
    active = None if context is None else context.get()
    return getattr(active, "client", None)
