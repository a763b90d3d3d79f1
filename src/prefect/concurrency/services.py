"""Services that take slots in the background, one after the other for each set of limits.

For code that asks for slots from several threads or loops and wants a future at once:

    service = ConcurrencySlotAcquisitionService.instance(frozenset(names))
    future = service.send((slots, "concurrency", timeout_seconds, max_retries))

`concurrency` and `rate_limit` do not need them. The work is done in the background thread of the
process.
"""

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine, Hashable
from typing import Any, ClassVar, Generic, Literal, TypeVar

from typing_extensions import Self

from prefect.client._background import background_loop, on_fork
from prefect.client._faces import awaited
from prefect.concurrency._asyncio import AsyncioPort
from prefect.concurrency._slots import Request, acquire_response
from prefect.logging.loggers import get_logger
from prefect.types._concurrency import ConcurrencyLeaseHolder

TYPE_CHECKING = False
if TYPE_CHECKING:
    import httpx

__all__ = [
    "ConcurrencySlotAcquisitionService",
    "ConcurrencySlotAcquisitionWithLeaseService",
    "logger",
]

logger = get_logger("concurrency")

R = TypeVar("R")


class FutureQueueService(Generic[R]):
    """Does one thing after the other in the background, and gives a future for each."""

    _instances: ClassVar[dict[Any, Any]] = {}
    _guard: ClassVar[Any] = threading.RLock()

    def __init__(self, *args: Hashable) -> None:
        self._key = (type(self), args)
        self.reset_for_fork()

    @classmethod
    def instance(cls, *args: Hashable) -> Self:
        """Return the service for these arguments; there is one of each kind."""
        on_fork(cls.reset_instances_for_fork)
        with cls._guard:
            service: Self | None = cls._instances.get((cls, args))
            if service is None or service._stopped:
                service = cls(*args)
                cls._instances[(cls, args)] = service
            return service

    def start(self) -> None:
        """Start the background thread, if it does not run yet; `send` does so itself."""
        background_loop()

    def send(self, item: Any) -> "concurrent.futures.Future[R]":
        """Put something into the queue.

        Raises:
            RuntimeError: If the service was drained.
        """
        with self._guard:
            if self._stopped:
                raise RuntimeError(
                    f"This {type(self).__name__} was drained and takes nothing more; ask"
                    " `instance()` for a new one."
                )
            future = asyncio.run_coroutine_threadsafe(self._in_turn(item), background_loop())
            self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def drain(self, at_exit: bool = False) -> bool:
        """Take nothing more, and wait until what was put in is done; whether all of it was."""
        with self._guard:
            self._stopped = True
            self._instances.pop(self._key, None)
        pending = set(self._pending)
        logger.debug("Waiting for %s requests of %s", len(pending), type(self).__name__)
        return not concurrent.futures.wait(pending).not_done

    @classmethod
    def drain_all(
        cls, timeout: float | None = None, at_exit: bool = True
    ) -> "tuple[set[concurrent.futures.Future[Any]], set[concurrent.futures.Future[Any]]]":
        """Drain all services of this kind; the futures that are done, and those that are not.

        Args:
            timeout: Seconds to wait at most.
            at_exit: Whether the process ends; makes no difference.
        """
        with cls._guard:
            services = [service for key, service in cls._instances.items() if key[0] is cls]
            for service in services:
                service._stopped = True
                cls._instances.pop(service._key, None)
        futures = {future for service in services for future in set(service._pending)}
        done, pending = concurrent.futures.wait(futures, timeout=timeout)
        return set(done), set(pending)

    def wait_until_empty(self) -> None:
        """Wait until everything that was put in is done."""
        concurrent.futures.wait(set(self._pending))

    def reset_for_fork(self) -> None:
        """Forget what was put in; in a forked child it is its parent's."""
        self._stopped = False
        self._turn: asyncio.Lock | None = None
        self._pending: set[concurrent.futures.Future[R]] = set()

    @classmethod
    def reset_instances_for_fork(cls) -> None:
        """Forget all services."""
        FutureQueueService._guard = threading.RLock()
        FutureQueueService._instances.clear()

    async def _in_turn(self, item: Any) -> R:
        if self._turn is None:
            self._turn = asyncio.Lock()  # made in the loop; gives turns in the order of asking
        async with self._turn:
            return await self._process(item)

    def _process(self, item: Any) -> Coroutine[Any, Any, R]:
        raise NotImplementedError(f"{type(self).__name__} does not say what it does.")


class ConcurrencySlotAcquisitionService(FutureQueueService["httpx.Response"]):
    """Takes slots of a set of limits.

    Args:
        concurrency_limit_names: The limits.
    """

    def __init__(self, concurrency_limit_names: frozenset[str]) -> None:
        super().__init__(concurrency_limit_names)
        self.concurrency_limit_names = sorted(concurrency_limit_names)

    async def acquire(
        self,
        slots: int,
        mode: Literal["concurrency", "rate_limit"],
        timeout_seconds: float | None = None,
        max_retries: int | None = None,
    ) -> "httpx.Response":
        """Take slots, waiting until there are enough; returns the server's answer.

        Raises:
            AcquireConcurrencySlotTimeoutError: If there were none within `timeout_seconds`.
            ConcurrencySlotAcquisitionError: If the server refuses.
        """
        request = Request(
            names=self.concurrency_limit_names,
            slots=slots,
            mode=mode,
            timeout_seconds=timeout_seconds,
            max_retries=max_retries,
        )
        response: httpx.Response = await acquire_response(AsyncioPort(), request)
        return response

    def _process(self, item: Any) -> "Coroutine[Any, Any, httpx.Response]":
        return self.acquire(*item)


class ConcurrencySlotAcquisitionWithLeaseService(FutureQueueService["httpx.Response"]):
    """Takes slots of a set of limits on lease; whoever takes them renews it.

    Args:
        concurrency_limit_names: The limits.
    """

    def __init__(self, concurrency_limit_names: frozenset[str]) -> None:
        super().__init__(concurrency_limit_names)
        self.concurrency_limit_names = sorted(concurrency_limit_names)

    async def acquire(
        self,
        slots: int,
        mode: Literal["concurrency", "rate_limit"],
        timeout_seconds: float | None = None,
        max_retries: int | None = None,
        lease_duration: float = 300,
        strict: bool = False,
        holder: ConcurrencyLeaseHolder | None = None,
    ) -> "httpx.Response":
        """Take slots, waiting until there are enough; returns the server's answer.

        Raises:
            AcquireConcurrencySlotTimeoutError: If there were none within `timeout_seconds`.
            ConcurrencySlotAcquisitionError: If the server refuses, or a limit does not exist and
                `strict` is set.
        """
        request = Request(
            names=self.concurrency_limit_names,
            slots=slots,
            mode=mode,
            timeout_seconds=timeout_seconds,
            max_retries=max_retries,
            strict=strict,
            lease_seconds=lease_duration,
            holder=holder,
        )
        response: httpx.Response = await acquire_response(AsyncioPort(), request)
        return response

    def release_orphaned_lease(
        self, response: "httpx.Response"
    ) -> "concurrent.futures.Future[None]":
        """Give back slots that were taken for somebody who no longer waits for them."""
        lease_id = response.json()["lease_id"]

        async def release() -> None:
            await awaited(lambda api: api.release_concurrency_slots_with_lease(lease_id))

        return asyncio.run_coroutine_threadsafe(release(), background_loop())

    def _process(self, item: Any) -> "Coroutine[Any, Any, httpx.Response]":
        return self.acquire(*item)
