"""Slots for sync code: the blocking port, and the interruption of a body that lost its slots."""

import signal
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from prefect._dual import run
from prefect.client._faces import blocked
from prefect.concurrency._errors import ConcurrencyLeaseLostError
from prefect.concurrency._events import (
    emit_concurrency_acquisition_events,
    emit_concurrency_release_events,
)
from prefect.concurrency._leases import Lease
from prefect.concurrency._slots import Request, acquire, as_names, release_lease
from prefect.logging.loggers import get_logger
from prefect.types._concurrency import ConcurrencyLeaseHolder

__all__ = ["BlockingPort", "concurrency", "lost_message"]


class BlockingPort:
    """Asks the API and waits without an event loop."""

    async def ask(
        self, body: Callable[[Any], Any], undo: Callable[[Any, Any], Awaitable[Any]] | None = None
    ) -> Any:
        return blocked(body)

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)  # noqa: ASYNC251  # the blocking port has no event loop to block


@contextmanager
def concurrency(
    names: str | list[str],
    occupy: int = 1,
    timeout_seconds: float | None = None,
    max_retries: int | None = None,
    lease_duration: float = 300,
    strict: bool = False,
    holder: ConcurrencyLeaseHolder | None = None,
    suppress_warnings: bool = False,
    raise_on_lease_renewal_failure: bool | None = None,
) -> Generator[None, None, None]:
    """`prefect.concurrency.sync.concurrency`, with warnings that can be turned off."""
    port = BlockingPort()
    request = Request(
        names=as_names(names),
        slots=occupy,
        timeout_seconds=timeout_seconds,
        max_retries=max_retries,
        strict=strict,
        lease_seconds=lease_duration,
        holder=holder,
        quiet=suppress_warnings,
    )
    grant = run(acquire(port, request))
    if grant.lease_id is None or not grant.limits:
        yield
        return
    interruptible = (
        strict if raise_on_lease_renewal_failure is None else raise_on_lease_renewal_failure
    )
    body = _Interruptible()
    lease = Lease(
        grant.lease_id,
        lease_duration,
        on_lost=lambda error: tell_lost(
            grant.lease_id, error, body.interrupt if interruptible else None, suppress_warnings
        ),
    )
    try:
        lease.keep()
        events = emit_concurrency_acquisition_events(grant.limits, occupy)
        try:
            with body:
                yield
        finally:
            emit_concurrency_release_events(grant.limits, occupy, events)
    finally:
        if lease.take():
            run(release_lease(port, lease.id))


def tell_lost(
    lease_id: Any,
    error: BaseException,
    interrupt: Callable[[BaseException], None] | None,
    quiet: bool,
) -> None:
    """Say that slots are lost, and end the body that holds them if it is not to go on."""
    if interrupt is not None:
        get_logger("concurrency").error(
            "%s The code that holds them is ended.", lost_message(error)
        )
        interrupt(error)
    elif not quiet:
        get_logger("concurrency").warning(
            "%s The code that holds them goes on, so the limit may be exceeded (lease '%s').",
            lost_message(error),
            lease_id,
        )


def lost_message(error: BaseException) -> str:
    """Say why slots are lost."""
    return f"The lease of concurrency slots could not be renewed, so they are lost: {error}."


class _Interrupt(BaseException):
    """Ends a body; not an `Exception`, so that the body's own handlers let it through."""


class _Interruptible:
    """A block of code in this thread that another thread can end.

    In the main thread a SIGINT ends it, also inside of a blocking call, unless somebody else
    handles that signal. Elsewhere an exception is raised as soon as the thread runs Python again (a
    call into C, `time.sleep` for example, ends first).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._cause: BaseException | None = None
        self._signalled = False
        self._thread_id = threading.get_ident()

    def interrupt(self, cause: BaseException) -> None:
        """End the block; called in another thread."""
        with self._lock:
            if self._ended:
                return
            self._cause = cause
            in_main_thread = self._thread_id == threading.main_thread().ident
            if (
                in_main_thread
                and hasattr(signal, "pthread_kill")
                and signal.getsignal(signal.SIGINT) is signal.default_int_handler
            ):
                self._signalled = True
                signal.pthread_kill(self._thread_id, signal.SIGINT)
            else:
                _raise_in_thread(self._thread_id, _Interrupt)

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        delivered = exc_type is not None and issubclass(exc_type, (_Interrupt, KeyboardInterrupt))
        try:
            with self._lock:
                self._ended = True
            if self._cause is not None and not delivered:
                self._await_delivery()
        except (_Interrupt, KeyboardInterrupt):
            if self._cause is None:
                raise
        if self._cause is not None:
            raise ConcurrencyLeaseLostError(lost_message(self._cause)) from self._cause

    def _await_delivery(self) -> None:
        """Take in an interruption that is on its way, so that it does not hit what follows."""
        if not self._signalled:
            _raise_in_thread(self._thread_id, None)
            return
        deadline = time.monotonic() + 1.0  # a signal to a running thread arrives in microseconds
        while time.monotonic() < deadline:
            time.sleep(0.001)


def _raise_in_thread(thread_id: int, error: type[BaseException] | None) -> None:
    import ctypes  # heavy: only needed when a lease is lost

    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread_id), None if error is None else ctypes.py_object(error)
    )
