"""Submit runs to a real server: one per process, and 300 in one process.

    python benches/submit.py [--ours PYTHON] [--peer PYTHON] [--api-url URL]

Brings up a real 3.9.1 server with one deployment, unless the address of one is given. Counts what
stands on the server afterwards.
"""

from argparse import Namespace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from _bench import arguments, both_interpreters, child, compare, print_table

from interop.environments import PEER_SERVER, RealServer, environment, post_json
from interop.proxy import FaultProxy

ONE = """
from prefect.deployments import run_deployment
run_deployment("bench/submit", timeout=0)
"""

BARE = """
import os, sys, urllib.request
body = b'{"state": {"type": "SCHEDULED"}}'
url = os.environ["PREFECT_API_URL"] + "/deployments/" + sys.argv[1] + "/create_flow_run"
request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
urllib.request.urlopen(request).read()
"""

MANY = """
import json, os, ssl, sys
contexts = 0
new = ssl.SSLContext.__new__
def counted(cls, *args, **kwargs):
    global contexts
    contexts += 1
    return new(cls, *args, **kwargs)
ssl.SSLContext.__new__ = counted
from prefect.deployments import run_deployment
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
def cpu():
    times = os.times()
    return times[0] + times[1]
calls = int(sys.argv[1])
run_deployment("bench/submit", timeout=0)
start = cpu()
for call in range(calls - 1):
    if call == calls // 3:
        early = resident()
    run_deployment("bench/submit", timeout=0)
print(json.dumps({
    "contexts": contexts,
    "cpu_ms": 1000 * (cpu() - start) / (calls - 1),
    "grown_kb": (resident() - early) / 1000,
}))
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
    """Run both parts against the server at `url`."""
    post = partial(post_json, url)
    flow = post("/flows/", {"name": "bench"})
    deployment = post("/deployments/", {"name": "submit", "flow_id": flow["id"]})
    before = post("/flow_runs/count", {})
    repeats = args.repeats
    mine, theirs = compare(ours, peer, ONE, repeats=repeats, PREFECT_API_URL=url)
    bare, _ = compare(ours, ours, BARE, deployment["id"], repeats=repeats, PREFECT_API_URL=url)
    rows = [
        (
            name,
            f"{sample.wall_seconds:.3f}",
            f"{sample.cpu_seconds:.3f}",
            f"{sample.peak_bytes / 1e6:.0f}",
        )
        for name, sample in (("ours", mine), ("peer", theirs), ("bare urllib", bare))
    ]
    rows.append(
        (
            "times better",
            f"{theirs.wall_seconds / mine.wall_seconds:.1f}",
            f"{theirs.cpu_seconds / mine.cpu_seconds:.1f}",
            f"{theirs.peak_bytes / mine.peak_bytes:.1f}",
        )
    )
    title = f"process that submits one run, median of {repeats}"
    print_table(title, ("", "wall s", "CPU s", "peak MB"), rows)

    rows = []
    for name, python in (("ours", ours), ("peer", peer)):
        with FaultProxy(urlsplit(url).port or 80) as proxy:  # only counts
            sample = child(python, MANY, str(args.calls), PREFECT_API_URL=proxy.api_url)
            figures = sample.output
            assert isinstance(figures, dict)
            figures["requests"] = len(proxy.requests) / args.calls
        rows.append((name, *(f"{figures[key]:.2f}" for key in COLUMNS)))
    head = ("", "TLS contexts", "requests per call", "CPU ms per call", "RSS grown, kB")
    print_table(f"{args.calls} submissions in one process", head, rows)

    expected = 3 * (repeats + 1) + 2 * args.calls  # ours, the peer, bare; then both again
    found = post("/flow_runs/count", {}) - before
    assert found == expected, f"{found} runs on the server instead of {expected}"
    print(f"\nflow runs on the server: {found}, as many as were submitted")


COLUMNS = ("contexts", "requests", "cpu_ms", "grown_kb")


if __name__ == "__main__":
    main()
