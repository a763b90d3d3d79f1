"""What the endpoint classes share: paths, request bodies, answers and named errors.

`Noun` is the port the endpoints are written against: one method, `_send`, implemented by the
transport. Everything else here is a pure function. Nothing in this module or its siblings imports
asyncio, anyio or threading, or loads pydantic or httpx before the first request is made.
"""

from __future__ import annotations

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Final, TypeAlias, TypeVar
    from uuid import UUID

    import httpx
    from pydantic import BaseModel, TypeAdapter

    Model = TypeVar("Model", bound=BaseModel)
    ErrorMapping: TypeAlias = Callable[..., Exception]

__all__ = [
    "UNSET",
    "Noun",
    "already_exists",
    "array",
    "as_id",
    "dump",
    "error_detail",
    "join",
    "join_all",
    "merge",
    "not_found",
    "parse",
    "parse_id",
    "parse_json",
    "parse_list",
    "path",
    "query_flag",
    "refused",
    "tag_list",
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
    """Fill a path template, quoting each value wholly, slashes too (colons may stay).

    >>> path("/deployments/name/{flow}/{name}", flow="a b", name="c/d")
    '/deployments/name/a%20b/c%2Fd'
    """
    from urllib.parse import quote

    return template.format_map({key: quote(str(value), safe=":") for key, value in values.items()})


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
    """Encode one JSON object whose values may be wire models; leave out what is None.

    Models are encoded with the fields their maker set. Used where None means "not given", as in
    every filter endpoint: the server then takes its own default.
    """
    return _object({name: value for name, value in parts.items() if value is not None})


def join_all(**parts: Any) -> bytes:
    """Encode one JSON object like `join`, with null for what is None: null takes a value away."""
    return _object(parts)


def _object(parts: dict[str, Any]) -> bytes:
    models = {name: value for name, value in parts.items() if _is_model(value)}
    plain = to_bytes({name: value for name, value in parts.items() if name not in models})
    if not models:
        return plain
    encoded = (
        b'{"%b":%b}' % (name.encode(), dump(model, exclude_unset=True))
        for name, model in models.items()
    )
    return merge(plain, *encoded)


def merge(*objects: bytes) -> bytes:
    """Make one JSON object of several encoded ones, which share no key."""
    return b"{%b}" % b",".join(encoded[1:-1] for encoded in objects if encoded != b"{}")


def array(items: Iterable[Any]) -> bytes:
    """Encode a JSON array of wire models, with the fields their maker set, and plain values."""
    return b"[%b]" % b",".join(
        dump(item, exclude_unset=True) if _is_model(item) else to_bytes(item) for item in items
    )


def _is_model(value: Any) -> bool:
    # Asked of the class: pydantic need not be loaded to know that something is no model of it.
    return hasattr(type(value), "__pydantic_serializer__")


def query_flag(value: bool) -> str:
    """Write a yes or no for a query string, the same whichever HTTP library encodes it."""
    return "true" if value else "false"


def tag_list(tags: Iterable[str] | None) -> list[str]:
    """Make the list of tags to send.

    Raises:
        TypeError: For one string, which would otherwise be sent as its letters.
    """
    if isinstance(tags, str):
        raise TypeError(f"Tags are a list of strings, not one string: pass [{tags!r}]")
    return list(tags) if tags is not None else []


def as_id(value: UUID | str, what: str) -> UUID:
    """Read an id that may come as text.

    Raises:
        ValueError: If the text is no id; it names the kind of object and the text.
    """
    from uuid import UUID

    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"Invalid {what} id: {value!r} is not a UUID") from error


# --- answers ------------------------------------------------------------------------------------


def parse(model: type[Model], response: httpx.Response) -> Model:
    """Read one wire model from an answer.

    Raises:
        ValueError: If the answer is something else; it names the request and shows the answer.
    """
    try:
        return model.model_validate_json(response.content)
    except ValueError as error:
        raise _unreadable(response, error) from error


def parse_list(model: type[Model], response: httpx.Response) -> list[Model]:
    """Read a list of wire models from an answer; raises what `parse` raises."""
    try:
        return _list_adapter(model).validate_json(response.content)
    except ValueError as error:
        raise _unreadable(response, error) from error


def parse_json(response: httpx.Response) -> Any:
    """Read the JSON of an answer; raises what `parse` raises."""
    try:
        return response.json()
    except ValueError as error:
        raise _unreadable(response, error) from error


def _unreadable(response: httpx.Response, error: ValueError) -> ValueError:
    """Say what came in place of the API's answer: a login page of a network, a cut body."""
    errors = getattr(error, "errors", None)  # pydantic's own text repeats the input
    found = errors(include_url=False, include_input=False, include_context=False) if errors else []
    why = "; ".join(
        ": ".join(part for part in (".".join(map(str, item["loc"])), item["msg"]) if part)
        for item in found[:3]
    )
    request = response.request
    return ValueError(
        f"{request.method} {request.url} answered {response.status_code} with something that is not"
        f" the API's answer ({why or error}): {response.text[:200]!r}. Check that PREFECT_API_URL"
        " leads to a Prefect server, and that no proxy or login page answers in its place."
    )


@functools.cache
def _list_adapter(model: type[Model]) -> TypeAdapter[list[Model]]:
    from pydantic import TypeAdapter

    return TypeAdapter(list[model])  # type: ignore[valid-type]  # a class known at run time only


def parse_id(response: httpx.Response) -> UUID:
    """Read the `id` of the object an answer holds.

    Raises:
        httpx.RequestError: If the answer holds no id; it names the request.
        ValueError: If it is no JSON.
    """
    from uuid import UUID

    answer = parse_json(response)
    if not isinstance(answer, dict) or not answer.get("id"):
        from httpx import RequestError

        raise RequestError(f"The API's answer holds no id: {str(answer)[:500]}")
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

        words = [f"There is no {what}.", hint, _unknown_address(http_exc)]
        return ObjectNotFound(http_exc, help_message=" ".join(word for word in words if word))

    return factory


def _unknown_address(http_exc: Exception) -> str:
    """Tell a missing object from an address that is no route of the API at all."""
    # The router's own 404, as opposed to a handler's, which says what was not found.
    if error_detail(http_exc) != "Not Found":
        return ""
    response: httpx.Response = http_exc.response  # type: ignore[attr-defined]  # it had a detail
    address = f"The server does not know the address {response.request.url}"
    if further := _further(http_exc):
        return f"{address}. {further}"
    return (
        f"{address}: check that the API URL (PREFECT_API_URL) ends where the API starts, usually in"
        " /api, and that ids are UUIDs."
    )


def _further(http_exc: Exception) -> str:
    """What the transport adds to the server's words, such as that the server is an older one."""
    return str(http_exc).partition("\n")[2]


def already_exists(what: str, hint: str = "") -> ErrorMapping:
    """Make the factory for a 409: an `ObjectAlreadyExists` that names the object."""

    def factory(http_exc: Exception) -> Exception:
        from prefect.exceptions import ObjectAlreadyExists

        return ObjectAlreadyExists(
            http_exc, f"There is already a {what}.{' ' + hint if hint else ''}"
        )

    return factory


def refused(sentence: str) -> ErrorMapping:
    """Make the factory of the same HTTP error with a sentence in front that names the object.

    For statuses whose class users already catch: it stays a `PrefectHTTPStatusError`.
    """

    def factory(http_exc: Any) -> Exception:
        from prefect.exceptions import PrefectHTTPStatusError

        request, response = http_exc.request, http_exc.response
        return PrefectHTTPStatusError(
            f"{sentence}: {error_detail(http_exc)} ({request.method} {request.url} answered"
            f" {response.status_code}). {_further(http_exc)}".strip(),
            request=request,
            response=response,
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
