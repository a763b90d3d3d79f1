"""Run the main job on real parts, from nothing: `make demo`.

Builds the light wheel of this checkout, installs it alone in a fresh environment, brings up a real
Prefect server with a served deployment in another environment, submits a run from the light one,
shows its states, logs and result, prints what the light install weighs, and cleans up. Needs only
Python and the network's package index.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from interop.environments import PEER_SERVER, RealServer, environment  # noqa: E402
from interop.light import (  # noqa: E402
    build_light_wheel,
    install_alone,
    measure_install,
    plain_environment,
)

HERE = Path(__file__).resolve().parent


def main() -> None:
    """The demo, step by step."""
    with tempfile.TemporaryDirectory(prefix="prefect-demo-", ignore_cleanup_errors=True) as folder:
        step("Building the light wheel and installing it alone")
        wheel = build_light_wheel(Path(folder) / "wheel")
        light = install_alone(Path(folder) / "light", [str(wheel)])
        show_install(light, wheel)

        step("Installing a real Prefect server in another environment (a minute, the first time)")
        server_python = environment(PEER_SERVER)

        step("Starting the server and serving the deployment `greet/demo`")
        with RealServer(server_python) as server:
            served = server.run_python(HERE / "flows.py", name="served")
            server.wait_for_deployment("greet/demo", served)
            print(f"API at {server.api_url}")

            step("Submitting a run from the light environment and following it")
            subprocess.run(
                [str(light), str(HERE / "submit.py")],
                check=True,
                env={**plain_environment(), "PREFECT_API_URL": server.api_url},
                cwd=folder,
                timeout=180,
            )
    step("Done; server and environments of this demo are gone")


def step(title: str) -> None:
    """Announce what comes next."""
    print(f"\n== {title}", flush=True)


def show_install(python: Path, wheel: Path) -> None:
    """Print what the light install weighs and how long its import takes."""
    install = measure_install(python)
    print(f"{wheel.name}: {wheel.stat().st_size / 1e3:.0f} kB")
    print(f"{len(install.distributions)} other distributions: {', '.join(install.distributions)}")
    print(f"{install.size_bytes / 1e6:.1f} MB in site-packages, bytecode included")
    for code in ("pass", "import prefect", "from prefect.client.orchestration import get_client"):
        print(f"{best_of_five(python, code) * 1000:4.0f} ms  python -c {code!r}")


def best_of_five(python: Path, code: str) -> float:
    """Seconds the whole process takes, the best of five."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([str(python), "-c", code], check=True, env=plain_environment())
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
