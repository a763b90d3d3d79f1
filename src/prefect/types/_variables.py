"""Values of variables: what JSON can hold, up to 5000 characters of it."""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator

__all__ = ["MAX_VARIABLE_VALUE_LENGTH", "StrictVariableValue", "check_variable_value"]

MAX_VARIABLE_VALUE_LENGTH = 5000
"""Characters of the value's JSON text; the server's limit."""


def check_variable_value(value: object) -> object:
    """Return a value that can be stored as a variable.

    Raises:
        ValueError: If it cannot be written as JSON, or its text is too long.
    """
    try:
        text = json.dumps(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"A variable's value must be JSON; {value!r} is not: {error}") from error
    if len(text) > MAX_VARIABLE_VALUE_LENGTH and value is not None:
        raise ValueError(
            f"A variable's value may have up to {MAX_VARIABLE_VALUE_LENGTH} characters as JSON;"
            f" this one has {len(text)}."
        )
    return value


StrictVariableValue = Annotated[
    str | int | bool | float | dict[str, Any] | list[Any] | None,
    BeforeValidator(check_variable_value),
]
