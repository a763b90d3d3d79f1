"""Locks between processes that share a directory.

A lock is a file `<key>.lock` that names its holder and when it ends; whoever manages to create it
has the lock. The files are those of the released package, so that both exclude each other.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from prefect.locking.protocol import LockManager

__all__ = ["FileSystemLockManager"]

_PAUSES_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
"""Between two looks at somebody else's lock; the last one repeats."""
_TAKEOVER_SECONDS = 10.0
"""After this time a takeover, or a lock without content, counts as left behind by a crash."""


@dataclass(frozen=True)
class _Lock:
    """What a lock file says; without a holder it is being written, or damaged."""

    holder: str | None
    expiration: datetime | None
    is_over: bool


class FileSystemLockManager(LockManager):
    """Locks as files of one directory, which is created when the first one is taken.

    Args:
        lock_files_directory: The directory; may be on a file system that machines share.
    """

    def __init__(self, lock_files_directory: Path) -> None:
        self.lock_files_directory = Path(lock_files_directory).expanduser().resolve()
        self._seen: dict[str, _Lock] = {}

    def acquire_lock(
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,
    ) -> bool:
        """Take a lock, waiting for it; see `LockManager.acquire_lock`."""
        for pause in _pauses(acquire_timeout):
            if self._take(key, holder, hold_timeout):
                return True
            time.sleep(pause)
        return self._take(key, holder, hold_timeout)

    async def aacquire_lock(
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,
    ) -> bool:
        """Take a lock without blocking the event loop."""
        import anyio  # heavy; an event loop is running here anyway

        for pause in _pauses(acquire_timeout):
            if await anyio.to_thread.run_sync(self._take, key, holder, hold_timeout):
                return True
            await anyio.sleep(pause)
        return await anyio.to_thread.run_sync(self._take, key, holder, hold_timeout)

    def release_lock(self, key: str, holder: str) -> None:
        """Give a lock back.

        Raises:
            ValueError: If the holder does not have it.
        """
        if not self.is_lock_holder(key, holder):
            raise ValueError(f"The lock of the key {key!r} is not held by {holder!r}.")
        self._path(key).unlink(missing_ok=True)
        self._seen.pop(key, None)

    def is_locked(self, key: str, use_cache: bool = False) -> bool:
        """Say whether somebody has the lock.

        Args:
            key: Of the lock.
            use_cache: Whether what this manager saw last will do, without looking at the file.
        """
        lock = self._seen.get(key) if use_cache else None
        if lock is None:
            lock = self._read(key)
        return lock is not None and not _is_past(lock)

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Say whether the holder has the lock."""
        lock = self._read(key)
        return lock is not None and not lock.is_over and lock.holder == holder

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock; see `LockManager.wait_for_lock`."""
        for pause in _pauses(timeout):
            if not self.is_locked(key):
                return True
            time.sleep(pause)
        return not self.is_locked(key)

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock, without blocking the event loop."""
        import anyio  # heavy; an event loop is running here anyway

        for pause in _pauses(timeout):
            if not self.is_locked(key):
                return True
            await anyio.sleep(pause)
        return not self.is_locked(key)

    # ---- files ----

    def _path(self, key: str) -> Path:
        # Keys may be paths; a lock is one file all the same.
        name = key.replace("%", "%25").replace("/", "%2F").replace("\\", "%5C")
        return self.lock_files_directory / f"{name}.lock"

    def _read(self, key: str) -> _Lock | None:
        lock = _lock_in(self._path(key))
        if lock is None:
            self._seen.pop(key, None)
        else:
            self._seen[key] = lock
        return lock

    def _take(self, key: str, holder: str, hold_timeout: float | None) -> bool:
        lock = self._read(key)
        if lock is not None and not lock.is_over:
            return lock.holder == holder
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if lock is None:
            return _create(path, holder, hold_timeout)
        with _takeover(path) as is_ours:
            # Another process may have taken over, and begun anew, since the look above.
            lock = _lock_in(path)
            if not is_ours or lock is None or not lock.is_over:
                return False
            path.unlink(missing_ok=True)
            return _create(path, holder, hold_timeout)


def _pauses(timeout: float | None) -> Iterator[float]:
    """Give the seconds to wait before each further attempt, until the time is over."""
    deadline = None if timeout is None else time.monotonic() + timeout
    attempt = 0
    while deadline is None or (left := deadline - time.monotonic()) > 0:
        pause = _PAUSES_SECONDS[min(attempt, len(_PAUSES_SECONDS) - 1)]
        yield pause if deadline is None else min(pause, left)
        attempt += 1


def _is_past(lock: _Lock) -> bool:
    return lock.is_over or (
        lock.expiration is not None and lock.expiration <= datetime.now(timezone.utc)
    )


def _lock_in(path: Path) -> _Lock | None:
    """Read a lock file; None if there is none."""
    try:
        text = path.read_text(encoding="utf-8")
        written_at = path.stat().st_mtime
    except FileNotFoundError:
        return None
    try:
        content = json.loads(text)
        holder = str(content["holder"])
        expiration = content["expiration"] and datetime.fromisoformat(content["expiration"])
    except (ValueError, KeyError, TypeError):
        # The released package creates the file before it fills it.
        return _Lock(None, None, is_over=time.time() - written_at > _TAKEOVER_SECONDS)
    if expiration is not None and expiration.tzinfo is None:
        expiration = expiration.replace(tzinfo=timezone.utc)
    is_over = expiration is not None and expiration <= datetime.now(timezone.utc)
    return _Lock(holder, expiration, is_over=is_over)


def _create(path: Path, holder: str, hold_timeout: float | None) -> bool:
    """Create a lock file with its content at once; False if somebody was faster."""
    expiration = None
    if hold_timeout is not None:
        expiration = str(datetime.now(timezone.utc) + timedelta(seconds=hold_timeout))
    content = json.dumps({"holder": holder, "expiration": expiration})
    filled = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
    try:
        filled.write_text(content, encoding="utf-8")
        os.link(filled, path)
    except FileExistsError:
        return False
    except OSError:
        return _create_without_links(path, content)  # some file systems have none
    finally:
        filled.unlink(missing_ok=True)
    return True


def _create_without_links(path: Path, content: str) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


@contextmanager
def _takeover(path: Path) -> Iterator[bool]:
    """Let one process at a time replace a lock that is over; gives whether it is this one."""
    guard = path.with_name(f"{path.name}.takeover")
    try:
        guard.open("x").close()
    except FileExistsError:
        try:
            if time.time() - guard.stat().st_mtime > _TAKEOVER_SECONDS:
                guard.unlink()
        except FileNotFoundError:
            yield False  # its owner has just finished
            return
        yield False
        return
    try:
        yield True
    finally:
        guard.unlink(missing_ok=True)
