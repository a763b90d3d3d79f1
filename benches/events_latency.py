"""How long an event takes from `emit` to a subscriber, through a real server.

Run `python benches/events_latency.py --api-url http://127.0.0.1:4200/api`. Events are
sent one at a time, with a pause in between, so that each measures the way and not the queue.
"""

import argparse
import asyncio
import os
import statistics
import time
from uuid import uuid4


async def measure(events: int, pause_seconds: float) -> list[float]:
    """Send events one after the other; return the seconds each took to come back."""
    from prefect.events.clients import get_events_client, get_events_subscriber
    from prefect.events.filters import EventFilter, EventNameFilter
    from prefect.events.schemas.events import Event

    name = f"bench.latency.{uuid4().hex}"
    wanted = EventFilter(event=EventNameFilter(name=[name]))
    taken: list[float] = []
    async with get_events_client() as client, get_events_subscriber(filter=wanted) as subscriber:
        for number in range(events + 10):
            event = Event(event=name, resource={"prefect.resource.id": "bench"})
            started = time.perf_counter()
            await client.emit(event)
            received = await subscriber.__anext__()
            while received.id != event.id:
                received = await subscriber.__anext__()
            if number >= 10:  # the first ones warm both sides up
                taken.append(time.perf_counter() - started)
            await asyncio.sleep(pause_seconds)
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api-url", required=True, help="address of a running server's API")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--pause-seconds", type=float, default=0.005)
    arguments = parser.parse_args()
    os.environ["PREFECT_API_URL"] = arguments.api_url

    taken = asyncio.run(measure(arguments.events, arguments.pause_seconds))

    cuts = statistics.quantiles(taken, n=100)
    print(f"emit → received, {len(taken)} events: ", end="")
    print(
        f"p50 {cuts[49] * 1e3:.1f} ms, p95 {cuts[94] * 1e3:.1f} ms, max {max(taken) * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()
