"""What the endpoint classes share: paths, request bodies, answers and named errors.

`Noun` is the port the endpoints are written against: one method, `_send`, implemented by the
transport. Everything else here is a pure function. Nothing in this module or its siblings imports
asyncio, anyio or threading, or loads pydantic or httpx before the first request is made.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias, TypeVar
    from uuid import UUID

    import httpx
    from pydantic import BaseModel, TypeAdapter

    Model = TypeVar("Model", bound=BaseModel)
    ErrorMapping: TypeAlias = Callable[..., Exception]

__all__ = [
    "UNSET",
    "Noun",
    "already_exists",
    "dump",
    "error_detail",
    "join",
    "not_found",
    "parse",
    "parse_id",
    "parse_list",
    "path",
    "to_bytes",
]


class _Unset:
    """The type of `UNSET`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET: Final[Any] = _Unset()
"""Stands for an argument nobody gave, where None is a value of its own."""


class Noun:
    """Base of the endpoint classes; subclasses get `_send` from the face they are mixed into."""

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = UNSET,
        content: bytes | None = None,
        errors: Mapping[int, ErrorMapping] = {},
        retry: bool | None = None,
    ) -> httpx.Response:
        """Send one request to the API and return its answer, which is a success.

        Args:
            method: HTTP method, in capitals.
            path: Below the API's URL and already quoted, see `path`; or an absolute URL.
            params: Query parameters.
            json: Body to be encoded by the transport.
            content: Body already encoded as JSON.
            errors: Status → factory of the exception to raise, called with `http_exc=error`.
            retry: Whether repeating the request is safe; None leaves it to the method's rules.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: For an answer outside 2xx not in `errors`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} has no transport; mix the endpoint classes into a face that"
            " implements `_send`, such as `PrefectClient`"
        )


# --- paths --------------------------------------------------------------------------------------


def path(template: str, /, **values: object) -> str:
    """Fill a path template, quoting each value wholly, slashes too.

    >>> path("/deployments/name/{flow}/{name}", flow="a b", name="c/d")
    '/deployments/name/a%20b/c%2Fd'
    """
    from urllib.parse import quote

    return template.format_map({key: quote(str(value), safe="") for key, value in values.items()})


# --- request bodies -----------------------------------------------------------------------------


def dump(model: BaseModel, **options: Any) -> bytes:
    """Encode a wire model as JSON bytes.

    Args:
        options: Those of `BaseModel.model_dump_json`, such as `exclude_unset=True`.
    """
    # The serialiser itself gives bytes; `model_dump_json` would decode them for us to encode again.
    return type(model).__pydantic_serializer__.to_json(model, **options)


def to_bytes(value: Any) -> bytes:
    """Encode plain data (UUIDs, dates, enums and models included) as JSON bytes."""
    from pydantic_core import to_json

    return to_json(value)


def join(**parts: Any) -> bytes:
    """Encode one JSON object whose values may be wire models.

    Models are encoded with the fields their maker set; None stays null; everything else goes
    through `to_bytes`. Used for the filter endpoints, where each part is a filter.
    """
    encoded = []
    for name, value in parts.items():
        if value is None:
            body = b"null"
        elif hasattr(value, "__pydantic_serializer__"):
            body = dump(value, exclude_unset=True)
        else:
            body = to_bytes(value)
        encoded.append(b'"%b":%b' % (name.encode(), body))
    return b"{%b}" % b",".join(encoded)


# --- answers ------------------------------------------------------------------------------------


def parse(model: type[Model], response: httpx.Response) -> Model:
    """Read one wire model from an answer."""
    return model.model_validate_json(response.content)


def parse_list(model: type[Model], response: httpx.Response) -> list[Model]:
    """Read a list of wire models from an answer."""
    return _list_adapter(model).validate_json(response.content)


@functools.lru_cache(maxsize=None)
def _list_adapter(model: type[Model]) -> TypeAdapter[list[Model]]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[model])  # type: ignore[valid-type]  # a class known at run time only


def parse_id(response: httpx.Response) -> UUID:
    """Read the `id` of the object an answer holds.

    Raises:
        ValueError: If the answer holds no id; it names the request.
    """
    from uuid import UUID

    answer = response.json()
    if not isinstance(answer, dict) or not answer.get("id"):
        request = response.request
        raise ValueError(f"The answer to {request.method} {request.url} holds no id: {answer!r}")
    return UUID(answer["id"])


# --- errors -------------------------------------------------------------------------------------


def not_found(what: str, hint: str = "") -> ErrorMapping:
    """Make the factory for a 404: an `ObjectNotFound` that names the object asked for.

    Args:
        what: Kind and value, such as `"flow run 'x'"`.
        hint: What to do next, as a sentence.
    """

    def factory(http_exc: Exception) -> Exception:
        from prefect.exceptions import ObjectNotFound

        return ObjectNotFound(http_exc, help_message=f"No {what}.{' ' + hint if hint else ''}")

    return factory


def already_exists(what: str, hint: str = "") -> ErrorMapping:
    """Make the factory for a 409: an `ObjectAlreadyExists` that names the object."""

    def factory(http_exc: Exception) -> Exception:
        from prefect.exceptions import ObjectAlreadyExists

        return ObjectAlreadyExists(
            http_exc, f"There is already a {what}.{' ' + hint if hint else ''}"
        )

    return factory


def error_detail(http_exc: Exception) -> str:
    """Say in one line what the server answered: its own words where it gives some."""
    response = getattr(http_exc, "response", None)
    if response is None:
        return str(http_exc)
    try:
        body = response.json()
    except ValueError:
        return str(response.text)[:500]
    if isinstance(body, dict):
        for key in ("detail", "exception_detail", "exception_message"):
            if body.get(key):
                return _in_words(body[key])
    return str(body)[:500]


def _in_words(detail: Any) -> str:
    if not isinstance(detail, list):
        return str(detail)
    lines = []
    for item in detail:
        if isinstance(item, dict) and "loc" in item:
            where = ".".join(str(part) for part in item["loc"])
            lines.append(f"{where}: {item.get('msg', 'invalid')}")
        else:
            lines.append(str(item))
    return "; ".join(lines)
