"""The asyncio port: for runs whose code is asynchronous; it really awaits."""

import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect._engine._blocking import TAG_LEASE_SECONDS, _as_exc_info, drain_runner
from prefect._engine._outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["AsyncioPort"]


class AsyncioPort:
    """Touches the world for a run whose code is asynchronous.

    Args:
        client: The public client, as contexts show it; None in local mode.
    """

    __slots__ = ("client", "core")

    def __init__(self, client: Any = None) -> None:
        self.client = self.core = client

    async def call(
        self,
        fn: "Callable[..., Any]",
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        timeout_seconds: float | None = None,
        timeout_error: type[TimeoutError] = TimeoutError,
    ) -> Outcome:
        """Call user code; what it raises is the outcome, cancellation included."""
        try:
            if not timeout_seconds:
                return Outcome(await fn(*args, **kwargs))
            from prefect.utilities.timeout import timeout_async

            with timeout_async(timeout_seconds, timeout_error):
                return Outcome(await fn(*args, **kwargs))
        except BaseException as error:
            return Outcome(error=error)

    async def call_hook(self, fn: "Callable[..., Any]", *args: Any) -> Outcome:
        """Call a hook; a sync one runs in a thread, so that it does not hold up the loop."""
        try:
            if inspect.iscoroutinefunction(fn):
                return Outcome(await fn(*args))
            from anyio import to_thread

            result = await to_thread.run_sync(fn, *args)
            if inspect.isawaitable(result):
                result = await result
            return Outcome(result)
        except BaseException as error:
            return Outcome(error=error)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        if seconds > 0:
            import anyio

            await anyio.sleep(seconds)

    async def wait_for(self, future: Any) -> None:
        """Wait until a future is done, without blocking the loop."""
        if getattr(future, "_final_state", None) is not None:
            return
        import asyncio

        loop = asyncio.get_running_loop()
        done = asyncio.Event()

        def settle(_: Any) -> None:
            loop.call_soon_threadsafe(done.set)

        future.add_done_callback(settle)
        await done.wait()

    async def drain(self, runner: Any, *, cancel: bool) -> None:
        """Wait until a task runner has done what was submitted to it; the loop goes on."""
        if cancel or getattr(runner, "_busy", True):
            from anyio import to_thread

            await to_thread.run_sync(drain_runner, runner, cancel)

    async def hold_slots(self, names: list[str], holder: Any) -> Any:
        """Take a slot of each limit that exists; waits for them."""
        from prefect.concurrency._asyncio import concurrency

        held = concurrency(
            names, lease_duration=TAG_LEASE_SECONDS, holder=holder, suppress_warnings=True
        )
        await held.__aenter__()
        return held

    async def release_slots(self, held: Any) -> None:
        """Give slots back."""
        await held.__aexit__(None, None, None)

    # -- results and transactions ---------------------------------------------------------------

    async def store_for(self, base: Any, subject: Any) -> Any:
        """Make the result store of a flow or task.

        Args:
            base: The store of the run around it; None for the default one.
        """
        from prefect.results import ResultStore

        store = base if base is not None else ResultStore()
        if hasattr(subject, "task_runner"):
            return await store.aupdate_for_flow(subject)
        return await store.aupdate_for_task(subject)

    async def make_record(self, store: Any, value: Any, key: Any, expiration: Any) -> Any:
        """Make the record of a result, without writing it."""
        return store.create_result_record(value, key=key, expiration=expiration)

    async def persist(self, store: Any, record: Any) -> None:
        """Write a record."""
        await store.apersist_result_record(record)

    def make_transaction(self, **options: Any) -> Any:
        """Make a transaction."""
        from prefect.transactions import AsyncTransaction

        return AsyncTransaction(**options)

    async def enter(self, transaction: Any) -> None:
        """Begin a transaction."""
        await transaction.__aenter__()

    async def leave(self, transaction: Any, error: BaseException | None) -> None:
        """End a transaction, in failure if there is an error."""
        await transaction.__aexit__(*_as_exc_info(error))

    async def read_transaction(self, transaction: Any) -> Any:
        """Read what a committed transaction has stored."""
        return await transaction.read()

    @contextmanager
    def shielded(self) -> "Iterator[None]":
        """Let the code inside finish although the run is being cancelled."""
        import anyio

        with anyio.CancelScope(shield=True):
            yield
