"""Serializers: forms that the released package reads too, and what cannot be written or read."""

import base64
import dataclasses
import json
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from pydantic import BaseModel, ValidationError

from prefect._result_records import ResultRecord, ResultRecordMetadata
from prefect.exceptions import SerializationError
from prefect.serializers import (
    CompressedJSONSerializer,
    CompressedPickleSerializer,
    CompressedSerializer,
    JSONSerializer,
    PickleSerializer,
    Serializer,
    UnknownSerializer,
)


class Point(BaseModel):
    x: int
    at: datetime | None = None


@dataclasses.dataclass
class Pair:
    left: int
    right: str


class Reversed(Serializer[str]):
    """A user's own serializer."""

    type: str = "reversed-for-tests"
    suffix: str = ""

    def dumps(self, obj: str) -> bytes:
        return (obj[::-1] + self.suffix).encode()

    def loads(self, blob: bytes) -> str:
        return blob.decode().removesuffix(self.suffix)[::-1]


@pytest.mark.parametrize("name", ["pickle", "json", "compressed/pickle", "compressed/json"])
@pytest.mark.parametrize("value", [None, "text", [1, 2.5, {"a": None}], {"ü": "ß"}])
def test_value_comes_back(name: str, value: Any) -> None:
    serializer = Serializer(type=name)

    assert serializer.loads(serializer.dumps(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        uuid.UUID(int=5),
        datetime(2026, 1, 2, tzinfo=timezone.utc),
        Path("/a/b"),
        {1, 2},
        Point(x=1, at=datetime(2026, 1, 2, tzinfo=timezone.utc)),
        Pair(1, "b"),
        b"bytes",
    ],
    ids=repr,
)
def test_json_has_a_form_for_what_json_lacks(value: Any) -> None:
    serializer = JSONSerializer()

    assert serializer.loads(serializer.dumps({"in": [value]})) == {"in": [value]}


def test_json_writes_exceptions_with_their_message() -> None:
    serializer = JSONSerializer()

    read = serializer.loads(serializer.dumps(ValueError("why")))

    assert isinstance(read, ValueError)
    assert str(read) == "why"


def test_pickle_is_base64_text_in_lines() -> None:
    text = PickleSerializer().dumps("x" * 500)

    assert max(len(line) for line in text.splitlines()) == 76
    assert cloudpickle.loads(base64.decodebytes(text)) == "x" * 500


def test_compression_is_of_the_inner_form() -> None:
    import bz2

    serializer = CompressedSerializer(serializer="json", compressionlib="bz2")

    written = serializer.dumps([1, 2])

    assert json.loads(bz2.decompress(base64.decodebytes(written))) == [1, 2]
    assert isinstance(CompressedJSONSerializer().serializer, JSONSerializer)
    assert isinstance(CompressedPickleSerializer().serializer, PickleSerializer)


def test_serializer_of_a_user_is_found_by_its_type() -> None:
    found = Serializer(type="reversed-for-tests", suffix="!")

    assert isinstance(found, Reversed)
    assert found.loads(found.dumps("abc")) == "abc"
    assert isinstance(CompressedSerializer(serializer="reversed-for-tests").serializer, Reversed)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: PickleSerializer(picklelib="no_such_module"), "Cannot import 'no_such_module'"),
        (lambda: PickleSerializer(picklelib="textwrap"), "no function dumps and no loads"),
        (lambda: JSONSerializer(jsonlib="no_such_module"), "Cannot import"),
        (lambda: JSONSerializer(dumps_kwargs={"default": str}), "object_encoder"),
        (lambda: JSONSerializer(loads_kwargs={"object_hook": dict}), "object_decoder"),
        (lambda: CompressedSerializer(serializer="json", compressionlib="json"), "compress"),
        (lambda: Serializer(type="no-such-type"), "No serializer has the type"),
    ],
)
def test_serializer_that_cannot_work_is_refused_when_made(make: Any, match: str) -> None:
    with pytest.raises((ValidationError, ValueError), match=match):
        make()


def test_object_that_cannot_be_pickled_is_named() -> None:
    with pytest.raises(SerializationError, match="a generator"):
        PickleSerializer().dumps(number for number in [1])


def test_base_and_unknown_serializers_say_what_is_missing() -> None:
    unknown = UnknownSerializer(type="far", speed=3)

    assert unknown.model_dump() == {"type": "far", "speed": 3}
    for method, argument in ((unknown.dumps, 1), (unknown.loads, b"")):
        with pytest.raises(SerializationError, match="'far'"):
            method(argument)


# ---- records ------------------------------------------------------------------------------------


def test_metadata_of_an_unknown_serializer_are_readable_and_kept() -> None:
    read = ResultRecordMetadata.load_bytes(
        b'{"storage_key": "k", "serializer": {"type": "far", "speed": 3}}'
    )

    assert isinstance(read.serializer, UnknownSerializer)
    assert json.loads(read.dump_bytes())["serializer"] == {"type": "far", "speed": 3}


def test_record_comes_back_whole() -> None:
    record = ResultRecord(
        metadata=ResultRecordMetadata(storage_key="k", serializer="compressed/json"),
        result={"a": 1},
    )

    assert ResultRecord.deserialize(record.serialize()) == record
    assert (record.expiration, record.serializer.type) == (None, "compressed/json")


def test_record_of_older_releases_is_read() -> None:
    blob = json.dumps(
        {"serializer": {"type": "json"}, "data": '{"a": 1}', "prefect_version": "3.0.0"}
    ).encode()

    read: ResultRecord[Any] = ResultRecord.deserialize(blob)

    assert read.result == {"a": 1}
    assert read.metadata.prefect_version == "3.0.0"


def test_value_alone_needs_a_serializer_to_be_read() -> None:
    value = PickleSerializer().dumps([1])

    read: ResultRecord[Any] = ResultRecord.deserialize(value, backup_serializer=PickleSerializer())

    assert read.result == [1]
    with pytest.raises(SerializationError, match="not a stored result"):
        ResultRecord.deserialize(value)
