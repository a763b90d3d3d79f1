"""Field types that several nouns share."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

__all__ = ["RunName"]


def _random_name() -> str:
    from prefect.utilities.names import generate_slug  # heavy: its word list

    return generate_slug(2)


def _name_if_empty(value: Any) -> Any:
    return value or _random_name()


RunName = Annotated[str, Field(default_factory=_random_name), BeforeValidator(_name_if_empty)]
"""The name of a run: two random words when none is given."""
