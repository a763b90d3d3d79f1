"""Loops that do a piece of work again and again, and survive an API that is away for a while."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Coroutine
from traceback import format_exception
from typing import Any

__all__ = [
    "critical_service_loop",
    "start_client_metrics_server",
    "stop_client_metrics_server",
]


async def critical_service_loop(
    workload: Callable[..., Coroutine[Any, Any, Any]],
    interval: float,
    memory: int = 10,
    consecutive: int = 3,
    backoff: int = 1,
    printer: Callable[..., None] = print,
    run_once: bool = False,
    jitter_range: float | None = None,
) -> None:
    """Call an async function again and again.

    Failures that are likely to pass (the connection, an answer 5xx) are counted; any other ends
    the loop. After `consecutive` of them in a row the interval is doubled and the count starts
    anew; when that has happened `backoff` times, the loop gives up.

    Args:
        workload: The function.
        interval: Seconds between two calls.
        memory: How many recent failures are shown when there are too many.
        consecutive: How many failures in a row are too many.
        backoff: How many times there may be too many.
        printer: Tells the user.
        run_once: Whether to stop after the first call.
        jitter_range: How far the interval varies around its average, as a share of it; None
            means not at all.

    Raises:
        RuntimeError: If the loop gives up.
    """
    import anyio  # heavy, as the next one; here something runs already that has loaded them
    import httpx

    from prefect.logging.loggers import get_logger
    from prefect.utilities.math import clamped_poisson_interval

    logger = get_logger(__name__)
    failures: deque[Exception] = deque(maxlen=memory)
    in_a_row = times_too_many = 0
    while True:
        try:
            await workload()
            in_a_row = 0
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            if isinstance(error, httpx.HTTPStatusError) and error.response.status_code < 500:
                raise
            failures.append(error)
            in_a_row += 1
            logger.debug("Call of %r failed, %d in a row: %r", workload, in_a_row, error)
        if in_a_row >= consecutive:
            _show_failures(printer, in_a_row, failures)
            in_a_row = 0
            times_too_many += 1
            if times_too_many >= backoff:
                raise RuntimeError(f"The last {consecutive} calls in a row failed; giving up")
            printer(f"Going on in {interval * 2:g} s")
            interval *= 2
        if run_once:
            return
        pause = interval
        if jitter_range is not None and interval > 0:
            pause = clamped_poisson_interval(interval, clamping_factor=jitter_range)
        await anyio.sleep(pause)


def _show_failures(printer: Callable[..., None], count: int, failures: deque[Exception]) -> None:
    printer(f"The last {count} calls failed. Is the API reachable and the configuration right?")
    shown: set[str] = set()
    for error in reversed(failures):
        text = "".join(format_exception(error))
        if text not in shown:
            shown.add(text)
            printer(text)


_metrics_server: tuple[Any, threading.Thread] | None = None
_metrics_lock = threading.Lock()


def start_client_metrics_server() -> None:
    """Serve this process's metrics to Prometheus, if `PREFECT_CLIENT_METRICS_ENABLED` says so.

    On the port `PREFECT_CLIENT_METRICS_PORT`; does nothing when it serves already.

    Raises:
        PrefectImportError: If it is asked for and the extra `metrics` is not installed.
    """
    global _metrics_server
    from prefect.settings._current import group  # upward: the setting is read where it is used

    settings = group("client").metrics
    with _metrics_lock:
        if not settings.enabled or _metrics_server is not None:
            return
        from prefect._extras import require

        prometheus = require("prometheus_client", extra="metrics", what="serving metrics")
        _metrics_server = prometheus.start_http_server(settings.port)


def stop_client_metrics_server() -> None:
    """Stop serving metrics; does nothing when they are not served."""
    global _metrics_server
    with _metrics_lock:
        if _metrics_server is None:
            return
        server, thread = _metrics_server
        _metrics_server = None
    server.shutdown()
    server.server_close()
    thread.join()
