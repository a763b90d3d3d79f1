"""Locks within this process: between its threads and its event loops."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from typing_extensions import Self

from prefect.locking.protocol import LockManager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MemoryLockManager"]

_making = threading.Lock()


@dataclass
class _Held:
    """Who has a lock, and until when (`time.monotonic`); None means until it is released."""

    holder: str
    until: float | None

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.until <= time.monotonic()


class MemoryLockManager(LockManager):
    """Locks in the memory of this process, one set for all managers of the class."""

    _instance: Self | None = None

    def __new__(cls) -> Self:
        with _making:
            if cls._instance is None:
                made = super().__new__(cls)
                made._reset()
                cls._instance = made
        return cls._instance

    def __init__(self) -> None:
        """Make, or rather find, the manager of this process."""

    def _reset(self) -> None:
        self._mutex = threading.Lock()
        self._held: dict[str, _Held] = {}
        self._waiting: dict[str, list[Callable[[], object]]] = {}
        """Key → what wakes each who waits for it."""

    def __reduce__(self) -> tuple[type[Self], tuple[()]]:
        return type(self), ()

    def acquire_lock(
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,
    ) -> bool:
        """Take a lock, waiting for it; see `LockManager.acquire_lock`."""
        return self._until(key, holder, acquire_timeout, hold_timeout)

    async def aacquire_lock(
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,
    ) -> bool:
        """Take a lock without blocking the event loop."""
        return await self._auntil(key, holder, acquire_timeout, hold_timeout)

    def release_lock(self, key: str, holder: str) -> None:
        """Give a lock back.

        Raises:
            ValueError: If the holder does not have it.
        """
        with self._mutex:
            held = self._current(key)
            if held is None or held.holder != holder:
                raise ValueError(f"The lock of the key {key!r} is not held by {holder!r}.")
            del self._held[key]
            waiting = self._waiting.pop(key, [])
        for wake in waiting:
            wake()

    def is_locked(self, key: str) -> bool:
        """Say whether somebody has the lock."""
        with self._mutex:
            return self._current(key) is not None

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Say whether the holder has the lock."""
        with self._mutex:
            held = self._current(key)
            return held is not None and held.holder == holder

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock; see `LockManager.wait_for_lock`."""
        return self._until(key, None, timeout, None)

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock, without blocking the event loop."""
        return await self._auntil(key, None, timeout, None)

    # ---- the decision, and the two ways of waiting for it ----

    def _current(self, key: str) -> _Held | None:
        held = self._held.get(key)
        if held is not None and held.is_over:
            del self._held[key]
            return None
        return held

    def _attempt(
        self,
        key: str,
        holder: str | None,
        hold_timeout: float | None,
        deadline: float | None,
        wake: Callable[[], object],
    ) -> tuple[bool | None, float | None]:
        """Try to get a lock, or with no holder to find it free.

        Returns:
            Whether it worked, None meaning that there is time to wait; and for how many seconds at
            most, None meaning until `wake` is called.
        """
        with self._mutex:
            held = self._current(key)
            if held is None:
                if holder is not None:
                    until = None if hold_timeout is None else time.monotonic() + hold_timeout
                    self._held[key] = _Held(holder, until)
                return True, None
            if held.holder == holder:
                return True, None
            ends = [end for end in (deadline, held.until) if end is not None]
            if deadline is not None and deadline <= time.monotonic():
                return False, None
            self._waiting.setdefault(key, []).append(wake)
            return None, max(0.0, min(ends) - time.monotonic()) if ends else None

    def _forget(self, key: str, wake: Callable[[], object]) -> None:
        with self._mutex:
            waiting = self._waiting.get(key, [])
            if wake in waiting:
                waiting.remove(wake)
            if not waiting:
                self._waiting.pop(key, None)

    def _until(
        self, key: str, holder: str | None, timeout: float | None, hold_timeout: float | None
    ) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            released = threading.Event()
            done, patience = self._attempt(key, holder, hold_timeout, deadline, released.set)
            if done is not None:
                return done
            try:
                released.wait(patience)
            finally:
                self._forget(key, released.set)

    async def _auntil(
        self, key: str, holder: str | None, timeout: float | None, hold_timeout: float | None
    ) -> bool:
        import asyncio  # heavy; an event loop is running here anyway

        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            released = asyncio.Event()

            def wake(released: asyncio.Event = released) -> None:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(released.set)

            done, patience = self._attempt(key, holder, hold_timeout, deadline, wake)
            if done is not None:
                return done
            try:
                await asyncio.wait_for(released.wait(), patience)
            except asyncio.TimeoutError:
                continue  # the deadline, or the holder's time, is over: look again
            finally:
                self._forget(key, wake)
