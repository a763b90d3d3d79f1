"""Stable hashes: of what, and what happens where there is none."""

import hashlib
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.exceptions import HashError
from prefect.utilities.hashing import file_hash, hash_objects, stable_hash

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_stable_hash_depends_on_the_concatenation_only() -> None:
    assert stable_hash("a", "b") == stable_hash("ab") == stable_hash(b"ab")


def test_stable_hash_takes_another_algorithm() -> None:
    assert stable_hash("a", hash_algo=hashlib.sha256) == hashlib.sha256(b"a").hexdigest()


def test_file_hash_is_the_hash_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "large"
    content = b"0123456789" * 300_000  # more than one block
    file.write_bytes(content)

    assert file_hash(str(file)) == hashlib.md5(content).hexdigest()


@given(st.dictionaries(st.text(), json_values))
def test_order_of_keys_does_not_matter(values: dict[str, object]) -> None:
    turned = dict(reversed(values.items()))

    assert hash_objects(values) == hash_objects(turned)


@given(json_values, json_values)
def test_equal_json_means_equal_hashes(left: object, right: object) -> None:
    # 1, 1.0 and True are equal to Python and different in JSON.
    import json

    same = json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)

    assert (hash_objects(left) == hash_objects(right)) is same


def test_values_without_json_are_pickled() -> None:
    assert hash_objects(range(3)) == hash_objects(range(3))
    assert hash_objects(range(3)) != hash_objects(range(4))


def test_values_without_any_form_have_no_hash() -> None:
    assert hash_objects(threading.Lock()) is None


def test_values_without_any_form_raise_when_asked_to() -> None:
    with pytest.raises(HashError, match="neither as JSON"):
        hash_objects(threading.Lock(), raise_on_failure=True)
