"""Local and remote file systems, on both faces."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from prefect.filesystems import SMB, LocalFileSystem, NullFileSystem, RemoteFileSystem


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Callable[..., Any]:
    def on_either_face(function: Any, *args: Any, **kwargs: Any) -> Any:
        if request.param == "sync":
            return function(*args, **kwargs)

        async def in_loop() -> Any:
            return await function(*args, **kwargs)

        return asyncio.run(in_loop())

    return on_either_face


@pytest.fixture(params=["local", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> LocalFileSystem | RemoteFileSystem:
    if request.param == "local":
        return LocalFileSystem(basepath=str(tmp_path / "base"))
    return RemoteFileSystem(basepath=f"memory://{uuid4().hex}/base")


def test_written_file_is_read(storage, call) -> None:
    where = call(storage.write_path, "a/b.bin", b"\x00content")

    assert call(storage.read_path, "a/b.bin") == b"\x00content"
    assert call(storage.read_path, where) == b"\x00content"  # its own full name will do too


def test_written_file_is_replaced_whole(storage, call) -> None:
    call(storage.write_path, "f", b"a long content")
    call(storage.write_path, "f", b"short")

    assert call(storage.read_path, "f") == b"short"


def test_missing_file_is_an_error(storage, call) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match="missing"):
        call(storage.read_path, "missing")


@pytest.mark.parametrize("path", ["../outside", "a/../../outside"])
def test_path_outside_of_the_base_is_refused(storage, call, path: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        call(storage.write_path, path, b"x")
    with pytest.raises(ValueError, match="outside"):
        call(storage.read_path, path)


def test_directory_goes_in_and_comes_out(storage, call, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "kept.txt").write_text("kept")
    (source / "left.tmp").write_text("left out")
    (tmp_path / "ignore").write_text("*.tmp\n")

    call(storage.put_directory, str(source), "code", ignore_file=str(tmp_path / "ignore"))
    call(storage.get_directory, "code", str(tmp_path / "target"))

    copied = {p.relative_to(tmp_path / "target") for p in (tmp_path / "target").rglob("*")}
    assert copied == {Path("sub"), Path("sub/kept.txt")}


def test_local_links_that_lead_outside_are_refused(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "link").symlink_to(tmp_path)

    with pytest.raises(ValueError, match="outside"):
        LocalFileSystem(basepath=str(tmp_path / "base")).read_path("link/secret")


def test_local_base_is_the_current_directory_by_default(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert LocalFileSystem().write_path("f", b"x") == str(tmp_path / "f")


def test_local_base_may_be_a_path_in_the_home_directory(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert LocalFileSystem(basepath=Path("~/x"))._resolve_path("f") == tmp_path / "x" / "f"


def test_local_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a directory"):
        LocalFileSystem(basepath=str(tmp_path)).read_path("")


def test_local_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    storage.write_path("f", b"old")

    with pytest.raises(TypeError):
        storage.write_path("f", "no bytes")

    assert storage.read_path("f") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_local_copy_into_the_base_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    storage = LocalFileSystem(basepath=str(tmp_path))

    storage.put_directory(str(tmp_path), "copy")
    storage.get_directory(None, str(tmp_path / "out"))

    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["copy", "f"]
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["f"]


def test_remote_directory_counts_files_and_can_spare_those_there(tmp_path: Path) -> None:
    storage = RemoteFileSystem(basepath=f"memory://{uuid4().hex}")
    (tmp_path / "f").write_text("new")
    storage.write_path("f", b"old")

    assert storage.put_directory(str(tmp_path), overwrite=False) == 0
    assert storage.read_path("f") == b"old"
    assert storage.put_directory(str(tmp_path)) == 1
    assert storage.read_path("f") == b"new"


def test_remote_url_of_another_place_is_refused() -> None:
    storage = RemoteFileSystem(basepath="memory://here/")

    assert storage._resolve_path("memory://here/f") == "memory://here/f"
    for other in ("memory://hereabouts/f", "s3://here/f"):
        with pytest.raises(ValueError, match="outside"):
            storage._resolve_path(other)


@pytest.mark.parametrize(("base", "match"), [("here", "scheme"), ("file:///here", "no place")])
def test_remote_base_must_be_a_url_with_a_place(base: str, match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        RemoteFileSystem(basepath=base)


def test_remote_storage_whose_package_is_missing_says_so() -> None:
    from prefect.exceptions import PrefectImportError

    with pytest.raises((PrefectImportError, ValueError), match=r"gcs|gcsfs"):
        _ = RemoteFileSystem(basepath="gcs://bucket").filesystem


def test_smb_is_a_remote_file_system_with_its_credentials() -> None:
    share = SMB(
        share_path="/share/dir", smb_host="files", smb_username="ann", smb_password="p", smb_port=4
    )

    assert share.basepath == "smb://files/share/dir"
    assert share.filesystem.settings == {
        "host": "files",
        "port": 4,
        "username": "ann",
        "password": "p",
    }
    assert share.filesystem is share.filesystem


def test_null_file_system_keeps_nothing() -> None:
    async def use() -> None:
        storage = NullFileSystem()
        await storage.write_path("f", b"x")
        await storage.put_directory("a", "b")
        await storage.get_directory("a", "b")
        assert await storage.read_path("f") is None

    asyncio.run(use())
