"""The JSON schema of a block class, as the server keeps it, and its checksum.

Beyond pydantic's schema it says which fields are secret, which are other blocks, and where each
stands. The checksum identifies a schema on every server, so it must be the same whoever computes
it. Source: orchestration contract, section 12.
"""

import hashlib
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Secret, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from prefect.types import SecretDict
from prefect.utilities.collections import remove_nested_keys
from prefect.utilities.hashing import hash_objects

__all__ = [
    "UnionTypes",
    "block_classes_in",
    "blocks_of_fields",
    "checksum_of",
    "open_objects",
    "reveal",
    "secret_fields_of",
    "types_in",
    "veil",
]

UnionTypes = (Union, types.UnionType)


def types_in(annotation: Any) -> Iterator[Any]:
    """Give the types an annotation is made of, each once: those in unions, lists, mappings …"""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    yield annotation
    if not (_is_class(annotation) and issubclass(annotation, BaseModel)):
        for argument in get_args(annotation):
            yield from types_in(argument)


def block_classes_in(annotation: Any, base: type[Any]) -> list[type[Any]]:
    """Give the subclasses of `base` that an annotation names, in order, without repetition."""
    named = (type_ for type_ in types_in(annotation) if _is_class(type_))
    return list(dict.fromkeys(type_ for type_ in named if issubclass(type_, base)))


def _is_class(annotation: Any) -> bool:
    # `list[int]` says that it is a type on Python 3.10.
    return isinstance(annotation, type) and get_origin(annotation) is None


def blocks_of_fields(model: type[BaseModel], base: type[Any]) -> dict[str, list[type[Any]]]:
    """Give the block classes of each field that has some."""
    found = {
        name: block_classes_in(field.annotation, base) for name, field in model.model_fields.items()
    }
    return {name: classes for name, classes in found.items() if classes}


# ---- secrets ------------------------------------------------------------------------------------


def secret_fields_of(model: type[BaseModel], above: tuple[type[Any], ...] = ()) -> list[str]:
    """Name the secret fields of a model and of those in it.

    Returns:
        Dotted paths without the places in lists and mappings; `headers.*` for a secret mapping.
    """
    if model in above:  # a model that contains itself has said all
        return []
    found = (
        path
        for name, field in model.model_fields.items()
        for path in _secret_paths(_key_of(name, field), field.annotation, (*above, model))
    )
    return list(dict.fromkeys(found))


def _secret_paths(key: str, annotation: Any, above: tuple[type[Any], ...]) -> Iterator[str]:
    for named in types_in(annotation):
        type_ = get_origin(named) or named  # `Secret[int]` is secret too
        if not isinstance(type_, type):
            continue
        if issubclass(type_, SecretDict):
            yield f"{key}.*"
        elif issubclass(type_, (SecretStr, SecretBytes, Secret)):
            yield key
        elif issubclass(type_, BaseModel):
            yield from (f"{key}.{path}" for path in secret_fields_of(type_, above))


def _key_of(name: str, field: FieldInfo) -> str:
    return field.alias or name


def reveal(value: Any, dumped: Any) -> Any:
    """Put the values of secrets into what pydantic wrote, which has masks in their places.

    Args:
        value: What was written.
        dumped: What became of it; blocks in it have been revealed by their own serializer.
    """
    if hasattr(value, "get_secret_value"):
        return _plain(value.get_secret_value())
    if hasattr(type(value), "get_block_type_slug"):
        return dumped
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        return dumped | {
            key: reveal(getattr(value, name), dumped[key])
            for name, field in type(value).model_fields.items()
            for key in (name, field.serialization_alias or _key_of(name, field))
            if key in dumped
        }
    if isinstance(value, dict) and isinstance(dumped, dict) and len(value) == len(dumped):
        pairs = zip(value.values(), dumped.items(), strict=True)
        return {key: reveal(item, written) for item, (key, written) in pairs}
    if isinstance(value, (list, tuple)) and isinstance(dumped, (list, tuple)):
        if len(value) == len(dumped):
            pairs_of_items = zip(value, dumped, strict=True)
            return type(dumped)(reveal(item, written) for item, written in pairs_of_items)
    return dumped


def _plain(secret: Any) -> Any:
    """Write the value of a secret as JSON has it, secrets inside it too."""
    if hasattr(secret, "get_secret_value"):
        return _plain(secret.get_secret_value())
    if isinstance(secret, dict):
        return {key: _plain(item) for key, item in secret.items()}
    if isinstance(secret, (list, tuple, set, frozenset)):
        return [_plain(item) for item in secret]
    if secret is None or isinstance(secret, (str, int, float)):
        return secret
    from pydantic_core import to_jsonable_python  # only for what JSON has no word for

    return to_jsonable_python(secret)


def veil(data: Any, paths: list[str]) -> Any:
    """Wrap the values at these paths as secrets, so that printing the data does not show them."""
    for path in paths:
        data = _veiled(data, path.split("."))
    return data


def _veiled(data: Any, path: list[str]) -> Any:
    if isinstance(data, list):
        return [_veiled(item, path) for item in data]
    if not path:
        return data if data is None or isinstance(data, Secret) else Secret(data)
    if not isinstance(data, dict):
        return data
    if path == ["*"]:
        return {key: _veiled(item, []) for key, item in data.items()}
    if path[0] in data:
        return data | {path[0]: _veiled(data[path[0]], path[1:])}
    # A mapping whose values hold the secrets: the path names no keys of it.
    if any(isinstance(item, dict) and path[0] in item for item in data.values()):
        return {key: _veiled(item, path) for key, item in data.items()}
    return data


# ---- schema and checksum ------------------------------------------------------------------------


def open_objects(schema: dict[str, Any]) -> dict[str, Any]:
    """Give a model's schema in the server's form.

    Its definitions are called `definitions`; blocks do not say that they take more than their
    fields, and fields that are mappings do not say of what.
    """
    definitions = schema.pop("$defs", None)
    for part in (schema, *(definitions or {}).values()):
        if "block_type_slug" in part:
            part.pop("additionalProperties", None)
        for field in part.get("properties", {}).values():
            field.pop("additionalProperties", None)
    if definitions is not None:
        schema["definitions"] = definitions
    return schema


def checksum_of(schema: dict[str, Any]) -> str:
    """Compute the checksum of a block's schema: `sha256:` and 64 hexadecimal digits."""
    fields = dict(remove_nested_keys(["secret_fields"], schema))
    # Blocks inside are known by their own checksums, in `block_schema_references`.
    definitions = {
        name: part
        for name, part in fields.pop("definitions", {}).items()
        if "block_schema_references" not in part
    }
    if definitions:
        fields["definitions"] = definitions
    return f"sha256:{hash_objects(fields, hash_algo=hashlib.sha256)}"
