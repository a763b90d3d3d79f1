"""Placeholders, and what takes their place."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.logging import LogEavesdropper
from prefect.utilities.annotations import NotSet
from prefect.utilities.templating import (
    PlaceholderType,
    apply_values,
    determine_placeholder_type,
    find_placeholders,
    resolve_block_document_references,
    resolve_variables,
)

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text().filter(lambda text: "{" not in text),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class Client:
    """Answers like the API, from what it was given."""

    def __init__(self, data: Any = None, variables: dict[str, Any] | None = None) -> None:
        self.data = data
        self.variables = variables or {}

    async def read_block_document_by_name(self, name: str, block_type_slug: str) -> Any:
        assert (block_type_slug, name) == ("aws", "prod")
        return SimpleNamespace(data=self.data)

    async def read_block_document(self, block_document_id: Any) -> Any:
        assert block_document_id == "an-id"
        return SimpleNamespace(data=self.data)

    async def read_variable_by_name(self, name: str) -> Any:
        found = name in self.variables
        return SimpleNamespace(value=self.variables[name]) if found else None


def blocks(template: Any, data: Any, **options: Any) -> Any:
    client: Any = Client(data)
    return asyncio.run(resolve_block_document_references(template, client=client, **options))


def variables(template: Any, **values: Any) -> Any:
    client: Any = Client(variables=values)
    return asyncio.run(resolve_variables(template, client=client))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.b", PlaceholderType.STANDARD),
        ("prefect.blocks.x.y", PlaceholderType.BLOCK_DOCUMENT),
        ("prefect.variables.v", PlaceholderType.VARIABLE),
        ("$HOME", PlaceholderType.ENV_VAR),
    ],
)
def test_name_tells_where_the_value_comes_from(name: str, kind: PlaceholderType) -> None:
    assert determine_placeholder_type(name) is kind


def test_placeholders_are_found_at_any_depth() -> None:
    template = {"a": ["{{ x }} and {{y.z[0]}}", 1], "{{ key }}": "{{ a b }}"}

    assert {found.name for found in find_placeholders(template)} == {"x", "y.z[0]"}


@given(plain)
def test_templates_without_placeholders_stay(template: Any) -> None:
    assert apply_values(template, {"a": 1}) == template


@given(plain)
def test_whole_placeholder_becomes_the_value_itself(value: Any) -> None:
    assert apply_values("{{ a }}", {"a": value}) is value


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("x {{ a }} {{ a }}", {"a": True}, "x True True"),
        ("{{ a.x[0] }}", {"a": {"x": [7]}}, 7),
        ("{{ a-b }}", {"a-b": 1}, 1),
        ("{{ a }}", {"a": "{{ b }}"}, "{{ b }}"),
        ({"k": "{{ a }}", "l": "{{ b }}"}, {"a": None}, {"k": None}),
        (["{{ a }}", "{{ b }}", 1], {"a": 0}, [0, 1]),
        ("x {{ b }}", {}, "x "),
        ("{{ prefect.blocks.a.b }}", {}, "{{ prefect.blocks.a.b }}"),
        ("{{ $PREFECT_TEST_VALUE }}!", {}, "here!"),
        ("{{ $PREFECT_TEST_NOTHING }}", {}, ""),
    ],
)
def test_values_take_their_places(
    template: Any, values: Any, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_TEST_VALUE", "here")

    assert apply_values(template, values) == expected


def test_placeholder_without_value_is_not_set() -> None:
    assert apply_values("{{ a }}", {}) is NotSet


def test_missing_values_can_stay() -> None:
    template = {"a": "{{ b }}", "c": ["{{ d }}"], "e": "x {{ f }}", "g": "{{ $NOT_THERE_AT_ALL }}"}

    assert apply_values(template, {}, remove_notset=False) == template


def test_missing_values_can_be_told() -> None:
    with LogEavesdropper("prefect.utilities.templating", logging.WARNING) as listener:
        apply_values("x {{ lost }}", {}, warn_on_notset=True)

    assert "{{ lost }}" in listener.text()


def test_prefixes_can_be_skipped() -> None:
    result = apply_values("{{ step.x }} {{ a }}", {"a": 1}, skip_prefixes=["step."])

    assert result == "{{ step.x }} 1"


def test_other_templates_are_refused() -> None:
    with pytest.raises(ValueError, match="tuple"):
        apply_values(("{{ a }}",), {"a": 1})


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ prefect.blocks.aws.prod }}", {"key": "k", "nested": {"list": [5]}}),
        ("{{ prefect.blocks.aws.prod.nested.list[0] }}", 5),
        ("key={{ prefect.blocks.aws.prod.key }}", "key=k"),
        ({"a": ["{{ prefect.blocks.aws.prod.key }}"]}, {"a": ["k"]}),
        ({"$ref": {"block_document_id": "an-id"}}, {"key": "k", "nested": {"list": [5]}}),
        ("{{ other }}", "{{ other }}"),
        (5, 5),
    ],
)
def test_blocks_take_their_places(template: Any, expected: Any) -> None:
    assert blocks(template, {"key": "k", "nested": {"list": [5]}}) == expected


def test_block_of_one_value_stands_for_it() -> None:
    assert blocks("{{ prefect.blocks.aws.prod }}", {"value": {"a": 1}}) == {"a": 1}
    assert blocks("{{ prefect.blocks.aws.prod.a }}", {"value": {"a": 1}}) == 1


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ prefect.blocks.aws }}", "names no block"),
        ("{{ prefect.blocks.aws.prod.nothing }}", "'nothing'"),
        ("x {{ prefect.blocks.aws.prod }}", "middle of a text"),
    ],
)
def test_impossible_block_placeholders_say_why(template: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        blocks(template, {"a": 1, "b": 2})


def test_block_values_can_be_transformed() -> None:
    result = blocks(
        {"k": "x {{ prefect.blocks.aws.prod.a }}"},
        {"a": 1, "b": 2},
        value_transformer=lambda place, value: f"<{value}>",
    )

    assert result == {"k": "x <1>"}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ prefect.variables.v }}", {"x": 1}),
        ("x {{ prefect.variables.name }}", "x otter"),
        ("{{ prefect.variables.unknown }}", ""),
        ({"a": ["{{ prefect.variables.v }}"]}, {"a": [{"x": 1}]}),
        ("{{ a }}", "{{ a }}"),
        (None, None),
    ],
)
def test_variables_take_their_places(template: Any, expected: Any) -> None:
    assert variables(template, v={"x": 1}, name="otter") == expected
