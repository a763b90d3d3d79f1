"""From sync code to async code and back.

Used by integration packages and by whatever runs user code. Everything here that runs a coroutine
keeps the caller's context variables.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NoReturn,
    TypeVar,
    cast,
    overload,
)
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

import anyio
import anyio.abc
import anyio.from_thread
import anyio.to_thread
from typing_extensions import ParamSpec, TypeVarTuple, Unpack

from prefect._internal.compatibility.async_dispatch import is_in_async_context

if TYPE_CHECKING:
    from contextvars import Context
    from typing import TypeGuard

    from typing_extensions import Self

__all__ = [
    "BACKGROUND_TASKS",
    "EVENT_LOOP_GC_REFS",
    "RUNNING_ASYNC_FLAG",
    "RUNNING_IN_RUN_SYNC_LOOP_FLAG",
    "Async",
    "GatherIncomplete",
    "GatherTaskGroup",
    "LazySemaphore",
    "PosArgsT",
    "Sync",
    "add_event_loop_shutdown_callback",
    "asyncnullcontext",
    "call_with_mark",
    "create_gather_task_group",
    "create_task",
    "gather",
    "get_thread_limiter",
    "in_async_main_thread",
    "in_async_worker_thread",
    "is_async_fn",
    "is_async_gen_fn",
    "mark_as_worker_thread",
    "run_async_from_worker_thread",
    "run_async_in_new_loop",
    "run_coro_as_sync",
    "run_sync_in_worker_thread",
    "sync",
    "sync_compatible",
]

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
PosArgsT = TypeVarTuple("PosArgsT")

Async = Literal[True]
Sync = Literal[False]

RUNNING_IN_RUN_SYNC_LOOP_FLAG: ContextVar[bool] = ContextVar(
    "prefect_running_in_run_sync_loop", default=False
)
"""True in a coroutine that `run_coro_as_sync` runs."""

RUNNING_ASYNC_FLAG: ContextVar[bool] = ContextVar("prefect_running_async", default=False)
"""True in a coroutine that `run_coro_as_sync` runs, until sync code is called from it."""

BACKGROUND_TASKS: set[asyncio.Task[Any]] = set()
"""Tasks of `create_task` that have not ended: the event loop itself does not keep them alive."""

EVENT_LOOP_GC_REFS: dict[int, AsyncGenerator[None, Any]] = {}
"""What waits for the end of an event loop; see `add_event_loop_shutdown_callback`."""

_thread_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, anyio.CapacityLimiter] = (
    WeakKeyDictionary()
)
_THREADS = 250
"""Worker threads per event loop: user code waits in them, which costs memory but no processor."""

_worker = threading.local()


# --- questions ------------------------------------------------------------------------------------


def is_async_fn(
    func: Callable[P, R | Awaitable[R]],
) -> TypeGuard[Callable[P, Coroutine[Any, Any, Any]]]:
    """Say whether calling a function gives a coroutine; looks through decorators and `partial`."""
    return inspect.iscoroutinefunction(_unwrapped(func))


def is_async_gen_fn(
    func: Callable[P, Any],
) -> TypeGuard[Callable[P, AsyncGenerator[Any, Any]]]:
    """Say whether calling a function gives an async generator; looks through decorators."""
    return inspect.isasyncgenfunction(_unwrapped(func))


def _unwrapped(func: Any) -> Any:
    while isinstance(func, partial) or hasattr(func, "__wrapped__"):
        func = func.func if isinstance(func, partial) else func.__wrapped__
    return func


def in_async_main_thread() -> bool:
    """Say whether an event loop runs in this thread."""
    return is_in_async_context()


def in_async_worker_thread() -> bool:
    """Say whether this thread does sync work for an event loop in another thread."""
    if is_in_async_context():
        return False
    if getattr(_worker, "marked", False):
        return True
    try:
        # Only succeeds in worker threads of anyio.
        anyio.from_thread.check_cancelled()
    except RuntimeError:
        return False
    except BaseException:  # the scope was cancelled: so there is a loop
        return True
    return True


def mark_as_worker_thread() -> None:
    """Declare that this thread does sync work for an event loop."""
    _worker.marked = True


def call_with_mark(call: Callable[..., R]) -> R:
    """Call a function in a thread that is marked as a worker thread from now on."""
    mark_as_worker_thread()
    return call()


def get_thread_limiter() -> anyio.CapacityLimiter:
    """Give what limits the worker threads of the running event loop."""
    loop = asyncio.get_running_loop()
    limiter = _thread_limiters.get(loop)
    if limiter is None:
        limiter = _thread_limiters[loop] = anyio.CapacityLimiter(_THREADS)
    return limiter


# --- async code from sync code --------------------------------------------------------------------


@overload
def run_coro_as_sync(
    coroutine: Coroutine[Any, Any, R],
    *,
    force_new_thread: bool = ...,
    wait_for_result: Literal[True] = ...,
) -> R: ...


@overload
def run_coro_as_sync(
    coroutine: Coroutine[Any, Any, R],
    *,
    force_new_thread: bool = ...,
    wait_for_result: Literal[False] = False,
) -> R | None: ...


def run_coro_as_sync(
    coroutine: Coroutine[Any, Any, R],
    *,
    force_new_thread: bool = False,
    wait_for_result: bool = True,
) -> R | None:
    """Run a coroutine from sync code, whether or not an event loop runs here.

    It runs on a loop of Prefect's own in another thread, one and the same for the whole process,
    so that what is bound to a loop can be used by one call after the other.

    Args:
        coroutine: The coroutine.
        force_new_thread: Whether to use a fresh loop and thread for this call.
        wait_for_result: Whether to wait; without, the coroutine goes on in the background.

    Returns:
        What the coroutine returns; None without `wait_for_result`.

    Raises:
        TypeError: If `coroutine` is none, a function that was not called for example.
    """
    given: Any = coroutine  # type checkers know it is one
    if not inspect.iscoroutine(given):
        raise TypeError(f"run_coro_as_sync needs a coroutine, but got {coroutine!r}")
    from prefect._internal.concurrency._loops import run_in_new_thread, shared_loop

    async def flagged() -> R:
        RUNNING_IN_RUN_SYNC_LOOP_FLAG.set(True)
        RUNNING_ASYNC_FLAG.set(True)
        return await coroutine

    loop = None if force_new_thread else shared_loop()
    if loop is None or (loop.is_current and wait_for_result):
        # Waiting here for the loop of this very thread would be waiting for oneself.
        return run_in_new_thread(flagged())
    if not wait_for_result:
        loop.submit(flagged())
        return None
    return loop.run(flagged())


def run_async_from_worker_thread(
    __fn: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run an async function in the event loop that this worker thread belongs to.

    Raises:
        RuntimeError: If this is no worker thread of an event loop.
    """

    async def call() -> R:
        return await __fn(*args, **kwargs)

    return anyio.from_thread.run(call)


def run_async_in_new_loop(__fn: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run an async function in an event loop of its own, in this thread."""

    async def call() -> R:
        return await __fn(*args, **kwargs)

    return anyio.run(call)


def sync(__async_fn: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call an async function from sync code: in the loop this thread works for, else a new one."""
    if in_async_main_thread():
        warnings.warn(
            "`sync` was called where an event loop runs, and blocks it; `await` the function there",
            stacklevel=2,
        )
        with anyio.from_thread.start_blocking_portal() as portal:
            return portal.call(partial(__async_fn, *args, **kwargs))
    if in_async_worker_thread():
        return run_async_from_worker_thread(__async_fn, *args, **kwargs)
    return run_async_in_new_loop(__async_fn, *args, **kwargs)


def sync_compatible(
    async_fn: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, R | Coroutine[Any, Any, R]]:
    """Let an async function be called from sync code too, where it gives its result at once.

    Where an event loop runs, the call returns the coroutine. `_sync=True` and `_sync=False` choose
    by hand; `.aio` is the async function itself. New code uses `async_dispatch`, which has a sync
    body of its own instead of running the async one elsewhere.

    Raises:
        TypeError: If `async_fn` is not an async function.
    """
    if not inspect.iscoroutinefunction(_unwrapped(async_fn)):
        raise TypeError(f"sync_compatible needs an async function, but got {async_fn!r}")

    @wraps(async_fn)
    def wrapper(*args: Any, _sync: bool | None = None, **kwargs: Any) -> Any:
        coroutine = async_fn(*args, **kwargs)
        run_sync = not is_in_async_context() if _sync is None else _sync
        return run_coro_as_sync(coroutine) if run_sync else coroutine

    wrapper.aio = async_fn  # type: ignore[attr-defined]  # functions take attributes
    return cast(Callable[P, R | Coroutine[Any, Any, R]], wrapper)  # `_sync` is not typed


# --- sync code from async code --------------------------------------------------------------------


async def run_sync_in_worker_thread(__fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a sync function in a worker thread, so that the event loop goes on meanwhile.

    When the caller is cancelled, the function goes on in its thread and its result is dropped.
    """
    # Cleared in the thread's copy of the context: code there is sync.
    token = RUNNING_ASYNC_FLAG.set(False)
    try:
        return await anyio.to_thread.run_sync(
            call_with_mark,
            partial(__fn, *args, **kwargs),
            abandon_on_cancel=True,
            limiter=get_thread_limiter(),
        )
    finally:
        RUNNING_ASYNC_FLAG.reset(token)


# --- tasks ----------------------------------------------------------------------------------------


def create_task(coroutine: Coroutine[Any, Any, R]) -> asyncio.Task[R]:
    """Start a task that is kept alive until it ends, also when nobody holds it."""
    task = asyncio.create_task(coroutine)
    BACKGROUND_TASKS.add(task)
    task.add_done_callback(BACKGROUND_TASKS.discard)
    return task


class GatherIncomplete(RuntimeError):
    """Raised when a result is asked for before its task group has ended."""


class GatherTaskGroup(anyio.abc.TaskGroup):
    """A task group that keeps what its tasks return.

        async with create_gather_task_group() as group:
            key = group.start_soon(fetch, 1)
        group.get_result(key)

    Args:
        task_group: The group that runs the tasks.
    """

    def __init__(self, task_group: anyio.abc.TaskGroup) -> None:
        self._task_group = task_group
        self._results: dict[UUID, Any] = {}

    @property
    def cancel_scope(self) -> Any:  # type: ignore[override]  # nobody sets it
        """The scope that cancels all tasks."""
        return self._task_group.cancel_scope

    def start_soon(  # type: ignore[override,misc]  # gives a key; final only for the type
        self,
        func: Callable[[Unpack[PosArgsT]], Awaitable[Any]],
        *args: Unpack[PosArgsT],
        name: object = None,
    ) -> UUID:
        """Start a task; give the key of its result."""
        key = uuid4()
        self._results[key] = GatherIncomplete

        async def keep() -> None:
            self._results[key] = await func(*args)

        self._task_group.start_soon(keep, name=name)
        return key

    def create_task(
        self,
        coro: Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> Any:
        """Start a coroutine as a task of the group, where the group's library can do that."""
        create = getattr(self._task_group, "create_task", None)
        if create is None:
            coro.close()
            raise NotImplementedError(
                "This version of anyio has no TaskGroup.create_task; use `start_soon`"
            )
        return create(coro, name=name, context=context)

    async def start(  # type: ignore[override]  # never usable
        self, func: object, *args: object, name: object = None
    ) -> NoReturn:
        """Not possible here: a task that reports readiness has no place for its result."""
        raise RuntimeError("A gathering task group has no `start`; use `start_soon`")

    def get_result(self, key: UUID) -> Any:
        """Give what a task returned.

        Raises:
            GatherIncomplete: If the group has not ended.
            KeyError: If no task has this key.
        """
        result = self._results[key]
        if result is GatherIncomplete:
            raise GatherIncomplete("The task has not ended; leave the task group before you ask")
        return result

    async def __aenter__(self) -> Self:
        await self._task_group.__aenter__()
        return self

    async def __aexit__(self, *tb: Any) -> bool | None:  # type: ignore[override]  # passes all on
        return await self._task_group.__aexit__(*tb)


def create_gather_task_group() -> GatherTaskGroup:
    """Make a task group that keeps what its tasks return."""
    return GatherTaskGroup(anyio.create_task_group())


async def gather(*calls: Callable[[], Coroutine[Any, Any, T]]) -> list[T]:
    """Run async functions at the same time; if one fails, the others are cancelled.

    Returns:
        Their results, in the order of the functions.
    """
    async with create_gather_task_group() as group:
        keys = [group.start_soon(call) for call in calls]
    return [group.get_result(key) for key in keys]


# --- the rest -------------------------------------------------------------------------------------


async def add_event_loop_shutdown_callback(coroutine_fn: Callable[[], Awaitable[Any]]) -> None:
    """Have an async function called when the running event loop is shut down.

    Works with loops that close their async generators at the end, as `asyncio.run` does.
    """

    async def on_shutdown(key: int) -> AsyncGenerator[None, Any]:
        # Suspended here until the loop closes its generators, which ends the `yield`.
        try:
            yield
        finally:
            await coroutine_fn()
            # Not before the await: nothing else keeps this generator alive.
            EVENT_LOOP_GC_REFS.pop(key, None)

    key = threading.get_ident()
    while key in EVENT_LOOP_GC_REFS:
        key += 1
    EVENT_LOOP_GC_REFS[key] = on_shutdown(key)
    await EVENT_LOOP_GC_REFS[key].__anext__()


@asynccontextmanager
async def asyncnullcontext(
    value: R | None = None, *args: Any, **kwargs: Any
) -> AsyncGenerator[Any, R | None]:
    """Do nothing, as an async context manager; stands where another one is optional.

    Args:
        value: What `async with ... as` gives.
        *args: Ignored, as are keywords.
    """
    yield value


class LazySemaphore:
    """A semaphore whose size is found out when it is first used.

    Args:
        initial_value_func: Gives the size; called once, inside the event loop.
    """

    def __init__(self, initial_value_func: Callable[[], int]) -> None:
        self._semaphore: asyncio.Semaphore | None = None
        self._initial_value_func = initial_value_func

    async def __aenter__(self) -> asyncio.Semaphore:
        if self._semaphore is None:
            self._semaphore = asyncio.Semaphore(self._initial_value_func())
        await self._semaphore.__aenter__()
        return self._semaphore

    async def __aexit__(self, *args: Any) -> None:
        if self._semaphore is None:
            raise RuntimeError("The semaphore was left without having been entered")
        await self._semaphore.__aexit__(*args)
