"""Nested collections: visiting, merging, flattening."""

import collections
import dataclasses
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.utilities.annotations import quote, unmapped
from prefect.utilities.collections import (
    AutoEnum,
    StopVisiting,
    batched_iterable,
    deep_merge,
    deep_merge_dicts,
    dict_to_flatdict,
    distinct,
    ensure_iterable,
    extract_instances,
    flatdict_to_dict,
    get_from_dict,
    isiterable,
    listrepr,
    remove_nested_keys,
    set_in_dict,
    visit_collection,
)

nested = st.recursive(
    st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(), inner)
        | st.tuples(inner, inner)
        | st.builds(unmapped, inner)
    ),
    max_leaves=15,
)


@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    y: list[int] = dataclasses.field(default_factory=list)
    z: int = dataclasses.field(init=False, default=3)


class Model(pydantic.BaseModel, extra="allow"):
    a: int = 1
    b: list[int] = []
    _private: int = pydantic.PrivateAttr(7)


class Pair(collections.namedtuple("Pair", "left right")):
    __slots__ = ()


def add_one(value: Any) -> Any:
    return value + 1 if type(value) is int else value


@given(nested)
def test_visiting_without_change_gives_the_same_object(value: Any) -> None:
    assert visit_collection(value, lambda part: part, return_data=True) is value


@given(nested)
def test_visiting_sees_every_leaf(value: Any) -> None:
    seen: list[Any] = []

    def leaves(part: Any) -> list[Any]:
        if isinstance(part, unmapped):
            return leaves(part.unwrap())
        if isinstance(part, dict):
            return [leaf for pair in part.items() for item in pair for leaf in leaves(item)]
        if isinstance(part, (list, tuple)):
            return [leaf for item in part for leaf in leaves(item)]
        return [part]

    visit_collection(value, seen.append)

    assert [part for part in seen if isinstance(part, (int, str))] == leaves(value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (1, 2),
        ([1, [2]], [2, [3]]),
        ({1: 2}, {2: 3}),
        ((1, 2), (2, 3)),
        ({1}, {2}),
        (Pair(1, 2), Pair(2, 3)),
        (Point(1, [2]), dataclasses.replace(Point(2, [3]))),
        (unmapped(1), unmapped(2)),
        (quote([1]), quote([2])),
        ("text", "text"),
        (b"bytes", b"bytes"),
        (range(2), range(2)),
    ],
)
def test_visiting_rebuilds_collections_of_every_kind(before: Any, after: Any) -> None:
    result = visit_collection(before, add_one, return_data=True)

    assert type(result) is type(after)
    if isinstance(before, Point):
        assert (result.x, result.y, result.z) == (2, [3], 4)
    else:
        assert result == after


def test_visiting_leaves_the_original_alone() -> None:
    before = {"a": [1, Point(1)]}

    visit_collection(before, add_one, return_data=True)

    assert before == {"a": [1, Point(1)]}


def test_visiting_keeps_what_a_model_knows_of_its_fields() -> None:
    model = Model(a=3, extra=4)

    result = visit_collection(model, add_one, return_data=True)

    assert (result.a, result.b, result.extra) == (4, [], 5)
    assert result.model_fields_set == model.model_fields_set
    assert result._private == 7
    assert model.extra == 4


def test_visiting_keeps_the_factory_of_a_defaultdict() -> None:
    result = visit_collection(collections.defaultdict(list, a=1), add_one, return_data=True)

    assert result == {"a": 2}
    assert result["missing"] == []


def test_visiting_does_not_consume_generators() -> None:
    generator = (number for number in [1, 2])

    assert visit_collection([generator], add_one, return_data=True) == [generator]
    assert list(generator) == [1, 2]


def test_visiting_goes_on_with_what_the_function_returned() -> None:
    def replace(value: Any) -> Any:
        return [10, 20] if value == [1, 2] else add_one(value)

    assert visit_collection([1, 2], replace, return_data=True) == [11, 21]


def test_visiting_returns_nothing_by_default() -> None:
    assert visit_collection([1], add_one) is None


def test_visiting_survives_a_collection_that_contains_itself() -> None:
    loop: list[Any] = [1]
    loop.append(loop)

    result = visit_collection(loop, add_one, return_data=True)

    assert result[0] == 2
    assert result[1] is loop


def test_equal_parts_side_by_side_are_both_visited() -> None:
    part = [1]

    assert visit_collection([part, part], add_one, return_data=True) == [[2], [2]]


@pytest.mark.parametrize(
    ("depth", "expected"), [(0, [[1, [2]]]), (1, [[1, [2]]]), (2, [[2, [2]]]), (-1, [[2, [3]]])]
)
def test_visiting_stops_at_the_depth(depth: int, expected: Any) -> None:
    assert visit_collection([[1, [2]]], add_one, return_data=True, max_depth=depth) == expected


def test_context_is_seen_below_and_not_beside() -> None:
    seen: list[tuple[Any, int]] = []

    def visit(value: Any, context: dict[str, int]) -> Any:
        seen.append((value, context["depth"]))
        context["depth"] += 1
        return value

    visit_collection([[1], 2], visit, context={"depth": 0})

    assert seen == [([[1], 2], 0), ([1], 1), (1, 2), (2, 1)]


def test_context_names_the_annotation() -> None:
    annotations: dict[Any, Any] = {}

    def visit(value: Any, context: dict[str, Any]) -> Any:
        if type(value) is int:
            annotations[value] = context.get("annotation")
        return value

    visit_collection([unmapped([1]), 2], visit, context={})

    assert annotations == {1: unmapped([1]), 2: None}


def test_annotations_can_be_removed() -> None:
    result = visit_collection([unmapped([1])], add_one, return_data=True, remove_annotations=True)

    assert result == [[2]]


def test_stop_visiting_keeps_the_expression() -> None:
    def visit(value: Any) -> Any:
        if value == [1]:
            raise StopVisiting
        return add_one(value)

    assert visit_collection([[1], 1], visit, return_data=True) == [[1], 2]


@given(
    st.recursive(
        st.dictionaries(st.text(), st.integers(), max_size=3),
        lambda inner: st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_flattening_loses_nothing(value: dict[str, Any]) -> None:
    assert flatdict_to_dict(dict_to_flatdict(value)) == value


def test_flattening_keeps_the_order() -> None:
    flat = dict_to_flatdict({"a": {"x": 1, "y": 2}, "b": 3, "e": {}})

    assert list(flat.items()) == [(("a", "x"), 1), (("a", "y"), 2), (("b",), 3), (("e",), {})]


def test_empty_path_cannot_be_nested() -> None:
    with pytest.raises(ValueError, match="at least one part"):
        flatdict_to_dict({(): 1})


def test_merging_goes_deep_and_copies() -> None:
    left = {"a": {"b": 1}, "c": 3}

    merged = deep_merge(left, {"a": {"d": 2}, "c": {"x": 1}})

    assert merged == {"a": {"b": 1, "d": 2}, "c": {"x": 1}}
    assert left == {"a": {"b": 1}, "c": 3}


def test_merging_many_lets_the_last_win() -> None:
    assert deep_merge_dicts({"a": 1}, {"a": {"b": 1}}, {"a": {"c": 2}}) == {"a": {"b": 1, "c": 2}}
    assert deep_merge_dicts() == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b[1].c", 5),
        ("a.b[1][c]", 5),
        ("a.b.1.c", 5),
        (["a", "b"], [1, {"c": 5}]),
        ("a.b[7]", "default"),
        ("a.x", "default"),
        ("a.b.c", "default"),
        ("", "default"),
    ],
)
def test_reading_a_path(path: Any, value: Any) -> None:
    assert get_from_dict({"a": {"b": [1, {"c": 5}]}}, path, "default") == value


def test_writing_a_path_makes_what_is_missing() -> None:
    place: dict[str, Any] = {"a": {}}

    set_in_dict(place, "a.b.c", 1)
    set_in_dict(place, ["x"], 2)

    assert place == {"a": {"b": {"c": 1}}, "x": 2}


def test_writing_through_a_value_names_it() -> None:
    with pytest.raises(TypeError, match=r"'a\.b'.*'a'.*int"):
        set_in_dict({"a": 1}, "a.b", 2)


def test_removing_keys_stops_at_lists() -> None:
    value = {"a": 1, "b": {"a": 1, "c": [{"a": 1}]}}

    assert remove_nested_keys(["a"], value) == {"b": {"c": [{"a": 1}]}}


@pytest.mark.parametrize(
    ("value", "answer"),
    [([1], True), ({1: 2}, True), (range(2), True), ("s", False), (b"s", False), (5, False)],
)
def test_text_is_one_thing(value: Any, answer: bool) -> None:
    assert isiterable(value) is answer


@pytest.mark.parametrize(
    ("value", "expected"),
    [([1], [1]), ((1,), (1,)), ({1}, {1}), (5, [5]), (None, [None]), ({1: 2}, [{1: 2}])],
)
def test_single_values_become_a_list(value: Any, expected: Any) -> None:
    assert ensure_iterable(value) == expected


def test_instances_are_sorted_by_type() -> None:
    assert extract_instances([1, "a", 2.0], int) == [1]
    assert extract_instances([1, "a", 2], (int, str)) == {int: [1, 2], str: ["a"]}


def test_batches_are_complete_but_the_last() -> None:
    assert list(batched_iterable(range(5), 2)) == [(0, 1), (2, 3), (4,)]
    assert list(batched_iterable([], 2)) == []


def test_batches_need_a_size() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        list(batched_iterable([1], 0))


def test_distinct_keeps_the_first() -> None:
    assert list(distinct([1, 2, 1])) == [1, 2]
    assert list(distinct(["a", "B", "A"], key=str.lower)) == ["a", "B"]


def test_listrepr_joins_representations() -> None:
    assert listrepr([1, "a"], sep=", ") == "1, 'a'"


def test_auto_enum_has_names_for_values() -> None:
    class Colour(AutoEnum):
        RED = AutoEnum.auto()

    assert Colour.RED == "RED"
    assert Colour("RED") is Colour.RED
    assert f"{Colour.RED}" == str(Colour.RED) == "Colour.RED"
    assert f"{Colour.RED:>12}" == "  Colour.RED"
