"""What the tests of the settings share: an empty working directory and no settings around."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prefect.settings._current import refresh

SOURCE = Path(__file__).parents[3] / "src"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Start each test in an empty directory, with an empty home and no settings; give the home."""
    for name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    directory = tmp_path / "home"
    directory.mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.chdir(tmp_path / "project")
    refresh()
    yield directory
    refresh()


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., str]:
    """Run code in a fresh interpreter with nothing but the given environment; give its output."""

    def run(code: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"], **environment},
            cwd=environment.get("PWD", tmp_path / "project"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def write_profiles(home: Path) -> Callable[[str], Path]:
    """Write the profiles file of the home; give its path."""

    def write(text: str) -> Path:
        path = home / ".prefect" / "profiles.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        refresh()
        return path

    return write
