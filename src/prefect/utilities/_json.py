"""JSON of Python values that JSON has no word for, in the form Prefect stores them.

A value that JSON cannot hold is written as `{"__class__": <qualified name>, "data": <JSON>}`, an
exception as `{"__exc_type__": <qualified name>, "message": <text>}`. Used for hashing and for
result files, so the form must never change. Source: observed output of the JSON serializer.
"""

from __future__ import annotations

from typing import Any

__all__ = ["encode_tagged"]


def encode_tagged(obj: Any) -> Any:
    """Write a value that JSON cannot hold; the `default` of `json.dumps`.

    Raises:
        ValueError: If the value has no JSON form at all.
    """
    from prefect.utilities.importtools import to_qualified_name

    if isinstance(obj, BaseException):
        return {"__exc_type__": to_qualified_name(type(obj)), "message": str(obj)}
    from pydantic_core import to_jsonable_python  # heavy: plain JSON values never come here

    return {"__class__": to_qualified_name(type(obj)), "data": to_jsonable_python(obj)}
