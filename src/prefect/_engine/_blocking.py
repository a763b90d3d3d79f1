"""The blocking port: its `async def` methods never suspend, so the core runs without a loop."""

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect._engine._outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["TAG_LEASE_SECONDS", "BlockingPort", "drain_runner"]


TAG_LEASE_SECONDS = 60
"""How long slots of tags outlive a process that died. Source: orchestration facts, section 7."""


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

    async def hold_slots(self, names: list[str], holder: Any) -> Any:
        """Take a slot of each limit that exists; waits for them."""
        from prefect.concurrency._sync import concurrency

        held = concurrency(
            names, lease_duration=TAG_LEASE_SECONDS, holder=holder, suppress_warnings=True
        )
        held.__enter__()
        return held

    async def release_slots(self, held: Any) -> None:
        """Give slots back."""
        held.__exit__(None, None, None)

    # -- results and transactions ---------------------------------------------------------------

    async def store_for(self, base: Any, subject: Any) -> Any:
        """Make the result store of a flow or task.

        Args:
            base: The store of the run around it; None for the default one.
        """
        from prefect.results import ResultStore

        store = base if base is not None else ResultStore()
        is_flow = hasattr(subject, "task_runner")
        update: Any = store.update_for_flow if is_flow else store.update_for_task
        return update(subject, _sync=True)  # also where a sync flow is called in an event loop

    async def make_record(self, store: Any, value: Any, key: Any, expiration: Any) -> Any:
        """Make the record of a result, without writing it."""
        return store.create_result_record(value, key=key, expiration=expiration)

    async def persist(self, store: Any, record: Any) -> None:
        """Write a record."""
        store.persist_result_record(record)

    def make_transaction(self, **options: Any) -> Any:
        """Make a transaction."""
        from prefect.transactions import Transaction

        return Transaction(**options)

    async def enter(self, transaction: Any) -> None:
        """Begin a transaction."""
        transaction.__enter__()

    async def leave(self, transaction: Any, error: BaseException | None) -> None:
        """End a transaction, in failure if there is an error."""
        transaction.__exit__(*_as_exc_info(error))

    async def read_transaction(self, transaction: Any) -> Any:
        """Read what a committed transaction has stored."""
        return transaction.read()

    @contextmanager
    def shielded(self) -> "Iterator[None]":
        """Let the code inside finish; nothing can cancel a thread."""
        yield


def _as_exc_info(error: BaseException | None) -> tuple[Any, Any, Any]:
    return (None, None, None) if error is None else (type(error), error, error.__traceback__)


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
