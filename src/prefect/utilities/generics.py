"""Validation of lists of models in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

if TYPE_CHECKING:
    T = TypeVar("T", bound=BaseModel)

__all__ = ["ListValidator", "validate_list"]

ListValidator = SchemaValidator(
    core_schema.list_schema(
        core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
    )
)
"""Accepts a list of mappings with text keys."""


def validate_list(model: type[T], input: Any) -> list[T]:
    """Make models of a list of mappings.

    Args:
        model: The model.
        input: A list of mappings, as JSON gives it.

    Raises:
        pydantic.ValidationError: If `input` is no such list, or an item does not fit the model.
    """
    return [model.model_validate(item) for item in ListValidator.validate_python(input)]
