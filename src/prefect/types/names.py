"""Names of flows, deployments, blocks, variables, artifacts and assets: rules and field types.

Each rule is a plain function that returns the value or raises `ValueError` with the value and the
allowed characters; each `Annotated` alias makes a pydantic field of it.
"""

import re
from functools import partial
from typing import Annotated, overload

from pydantic import AfterValidator, BeforeValidator, Field

LOWERCASE_LETTERS_NUMBERS_AND_DASHES_ONLY_REGEX = "^[a-z0-9-]*$"
LOWERCASE_LETTERS_NUMBERS_AND_UNDERSCORES_REGEX = "^[a-z0-9_]*$"
LOWERCASE_LETTERS_NUMBERS_AND_DASHES_OR_UNDERSCORES_REGEX = "^[a-z0-9-_]*$"

BANNED_CHARACTERS = ["/", "%", "&", ">", "<"]
"""They would have to be quoted in URLs or HTML."""
WITHOUT_BANNED_CHARACTERS = r"^[^/%&><]+$"
WITHOUT_BANNED_CHARACTERS_EMPTY_OK = r"^[^/%&><]*$"

MAX_VARIABLE_NAME_LENGTH = 255
MAX_ASSET_KEY_LENGTH = 512

URI_REGEX = re.compile(r"^[a-z0-9]+://")
RESTRICTED_ASSET_CHARACTERS = [
    *("\n", "\r", "\t", "\0"),
    *(" ", "#", "?", "&", "%", '"', "'", "<", ">", "[", "]", "{", "}", "|", "\\", "^", "`"),
]
"""They would be ambiguous inside the URI that an asset key is."""


@overload
def raise_on_name_alphanumeric_dashes_only(value: str, field_name: str = ...) -> str: ...


@overload
def raise_on_name_alphanumeric_dashes_only(value: None, field_name: str = ...) -> None: ...


def raise_on_name_alphanumeric_dashes_only(
    value: str | None, field_name: str = "value"
) -> str | None:
    """Return a name of lowercase letters, digits and dashes, or None.

    Raises:
        ValueError: If `value` has other characters; the message calls it `field_name`.
    """
    return _matching(
        value, LOWERCASE_LETTERS_NUMBERS_AND_DASHES_ONLY_REGEX, field_name, "numbers, and dashes"
    )


@overload
def raise_on_name_alphanumeric_underscores_only(value: str, field_name: str = ...) -> str: ...


@overload
def raise_on_name_alphanumeric_underscores_only(value: None, field_name: str = ...) -> None: ...


def raise_on_name_alphanumeric_underscores_only(
    value: str | None, field_name: str = "value"
) -> str | None:
    """Return a name of lowercase letters, digits and underscores, or None.

    Raises:
        ValueError: If `value` has other characters; the message calls it `field_name`.
    """
    return _matching(
        value,
        LOWERCASE_LETTERS_NUMBERS_AND_UNDERSCORES_REGEX,
        field_name,
        "numbers, and underscores",
    )


def raise_on_name_alphanumeric_dashes_underscores_only(
    value: str, field_name: str = "value"
) -> str:
    """Return a name of lowercase letters, digits, dashes and underscores.

    Raises:
        ValueError: If `value` has other characters; the message calls it `field_name`.
    """
    _matching(
        value,
        LOWERCASE_LETTERS_NUMBERS_AND_DASHES_OR_UNDERSCORES_REGEX,
        field_name,
        "numbers, dashes, and underscores",
    )
    return value


def _matching(value: str | None, pattern: str, field_name: str, allowed: str) -> str | None:
    if value is not None and not re.fullmatch(pattern, value):
        raise ValueError(f"{field_name} {value!r} may only contain lowercase letters, {allowed}.")
    return value


def non_emptyish(value: str) -> str:
    """Return a name that is not blank, also not between quotes.

    Raises:
        ValueError: If only spaces and quotes are there.
    """
    if not str(value).strip("' \""):
        raise ValueError(f"The name {value!r} is empty; give at least one visible character.")
    return value


def validate_uri(value: str) -> str:
    """Return a value that starts like a URI: lowercase scheme and `://`.

    Raises:
        ValueError: If it does not.
    """
    if not URI_REGEX.match(value):
        raise ValueError(f"{value!r} is not a URI; write it like 's3://bucket/folder/table.csv'.")
    return value


def validate_valid_asset_key(value: str) -> str:
    """Return an asset key: a URI without spaces, quotes, brackets and other special characters.

    Raises:
        ValueError: If it is no URI or has such a character.
    """
    for character in RESTRICTED_ASSET_CHARACTERS:
        if character in value:
            raise ValueError(f"The asset key {value!r} may not contain {character!r}.")
    return validate_uri(value)


Name = Annotated[str, Field(pattern=WITHOUT_BANNED_CHARACTERS)]
NameOrEmpty = Annotated[str, Field(pattern=WITHOUT_BANNED_CHARACTERS_EMPTY_OK)]
NonEmptyishName = Annotated[
    str, Field(pattern=WITHOUT_BANNED_CHARACTERS), BeforeValidator(non_emptyish)
]
BlockDocumentName = Annotated[
    Name,
    AfterValidator(
        partial(raise_on_name_alphanumeric_dashes_only, field_name="Block document name")
    ),
]
BlockTypeSlug = Annotated[
    str,
    AfterValidator(partial(raise_on_name_alphanumeric_dashes_only, field_name="Block type slug")),
]
ArtifactKey = Annotated[
    str,
    AfterValidator(partial(raise_on_name_alphanumeric_dashes_only, field_name="Artifact key")),
]
VariableName = Annotated[
    str,
    Field(max_length=MAX_VARIABLE_NAME_LENGTH),
    AfterValidator(
        partial(raise_on_name_alphanumeric_dashes_underscores_only, field_name="Variable name")
    ),
]
URILike = Annotated[str, AfterValidator(validate_uri)]
ValidAssetKey = Annotated[
    str, Field(max_length=MAX_ASSET_KEY_LENGTH), AfterValidator(validate_valid_asset_key)
]
