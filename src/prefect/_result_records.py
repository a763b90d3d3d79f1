"""What a stored result looks like: its value, and the metadata that says how to read it.

A final state carries the metadata; the value is in storage, either alone or in one file with the
metadata. The layouts are those of the released package, in both directions.

Source: wire samples, `result_files`.
"""

import base64
import json
from typing import Any, Generic
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from typing_extensions import Self, TypeVar

from prefect.exceptions import SerializationError
from prefect.serializers import PickleSerializer, Serializer, UnknownSerializer
from prefect.types import DateTime

__all__ = ["ResultRecord", "ResultRecordMetadata"]

R = TypeVar("R", default=Any)


def _this_version() -> str:
    from prefect._version import __version__  # asks the installation

    return __version__


class ResultRecordMetadata(BaseModel):
    """How and until when a stored result can be read, and where it is.

    Attributes:
        storage_key: Where the result is in its storage: a key, or an absolute path of a local file.
        expiration: When it stops being valid; None means never.
        serializer: What it was written with.
        prefect_version: Of the process that wrote it.
        storage_block_id: The block of its storage; None for local files.
    """

    model_config = ConfigDict(defer_build=True, validate_assignment=False)

    storage_key: str | None = None
    expiration: DateTime | None = None
    serializer: Serializer = Field(default_factory=PickleSerializer)
    prefect_version: str = Field(default_factory=_this_version)
    storage_block_id: UUID | None = None

    @field_validator("serializer", mode="before")
    @classmethod
    def _tolerate_unknown(cls, value: Any) -> Any:
        """Keep the metadata readable where the serializer's package is not installed."""
        if isinstance(value, dict) and isinstance(value.get("type"), str):
            try:
                return Serializer.model_validate(value)
            except ValidationError:
                return UnknownSerializer(**value)
        return value

    def dump_bytes(self) -> bytes:
        """Encode as JSON."""
        return self.model_dump_json(serialize_as_any=True).encode()

    @classmethod
    def load_bytes(cls, data: bytes) -> Self:
        """Decode JSON."""
        return cls.model_validate_json(data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResultRecordMetadata) and self.model_dump() == other.model_dump()


class ResultRecord(BaseModel, Generic[R]):
    """A result with its metadata."""

    model_config = ConfigDict(defer_build=True, arbitrary_types_allowed=True)

    metadata: ResultRecordMetadata
    result: R

    @property
    def expiration(self) -> DateTime | None:
        """When the result stops being valid; None means never."""
        return self.metadata.expiration

    @property
    def serializer(self) -> Serializer:
        """What the result is written with."""
        return self.metadata.serializer

    def serialize_result(self) -> bytes:
        """Encode the value alone.

        Raises:
            SerializationError: If the serializer has no form for it.
        """
        try:
            return self.serializer.dumps(self.result)
        except SerializationError:
            raise
        except Exception as error:  # a user's object or library: whatever went wrong
            raise SerializationError(
                f"Cannot store a {type(self.result).__name__} as a result with the serializer"
                f" {self.serializer.type!r}: {error}. Choose another `result_serializer`, return"
                " something it can take, or set `persist_result=False`."
            ) from error

    def serialize_metadata(self) -> bytes:
        """Encode the metadata alone, as JSON."""
        return self.metadata.dump_bytes()

    def serialize(self) -> bytes:
        """Encode value and metadata together, as JSON."""
        value = self.serialize_result()
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = base64.b64encode(value).decode()
        metadata = self.metadata.model_dump(mode="json", serialize_as_any=True)
        return json.dumps({"metadata": metadata, "result": text}).encode()

    @classmethod
    def deserialize(
        cls, data: bytes, backup_serializer: Serializer | None = None
    ) -> "ResultRecord[R]":
        """Decode value and metadata that were written together.

        Args:
            data: What `serialize` gave, also in the form of older releases.
            backup_serializer: Used when `data` is a value alone, without metadata.

        Raises:
            SerializationError: If it is none of these.
        """
        try:
            content = json.loads(data)
        except ValueError:
            content = None
        if isinstance(content, dict) and {"metadata", "result"} <= content.keys():
            metadata = ResultRecordMetadata.model_validate(content["metadata"])
            return cls.deserialize_from_result_and_metadata(
                content["result"].encode(), metadata.dump_bytes()
            )
        if isinstance(content, dict) and {"serializer", "data"} <= content.keys():
            metadata = ResultRecordMetadata.model_validate(
                {
                    "serializer": content["serializer"],
                    "prefect_version": content.get("prefect_version", "unknown"),
                }
            )
            value = metadata.serializer.loads(content["data"].encode())
            return cls(metadata=metadata, result=value)
        if backup_serializer is None:
            raise SerializationError(
                f"This is not a stored result with its metadata: {data[:60]!r}. It was written by"
                " something else, or is damaged."
            )
        metadata = ResultRecordMetadata(serializer=backup_serializer)
        return cls(metadata=metadata, result=backup_serializer.loads(data))

    @classmethod
    def deserialize_from_result_and_metadata(
        cls, result: bytes, metadata: bytes
    ) -> "ResultRecord[R]":
        """Decode a value and its metadata that were stored apart."""
        read = ResultRecordMetadata.load_bytes(metadata)
        return cls(metadata=read, result=read.serializer.loads(result))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ResultRecord)
            and self.metadata == other.metadata
            and bool(self.result == other.result)
        )
