"""Names that a facade loads when they are first asked for."""

import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect._lazy import lazy_exports


@pytest.fixture
def facade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Make a facade `lazy_facade` over a module `lazy_source` with the given text."""

    def make(source: str) -> Any:
        (tmp_path / "lazy_source.py").write_text(source)
        module = types.ModuleType("lazy_facade")
        table = {"value": "lazy_source", "other": "lazy_source:value", "whole": "lazy_source:"}
        module.__getattr__, module.__dir__ = lazy_exports("lazy_facade", table)  # type: ignore[method-assign]
        monkeypatch.setitem(sys.modules, "lazy_facade", module)
        return module

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "lazy_source", raising=False)
    return make


def test_name_is_loaded_once_and_stored(facade: Callable[[str], Any]) -> None:
    module = facade("value = object()")

    assert module.value is module.value
    assert "value" in vars(module)


def test_name_may_be_another_there_or_the_module(facade: Callable[[str], Any]) -> None:
    module = facade("value = object()")

    assert module.other is module.value
    assert module.whole is sys.modules["lazy_source"]


def test_unknown_name_is_an_attribute_error(facade: Callable[[str], Any]) -> None:
    module = facade("value = 1")

    with pytest.raises(AttributeError, match="'lazy_facade' has no attribute 'absent'"):
        _ = module.absent


def test_dir_lists_what_is_not_loaded_yet(facade: Callable[[str], Any]) -> None:
    assert {"value", "other", "whole"} <= set(dir(facade("value = 1")))


def test_second_thread_waits_for_the_import_of_the_first(facade: Callable[[str], Any]) -> None:
    module = facade(
        "import lazy_facade\n"
        "lazy_facade.begin_second_thread()  # while this import is under way\n"
        "value = 1\n"
    )
    outcomes: list[object] = []
    finished = threading.Event()

    def use() -> None:
        try:
            outcomes.append(module.value)
        except AttributeError as error:
            outcomes.append(error)
        finished.set()

    second = threading.Thread(target=use)

    def begin_second_thread() -> None:
        second.start()
        finished.wait(0.2)  # long enough for a thread that does not wait to go wrong

    module.begin_second_thread = begin_second_thread
    first_outcome = module.value
    second.join()

    assert [first_outcome, *outcomes] == [1, 1]
