"""Where results of runs are stored, and how they are read again.

Only reading is here so far: a finished run's state says where its result is, and `read_result`
fetches it from local storage. Writing results, and storage by blocks, come with the run engine.
"""

from pathlib import Path
from typing import Any

from prefect._result_records import ResultRecord, ResultRecordMetadata
from prefect.exceptions import MissingResult

__all__ = ["ResultRecord", "ResultRecordMetadata", "aread_result", "read_result"]


def read_result(metadata: ResultRecordMetadata) -> ResultRecord[Any]:
    """Read a stored result.

    Args:
        metadata: Of a final state, `state.data`.

    Raises:
        MissingResult: If it is not there, or its storage cannot be reached from here.
        SerializationError: If its serializer is not known here.
    """
    if metadata.storage_key is None:
        raise MissingResult("The run's state does not say where its result is stored.")
    if metadata.storage_block_id is not None:
        raise MissingResult(
            f"The result is in the storage of block {metadata.storage_block_id}; reading through"
            " storage blocks is not there yet. Read it with the block's own package for now."
        )
    path = _local_path(metadata.storage_key)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MissingResult(
            f"The run stored its result in the local file '{path}', which cannot be read here:"
            f" {error.strerror}. Results in local files can be read only where the run wrote them;"
            " give the flow a `result_storage` that both machines reach."
        ) from error
    if _holds_metadata(content):
        return ResultRecord.deserialize(content)
    return ResultRecord(metadata=metadata, result=metadata.serializer.loads(content))


async def aread_result(metadata: ResultRecordMetadata) -> ResultRecord[Any]:
    """Read a stored result without blocking the event loop; see `read_result`."""
    from anyio import to_thread  # heavy; an event loop is running here anyway

    return await to_thread.run_sync(read_result, metadata)


def _local_path(storage_key: str) -> Path:
    from prefect.settings._current import group

    return Path(group("results").local_storage_path, storage_key).expanduser()


def _holds_metadata(content: bytes) -> bool:
    """Whether a file holds a record with its metadata, not a value alone."""
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
