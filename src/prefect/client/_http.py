"""Sending one request to the API, whatever it takes: the core of both clients.

`converse` is the conversation about one request: send, look at the answer, fetch a CSRF token,
drop what an older server does not know, wait and repeat. It touches the world only through a
`Port` (send, sleep, clock), so the blocking and the asyncio client share it, and so does the
`send` of the httpx clients in `base`. `ApiCore` is what the endpoint classes are mixed with.

An answer outside 2xx becomes a `PrefectHTTPStatusError` here; transport errors stay httpx's.
"""

import re
from dataclasses import dataclass, field

from prefect.client._http1 import Answer
from prefect.client._retries import (
    retry_after_seconds,
    retry_delay,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, Protocol

    import httpx

    class AnyResponse(Protocol):
        """What the core reads of an answer; `Answer` and `httpx.Response` both have it."""

        @property
        def status_code(self) -> int: ...
        @property
        def headers(self) -> "Any": ...
        @property
        def content(self) -> bytes: ...

    class Port(Protocol):
        """What the core needs of the world."""

        async def send(self, ask: "Ask") -> "Any":
            """Send once; raises httpx's transport errors."""

        async def sleep(self, seconds: float) -> None: ...


__all__ = ["Ask", "Policy", "converse"]

CSRF_CLIENT_HEADER = "Prefect-Csrf-Client"
CSRF_TOKEN_HEADER = "Prefect-Csrf-Token"
MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

ERRORS_BEFORE_PROCESSING = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "WriteError", "WriteTimeout", "ProxyError"}
)
"""Transport errors after which the server cannot have acted: it has not seen the whole request."""

RETRIED_ERRORS = ERRORS_BEFORE_PROCESSING | {
    "ReadTimeout",
    "ReadError",
    "RemoteProtocolError",
    "LocalProtocolError",
    "CloseError",
}


@dataclass
class Ask:
    """One request as the core sees it.

    Attributes:
        method: Upper case.
        path: Below the API's URL and quoted, with the query; or an absolute URL.
        content: The body.
        headers: What the core adds, name → value.
        repeatable: Whether the server may get it twice.
        native: The request as the port knows it, if it made one.
    """

    method: str
    path: str
    content: "bytes | None" = None
    headers: "dict[str, str]" = field(default_factory=dict)
    repeatable: bool = True
    native: "Any" = None


@dataclass(frozen=True)
class Policy:
    """How a client converses; read from settings when a client is made."""

    api_url: str
    max_retries: int = 5
    jitter_factor: float = 0.2
    extra_statuses: "Collection[int]" = ()
    csrf: bool = True
    version_check: bool = True
    raise_on_all_errors: bool = True

    @classmethod
    def from_settings(cls, api_url: str, **changes: "Any") -> "Policy":
        from prefect.settings._current import group

        client = group("client")
        return cls(
            api_url=api_url,
            max_retries=client.max_retries,
            jitter_factor=client.retry_jitter_factor,
            extra_statuses=frozenset(client.retry_extra_codes or ()),
            **{
                "csrf": client.csrf_support_enabled,
                "version_check": client.server_version_check_enabled,
                **changes,
            },
        )


@dataclass
class ServerFacts:
    """What this process has learnt about one server; shared by its clients.

    Attributes:
        csrf_token: Sent with every change once the server asked for one.
        csrf_client: Our name in its token table.
        csrf_refused: Whether the server said that it has no CSRF protection.
        version: What `/admin/version` answered; None before it was asked.
        unknown_fields: Route → dotted paths of body fields that it refuses.
    """

    csrf_token: "str | None" = None
    csrf_client: str = ""
    csrf_refused: bool = False
    version: "str | None" = None
    version_checked: bool = False
    unknown_fields: "dict[tuple[str, str], frozenset[tuple[str | int, ...]]]" = field(
        default_factory=dict
    )


_servers: "dict[str, ServerFacts]" = {}


def server_facts(api_url: str) -> ServerFacts:
    """What is known about the server behind a URL; empty at first."""
    return _servers.setdefault(api_url, ServerFacts())


async def converse(port: "Port", ask: Ask, policy: Policy) -> "Any":
    """Send a request until it is answered for good.

    Returns:
        The answer, as the port gives it. It is a success unless `policy.raise_on_all_errors` is
        off.

    Raises:
        httpx.TransportError: If no attempt got an answer; its subclasses, as httpx raises them.
        PrefectHTTPStatusError: If the last answer is not a success.
        RuntimeError: If the failure is explained by a server of another major version.
    """
    facts = server_facts(policy.api_url)
    changing = ask.method in MUTATING
    if changing:
        if policy.csrf and facts.csrf_token:
            _sign(ask, facts)
        if facts.unknown_fields and ask.content:
            _drop_known_unknowns(ask, facts)
    attempt, waited, csrf_rounds = 1, 0.0, 0
    while True:
        error: "Exception | None" = None
        response: "Any" = None
        try:
            response = await port.send(ask)
        except Exception as failure:
            if not _is_transport_error(failure):
                raise
            error = failure
        if response is not None:
            status = response.status_code
            if status < 300 or status == 304:
                return response
            if changing and csrf_rounds < 2 and _wants_csrf(response, policy, facts):
                csrf_rounds += 1
                if await _fetch_csrf_token(port, facts):
                    _sign(ask, facts)
                    continue
            if changing and status == 422 and await _drop_refused(port, ask, response, policy):
                continue
        delay = _delay(attempt, ask, policy, response, error, waited)
        if delay is None:
            break
        if not _in_maintenance(response):
            attempt += 1
        _log_retry(ask, policy, response, error, delay)
        waited += delay
        await port.sleep(delay)
    if error is not None:
        raise _explained(error, ask, policy, attempt, waited)
    if not policy.raise_on_all_errors:
        return response
    note = await _version_note(port, policy, response)
    raise status_error(response, ask, policy, attempts=attempt, note=note)


# --- retries ------------------------------------------------------------------------------------


def _delay(
    attempt: int,
    ask: Ask,
    policy: Policy,
    response: "Any",
    error: "Exception | None",
    waited: float,
) -> "float | None":
    from random import random  # only on failures

    retry_after = None
    limit = policy.max_retries
    if response is not None:
        value = response.headers.get("Retry-After")
        if value:
            from datetime import datetime, timezone

            retry_after = retry_after_seconds(value, datetime.now(timezone.utc))
    elif error is not None:
        hopeless = _hopeless(error)
        if hopeless is not None:
            limit = min(limit, hopeless)
    return retry_delay(
        attempt,
        max_retries=limit,
        status=None if response is None else response.status_code,
        retry_after=retry_after,
        extra_statuses=policy.extra_statuses,
        processed=error is None or type(error).__name__ not in ERRORS_BEFORE_PROCESSING,
        repeatable=ask.repeatable,
        maintenance=_in_maintenance(response),
        waited_seconds=waited,
        jitter_factor=policy.jitter_factor,
        chance=random(),
    )


def _in_maintenance(response: "Any") -> bool:
    if response is None:
        return False
    return (response.headers.get("Prefect-Maintenance") or "").lower() == "true"


def _is_transport_error(error: Exception) -> bool:
    return any(kind.__name__ in RETRIED_ERRORS for kind in type(error).__mro__)


def _causes(error: "BaseException | None") -> "list[BaseException]":
    chain: "list[BaseException]" = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


TEMPORARY_LOOKUP_RETRIES = 2
"""A name server that says "try again" is asked again, but not for a minute: containers without a
network answer that way for every name."""


def _hopeless(error: Exception) -> "int | None":
    """How many retries an error deserves; None for as many as the settings say."""
    import socket

    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return TEMPORARY_LOOKUP_RETRIES if cause.errno == socket.EAI_AGAIN else 0
        if type(cause).__name__ in ("SSLCertVerificationError", "SSLError", "CertificateError"):
            return 0
        if type(cause).__name__ == "ProxyError":
            return TEMPORARY_LOOKUP_RETRIES
    return None


def _log_retry(
    ask: Ask, policy: Policy, response: "Any", error: "Exception | None", delay: float
) -> None:
    from prefect.logging.loggers import get_logger

    get_logger("prefect.client").debug(
        "%s %s failed (%s); sending it again in %.1f s",
        ask.method,
        ask.path,
        f"status {response.status_code}" if response is not None else repr(error),
        delay,
    )


# --- CSRF ---------------------------------------------------------------------------------------


def _sign(ask: Ask, facts: ServerFacts) -> None:
    if facts.csrf_token:
        ask.headers[CSRF_TOKEN_HEADER] = facts.csrf_token
        ask.headers[CSRF_CLIENT_HEADER] = facts.csrf_client


def _wants_csrf(response: "Any", policy: Policy, facts: ServerFacts) -> bool:
    """Whether a request was refused for want of a token that can be fetched."""
    return (
        response.status_code == 403
        and policy.csrf
        and not facts.csrf_refused
        and b"CSRF token" in response.content
    )


async def _fetch_csrf_token(port: "Port", facts: ServerFacts) -> bool:
    """Ask the server for a token.

    Returns:
        Whether there is one now.
    """
    if not facts.csrf_client:
        from uuid import uuid4

        facts.csrf_client = str(uuid4())
    answer = await port.send(Ask("GET", f"/csrf-token?client={facts.csrf_client}"))
    if answer.status_code in (404, 422):
        facts.csrf_refused = True
        return False
    if answer.status_code != 200:
        return False
    import json

    facts.csrf_token = str(json.loads(answer.content)["token"])
    return True


# --- servers that know fewer fields -------------------------------------------------------------


def _route(ask: Ask) -> "tuple[str, str]":
    """Method and path with ids taken out: what an older server refuses, it refuses on a route."""
    path = ask.path.partition("?")[0]
    return ask.method, re.sub(r"/[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}(?=/|$)", "/{id}", path)


def _drop_known_unknowns(ask: Ask, facts: ServerFacts) -> None:
    paths = facts.unknown_fields.get(_route(ask))
    if paths and ask.content:
        ask.content = _without(ask.content, paths)


async def _drop_refused(port: "Port", ask: Ask, response: "Any", policy: Policy) -> bool:
    """Take out of the body what the server says it does not know.

    Returns:
        Whether the body changed, so that sending it again makes sense.
    """
    refused = _refused_fields(response.content)
    if not refused or not ask.content:
        return False
    smaller = _without(ask.content, refused)
    if smaller == ask.content:
        return False
    ask.content = smaller
    facts = server_facts(policy.api_url)
    route = _route(ask)
    # Positions in lists differ from call to call; names alone are remembered.
    lasting = frozenset(path for path in refused if not any(isinstance(p, int) for p in path))
    known = facts.unknown_fields.get(route, frozenset())
    if lasting - known or not lasting:
        facts.unknown_fields[route] = known | lasting
        version = await _server_version(port, facts)
        import warnings

        names = ", ".join(sorted(".".join(map(str, path)) for path in refused))
        warnings.warn(
            f"The server at {policy.api_url} (version {version or 'unknown'}) does not know"
            f" {names} in {route[0]} {route[1]}; the request was sent without. Upgrade the server"
            " to use it.",
            stacklevel=2,
        )
    return True


def _refused_fields(content: bytes) -> "frozenset[tuple[str | int, ...]]":
    """Read the body fields that a 422 calls unknown.

    Returns:
        Paths into the body; empty if the answer complains about anything else as well.
    """
    import json

    try:
        details = json.loads(content).get("exception_detail")
    except (ValueError, AttributeError):
        return frozenset()
    if not isinstance(details, list):
        return frozenset()
    paths = set()
    for detail in details:
        if not isinstance(detail, dict) or detail.get("type") != "extra_forbidden":
            return frozenset()
        location = detail.get("loc")
        if not isinstance(location, list) or len(location) < 2 or location[0] != "body":
            return frozenset()
        paths.add(tuple(location[1:]))
    return frozenset(paths)


def _without(content: bytes, paths: "Collection[tuple[str | int, ...]]") -> bytes:
    """Encode a JSON body again without some fields."""
    import json

    body = json.loads(content)
    changed = False
    for path in paths:
        place = body
        *parents, name = path
        for part in parents:
            if isinstance(place, dict):
                # Tags of unions stand in the location but not in the body.
                place = place.get(part, place)
            elif isinstance(place, list) and isinstance(part, int) and part < len(place):
                place = place[part]
        if isinstance(place, dict) and name in place:
            del place[name]
            changed = True
    return json.dumps(body, separators=(",", ":")).encode() if changed else content


# --- the server's version -----------------------------------------------------------------------


async def _server_version(port: "Port", facts: ServerFacts) -> "str | None":
    """Ask for the server's version, once per process and server.

    Returns:
        None if it does not say; that is no failure of the request that made us ask.
    """
    if not facts.version_checked:
        facts.version_checked = True
        import json

        try:
            answer = await port.send(Ask("GET", "/admin/version"))
            if answer.status_code == 200:
                facts.version = str(json.loads(answer.content))
        except Exception as error:
            if not _is_transport_error(error) and not isinstance(error, ValueError):
                raise
    return facts.version


async def _version_note(port: "Port", policy: Policy, response: "Any") -> str:
    """Say whether a refused request may be due to the server's version.

    Raises:
        RuntimeError: If the server's major version is another one.
    """
    if not policy.version_check or response.status_code not in (404, 405, 422):
        return ""
    if response.status_code == 404 and b"Not Found" not in response.content:
        return ""  # the server knows the route and misses the object
    from prefect.client._server_types import is_cloud_url

    if is_cloud_url(policy.api_url):
        return ""  # it serves every version
    version = await _server_version(port, server_facts(policy.api_url))
    if version is None:
        return ""
    from prefect import __version__

    complaint = compare_versions(__version__, version, policy.api_url)
    return complaint or ""


def compare_versions(client: str, server: str, api_url: str) -> "str | None":
    """Compare our version with the server's.

    Returns:
        A sentence if the server is older, else None.

    Raises:
        RuntimeError: If the major versions differ.
    """
    ours, theirs = _numbers(client), _numbers(server)
    if ours and theirs and ours[0] != theirs[0]:
        raise RuntimeError(
            f"The server at {api_url} runs Prefect {server}, which version {client} of the client"
            f" cannot talk to. Install a {theirs[0]}.x client"
            f' (`pip install "prefect-client=={theirs[0]}.*"`) or upgrade the server.'
        )
    if ours and theirs and theirs < ours:
        return (
            f"The server at {api_url} runs Prefect {server}, older than this client ({client}):"
            " it may not know everything this client sends. Upgrade the server, or ignore this."
        )
    return None


def _numbers(version: str) -> "tuple[int, ...]":
    """The release of a version, e.g. `(3, 9, 1)` of `3.9.1.dev4+g12ab`."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match.group().split(".")) if match else ()


# --- errors -------------------------------------------------------------------------------------


def _explained(
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

    kinds = {type(cause).__name__ for cause in _causes(error)}
    if any(isinstance(cause, socket.gaierror) for cause in _causes(error)):
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
        f"{ask.method} {native.request.url} answered {status} {native.reason_phrase}"
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
        return response.text[:200].strip() if response.text.isprintable() else ""
    if not isinstance(body, dict):
        return str(body)[:500]
    detail = body.get("exception_detail") or body.get("detail") or body.get("exception_message")
    if isinstance(detail, list):
        return "; ".join(_complaint(item) for item in detail)
    return str(detail or body)[:2000]


def _complaint(item: "Any") -> str:
    if not isinstance(item, dict) or "loc" not in item:
        return str(item)
    place = ".".join(str(part) for part in item["loc"])
    return f"{place}: {item.get('msg', 'invalid')} (got {item.get('input')!r:.200})"


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
