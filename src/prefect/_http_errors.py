"""The HTTP error that shows what the API said.

Kept apart from `prefect.exceptions`, which publishes it, so that importing the exceptions does not
import httpx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from httpx import HTTPStatusError, Request, Response, StreamError

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["PrefectHTTPStatusError"]

_LINK_START = "For more information check:"
"""What starts the last line of httpx's message; the answer's text goes before it."""


class PrefectHTTPStatusError(HTTPStatusError):
    """Raised when the API answers with an error status; its message shows the answer's body.

    Keeps `request` and `response`, as httpx's error does, and can be pickled.
    """

    def __init__(self, message: str, *, request: Request, response: Response) -> None:
        super().__init__(message, request=request, response=response)

    @classmethod
    def from_httpx_error(cls, httpx_error: HTTPStatusError) -> Self:
        """Make it from httpx's own error, with the answer's body added to the message.

        The body is shown as JSON, or not at all if it is something else (an HTML page of a proxy).
        """
        response = httpx_error.response
        try:
            details = f"Response: {response.json()}"
        except (ValueError, StreamError):  # no JSON; or a streamed answer that nobody has read
            details = ""
        head, _, tail = str(httpx_error).partition(_LINK_START)
        lines = [head.strip(), details, f"{_LINK_START} {tail.strip()}" if tail else ""]
        message = "\n".join(line for line in lines if line)
        return cls(message, request=httpx_error.request, response=response)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), str(self), self.request, self.response))


def _rebuild(
    cls: type[PrefectHTTPStatusError], message: str, request: Request, response: Response
) -> PrefectHTTPStatusError:
    return cls(message, request=request, response=response)


# Pickles and tracebacks name the public home.
PrefectHTTPStatusError.__module__ = "prefect.exceptions"
