"""Importing the light distribution: everything imports, and nothing happens on the way."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.build.lab import Built, Environment, Pair, clean_environ

IMPORT_ALL = """
import importlib, json, sys, traceback
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException:
        failed[name] = traceback.format_exc()
print(json.dumps(failed))
"""

IMPORT_EACH_ALONE = """
import importlib, json, os, sys, traceback
import prefect
failed = {}
for name in sys.argv[1:]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            importlib.import_module(name)
        except BaseException:
            said = traceback.format_exc()
        os.write(writing, said.encode()[-4000:])
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    if said:
        failed[name] = said
print(json.dumps(failed))
"""

WATCH = """
import json, logging, os, sys, threading

seen = []
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

def watch(event, details):
    if event == "open":
        path, mode, flags = details
        if isinstance(mode, str) and set(mode) & set("wax+") or flags and flags & WRITING:
            seen.append(f"{event} {path!r} {mode!r}")
    elif event.startswith(("socket.", "subprocess.", "shutil.", "tempfile.", "ftplib.", "http.")):
        seen.append(f"{event} {details!r}")
    elif event in {"_thread.start_new_thread", "_thread.start_joinable_thread", "os.mkdir",
                   "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
                   "os.chmod", "os.utime", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn",
                   "os.system", "os.putenv", "os.unsetenv", "signal.pthread_kill",
                   "sqlite3.connect"}:
        seen.append(f"{event} {details!r}")

def handlers():
    everybody = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    return [
        f"{one.name}: {handler!r}"
        for one in everybody
        for handler in getattr(one, "handlers", ())
        if not isinstance(handler, logging.NullHandler)
    ]

def told(start):  # Python 3.10 and 3.11 raise no audit event for a new thread
    def start_new_thread(*args, **kwargs):
        seen.append("_thread.start_new_thread")
        return start(*args, **kwargs)
    return start_new_thread

import _thread, importlib
_thread.start_new_thread = told(_thread.start_new_thread)
if hasattr(threading, "_start_new_thread"):
    threading._start_new_thread = told(threading._start_new_thread)
environment = dict(os.environ)
sys.addaudithook(watch)
failed = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = repr(error)
print(json.dumps({
    "failed": failed,
    "effects": seen,
    "threads": [t.name for t in threading.enumerate()][1:],
    "handlers": handlers(),
    "environment": sorted(set(environment.items()) ^ set(os.environ.items())),
}))
"""

SELF_TEST = {
    "open(sys.argv[0] or '/dev/null', 'a').close()": "open",
    "import socket; socket.socket().close()": "socket.__new__",
    "import threading; threading.Thread(target=int).start()": "_thread.start_",
    "import os; os.putenv('A', 'b')": "os.putenv",
}


def modules(light: Built) -> list[str]:
    """Every module of the light wheel."""
    names = []
    for file in light.files:
        if file.endswith(".py"):
            parts = file.removesuffix(".py").split("/")
            names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return sorted(names)


def summary(failed: Mapping[str, str]) -> str:
    """One line for each module that failed, and the whole story of the first."""
    lines = [f"{name}: {story.strip().splitlines()[-1]}" for name, story in failed.items()]
    return "\n".join([*lines, "", next(iter(failed.values()))])


def test_every_module_imports(light_environment: Environment, light: Built) -> None:
    failed = light_environment.ask(IMPORT_ALL, *modules(light))

    assert failed == {}, summary(failed)


def test_every_module_imports_first(own_environment: Environment, light: Built) -> None:
    failed = own_environment.ask(IMPORT_EACH_ALONE, *modules(light))

    assert failed == {}, summary(failed)


@pytest.fixture(scope="session")
def own_environment(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The light wheel on the Python that runs the tests; import order is the same on all."""
    made = Environment.make(tmp_path_factory.mktemp("own") / "venv")
    made.install(pair.light.wheel)
    return made


@pytest.fixture(scope="session")
def floor_environment(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The light wheel with the oldest versions it says it accepts of what it asks for."""
    floors = []
    for line in pair.light.metadata.get_all("Requires-Dist", []):
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            (floor,) = (s.version for s in requirement.specifier if s.operator == ">=")
            floors.append(f"{requirement.name}=={floor}")
    made = Environment.make(tmp_path_factory.mktemp("floor") / "venv")
    made.install(pair.light.wheel, *floors)
    return made


def test_every_module_imports_with_the_oldest_dependencies(
    floor_environment: Environment, light: Built
) -> None:
    failed = floor_environment.ask(IMPORT_ALL, *modules(light))

    assert failed == {}, summary(failed)


def _nowhere(folder: Path) -> Mapping[str, str]:
    return {n: v for n, v in clean_environ().items() if n != "HOME"}


def _missing(folder: Path) -> Mapping[str, str]:
    return clean_environ(HOME=str(folder / "absent"))


def _read_only(folder: Path) -> Mapping[str, str]:
    home = folder / "home"
    home.mkdir()
    home.chmod(0o500)
    return clean_environ(HOME=str(home))


@pytest.mark.parametrize("home", [_nowhere, _missing, _read_only])
def test_importing_everything_has_no_effect(
    light_environment: Environment, light: Built, tmp_path: Path, home: object
) -> None:
    assert callable(home)
    environ = home(tmp_path)

    seen = light_environment.ask(
        WATCH, *modules(light), flags=("-I", "-B", "-W", "error"), env=environ
    )

    assert seen == {
        "failed": {},
        "effects": [],
        "threads": [],
        "handlers": [],
        "environment": [],
    }
    assert not (tmp_path / "absent").exists()
    assert not (tmp_path / "home").exists() or os.listdir(tmp_path / "home") == []


@pytest.mark.parametrize(("code", "event"), SELF_TEST.items())
def test_the_watch_sees(
    light_environment: Environment, tmp_path: Path, code: str, event: str
) -> None:
    (light_environment.folder / "culprit.py").write_text(f"import sys\n{code}\n")

    seen = light_environment.ask(WATCH, "culprit", flags=("-B",))

    assert any(line.startswith(event) for line in seen["effects"]), seen
