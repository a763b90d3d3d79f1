"""Giving a client to functions that need one.

Used by the library and by integrations: a function takes an optional client, and gets one that is
already in use around it or a new one for the time of the call.
"""

from __future__ import annotations

import sys
from functools import wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Concatenate, ParamSpec, TypeVar

    from prefect.client.orchestration import PrefectClient

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["client_injector", "get_or_create_client", "inject_client"]


def get_or_create_client(client: PrefectClient | None = None) -> tuple[PrefectClient, bool]:
    """Find a client to use.

    Args:
        client: One that the caller has; it is returned as it is.

    Returns:
        The client, and whether it belongs to somebody else: given by the caller or in use by the
        run or the client context around this code. Only one that does not has to be entered.
    """
    if client is not None:
        return client, True
    active = _active_client()
    if active is not None:
        return active, True
    from prefect.client.orchestration import get_client  # heavy: the endpoint classes

    return get_client(), False


def inject_client(
    fn: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Give an async function a value for its keyword argument `client` when the call has none."""

    @wraps(fn)
    async def with_client(*args: P.args, **kwargs: P.kwargs) -> R:
        given: Any = kwargs.pop("client", None)
        client, borrowed = get_or_create_client(given)
        if borrowed:
            return await fn(*args, **{**kwargs, "client": client})  # type: ignore[arg-type]  # P has it
        async with client:
            return await fn(*args, **{**kwargs, "client": client})  # type: ignore[arg-type]  # P has it

    return with_client


def client_injector(
    func: Callable[Concatenate[PrefectClient, P], Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Give an async function a client as its first argument; callers leave it out."""

    @wraps(func)
    async def with_client(*args: P.args, **kwargs: P.kwargs) -> R:
        client, borrowed = get_or_create_client()
        if borrowed:
            return await func(client, *args, **kwargs)
        async with client:
            return await func(client, *args, **kwargs)

    return with_client


def _active_client() -> PrefectClient | None:
    """The client of the context around this code, if it can be used in the running loop."""
    # Looked up, not imported: no context is active before its module is loaded, and it stands
    # above this one.
    contexts = sys.modules.get("prefect.context")
    asyncio = sys.modules.get("asyncio")
    if contexts is None or asyncio is None:
        return None
    context = contexts.AsyncClientContext.get()
    client: PrefectClient | None = getattr(context, "client", None)
    if client is None:
        return None
    try:
        return client if client.loop is asyncio.get_running_loop() else None
    except RuntimeError:  # no loop runs
        return None
