"""Files of a project, and how paths are shown."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from prefect.utilities.filesystem import (
    create_default_ignore_file,
    filename,
    filter_files,
    get_open_file_limit,
    is_local_path,
    relative_path_to_current_platform,
    tmpchdir,
    to_display_path,
)

FILES = ("x.py", "a/y.py", "a/b/z.txt", "a/b/.hidden", "cache/q.pyc", "notes [1].txt", "abc.md")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in FILES:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ([], FILES),
        (["# comment", "", "   "], FILES),
        (["*.py"], ("a/b/z.txt", "a/b/.hidden", "cache/q.pyc", "notes [1].txt", "abc.md")),
        (["a/"], ("x.py", "cache/q.pyc", "notes [1].txt", "abc.md")),
        (["/a/b"], ("x.py", "a/y.py", "cache/q.pyc", "notes [1].txt", "abc.md")),
        (["b"], ("x.py", "a/y.py", "cache/q.pyc", "notes [1].txt", "abc.md")),
        (["/b"], FILES),
        (["x.py/"], FILES),
        (["*", "!a/y.py"], ("a/y.py",)),
        (["!a/y.py", "*"], ()),
        (["**/*.txt"], ("x.py", "a/y.py", "a/b/.hidden", "cache/q.pyc", "abc.md")),
        (["a/**"], ("x.py", "cache/q.pyc", "notes [1].txt", "abc.md")),
        (["a/**/z.txt"], tuple(name for name in FILES if name != "a/b/z.txt")),
        (["?.py"], tuple(name for name in FILES if name not in {"x.py", "a/y.py"})),
        (["[w-y].py"], tuple(name for name in FILES if name not in {"x.py", "a/y.py"})),
        (["[!x].py"], tuple(name for name in FILES if name != "a/y.py")),
        (["notes \\[1\\].txt"], tuple(name for name in FILES if "notes" not in name)),
        (["a*c.md"], tuple(name for name in FILES if name != "abc.md")),
        (["a*y.py"], FILES),  # a star does not cross a slash
    ],
)
def test_patterns_exclude_as_git_does(project: Path, patterns: list[str], left: Any) -> None:
    found = filter_files(str(project), patterns, include_dirs=False, as_posix=True)

    assert found == set(left)


def test_directories_are_those_of_the_files_and_those_not_named(project: Path) -> None:
    (project / "empty").mkdir()

    found = filter_files(str(project), ["*.txt", ".hidden", "cache"], as_posix=True)

    assert found == {"x.py", "abc.md", "a", "a/y.py", "a/b", "empty"}


def test_links_that_lead_back_are_followed_once(project: Path) -> None:
    (project / "a" / "loop").symlink_to(project)

    found = filter_files(str(project), include_dirs=False, as_posix=True)

    assert found == set(FILES)


def test_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        filter_files(str(tmp_path / "nowhere"))


def test_ignore_file_is_written_once(tmp_path: Path) -> None:
    assert create_default_ignore_file(str(tmp_path)) is True
    (tmp_path / ".prefectignore").write_text("mine")

    assert create_default_ignore_file(str(tmp_path)) is False
    assert (tmp_path / ".prefectignore").read_text() == "mine"


def test_written_ignore_file_keeps_secrets_back(tmp_path: Path) -> None:
    create_default_ignore_file(str(tmp_path))
    for name in (".env", "flow.py", "__pycache__/flow.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    patterns = (tmp_path / ".prefectignore").read_text().splitlines()

    found = filter_files(str(tmp_path), patterns, include_dirs=False)

    assert found == {"flow.py", ".prefectignore"}


@pytest.mark.parametrize("target", [".", "file.txt"])
def test_directory_changes_for_a_while(tmp_path: Path, target: str) -> None:
    (tmp_path / "file.txt").write_text("")
    before = os.getcwd()

    def fail() -> None:
        raise KeyError(os.getcwd())

    with pytest.raises(KeyError) as caught, tmpchdir(str(tmp_path / target)) as directory:
        fail()

    inside = caught.value.args[0]
    assert os.path.realpath(inside) == os.path.realpath(directory) == os.path.realpath(tmp_path)
    assert os.getcwd() == before


@pytest.mark.parametrize(
    ("path", "name"), [("a/b/c.txt", "c.txt"), ("s3://bucket/key", "key"), ("x", "x")]
)
def test_filename_is_the_last_part(path: str, name: str) -> None:
    assert filename(path) == name


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("/a", True), ("a", True), ("~/x", True), (Path("a"), True), ("file:///a", True),
        ("s3://b/k", False), ("memory://a", False),
        (SimpleNamespace(fs=SimpleNamespace(protocol=("file", "local"))), True),
        (SimpleNamespace(fs=SimpleNamespace(protocol="s3")), False),
    ],
)  # fmt: skip
def test_local_paths_are_told(path: Any, local: bool) -> None:
    assert is_local_path(path) is local


def test_paths_are_shown_the_shorter_way(tmp_path: Path) -> None:
    assert to_display_path(tmp_path / "a" / "b", tmp_path) == os.path.join("a", "b")
    assert to_display_path(Path(os.sep) / "etc", tmp_path) == str((Path(os.sep) / "etc").resolve())


def test_windows_paths_are_read() -> None:
    assert relative_path_to_current_platform("a\\b") == Path("a") / "b"
    assert relative_path_to_current_platform("a/b") == Path("a") / "b"


def test_limit_of_open_files_is_positive() -> None:
    assert get_open_file_limit() > 0
