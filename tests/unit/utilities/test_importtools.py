"""Loading code by name and path."""

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from prefect.exceptions import ScriptError
from prefect.utilities.importtools import (
    AliasedModuleDefinition,
    AliasedModuleFinder,
    DelayedImportErrorModule,
    from_qualified_name,
    import_object,
    lazy_import,
    load_module,
    load_script_as_module,
    safe_load_namespace,
    to_qualified_name,
)


@pytest.fixture(autouse=True)
def modules_as_before() -> Iterator[None]:
    before, path = set(sys.modules), sys.path[:]
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]
    sys.path[:] = path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    (tmp_path / "neighbour_of_script.py").write_text("Y = 5\n")
    file = tmp_path / "my_script.py"
    file.write_text(
        "import neighbour_of_script\nX = 3\nclass Thing: pass\n"
        "def later():\n    import neighbour_of_script as n\n    return n.Y\n"
    )
    return file


@pytest.mark.parametrize(
    ("obj", "name"),
    [
        (json.dumps, "json.dumps"),
        (json.JSONDecoder, "json.decoder.JSONDecoder"),
        (json.JSONDecoder.decode, "json.decoder.JSONDecoder.decode"),
        (len, "builtins.len"),
    ],
)
def test_code_has_a_name(obj: object, name: str) -> None:
    assert to_qualified_name(obj) == name


def test_names_lead_back() -> None:
    assert from_qualified_name("json.dumps") is json.dumps
    assert from_qualified_name("json.decoder") is json.decoder


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("json.nope", AttributeError),
        ("nope_at_all", ModuleNotFoundError),
        ("nope_at_all.x", ModuleNotFoundError),
    ],
)
def test_names_that_lead_nowhere_raise(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        from_qualified_name(name)


def test_missing_import_inside_a_module_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_module.py").write_text("import needed_elsewhere\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="needed_elsewhere"):
        from_qualified_name("broken_module.x")


def test_script_is_a_module_with_its_neighbours(script: Path) -> None:
    module = load_script_as_module(str(script))

    assert module.X == 3
    assert module.later() == 5
    assert sys.modules["my_script"] is module
    assert module.Thing.__module__ == "my_script"


@pytest.mark.parametrize("source", ["1/0", "def broken(:"])
def test_script_that_fails_is_named(tmp_path: Path, source: str) -> None:
    file = tmp_path / "bad_script.py"
    file.write_text(source)

    with pytest.raises(ScriptError, match="bad_script") as caught:
        load_script_as_module(str(file))

    assert caught.value.__cause__ is caught.value.user_exc
    assert "bad_script" not in sys.modules


def test_only_python_files_are_scripts(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.py"):
        load_script_as_module(str(tmp_path / "notes.txt"))


def test_objects_are_found_by_every_form(script: Path) -> None:
    assert import_object(f"{script}:X") == 3
    assert import_object("json:dumps") is json.dumps
    assert import_object("json.dumps") is json.dumps
    assert import_object("json:JSONDecoder.decode") is json.JSONDecoder.decode


def test_script_does_not_shadow_modules(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("mine = 1\n")

    assert import_object(f"{tmp_path}/json.py:mine") == 1
    assert sys.modules["json"] is json


@pytest.mark.parametrize(
    ("path", "error"),
    [("json", ValueError), ("nope_at_all.x", ModuleNotFoundError), ("json:nope", AttributeError)],
)
def test_objects_that_are_not_there_raise(path: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        import_object(path)


def test_module_in_the_current_directory_is_found(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(script.parent)

    assert load_module("my_script").X == 3


def test_namespace_holds_what_can_be_defined(tmp_path: Path) -> None:
    (tmp_path / "next_to_it.py").write_text("NEAR = 1\n")
    source = (
        "import not_installed\nfrom .next_to_it import NEAR\nimport os\n"
        "A = os.sep\nB = not_installed.value\nC: int = 2\n"
        "class K: pass\ndef f(): return A\nasync def g(): pass\n"
        "for i in range(3): D = i\nif __name__ == '__main__': E = 1\nraise SystemExit\n"
    )

    namespace = safe_load_namespace(source, filepath=str(tmp_path / "script.py"))

    assert namespace["NEAR"] == 1
    assert namespace["C"] == 2
    assert namespace["f"]() == namespace["A"]
    assert {"K", "g", "os"} <= set(namespace)
    assert not {"B", "D", "E", "not_installed"} & set(namespace)
    assert str(tmp_path) not in sys.path


def test_lazy_module_loads_at_its_first_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lazy_one.py").write_text("import builtins\nbuiltins.lazy_one_ran = True\nX = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    import builtins

    monkeypatch.setattr(builtins, "lazy_one_ran", False, raising=False)

    module = lazy_import("lazy_one")
    before = builtins.lazy_one_ran  # type: ignore[attr-defined]  # set by the test

    assert before is False
    assert module.X == 1
    assert builtins.lazy_one_ran is True  # type: ignore[attr-defined]  # likewise


def test_missing_lazy_module_raises_when_used() -> None:
    module = lazy_import("not_there_at_all", help_message="Install it.")

    assert isinstance(module, DelayedImportErrorModule)
    with pytest.raises(ModuleNotFoundError, match="Install it"):
        module.anything  # noqa: B018  # using it is the test


def test_missing_lazy_module_can_raise_at_once() -> None:
    with pytest.raises(ModuleNotFoundError, match="not_there_at_all"):
        lazy_import("not_there_at_all", error_on_import=True)


def test_tools_may_look_at_a_missing_module() -> None:
    module = lazy_import("not_there_at_all")

    assert isinstance(module, types.ModuleType)
    assert not hasattr(module, "__wrapped__")
    assert not hasattr(module, "__path__")


def test_former_name_gives_the_same_module(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    finder = AliasedModuleFinder([AliasedModuleDefinition("former_json", "json", told.append)])
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])

    import former_json  # type: ignore[import-not-found]  # made by the finder
    import former_json.decoder  # type: ignore[import-not-found]  # likewise

    assert former_json is json
    assert former_json.decoder is json.decoder
    assert told == ["former_json", "former_json.decoder"]
    assert finder.find_spec("json") is None
