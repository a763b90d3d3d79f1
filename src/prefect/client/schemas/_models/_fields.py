"""Field types that several nouns share."""

from typing import Annotated, Any

from pydantic import BeforeValidator

__all__ = ["RunName", "random_name"]


def random_name() -> str:
    """Make two random words, joined by a dash."""
    from prefect.utilities.names import generate_slug  # heavy: its word list

    return generate_slug(2)


def _name_if_empty(value: Any) -> Any:
    return value or random_name()


RunName = Annotated[str, BeforeValidator(_name_if_empty)]
"""The name of a run: two random words when it is empty or null."""
