"""Real servers for the interop suite: released Prefect from PyPI, on loopback, with SQLite."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.environments import PEER_SERVER, RealServer, environment
from prefect.settings.context import refresh_settings

FLOWS = Path(__file__).parent / "flows"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one worker, so that each real server is started once."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("real-servers"))


@pytest.fixture(scope="session")
def real_server() -> Iterator[RealServer]:
    """A real 3.9.1 server (another pinned release with PREFECT_INTEROP_SERVER), for the session."""
    with RealServer(environment(os.environ.get("PREFECT_INTEROP_SERVER", PEER_SERVER))) as server:
        yield server


@pytest.fixture(scope="session")
def served(real_server: RealServer) -> RealServer:
    """The real server, with the real package serving the deployments of `flows/served.py`."""
    process = real_server.run_python(FLOWS / "served.py", name="served")
    for flow in ("add", "fail", "slow"):
        real_server.wait_for_deployment(f"{flow}/served", process)
    return real_server


@pytest.fixture
def api(
    real_server: RealServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[RealServer]:
    """Point this process's settings at the real server, with a home of its own."""
    monkeypatch.setenv("PREFECT_API_URL", real_server.api_url)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    refresh_settings()
    yield real_server
    monkeypatch.undo()
    refresh_settings()
