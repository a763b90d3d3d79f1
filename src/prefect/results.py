"""Where results of runs are stored, how they are written, and how they are read again.

A finished run's state says where its result is: `read_result` fetches it, from a local file or
through the block that stores it. `ResultStore` writes and reads results by key; it and the
functions that choose storage and serializer come with their first use, so that reading a result
from a file loads no block.
"""

from typing import Any, Protocol

from prefect._dual import run
from prefect._lazy import lazy_exports
from prefect._result_records import ResultRecord, ResultRecordMetadata
from prefect.exceptions import MissingResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from prefect._result_store import DEFAULT_STORAGE_KEY_FN as DEFAULT_STORAGE_KEY_FN
    from prefect._result_store import LITERAL_TYPES as LITERAL_TYPES
    from prefect._result_store import ResultSerializer as ResultSerializer
    from prefect._result_store import ResultStorage as ResultStorage
    from prefect._result_store import ResultStore as ResultStore
    from prefect._result_store import aget_default_result_storage as aget_default_result_storage
    from prefect._result_store import aresolve_result_storage as aresolve_result_storage
    from prefect._result_store import default_cache as default_cache
    from prefect._result_store import get_default_persist_setting as get_default_persist_setting
    from prefect._result_store import (
        get_default_persist_setting_for_tasks as get_default_persist_setting_for_tasks,
    )
    from prefect._result_store import get_default_result_serializer as get_default_result_serializer
    from prefect._result_store import get_default_result_storage as get_default_result_storage
    from prefect._result_store import (
        get_or_create_default_task_scheduling_storage as get_or_create_default_task_scheduling_storage,  # noqa: E501 - one name
    )
    from prefect._result_store import get_result_store as get_result_store
    from prefect._result_store import resolve_result_storage as resolve_result_storage
    from prefect._result_store import resolve_serializer as resolve_serializer
    from prefect._result_store import result_storage_discriminator as result_storage_discriminator
    from prefect._result_store import should_persist_result as should_persist_result

__all__ = [
    "DEFAULT_STORAGE_KEY_FN",
    "LITERAL_TYPES",
    "ResultRecord",
    "ResultRecordMetadata",
    "ResultSerializer",
    "ResultStorage",
    "ResultStore",
    "aget_default_result_storage",
    "aread_result",
    "aresolve_result_storage",
    "default_cache",
    "get_default_persist_setting",
    "get_default_persist_setting_for_tasks",
    "get_default_result_serializer",
    "get_default_result_storage",
    "get_or_create_default_task_scheduling_storage",
    "get_result_store",
    "read_result",
    "resolve_result_storage",
    "resolve_serializer",
    "result_storage_discriminator",
    "should_persist_result",
]

_HERE = ("ResultRecord", "ResultRecordMetadata", "aread_result", "read_result")

__getattr__, __dir__ = lazy_exports(
    __name__, {name: "prefect._result_store" for name in __all__ if name not in _HERE}
)


class _Port(Protocol):
    """What reading a result needs of the world."""

    async def read_file(self, path: "Path") -> bytes: ...

    async def load_block(self, id: "UUID") -> Any: ...

    async def read_path(self, storage: Any, key: str) -> bytes: ...


def read_result(metadata: ResultRecordMetadata) -> ResultRecord[Any]:
    """Read a stored result.

    Args:
        metadata: Of a final state, `state.data`.

    Raises:
        MissingResult: If it is not there, or its storage cannot be reached from here.
        UnknownBlockType: If the class of the block that stores it is not installed here.
        SerializationError: If its serializer is not known here.
    """
    return run(_read(_BlockingPort(), metadata))


async def aread_result(metadata: ResultRecordMetadata) -> ResultRecord[Any]:
    """Read a stored result without blocking the event loop; see `read_result`."""
    return await _read(_AsyncPort(), metadata)


async def _read(port: _Port, metadata: ResultRecordMetadata) -> ResultRecord[Any]:
    key = metadata.storage_key
    if key is None:
        raise MissingResult("The run's state does not say where its result is stored.")
    if metadata.storage_block_id is not None:
        content = await _from_block(port, metadata.storage_block_id, key)
    elif "://" in key:
        content = await _from_url(port, key)
    else:
        content = await _from_file(port, key)
    if _holds_metadata(content):
        return ResultRecord.deserialize(content)
    return ResultRecord(metadata=metadata, result=metadata.serializer.loads(content))


async def _from_file(port: _Port, key: str) -> bytes:
    path = _local_path(key)
    try:
        return await port.read_file(path)
    except OSError as error:
        raise MissingResult(
            f"The run stored its result in the local file '{path}', which cannot be read here:"
            f" {error.strerror}. Results in local files can be read only where the run wrote them;"
            " give the flow a `result_storage` that both machines reach."
        ) from error


def _local_path(key: str) -> "Path":
    from pathlib import Path

    from prefect.settings._current import group

    return Path(group("results").local_storage_path, key).expanduser()


async def _from_url(port: _Port, url: str) -> bytes:
    """Read what a file system that was no stored block wrote: its URL is all that is known."""
    from prefect.filesystems import RemoteFileSystem  # heavy: blocks

    base, _, name = url.rpartition("/")
    return await _through(port, RemoteFileSystem(basepath=base), name, f"at {url!r}")


async def _from_block(port: _Port, id: "UUID", key: str) -> bytes:
    from prefect.blocks.core import UnknownBlockType  # heavy: blocks

    try:
        storage = await port.load_block(id)
    except UnknownBlockType as error:
        raise UnknownBlockType(
            f"The run's result is stored under {key!r} by the block '{id}'. {error}"
        ) from error
    except (ValueError, RuntimeError) as error:
        raise MissingResult(
            f"The run's result is stored under {key!r} by the block '{id}', which cannot be"
            f" loaded: {error}"
        ) from error
    slug = storage.get_block_type_slug()
    if not hasattr(storage, "read_path"):
        raise MissingResult(
            f"The run's result is stored under {key!r} by the block '{id}' of the type {slug!r},"
            " which cannot read files."
        )
    name = f"{slug}/{storage._block_document_name or id}"
    module = type(storage).__module__.partition(".")[0]
    where = f"under {key!r} in the storage block {name!r} (class of {module!r})"
    return await _through(port, storage, key, where)


async def _through(port: _Port, storage: Any, key: str, where: str) -> bytes:
    """Read through storage; whatever its own libraries raise becomes one kind of error."""
    from prefect.exceptions import PrefectImportError

    try:
        return await port.read_path(storage, key)
    except (MissingResult, PrefectImportError):
        raise
    except Exception as error:  # a boundary: each storage has errors of its own
        raise MissingResult(
            f"The run's result {where} cannot be read: {type(error).__name__}: {error}. Check that"
            " it is still there, and that this process has the credentials for it."
        ) from error


class _BlockingPort:
    async def read_file(self, path: "Path") -> bytes:
        return path.read_bytes()

    async def load_block(self, id: "UUID") -> Any:
        from prefect.blocks import _storing
        from prefect.blocks.core import Block

        document = await _storing.read_by_id(_storing.blocking_client(None), id)
        return Block._load_from_block_document(document)

    async def read_path(self, storage: Any, key: str) -> bytes:
        from prefect.blocks._calling import call_from_sync

        content: bytes = call_from_sync(storage, "read_path", key)
        return content


class _AsyncPort:
    async def read_file(self, path: "Path") -> bytes:
        from anyio import to_thread  # heavy; an event loop is running here anyway

        return await to_thread.run_sync(path.read_bytes)

    async def load_block(self, id: "UUID") -> Any:
        from prefect.blocks import _storing
        from prefect.blocks.core import Block

        document = await _storing.read_by_id(_storing.async_client(None), id)
        return Block._load_from_block_document(document)

    async def read_path(self, storage: Any, key: str) -> bytes:
        from prefect.blocks._calling import call_from_async

        content: bytes = await call_from_async(storage, "read_path", key)
        return content


def _holds_metadata(content: bytes) -> bool:
    """Whether a file holds a record with its metadata, not a value alone."""
    if not content.lstrip().startswith(b"{"):
        return False
    import json

    try:
        found = json.loads(content)
    except ValueError:
        return False
    return (
        isinstance(found, dict)
        and found.keys() == {"metadata", "result"}
        and isinstance(found["metadata"], dict)
        and {"serializer", "storage_key"} <= found["metadata"].keys()
    )
