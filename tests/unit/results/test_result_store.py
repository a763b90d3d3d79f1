"""Writing and reading results by key, without a server, on both faces."""

import asyncio
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from prefect.exceptions import ConfigurationError, MissingResult, SerializationError
from prefect.filesystems import LocalFileSystem, NullFileSystem, WritableFileSystem
from prefect.locking.memory import MemoryLockManager
from prefect.results import (
    DEFAULT_STORAGE_KEY_FN,
    ResultRecord,
    ResultRecordMetadata,
    ResultStore,
    aread_result,
    get_default_persist_setting,
    get_default_persist_setting_for_tasks,
    get_default_result_serializer,
    get_default_result_storage,
    get_or_create_default_task_scheduling_storage,
    get_result_store,
    read_result,
    resolve_result_storage,
    resolve_serializer,
    result_storage_discriminator,
    should_persist_result,
)
from prefect.serializers import JSONSerializer, PickleSerializer
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_DEFAULT_RESULT_STORAGE_BLOCK,
    PREFECT_LOCAL_STORAGE_PATH,
    PREFECT_RESULTS_DEFAULT_SERIALIZER,
    PREFECT_RESULTS_PERSIST_BY_DEFAULT,
    PREFECT_TASKS_DEFAULT_PERSIST_RESULT,
    temporary_settings,
)

VALUE = {"answer": 42}


@pytest.fixture(autouse=True)
def local(tmp_path: Path):
    """No server, and a directory of its own for results."""
    with temporary_settings(
        {PREFECT_API_URL: None, PREFECT_LOCAL_STORAGE_PATH: tmp_path / "default"}
    ):
        yield


@pytest.fixture
def storage(tmp_path: Path) -> LocalFileSystem:
    return LocalFileSystem(basepath=str(tmp_path / "values"))


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Callable[..., Any]:
    def on_either_face(store: ResultStore, method: str, *args: Any, **kwargs: Any) -> Any:
        if request.param == "sync":
            return getattr(store, method)(*args, **kwargs)
        return asyncio.run(getattr(store, f"a{method}")(*args, **kwargs))

    return on_either_face


class OnlySync(WritableFileSystem):
    """Storage whose methods are plain functions."""

    def read_path(self, path):  # type: ignore[override]
        return FILES[path]

    def write_path(self, path, content):  # type: ignore[override]
        FILES[path] = content


class OnlyAsync(WritableFileSystem):
    """Storage whose methods are async functions."""

    async def read_path(self, path):
        await asyncio.sleep(0)
        return FILES[path]

    async def write_path(self, path, content):
        await asyncio.sleep(0)
        FILES[path] = content


FILES: dict[str, bytes] = {}


def fresh(store: ResultStore) -> ResultStore:
    """The same store in another process: nothing is in memory."""
    return store.model_copy(update={"cache": type(store.cache)(1000)})


@pytest.mark.parametrize("serializer", ["pickle", "json", "compressed/pickle", "compressed/json"])
def test_written_result_is_read(storage, call, serializer: str) -> None:
    store = ResultStore(result_storage=storage, serializer=serializer)
    call(store, "write", VALUE, key="k")

    assert call(fresh(store), "read", "k").result == VALUE
    assert call(fresh(store), "exists", "k")
    assert not call(store, "exists", "other")


@pytest.mark.parametrize("kind", [OnlySync, OnlyAsync])
def test_storage_of_either_colour_serves_both_faces(kind, call) -> None:
    store, key = ResultStore(result_storage=kind()), uuid4().hex

    call(store, "write", VALUE, key=key)

    assert call(fresh(store), "read", key).result == VALUE


def test_value_and_metadata_stand_in_one_file(storage, call) -> None:
    store = ResultStore(result_storage=storage, serializer="json")
    call(store, "write", VALUE, key="k")

    written = json.loads(storage.read_path("k"))

    assert written["result"] == json.dumps(VALUE)
    assert written["metadata"]["storage_key"] == str(storage._resolve_path("k"))
    assert written["metadata"]["serializer"]["type"] == "json"


def test_metadata_stand_apart_in_their_own_storage(storage, call, tmp_path: Path) -> None:
    keys = LocalFileSystem(basepath=str(tmp_path / "keys"))
    store = ResultStore(result_storage=storage, metadata_storage=keys, serializer="json")
    call(store, "write", VALUE, key="k")

    assert json.loads(storage.read_path("k")) == VALUE
    assert json.loads(keys.read_path("k"))["storage_key"] == str(storage._resolve_path("k"))
    assert call(fresh(store), "exists", "k")
    assert call(fresh(store), "read", "k").result == VALUE


def test_metadata_are_not_kept_when_not_wanted(storage, call) -> None:
    store = ResultStore(
        result_storage=storage, metadata_storage=NullFileSystem(), serializer="json"
    )
    call(store, "write", VALUE, key="k")

    assert json.loads(storage.read_path("k")) == VALUE
    assert call(fresh(store), "exists", "k")
    assert call(fresh(store), "read", "k").result == VALUE


def test_expired_result_does_not_exist_any_more(storage, call) -> None:
    store = ResultStore(result_storage=storage)
    past = datetime.now(timezone.utc) - timedelta(seconds=1)
    call(store, "write", VALUE, key="old", expiration=past)
    call(store, "write", VALUE, key="new", expiration=past + timedelta(days=1))

    for one in (store, fresh(store)):
        assert not call(one, "exists", "old")
        assert call(one, "exists", "new")


def test_result_stays_in_memory_unless_told_otherwise(storage, call) -> None:
    store = ResultStore(result_storage=storage)
    call(store, "write", VALUE, key="k")
    storage._resolve_path("k").unlink()

    assert call(store, "read", "k").result is VALUE
    with pytest.raises(ValueError, match="no file"):
        call(store.model_copy(update={"cache_result_in_memory": False}), "read", "k")


def test_memory_forgets_what_was_used_longest_ago() -> None:
    cache = ResultStore().cache
    for number in range(1000):
        cache[str(number)] = number  # type: ignore[assignment]
    _ = cache["0"]
    cache["new"] = 0  # type: ignore[assignment]

    assert len(cache) == 1000
    assert "0" in cache
    assert "1" not in cache
    assert len(pickle.loads(pickle.dumps(cache))) == 0


def test_result_without_a_form_is_refused_with_the_way_out(storage, call) -> None:
    with pytest.raises(SerializationError, match=r"another result serializer"):
        call(ResultStore(result_storage=storage), "write", (number for number in [1]))


def test_result_without_a_key_gets_a_new_one(storage) -> None:
    store = ResultStore(result_storage=storage)
    one, two = store.create_result_record(1), store.create_result_record(1)

    assert one.metadata.storage_key != two.metadata.storage_key
    assert len(DEFAULT_STORAGE_KEY_FN()) == 32


def test_record_without_a_key_is_not_written(storage, call) -> None:
    record = ResultRecord(metadata=ResultRecordMetadata(), result=1)

    with pytest.raises(ValueError, match="create_result_record"):
        call(ResultStore(result_storage=storage), "persist_result_record", record)


def test_default_storage_is_the_local_directory(call, tmp_path: Path) -> None:
    call(ResultStore(), "write", VALUE, key="k")

    assert (tmp_path / "default" / "k").exists()
    assert call(ResultStore(), "read", "k").result == VALUE


# ---- locks --------------------------------------------------------------------------------------


def test_store_without_a_lock_manager_locks_nothing(storage) -> None:
    store = ResultStore(result_storage=storage)

    with pytest.raises(ConfigurationError, match="lock_manager"):
        store.acquire_lock("k")
    assert store.supports_isolation_level("READ_COMMITTED")  # type: ignore[arg-type]
    assert not store.supports_isolation_level("SERIALIZABLE")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="isolation level"):
        store.supports_isolation_level("NONE")  # type: ignore[arg-type]


def test_lock_is_held_by_this_thread_by_default(storage, call) -> None:
    store = ResultStore(result_storage=storage, lock_manager=MemoryLockManager())
    key = uuid4().hex

    assert call(store, "acquire_lock", key)
    assert store.supports_isolation_level("SERIALIZABLE")  # type: ignore[arg-type]
    assert store.is_locked(key)
    assert store.is_lock_holder(key)
    assert not call(store, "acquire_lock", key, "other", 0.01)
    assert not store.wait_for_lock(key, 0.01)
    assert asyncio.run(store.await_for_lock(key, 0.01)) is False
    store.release_lock(key)
    assert not store.is_locked(key)


def test_result_that_another_has_locked_is_not_written(storage, call) -> None:
    store = ResultStore(result_storage=storage, lock_manager=MemoryLockManager())
    key = uuid4().hex
    store.acquire_lock(key, holder="other")

    with pytest.raises(RuntimeError, match="lock"):
        call(store, "write", VALUE, key=key, holder="me")
    call(store, "write", VALUE, key=key, holder="other")
    assert call(store, "read", key, holder="other").result == VALUE
    store.release_lock(key, holder="other")


# ---- choosing -----------------------------------------------------------------------------------


def test_serializer_is_chosen_by_name_or_given() -> None:
    assert isinstance(resolve_serializer("json"), JSONSerializer)
    given = PickleSerializer()
    assert resolve_serializer(given) is given
    with pytest.raises(TypeError, match="3"):
        resolve_serializer(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"known are: .*json"):
        resolve_serializer("jsson")


def test_default_serializer_is_a_setting() -> None:
    assert isinstance(get_default_result_serializer(), PickleSerializer)
    with temporary_settings({PREFECT_RESULTS_DEFAULT_SERIALIZER: "json"}):
        assert isinstance(ResultStore().serializer, JSONSerializer)


def test_persistence_is_a_setting_that_tasks_may_override() -> None:
    assert not should_persist_result()
    with temporary_settings({PREFECT_RESULTS_PERSIST_BY_DEFAULT: True}):
        assert should_persist_result()
        assert get_default_persist_setting()
        assert get_default_persist_setting_for_tasks()
        with temporary_settings({PREFECT_TASKS_DEFAULT_PERSIST_RESULT: False}):
            assert not get_default_persist_setting_for_tasks()


def test_storage_is_a_block_or_a_path(storage, tmp_path: Path) -> None:
    assert resolve_result_storage(storage) is storage
    assert resolve_result_storage(tmp_path).basepath == str(tmp_path)
    assert asyncio.run(resolve_result_storage.aio(tmp_path)).basepath == str(tmp_path)


@pytest.mark.parametrize("given", [3, None, b"x"])
def test_storage_of_another_kind_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="Result storage is"):
        resolve_result_storage(given)


def test_block_that_stores_no_files_is_refused() -> None:
    from prefect.blocks.system import Secret

    with pytest.raises(TypeError, match="read_path"):
        resolve_result_storage(Secret(value="x"))


def test_default_storage_block_must_be_named_whole() -> None:
    with temporary_settings({PREFECT_DEFAULT_RESULT_STORAGE_BLOCK: "nope"}):
        with pytest.raises(ValueError, match="its type and its name"):
            get_default_result_storage()


def test_parameters_of_background_tasks_are_stored_locally_by_default(tmp_path: Path) -> None:
    found = asyncio.run(get_or_create_default_task_scheduling_storage())

    assert found.basepath == str(tmp_path / "default")


def test_kind_of_storage_is_told() -> None:
    kinds = {
        "WritableFileSystem": [LocalFileSystem(), {"block_type_slug": "x"}],
        "NullFileSystem": [NullFileSystem(), {}],
        "None": [None, "x"],
    }
    for kind, values in kinds.items():
        assert [result_storage_discriminator(value) for value in values] == [kind] * 2


def test_store_outside_of_runs_has_the_defaults() -> None:
    assert get_result_store().result_storage is None


def test_holder_names_machine_process_and_thread() -> None:
    import os
    import threading

    assert f":{os.getpid()}:{threading.get_ident()}:" in ResultStore.generate_default_holder()


# ---- for flows and tasks ------------------------------------------------------------------------


def flow_like(**fields: Any) -> Any:
    defaults = {"result_storage": None, "result_serializer": None, "cache_result_in_memory": True}
    return SimpleNamespace(**{**defaults, **fields})


def task_like(**fields: Any) -> Any:
    return flow_like(**{"cache_policy": None, "result_storage_key": None, **fields})


def test_store_for_a_flow_keeps_no_metadata(storage, call) -> None:
    flow = flow_like(result_storage=storage, result_serializer="json", cache_result_in_memory=False)

    store = call(ResultStore(), "update_for_flow", flow)

    assert store.result_storage is storage
    assert isinstance(store.serializer, JSONSerializer)
    assert isinstance(store.metadata_storage, NullFileSystem)
    assert store.cache_result_in_memory is False


def test_store_for_a_flow_has_the_default_storage(call, tmp_path: Path) -> None:
    store = call(ResultStore(), "update_for_flow", flow_like())

    assert store.result_storage.basepath == str(tmp_path / "default")


def test_store_for_a_task_follows_its_cache_policy(storage, call, tmp_path: Path) -> None:
    policy = SimpleNamespace(key_storage=tmp_path / "keys", lock_manager=MemoryLockManager())
    flow_store = ResultStore(result_storage=storage, metadata_storage=NullFileSystem())

    plain = call(flow_store, "update_for_task", task_like())
    with_policy = call(flow_store, "update_for_task", task_like(cache_policy=policy))

    assert plain.result_storage is storage
    assert plain.metadata_storage is None
    assert with_policy.metadata_storage.basepath == str(tmp_path / "keys")
    assert with_policy.lock_manager is policy.lock_manager


# ---- reading what a state leads to ---------------------------------------------------------------


def metadata(**fields: Any) -> ResultRecordMetadata:
    return ResultRecordMetadata(**{"serializer": {"type": "json"}, **fields})


@pytest.mark.parametrize("face", ["sync", "async"])
def test_local_result_is_read_with_or_without_metadata(storage, face: str) -> None:
    def read(found: ResultRecordMetadata) -> Any:
        return read_result(found) if face == "sync" else asyncio.run(aread_result(found))

    ResultStore(result_storage=storage, serializer="json").write(VALUE, key="both")
    storage.write_path("alone", json.dumps(VALUE).encode())

    for key in ("both", "alone"):
        where = metadata(storage_key=str(storage._resolve_path(key)))
        assert read(where).result == VALUE


def test_result_at_a_url_is_read_through_its_file_system() -> None:
    from prefect.filesystems import RemoteFileSystem

    storage = RemoteFileSystem(basepath=f"memory://{uuid4().hex}")
    store = ResultStore(result_storage=storage, serializer="json")
    record = store.create_result_record(VALUE, key="k")
    store.persist_result_record(record)

    assert "://" in str(record.metadata.storage_key)
    assert read_result(record.metadata).result == VALUE


def test_local_result_that_is_gone_says_where_it_was(tmp_path: Path) -> None:
    with pytest.raises(MissingResult, match="gone"):
        read_result(metadata(storage_key=str(tmp_path / "gone")))
    with pytest.raises(MissingResult, match="does not say where"):
        read_result(metadata(storage_key=None))


def test_storage_that_fails_is_named_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Locked(WritableFileSystem):
        _block_type_name = "Locked Store"

        def read_path(self, path):  # type: ignore[override]
            raise PermissionError("no credentials")

        def write_path(self, path, content):  # type: ignore[override]
            raise PermissionError("no credentials")

    async def load(self: Any, id: UUID) -> Any:
        return Locked()

    monkeypatch.setattr("prefect.results._BlockingPort.load_block", load)
    where = metadata(storage_key="k", storage_block_id=uuid4())

    with pytest.raises(MissingResult, match=r"'k'.*locked-store.*PermissionError: no credentials"):
        read_result(where)


def test_block_that_cannot_read_files_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.blocks.system import Secret

    async def load(self: Any, id: UUID) -> Any:
        return Secret(value="x")

    monkeypatch.setattr("prefect.results._BlockingPort.load_block", load)

    with pytest.raises(MissingResult, match="'secret', which cannot read files"):
        read_result(metadata(storage_key="k", storage_block_id=uuid4()))


def test_reading_a_state_loads_no_block() -> None:
    program = """
import sys
from prefect.client.schemas.objects import State
state = State.model_validate({"type": "COMPLETED", "data": {"storage_key": "/nowhere/k",
    "serializer": {"type": "json"}, "storage_block_id": None, "expiration": None}})
assert state.data.storage_key == "/nowhere/k"
import prefect.results
loaded = [name for name in sys.modules if name.startswith(("prefect.blocks", "prefect.filesystems",
    "prefect._result_store", "prefect.locking", "httpx", "asyncio"))]
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
