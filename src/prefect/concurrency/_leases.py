"""Keeping leases of slots alive while the code that holds the slots is at work.

One daemon thread renews all leases of the process, each when three quarters of its time have
passed. It has its own connection to the API, so an event loop that is blocked or a body that never
lets go of the CPU does not make a lease run out. The thread starts with the first lease and ends
when there has been none for a while. A forked child holds no leases: they stay its parent's. Leases
that are still held when the process ends are given back then.

A renewal that fails is repeated until the lease has run out; only an answer that the lease is gone
(410) is final at once.
"""

import contextvars
import heapq
import os
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

from prefect.client._faces import blocked
from prefect.logging.loggers import get_logger

__all__ = ["Lease"]

_RENEWAL_FRACTION = 0.75
"""Of its duration that passes before a lease is renewed."""

_RENEWAL_RETRY_BASE_DELAY = 1.0
_RENEWAL_RETRY_MAX_DELAY = 10.0
"""Seconds between attempts to renew: doubled each time, up to the second."""

_EXIT_SECONDS = 5.0
"""How long giving back forgotten leases may hold up the end of the process."""

_GONE = (404, 410)


class Lease:
    """Slots that are held for a time; renewed from `keep` until `take`.

    Args:
        lease_id: Given by the server.
        duration: Seconds.
        on_lost: Called in the renewing thread with the error when the slots are lost.
    """

    def __init__(
        self,
        lease_id: UUID,
        duration: float,
        on_lost: Callable[[BaseException], None] | None = None,
    ) -> None:
        self.id = lease_id
        self.duration = duration
        self.lost = False
        self.expires_at = time.monotonic() + duration
        self._on_lost = on_lost
        self._held = True
        self._process = os.getpid()
        self._failures = 0
        # The settings of whoever took it say where the API is.
        self._context = contextvars.copy_context()

    def keep(self) -> None:
        """Have it renewed from now on."""
        _renewer.add(self)

    def take(self) -> bool:
        """Say whether the caller is the one to give the slots back: the first to ask is.

        Never in a forked child, nor when they are lost.
        """
        with _renewer.lock:
            held, self._held = self._held, False
            _renewer.leases.pop(self.id, None)
        return held and not self.lost and self._process == os.getpid()

    @property
    def is_held(self) -> bool:
        """Whether nobody has taken it to give it back, and it is not lost."""
        return self._held and not self.lost

    def renew(self) -> float | None:
        """Renew it once, and return the seconds until the next time; None when it is lost."""
        try:
            self._context.copy().run(blocked, self._renewal)
        except Exception as error:
            # A boundary: the thread serves the other leases too.
            return self._failed(error)
        self._failures = 0
        self.expires_at = time.monotonic() + self.duration
        return self.duration * _RENEWAL_FRACTION

    async def _renewal(self, api: Any) -> None:
        await api.renew_concurrency_lease(self.id, self.duration)

    def _failed(self, error: Exception) -> float | None:
        left = self.expires_at - time.monotonic()
        if _status(error) in _GONE or left <= 0:
            with _renewer.lock:
                told = self._held and not self.lost
                self.lost = True
            if told and self._on_lost is not None:
                self._on_lost(error)
            return None
        self._failures += 1
        delay = min(
            _RENEWAL_RETRY_BASE_DELAY * 2.0 ** (self._failures - 1), _RENEWAL_RETRY_MAX_DELAY
        )
        get_logger("concurrency").warning(
            "Lease '%s' of concurrency slots could not be renewed (%s); it is tried again for"
            " another %.0f s.",
            self.id,
            error,
            left,
        )
        return min(delay, max(left, 0.0))

    def release(self) -> None:
        """Give the slots back, without an event loop."""
        self._context.copy().run(blocked, self._releasing)

    async def _releasing(self, api: Any) -> None:
        await api.release_concurrency_slots_with_lease(self.id)


def _status(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    return None if response is None else response.status_code


class _Renewer:
    """The thread, and what it has to do when."""

    def __init__(self) -> None:
        self.registered = False
        self.reset()

    def reset(self) -> None:
        """Start anew: in a forked child no thread runs, and the leases are its parent's."""
        self.lock = threading.RLock()
        self.wake = threading.Condition(self.lock)
        self.leases: dict[UUID, Lease] = {}
        self.due: list[tuple[float, int, Lease]] = []
        self.order = count()
        self.thread: threading.Thread | None = None

    def add(self, lease: Lease) -> None:
        with self.lock:
            self.leases[lease.id] = lease
            self._plan(lease, lease.duration * _RENEWAL_FRACTION)
            if self.thread is None:
                self._start()
            self.wake.notify()

    def _plan(self, lease: Lease, seconds: float) -> None:
        heapq.heappush(self.due, (time.monotonic() + seconds, next(self.order), lease))

    def _start(self) -> None:
        if not self.registered:
            import atexit

            atexit.register(self.finish)
            if hasattr(os, "register_at_fork"):
                os.register_at_fork(after_in_child=self.reset)
            self.registered = True
        thread = threading.Thread(target=self._run, name="prefect-leases", daemon=True)
        thread.start()
        self.thread = thread

    def _run(self) -> None:
        while True:
            lease = self._next()
            if lease is None:
                return
            seconds = lease.renew()
            with self.lock:
                if seconds is not None and lease.id in self.leases:
                    self._plan(lease, seconds)

    def _next(self) -> Lease | None:
        """Wait for the next lease that is due; None when there has been no lease for a while."""
        with self.lock:
            while True:
                while self.due and not self.due[0][2].is_held:
                    heapq.heappop(self.due)
                if not self.due:
                    if not self.wake.wait(timeout=_IDLE_SECONDS) and not self.due:
                        self.thread = None
                        return None
                    continue
                left = self.due[0][0] - time.monotonic()
                if left <= 0:
                    return heapq.heappop(self.due)[2]
                self.wake.wait(timeout=left)

    def finish(self) -> None:
        """Give back what is still held at the end of the process."""
        deadline = time.monotonic() + _EXIT_SECONDS
        for lease in list(self.leases.values()):
            if time.monotonic() > deadline or not lease.take():
                continue
            try:
                lease.release()
            except Exception as error:  # a boundary: nobody is left to handle it
                get_logger("concurrency").warning(
                    "The slots of lease '%s' could not be given back at exit (%s); they come free"
                    " when the lease runs out.",
                    lease.id,
                    error,
                )


_IDLE_SECONDS = 10.0
"""How long the thread waits for another lease before it ends."""

_renewer = _Renewer()
