"""Signs of life of a flow run: events from the background thread, the first at the start."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prefect._engine._task_events import heartbeat

__all__ = ["heartbeats"]


@contextmanager
def heartbeats(flow_run: Any, flow: Any, sender: Any) -> Iterator[None]:
    """Send a heartbeat now and, while the context lasts, every `flows.heartbeat_frequency` s."""
    from prefect.settings._current import group

    every = group("flows").heartbeat_frequency
    if not every:
        yield
        return
    from prefect.client._background import background_loop

    loop = background_loop()
    beating = True
    timer: Any = None

    def beat() -> None:
        nonlocal timer
        if beating:
            sender.send(heartbeat(flow_run, flow))
            timer = loop.call_later(every, beat)

    def arm() -> None:
        nonlocal timer
        if beating:
            timer = loop.call_later(every, beat)

    def stop() -> None:
        if timer is not None:
            timer.cancel()

    sender.send(heartbeat(flow_run, flow))
    loop.call_soon_threadsafe(arm)
    try:
        yield
    finally:
        beating = False
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop)
