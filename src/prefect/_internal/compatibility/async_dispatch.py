"""One public name for sync and async callers.

`@async_dispatch(afoo)` on a sync `foo` makes a callable that runs `foo` when no event loop is
running in the calling thread, and returns the coroutine of `afoo` when one is. The async function
stays reachable as `foo.aio`. Imported by the client, the delivery rooms and by integration
packages; never imports asyncio itself.
"""

from __future__ import annotations

import sys
from functools import update_wrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["async_dispatch", "is_in_async_context"]


def is_in_async_context() -> bool:
    """Say whether an event loop is running in this thread.

    A thread can only be inside a loop after asyncio was imported by whoever started it, so this
    never imports it.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    # `_get_running_loop` returns None instead of raising; missing while asyncio itself is loading.
    running = getattr(asyncio, "_get_running_loop", None)
    return running is not None and running() is not None


def async_dispatch(
    async_impl: Callable[..., Coroutine[Any, Any, Any]] | classmethod[Any, Any, Any],
) -> Callable[[F], F]:
    """Pair a sync function with its async twin, under the sync one's name.

        async def aload(name: str) -> Thing: ...

        @async_dispatch(aload)
        def load(name: str) -> Thing: ...

    Calling `load` in a running event loop returns the coroutine of `aload`, to be awaited;
    elsewhere `load` itself runs. `load(..., _sync=True)` and `_sync=False` choose by hand.
    `load.aio` is `aload`, which takes the object or class itself as first argument when it is a
    method. In a class, put `@classmethod` or `@staticmethod` above `@async_dispatch`.

    Typed as the sync function, overloads and all. The union of both results would be exact, but
    neither a plain call nor an `await` passes a type checker then; typed async code awaits the
    `a…` twin.

    Raises:
        TypeError: If `async_impl` is not an async function.
    """
    implementation: Any = (
        async_impl.__func__ if isinstance(async_impl, (classmethod, staticmethod)) else async_impl
    )
    if not _is_coroutine_function(implementation):
        raise TypeError(f"async_dispatch needs an async function, but got {async_impl!r}")

    def decorate(sync_function: F) -> F:
        def dispatch(*args: Any, _sync: bool | None = None, **kwargs: Any) -> Any:
            if _sync is None:
                _sync = not is_in_async_context()
            return (sync_function if _sync else implementation)(*args, **kwargs)

        update_wrapper(dispatch, sync_function)
        dispatch.aio = implementation  # type: ignore[attr-defined]  # functions take attributes
        return dispatch  # type: ignore[return-value]  # `_sync` is not part of the typed signature

    return decorate


def _is_coroutine_function(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    if code is not None and code.co_flags & 0x80:  # inspect.CO_COROUTINE
        return True
    import inspect  # heavy: only needed for callables that are not plain functions

    return inspect.iscoroutinefunction(function)
