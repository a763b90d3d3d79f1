"""Hashes are the ones the peer's client 3.9.0 gave for the same values.

Cache keys and block checksums are stored, so they must not change. `data/hashes.json` was written
by running `hash_objects` of that client.
"""

import json
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path, PurePosixPath
from uuid import UUID

import pytest

from prefect.utilities.hashing import hash_objects

FACTS = json.loads((Path(__file__).parent / "data" / "hashes.json").read_text(encoding="utf-8"))

VALUES = {
    "PurePosixPath": PurePosixPath,
    "Decimal": Decimal,
    "UUID": UUID,
    "date": date,
    "datetime": datetime,
    "time": time,
    "timedelta": timedelta,
    "timezone": timezone,
}


@pytest.mark.parametrize("name", [name for name in FACTS if name != "keywords"])
def test_hash_is_the_recorded_one(name: str) -> None:
    if name == "path" and PurePosixPath.__module__ != "pathlib":
        pytest.skip("a value's hash holds the name of its class, which moved in Python 3.13")
    source, expected = FACTS[name]
    values = eval(source, dict(VALUES))  # our own data file

    assert hash_objects(*values) == expected


def test_hash_of_keywords_is_the_recorded_one() -> None:
    assert hash_objects(a="b", x=1) == FACTS["keywords"][1]
