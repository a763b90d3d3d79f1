"""What is said when a room is asked for that is not there."""

import importlib.util
import sys
from pathlib import Path

import pytest

from prefect._missing import FULL_ONLY, NOT_YET, install

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the rooms of the full distribution, as if only the light one were installed."""
    import prefect

    for name in [name for name in sys.modules if name.startswith(tuple(FULL_ONLY))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(prefect, "__path__", [])


@pytest.mark.usefixtures("_light")
@pytest.mark.parametrize("room", sorted(FULL_ONLY))
def test_missing_room_error_names_the_full_distribution(room: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="pip install prefect"):
        importlib.import_module(room)


@pytest.mark.usefixtures("_light")
def test_missing_module_of_a_room_gives_the_same_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="pip install prefect"):
        importlib.import_module("prefect.server.api.server")


@pytest.mark.parametrize("room", sorted(NOT_YET))
def test_room_to_come_is_really_absent_and_says_so(room: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"`{room}`.*not of this implementation yet"):
        importlib.import_module(room)


@pytest.mark.parametrize("room", sorted(NOT_YET))
def test_room_to_come_is_listed_for_users(room: str) -> None:
    assert f"`{room}`" in (ROOT / "docs/compatibility.md").read_text()


def test_other_missing_modules_are_left_alone() -> None:
    assert importlib.util.find_spec("prefect_no_such_module") is None
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        importlib.import_module("prefect.no_such_module")


def test_finder_is_installed_once() -> None:
    before = list(sys.meta_path)

    install()

    assert sys.meta_path == before
