"""What is said when a source has a value that a setting does not accept.

Pydantic says which field of which model; a user needs the name to look for, the place where it
stands and the way out. Values of secrets are left out.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

if TYPE_CHECKING:
    from prefect.settings._sources import Sources
    from prefect.settings.base import PrefectBaseSettings

__all__ = ["explained"]

_MASK = "**********"


def explained(
    error: ValidationError,
    cls: "type[PrefectBaseSettings]",
    sources: "Sources",
    given: Mapping[str, Any],
) -> ValidationError:
    """Rewrite a validation error of a settings model in the user's terms.

    Args:
        error: What pydantic says.
        cls: The model that was to be made.
        sources: Where its values came from.
        given: Arguments of its constructor, which go before the sources.

    Returns:
        An error of the same class with one line per field.
    """
    lines: dict[tuple[int | str, ...], InitErrorDetails] = {}
    for detail in error.errors(include_url=False, include_context=False):
        where = detail["loc"]
        field = str(where[0]) if where else ""
        if detail["type"] == _TYPE or field not in cls.model_fields:
            line = PydanticCustomError(_TYPE, "{text}", {"text": detail["msg"]})
            lines[where] = InitErrorDetails(type=line, loc=where, input=_MASK)
            continue
        text, shown = _explain(detail["msg"], cls, field, sources, given)
        line = PydanticCustomError(_TYPE, "{text}", {"text": text})
        lines.setdefault((field,), InitErrorDetails(type=line, loc=(field,), input=shown))
    return ValidationError.from_exception_data(cls.__name__, list(lines.values()), hide_input=True)


_TYPE = "prefect_setting"


def _explain(
    problem: str,
    cls: "type[PrefectBaseSettings]",
    field: str,
    sources: "Sources",
    given: Mapping[str, Any],
) -> tuple[str, Any]:
    """One line about one field, and the value that may be shown with it."""
    setting = cls.env_names()[field][0]
    origin = None if field in given else sources.origin(cls, field)
    value = given.get(field) if origin is None else origin.value
    shown = _MASK if cls.is_secret(field) else value
    problem = "cannot be used" if cls.is_secret(field) else problem.removeprefix("Value error, ")
    problem = problem[:1].lower() + problem[1:]
    if origin is None:
        return f"Setting {setting} given in the program as {shown!r}: {problem}.", shown
    name = "" if origin.name == setting else f" (under the name {origin.name})"
    text = (
        f"Setting {setting} is {shown!r} in {origin.place}{name}: {problem}."
        " Correct it there, or remove it to use the default."
    )
    return text, shown
