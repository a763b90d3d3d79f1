"""Transactions over a real result store, on disk."""

import asyncio
from pathlib import Path

import pytest

from prefect.filesystems import LocalFileSystem
from prefect.locking.memory import MemoryLockManager
from prefect.results import ResultStore
from prefect.transactions import IsolationLevel, atransaction, transaction


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(
        result_storage=LocalFileSystem(basepath=str(tmp_path)), lock_manager=MemoryLockManager()
    )


def test_staged_value_is_read_by_the_next_transaction(store: ResultStore, tmp_path: Path) -> None:
    with transaction("k", store=store, isolation_level=IsolationLevel.SERIALIZABLE) as first:
        assert store.is_locked("k")
        first.stage({"a": 1})

    assert not store.is_locked("k")
    assert (tmp_path / "k").exists()
    with transaction("k", store=store) as second:
        assert second.is_committed()
        record = second.read()
    assert record is not None
    assert record.result == {"a": 1}


def test_faces_share_what_they_store(store: ResultStore) -> None:
    async def main() -> None:
        async with atransaction("k", store=store) as txn:
            txn.stage(5)

    asyncio.run(main())

    with transaction("k", store=store) as txn:
        assert txn.is_committed()


def test_value_that_cannot_be_stored_is_not_committed(
    store: ResultStore, caplog: pytest.LogCaptureFixture
) -> None:
    class Stubborn:
        def __reduce__(self) -> str:
            raise RuntimeError("no form")

    with transaction("k", store=store) as txn:
        txn.stage(Stubborn())

    assert txn.is_rolled_back()
    assert not store.exists("k")
    assert "cannot be stored" in caplog.text
