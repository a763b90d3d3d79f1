"""Labels: the user's and the server's key-value marks on flows, runs and deployments."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

__all__ = [
    "KeyValueLabels",
    "KeyValueLabelsField",
    "cast_none_to_empty_dict",
    "convert_none_to_empty_dict",
]

KeyValueLabels = dict[str, bool | int | float | str]


def cast_none_to_empty_dict(value: Any) -> dict[str, Any]:
    """Take None as no entries; anything else is turned into a dict.

    Raises:
        ValueError: If `value` is no mapping.
    """
    if value is None:
        return {}
    try:
        return dict(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{value!r} is no mapping of keys to values.") from error


def convert_none_to_empty_dict(v: KeyValueLabels | None) -> KeyValueLabels:
    """Take None as no labels."""
    return {} if v is None else v


KeyValueLabelsField = Annotated[
    KeyValueLabels, Field(default_factory=dict), BeforeValidator(convert_none_to_empty_dict)
]
"""A field of labels that is empty by default and takes null from the wire as empty."""
