"""Results that are stored, cached and undone, on both faces."""

import datetime
import threading
from pathlib import Path
from typing import Any

import pytest

from prefect import flow, task
from prefect.cache_policies import INPUTS, NO_CACHE
from prefect.transactions import transaction


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "home" / "storage"


def stored(storage: Path) -> list[Path]:
    return sorted(storage.iterdir()) if storage.exists() else []


def test_nothing_is_stored_unless_asked_for(face, storage):
    face.call(task(face.make(lambda x: x)), [1])

    assert stored(storage) == []


def test_result_is_stored_and_read_again(face, storage):
    state = face.call(task(face.make(lambda x: x), persist_result=True), [1], return_state=True)

    assert len(stored(storage)) == 1
    assert state.data.metadata.storage_key == str(stored(storage)[0])
    assert state.result() == [1]


@pytest.mark.parametrize("refresh", [False, True])
def test_task_with_the_same_inputs_is_not_run_again(face, refresh):
    calls: list[int] = []

    def body(x: int) -> int:
        calls.append(x)
        return x * 10

    cached = task(face.make(body), cache_policy=INPUTS, refresh_cache=refresh)

    states = [face.call(cached, x, return_state=True) for x in (1, 1, 2)]

    assert [state.result() for state in states] == [10, 10, 20]
    assert calls == ([1, 1, 2] if refresh else [1, 2])
    assert states[1].name == ("Completed" if refresh else "Cached")


def test_cached_result_expires(face):
    calls: list[int] = []
    expired = task(
        face.make(lambda: calls.append(1)),
        cache_policy=INPUTS,
        cache_expiration=datetime.timedelta(seconds=-1),
    )

    face.call(expired)
    face.call(expired)

    assert len(calls) == 2


def test_no_cache_policy_runs_again(face):
    calls: list[int] = []
    plain = task(face.make(lambda: calls.append(1)), cache_policy=NO_CACHE)

    face.call(plain)
    face.call(plain)

    assert len(calls) == 2


def test_input_without_a_key_runs_without_a_cache(face):
    cached = task(face.make(lambda x: 5), cache_policy=INPUTS)

    assert face.call(cached, threading.Lock()) == 5


def test_result_that_cannot_be_stored_does_not_fail_the_run(face):
    unpicklable = task(face.make(lambda: threading.Lock()), persist_result=True)

    state = face.call(unpicklable, return_state=True)

    assert state.is_completed()
    assert state.result() is not None


def test_flow_stores_its_result_and_its_tasks_do_too(storage):
    @task
    def make() -> list[int]:
        return [1]

    @flow(persist_result=True)
    def run() -> Any:
        return make()

    state = run(return_state=True)

    assert len(stored(storage)) == 2
    assert state.result() == [1]


def test_flow_stores_its_exception(face, storage):
    def fail() -> None:
        raise ValueError("kept")

    state = face.call(flow(face.make(fail), persist_result=True), return_state=True)

    assert len(stored(storage)) == 1
    with pytest.raises(ValueError, match="kept"):
        state.result()


def test_failed_task_is_rolled_back(face):
    undone: list[str] = []

    def fail() -> None:
        raise ValueError("x")

    failing = task(face.make(fail))
    failing.on_rollback(lambda txn: undone.append("rollback"))

    with pytest.raises(ValueError, match="x"):
        face.call(failing)

    assert undone == ["rollback"]


def test_tasks_of_a_failed_transaction_are_rolled_back():
    told: list[str] = []

    @task
    def write() -> None:
        told.append("write")

    write.on_rollback(lambda txn: told.append("rollback"))
    write.on_commit(lambda txn: told.append("commit"))

    @flow
    def run(fails: bool) -> None:
        with transaction():
            write()
            if fails:
                raise ValueError("later")

    run(False)
    assert told == ["write", "commit"]
    told.clear()
    with pytest.raises(ValueError, match="later"):
        run(True)
    assert told == ["write", "rollback"]
