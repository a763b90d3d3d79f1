"""What the build tests share: snapshots of the tree, builds, environments, Pythons.

Wheels are built without isolation by the interpreter that runs the tests (hatchling and
versioningit are development dependencies); environments are made and filled by uv. Nothing here
reads or changes the work tree's git state: tests work on a copy.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

__all__ = [
    "PYTHONS",
    "ROOT",
    "Built",
    "Environment",
    "Pair",
    "build",
    "commit",
    "find_python",
    "git",
    "run",
    "snapshot",
    "uv",
]

ROOT = Path(__file__).resolve().parents[2]

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
"""Every version of `requires-python`."""

COMMAND_SECONDS = 300
"""Longest a build or an installation may take on a slow, loaded machine."""


def clean_environ(**more: str) -> dict[str, str]:
    """This process's environment without what would reach into another Python."""
    foreign = ("PYTHON", "PREFECT_", "VIRTUAL_ENV", "COV_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**kept, **more}


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command; with `check`, fail with everything it said."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean_environ() if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    if check and done.returncode:
        words = " ".join(str(word) if len(str(word)) < 200 else "…" for word in command)
        raise AssertionError(f"{words}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done


# --- the tree -------------------------------------------------------------------------------


def git(tree: Path, *words: str) -> str:
    """Run git in `tree` as a nobody, without the user's configuration."""
    alone = clean_environ(
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_SYSTEM=os.devnull,
        GIT_AUTHOR_NAME="Nobody",
        GIT_AUTHOR_EMAIL="nobody@example.invalid",
        GIT_COMMITTER_NAME="Nobody",
        GIT_COMMITTER_EMAIL="nobody@example.invalid",
    )
    return run("git", *words, cwd=tree, env=alone).stdout.strip()


def commit(tree: Path, message: str) -> None:
    """Record everything in `tree`."""
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--allow-empty", "--message", message)


def snapshot(into: Path) -> Path:
    """Copy the work tree, as git sees it, into a repository of its own with two commits.

    No tag comes along: it is what a clone without tags looks like.
    """
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        source = ROOT / name
        if source.is_file():  # a deleted file is still in the index
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    git(into, "init", "--quiet", "--initial-branch", "main")
    git(into, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    commit(into, "Everything")
    return into


# --- the wheels -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Built:
    """One distribution: its sdist, and the wheel built from that sdist alone."""

    sdist: Path
    wheel: Path

    @functools.cached_property
    def files(self) -> frozenset[str]:
        """Everything in the wheel but its `.dist-info`."""
        with zipfile.ZipFile(self.wheel) as archive:
            return frozenset(n for n in archive.namelist() if ".dist-info/" not in n)

    @functools.cached_property
    def metadata(self) -> "Message[str, str]":
        """The wheel's METADATA."""
        return Parser().parsestr(self.read(".dist-info/METADATA"))

    @property
    def version(self) -> str:
        """The version in the metadata."""
        return str(self.metadata["Version"])

    def read(self, ending: str) -> str:
        """Text of the one file of the wheel whose name ends so."""
        with zipfile.ZipFile(self.wheel) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith(ending))
            return archive.read(name).decode()


@dataclass(frozen=True)
class Pair:
    """Both distributions of one commit."""

    light: Built
    full: Built


def build(project: Path, into: Path) -> Built:
    """Build the sdist of `project`, unpack it elsewhere, and build the wheel there."""
    build_module = (sys.executable, "-m", "build", "--no-isolation")
    run(*build_module, "--sdist", "--outdir", into, project)
    (sdist,) = into.glob("*.tar.gz")
    alone = into / "unpacked"
    shutil.unpack_archive(sdist, alone)
    run(*build_module, "--wheel", "--outdir", into, next(alone.iterdir()))
    (wheel,) = into.glob("*.whl")
    return Built(sdist, wheel)


# --- the environments -----------------------------------------------------------------------


@functools.cache
def find_python(version: str) -> Path | None:
    """Find an interpreter of that version that starts; None if this machine has none."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(str(sysconfig.get_config_var("BINDIR"))) / f"python{version}"
    on_path = shutil.which(f"python{version}")
    candidates = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    if on_path:
        candidates.append(Path(on_path))
    for candidate in reversed(candidates):
        tell = "import sys; print('%d.%d' % sys.version_info[:2])"
        answer = run(candidate, "-I", "-c", tell, check=False)  # a pyenv shim may not start
        if answer.returncode == 0 and answer.stdout.strip() == version:
            return candidate
    return None


def uv(*words: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the uv of the development dependencies."""
    from uv import find_uv_bin

    done: subprocess.CompletedProcess[str] = run(find_uv_bin(), *words, **more)
    return done


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @classmethod
    def make(
        cls, folder: Path, python: Path | str | None = None, *, seed: bool = False
    ) -> "Environment":
        """Make one, empty, or with pip if `seed`."""
        chosen = ["--python", str(python or sys.executable)]
        uv("venv", "--quiet", *chosen, *(["--seed"] if seed else []), folder)
        return cls(folder)

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def install(self, *words: str | Path) -> None:
        """Run `uv pip install`."""
        uv("pip", "install", "--quiet", "--python", self.python, *words)

    def uninstall(self, *names: str) -> None:
        """Run `uv pip uninstall`."""
        uv("pip", "uninstall", "--quiet", "--python", self.python, *names)

    def distributions(self) -> dict[str, str]:
        """What is installed: name → version."""
        listed = uv("pip", "list", "--quiet", "--format=json", "--python", self.python).stdout
        return {entry["name"]: entry["version"] for entry in json.loads(listed)}

    def run(
        self,
        code: str,
        *arguments: str,
        flags: Sequence[str] = ("-I", "-W", "error"),
        env: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a piece of Python there, by default isolated and with warnings as errors."""
        return run(
            self.python, *flags, "-c", code, *arguments, cwd=self.folder, env=env, check=check
        )

    def ask(self, code: str, *arguments: str, **more: Any) -> Any:
        """Run a piece of Python that prints one JSON document last; return that."""
        return json.loads(self.run(code, *arguments, **more).stdout.splitlines()[-1])
