"""Storage by path: local, remote and SMB file systems, as blocks.

Results, deployments' code and whatever flows keep are read and written through these; storage of
integration packages derives from the same bases. Every method of the concrete classes has an async
twin with an `a` before its name; called in a running event loop, the method itself returns the
twin's coroutine.
"""

import os
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, Field, SecretStr, field_validator

from prefect._extras import require
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.blocks.core import Block

if TYPE_CHECKING:
    from collections.abc import Callable

    from fsspec import AbstractFileSystem

__all__ = [
    "LocalFileSystem",
    "NullFileSystem",
    "ReadableDeploymentStorage",
    "ReadableFileSystem",
    "RemoteFileSystem",
    "SMB",
    "WritableDeploymentStorage",
    "WritableFileSystem",
]

R = TypeVar("R")


async def _in_thread(function: "Callable[..., R]", *args: Any) -> R:
    """Call what blocks on files without holding up the event loop."""
    from anyio import to_thread  # heavy; an event loop is running here anyway

    return await to_thread.run_sync(function, *args)


# ---- bases --------------------------------------------------------------------------------------


class ReadableFileSystem(Block, ABC):
    """Storage whose files can be read."""

    _block_schema_capabilities = ["read-path"]

    @abstractmethod
    async def read_path(self, path: str) -> bytes:
        """Give the content of a file."""


class WritableFileSystem(Block, ABC):
    """Storage whose files can be read and written."""

    _block_schema_capabilities = ["read-path", "write-path"]

    @abstractmethod
    async def read_path(self, path: str) -> bytes:
        """Give the content of a file."""

    @abstractmethod
    async def write_path(self, path: str, content: bytes) -> None:
        """Write a file, replacing one that is there."""


class ReadableDeploymentStorage(Block, ABC):
    """Storage that the code of a deployment can be taken from."""

    _block_schema_capabilities = ["get-directory"]

    @abstractmethod
    async def get_directory(
        self, from_path: str | None = None, local_path: str | None = None
    ) -> None:
        """Copy a directory of the storage into a local one."""


class WritableDeploymentStorage(Block, ABC):
    """Storage that the code of a deployment can be put into and taken from."""

    _block_schema_capabilities = ["get-directory", "put-directory"]

    @abstractmethod
    async def get_directory(
        self, from_path: str | None = None, local_path: str | None = None
    ) -> None:
        """Copy a directory of the storage into a local one."""

    @abstractmethod
    async def put_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
    ) -> None:
        """Copy a local directory into one of the storage."""


# ---- local files --------------------------------------------------------------------------------


class LocalFileSystem(WritableFileSystem, WritableDeploymentStorage):
    """Files of this machine, under one directory.

    Attributes:
        basepath: The directory; by default the current one.
    """

    _block_type_name = "Local File System"
    _block_type_slug = "local-file-system"

    basepath: str | None = Field(
        default=None, description="The directory; by default the current one."
    )

    @field_validator("basepath", mode="before")
    @classmethod
    def _take_path(cls, value: Any) -> Any:
        return str(value) if isinstance(value, os.PathLike) else value

    def _resolve_path(self, path: str, validate: bool = False) -> Path:
        """Give the absolute path of a file or directory.

        Raises:
            ValueError: If it lies outside of the base path; with `validate`, if it is not there.
        """
        base = Path(self.basepath).expanduser().resolve() if self.basepath else Path.cwd().resolve()
        resolved = (base / Path(path).expanduser()).resolve()
        if not resolved.is_relative_to(base):
            raise ValueError(
                f"The path {str(path)!r} leads to '{resolved}', which is outside of this file"
                f" system's base path '{base}'."
            )
        if validate and not resolved.exists():
            raise ValueError(f"There is nothing at '{resolved}'.")
        return resolved

    async def aget_directory(
        self, from_path: str | None = None, local_path: str | None = None
    ) -> None:
        """Copy a directory of this file system into another one.

        Args:
            from_path: The directory; by default the base path.
            local_path: Where to copy it; by default the current directory.

        Raises:
            ValueError: If `from_path` lies outside of the base path.
            FileNotFoundError: If it is not there.
        """
        await _in_thread(self._get_directory, from_path, local_path)

    @async_dispatch(aget_directory)
    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:  # type: ignore[override]  # or a coroutine
        """Copy a directory of this file system into another one; see `aget_directory`."""
        self._get_directory(from_path, local_path)

    def _get_directory(self, from_path: str | None, local_path: str | None) -> None:
        source = self._resolve_path(from_path or "")
        target = Path(local_path or ".").expanduser().resolve()
        if source != target:
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=_but(target))

    async def aput_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
    ) -> None:
        """Copy a directory into this file system.

        Args:
            local_path: The directory; by default the current one.
            to_path: Where to copy it; by default the base path.
            ignore_file: A file of patterns, as in `.gitignore`, of what is not copied.

        Raises:
            ValueError: If `to_path` lies outside of the base path.
        """
        await _in_thread(self._put_directory, local_path, to_path, ignore_file)

    @async_dispatch(aput_directory)
    def put_directory(  # type: ignore[override]  # or a coroutine
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
    ) -> None:
        """Copy a directory into this file system; see `aput_directory`."""
        self._put_directory(local_path, to_path, ignore_file)

    def _put_directory(
        self, local_path: str | None, to_path: str | None, ignore_file: str | None
    ) -> None:
        target = self._resolve_path(to_path or "")
        source = Path(local_path or ".").expanduser().resolve()
        if source == target:
            return
        for relative in _files_to_put(source, ignore_file, but=target):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / relative, target / relative)

    async def aread_path(self, path: str) -> bytes:
        """Give the content of a file.

        Raises:
            ValueError: If it is not there, is no file, or lies outside of the base path.
        """
        return await _in_thread(self._read_path, path)

    @async_dispatch(aread_path)
    def read_path(self, path: str) -> bytes:  # type: ignore[override]  # or a coroutine
        """Give the content of a file; `aread_path` says what it raises."""
        return self._read_path(path)

    def _read_path(self, path: str) -> bytes:
        resolved = self._resolve_path(path)
        if not resolved.exists():
            raise ValueError(f"There is no file at '{resolved}'.")
        if not resolved.is_file():
            raise ValueError(f"'{resolved}' is a directory, not a file.")
        return resolved.read_bytes()

    async def awrite_path(self, path: str, content: bytes) -> str:
        """Write a file, and the directories above it.

        Returns:
            Its absolute path.

        Raises:
            ValueError: If it lies outside of the base path.
        """
        return await _in_thread(self._write_path, path, content)

    @async_dispatch(awrite_path)
    def write_path(self, path: str, content: bytes) -> str:  # type: ignore[override]  # or a coroutine
        """Write a file; `awrite_path` says what it returns and raises."""
        return self._write_path(path, content)

    def _write_path(self, path: str, content: bytes) -> str:
        resolved = self._resolve_path(path)
        resolved.parent.mkdir(parents=True, exist_ok=True)
        # Readers see the old content or the new one, never a part of it.
        unfinished = resolved.with_name(f".{resolved.name}.{os.getpid()}-{os.urandom(4).hex()}")
        try:
            unfinished.write_bytes(content)
            os.replace(unfinished, resolved)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        return str(resolved)


def _but(directory: Path) -> "Callable[[str, list[str]], list[str]]":
    """For `copytree`: leave out a directory, which may lie inside the one that is copied."""

    def ignored(parent: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(parent, name) == directory]

    return ignored


def _files_to_put(source: Path, ignore_file: str | None, but: Path | None = None) -> list[str]:
    """List the files under a directory that no pattern excludes, relative to it."""
    from prefect.utilities.filesystem import filter_files  # heavy: only for directories

    patterns = None
    if ignore_file:
        patterns = Path(ignore_file).expanduser().read_text(encoding="utf-8").splitlines(True)
    found = filter_files(str(source), ignore_patterns=patterns, include_dirs=False)
    files = sorted(path for path in found if (source / path).is_file())
    return [path for path in files if but is None or not (source / path).is_relative_to(but)]


# ---- remote files -------------------------------------------------------------------------------


class RemoteFileSystem(WritableFileSystem, WritableDeploymentStorage):
    """Files of any storage that fsspec knows, under one directory. Needs the extra `fsspec`.

    Attributes:
        basepath: The directory, as a URL whose scheme names the kind of storage.
        settings: Arguments of the storage's class in fsspec, such as credentials.
    """

    _block_type_name = "Remote File System"
    _block_type_slug = "remote-file-system"

    basepath: str = Field(
        default=...,
        description="The directory, as a URL whose scheme names the kind of storage.",
        examples=["s3://warehouse/results"],
    )
    settings: dict[str, Any] = Field(
        default_factory=dict,
        description="Arguments of the storage's class in fsspec, such as credentials.",
    )

    _filesystem: Any = None

    @field_validator("basepath")
    @classmethod
    def check_basepath(cls, value: str) -> str:
        """Check that a base path is a URL with a scheme and a place."""
        from urllib.parse import urlsplit  # only for what is really a URL

        parts = urlsplit(value)
        if not parts.scheme:
            raise ValueError(
                f"{value!r} does not say which storage it is: begin with a scheme, as in"
                " 's3://warehouse/results'."
            )
        if not parts.netloc:
            raise ValueError(
                f"{value!r} names no place after the scheme: write '{parts.scheme}://<place>'. For"
                " files of this machine use `LocalFileSystem`."
            )
        return value

    def _resolve_path(self, path: str) -> str:
        """Give the URL of a file or directory.

        Raises:
            ValueError: If it lies outside of the base path.
        """
        base = self.basepath.rstrip("/")
        relative = str(path).strip()
        if "://" in relative:
            if relative != base and not relative.startswith(base + "/"):
                raise ValueError(
                    f"{relative!r} is outside of this file system's base path {self.basepath!r}."
                )
            relative = relative[len(base) :]
        if ".." in relative.split("/"):
            raise ValueError(
                f"{relative!r} may lead outside of this file system's base path {self.basepath!r}:"
                " it contains '..'."
            )
        relative = relative.strip("/")
        return f"{base}/{relative}" if relative else base

    @property
    def filesystem(self) -> "AbstractFileSystem":
        """The file system of fsspec.

        Raises:
            PrefectImportError: If fsspec, or what it needs for this storage, is not installed.
        """
        if self._filesystem is None:
            fsspec = require("fsspec", extra="fsspec", what="a remote file system")
            scheme = self.basepath.partition("://")[0]
            try:
                self._filesystem = fsspec.filesystem(scheme, **self.settings)
            except ImportError as error:
                from prefect.exceptions import PrefectImportError

                raise PrefectImportError(
                    f"fsspec cannot reach '{scheme}://' storage here: {error}"
                ) from error
        return self._filesystem

    async def aget_directory(
        self, from_path: str | None = None, local_path: str | None = None
    ) -> None:
        """Copy a directory of the storage into a local one.

        Args:
            from_path: The directory; by default the base path.
            local_path: Where to copy it; by default the current directory.

        Raises:
            ValueError: If `from_path` lies outside of the base path.
        """
        await _in_thread(self._get_directory, from_path, local_path)

    @async_dispatch(aget_directory)
    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:  # type: ignore[override]  # or a coroutine
        """Copy a directory of the storage into a local one; see `aget_directory`."""
        self._get_directory(from_path, local_path)

    def _get_directory(self, from_path: str | None, local_path: str | None) -> None:
        source = self._resolve_path(from_path or "")
        target = Path(local_path or ".").expanduser().resolve()
        target.mkdir(parents=True, exist_ok=True)
        # The slash makes it the directory's content that is copied, not the directory.
        self.filesystem.get(source.rstrip("/") + "/", str(target) + os.sep, recursive=True)

    async def aput_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
        overwrite: bool = True,
    ) -> int:
        """Copy a local directory into the storage.

        Args:
            local_path: The directory; by default the current one.
            to_path: Where to copy it; by default the base path.
            ignore_file: A file of patterns, as in `.gitignore`, of what is not copied.
            overwrite: Whether to replace files that are there.

        Returns:
            How many files were copied.

        Raises:
            ValueError: If `to_path` lies outside of the base path.
        """
        return await _in_thread(self._put_directory, local_path, to_path, ignore_file, overwrite)

    @async_dispatch(aput_directory)
    def put_directory(  # type: ignore[override]  # or a coroutine
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
        overwrite: bool = True,
    ) -> int:
        """Copy a local directory into the storage; see `aput_directory`."""
        return self._put_directory(local_path, to_path, ignore_file, overwrite)

    def _put_directory(
        self,
        local_path: str | None,
        to_path: str | None,
        ignore_file: str | None,
        overwrite: bool,
    ) -> int:
        target = self._resolve_path(to_path or "")
        source = Path(local_path or ".").expanduser().resolve()
        copied = 0
        for relative in _files_to_put(source, ignore_file):
            destination = f"{target}/{Path(relative).as_posix()}"
            if not overwrite and self.filesystem.exists(destination):
                continue
            self.filesystem.makedirs(destination.rpartition("/")[0], exist_ok=True)
            self.filesystem.put_file(str(source / relative), destination)
            copied += 1
        return copied

    async def aread_path(self, path: str) -> bytes:
        """Give the content of a file.

        Raises:
            ValueError: If it lies outside of the base path.
            FileNotFoundError: If it is not there.
        """
        return await _in_thread(self._read_path, path)

    @async_dispatch(aread_path)
    def read_path(self, path: str) -> bytes:  # type: ignore[override]  # or a coroutine
        """Give the content of a file; `aread_path` says what it raises."""
        return self._read_path(path)

    def _read_path(self, path: str) -> bytes:
        with self.filesystem.open(self._resolve_path(path), "rb") as file:
            content: bytes = file.read()
        return content

    async def awrite_path(self, path: str, content: bytes) -> str:
        """Write a file, and the directories above it.

        Returns:
            Its URL.

        Raises:
            ValueError: If it lies outside of the base path.
        """
        return await _in_thread(self._write_path, path, content)

    @async_dispatch(awrite_path)
    def write_path(self, path: str, content: bytes) -> str:  # type: ignore[override]  # or a coroutine
        """Write a file; `awrite_path` says what it returns and raises."""
        return self._write_path(path, content)

    def _write_path(self, path: str, content: bytes) -> str:
        url = self._resolve_path(path)
        self.filesystem.makedirs(url.rpartition("/")[0], exist_ok=True)
        with self.filesystem.open(url, "wb") as file:
            file.write(content)
        return url


class SMB(WritableFileSystem, WritableDeploymentStorage):
    """Files of a shared folder (SMB, CIFS). Needs the extra `fsspec` and the package `smbprotocol`.

    Attributes:
        share_path: Name of the share, and the directory in it.
        smb_username: Whom to sign in as.
        smb_password: The password.
        smb_host: The server.
        smb_port: Its port, if it is not the usual one.
    """

    _block_type_name = "SMB"
    _block_type_slug = "smb"

    share_path: str = Field(
        default=...,
        description="Name of the share, and the directory in it.",
        examples=["projects/results"],
    )
    smb_username: SecretStr | None = Field(default=None, description="Whom to sign in as.")
    smb_password: SecretStr | None = Field(default=None, description="The password.")
    smb_host: str = Field(default=..., description="The server.")
    smb_port: int | None = Field(default=None, description="Its port, if it is not the usual one.")

    _remote_file_system: RemoteFileSystem | None = None

    @property
    def basepath(self) -> str:
        """The URL of the directory."""
        return f"smb://{self.smb_host.rstrip('/')}/{self.share_path.lstrip('/')}"

    @property
    def filesystem(self) -> RemoteFileSystem:
        """The remote file system that does the work."""
        if self._remote_file_system is None:
            settings: dict[str, Any] = {"host": self.smb_host}
            if self.smb_username is not None:
                settings["username"] = self.smb_username.get_secret_value()
            if self.smb_password is not None:
                settings["password"] = self.smb_password.get_secret_value()
            if self.smb_port is not None:
                settings["port"] = self.smb_port
            self._remote_file_system = RemoteFileSystem(basepath=self.basepath, settings=settings)
        return self._remote_file_system

    async def aget_directory(
        self, from_path: str | None = None, local_path: str | None = None
    ) -> None:
        """Copy a directory of the share into a local one; as `RemoteFileSystem.aget_directory`."""
        await self.filesystem.aget_directory(from_path, local_path)

    @async_dispatch(aget_directory)
    def get_directory(self, from_path: str | None = None, local_path: str | None = None) -> None:  # type: ignore[override]  # or a coroutine
        """Copy a directory of the share into a local one; see `aget_directory`."""
        self.filesystem._get_directory(from_path, local_path)

    async def aput_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
    ) -> int:
        """Copy a local directory into the share; as `RemoteFileSystem.aput_directory`."""
        return await self.filesystem.aput_directory(local_path, to_path, ignore_file)

    @async_dispatch(aput_directory)
    def put_directory(  # type: ignore[override]  # or a coroutine
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
    ) -> int:
        """Copy a local directory into the share; see `aput_directory`."""
        return self.filesystem._put_directory(local_path, to_path, ignore_file, True)

    async def aread_path(self, path: str) -> bytes:
        """Give the content of a file; as `RemoteFileSystem.aread_path`."""
        return await self.filesystem.aread_path(path)

    @async_dispatch(aread_path)
    def read_path(self, path: str) -> bytes:  # type: ignore[override]  # or a coroutine
        """Give the content of a file; see `aread_path`."""
        return self.filesystem._read_path(path)

    async def awrite_path(self, path: str, content: bytes) -> str:
        """Write a file; as `RemoteFileSystem.awrite_path`."""
        return await self.filesystem.awrite_path(path, content)

    @async_dispatch(awrite_path)
    def write_path(self, path: str, content: bytes) -> str:  # type: ignore[override]  # or a coroutine
        """Write a file; see `awrite_path`."""
        return self.filesystem._write_path(path, content)


class NullFileSystem(BaseModel):
    """Keeps nothing: for results whose metadata need not be stored."""

    async def read_path(self, path: str) -> None:
        """Read nothing."""

    async def write_path(self, path: str, content: bytes) -> None:
        """Write nothing."""

    async def get_directory(
        self, from_path: str | None = None, local_path: str | None = None
    ) -> None:
        """Copy nothing."""

    async def put_directory(
        self,
        local_path: str | None = None,
        to_path: str | None = None,
        ignore_file: str | None = None,
    ) -> None:
        """Copy nothing."""
