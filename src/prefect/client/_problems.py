"""Words for requests that failed: what was asked, what came back, what to do next.

Transport errors keep httpx's class, which users catch; an answer outside 2xx becomes a
`PrefectHTTPStatusError` with the server's own words in its message.
"""

from __future__ import annotations

from prefect.client._http1 import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import httpx

    from prefect.client._http import Ask, Policy

__all__ = [
    "ERRORS_BEFORE_PROCESSING",
    "causes",
    "error_words",
    "explained",
    "status_error",
    "to_httpx",
]

ERRORS_BEFORE_PROCESSING = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "WriteError", "WriteTimeout", "ProxyError"}
)
"""Transport errors after which the server cannot have acted: it has not seen the whole request."""


def explained(
    error: Exception, ask: Ask, policy: Policy, attempts: int, waited: float
) -> Exception:
    """The same kind of transport error, saying what was tried and what to do."""
    request = f"{ask.method} {_absolute(policy.api_url, ask.path)}"
    tried = "" if attempts == 1 else f" after {attempts} attempts in {waited:.0f} s"
    cause = str(error) or type(error).__name__
    message = f"{request} failed{tried}: {cause}. {_way_out(error, ask, policy)}"
    try:
        explained = type(error)(message)
    except TypeError:  # an error of the user's own transport, made in another way
        return error
    explained.__cause__ = error
    explained.__suppress_context__ = True
    import httpx  # loaded already: the error is httpx's

    assert isinstance(explained, httpx.TransportError)
    explained.request = getattr(error, "_request", None) or httpx.Request(
        ask.method, _absolute(policy.api_url, ask.path)
    )
    return explained


def _way_out(error: Exception, ask: Ask, policy: Policy) -> str:
    import socket

    kinds = {type(cause).__name__ for cause in causes(error)}
    if any(isinstance(cause, socket.gaierror) for cause in causes(error)):
        return "The host name cannot be resolved: check PREFECT_API_URL and the name server."
    if kinds & {"SSLCertVerificationError", "CertificateError"}:
        return (
            "The server's certificate cannot be verified: set PREFECT_API_SSL_CERT_FILE to the"
            " PEM file of its authority."
        )
    if kinds & {"SSLError", "SSLEOFError", "SSLZeroReturnError"}:
        return "TLS failed: if the server speaks plain HTTP, begin PREFECT_API_URL with http://."
    if "ProxyError" in kinds:
        return "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
    if not ask.repeatable and type(error).__name__ not in ERRORS_BEFORE_PROCESSING:
        return "The server may have acted on it: look before you send it again."
    if kinds & {"ConnectError", "ConnectTimeout"}:
        return "Check that a server listens at PREFECT_API_URL."
    if kinds & {"ReadTimeout", "WriteTimeout"}:
        return "Raise PREFECT_API_REQUEST_TIMEOUT if the server needs longer."
    return "PREFECT_CLIENT_MAX_RETRIES says how often a failed request is repeated."


def status_error(
    response: "Any", ask: Ask, policy: Policy, *, attempts: int = 1, note: str = ""
) -> Exception:
    """Make the exception for an answer outside 2xx."""
    import httpx  # heavy: only for errors

    from prefect.exceptions import PrefectHTTPStatusError

    native = to_httpx(response)
    status = native.status_code
    lines = [
        f"{native.request.method} {native.request.url} answered {status} {native.reason_phrase}"
        + (f" in each of {attempts} attempts" if attempts > 1 else "")
    ]
    words = error_words(native)
    if words:
        lines[0] += f": {words}"
    if status == 401:
        lines.append("Check PREFECT_API_KEY, or PREFECT_API_AUTH_STRING for a self-hosted server.")
    if 300 <= status < 400:
        lines.append(
            f"The server sends this request to {native.headers.get('location')!r}: set"
            " PREFECT_API_URL to the address it really has."
        )
    if attempts > 1:
        lines.append("PREFECT_CLIENT_MAX_RETRIES says how often a failed request is repeated.")
    if note:
        lines.append(note)
    error = PrefectHTTPStatusError("\n".join(lines), request=native.request, response=native)
    assert isinstance(error, httpx.HTTPStatusError)
    return error


def error_words(response: "httpx.Response") -> str:
    """What the server says about an error, in one line."""
    try:
        body = response.json()
    except ValueError:
        return _page_words(response.text)[:200]
    if not isinstance(body, dict):
        return str(body)[:500]
    detail = body.get("exception_detail") or body.get("detail") or body.get("exception_message")
    if isinstance(detail, list):
        # What a block holds may be secret, and messages end in logs.
        secret = "/block_documents" in response.request.url.path
        return "; ".join(_complaint(item, secret=secret) for item in detail)
    return str(detail or body)[:2000]


def _page_words(page: str) -> str:
    """The text of a gateway's error page, on one line."""
    import re  # only for answers that are not the API's

    page = re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", page)
    return " ".join("".join(c if c.isprintable() else " " for c in page).split())


def _complaint(item: "Any", *, secret: bool) -> str:
    if not isinstance(item, dict) or "loc" not in item:
        return str(item)
    place = ".".join(str(part) for part in item["loc"])
    got = "" if secret else f" (got {item.get('input')!r:.200})"
    return f"{place}: {item.get('msg', 'invalid')}{got}"


def to_httpx(response: "Any") -> "httpx.Response":
    """Give an answer the type that the public API promises."""
    if not isinstance(response, Answer):
        native: "httpx.Response" = response
        return native
    import httpx  # heavy: only for errors and for the few endpoints that return the response

    # The body is no longer compressed and the length is set from the content.
    dropped = ("content-encoding", "content-length", "transfer-encoding")
    return httpx.Response(
        response.status_code,
        headers=[pair for pair in response.headers.pairs if pair[0] not in dropped],
        content=response.content,
        request=httpx.Request(response.method, response.url),
        extensions={"http_version": b"HTTP/1.1"},
    )


def _absolute(api_url: str, path: str) -> str:
    return path if "://" in path else api_url + path


def causes(error: "BaseException | None") -> "list[BaseException]":
    """An error and what it came from, outermost first."""
    chain: "list[BaseException]" = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain
