"""Parameters that say how to make a value, and their validation."""

import asyncio
import sys
from typing import Any

import pytest

from prefect.exceptions import PrefectImportError
from prefect.utilities.schema_tools import hydration
from prefect.utilities.schema_tools.hydration import (
    HydrationContext,
    InvalidJSON,
    TemplateNotFound,
    ValidJinja,
    WorkspaceVariable,
    WorkspaceVariableNotFound,
    hydrate,
)
from prefect.utilities.schema_tools.validation import (
    CircularSchemaRefError,
    ValidationError,
    build_error_obj,
    is_valid,
    is_valid_schema,
    preprocess_schema,
    validate,
)

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "a": {"type": "integer"},
        "b": {"type": "string", "default": "x"},
        "c": {"type": "object", "properties": {"d": {"type": "integer"}}, "required": ["d"]},
        "items": {"type": "array", "items": {"type": "integer"}},
        "r": {"$ref": "#/definitions/M"},
    },
    "required": ["a"],
    "definitions": {
        "M": {"type": "object", "properties": {"q": {"type": "integer"}}, "required": ["q"]}
    },
}


def kind(name: str | None, **parts: Any) -> dict[str, Any]:
    return {"a": {"__prefect_kind": name, **parts}}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (kind("json", value='{"x": 1}'), {"a": {"x": 1}}),
        (kind("json", value=5), {"a": 5}),
        (kind("json"), {}),
        (kind("workspace_variable"), {}),
        (kind(None, value=3), {"a": 3}),
        (kind("unknown", value=3), {"a": 3}),
        ({"a": [kind("json", value="1")["a"], 2]}, {"a": [1, 2]}),
        ({"a": {"b": "plain"}}, {"a": {"b": "plain"}}),
        (kind("workspace_variable", variable_name="v"), {"a": WorkspaceVariable("v")}),
        (kind("jinja"), {"a": TemplateNotFound()}),
    ],
)
def test_values_are_made(parameters: dict[str, Any], expected: dict[str, Any]) -> None:
    assert hydrate(parameters) == expected


def test_variables_are_filled_in() -> None:
    context = HydrationContext(workspace_variables={"v": [1]}, render_workspace_variables=True)

    assert hydrate(kind("workspace_variable", variable_name="v"), context) == {"a": [1]}
    assert hydrate(kind("workspace_variable", variable_name="w"), context) == {
        "a": WorkspaceVariableNotFound("w")
    }


def test_mistakes_can_raise() -> None:
    with pytest.raises(InvalidJSON, match="not JSON"):
        hydrate(kind("json", value="{bad"), HydrationContext(raise_on_error=True))


def test_templates_are_rendered_when_asked_to() -> None:
    pytest.importorskip("jinja2")
    context = HydrationContext(render_jinja=True, jinja_context={"n": "w"})

    assert hydrate(kind("jinja", template="hi {{ n }}"), context) == {"a": "hi w"}
    assert hydrate(kind("jinja", template="{{ n.x.y }}"), context) == {"a": ""}
    assert hydrate(kind("jinja", template="{{ n }}")) == {"a": ValidJinja("{{ n }}")}
    assert hydrate(kind("json", value=kind("jinja", template='["{{ n }}"]')["a"]), context) == {
        "a": ["w"]
    }


def test_templates_reach_nothing_dangerous() -> None:
    pytest.importorskip("jinja2")
    template = "{{ ().__class__.__bases__[0].__subclasses__() }}"

    made = hydrate(kind("jinja", template=template), HydrationContext(render_jinja=True))

    assert made["a"].is_error if not isinstance(made["a"], str) else made["a"] == ""


def test_templates_need_their_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)

    with pytest.raises(PrefectImportError, match=r"prefect-client\[templating\]"):
        hydrate(kind("jinja", template="x"))


def test_variables_come_from_the_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    session: Any = object()

    monkeypatch.setattr(hydration, "_read_variables", None)
    with pytest.raises(RuntimeError, match="server"):
        asyncio.run(HydrationContext.build(session, render_workspace_variables=True))

    async def read(given: Any) -> dict[str, Any]:
        assert given is session
        return {"v": 1}

    hydration.set_variable_reader(read)
    context = asyncio.run(HydrationContext.build(session, render_workspace_variables=True))

    assert context.workspace_variables == {"v": 1}


def test_optional_parameters_may_be_null() -> None:
    adapted = preprocess_schema(SCHEMA)["properties"]

    assert adapted["items"]["anyOf"] == [{"type": "array"}, {"type": "null"}]
    assert adapted["a"] == {"type": "integer"}
    assert adapted["b"] == {"type": "string", "default": "x"}
    assert SCHEMA["properties"]["items"]["type"] == "array"


@pytest.fixture
def jsonschema() -> Any:
    return pytest.importorskip("jsonschema")


@pytest.mark.usefixtures("jsonschema")
@pytest.mark.parametrize(
    ("parameters", "errors"),
    [
        ({"a": 1}, []),
        ({"a": 1, "items": None, "unknown": 1}, []),
        ({"a": "x"}, [{"property": "a", "errors": ["'x' is not of type 'integer'"]}]),
        ({}, [{"property": "a", "errors": ["'a' is a required property"]}]),
        (
            {"a": 1, "c": {}},
            [
                {
                    "property": "c",
                    "errors": [{"property": "d", "errors": ["'d' is a required property"]}],
                }
            ],
        ),
        (
            {"a": 1, "items": [1, "x"]},
            [
                {
                    "property": "items",
                    "errors": [{"index": 1, "errors": ["'x' is not of type 'integer'"]}],
                }
            ],
        ),
        (
            {"a": 1, "r": {"q": "z"}},
            [
                {
                    "property": "r",
                    "errors": [{"property": "q", "errors": ["'z' is not of type 'integer'"]}],
                }
            ],
        ),
    ],
)
def test_violations_are_arranged_by_place(parameters: dict[str, Any], errors: list[Any]) -> None:
    found = validate(parameters, SCHEMA)

    assert build_error_obj(found) == {"valid": not errors, "errors": errors}
    assert is_valid(parameters, SCHEMA) is not bool(errors)


@pytest.mark.usefixtures("jsonschema")
def test_values_that_can_never_be_made_are_reported_once() -> None:
    errors = validate(hydrate(kind("json", value="{bad")), SCHEMA)

    assert len(errors) == 1
    assert "not JSON" in errors[0].message


@pytest.mark.usefixtures("jsonschema")
def test_values_to_come_are_accepted() -> None:
    assert is_valid(hydrate(kind("workspace_variable", variable_name="v")), SCHEMA)


@pytest.mark.usefixtures("jsonschema")
def test_options_of_validation() -> None:
    assert validate({}, SCHEMA, ignore_required=True) == []
    assert validate({"a": 1, "b": None}, SCHEMA)
    assert validate({"a": 1, "b": None}, SCHEMA, allow_none_with_default=True) == []
    with pytest.raises(ValidationError, match="'a'"):
        validate({"a": "x"}, SCHEMA, raise_on_error=True)


@pytest.mark.usefixtures("jsonschema")
def test_circular_references_are_told() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/definitions/A"}},
        "definitions": {"A": {"$ref": "#/definitions/B"}, "B": {"$ref": "#/definitions/A"}},
    }

    with pytest.raises(CircularSchemaRefError):
        validate({"a": 1}, schema)


@pytest.mark.usefixtures("jsonschema")
def test_schemas_are_checked_themselves() -> None:
    is_valid_schema(SCHEMA)
    with pytest.raises(ValueError, match="not a JSON schema"):
        is_valid_schema({"type": "nonsense"})


def test_validation_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)

    with pytest.raises(PrefectImportError, match=r"prefect-client\[schemas\]"):
        validate({}, SCHEMA)
