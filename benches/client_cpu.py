"""Measure the client's own processor time per call.

    python benches/client_cpu.py [--ours PYTHON] [--peer PYTHON] [--api-url URL]

Calls `read_flow_run` many times in one process, on both faces, against a real 3.9.1 server, unless
the address of one is given. Counts the processor time of the client's process only.
"""

from argparse import Namespace
from pathlib import Path

from _bench import arguments, both_interpreters, compare, print_table

from interop.environments import PEER_SERVER, RealServer, environment, post_json

CODE = """
import asyncio, json, statistics, sys, time
from uuid import UUID
from prefect.client.orchestration import get_client
flow_run_id, calls = UUID(sys.argv[1]), int(sys.argv[2])
async def main():
    async with get_client() as client:
        for _ in range(20):
            await client.read_flow_run(flow_run_id)
        start = time.process_time()
        for _ in range(calls):
            await client.read_flow_run(flow_run_id)
        return time.process_time() - start
asynchronous = asyncio.run(main())
with get_client(sync_client=True) as client:
    for _ in range(20):
        client.read_flow_run(flow_run_id)
    start = time.process_time()
    for _ in range(calls):
        client.read_flow_run(flow_run_id)
    blocking = time.process_time() - start
print(json.dumps({"async": 1000 * asynchronous / calls, "sync": 1000 * blocking / calls}))
"""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--api-url", help="a running server; default: a real 3.9.1 is started")
    parser.add_argument("--calls", type=int, default=300)
    args = parser.parse_args()
    ours, peer = both_interpreters(args)
    if args.api_url:
        measure(args, args.api_url, ours, peer)
        return
    with RealServer(environment(PEER_SERVER)) as server:
        measure(args, server.api_url, ours, peer)


def measure(args: Namespace, url: str, ours: Path, peer: Path) -> None:
    """Compare the two clients against the server at `url`."""
    flow = post_json(url, "/flows/", {"name": "bench"})
    state = {"type": "SCHEDULED"}
    flow_run = post_json(url, "/flow_runs/", {"flow_id": flow["id"], "state": state})
    samples: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    for _ in range(args.repeats):
        pair = compare(
            ours, peer, CODE, flow_run["id"], str(args.calls), repeats=1, PREFECT_API_URL=url
        )
        for name, sample in zip(samples, pair, strict=True):
            assert isinstance(sample.output, dict)
            samples[name].append(sample.output)
    medians = {
        name: {face: sorted(one[face] for one in taken)[len(taken) // 2] for face in taken[0]}
        for name, taken in samples.items()
    }
    rows = [
        (name, *(f"{medians[name][face]:.2f}" for face in ("async", "sync"))) for name in medians
    ]
    shares = (medians["ours"][face] / medians["peer"][face] for face in ("async", "sync"))
    rows.append(("ours / peer", *(f"{share:.2f}" for share in shares)))
    title = f"CPU ms per read_flow_run, median of {args.repeats} processes of {args.calls} calls"
    print_table(title, ("", "async", "sync"), rows)


if __name__ == "__main__":
    main()
