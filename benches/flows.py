"""Measure what a flow run costs the client.

    python benches/flows.py [--ours PYTHON] [--peer PYTHON] [--api-url URL] [--flows N]

Empty flows one after the other in one process: sync, async, and as subflows of one flow; and a
whole process that runs a flow with one task. Against a real 3.9.1 server, unless the address of one
is given.
"""

from argparse import Namespace
from pathlib import Path
from typing import Any

from _bench import arguments, both_interpreters, child, compare, print_table

from interop.environments import PEER_SERVER, RealServer, environment

CODE = """
import asyncio, json, sys, time
way, count = sys.argv[1], int(sys.argv[2])
from prefect import flow

@flow
def empty(): return None

@flow
async def aempty(): return None

@flow
def parent():
    for _ in range(count): empty()

async def several():
    for _ in range(count): await aempty()

asyncio.run(aempty()) if way == "async" else empty()
wall, cpu = time.perf_counter(), time.process_time()
if way == "sync":
    for _ in range(count): empty()
elif way == "async":
    asyncio.run(several())
else:
    parent()
print(json.dumps({
    "rate": count / (time.perf_counter() - wall),
    "cpu_ms": 1000 * (time.process_time() - cpu) / count,
}))
"""

WHOLE = """
from prefect import flow, task

@task
def one(): return 1

@flow
def run(): return one()

run()
"""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--api-url", help="a running server; default: a real 3.9.1 is started")
    parser.add_argument("--flows", type=int, default=20)
    args = parser.parse_args()
    ours, peer = both_interpreters(args)
    if args.api_url:
        measure(args, args.api_url, ours, peer)
        return
    with RealServer(environment(PEER_SERVER)) as server:
        measure(args, server.api_url, ours, peer)


def measure(args: Namespace, url: str, ours: Path, peer: Path) -> None:
    """Compare the two clients against the server at `url`."""
    settings = {"PREFECT_API_URL": url, "PREFECT_LOGGING_LEVEL": "WARNING"}
    rows = []
    for way in ("sync", "async", "subflows"):
        cells = [way]
        for python in (peer, ours):
            figures: list[Any] = [
                child(python, CODE, way, str(args.flows), **settings).output
                for _ in range(args.repeats)
            ]
            middle = len(figures) // 2
            cells.append(f"{sorted(taken['rate'] for taken in figures)[middle]:.2f}")
            cells.append(f"{sorted(taken['cpu_ms'] for taken in figures)[middle]:.1f}")
        rows.append(tuple(cells))
    print_table(
        f"{args.flows} empty flow runs in one process, medians",
        ("way", "peer: runs/s", "CPU ms", "ours: runs/s", "CPU ms"),
        rows,
    )
    mine, theirs = compare(ours, peer, WHOLE, repeats=args.repeats, **settings)
    print_table(
        "whole process, a flow with one task, medians",
        ("who", "wall s", "CPU s", "peak MB"),
        [
            (
                name,
                f"{taken.wall_seconds:.2f}",
                f"{taken.cpu_seconds:.2f}",
                f"{taken.peak_bytes / 1e6:.0f}",
            )
            for name, taken in (("peer", theirs), ("ours", mine))
        ],
    )


if __name__ == "__main__":
    main()
