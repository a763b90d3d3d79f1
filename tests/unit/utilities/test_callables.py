"""Parameters of functions, and their schemas."""

import warnings
from pathlib import Path
from typing import Any, Optional

import cloudpickle
import pydantic
import pytest

from prefect.exceptions import (
    MappingLengthMismatch,
    MappingMissingIterable,
    ParameterBindError,
    ReservedArgumentError,
    SignatureMismatchError,
)
from prefect.utilities.annotations import allow_failure, quote, unmapped
from prefect.utilities.callables import (
    call_with_parameters,
    cloudpickle_wrapped_call,
    collapse_variadic_parameters,
    expand_mapping_parameters,
    explode_variadic_parameter,
    get_call_parameters,
    get_parameter_defaults,
    parameter_docstrings,
    parameter_schema,
    parameter_schema_from_entrypoint,
    parameters_to_args_kwargs,
    raise_for_reserved_arguments,
)


def everything(a, b=2, *args, c, d=4, **more):  # type: ignore[no-untyped-def]  # parameters of every kind
    return a, b, args, c, d, more


def two(a: int, b: int = 2) -> tuple[int, int]:
    return a, b


def mixed(a: int, /, b: int, *, c: int) -> tuple[int, int, int]:
    return a, b, c


class Order(pydantic.BaseModel):
    """An order."""

    item: str


def test_call_is_bound_with_defaults() -> None:
    assert get_call_parameters(everything, (1, 5, 6), {"c": 3, "z": 9}) == {
        "a": 1, "b": 5, "args": (6,), "c": 3, "d": 4, "more": {"z": 9},
    }  # fmt: skip
    assert get_call_parameters(two, (1,), {}, apply_defaults=False) == {"a": 1}


def test_call_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ParameterBindError, match="two"):
        get_call_parameters(two, (1, 2, 3), {})


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((1,), {"c": 3}), ((1, 5, 6, 7), {"c": 3, "z": 9}), ((), {"a": 1, "c": 2, "d": 3})],
)
def test_parameters_make_the_same_call_again(args: Any, kwargs: Any) -> None:
    parameters = get_call_parameters(everything, args, kwargs)

    assert call_with_parameters(everything, parameters) == everything(*args, **kwargs)


def test_positional_only_parameters_come_by_position() -> None:
    assert parameters_to_args_kwargs(mixed, {"a": 1, "b": 2, "c": 3}) == ((1, 2), {"c": 3})


def test_gap_before_further_arguments_is_filled() -> None:
    parameters = {"a": 1, "args": (5, 6), "c": 3}

    assert parameters_to_args_kwargs(everything, parameters) == ((1, 2, 5, 6), {"c": 3})


def test_parameter_after_a_gap_comes_by_name() -> None:
    def three(a: int = 1, b: int = 2, c: int = 3) -> tuple[int, int, int]:
        return a, b, c

    assert call_with_parameters(three, {"a": 7, "c": 9}) == (7, 2, 9)


def test_unknown_parameter_is_refused() -> None:
    with pytest.raises(SignatureMismatchError, match="'x'"):
        parameters_to_args_kwargs(two, {"x": 1})


def test_further_keywords_are_put_apart_and_together() -> None:
    parameters = {"a": 1, "c": 2, "more": {"z": 3}}

    exploded = explode_variadic_parameter(everything, parameters)

    assert exploded == {"a": 1, "c": 2, "z": 3}
    assert collapse_variadic_parameters(everything, exploded) == parameters


def test_further_keywords_need_a_place() -> None:
    with pytest.raises(ValueError, match="'z'"):
        collapse_variadic_parameters(two, {"a": 1, "z": 3})


def test_defaults_are_given() -> None:
    assert get_parameter_defaults(everything) == {"b": 2, "d": 4}


def test_reserved_names_are_refused() -> None:
    raise_for_reserved_arguments(two, ["c"])
    with pytest.raises(ReservedArgumentError, match="'a'"):
        raise_for_reserved_arguments(two, ["a"])


def test_packed_call_gives_its_result_packed() -> None:
    packed = cloudpickle_wrapped_call(lambda *args: sum(args), 1, 2)

    result = cloudpickle.loads(cloudpickle.dumps(packed))()

    assert cloudpickle.loads(result) == 3


@pytest.mark.parametrize(
    ("parameters", "calls"),
    [
        ({"a": [1, 2], "b": 3}, [{"a": 1, "b": 3}, {"a": 2, "b": 3}]),
        ({"a": [1, 2]}, [{"a": 1, "b": 2}, {"a": 2, "b": 2}]),
        ({"a": (x for x in "pq"), "b": "text"}, [{"a": "p", "b": "text"}, {"a": "q", "b": "text"}]),
        ({"a": [1, 2], "b": unmapped([3])}, [{"a": 1, "b": [3]}, {"a": 2, "b": [3]}]),
        (
            {"a": allow_failure([1, 2]), "b": quote([3])},
            [{"a": allow_failure(1), "b": quote([3])}, {"a": allow_failure(2), "b": quote([3])}],
        ),
    ],
)
def test_mapping_spreads_what_is_iterable(parameters: Any, calls: Any) -> None:
    assert expand_mapping_parameters(two, parameters) == calls


def test_mapping_needs_an_iterable() -> None:
    with pytest.raises(MappingMissingIterable):
        expand_mapping_parameters(two, {"a": 1})


def test_mapping_needs_equal_lengths() -> None:
    with pytest.raises(MappingLengthMismatch, match="unmapped"):
        expand_mapping_parameters(two, {"a": [1], "b": [1, 2]})


def test_schema_describes_parameters() -> None:
    def buy(
        item: str,
        count: int = 1,
        note: Optional[str] = None,  # noqa: UP045  # what users write
        order: Order = None,  # type: ignore[assignment]  # likewise
        *extras: int,
        **labels: str,
    ) -> None:
        """Buy.

        Args:
            item: What to buy.
            count (int): How many,
                at least one.
            note: a: colon
        """

    schema = parameter_schema(buy)

    assert schema.required == ["item"]
    assert schema.properties == {
        "item": {"position": 0, "title": "item", "type": "string", "description": "What to buy."},
        "count": {
            "position": 1, "title": "count", "type": "integer", "default": 1,
            "description": "How many,\nat least one.",
        },
        "note": {
            "position": 2, "title": "note", "default": None, "description": "a: colon",
            "anyOf": [{"type": "string"}, {"type": "null"}],
        },
        "order": {
            "position": 3, "title": "order", "default": None, "$ref": "#/definitions/Order",
        },
        "extras": {
            "position": 4, "title": "extras", "default": [], "type": "array",
            "items": {"type": "integer"},
        },
        "labels": {
            "position": 5, "title": "labels", "default": {}, "type": "object",
            "additionalProperties": {"type": "string"},
        },
    }  # fmt: skip
    assert schema.definitions["Order"]["required"] == ["item"]


def test_schema_takes_types_it_does_not_know_as_anything() -> None:
    class Custom: ...

    def use(thing: Custom, other: "NotImported" = Custom()) -> None: ...  # type: ignore[name-defined]  # noqa: B008, F821  # what users write

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schema = parameter_schema(use)

    assert schema.properties["thing"] == {"position": 0, "title": "thing"}
    assert schema.properties["other"] == {"position": 1, "title": "other"}
    assert schema.required == ["thing"]


def test_schema_takes_names_that_models_cannot_have() -> None:
    def use(copy: int, schema: str, json: int = 1, _hidden: int = 2) -> None: ...

    schema = parameter_schema(use)

    assert list(schema.properties) == ["copy", "schema", "json", "_hidden"]
    assert schema.required == ["copy", "schema"]


def test_schema_of_a_method_leaves_out_the_object() -> None:
    class Shop:
        def buy(self, item: str) -> None: ...

    assert list(parameter_schema(Shop.buy).properties) == ["item"]


def test_schema_for_openapi_leaves_out_what_is_empty() -> None:
    assert parameter_schema(lambda: None).model_dump_for_openapi() == {
        "title": "Parameters",
        "type": "object",
        "properties": {},
    }


def test_schema_is_read_although_imports_fail(tmp_path: Path) -> None:
    file = tmp_path / "flows.py"
    file.write_text(
        "import not_installed\n"
        "LIMIT = 5\n"
        "def helper(): not_installed.call()\n"
        "@not_installed.flow\n"
        "async def etl(limit: int = LIMIT, table: not_installed.Table = None, *, day: str):\n"
        '    """Load.\n\n    Args:\n        day: Which day.\n    """\n'
        "raise SystemExit('the script must not run')\n"
    )

    schema = parameter_schema_from_entrypoint(f"{file}:etl")

    assert schema.required == ["day"]
    assert schema.properties["limit"]["default"] == 5
    assert "type" not in schema.properties["table"]
    assert schema.properties["day"]["description"] == "Which day."


def test_schema_of_an_unknown_entrypoint_says_so(tmp_path: Path) -> None:
    file = tmp_path / "flows.py"
    file.write_text("class Shop: ...\n")

    with pytest.raises(ValueError, match="'etl'"):
        parameter_schema_from_entrypoint(f"{file}:etl")
    with pytest.raises(ValueError, match="is a class"):
        parameter_schema_from_entrypoint(f"{file}:Shop")
    with pytest.raises(FileNotFoundError):
        parameter_schema_from_entrypoint(f"{tmp_path}/none.py:etl")


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (None, {}),
        ("Only a summary.", {}),
        ("S.\n\nArgs:\n    a: one\n\nReturns:\n    b: two", {"a": "one"}),
        ("Args:\n    *args: one\n    **kw (int, optional): two", {"args": "one", "kw": "two"}),
        ("Args:\n    a: one\n\n        more\n    b: two", {"a": "one\n\nmore", "b": "two"}),
    ],
)
def test_docstrings_are_read(docstring: str, expected: dict[str, str]) -> None:
    assert parameter_docstrings(docstring) == expected
