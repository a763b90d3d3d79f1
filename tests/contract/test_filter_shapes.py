"""The filter models against the REST schema: every field is there with the server's type."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from prefect.client.schemas import filters as client_filters
from prefect.events import filters as event_filters

FACTS = json.loads((Path(__file__).parent / "data" / "filters.json").read_text())
# Where the published client model differs from the server's.
PUBLISHED_OTHERWISE = {
    "TaskRunFilterFlowRunId": {"is_null_"},  # not null
    "WorkerFilterStatus": {"any_", "not_any_"},  # text instead of an enumeration
}
PROSE = {"title", "description", "default", "examples"}


def model(name: str) -> type[BaseModel]:
    return getattr(client_filters, name, None) or getattr(event_filters, name)


def shape(schema: Any) -> Any:
    """Strip a JSON schema of its prose, and name what it refers to."""
    if isinstance(schema, list):
        return [shape(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].rpartition("/")[2]}
    return {key: shape(value) for key, value in schema.items() if key not in PROSE}


def field_shapes(name: str) -> dict[str, Any]:
    properties = TypeAdapter(model(name)).json_schema().get("properties", {})
    return {field: shape(schema) for field, schema in properties.items()}


ENUMERATIONS = sorted(name for name, facts in FACTS["fields"].items() if "enum" in facts)


@pytest.mark.parametrize("name", sorted(set(FACTS["fields"]).difference(ENUMERATIONS)))
def test_fields_have_the_types_of_the_rest_schema(name: str) -> None:
    facts = FACTS["fields"][name]["properties"]

    fields = field_shapes(name)

    assert fields
    for field in PUBLISHED_OTHERWISE.get(name, ()):
        assert fields.pop(field) != facts[field]
    assert fields == {field: facts[field] for field in fields}


@pytest.mark.parametrize("name", ENUMERATIONS)
def test_enumerations_have_the_values_of_the_rest_schema(name: str) -> None:
    members: Any = model(name).__members__  # type: ignore[attr-defined]  # an enumeration

    assert [member.value for member in members.values()] == (FACTS["fields"][name]["enum"])


@pytest.mark.parametrize("name", sorted(FACTS["extra"]))
def test_unknown_conditions_are_refused_or_ignored_as_published(name: str) -> None:
    assert model(name).model_config["extra"] == FACTS["extra"][name]
