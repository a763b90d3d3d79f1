"""Turning a user's values into JSON without losing any, or saying which one cannot be turned.

Used for what users hand to the API as it is: parameters, job variables, contexts, run inputs.
UUIDs, dates, Decimals (as text), enums, paths, sets, tuples, UTF-8 bytes, dataclasses and pydantic
models are encoded as pydantic does; whole numbers keep every digit. What JSON cannot carry is
refused before anything is sent: unknown types, bytes that are no text, NaN and infinities (pydantic
would make them null), secrets (it would send asterisks), mapping keys that become equal as text,
and values that contain themselves.
"""

from __future__ import annotations

from prefect.exceptions import SerializationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["UnserializableValue", "checked", "jsonable"]

_ATOMS = frozenset({str, int, bool, type(None)})
_INFINITY = float("inf")


class UnserializableValue(SerializationError, TypeError, ValueError):
    """Raised for a value that cannot be sent as JSON.

    It is a `TypeError` and a `ValueError` too: the first is what `json` raises, the second what
    pydantic does.

    Attributes:
        where: Which value, such as `parameters['x'][0]`.
        value_type: Its class.
    """

    def __init__(self, where: str, value: object, reason: str) -> None:
        self.where = where
        self.value_type = type(value)
        super().__init__(f"{where} ({_type_name(value)}) cannot be sent as JSON: {reason}")


def jsonable(value: Any, where: str, *, non_finite: Literal["refuse", "text"] = "refuse") -> Any:
    """Give the value as plain JSON data: the value itself when it is that already.

    Args:
        where: What the value is called in errors, such as `"parameters"`.
        non_finite: What to do with NaN and infinities: refuse them, or write them as the texts
            `NaN`, `Infinity` and `-Infinity`, which pydantic reads back as floats.

    Raises:
        UnserializableValue: If something in it cannot be sent.
    """
    try:
        return value if _is_plain(value) else _convert(value, where, non_finite == "text")
    except RecursionError:
        raise UnserializableValue(
            where, value, "it contains itself, or is nested too deeply; pass a flat copy"
        ) from None


def checked(**values: Any) -> dict[str, Any]:
    """Give several values as plain JSON data, each called by its name in errors; None stays."""
    return {name: None if item is None else jsonable(item, name) for name, item in values.items()}


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is float:
        return bool(-_INFINITY < value < _INFINITY)
    if kind is dict:
        return all(type(key) is str for key in value) and all(map(_is_plain, value.values()))
    return kind is list and all(map(_is_plain, value))


def _convert(value: Any, where: str, as_text: bool) -> Any:
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is float:
        return _finite(value, where, as_text)
    if kind is dict:
        return _convert_mapping(value, where, as_text)
    if kind in (list, tuple, set, frozenset):
        return [_convert(item, f"{where}[{i}]", as_text) for i, item in enumerate(value)]
    return _convert_other(value, where, as_text)


def _finite(value: float, where: str, as_text: bool) -> float | str:
    if -_INFINITY < value < _INFINITY:
        return value
    if as_text:
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    raise UnserializableValue(
        where, value, f"JSON has no {value!r}; pass None, or the text 'NaN' or 'Infinity'"
    )


def _convert_mapping(value: dict[Any, Any], where: str, as_text: bool) -> dict[str, Any]:
    from pydantic_core import to_jsonable_python

    converted: dict[str, Any] = {}
    for key, item in value.items():
        text = key
        if type(key) is not str:
            (text,) = _guarded(to_jsonable_python, {key: None}, where)
        if text in converted:
            raise UnserializableValue(where, value, f"two of its keys are both sent as {text!r}")
        converted[text] = _convert(item, f"{where}[{text!r}]", as_text)
    return converted


def _convert_other(value: Any, where: str, as_text: bool) -> Any:
    from pathlib import PurePath

    from pydantic import SecretBytes, SecretStr
    from pydantic_core import to_jsonable_python

    if isinstance(value, PurePath):  # pydantic knows only paths of this system
        return str(value)

    if isinstance(value, (SecretStr, SecretBytes)):
        raise UnserializableValue(
            where,
            value,
            "only asterisks would arrive; pass `.get_secret_value()`, or the name of a Secret"
            " block that the flow loads",
        )
    plain = _guarded(to_jsonable_python, value, where)
    # What a model or a dataclass gave may hold infinities.
    return plain if _is_plain(plain) else _convert(plain, where, as_text)


def _guarded(encode: Any, value: Any, where: str) -> Any:
    try:
        return encode(value, inf_nan_mode="constants")
    except ValueError as error:  # pydantic's serialisation errors and Unicode's are ValueErrors
        reason = str(error).splitlines()[0]
        raise UnserializableValue(
            where,
            value,
            f"{reason}; pass text, numbers, lists, mappings, dates, UUIDs, dataclasses or pydantic"
            " models",
        ) from error


def _type_name(value: object) -> str:
    kind = type(value)
    home = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return home + kind.__qualname__
