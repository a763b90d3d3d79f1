"""The blocking port: its `async def` methods never suspend, so the core runs without a loop."""

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect._engine._outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BlockingPort", "drain_runner"]


class BlockingPort:
    """Touches the world for a run whose code is synchronous.

    Args:
        client: The public client, as contexts show it; None in local mode.
    """

    __slots__ = ("client", "core")

    def __init__(self, client: Any = None) -> None:
        self.client = client
        self.core = None if client is None else client._core

    async def call(
        self,
        fn: "Callable[..., Any]",
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        timeout_seconds: float | None = None,
        timeout_error: type[TimeoutError] = TimeoutError,
    ) -> Outcome:
        """Call user code; what it raises is the outcome, whatever it is."""
        try:
            if not timeout_seconds:
                return Outcome(fn(*args, **kwargs))
            from prefect.utilities.timeout import timeout

            with timeout(timeout_seconds, timeout_error):
                return Outcome(fn(*args, **kwargs))
        except BaseException as error:
            return Outcome(error=error)

    async def call_hook(self, fn: "Callable[..., Any]", *args: Any) -> Outcome:
        """Call a hook, sync or async."""
        try:
            result = fn(*args)
            if hasattr(result, "__await__"):
                from prefect.utilities.asyncutils import run_coro_as_sync  # heavy: asyncio

                result = run_coro_as_sync(_as_coroutine(result))
            return Outcome(result)
        except BaseException as error:
            return Outcome(error=error)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        if seconds > 0:
            time.sleep(seconds)  # noqa: ASYNC251 - the blocking port: no event loop runs here

    async def wait_for(self, future: Any) -> None:
        """Wait until a future is done."""
        future.wait()

    async def drain(self, runner: Any, *, cancel: bool) -> None:
        """Wait until a task runner has done what was submitted to it."""
        drain_runner(runner, cancel)

    @contextmanager
    def shielded(self) -> "Iterator[None]":
        """Let the code inside finish; nothing can cancel a thread."""
        yield


def drain_runner(runner: Any, cancel: bool) -> None:
    """Wait for the tasks of a runner that can tell; others wait when they are left.

    Args:
        cancel: Whether tasks that have not begun are dropped.
    """
    if cancel and hasattr(runner, "cancel_all"):
        runner.cancel_all()
    drain = getattr(runner, "_drain", None)
    if drain is not None:
        drain()


async def _as_coroutine(awaitable: Any) -> Any:
    return await awaitable
