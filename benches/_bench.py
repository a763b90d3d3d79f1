"""What the benches share: the two environments, repeated runs, a table.

Each bench runs our light wheel and `prefect-client==3.9.0` side by side in one run, alternating, so
that both see the same machine; figures are medians. Run one with `python benches/NAME.py`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from interop.environments import PEER_CLIENT, environment, find_python  # noqa: E402
from interop.light import (  # noqa: E402
    build_light_wheel,
    compile_bytecode,
    install_alone,
    plain_environment,
)

__all__ = ["Sample", "arguments", "both_interpreters", "child", "compare", "print_table"]

REPEATS = 7


@dataclass(frozen=True)
class Sample:
    """One process, from start to exit.

    Attributes:
        wall_seconds: Elapsed time.
        cpu_seconds: User and system time of the process and its children.
        peak_bytes: Largest resident set size.
        output: Its standard output, parsed as JSON when there is any.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: object


def arguments(description: str) -> argparse.ArgumentParser:
    """A parser with the options that all benches have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--ours", type=Path, help="interpreter with our wheel; default: built")
    parser.add_argument("--peer", type=Path, help="interpreter with the peer; default: installed")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    return parser


def both_interpreters(args: argparse.Namespace) -> tuple[Path, Path]:
    """The interpreters to compare: as given, or with fresh installs of the wheel and the peer.

    Both are made with the same Python version, and their bytecode is compiled.
    """
    ours, peer = args.ours, args.peer
    if ours is None:
        folder = Path(tempfile.mkdtemp(prefix="prefect-bench-"))
        python = find_python("3.11", "3.12", "3.13")
        ours = install_alone(
            folder / "light", [str(build_light_wheel(folder / "wheel"))], python=python
        )
    if peer is None:
        peer = environment(PEER_CLIENT)
        compile_bytecode(peer)
    return ours, peer


def child(python: Path, code: str, *argv: str, **settings: str) -> Sample:
    """Run a piece of code in a process of its own and measure it."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(python), "-c", code, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**plain_environment(), **settings},
        cwd=tempfile.gettempdir(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{python} ended with {process.returncode}:\n{errors.decode()[-2000:]}")
    return Sample(
        wall_seconds=wall,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * 1024,
        output=json.loads(output) if output.strip() else None,
    )


def compare(
    ours: Path, peer: Path, code: str, *argv: str, repeats: int, **settings: str
) -> tuple[Sample, Sample]:
    """The medians of `code` under both interpreters, alternating, after one run to warm up."""
    samples: dict[Path, list[Sample]] = {ours: [], peer: []}
    for turn in range(repeats + 1):
        for python, taken in samples.items():
            sample = child(python, code, *argv, **settings)
            if turn:
                taken.append(sample)
    return median(samples[ours]), median(samples[peer])


def median(samples: list[Sample]) -> Sample:
    """The median of each figure; the output of the last sample."""
    return Sample(
        wall_seconds=statistics.median(sample.wall_seconds for sample in samples),
        cpu_seconds=statistics.median(sample.cpu_seconds for sample in samples),
        peak_bytes=int(statistics.median(sample.peak_bytes for sample in samples)),
        output=samples[-1].output,
    )


def print_table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print rows under a title, columns aligned."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    print(f"\n{title}")
    for row in [head, *rows]:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
