"""The main job from end to end, on real parts: `make demo`, or `python -m interop.demo`.

Builds the light wheel of this checkout, installs it alone in a fresh environment, brings up a real
Prefect server with a served deployment in another environment, submits a run from the light one,
shows its states and logs as they come, prints its result and the figures of the install, and
removes what it made. Only the environment of the real server stays, below `venvs/`, because it
takes a minute to make; `make clean` removes it. Uses the standard library only.
"""

import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from interop.environments import PEER_SERVER, RealServer, clean_environment, environment
from interop.light import build_light_wheel, install_alone, measure_install, plain_environment

HERE = Path(__file__).resolve().parent
SAMPLES = 7
CLIENT_SECONDS = 180


def say(line: str) -> None:
    """Tell the reader what happens next."""
    print(f"== {line}", flush=True)


def import_milliseconds(python: Path, statement: str) -> float:
    """Median wall time of a process that runs one statement."""
    times = []
    for _ in range(SAMPLES + 1):  # the first one warms the caches and does not count
        begun = time.perf_counter()
        command = [str(python), "-c", statement]
        subprocess.run(command, check=True, env=plain_environment(), cwd="/")
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times[1:])


def print_figures(python: Path) -> None:
    """Print what the light install weighs and how long it takes to import."""
    install = measure_install(python)
    bare = import_milliseconds(python, "pass")
    say("figures of the light install")
    print(f"third-party distributions     {len(install.distributions)}")
    print(f"site-packages, with bytecode  {install.size_bytes / 1e6:.1f} MB")
    print(f"python -c pass                {bare:.0f} ms")
    for statement in ("import prefect", "from prefect.client.orchestration import get_client"):
        added = import_milliseconds(python, statement) - bare
        print(f"{statement}\n{'':30}+ {added:.0f} ms")


def main() -> int:
    """Run the demo and return its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is stopped
    with tempfile.TemporaryDirectory(prefix="prefect-demo-") as scratch:
        folder = Path(scratch)
        say("building the light wheel and installing it alone in a fresh environment")
        wheel = build_light_wheel(folder)
        light = install_alone(folder / "light", [str(wheel)])
        print(wheel.name)
        say(f"bringing up a real server ({PEER_SERVER}) with a deployment being served")
        with RealServer(environment(PEER_SERVER)) as server:
            process = server.run_python(HERE / "demo_flows.py", name="served")
            server.wait_for_deployment("add-up/demo", process)
            print(server.api_url)
            say("submitting a run from the light environment and following it")
            home = folder / "home"
            home.mkdir()
            done = subprocess.run(
                [str(light), "-u", str(HERE / "demo_client.py")],
                env=clean_environment(home, PREFECT_API_URL=server.api_url),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                timeout=CLIENT_SECONDS,
                check=False,
            )
        print_figures(light)
    say("done, everything stopped and removed" if not done.returncode else "the run FAILED")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
