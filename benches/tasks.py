"""Measure what a task run costs the client.

    python benches/tasks.py [--ours PYTHON] [--peer PYTHON] [--api-url URL] [--tasks N]

No-op tasks in one flow: one after the other, submitted, mapped, gathered; against a real 3.9.1
server, unless the address of one is given, and (ours only) in local mode. Counts the processor time
of the client's process from the first task to the end of the delivery, the rate as the flow sees
it, the time from the last task to the end of the process's deliveries, and asserts that the server
has every run in its final state.
"""

import json
import time
import urllib.request
from argparse import Namespace
from pathlib import Path
from typing import Any

from _bench import arguments, both_interpreters, child, median, print_table

from interop.environments import PEER_SERVER, RealServer, environment

CODE = """
import asyncio, atexit, json, resource, sys, time
way, count = sys.argv[1], int(sys.argv[2])
from prefect import flow, task
from prefect.context import FlowRunContext

@task
def noop(x=None): return None

@task
async def anoop(x=None): return None

figures = {}

def measured(work):
    noop()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    figures.update(
        rate=count / (time.perf_counter() - wall), start_cpu=cpu,
        id=str(FlowRunContext.get().flow_run.id),
    )

@flow
def sync_flow():
    def work():
        if way == "sequential":
            for _ in range(count): noop()
        elif way == "submit":
            for future in [noop.submit(x) for x in range(count)]: future.wait()
        else:
            noop.map(range(count)).wait()
    measured(work)

@flow
async def async_flow():
    await anoop()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*[anoop(x) for x in range(count)])
    figures.update(
        rate=count / (time.perf_counter() - wall), start_cpu=cpu,
        id=str(FlowRunContext.get().flow_run.id),
    )

def report():
    # Registered before the library's own hooks, so called after them: everything has left.
    figures["cpu_ms"] = 1000 * (time.process_time() - figures.pop("start_cpu")) / count
    figures["exit_seconds"] = time.perf_counter() - ended
    figures["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(figures), flush=True)

atexit.register(report)
asyncio.run(async_flow()) if way == "gather" else sync_flow()
ended = time.perf_counter()
"""

WAYS = ("sequential", "submit", "map", "gather")


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--api-url", help="a running server; default: a real 3.9.1 is started")
    parser.add_argument("--tasks", type=int, default=1000)
    args = parser.parse_args()
    ours, peer = both_interpreters(args)
    if args.api_url:
        measure(args, args.api_url, ours, peer)
        return
    with RealServer(environment(PEER_SERVER)) as server:
        measure(args, server.api_url, ours, peer)


def measure(args: Namespace, url: str, ours: Path, peer: Path) -> None:
    """Compare the two clients against the server at `url`; then ours without one."""
    rows = []
    for way in WAYS:
        cells = [way]
        for python in (peer, ours):
            cells += cells_of(run(args, python, way, PREFECT_API_URL=url), url, args.tasks)
        cells += cells_of(run(args, ours, way), None, args.tasks)
        rows.append(tuple(cells))
    head = ["way"]
    for who in ("peer", "ours", "local"):
        head += [f"{who}: tasks/s", "CPU ms", "exit s"]
    print_table(f"{args.tasks} no-op tasks in one flow, medians", tuple(head), rows)


def run(args: Namespace, python: Path, way: str, **settings: str) -> dict[str, Any]:
    """The medians of one way under one interpreter."""
    taken = [
        child(python, CODE, way, str(args.tasks), PREFECT_LOGGING_LEVEL="WARNING", **settings)
        for _ in range(args.repeats)
    ]
    outputs = [dict(sample.output) for sample in taken if isinstance(sample.output, dict)]
    middle = median(taken)
    return {
        name: sorted(output[name] for output in outputs)[len(outputs) // 2]
        for name in ("rate", "cpu_ms", "exit_seconds")
    } | {"ids": [output["id"] for output in outputs], "wall": middle.wall_seconds}


def cells_of(figures: dict[str, Any], url: str | None, tasks: int) -> list[str]:
    """Three cells of the table, after checking that the server has all the runs."""
    for flow_run_id in figures["ids"] if url is not None else ():
        wait_for_runs(url or "", flow_run_id, tasks + 1)
    return [
        f"{figures['rate']:.0f}",
        f"{figures['cpu_ms']:.2f}",
        f"{figures['exit_seconds']:.2f}",
    ]


def wait_for_runs(url: str, flow_run_id: str, expected: int) -> None:
    """Wait until the server has so many completed task runs of a flow run."""
    body = {
        "flow_runs": {"id": {"any_": [flow_run_id]}},
        "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    request = urllib.request.Request(
        f"{url}/task_runs/count",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    deadline = time.monotonic() + 300
    found = -1
    while time.monotonic() < deadline:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        if found == expected:
            return
        time.sleep(0.5)
    raise SystemExit(f"the server has {found} completed runs of {expected} ({flow_run_id})")


if __name__ == "__main__":
    main()
