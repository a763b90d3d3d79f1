"""The connections of this process: one pool per TLS settings, shared by every client.

`sync_pool(tls)` gives the pool of the blocking face, safe from several threads; `async_pool(tls)`
the one of the event loop that runs now. Both move bytes for `_http1` and raise httpx's transport
errors, which is what users catch. Nothing is opened before the first request.

Both keep plain sockets, also under asyncio (`loop.add_reader`), never asyncio transports. That is
what makes the end simple: a socket can be closed when its loop is gone, after a fork, or at exit,
without a loop to help and without a TLS farewell that would hurt the parent's connection. See
docs/adr/0003-one-pool-one-tls-context.md.
"""

import os
import sys
import threading
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio

    from prefect.client._async_pool import AsyncPool
    from prefect.client._sockets import TransportSettings
    from prefect.client._sync_pool import SyncPool

    PoolsOfLoop = dict[TransportSettings, AsyncPool]
    AsyncPools = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, PoolsOfLoop]

__all__ = ["async_pool", "close_all", "sync_pool"]

_lock = threading.Lock()
_sync_pools: "dict[TransportSettings, SyncPool]" = {}
_async_pools: "AsyncPools" = weakref.WeakKeyDictionary()
_prepared = False


def sync_pool(settings: "TransportSettings") -> "SyncPool":
    """The process's pool of the blocking face for these settings."""
    pool = _sync_pools.get(settings)
    if pool is None:
        from prefect.client._sync_pool import SyncPool  # each face loads only its own

        with _lock:
            _prepare()
            pool = _sync_pools.setdefault(settings, SyncPool(settings))
    return pool


def async_pool(settings: "TransportSettings") -> "AsyncPool | None":
    """The pool of the event loop that runs now.

    Returns:
        None where this kind of pool cannot work: no asyncio loop runs, or it cannot watch sockets
        (the default loop of Windows), where httpx's own transport serves.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return None
    pools = _async_pools.get(loop)
    if pools is not None and settings in pools:
        return pools[settings]
    if any(kind.__name__ == "ProactorEventLoop" for kind in type(loop).__mro__):
        return None
    from prefect.client._async_pool import AsyncPool  # each face loads only its own

    pool = AsyncPool(settings, loop)
    with _lock:
        _prepare()
        for other in [other for other in _async_pools if other.is_closed()]:
            _close_pools(_async_pools.pop(other))
        if pools is None:
            pools = _async_pools[loop] = {}
            # Plain sockets need no loop to be closed, so this may run when the loop is gone.
            weakref.finalize(loop, _close_pools, pools)
        pools[settings] = pool
    return pool


def close_all() -> None:
    """Close every idle and open connection of this process, as at exit."""
    for pool in list(_sync_pools.values()):
        pool.close()
    for pools in list(_async_pools.values()):
        _close_pools(pools)


def _close_pools(pools: "PoolsOfLoop") -> None:
    for pool in pools.values():
        pool.close()
    pools.clear()


def _prepare() -> None:
    """Arrange for exit and fork, once, when the first pool is made."""
    global _prepared
    if _prepared:
        return
    _prepared = True
    import atexit

    atexit.register(close_all)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    for pool in _sync_pools.values():
        pool.after_fork()
    for pools in list(_async_pools.values()):
        _close_pools(pools)
    _async_pools.clear()
