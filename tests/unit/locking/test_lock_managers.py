"""Both lock managers against one suite, on both faces; and what only files do."""

import asyncio
import json
import multiprocessing
import pickle
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from prefect.locking.filesystem import FileSystemLockManager
from prefect.locking.memory import MemoryLockManager
from prefect.locking.protocol import LockManager


@pytest.fixture(params=["memory", "files"])
def locks(request: pytest.FixtureRequest, tmp_path: Path) -> LockManager:
    return MemoryLockManager() if request.param == "memory" else FileSystemLockManager(tmp_path)


@pytest.fixture
def key() -> str:
    return uuid4().hex


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Callable[..., Any]:
    def on_either_face(locks: Any, method: str, *args: Any) -> Any:
        if request.param == "sync":
            return getattr(locks, method)(*args)
        return asyncio.run(getattr(locks, f"a{method}")(*args))

    return on_either_face


def test_lock_excludes_others_until_it_is_released(locks, call, key: str) -> None:
    assert call(locks, "acquire_lock", key, "a")
    assert locks.is_locked(key)
    assert locks.is_lock_holder(key, "a")
    assert not locks.is_lock_holder(key, "b")
    assert not call(locks, "acquire_lock", key, "b", 0)
    assert not call(locks, "acquire_lock", key, "b", 0.01)
    assert not call(locks, "wait_for_lock", key, 0.01)

    locks.release_lock(key, "a")

    assert not locks.is_locked(key)
    assert call(locks, "wait_for_lock", key, 0)
    assert call(locks, "acquire_lock", key, "b", 0)


def test_holder_gets_its_lock_again(locks, call, key: str) -> None:
    assert call(locks, "acquire_lock", key, "a")
    assert call(locks, "acquire_lock", key, "a", 0)


@pytest.mark.parametrize("holder", ["b", "nobody"])
def test_lock_of_another_is_not_released(locks, key: str, holder: str) -> None:
    locks.acquire_lock(key, "a")

    with pytest.raises(ValueError, match=f"{key}.*{holder}"):
        locks.release_lock(key, holder)

    assert locks.is_lock_holder(key, "a")


def test_lock_ends_by_itself(locks, call, key: str) -> None:
    assert call(locks, "acquire_lock", key, "a", None, 0.02)

    assert call(locks, "acquire_lock", key, "b", 5)
    assert locks.is_lock_holder(key, "b")
    with pytest.raises(ValueError, match="held by 'a'"):
        locks.release_lock(key, "a")


def test_who_waits_gets_the_lock_when_it_is_released(locks, call, key: str) -> None:
    locks.acquire_lock(key, "a")
    releaser = threading.Timer(0.02, locks.release_lock, (key, "a"))
    releaser.start()

    assert call(locks, "acquire_lock", key, "b", 10)
    releaser.join()


def test_many_threads_hold_it_one_after_the_other(locks, key: str) -> None:
    inside: list[int] = []
    seen: list[int] = []

    def work(number: int) -> None:
        assert locks.acquire_lock(key, str(number), acquire_timeout=20)
        inside.append(number)
        seen.append(len(inside))
        inside.remove(number)
        locks.release_lock(key, str(number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert seen == [1] * 12


def test_managers_follow_the_protocol(locks) -> None:
    assert isinstance(locks, LockManager)


def test_memory_has_one_set_of_locks() -> None:
    assert MemoryLockManager() is MemoryLockManager()
    assert pickle.loads(pickle.dumps(MemoryLockManager())) is MemoryLockManager()


def test_cancelled_wait_leaves_nothing_behind(key: str) -> None:
    locks = MemoryLockManager()
    locks.acquire_lock(key, "a")

    async def give_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(locks.aacquire_lock(key, "b"), 0.01)

    asyncio.run(give_up())

    assert key not in locks._waiting
    locks.release_lock(key, "a")
    assert not locks.is_locked(key)


# ---- files --------------------------------------------------------------------------------------


def test_lock_file_says_who_holds_it_and_until_when(tmp_path: Path) -> None:
    locks = FileSystemLockManager(tmp_path / "locks")
    locks.acquire_lock("key", "a", hold_timeout=60)

    content = json.loads((tmp_path / "locks" / "key.lock").read_text())

    assert content["holder"] == "a"
    left = datetime.fromisoformat(content["expiration"]) - datetime.now(timezone.utc)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    assert [path.name for path in (tmp_path / "locks").iterdir()] == ["key.lock"]


def test_keys_that_are_paths_stay_inside_the_directory(tmp_path: Path) -> None:
    locks = FileSystemLockManager(tmp_path / "locks")

    assert locks.acquire_lock("../a/b", "a")
    assert locks.is_lock_holder("../a/b", "a")
    assert not locks.is_locked("a/b")
    assert [path.name for path in tmp_path.iterdir()] == ["locks"]


def test_looking_makes_no_directory(tmp_path: Path) -> None:
    locks = FileSystemLockManager(tmp_path / "locks")

    assert not locks.is_locked("key")
    assert not (tmp_path / "locks").exists()


def test_what_was_seen_last_will_do_when_asked(tmp_path: Path) -> None:
    locks = FileSystemLockManager(tmp_path)
    locks.acquire_lock("key", "a")
    locks.is_locked("key")
    (tmp_path / "key.lock").unlink()

    assert locks.is_locked("key", use_cache=True)
    assert not locks.is_locked("key")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"holder": 1}'])
def test_file_without_a_holder_counts_while_it_is_fresh(tmp_path: Path, content: str) -> None:
    import os

    file = tmp_path / "key.lock"
    file.write_text(content)
    locks = FileSystemLockManager(tmp_path)

    assert not locks.acquire_lock("key", "a", acquire_timeout=0)
    long_ago = time.time() - 3600
    os.utime(file, (long_ago, long_ago))
    assert locks.acquire_lock("key", "a", acquire_timeout=0)


def test_takeover_of_another_process_is_respected_until_it_is_old(tmp_path: Path) -> None:
    import os

    locks = FileSystemLockManager(tmp_path)
    (tmp_path / "key.lock").write_text('{"holder": "a", "expiration": "2020-01-01 00:00:00"}')
    guard = tmp_path / "key.lock.takeover"
    guard.touch()

    assert not locks.acquire_lock("key", "b", acquire_timeout=0)
    long_ago = time.time() - 3600
    os.utime(guard, (long_ago, long_ago))
    assert locks.acquire_lock("key", "b", acquire_timeout=5)
    assert not guard.exists()


def test_file_system_without_links_has_locks_too(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr("os.link", refuse)
    locks = FileSystemLockManager(tmp_path)

    assert locks.acquire_lock("key", "a")
    assert locks.is_lock_holder("key", "a")
    assert not FileSystemLockManager(tmp_path).acquire_lock("key", "b", acquire_timeout=0)


def _count(directory: str, counter: str, name: str) -> None:
    locks = FileSystemLockManager(Path(directory))
    for _ in range(15):
        assert locks.acquire_lock("key", name, acquire_timeout=60)
        number = int(Path(counter).read_text())
        Path(counter).write_text(str(number + 1))
        locks.release_lock("key", name)


def test_two_processes_hold_it_one_after_the_other(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    spawn = multiprocessing.get_context("spawn")
    arguments = (str(tmp_path / "locks"), str(counter))
    processes = [spawn.Process(target=_count, args=(*arguments, f"p{n}")) for n in range(2)]

    for process in processes:
        process.start()
    for process in processes:
        process.join(60)

    assert [process.exitcode for process in processes] == [0, 0]
    assert counter.read_text() == "30"
