"""The threads that submitted tasks run in.

A pool starts with few threads and grows only while it makes no progress: tasks that compute take
turns in a handful of threads, tasks that wait get one each within a fraction of a second. So a map
over a hundred thousand numbers does not make a hundred thousand threads, and tasks that wait for
tasks of the same pool cannot starve each other. A limit of the user's is kept strictly.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

__all__ = ["ThreadPool"]

FIRST_THREADS = 2
"""Threads that are started without looking at the progress."""

STALL_SECONDS = 0.005
"""After so long without a task being taken, the pool doubles."""

IDLE_SECONDS = 0.5
"""How long the watcher stays when nothing is queued."""


class ThreadPool:
    """Runs calls in threads, in the order of their submission.

    Args:
        limit: Most threads; None means as many as the tasks need.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit if limit is not None else 1_000_000
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._taken = 0
        self._open = 0  # calls submitted and not finished
        self._all_done = threading.Condition(self._lock)
        self._watcher: threading.Thread | None = None
        self._closed = False

    def submit(self, call: Callable[[], None]) -> None:
        """Have a call made; it must not raise.

        Raises:
            RuntimeError: If the pool was closed.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("The flow run has ended; its task runner takes no more tasks.")
            self._open += 1
            self._queue.put(call)
            count = len(self._threads)
            if count < self._limit:
                if count < FIRST_THREADS and not self._idle:
                    self._start_thread()
                elif self._watcher is None and not self._idle:
                    self._start_watcher()

    def _start_thread(self) -> None:
        thread = threading.Thread(
            target=self._work, name=f"prefect-task-{len(self._threads)}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _start_watcher(self) -> None:
        self._watcher = threading.Thread(target=self._watch, name="prefect-task-pool", daemon=True)
        self._watcher.start()

    def _work(self) -> None:
        queue = self._queue
        while True:
            try:
                call = queue.get_nowait()
            except Empty:
                with self._lock:
                    self._idle += 1
                call = queue.get()
                with self._lock:
                    self._idle -= 1
            if call is None:
                return
            self._taken += 1
            try:
                call()
            finally:
                del call
                with self._lock:
                    self._open -= 1
                    if not self._open:
                        self._all_done.notify_all()

    def _watch(self) -> None:
        """Add threads while calls wait and none is taken."""
        wake = threading.Event()
        quiet = 0.0
        taken = -1
        while not self._closed:
            wake.wait(STALL_SECONDS)
            with self._lock:
                waiting = self._queue.qsize()
                if not waiting:
                    quiet += STALL_SECONDS
                    if quiet >= IDLE_SECONDS or self._closed:
                        self._watcher = None
                        return
                    continue
                quiet = 0.0
                if self._taken == taken and not self._idle:
                    room = self._limit - len(self._threads)
                    for _ in range(min(waiting, room, max(1, len(self._threads)))):
                        self._start_thread()
                taken = self._taken

    def cancel_queued(self) -> int:
        """Drop the calls that have not begun; returns how many."""
        dropped = 0
        with self._lock:
            while True:
                try:
                    call = self._queue.get_nowait()
                except Empty:
                    break
                if call is not None:
                    getattr(call, "cancel", lambda: None)()
                    dropped += 1
            self._open -= dropped
            if not self._open:
                self._all_done.notify_all()
        return dropped

    @property
    def busy(self) -> bool:
        """Whether calls are queued or being made."""
        return self._open > 0

    def drain(self) -> None:
        """Wait until every call has finished."""
        with self._lock:
            while self._open:
                # Bounded waits, so that the main thread hears signals meanwhile.
                self._all_done.wait(1.0)

    def close(self, *, wait: bool = True) -> None:
        """Take no more calls, and let the threads end.

        Args:
            wait: Whether to wait until every call has finished.
        """
        if wait:
            self.drain()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
