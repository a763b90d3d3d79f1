"""`ResultStore`, and the choice of storage and serializer; published by `prefect.results`.

A store writes results by key into a file system and reads them again: value and metadata in one
file, or apart. Locks keep two runs from writing the same key; a cache keeps what was read or
written last.
"""

import os
import socket
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from typing_extensions import Self

from prefect._dual import run
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect._result_records import ResultRecord, ResultRecordMetadata
from prefect.blocks import _storing
from prefect.blocks._calling import call_from_async, call_from_sync
from prefect.blocks.core import Block
from prefect.exceptions import ConfigurationError, ObjectNotFound
from prefect.filesystems import LocalFileSystem, NullFileSystem, WritableFileSystem
from prefect.locking.protocol import LockManager
from prefect.logging.loggers import get_logger
from prefect.serializers import Serializer
from prefect.settings._current import group
from prefect.types import DateTime
from prefect.types._datetime import now

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.flows import Flow
    from prefect.tasks import Task
    from prefect.transactions import IsolationLevel

__all__ = [
    "DEFAULT_STORAGE_KEY_FN",
    "LITERAL_TYPES",
    "LRUCache",
    "ResultSerializer",
    "ResultStorage",
    "ResultStore",
    "aget_default_result_storage",
    "aresolve_result_storage",
    "default_cache",
    "get_default_persist_setting",
    "get_default_persist_setting_for_tasks",
    "get_default_result_serializer",
    "get_default_result_storage",
    "get_or_create_default_task_scheduling_storage",
    "get_result_store",
    "resolve_result_storage",
    "resolve_serializer",
    "result_storage_discriminator",
    "should_persist_result",
]

ResultStorage: TypeAlias = WritableFileSystem | str | Path
ResultSerializer: TypeAlias = Serializer | str
LITERAL_TYPES: set[type] = {type(None), bool, UUID}
"""Types whose values need no storage of their own."""

K = TypeVar("K")
V = TypeVar("V")


def DEFAULT_STORAGE_KEY_FN() -> str:
    """Make the key of a result that has none: 32 random hexadecimal digits."""
    return uuid4().hex


# ---- cache --------------------------------------------------------------------------------------


class LRUCache(Generic[K, V]):
    """The values that were used last, at most `maxsize` of them; any thread may use it."""

    def __init__(self, maxsize: int) -> None:
        self.maxsize = maxsize
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """Give a value; None if it is not there (any more)."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def __getitem__(self, key: K) -> V:
        with self._lock:
            self._values.move_to_end(key)  # raises KeyError
            return self._values[key]

    def __setitem__(self, key: K, value: V) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self.maxsize:
                self._values.popitem(last=False)

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"LRUCache(maxsize={self.maxsize}, currsize={len(self)})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process begins with an empty one: the values may be large, and are stored.
        return type(self), (self.maxsize,)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)(self.maxsize)


def default_cache() -> LRUCache[str, ResultRecord[Any]]:
    """Make the cache of a store, of 1000 results."""
    return LRUCache(maxsize=1000)


# ---- defaults -----------------------------------------------------------------------------------


def get_default_persist_setting() -> bool:
    """Say whether results are stored when their author does not say."""
    return group("results").persist_by_default


def get_default_persist_setting_for_tasks() -> bool:
    """Say whether results of tasks are stored when their author does not say."""
    chosen = group("tasks").default_persist_result
    return get_default_persist_setting() if chosen is None else chosen


def should_persist_result() -> bool:
    """Say whether the results of the current run are stored; outside of runs, the default."""
    context = _run_context()
    if context is not None:
        return bool(context.persist_result)
    return get_default_persist_setting()


def get_default_result_serializer() -> Serializer:
    """Make the serializer of results whose author names none."""
    return resolve_serializer(group("results").default_serializer)


def resolve_serializer(serializer: ResultSerializer) -> Serializer:
    """Give the serializer that is meant by one, or by its type's name.

    Raises:
        TypeError: If it is neither.
        ValueError: If there is no serializer of that type.
    """
    if isinstance(serializer, Serializer):
        return serializer
    if isinstance(serializer, str):
        return Serializer(type=serializer)
    raise TypeError(
        "A result serializer is a `Serializer` or the name of its type, such as 'json'; got"
        f" {serializer!r}."
    )


def _run_context() -> Any:
    """Give the context of the current task run, else flow run; None outside of runs."""
    # Without that module no run can be going on.
    module: Any = sys.modules.get("prefect.context")
    if module is None:
        return None
    return module.TaskRunContext.get() or module.FlowRunContext.get()


def get_result_store() -> "ResultStore":
    """Give the store of the current run; outside of runs, one with the default storage."""
    context = _run_context()
    store: ResultStore | None = None if context is None else context.result_store
    return ResultStore() if store is None else store


# ---- choosing storage: one body for both faces --------------------------------------------------


async def _resolve(client: "Callable[[], PrefectClient]", storage: Any) -> WritableFileSystem:
    if isinstance(storage, Path):
        return LocalFileSystem(basepath=str(storage))
    if isinstance(storage, Block):
        block: Any = storage
    elif isinstance(storage, str):
        slug, name = _storing.split_slug(storage)
        document = await _storing.read_by_name(client(), slug, name)
        block = Block._load_from_block_document(document)
    elif isinstance(storage, UUID):
        document = await _storing.read_by_id(client(), storage)
        block = Block._load_from_block_document(document)
    else:
        raise TypeError(
            "Result storage is a file system block, its name as 'type-slug/name', its id, or the"
            f" `Path` of a local directory; got {storage!r}."
        )
    if not (hasattr(block, "read_path") and hasattr(block, "write_path")):
        raise TypeError(
            f"The block type {block.get_block_type_slug()!r} cannot store results: its class has"
            " no `read_path` and `write_path`."
        )
    chosen: WritableFileSystem = block
    return chosen


async def _default_storage(client: "Callable[[], PrefectClient]") -> WritableFileSystem:
    results = group("results")
    if results.default_storage_block is not None:
        return await _resolve(client, results.default_storage_block)
    if group("api").url:
        try:
            answer = await client().read_server_default_result_storage()
        except ObjectNotFound:
            answer = None  # a server older than this choice
        if answer is not None and answer.default_result_storage_block_id is not None:
            return await _resolve(client, answer.default_result_storage_block_id)
    return LocalFileSystem(basepath=str(results.local_storage_path))


_blocking = partial(_storing.blocking_client, None)
_asyncio = partial(_storing.async_client, None)


async def aresolve_result_storage(
    result_storage: ResultStorage | UUID | Path,
) -> WritableFileSystem:
    """Give the file system that is meant by a block, its name or id, or a local path.

    Args:
        result_storage: A block; `type-slug/name` or the id of a stored one; the `Path` of a local
            directory.

    Raises:
        TypeError: If it is none of these, or the block is no file system.
        ValueError: If there is no such block.
        UnknownBlockType: If nothing installed here defines its class.
    """
    return await _resolve(_asyncio, result_storage)


@async_dispatch(aresolve_result_storage)
def resolve_result_storage(result_storage: ResultStorage | UUID | Path) -> WritableFileSystem:
    """Give the file system that is meant; `aresolve_result_storage` says what it takes."""
    return run(_resolve(_blocking, result_storage))


async def aget_default_result_storage() -> WritableFileSystem:
    """Give the storage of results whose author names none.

    The setting `results.default_storage_block` comes first, then the server's default, then the
    local directory of the setting `results.local_storage_path`.
    """
    return await _default_storage(_asyncio)


@async_dispatch(aget_default_result_storage)
def get_default_result_storage() -> WritableFileSystem:
    """Give the storage of results whose author names none; see `aget_default_result_storage`."""
    return run(_default_storage(_blocking))


async def get_or_create_default_task_scheduling_storage() -> ResultStorage:
    """Give the storage of the parameters of tasks that run in the background."""
    chosen = group("tasks.scheduling").default_storage_block
    if chosen is not None:
        return await _resolve(_asyncio, chosen)
    return LocalFileSystem(basepath=str(group("results").local_storage_path))


def result_storage_discriminator(x: Any) -> str:
    """Say which kind of storage something is, or would become."""
    if isinstance(x, dict):
        return "WritableFileSystem" if "block_type_slug" in x else "NullFileSystem"
    for kind in (WritableFileSystem, NullFileSystem):
        if isinstance(x, kind):
            return kind.__name__
    return "None"


# ---- the store ----------------------------------------------------------------------------------


class _Port(Protocol):
    """What a store needs of the world."""

    async def default_storage(self) -> WritableFileSystem: ...

    async def resolve(self, storage: Any) -> WritableFileSystem: ...

    async def call(self, block: object, method: str, *args: Any) -> Any: ...

    async def acquire(self, locks: LockManager, *args: Any, **kwargs: Any) -> bool: ...

    async def wait(self, locks: LockManager, *args: Any, **kwargs: Any) -> bool: ...


class _BlockingPort:
    async def default_storage(self) -> WritableFileSystem:
        return await _default_storage(_blocking)

    async def resolve(self, storage: Any) -> WritableFileSystem:
        return await _resolve(_blocking, storage)

    async def call(self, block: object, method: str, *args: Any) -> Any:
        return call_from_sync(block, method, *args)

    async def acquire(self, locks: LockManager, *args: Any, **kwargs: Any) -> bool:
        return locks.acquire_lock(*args, **kwargs)

    async def wait(self, locks: LockManager, *args: Any, **kwargs: Any) -> bool:
        return locks.wait_for_lock(*args, **kwargs)


class _AsyncPort:
    async def default_storage(self) -> WritableFileSystem:
        return await _default_storage(_asyncio)

    async def resolve(self, storage: Any) -> WritableFileSystem:
        return await _resolve(_asyncio, storage)

    async def call(self, block: object, method: str, *args: Any) -> Any:
        return await call_from_async(block, method, *args)

    async def acquire(self, locks: LockManager, *args: Any, **kwargs: Any) -> bool:
        return await locks.aacquire_lock(*args, **kwargs)

    async def wait(self, locks: LockManager, *args: Any, **kwargs: Any) -> bool:
        return await locks.await_for_lock(*args, **kwargs)


class ResultStore(BaseModel):
    """Writes and reads results by key.

    Attributes:
        result_storage: Where values are kept; by default the storage that the settings choose.
        metadata_storage: Where metadata are kept apart from values; None keeps both in one file, a
            `NullFileSystem` keeps none.
        lock_manager: Locks on the keys; None means that there are none.
        cache_result_in_memory: Whether results stay in this process's memory too.
        serializer: What values are written with.
        storage_key_fn: Makes the key of a result that has none.
        cache: The results in memory, by key.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    result_storage: WritableFileSystem | None = None
    metadata_storage: Annotated[
        Annotated[WritableFileSystem, Tag("WritableFileSystem")]
        | Annotated[NullFileSystem, Tag("NullFileSystem")]
        | Annotated[None, Tag("None")],
        Discriminator(result_storage_discriminator),
    ] = None
    lock_manager: LockManager | None = None
    cache_result_in_memory: bool = True
    serializer: Serializer = Field(default_factory=get_default_result_serializer)
    storage_key_fn: Callable[[], str] = DEFAULT_STORAGE_KEY_FN
    cache: LRUCache[str, ResultRecord[Any]] = Field(default_factory=default_cache)

    @property
    def result_storage_block_id(self) -> UUID | None:
        """The block that stores the values; None for storage that is no stored block."""
        return self.result_storage._block_document_id if self.result_storage is not None else None

    # ---- for flows and tasks ----

    async def aupdate_for_flow(self, flow: "Flow[..., Any]") -> Self:
        """Make a copy with the storage and serializer of a flow."""
        return await self._for_flow(_AsyncPort(), flow)

    @async_dispatch(aupdate_for_flow)
    def update_for_flow(self, flow: "Flow[..., Any]") -> Self:
        """Make a copy with the storage and serializer of a flow."""
        return run(self._for_flow(_BlockingPort(), flow))

    async def aupdate_for_task(self, task: "Task[..., Any]") -> Self:
        """Make a copy with the storage, serializer, cache policy and key of a task."""
        return await self._for_task(_AsyncPort(), task)

    @async_dispatch(aupdate_for_task)
    def update_for_task(self, task: "Task[..., Any]") -> Self:
        """Make a copy with the storage, serializer, cache policy and key of a task."""
        return run(self._for_task(_BlockingPort(), task))

    async def _for_flow(self, port: _Port, flow: Any) -> Self:
        update = await self._common(port, flow)
        # The metadata of a flow's result stand in its state alone.
        update["metadata_storage"] = NullFileSystem()
        return self.model_copy(update=update)

    async def _for_task(self, port: _Port, task: Any) -> Self:
        update = await self._common(port, task)
        policy = task.cache_policy
        key_storage = getattr(policy, "key_storage", None)
        if isinstance(key_storage, str) and "/" not in key_storage:
            key_storage = Path(key_storage)
        update["metadata_storage"] = (
            None if key_storage is None else await port.resolve(key_storage)
        )
        if getattr(policy, "lock_manager", None) is not None:
            update["lock_manager"] = policy.lock_manager
        if task.result_storage_key is not None:
            update["storage_key_fn"] = partial(_key_from_template, task.result_storage_key)
        return self.model_copy(update=update)

    async def _common(self, port: _Port, source: Any) -> dict[str, Any]:
        update: dict[str, Any] = {"cache_result_in_memory": source.cache_result_in_memory}
        if source.result_storage is not None:
            update["result_storage"] = await port.resolve(source.result_storage)
        elif self.result_storage is None:
            update["result_storage"] = await port.default_storage()
        if source.result_serializer is not None:
            update["serializer"] = resolve_serializer(source.result_serializer)
        return update

    # ---- keys ----

    @staticmethod
    def generate_default_holder() -> str:
        """Name this thread as a holder of locks: machine, process, thread."""
        thread = threading.current_thread()
        return f"{socket.gethostname()}:{os.getpid()}:{thread.ident}:{thread.name}"

    async def _storage(self, port: _Port) -> WritableFileSystem:
        return await port.default_storage() if self.result_storage is None else self.result_storage

    def _full_key(self, storage: WritableFileSystem, key: str) -> str:
        """The key under which a result is known elsewhere: storage that is no stored block cannot
        be found by others, so that its own place goes into the key."""
        resolve = getattr(storage, "_resolve_path", None)
        if resolve is not None and storage._block_document_id is None:
            return str(resolve(key))
        return key

    def _base_key(self, key: str) -> str:
        """The key without the place of the storage, for the metadata's own storage."""
        base = getattr(self.result_storage, "basepath", None)
        if base is None:
            if self.result_storage is not None or not os.path.isabs(key):
                return key
            base = str(group("results").local_storage_path)
        if "://" in key:
            return key.removeprefix(str(base).rstrip("/")).lstrip("/")
        if os.path.isabs(key):
            return os.path.relpath(key, Path(str(base)).expanduser().resolve())
        return key

    # ---- reading ----

    def exists(self, key: str) -> bool:
        """Say whether there is a result under a key that has not expired."""
        return run(self._exists(_BlockingPort(), key))

    async def aexists(self, key: str) -> bool:
        """Say whether there is a result under a key that has not expired."""
        return await self._exists(_AsyncPort(), key)

    async def _exists(self, port: _Port, key: str) -> bool:
        storage = await self._storage(port)
        cached = (
            self.cache.get(self._full_key(storage, key)) if self.cache_result_in_memory else None
        )
        if cached is not None:
            return not _is_over(cached.expiration)
        try:
            if self.metadata_storage is None:
                metadata = (await self._read_whole(port, storage, key)).metadata
            elif isinstance(self.metadata_storage, NullFileSystem):
                await port.call(storage, "read_path", self._full_key(storage, key))
                return True
            else:
                metadata = await self._read_metadata(port, key)
        except Exception as error:  # a boundary: each storage has its own error for what is missing
            get_logger(__name__).debug("No result is read under the key %r: %s", key, error)
            return False
        return not _is_over(metadata.expiration)

    def read(self, key: str, holder: str | None = None) -> ResultRecord[Any]:
        """Read a result, after waiting for whoever else has its lock.

        Args:
            key: Of the result.
            holder: Who reads; by default this thread.

        Raises:
            Exception: What the storage raises for a file that is not there.
            SerializationError: If the serializer is not known here.
        """
        return run(self._read(_BlockingPort(), key, holder))

    async def aread(self, key: str, holder: str | None = None) -> ResultRecord[Any]:
        """Read a result; as `read`, without blocking the event loop."""
        return await self._read(_AsyncPort(), key, holder)

    async def _read(self, port: _Port, key: str, holder: str | None) -> ResultRecord[Any]:
        if self.lock_manager is not None and not self.is_lock_holder(key, holder):
            await port.wait(self.lock_manager, key)
        storage = await self._storage(port)
        full_key = self._full_key(storage, key)
        cached = self._cached(full_key)
        if cached is not None:
            return cached
        if self.metadata_storage is None:
            record = await self._read_whole(port, storage, key)
        elif isinstance(self.metadata_storage, NullFileSystem):
            metadata = self._metadata(storage, full_key, None)
            content = await port.call(storage, "read_path", full_key)
            record = ResultRecord(metadata=metadata, result=self.serializer.loads(content))
        else:
            metadata = await self._read_metadata(port, key)
            value_key = metadata.storage_key or full_key
            content = await port.call(storage, "read_path", value_key)
            record = ResultRecord.deserialize_from_result_and_metadata(
                content, metadata.dump_bytes()
            )
        if self.cache_result_in_memory:
            self.cache[full_key] = record
        return record

    def _cached(self, full_key: str) -> ResultRecord[Any] | None:
        return self.cache.get(full_key) if self.cache_result_in_memory else None

    async def _read_whole(
        self, port: _Port, storage: WritableFileSystem, key: str
    ) -> ResultRecord[Any]:
        content: bytes = await port.call(storage, "read_path", self._full_key(storage, key))
        return ResultRecord.deserialize(content, backup_serializer=self.serializer)

    async def _read_metadata(self, port: _Port, key: str) -> ResultRecordMetadata:
        content: bytes = await port.call(self.metadata_storage, "read_path", self._base_key(key))
        return ResultRecordMetadata.load_bytes(content)

    # ---- writing ----

    def _metadata(
        self, storage: WritableFileSystem, full_key: str, expiration: datetime | None
    ) -> ResultRecordMetadata:
        return ResultRecordMetadata(
            serializer=self.serializer,
            expiration=expiration,
            storage_key=full_key,
            storage_block_id=storage._block_document_id,
        )

    def create_result_record(
        self, obj: Any, key: str | None = None, expiration: DateTime | None = None
    ) -> ResultRecord[Any]:
        """Make the record of a result, without writing it.

        Args:
            obj: The result.
            key: Of the result; by default a new one.
            expiration: When it stops being valid; None means never.
        """
        return run(self._record(_BlockingPort(), obj, key, expiration))

    async def _record(
        self, port: _Port, obj: Any, key: str | None, expiration: DateTime | None
    ) -> ResultRecord[Any]:
        storage = await self._storage(port)
        full_key = self._full_key(storage, key or self.storage_key_fn())
        return ResultRecord(result=obj, metadata=self._metadata(storage, full_key, expiration))

    def write(
        self,
        obj: Any,
        key: str | None = None,
        expiration: DateTime | None = None,
        holder: str | None = None,
    ) -> None:
        """Write a result.

        Args:
            obj: The result.
            key: Of the result; by default a new one.
            expiration: When it stops being valid; None means never.
            holder: Who writes; by default this thread.

        Raises:
            SerializationError: If the serializer has no form for it.
            RuntimeError: If somebody else has the lock of the key.
        """
        run(self._write(_BlockingPort(), obj, key, expiration, holder))

    async def awrite(
        self,
        obj: Any,
        key: str | None = None,
        expiration: DateTime | None = None,
        holder: str | None = None,
    ) -> None:
        """Write a result; as `write`, without blocking the event loop."""
        await self._write(_AsyncPort(), obj, key, expiration, holder)

    async def _write(
        self,
        port: _Port,
        obj: Any,
        key: str | None,
        expiration: DateTime | None,
        holder: str | None,
    ) -> None:
        record = await self._record(port, obj, key, expiration)
        await self._persist(port, record, holder)

    def persist_result_record(
        self, result_record: ResultRecord[Any], holder: str | None = None
    ) -> None:
        """Write a record; `write` says what it raises."""
        run(self._persist(_BlockingPort(), result_record, holder))

    async def apersist_result_record(
        self, result_record: ResultRecord[Any], holder: str | None = None
    ) -> None:
        """Write a record; as `persist_result_record`, without blocking the event loop."""
        await self._persist(_AsyncPort(), result_record, holder)

    async def _persist(self, port: _Port, record: ResultRecord[Any], holder: str | None) -> None:
        full_key = record.metadata.storage_key
        if full_key is None:
            raise ValueError(
                "This record has no key to be written under; make it with `create_result_record`."
            )
        key = self._base_key(full_key)
        if self.lock_manager is not None:
            if self.is_locked(key) and not self.is_lock_holder(key, holder):
                raise RuntimeError(
                    f"The result with the key {key!r} cannot be written: somebody else has its"
                    " lock. Wait for it with `acquire_lock`."
                )
        storage = await self._storage(port)
        if self.metadata_storage is None:
            await port.call(storage, "write_path", full_key, record.serialize())
        else:
            await port.call(storage, "write_path", full_key, record.serialize_result())
            if not isinstance(self.metadata_storage, NullFileSystem):
                await port.call(
                    self.metadata_storage, "write_path", key, record.serialize_metadata()
                )
        if self.cache_result_in_memory:
            self.cache[self._full_key(storage, full_key)] = record

    # ---- locks ----

    def supports_isolation_level(self, level: "IsolationLevel") -> bool:
        """Say whether the store can keep runs apart as asked.

        Raises:
            ValueError: If there is no such level.
        """
        name = getattr(level, "name", level)
        if name == "READ_COMMITTED":
            return True
        if name == "SERIALIZABLE":
            return self.lock_manager is not None
        raise ValueError(f"{level!r} is no isolation level; choose READ_COMMITTED or SERIALIZABLE.")

    def _locks(self) -> LockManager:
        if self.lock_manager is None:
            raise ConfigurationError(
                "This result store has no lock manager, so that nothing can be locked: give it one"
                " as `lock_manager`, or give one to the cache policy with `configure`."
            )
        return self.lock_manager

    def acquire_lock(
        self, key: str, holder: str | None = None, timeout: float | None = None
    ) -> bool:
        """Take the lock of a key, waiting for it.

        Args:
            key: Of the result.
            holder: Who takes it; by default this thread.
            timeout: Seconds to wait for it; None means without limit.

        Returns:
            Whether the holder has it.

        Raises:
            ConfigurationError: If the store has no lock manager.
        """
        holder = holder or self.generate_default_holder()
        return self._locks().acquire_lock(key, holder, timeout)

    async def aacquire_lock(
        self, key: str, holder: str | None = None, timeout: float | None = None
    ) -> bool:
        """Take the lock of a key; as `acquire_lock`, without blocking the event loop."""
        holder = holder or self.generate_default_holder()
        return await self._locks().aacquire_lock(key, holder, timeout)

    def release_lock(self, key: str, holder: str | None = None) -> None:
        """Give back the lock of a key.

        Raises:
            ConfigurationError: If the store has no lock manager.
            ValueError: If the holder does not have the lock.
        """
        self._locks().release_lock(key, holder or self.generate_default_holder())

    def is_locked(self, key: str) -> bool:
        """Say whether somebody has the lock of a key; raises as `acquire_lock`."""
        return self._locks().is_locked(key)

    def is_lock_holder(self, key: str, holder: str | None = None) -> bool:
        """Say whether the holder has the lock; by default this thread. Raises as `acquire_lock`."""
        return self._locks().is_lock_holder(key, holder or self.generate_default_holder())

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock of a key.

        Args:
            key: Of the result.
            timeout: Seconds to wait; None means without limit.

        Returns:
            Whether that is so; False when the time is over.

        Raises:
            ConfigurationError: If the store has no lock manager.
        """
        return self._locks().wait_for_lock(key, timeout)

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait until nobody has the lock; as `wait_for_lock`, without blocking the event loop."""
        return await self._locks().await_for_lock(key, timeout)


ResultStore.__module__ = "prefect.results"


def _is_over(expiration: datetime | None) -> bool:
    return expiration is not None and expiration <= now()


def _key_from_template(template: str) -> str:
    """Fill in the key of a task's result, `result_storage_key`, for the current run."""
    from prefect import runtime  # only within runs
    from prefect.context import TaskRunContext

    context = TaskRunContext.get()
    values = {name: getattr(runtime, name) for name in ("deployment", "flow_run", "task_run")}
    filled: str = template.format(
        **values, parameters=context.parameters if context is not None else {}
    )
    return filled
