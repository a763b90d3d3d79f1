"""How much is installed, and what an import costs: our light wheel beside the peer's.

python benches/install_and_import.py [--ours PYTHON] [--peer PYTHON]
"""

from _bench import arguments, both_interpreters, compare, print_table

from interop.light import measure_install

IMPORTS = (
    "pass",
    "import prefect",
    "from prefect import flow",
    "from prefect.client.orchestration import get_client",
    "from prefect.deployments import run_deployment",
    "import pydantic, httpx",
)


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    args = parser.parse_args()
    ours, peer = both_interpreters(args)
    installs = [measure_install(python) for python in (ours, peer)]
    print_table(
        "install",
        ("", "ours", "peer"),
        [
            ("distributions, third party", *(str(len(i.distributions)) for i in installs)),
            ("site-packages with bytecode, MB", *(f"{i.size_bytes / 1e6:.1f}" for i in installs)),
        ],
    )
    rows = []
    for code in IMPORTS:
        mine, theirs = compare(ours, peer, code, repeats=args.repeats)
        rows.append(
            (
                code,
                f"{mine.wall_seconds * 1000:.0f}",
                f"{theirs.wall_seconds * 1000:.0f}",
                f"{theirs.wall_seconds / mine.wall_seconds:.1f}",
                f"{mine.peak_bytes / 1e6:.0f}",
                f"{theirs.peak_bytes / 1e6:.0f}",
            )
        )
    head = ("whole process", "ours ms", "peer ms", "times", "ours MB", "peer MB")
    print_table(f"import, median of {args.repeats}", head, rows)


if __name__ == "__main__":
    main()
