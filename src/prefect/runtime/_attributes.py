"""Module attributes that are worked out at every access, with stand-ins from the environment."""

import os
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["attributes"]


def attributes(
    module: str, fields: Mapping[str, Callable[[], Any]]
) -> "tuple[Callable[[str], Any], Callable[[], list[str]]]":
    """Make `__getattr__` and `__dir__` of a module of `prefect.runtime`.

    Args:
        module: Its `__name__`.
        fields: Attribute → what gets it.
    """
    place = module.rpartition(".")[2].upper()

    def __getattr__(name: str) -> Any:
        get = fields.get(name)
        if get is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        text = os.environ.get(f"PREFECT__RUNTIME__{place}__{name.upper()}")
        return get() if text is None else _converted(text, like=get())

    def __dir__() -> list[str]:
        return sorted(fields)

    return __getattr__, __dir__


def _converted(text: str, *, like: Any) -> Any:
    """Read a stand-in as what it stands in for.

    Raises:
        ValueError: If there is no textual form of such a value.
    """
    import datetime

    if isinstance(like, bool):
        return text.lower() in {"1", "true", "yes", "on"}
    if isinstance(like, datetime.datetime):
        from prefect.types._datetime import parse_datetime

        return parse_datetime(text)
    if like is None or isinstance(like, str):
        return text
    if isinstance(like, (int, float)):
        return type(like)(text)
    raise ValueError(
        f"A {type(like).__name__} cannot be given by an environment variable, but {text!r} was."
    )
