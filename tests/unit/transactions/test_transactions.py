"""Transactions on both faces: commit, rollback, nesting, isolation, hooks."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from prefect import transactions
from prefect._dual import run
from prefect._result_records import ResultRecord, ResultRecordMetadata
from prefect.exceptions import ConfigurationError, SerializationError
from prefect.transactions import (
    AsyncTransaction,
    BaseTransaction,
    CommitMode,
    IsolationLevel,
    Transaction,
    TransactionState,
    atransaction,
    get_transaction,
    transaction,
)


class Store:
    """What a transaction asks of a result store, in a dict."""

    def __init__(self, locks: bool = False) -> None:
        self.written: dict[str, Any] = {}
        self.locks: dict[str, str] | None = {} if locks else None
        self.failure: Exception | None = None

    def supports_isolation_level(self, level: IsolationLevel) -> bool:
        return level == IsolationLevel.READ_COMMITTED or self.locks is not None

    def exists(self, key: str) -> bool:
        return key in self.written

    async def aexists(self, key: str) -> bool:
        return self.exists(key)

    def read(self, key: str, holder: str | None = None) -> Any:
        return self.written[key]

    async def aread(self, key: str, holder: str | None = None) -> Any:
        return self.read(key, holder)

    def write(self, obj: Any, key: str, holder: str | None = None) -> None:
        if self.failure is not None:
            raise self.failure
        if self.locks:
            assert self.locks[key] == holder
        self.written[key] = obj

    async def awrite(self, obj: Any, key: str, holder: str | None = None) -> None:
        self.write(obj, key, holder)

    def persist_result_record(self, record: ResultRecord[Any], holder: str | None = None) -> None:
        self.written[str(record.metadata.storage_key)] = record

    async def apersist_result_record(
        self, record: ResultRecord[Any], holder: str | None = None
    ) -> None:
        self.persist_result_record(record, holder)

    def acquire_lock(self, key: str, holder: str) -> bool:
        assert self.locks is not None
        assert key not in self.locks, "taken twice"
        self.locks[key] = holder
        return True

    async def aacquire_lock(self, key: str, holder: str) -> bool:
        return self.acquire_lock(key, holder)

    def release_lock(self, key: str, holder: str) -> None:
        assert self.locks is not None
        assert self.locks.pop(key) == holder


class Face:
    """One face of the transactions, driven the same way."""

    def __init__(self, name: str) -> None:
        self.name = name

    @contextlib.asynccontextmanager
    async def open(self, key: str | None = None, **options: Any) -> AsyncIterator[Any]:
        if self.name == "sync":
            with transaction(key, **options) as opened:
                yield opened
        else:
            async with atransaction(key, **options) as opened_async:
                yield opened_async

    async def value(self, result: Any) -> Any:
        return await result if self.name == "async" else result

    def drive(self, body: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return run(body()) if self.name == "sync" else asyncio.run(body())


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest) -> Face:
    return Face(request.param)


@pytest.fixture
def store() -> Store:
    return Store()


class Calls(list[str]):
    """The names of the hooks called, in order."""

    def hook(self, name: str, fails: bool = False) -> Callable[[Any], None]:
        def called(txn: Any) -> None:
            self.append(name)
            if fails:
                raise RuntimeError(name)

        return called


@pytest.fixture
def calls() -> Calls:
    return Calls()


def test_commit_calls_hooks_then_writes(face: Face, store: Store, calls: Calls) -> None:
    async def body() -> Any:
        async with face.open("k", store=store) as txn:
            assert txn.is_active()
            assert bool(get_transaction() is txn)
            txn.stage(5, on_commit_hooks=[calls.hook("a"), calls.hook("b")])
            assert txn.is_staged()
            assert not store.written
        assert get_transaction() is None
        return txn.is_committed(), await face.value(txn.read())

    assert face.drive(body) == (True, 5)
    assert calls == ["a", "b"]


def test_work_that_was_committed_is_not_done_again(face: Face, store: Store) -> None:
    store.written["k"] = 5

    async def body() -> None:
        async with face.open("k", store=store) as txn:
            assert txn.is_committed()
            txn.stage(6)

    face.drive(body)
    assert store.written == {"k": 5}


def test_overwrite_does_the_work_again(face: Face, store: Store) -> None:
    store.written["k"] = 5

    async def body() -> None:
        async with face.open("k", store=store, overwrite=True) as txn:
            txn.stage(6)

    face.drive(body)
    assert store.written == {"k": 6}


def test_error_undoes_hooks_from_the_last_to_the_first_and_inwards(
    face: Face, store: Store, calls: Calls
) -> None:
    async def body() -> None:
        async with face.open("outer", store=store) as outer:
            async with face.open("inner", store=store) as inner:
                inner.stage(1, on_rollback_hooks=[calls.hook("inner")])
            assert inner.is_staged()
            assert outer.children == [inner]
            outer.stage(2, on_rollback_hooks=[calls.hook("first"), calls.hook("second")])
            raise ValueError("body")

    with pytest.raises(ValueError, match="body"):
        face.drive(body)
    assert calls == ["second", "first", "inner"]
    assert store.written == {}


def test_inner_transactions_commit_first(face: Face, store: Store, calls: Calls) -> None:
    async def body() -> Any:
        async with face.open("outer", store=store) as outer:
            async with face.open("inner", store=store) as inner:
                inner.stage(1, on_commit_hooks=[calls.hook("inner")])
            outer.stage(2, on_commit_hooks=[calls.hook("outer")])
        return outer.state, inner.state

    assert face.drive(body) == (TransactionState.COMMITTED, TransactionState.COMMITTED)
    assert calls == ["inner", "outer"]
    assert store.written == {"inner": 1, "outer": 2}


def test_failed_inner_transaction_undoes_the_one_around_it(
    face: Face, store: Store, calls: Calls
) -> None:
    async def body() -> Any:
        async with face.open("outer", store=store) as outer:
            outer.stage(0, on_rollback_hooks=[calls.hook("outer")])
            with contextlib.suppress(ValueError):
                async with face.open("inner", store=store):
                    raise ValueError
        return outer.state

    assert face.drive(body) == TransactionState.ROLLED_BACK
    assert calls == ["outer"]


def test_eager_inner_transaction_commits_at_its_own_end(face: Face, store: Store) -> None:
    async def body() -> None:
        async with face.open("outer", store=store):
            async with face.open("inner", store=store, commit_mode=CommitMode.EAGER) as inner:
                inner.stage(1)
            assert store.written == {"inner": 1}

    face.drive(body)


def test_commit_mode_is_inherited(face: Face) -> None:
    async def body() -> Any:
        async with face.open(commit_mode=CommitMode.EAGER), face.open() as inner:
            return inner.commit_mode

    assert face.drive(body) == CommitMode.EAGER


def test_mode_off_rolls_back(face: Face, store: Store, calls: Calls) -> None:
    async def body() -> Any:
        async with face.open("k", store=store, commit_mode=CommitMode.OFF) as txn:
            txn.stage(1, on_rollback_hooks=[calls.hook("undo")])
        return txn.is_rolled_back()

    assert face.drive(body)
    assert calls == ["undo"]
    assert store.written == {}


def test_without_write_on_commit_nothing_is_written(face: Face, store: Store) -> None:
    async def body() -> Any:
        async with face.open("k", store=store, write_on_commit=False) as txn:
            txn.stage(1)
        return txn.is_committed()

    assert face.drive(body)
    assert store.written == {}


def test_failing_commit_hook_rolls_back_and_is_logged(
    face: Face, store: Store, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> Any:
        async with face.open("k", store=store) as txn:
            txn.stage(
                1,
                on_commit_hooks=[calls.hook("a"), calls.hook("bad", fails=True), calls.hook("c")],
                on_rollback_hooks=[calls.hook("undo")],
            )
        return txn.state

    assert face.drive(body) == TransactionState.ROLLED_BACK
    assert calls == ["a", "bad", "undo"]
    assert store.written == {}
    assert "could not be committed" in caplog.text


def test_failing_rollback_hook_keeps_no_other_from_running(
    face: Face, store: Store, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    async def body() -> Any:
        async with face.open("k", store=store) as txn:
            hooks = [calls.hook("1"), calls.hook("2", fails=True), calls.hook("3")]
            txn.stage(1, on_rollback_hooks=hooks)
            return txn, await face.value(txn.rollback())

    txn, undone = face.drive(body)
    assert not undone
    assert txn.is_rolled_back()
    assert calls == ["3", "2", "1"]
    assert "The rollback hook 'called' failed" in caplog.text


def test_value_that_cannot_be_stored_rolls_back_with_a_warning(
    face: Face, store: Store, calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    store.failure = SerializationError("no form")

    async def body() -> Any:
        async with face.open("k", store=store) as txn:
            txn.stage(object(), on_rollback_hooks=[calls.hook("undo")])
        return txn.is_rolled_back()

    assert face.drive(body)
    assert calls == ["undo"]
    assert "no form" in caplog.text


def test_storage_that_fails_does_not_fail_the_body(
    face: Face, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.failure = OSError("disk full")

    async def body() -> Any:
        async with face.open("k", store=store) as txn:
            txn.stage(1)
        return txn.is_rolled_back()

    assert face.drive(body)
    assert "disk full" in caplog.text


def test_serializable_holds_the_lock_until_the_end(face: Face) -> None:
    store = Store(locks=True)

    async def body() -> None:
        async with face.open("k", store=store, isolation_level=IsolationLevel.SERIALIZABLE) as txn:
            assert store.locks
            txn.stage(1)

    face.drive(body)
    assert store.written == {"k": 1}
    assert store.locks == {}


@pytest.mark.parametrize("failing", [False, True])
def test_lock_of_an_inner_transaction_is_held_until_the_outer_ends(
    face: Face, failing: bool
) -> None:
    store = Store(locks=True)

    async def body() -> None:
        async with face.open(isolation_level=IsolationLevel.SERIALIZABLE):
            async with face.open("k", store=store) as inner:
                assert inner.isolation_level == IsolationLevel.SERIALIZABLE
            assert store.locks
            if failing:
                raise ValueError

    with contextlib.suppress(ValueError):
        face.drive(body)
    assert store.locks == {}
    assert ("k" in store.written) is not failing


def test_serializable_without_locks_is_refused(face: Face, store: Store) -> None:
    async def body() -> None:
        async with face.open("k", store=store, isolation_level=IsolationLevel.SERIALIZABLE):
            pytest.fail("entered")

    with pytest.raises(ConfigurationError, match="lock_manager"):
        face.drive(body)
    assert get_transaction() is None


def test_failure_to_begin_leaves_nothing_behind(face: Face) -> None:
    class Broken(Store):
        def exists(self, key: str) -> bool:
            raise OSError("gone")

    store = Broken(locks=True)

    async def body() -> None:
        async with face.open("k", store=store, isolation_level=IsolationLevel.SERIALIZABLE):
            pytest.fail("entered")

    with pytest.raises(OSError, match="gone"):
        face.drive(body)
    assert store.locks == {}
    assert get_transaction() is None


def test_staged_record_is_persisted_as_it_is(face: Face, store: Store) -> None:
    record = ResultRecord(metadata=ResultRecordMetadata(storage_key="r"), result=1)

    async def body() -> None:
        async with face.open("k", store=store) as txn:
            txn.stage(record)

    face.drive(body)
    assert store.written == {"r": record}


def test_values_are_found_outwards_and_copied(face: Face) -> None:
    async def body() -> None:
        async with face.open() as outer:
            outer.set("a", [1])
            async with face.open() as inner:
                inner.get("a").append(2)
                assert inner.get("a") == [1]
                assert inner.get("b", None) is None
                with pytest.raises(ValueError, match="'b'"):
                    inner.get("b")

    face.drive(body)


def test_value_that_cannot_be_copied_is_given_itself() -> None:
    import threading

    lock = threading.Lock()
    with transaction() as txn:
        txn.set("lock", lock)

        assert txn.get("lock") is lock


def test_commit_and_rollback_happen_once(face: Face, store: Store, calls: Calls) -> None:
    async def body() -> Any:
        async with face.open("k", store=store) as txn:
            txn.stage(1, on_commit_hooks=[calls.hook("commit")])
            first = await face.value(txn.commit())
            second = await face.value(txn.commit())
            undone = await face.value(txn.rollback())
            return first, second, undone

    assert face.drive(body) == (True, False, False)
    assert calls == ["commit"]


def test_async_hook_is_awaited(face: Face, store: Store, calls: Calls) -> None:
    async def hook(txn: Any) -> None:
        await asyncio.sleep(0)
        calls.append(txn.key)

    async def body() -> None:
        async with face.open("k", store=store) as txn:
            txn.stage(1, on_commit_hooks=[hook])

    face.drive(body)
    assert calls == ["k"]


def test_async_transaction_commits_sync_ones_inside(store: Store) -> None:
    async def body() -> None:
        async with atransaction("outer", store=store):
            with transaction("inner", store=store) as inner:
                inner.stage(1)
            assert store.written == {}

    asyncio.run(body())
    assert store.written == {"inner": 1, "outer": None}


def test_async_transaction_refuses_plain_with() -> None:
    with pytest.raises(NotImplementedError, match="async with"):
        AsyncTransaction(key="k").__enter__()
    with pytest.raises(NotImplementedError, match="async with"):
        AsyncTransaction(key="k").__exit__()


def test_transactions_are_equal_by_their_fields() -> None:
    assert Transaction(key="a") == Transaction(key="a")
    assert Transaction(key="a") != Transaction(key="b")
    assert Transaction(key="a") != "a"


def test_key_without_a_store_uses_the_one_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    monkeypatch.setattr("prefect.results.get_result_store", lambda: store, raising=False)

    with transaction("k") as txn:
        txn.stage(1)

    assert store.written == {"k": 1}


def test_one_context_variable_serves_both_kinds() -> None:
    assert BaseTransaction.__var__ is Transaction.__var__ is AsyncTransaction.__var__
    assert transactions.get_transaction() is None


def test_given_logger_tells_what_hooks_do(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    quiet = lambda txn: None
    quiet.log_on_run = False  # type: ignore[attr-defined]
    told = Calls().hook("x")
    with caplog.at_level(logging.INFO), transaction(logger=logging.getLogger("mine")) as txn:
        txn.stage(1, on_commit_hooks=[quiet, told])

    assert [record.getMessage() for record in caplog.records if record.name == "mine"] == [
        "Running the commit hook 'called'",
        "The commit hook 'called' has finished",
    ]
