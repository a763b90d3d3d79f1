"""Sending one request to the API, whatever it takes: the core of both clients.

`converse` is the conversation about one request: send, look at the answer, fetch a CSRF token,
drop what an older server does not know, wait and repeat. It touches the world only through a
`Port` (send, sleep), so the blocking and the asyncio client share it, and so does the
`send` of the httpx clients in `base`. What it learns about servers is in `_servers`, the words for
failures are in `_problems`, the retry rules in `_retries`.

An answer outside 2xx becomes a `PrefectHTTPStatusError` here; transport errors stay httpx's.
"""

from dataclasses import dataclass, field

from prefect.client._problems import ERRORS_BEFORE_PROCESSING, causes, explained, status_error
from prefect.client._retries import retry_after_seconds, retry_delay
from prefect.client._servers import (
    drop_known_unknowns,
    drop_refused,
    fetch_csrf_token,
    server_facts,
    sign,
    version_note,
    wants_csrf,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, Protocol

    class Port(Protocol):
        """What the core needs of the world."""

        async def send(self, ask: "Ask") -> "Any":
            """Send once; raises httpx's transport errors."""

        async def sleep(self, seconds: float) -> None: ...


__all__ = ["Ask", "Policy", "converse", "is_transport_error"]

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

TORN = b"disconnect/reset before headers"
"""What Envoy says, with 503, when it lost the server after the request was handed on."""

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
        if policy.csrf:
            sign(ask, facts)
        if facts.unknown_fields and ask.content:
            drop_known_unknowns(ask, facts)
    attempt, waited, csrf_rounds = 1, 0.0, 0
    lost = False  # an answer, so that nobody knows what the server did
    while True:
        error: "Exception | None" = None
        response: "Any" = None
        try:
            response = await port.send(ask)
        except Exception as failure:
            if not is_transport_error(failure):
                raise
            error = failure
            lost = lost or type(error).__name__ not in ERRORS_BEFORE_PROCESSING
        if response is not None:
            status = response.status_code
            if status < 300 or status == 304:
                return response
            if status == 404 and ask.method == "DELETE" and lost:
                return response  # gone, as was asked: the attempt before did it
            if changing and csrf_rounds < 3 and wants_csrf(response, policy, facts):
                csrf_rounds += 1
                if sign(ask, facts):  # another request has fetched one in the meantime
                    continue
                refusal = await fetch_csrf_token(port, policy, facts)
                if refusal is None:
                    sign(ask, facts)
                    continue
                if refusal.status_code == 401:
                    response = refusal  # what is really wrong: the credentials
            if changing and status == 422 and await drop_refused(port, ask, response, policy):
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
        raise explained(error, ask, policy, attempt, waited)
    if not policy.raise_on_all_errors:
        return response
    note = await version_note(port, policy, response)
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
    # Only on failures; not the shared generator: the program may have seeded it.
    from random import SystemRandom

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
        torn=response is not None and TORN in response.content,
        maintenance=_in_maintenance(response),
        waited_seconds=waited,
        jitter_factor=policy.jitter_factor,
        chance=SystemRandom().random(),
    )


def _in_maintenance(response: "Any") -> bool:
    if response is None:
        return False
    return (response.headers.get("Prefect-Maintenance") or "").lower() == "true"


def is_transport_error(error: Exception) -> bool:
    return any(kind.__name__ in RETRIED_ERRORS for kind in type(error).__mro__)


TEMPORARY_LOOKUP_RETRIES = 2
"""A name server that says "try again" is asked again, but not for a minute: containers without a
network answer that way for every name."""


def _hopeless(error: Exception) -> "int | None":
    """How many retries an error deserves; None for as many as the settings say."""
    import socket

    for cause in causes(error):
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
