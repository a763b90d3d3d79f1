"""Labels as mappings and as trees."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.events.schemas.labelling import LabelDiver, Labelled

LABELS = {"hello": "world", "hello.there": "kenobi", "a.b.c": "1"}


def test_diver_follows_the_dots_of_names() -> None:
    labels = LabelDiver(LABELS)

    assert str(labels.hello) == "world"
    assert str(labels.hello.there) == "kenobi"
    assert str(labels.a.b.c) == "1"
    assert str(labels.a) == ""


def test_diver_lists_what_is_below_each_step() -> None:
    labels = LabelDiver(LABELS)

    assert dict(labels) == LABELS
    assert list(labels.a) == [("b.c", "1")]
    assert (len(labels), len(labels.a), len(labels.a.b.c)) == (3, 1, 0)
    assert labels.a["b.c"] == "1"


def test_a_leaf_of_the_tree_is_true() -> None:
    assert LabelDiver(LABELS).a.b.c


@pytest.mark.parametrize("name", ["nope", "_private", "__deepcopy__"])
def test_diver_names_the_label_that_is_missing(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(LabelDiver({**LABELS, "_private.x": "1"}), name)


def test_diver_raises_key_error_for_a_name_that_is_no_label() -> None:
    with pytest.raises(KeyError, match=r"a\.b"):
        LabelDiver(LABELS)["a.b"]


def test_labelled_reads_like_a_mapping() -> None:
    labelled = Labelled({"a": "b"})

    labelled["c"] = "d"

    assert dict(labelled.items()) == {"a": "b", "c": "d"}
    assert list(labelled.keys()) == ["a", "c"]
    assert "a" in labelled
    assert "zz" not in labelled
    assert labelled.get("zz", "default") == "default"
    assert labelled.as_label_value_array()[1] == {"label": "c", "value": "d"}
    with pytest.raises(KeyError):
        labelled["zz"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [({}, True), ({"a": "b"}, True), ({"a": "x"}, False), ({"a": "b", "zz": "1"}, False)],
)
def test_has_all_labels_needs_each_of_them(wanted: dict[str, str], expected: bool) -> None:
    assert Labelled({"a": "b", "c": "d"}).has_all_labels(wanted) is expected


def test_labels_survive_copying_and_pickling() -> None:
    labelled = Labelled({"a.b": "c"})

    assert pickle.loads(pickle.dumps(labelled)) == labelled
    assert str(copy.deepcopy(labelled.labels).a.b) == "c"


names = st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=4).map(".".join)


@given(st.dictionaries(names, st.text(min_size=1), min_size=1))
def test_every_label_is_reached_by_its_dots(labels: dict[str, str]) -> None:
    for name, value in labels.items():
        step = LabelDiver(labels)
        for part in name.split("."):
            step = getattr(step, part)
        assert str(step) == value
