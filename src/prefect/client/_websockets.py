"""Opening a WebSocket to the API: the one place that knows how.

Everything that listens or ships over a WebSocket (events, logs, task run subscriptions) calls
`open_websocket`, which takes address, credentials, headers, TLS and proxy from the same
`Connection` as the REST client, does the `prefect` handshake, and sorts what can go wrong into
three kinds: refused credentials (`WebSocketUnauthorized`, never retried), WebSockets that cannot
pass on this network (`WebSocketsBlocked`, the caller takes HTTP instead), and everything that may
pass next time (`TRANSIENT`). Importing this module loads asyncio and websockets, so other modules
import it inside functions.
"""

import asyncio
import functools
import json
import random
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
)
from websockets.typing import Subprotocol
from websockets.version import version as websockets_version

from prefect.client._connection import tls_context
from prefect.client._proxies import proxy_url
from prefect.exceptions import PrefectException

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Any

    from prefect.client._connection import Connection

__all__ = [
    "TRANSIENT",
    "WebSocketUnauthorized",
    "WebSocketUntrusted",
    "WebSocketsBlocked",
    "close_websocket",
    "open_websocket",
    "proxy_for",
    "reconnect_delay",
    "user_agent",
]

POLICY_VIOLATION = 1008
"""Close code of a server that refuses the credentials (REST contract, "WebSocket routes")."""

ABNORMAL_CLOSE = 1006
"""Stands for a connection that ended without a closing frame (RFC 6455, 7.1.5)."""

PROXY_SUPPORT_SINCE = 15
"""First major version of websockets that can connect through a proxy."""

OPEN_TIMEOUT_SECONDS = 10.0
PING_INTERVAL_SECONDS = 20.0
PING_TIMEOUT_SECONDS = 20.0
CLOSE_TIMEOUT_SECONDS = 2.0
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""Far above the server's 1.5 MB for an event and 1 MB for a log; the library allows 1 MiB."""

_TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


class WebSocketUnauthorized(PrefectException):
    """The server refused the credentials of a WebSocket; trying again would not help."""


class WebSocketUntrusted(WebSocketUnauthorized):
    """The server's certificate is not trusted; trying again would not help."""


class WebSocketsBlocked(PrefectException):
    """WebSockets do not get through to this API, though HTTP may."""


class TransientHandshakeError(PrefectException):
    """The handshake failed in a way that may pass: a gateway error, a cut or garbled answer.

    Attributes:
        suspicious: True, because a middlebox that blocks WebSockets looks like this too: when it
            goes on, callers ask HTTP.
    """

    suspicious = True


TRANSIENT: "tuple[type[Exception], ...]" = (
    ConnectionClosed,
    TransientHandshakeError,
    TimeoutError,
    asyncio.TimeoutError,  # the builtin only since Python 3.11
    OSError,
)
"""What a caller should answer by waiting and connecting again."""


def user_agent() -> str:
    """The `User-Agent` of a handshake."""
    from prefect import __version__

    return f"prefect/{__version__} (websockets {websockets_version})"


def reconnect_delay(failures: int, *, limit_seconds: float = 10.0) -> float:
    """Decide how long to wait before connecting again.

    Args:
        failures: Failed attempts in a row so far; 0 means connect at once.
        limit_seconds: Longest wait.

    Returns:
        Seconds, doubling from a quarter second to the limit; a random part of up to half is
        taken off, so that a thousand clients of a restarted server do not come back together.
    """
    if failures <= 0:
        return 0.0
    ceiling = min(limit_seconds, 0.25 * 2.0 ** min(failures - 1, 16))
    # Not the shared generator: the program may have seeded it.
    return ceiling * random.SystemRandom().uniform(0.5, 1.0)


def proxy_for(url: str) -> "str | None":
    """Find the proxy of a WebSocket, by the rules that HTTP requests follow.

    Returns:
        The proxy's URL, or None for a direct connection.
    """
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    port = parts.port or (443 if scheme == "https" else 80)
    return proxy_url(scheme, parts.hostname or "", port)


async def open_websocket(
    connection: "Connection", path: str, *, open_timeout: "float | None" = None
) -> ClientConnection:
    """Connect to a WebSocket route of the API and authenticate.

    Args:
        connection: Where the API is and how to talk to it.
        path: The route below the API's address, e.g. `/events/in`.
        open_timeout: Seconds for each of the handshake and the authentication.

    Returns:
        The open connection. Close it with `close_websocket`.

    Raises:
        WebSocketUnauthorized: If the server refuses the credentials.
        WebSocketUntrusted: If its certificate is not trusted.
        WebSocketsBlocked: If the handshake is refused by a proxy, a gateway or a server without
            this route, or if the proxy cannot be used with the installed websockets.
        TRANSIENT: If connecting fails in a way that may pass.

    Source: REST contract, "WebSocket routes".
    """
    url = connection.websocket_url(path)
    timeout = min(
        open_timeout or OPEN_TIMEOUT_SECONDS, connection.timeout_seconds or OPEN_TIMEOUT_SECONDS
    )
    try:
        websocket = await connect(url, open_timeout=timeout, **_options(connection, url))
    except SSLCertVerificationError as error:
        raise WebSocketUntrusted(
            f"The certificate of {url!r} is not trusted: {error.verify_message}. Set"
            " PREFECT_API_SSL_CERT_FILE to the PEM file of its authority."
        ) from error
    except InvalidStatus as error:
        raise _refused(url, error) from error
    except (InvalidMessage, EOFError) as error:
        raise TransientHandshakeError(f"No answer to the handshake of {url!r}: {error}") from error
    except InvalidHandshake as error:  # proxy refusals and missing upgrade headers among them
        raise WebSocketsBlocked(f"the handshake of {url!r} failed: {error}") from error
    except ImportError as error:  # a SOCKS proxy without python-socks
        raise WebSocketsBlocked(
            f"the proxy of {url!r} needs another package: {error}. Run `pip install python-socks`"
        ) from error
    try:
        # A server older than the authentication frame selects no subprotocol and would take the
        # frame for an event.
        if websocket.subprotocol is not None:
            await _authenticate(websocket, connection, url, timeout)
    except BaseException:
        websocket.transport.abort()
        raise
    return websocket


async def close_websocket(websocket: ClientConnection) -> None:
    """Close with the closing handshake; when cancelled meanwhile, cut the connection."""
    try:
        await websocket.close()
    except BaseException:
        websocket.transport.abort()
        raise


def _options(connection: "Connection", url: str) -> "dict[str, Any]":
    """Everything for `connect` but the address."""
    headers = dict(connection.custom_headers)
    if connection.authorization and not any(name.lower() == "authorization" for name in headers):
        # The server itself wants the first frame; a reverse proxy before it wants the header.
        headers["Authorization"] = connection.authorization
    agent = next(
        (headers.pop(name) for name in list(headers) if name.lower() == "user-agent"), None
    )
    options: dict[str, Any] = {
        "subprotocols": [Subprotocol("prefect")],
        "additional_headers": headers,
        "user_agent_header": agent or user_agent(),
        "ping_interval": PING_INTERVAL_SECONDS,
        "ping_timeout": PING_TIMEOUT_SECONDS,
        "close_timeout": CLOSE_TIMEOUT_SECONDS,
        "max_size": MAX_FRAME_BYTES,
        "compression": None,  # events are small; deflate costs 300 kB and CPU per connection
    }
    if url.startswith("wss:"):
        options["ssl"] = _tls_context(connection)
    proxy = proxy_for(url)
    if int(websockets_version.split(".")[0]) >= PROXY_SUPPORT_SINCE:
        options["proxy"] = proxy
        if proxy is not None and proxy.startswith("https:"):
            options["proxy_ssl"] = _tls_context(connection)
    elif proxy is not None:
        raise WebSocketsBlocked(
            f"{url!r} goes through a proxy, which websockets {websockets_version} cannot do."
            f" Run `pip install 'websockets>={PROXY_SUPPORT_SINCE}'`, or list the host in NO_PROXY"
        )
    return options


def _tls_context(connection: "Connection") -> "ssl.SSLContext":
    """The TLS context, without the offer of HTTP/2.

    The HTTP library writes its protocol list into the context it is given; with HTTP/2 in that
    list a server may choose it, and the WebSocket handshake, which is HTTP/1.1, would fail.
    """
    if not connection.http2:
        return connection.ssl_context()
    return _http1_tls_context(connection.verify, connection.ca_file)


@functools.cache
def _http1_tls_context(verify: bool, ca_file: "str | None") -> "ssl.SSLContext":
    return tls_context.__wrapped__(verify, ca_file)


async def _authenticate(
    websocket: ClientConnection, connection: "Connection", url: str, timeout: float
) -> None:
    """Send the authentication frame and wait for the server's yes."""
    try:
        await websocket.send(json.dumps({"type": "auth", "token": connection.token}))
        answer = await asyncio.wait_for(websocket.recv(), timeout)
    except ConnectionClosed as error:
        if error.rcvd is not None and error.rcvd.code == POLICY_VIOLATION:
            raise WebSocketUnauthorized(_unauthorized(connection, url)) from error
        raise
    try:
        accepted = json.loads(answer).get("type") == "auth_success"
    except (ValueError, AttributeError):
        accepted = False
    if not accepted:
        raise WebSocketUnauthorized(_unauthorized(connection, url))


def _unauthorized(connection: "Connection", url: str) -> str:
    if connection.auth_string:
        what, remedy = "the auth string", "Check PREFECT_API_AUTH_STRING (`user:password`)"
    elif connection.api_key:
        what, remedy = "the API key", "Check PREFECT_API_KEY, or set PREFECT_API_AUTH_STRING"
    else:
        what = "a connection without credentials"
        remedy = "Set PREFECT_API_AUTH_STRING to the server's `user:password`, or PREFECT_API_KEY"
    return f"The server at {url!r} refused {what}. {remedy}."


def _refused(url: str, error: InvalidStatus) -> Exception:
    """Sort an HTTP answer that came in place of the upgrade."""
    status = error.response.status_code
    if status in _TRANSIENT_STATUSES:
        return TransientHandshakeError(f"{url!r} answered the handshake with HTTP {status}")
    return WebSocketsBlocked(f"{url!r} answered the handshake with HTTP {status}")
