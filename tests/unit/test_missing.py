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


def test_name_to_come_is_an_import_error_that_says_so() -> None:
    with pytest.raises(ImportError, match=r"`prefect\.serve`.*not of this implementation yet"):
        from prefect import serve  # noqa: F401

    with pytest.raises(ImportError, match="ProcessPoolTaskRunner"):
        from prefect.task_runners import ProcessPoolTaskRunner  # noqa: F401


def test_method_to_come_says_so_and_other_names_are_plain_errors() -> None:
    from prefect import flow, task

    @flow
    def a() -> None: ...

    @task
    def b() -> None: ...

    with pytest.raises(AttributeError, match=r"`Flow\.serve`.*not of this implementation yet"):
        a.serve()
    with pytest.raises(AttributeError, match=r"`Task\.delay`.*not of this implementation yet"):
        b.delay()
    with pytest.raises(AttributeError, match=r"`FlowDecorator\.from_source`"):
        flow.from_source("url", "entrypoint")
    with pytest.raises(AttributeError, match="'Flow' object has no attribute 'nothing'"):
        _ = a.nothing


def test_names_to_come_are_really_absent() -> None:
    from prefect import Flow, Task, flows, tasks

    assert not [name for name in flows.METHODS_TO_COME if name in vars(Flow)]
    assert not [name for name in tasks.METHODS_TO_COME if name in vars(Task)]
