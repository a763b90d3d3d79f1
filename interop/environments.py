"""Environments and processes of the real, released Prefect: for the demo, the benches, the tests.

Nothing here imports our package or the peer's: the peers are black boxes, installed from PyPI with
the exact pins in `interop/pins` (unpinned installs of some releases do not start) into environments
below `venvs/` in the repository, made once and reused. Only the standard library is used, so that
`make demo` can run this before anything is installed.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "PEER_CLIENT",
    "PEER_SERVER",
    "Process",
    "RealServer",
    "clean_environment",
    "environment",
    "find_python",
    "free_port",
    "post_json",
]

ROOT = Path(__file__).resolve().parent.parent
PINS = Path(__file__).resolve().parent / "pins"
PEER_SERVER = "prefect-3.9.1"
PEER_CLIENT = "prefect-client-3.9.0"

SERVER_START_SECONDS = 180.0  # 20 s on a quiet machine of 2 cores; a loaded one took 60 s


def find_python(*versions: str) -> str:
    """Find an interpreter of one of the given minor versions, e.g. `find_python("3.11", "3.12")`.

    Looks at the running interpreter, then at `pythonX.Y` on PATH, then in pyenv's folder.

    Raises:
        RuntimeError: If the machine has none of them.
    """
    if f"{sys.version_info[0]}.{sys.version_info[1]}" in versions:
        return sys.executable
    for version in versions:
        if found := shutil.which(f"python{version}"):
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                # A pyenv shim exists for versions that are not active; only a run tells.
                subprocess.run([found, "-c", ""], check=True, capture_output=True, timeout=30)
                return found
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        for candidate in sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True):
            return str(candidate)
    raise RuntimeError(
        f"No Python {' or '.join(versions)} on this machine; the real Prefect needs one. Install it"
        " or put it on PATH."
    )


def environment(name: str, *, python: str | None = None) -> Path:
    """Return the interpreter of the environment for `interop/pins/<name>.txt`, made when needed.

    Args:
        name: The pins file without its ending.
        python: Interpreter to make it with; default: 3.11 or the nearest there is.

    Raises:
        subprocess.CalledProcessError: If pip cannot install the pins (its output is shown).
    """
    pins = PINS / f"{name}.txt"
    python = python or find_python("3.11", "3.12", "3.13", "3.10")
    version = subprocess.run(
        [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:10]
    home = Path(os.environ.get("PREFECT_INTEROP_VENVS", ROOT / "venvs"))
    folder = home / f"{name}-py{version}-{digest}"
    home.mkdir(parents=True, exist_ok=True)
    with open(home / f"{folder.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([python, "-m", "venv", str(folder)], check=True)
            subprocess.run(
                [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps"]
                + ["--disable-pip-version-check", "-r", str(pins)],
                check=True,
                stdin=subprocess.DEVNULL,
            )
            (folder / "ready").touch()
    return folder / "bin" / "python"


def free_port() -> int:
    """A TCP port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(home: Path, **settings: str) -> dict[str, str]:
    """This process's environment without Prefect settings, proxies and bytecode switches.

    Args:
        home: Becomes PREFECT_HOME and HOME.
        settings: Added as they are, e.g. `PREFECT_API_URL=...`.
    """
    dropped = ("PREFECT_", "PYTHON", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        kept.pop(name, None)
    return {**kept, "HOME": str(home), "PREFECT_HOME": str(home / ".prefect"), **settings}


def post_json(api_url: str, path: str, body: object) -> Any:
    """POST JSON to an API with nothing but the standard library; the answer's JSON.

    A real server on SQLite answers 503 while another part of it writes; then it is asked again.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    content = json.dumps(body).encode()
    for attempt in range(50):
        request = urllib.request.Request(
            api_url + path, data=content, headers={"Content-Type": "application/json"}
        )
        try:
            with opener.open(request, timeout=60) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            if error.code != 503 or attempt == 49:
                raise
            time.sleep(0.2)
    raise AssertionError("not reached")


class Process:
    """A child process with its whole group; its output goes to a file, stopping stops all."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path):
        self.log = log
        with open(log, "wb") as output:
            self.popen = subprocess.Popen(
                list(command),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")

    def signal(self, number: int) -> None:
        """Send a signal to the process and all its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def stop(self, grace_seconds: float = 10.0) -> None:
        """Ask it to end, then make it."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(grace_seconds)
        self.signal(signal.SIGKILL)
        self.popen.wait()


class RealServer:
    """A real Prefect server on loopback with a SQLite database of its own.

    Use as a context manager. `python` has the release installed; `settings` are environment
    variables for the server process.
    """

    def __init__(
        self,
        python: Path,
        *,
        settings: Mapping[str, str] | None = None,
        port: int | None = None,
        home: Path | None = None,
    ):
        self.python = python
        self.settings = dict(settings or {})
        self.port = port or free_port()
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if home is None:
            self._temporary = tempfile.TemporaryDirectory(
                prefix="prefect-real-server-", ignore_cleanup_errors=True
            )
            home = Path(self._temporary.name)
        self.home = home
        self.process: Process | None = None
        self.processes: list[Process] = []

    @property
    def api_url(self) -> str:
        """The API's address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}/api"

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of a process that talks to this server."""
        return clean_environment(self.home, PREFECT_API_URL=self.api_url, **settings)

    def start(self) -> None:
        """Start the server process and wait until it answers.

        Raises:
            RuntimeError: If it ends or does not answer in time; with the end of its output.
        """
        env = clean_environment(
            self.home,
            **{
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED": "true",
                "PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED": "true",
                **self.settings,
            },
        )
        prefect = self.python.parent / "prefect"
        command = [str(prefect), "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = Process(command, env=env, log=self.home / "server.log", cwd=self.home)
        deadline = time.monotonic() + SERVER_START_SECONDS
        while not self.is_up():
            if self.process.popen.poll() is not None or time.monotonic() > deadline:
                output = self.process.output()[-3000:]
                self.process.stop()
                raise RuntimeError(f"The real server did not start:\n{output}")
            time.sleep(0.1)

    def is_up(self) -> bool:
        """Whether `/health` answers 200 now."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.api_url}/health", timeout=2) as response:
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def run_python(self, script: Path, *arguments: str, name: str) -> Process:
        """Start a script in the server's own environment, with the API address set."""
        process = Process(
            [str(self.python), "-u", str(script), *arguments],
            env=self.environment(),
            log=self.home / f"{name}.log",
            cwd=self.home,
        )
        self.processes.append(process)
        return process

    def post(self, path: str, body: object) -> Any:
        """POST JSON to the API; see `post_json`."""
        return post_json(self.api_url, path, body)

    def wait_for_deployment(self, name: str, process: Process, timeout_seconds: float = 90) -> None:
        """Wait until `flow/deployment` exists, that is, until it is being served."""
        deadline = time.monotonic() + timeout_seconds
        flow, _, deployment = name.partition("/")
        wanted = {
            "flows": {"name": {"any_": [flow]}},
            "deployments": {"name": {"any_": [deployment]}},
        }
        while not self.post("/deployments/filter", wanted):
            if process.popen.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name!r} was not served:\n{process.output()[-3000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server and everything started through it, and remove its files."""
        for process in reversed(self.processes):
            process.stop(grace_seconds=5)
        self.processes.clear()
        if self.process is not None:
            self.process.stop(grace_seconds=5)
            self.process = None
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> "RealServer":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


@contextlib.contextmanager
def real_server(name: str = PEER_SERVER, **settings: str) -> Iterator[RealServer]:
    """A running real server of the release pinned under `name`."""
    with RealServer(environment(name), settings=settings) as server:
        yield server
