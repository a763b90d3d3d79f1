"""Placeholders in configuration: `{{ name }}`, `{{ prefect.variables.region }}`, `{{ $HOME }}`.

Used for job templates of work pools and for the steps of `prefect.yaml`. Values are filled in by
`apply_values`; blocks and variables, which live in the API, by the two `resolve_…` functions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast, overload

from prefect.utilities.annotations import NotSet
from prefect.utilities.collections import get_from_dict

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

__all__ = [
    "BLOCK_DOCUMENT_PLACEHOLDER_PREFIX",
    "ENV_VAR_PLACEHOLDER_PREFIX",
    "PLACEHOLDER_CAPTURE_REGEX",
    "VARIABLE_PLACEHOLDER_PREFIX",
    "Placeholder",
    "PlaceholderType",
    "apply_values",
    "determine_placeholder_type",
    "find_placeholders",
    "resolve_block_document_references",
    "resolve_variables",
]

T = TypeVar("T")

PLACEHOLDER_CAPTURE_REGEX = re.compile(r"({{\s*([\w\.\-\[\]$]+)\s*}})")
"""Finds placeholders: the whole of one, and its name."""

BLOCK_DOCUMENT_PLACEHOLDER_PREFIX = "prefect.blocks."
VARIABLE_PLACEHOLDER_PREFIX = "prefect.variables."
ENV_VAR_PLACEHOLDER_PREFIX = "$"


class PlaceholderType(Enum):
    """Where a placeholder's value comes from."""

    STANDARD = "standard"
    BLOCK_DOCUMENT = "block_document"
    VARIABLE = "variable"
    ENV_VAR = "env_var"


class Placeholder(NamedTuple):
    """A placeholder in a text."""

    full_match: str
    """As it is written, braces included."""
    name: str
    type: PlaceholderType


def determine_placeholder_type(name: str) -> PlaceholderType:
    """Tell from a placeholder's name where its value comes from."""
    if name.startswith(BLOCK_DOCUMENT_PLACEHOLDER_PREFIX):
        return PlaceholderType.BLOCK_DOCUMENT
    if name.startswith(VARIABLE_PLACEHOLDER_PREFIX):
        return PlaceholderType.VARIABLE
    if name.startswith(ENV_VAR_PLACEHOLDER_PREFIX):
        return PlaceholderType.ENV_VAR
    return PlaceholderType.STANDARD


def find_placeholders(template: T) -> set[Placeholder]:
    """List the placeholders in a template: in its texts, also inside lists and dictionaries."""
    if isinstance(template, str):
        return {
            Placeholder(whole, name, determine_placeholder_type(name))
            for whole, name in PLACEHOLDER_CAPTURE_REGEX.findall(template)
        }
    if isinstance(template, dict):
        return {found for value in template.values() for found in find_placeholders(value)}
    if isinstance(template, list):
        return {found for value in template for found in find_placeholders(value)}
    return set()


# --- values ---------------------------------------------------------------------------------------


@overload
def apply_values(
    template: T,
    values: dict[str, Any],
    remove_notset: Literal[True] = True,
    warn_on_notset: bool = False,
    skip_prefixes: list[str] | None = None,
) -> T: ...


@overload
def apply_values(
    template: T,
    values: dict[str, Any],
    remove_notset: bool = False,
    warn_on_notset: bool = False,
    skip_prefixes: list[str] | None = None,
) -> T | type[NotSet]: ...


def apply_values(
    template: T,
    values: dict[str, Any],
    remove_notset: bool = True,
    warn_on_notset: bool = False,
    skip_prefixes: list[str] | None = None,
) -> T | type[NotSet]:
    """Put values in the place of placeholders.

    A text that is a placeholder and nothing else becomes the value itself, of whatever type; in a
    longer text the value is written as text. Placeholders of blocks and variables stay.

    Args:
        template: Texts, numbers, lists and dictionaries, nested.
        values: Name → value; a placeholder `{{ a.b[0] }}` reads inside the value `a`.
        remove_notset: Whether placeholders without a value go: entries of dictionaries and lists
            that are one altogether, and the placeholder from a longer text. Else they stay.
        warn_on_notset: Whether to log a warning for each of these.
        skip_prefixes: Placeholders whose names start with one of these stay.

    Returns:
        The filled-in copy; `NotSet` when the template is one placeholder without a value.

    Raises:
        ValueError: If the template holds something else.
    """
    if isinstance(template, (int, float, type(None))):
        return template
    if isinstance(template, str):
        text = _apply_to_text(template, values, remove_notset, warn_on_notset, skip_prefixes)
        return cast(T, text)
    options = (remove_notset, warn_on_notset, skip_prefixes)
    if isinstance(template, dict):
        filled: dict[Any, Any] = {}
        for key, value in template.items():
            result = apply_values(value, values, *options)
            if result is not NotSet:
                filled[key] = result
            elif not remove_notset:
                filled[key] = value
        return cast(T, filled)
    if isinstance(template, list):
        items: list[Any] = []
        for value in template:
            result = apply_values(value, values, *options)
            if result is not NotSet:
                items.append(result)
            elif not remove_notset:
                items.append(value)
        return cast(T, items)
    raise ValueError(
        "A template consists of texts, numbers, lists and dictionaries, but holds"
        f" {template!r} of type {type(template).__name__}"
    )


def _apply_to_text(
    template: str,
    values: dict[str, Any],
    remove_notset: bool,
    warn_on_notset: bool,
    skip_prefixes: list[str] | None,
) -> Any:
    for placeholder in find_placeholders(template):
        name, kind = placeholder.name, placeholder.type
        if skip_prefixes and name.startswith(tuple(skip_prefixes)):
            continue
        if kind in {PlaceholderType.BLOCK_DOCUMENT, PlaceholderType.VARIABLE}:
            continue
        if kind is PlaceholderType.ENV_VAR:
            # An unset variable counts as an empty one, as in a shell.
            value: Any = os.environ.get(name[1:], "" if remove_notset else NotSet)
        else:
            value = get_from_dict(values, name, NotSet)
        if value is NotSet and warn_on_notset:
            from prefect.logging.loggers import get_logger

            get_logger(__name__).warning(
                "There is no value for the placeholder %s; check how its name is written",
                placeholder.full_match,
            )
        if template == placeholder.full_match and (
            value is not NotSet or kind is PlaceholderType.STANDARD
        ):
            return value
        if value is not NotSet:
            template = template.replace(placeholder.full_match, str(value))
        elif remove_notset:
            template = template.replace(placeholder.full_match, "")
    return template


# --- blocks and variables -------------------------------------------------------------------------


async def _with_client(work: Callable[[PrefectClient], Awaitable[Any]]) -> Any:
    from prefect.client.orchestration import get_client  # upward: the values live in the API

    async with get_client() as client:
        return await work(client)


async def resolve_block_document_references(
    template: T,
    client: PrefectClient | None = None,
    value_transformer: Callable[[str, Any], Any] | None = None,
) -> T | dict[str, Any]:
    """Put the data of blocks in the place of their placeholders and references.

    `{{ prefect.blocks.<type>.<name> }}` gives the block's data (of a block with the one field
    `value`, that value), and with `.<path>` a part of it. `{"$ref": {"block_document_id": …}}`
    gives the data of the block with that id.

    Args:
        template: Texts, numbers, lists and dictionaries, nested.
        client: Reads the blocks; by default one for the current settings.
        value_transformer: Called with a placeholder and its value, gives what to put instead.

    Raises:
        ValueError: If a placeholder has no block type and name, leads nowhere in the block, or
            gives a dictionary in the middle of a text.
    """
    if client is None:
        return cast(
            T,
            await _with_client(
                lambda own: resolve_block_document_references(template, own, value_transformer)
            ),
        )
    if isinstance(template, dict):
        reference = template.get("$ref")
        if isinstance(reference, dict) and "block_document_id" in reference:
            document = await client.read_block_document(reference["block_document_id"])
            data: dict[str, Any] = document.data
            return data
        return {
            key: await resolve_block_document_references(value, client, value_transformer)
            for key, value in template.items()
        }
    if isinstance(template, list):
        return cast(
            T,
            [
                await resolve_block_document_references(item, client, value_transformer)
                for item in template
            ],
        )
    if not isinstance(template, str):
        return template
    text: str = template
    for placeholder in find_placeholders(template):
        if placeholder.type is not PlaceholderType.BLOCK_DOCUMENT:
            continue
        value = await _read_block_value(client, placeholder)
        if value_transformer is not None:
            value = value_transformer(placeholder.full_match, value)
        if template == placeholder.full_match:
            return cast(T, value)
        if isinstance(value, (dict, list)):
            raise ValueError(
                f"{placeholder.full_match} in {template!r} gives a {type(value).__name__}, which"
                " has no place in the middle of a text; add the path of a single value in it"
            )
        text = text.replace(placeholder.full_match, str(value))
    return cast(T, text)


async def _read_block_value(client: PrefectClient, placeholder: Placeholder) -> Any:
    path = placeholder.name[len(BLOCK_DOCUMENT_PLACEHOLDER_PREFIX) :]
    type_slug, _, rest = path.partition(".")
    name, _, keys = rest.partition(".")
    if not type_slug or not name:
        raise ValueError(
            f"{placeholder.full_match} names no block; write"
            " {{ prefect.blocks.<type>.<name> }}, with a path in the block after it if need be"
        )
    document = await client.read_block_document_by_name(name=name, block_type_slug=type_slug)
    data: Any = document.data
    # Blocks of one value (secrets and the like) stand for that value, whatever it is.
    holder = data.get("value") if isinstance(data, dict) and set(data) == {"value"} else None
    if not keys:
        return data if holder is None else holder
    for place in (data, holder):
        if isinstance(place, dict):
            found = get_from_dict(place, keys, NotSet)
            if found is not NotSet:
                return found
    raise ValueError(
        f"{placeholder.full_match} leads nowhere: the block {type_slug}/{name} has no {keys!r}"
    )


async def resolve_variables(template: T, client: PrefectClient | None = None) -> T:
    """Put the values of variables in the place of `{{ prefect.variables.<name> }}`.

    A text that is such a placeholder and nothing else becomes the value itself, of whatever type.
    A variable that does not exist gives an empty text.

    Args:
        template: Texts, numbers, lists and dictionaries, nested.
        client: Reads the variables; by default one for the current settings.
    """
    if client is None:
        return cast(T, await _with_client(lambda own: resolve_variables(template, own)))
    if isinstance(template, dict):
        return cast(
            T, {key: await resolve_variables(value, client) for key, value in template.items()}
        )
    if isinstance(template, list):
        return cast(T, [await resolve_variables(item, client) for item in template])
    if not isinstance(template, str):
        return template
    text: str = template
    for placeholder in find_placeholders(template):
        if placeholder.type is not PlaceholderType.VARIABLE:
            continue
        name = placeholder.name[len(VARIABLE_PLACEHOLDER_PREFIX) :]
        variable = await client.read_variable_by_name(name=name)
        value = "" if variable is None else variable.value
        if template == placeholder.full_match:
            return cast(T, value)
        text = text.replace(placeholder.full_match, str(value))
    return cast(T, text)
