"""How soon something that happened on a real server is known here.

Run `python benches/events_latency.py [--api-url URL]`; without an address a real 3.9.1 server is
started. Measures the way of an event from `emit` to a subscriber, one at a time with a pause in
between, so that each measures the way and not the queue; and the time from asking for a run's
final state to the return of `wait_for_flow_run`, which includes the server's own work.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from interop.environments import PEER_SERVER, RealServer, environment


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


async def measure_waits(runs: int) -> list[float]:
    """Finish runs that are being waited for; return the seconds until each wait ended."""
    from prefect import flow
    from prefect.client.orchestration import get_client
    from prefect.flow_runs import wait_for_flow_run
    from prefect.states import Cancelled, Running

    @flow
    def bench() -> None:
        """Never called: stands for a flow."""

    taken: list[float] = []
    async with get_client() as client:
        for number in range(runs + 2):
            flow_run = await client.create_flow_run(bench, state=Running())
            waiting = asyncio.create_task(
                wait_for_flow_run(flow_run.id, client=client, poll_interval=600)
            )
            await asyncio.sleep(1.0)  # the subscription stands
            started = time.perf_counter()
            await client.set_flow_run_state(flow_run.id, Cancelled(), force=True)
            await waiting
            if number >= 2:  # the first ones warm both sides up
                taken.append(time.perf_counter() - started)
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api-url", help="a running server; default: a real 3.9.1 is started")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--pause-seconds", type=float, default=0.005)
    arguments = parser.parse_args()
    if arguments.api_url:
        run(arguments, arguments.api_url)
    else:
        with RealServer(environment(PEER_SERVER)) as server:
            run(arguments, server.api_url)


def run(arguments: argparse.Namespace, api_url: str) -> None:
    """Measure against the server at `api_url`."""
    os.environ["PREFECT_API_URL"] = api_url
    taken = asyncio.run(measure(arguments.events, arguments.pause_seconds))
    report("emit → received", taken)
    report("final state asked for → wait ended", asyncio.run(measure_waits(arguments.runs)))


def report(what: str, taken: list[float]) -> None:
    """Print the distribution of some times."""
    cuts = statistics.quantiles(taken, n=100)
    print(f"{what}, {len(taken)}: p50 {cuts[49] * 1e3:.1f} ms, ", end="")
    print(f"p95 {cuts[94] * 1e3:.1f} ms, max {max(taken) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
