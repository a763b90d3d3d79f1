"""What a fresh process does: what it imports, and what it does without a home it can use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Python = Callable[..., str]
READ = """
from prefect.settings import PREFECT_API_URL, Settings, get_current_settings, load_profiles
from prefect.settings._current import group
assert group("api").url is None
assert get_current_settings().server.ephemeral.enabled is True
assert load_profiles().active_name == "ephemeral"
"""


def test_reading_settings_creates_nothing(python: Python, tmp_path: Path) -> None:
    python(READ, HOME=str(tmp_path / "new"), PREFECT_HOME=str(tmp_path / "other"))

    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_home_without_permission_is_no_obstacle(mode: int, python: Python, tmp_path: Path) -> None:
    home = tmp_path / "locked"
    (home / ".prefect").mkdir(parents=True)
    home.chmod(mode)
    try:
        python(READ, HOME=str(home))
    finally:
        home.chmod(0o700)


@pytest.mark.parametrize("name", ["HOME", "PREFECT_HOME"])
@pytest.mark.parametrize("place", ["/dev/null", "/no/such/home", "relative", ""])
def test_strange_home_is_no_obstacle(name: str, place: str, python: Python) -> None:
    python(READ, **{name: place})


def test_no_home_in_the_environment_is_no_obstacle(python: Python) -> None:
    code = "import os, pwd; pwd.getpwuid = lambda uid: {}[uid]\n" + READ

    python(code, PREFECT_PROFILES_PATH="/no/such/file")


def test_working_directory_that_is_gone_is_no_obstacle(python: Python, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()

    leave = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
    python("import prefect.settings.profiles\n" + leave + READ)  # pydantic needs a directory


def test_unreadable_files_count_as_absent(python: Python, tmp_path: Path) -> None:
    code = """
import builtins
real = builtins.open
def refuse(path, *a, **k):
    if str(path).endswith((".env", ".toml")): raise PermissionError(13, "no", path)
    return real(path, *a, **k)
builtins.open = refuse
"""
    (tmp_path / "project" / ".env").write_text("PREFECT_API_URL=http://e/api\n")

    python(code + READ, HOME=str(tmp_path))


def loaded(python: Python, code: str) -> set[str]:
    names = python(f"{code}\nimport sys, json; print(json.dumps(list(sys.modules)))")
    return set(json.loads(names))


SETTINGS_ROOM = "prefect.settings"


def test_importing_the_facade_loads_nothing_of_weight(python: Python) -> None:
    modules = loaded(python, "import prefect.settings, prefect.settings._current")

    assert {m for m in modules if m.startswith("prefect")} <= {
        "prefect",
        "prefect._lazy",
        "prefect._missing",
        "prefect.settings",
        "prefect.settings._current",
    }
    assert not modules & {"pydantic", "pydantic_core", "typing", "tomllib", "pathlib", "threading"}


def test_reading_a_group_loads_the_model_of_that_group_only(python: Python) -> None:
    code = "from prefect.settings._current import group; group('api'); group('cloud')"

    modules = loaded(python, code)

    assert {m for m in modules if m.startswith("prefect.settings")} == {
        SETTINGS_ROOM,
        f"{SETTINGS_ROOM}._current",
        f"{SETTINGS_ROOM}._files",
        f"{SETTINGS_ROOM}._parsing",
        f"{SETTINGS_ROOM}._sources",
        f"{SETTINGS_ROOM}.base",
        f"{SETTINGS_ROOM}.models",
        f"{SETTINGS_ROOM}.models.api",
        f"{SETTINGS_ROOM}.models.cloud",
    }
    assert not modules & {"asyncio", "httpx", "tomllib", "tomli", "pydantic_settings"}


def test_constant_loads_the_model_of_its_group_only(python: Python) -> None:
    modules = loaded(
        python, "from prefect.settings import PREFECT_CLIENT_MAX_RETRIES as s; s.value()"
    )

    assert {m for m in modules if m.startswith("prefect.settings.models.")} == {
        "prefect.settings.models.client"
    }


def test_importing_every_module_reads_no_setting(python: Python, tmp_path: Path) -> None:
    (tmp_path / "project" / ".env").write_bytes(b"\xff")  # reading it would fail
    code = (
        "import pkgutil, importlib, prefect.settings as room\n"
        "for m in pkgutil.walk_packages(room.__path__, 'prefect.settings.'):\n"
        "    importlib.import_module(m.name)\n"
    )

    python(code, PREFECT_API_REQUEST_TIMEOUT="soon", HOME=str(tmp_path / "none"))

    assert not (tmp_path / "none").exists()
