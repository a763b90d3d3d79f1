"""How text from the environment and from files becomes the value of a setting.

Validators that the settings models put before pydantic's own: text with commas for lists and sets,
JSON for mappings. A value that is no text passes unchanged.
"""

from typing import Any

__all__ = ["json_object", "status_codes", "words"]


def words(value: Any) -> Any:
    """Split text at commas, or read it as a JSON list; empty text and None give no words."""
    if value is None:
        return []
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        return _json(text)
    return [part.strip() for part in text.split(",") if part.strip()]


def status_codes(value: Any) -> Any:
    """Make a collection of one number, or of text as in `words`."""
    return [value] if isinstance(value, int) else words(value)


def json_object(value: Any) -> Any:
    """Read text as JSON; empty text gives an empty mapping."""
    if value is None:
        return {}
    if not isinstance(value, str):
        return value
    return _json(value) if value.strip() else {}


def _json(text: str) -> Any:
    import json  # only where a value is written that way

    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"is not valid JSON ({error})") from None
