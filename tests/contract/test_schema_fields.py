"""Every model has the contract's fields, every enumeration its members, every name its home."""

import importlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

FACTS: dict[str, dict[str, dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "data" / "schemas.json").read_text(encoding="utf-8")
)
NAMES = [(module, name) for module, names in FACTS.items() for name in names]
MODELS = [key for key in NAMES if "fields" in FACTS[key[0]][key[1]]]
ENUMS = [key for key in NAMES if "members" in FACTS[key[0]][key[1]]]


def load(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_name_is_public(module: str, name: str) -> None:
    load(module, name)

    assert name in importlib.import_module(module).__all__
    assert name in dir(importlib.import_module(module))


@pytest.mark.parametrize(("module", "name"), MODELS)
def test_model_has_the_fields_of_the_contract_in_order(module: str, name: str) -> None:
    wanted = FACTS[module][name]["fields"]

    fields = load(module, name).model_fields

    assert {field: info.is_required() for field, info in fields.items()} == {
        field: fact.get("required", False) for field, fact in wanted.items()
    }


@pytest.mark.parametrize(("module", "name"), MODELS)
def test_model_has_the_defaults_of_the_contract(module: str, name: str) -> None:
    wanted = FACTS[module][name]["fields"]
    simple = {
        field: fact["default"]
        for field, fact in wanted.items()
        if "default" in fact and not fact["default"].startswith("datetime.")
    }

    fields = load(module, name).model_fields

    assert {field: repr_of(fields[field].default) for field in simple} == simple


def repr_of(value: Any) -> str:
    return f"{type(value).__name__}.{value.name}" if hasattr(value, "name") else repr(value)


@pytest.mark.parametrize(("module", "name"), MODELS)
def test_model_treats_unknown_fields_as_in_the_contract(module: str, name: str) -> None:
    model = load(module, name)

    assert model.model_config.get("extra") == FACTS[module][name]["extra"]


@pytest.mark.parametrize(("module", "name"), MODELS)
def test_model_builds_and_is_pickled_under_its_public_name(module: str, name: str) -> None:
    model = load(module, name)

    assert model.model_rebuild(force=True)
    assert model.__module__ == module or not module.endswith(model.__module__)
    assert "_models" not in model.__module__
    assert pickle.loads(pickle.dumps(model)) is model


@pytest.mark.parametrize(("module", "name"), ENUMS)
def test_enum_has_the_members_of_the_contract(module: str, name: str) -> None:
    enum = load(module, name)

    assert {member.name: member.value for member in enum} == FACTS[module][name]["members"]
