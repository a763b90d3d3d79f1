"""Validation of parameters against their JSON schema.

Placeholders that hydration left are accepted where a value will come later, and reported where it
never can. Needs the extra `schemas`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from prefect._extras import require
from prefect.utilities.schema_tools.hydration import HydrationError, Placeholder

if TYPE_CHECKING:

    class JSONSchemaError(Exception):
        """A violation, as jsonschema describes it."""

        message: str
        path: deque[str | int]
        relative_path: deque[str | int]
        absolute_path: deque[str | int]
        validator: str
        validator_value: Any
        instance: Any


__all__ = [
    "CircularSchemaRefError",
    "ObjectSchema",
    "PLACEHOLDERS_VALIDATOR_NAME",
    "Schema",
    "ValidationError",
    "build_error_obj",
    "is_valid",
    "is_valid_schema",
    "preprocess_schema",
    "prioritize_placeholder_errors",
    "process_properties",
    "validate",
]

PLACEHOLDERS_VALIDATOR_NAME = "_placeholders"
"""The validator named in errors about values that can never be made."""

ObjectSchema = Mapping[str, Any]
Schema = bool | ObjectSchema


class CircularSchemaRefError(Exception):
    """Raised when the references of a schema lead back to themselves."""


class ValidationError(Exception):
    """Raised when parameters do not fit their schema."""


def is_valid_schema(schema: ObjectSchema, preprocess: bool = True) -> None:
    """Raise `ValueError` unless a mapping is a JSON schema.

    Args:
        schema: The mapping.
        preprocess: Whether it is adapted first, as for validation.
    """
    if preprocess:
        schema = preprocess_schema(schema)
    jsonschema = _jsonschema()
    try:
        jsonschema.Draft202012Validator.check_schema(dict(schema))
    except jsonschema.SchemaError as error:
        raise ValueError(f"This is not a JSON schema: {error.message}") from error


def validate(
    obj: dict[str, Any],
    schema: ObjectSchema,
    raise_on_error: bool = False,
    preprocess: bool = True,
    ignore_required: bool = False,
    allow_none_with_default: bool = False,
) -> list[JSONSchemaError]:
    """Validate parameters against their schema.

    Args:
        obj: The parameters, after hydration.
        schema: The schema.
        raise_on_error: Whether to raise instead of returning errors.
        preprocess: Whether optional parameters may be null, whatever their type says.
        ignore_required: Whether parameters may be missing.
        allow_none_with_default: Whether that also goes for those with a default.

    Returns:
        The violations, those about values that can never be made before others at their place;
        empty if there are none.

    Raises:
        ValidationError: With `raise_on_error`, at the first violation.
        CircularSchemaRefError: If the schema's references lead back to themselves.
    """
    if preprocess:
        schema = preprocess_schema(schema, allow_none_with_default)
    if ignore_required:
        schema = _without_required(schema)
    try:
        errors = list(_validator(schema).iter_errors(obj))
    except RecursionError as error:
        raise CircularSchemaRefError(
            "The references ($ref) of the schema lead back to themselves"
        ) from error
    errors = prioritize_placeholder_errors(errors)
    if errors and raise_on_error:
        first = errors[0]
        if first.validator == "required":
            raise ValidationError(f"The parameters do not fit: {first.message}")
        where = ".".join(map(str, first.absolute_path)) or "the parameters"
        raise ValidationError(f"The value of {where!r} does not fit: {first.message}")
    return errors


def is_valid(obj: dict[str, Any], schema: ObjectSchema) -> bool:
    """Say whether parameters fit their schema."""
    return not validate(obj, schema)


def _jsonschema() -> Any:
    return require("jsonschema", extra="schemas", what="validating parameters")


def _validator(schema: ObjectSchema) -> Any:
    """Make a validator that lets placeholders pass that stand for values to come."""
    jsonschema = _jsonschema()
    base = jsonschema.Draft202012Validator

    def tolerant(check: Any) -> Any:
        def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[Any]:
            if not isinstance(instance, Placeholder):
                yield from check(validator, value, instance, schema) or ()

        return checked

    checks = {name: tolerant(check) for name, check in base.VALIDATORS.items()}
    # References and combinations lead to further checks, which look at the instance themselves.
    for name in ("$ref", "allOf"):
        checks[name] = base.VALIDATORS[name]
    checks[PLACEHOLDERS_VALIDATOR_NAME] = _report_placeholder
    kind = jsonschema.validators.extend(base, validators=checks)
    return kind(_with_placeholder_checks(schema))


def _report_placeholder(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[Any]:
    if isinstance(instance, HydrationError):
        yield _jsonschema().ValidationError(instance.message)


def _with_placeholder_checks(schema: Any) -> Any:
    """Add the check for placeholders to every object schema in a schema."""
    if isinstance(schema, Mapping):
        added = {key: _with_placeholder_checks(value) for key, value in schema.items()}
        properties = added.get("properties")
        if isinstance(properties, dict):
            added["properties"] = {
                name: {**part, PLACEHOLDERS_VALIDATOR_NAME: True}
                if isinstance(part, dict)
                else part
                for name, part in properties.items()
            }
        items = added.get("items")
        if isinstance(items, dict):
            added["items"] = {**items, PLACEHOLDERS_VALIDATOR_NAME: True}
        return added
    if isinstance(schema, list):
        return [_with_placeholder_checks(part) for part in schema]
    return schema


def prioritize_placeholder_errors(errors: list[JSONSchemaError]) -> list[JSONSchemaError]:
    """Keep one error for each place where a value can never be made: the one that says so."""
    about_placeholders = {
        tuple(error.absolute_path)
        for error in errors
        if error.validator == PLACEHOLDERS_VALIDATOR_NAME
    }
    return [
        error
        for error in errors
        if error.validator == PLACEHOLDERS_VALIDATOR_NAME
        or tuple(error.absolute_path) not in about_placeholders
    ]


def build_error_obj(errors: list[JSONSchemaError]) -> dict[str, Any]:
    """Arrange violations the way the parameters are nested, as the API answers them.

    Returns:
        `valid`, and `errors`: a list of texts (about the parameters as a whole) and of objects
        with `property` or `index`, and the `errors` there.
    """
    tree: list[Any] = []
    for error in errors:
        place = tree
        path = [*error.absolute_path]
        if error.validator == "required":
            # The name is only found by asking which required one is missing.
            missing = [
                name
                for name in error.validator_value
                if name not in error.instance and error.message.startswith(repr(name))
            ]
            path += missing[:1]
        for part in path:
            place = _branch(place, part)
        place.append(error.message)
    return {"valid": not tree, "errors": tree}


def _branch(place: list[Any], part: str | int) -> list[Any]:
    key = "index" if isinstance(part, int) else "property"
    for entry in place:
        if isinstance(entry, dict) and entry.get(key) == part:
            found: list[Any] = entry["errors"]
            return found
    errors: list[Any] = []
    place.append({key: part, "errors": errors})
    return errors


# --- adapting schemas -----------------------------------------------------------------------------


def preprocess_schema(schema: ObjectSchema, allow_none_with_default: bool = False) -> ObjectSchema:
    """Adapt a schema made from a signature: optional parameters may be null.

    Args:
        schema: The schema; not changed.
        allow_none_with_default: Whether that also goes for parameters with a default.
    """
    adapted: dict[str, Any] = deepcopy(dict(schema))
    if "properties" in adapted:
        required = adapted.get("required", [])
        process_properties(adapted["properties"], required, allow_none_with_default)
    for definition in (adapted.get("definitions") or {}).values():
        if "properties" in definition:
            required = definition.get("required", [])
            process_properties(definition["properties"], required, allow_none_with_default)
    return adapted


def process_properties(
    properties: dict[str, dict[str, Any]],
    required_fields: list[str],
    allow_none_with_default: bool = False,
) -> None:
    """Let the optional properties of a schema be null; changes `properties`.

    Args:
        properties: Property → schema.
        required_fields: The properties that are not optional.
        allow_none_with_default: Whether those with a default are optional in this sense.
    """
    for name, part in properties.items():
        if "properties" in part:
            process_properties(
                part["properties"], part.get("required", []), allow_none_with_default
            )
        has_default = part.get("default") is not None
        if name in required_fields or (has_default and not allow_none_with_default):
            continue
        if "type" in part:
            part["anyOf"] = [{"type": part.pop("type")}, {"type": "null"}]


def _without_required(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: _without_required(value)
            for key, value in schema.items()
            # A property may be called "required": then it has a schema, not a list.
            if key != "required" or not isinstance(value, list)
        }
    return [_without_required(part) for part in schema] if isinstance(schema, list) else schema
