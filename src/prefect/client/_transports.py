"""The httpx side of the client: transports over the shared pools, and clients made of them.

Loaded when somebody asks for `client._client`, passes `httpx_settings`, or needs what the direct
way to the pools cannot do. `SharedTransport` and `SharedAsyncTransport` serve HTTP/1.1, directly
or through an HTTP proxy, from the process's pools; HTTP/2, SOCKS and https proxies go on to
transports of httpx itself, one per process (or event loop) and settings. Closing a client leaves
what is shared open.
"""

from __future__ import annotations

import ssl
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import httpx

from prefect._dual import run
from prefect.client._core import BODY_HEADERS
from prefect.client._http1 import request_bytes
from prefect.client._pools import async_pool, sync_pool
from prefect.client._proxies import http_proxy, proxy_url
from prefect.client._sockets import (
    IDLE_SECONDS,
    MAX_CONNECTIONS,
    MAX_IDLE,
    Route,
    Timeouts,
    TransportSettings,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator

    from prefect.client._connection import Connection
    from prefect.client._core import AsyncCore, BlockingCore
    from prefect.client._http1 import Answer
    from prefect.client.base import PrefectHttpxAsyncClient, PrefectHttpxSyncClient

__all__ = ["SharedAsyncTransport", "SharedTransport", "async_client", "sync_client"]

LIMITS = httpx.Limits(
    max_connections=MAX_CONNECTIONS,
    max_keepalive_connections=MAX_IDLE,
    keepalive_expiry=IDLE_SECONDS,
)

_DROPPED_REQUEST_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
_DROPPED_RESPONSE_HEADERS = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class _Plan:
    """How one request reaches the network."""

    def __init__(self, request: httpx.Request, http2: bool) -> None:
        url = request.url
        scheme = url.scheme
        if scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol(
                f"{str(url)!r} is not an http or https URL; check PREFECT_API_URL."
            )
        port = url.port or {"https": 443}.get(scheme, 80)
        self.proxy_address = proxy_url(scheme, url.host, port)
        proxy = http_proxy(self.proxy_address) if self.proxy_address else None
        self.direct = not http2 and (self.proxy_address is None or proxy is not None)
        self.route = Route(scheme, url.host, port, proxy)

    def encode(self, request: httpx.Request, content: bytes) -> bytes:
        target = request.url.raw_path.decode("ascii")
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw
            if name.lower() not in _DROPPED_REQUEST_HEADERS
        ]
        if self.route.proxy is not None and self.route.scheme == "http":
            target = f"http://{request.url.netloc.decode('ascii')}{target}"
            if self.route.proxy.authorization:
                headers.append(("proxy-authorization", self.route.proxy.authorization))
        has_body = bool(content) or "content-length" in request.headers
        return request_bytes(request.method, target, b"", headers, content if has_body else None)

    @staticmethod
    def arguments(request: httpx.Request) -> dict[str, Any]:
        wanted = request.extensions.get("timeout", {})
        repeatable = request.extensions.get("prefect_repeatable", request.method != "POST")
        return {
            "method": request.method,
            "url": str(request.url),
            "timeouts": Timeouts(*(wanted.get(name) for name in Timeouts._fields)),
            "repeatable": repeatable,
        }


def _response(answer: Answer, request: httpx.Request) -> httpx.Response:
    return httpx.Response(
        answer.status_code,
        headers=[
            *(pair for pair in answer.headers.pairs if pair[0] not in _DROPPED_RESPONSE_HEADERS),
            ("content-length", str(len(answer.content))),
        ],
        stream=httpx.ByteStream(answer.content),
        request=request,
        extensions={"http_version": b"HTTP/1.1"},
    )


class SharedTransport(httpx.BaseTransport):
    """Sends over the process's pool; closing it closes nothing."""

    def __init__(self, settings: TransportSettings, *, http2: bool = False) -> None:
        self._settings = settings
        self._http2 = http2

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        plan = _Plan(request, self._http2)
        if not plan.direct:
            other = _other_transport(self._settings, self._http2, plan.proxy_address)
            return other.handle_request(request)
        data = plan.encode(request, request.read())
        pool = sync_pool(self._settings)
        answer = run(pool.exchange(plan.route, data, **plan.arguments(request)))
        return _response(answer, request)


class SharedAsyncTransport(httpx.AsyncBaseTransport):
    """Sends over the pool of the running event loop; closing it closes nothing."""

    def __init__(self, settings: TransportSettings, *, http2: bool = False) -> None:
        self._settings = settings
        self._http2 = http2

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        plan = _Plan(request, self._http2)
        pool = async_pool(self._settings) if plan.direct else None
        if pool is None:
            other = await _other_async_transport(self._settings, self._http2, plan.proxy_address)
            return await other.handle_async_request(request)
        data = plan.encode(request, await request.aread())
        answer = await pool.exchange(plan.route, data, **plan.arguments(request))
        return _response(answer, request)


# --- what the pools do not speak: HTTP/2, SOCKS, https proxies ------------------------------------

_Key = tuple[TransportSettings, bool, "str | None"]
_others: dict[_Key, httpx.HTTPTransport] = {}
_lock = threading.Lock()
_async_others: weakref.WeakKeyDictionary[
    asyncio.AbstractEventLoop, dict[_Key, tuple[httpx.AsyncHTTPTransport, Any]]
] = weakref.WeakKeyDictionary()
_parked: list[object] = []
"""Transports inherited by a fork: kept for ever, so that the parent's connections stay open."""


def _transport_arguments(
    settings: TransportSettings, http2: bool, proxy: str | None
) -> dict[str, Any]:
    if http2:
        require_http2()
    # httpcore tells the context what to offer by ALPN, so this one is not shared with others.
    return {
        "verify": _fresh_context(settings.verify, settings.ca_file),
        "http2": http2,
        "limits": LIMITS,
        "proxy": proxy,
    }


def _other_transport(
    settings: TransportSettings, http2: bool, proxy: str | None
) -> httpx.HTTPTransport:
    key = (settings, http2, proxy)
    with _lock:
        if key not in _others:
            if not _others:
                import atexit

                atexit.register(_close_others)
                _forget_after_fork()
            _others[key] = httpx.HTTPTransport(**_transport_arguments(*key))
        return _others[key]


async def _other_async_transport(
    settings: TransportSettings, http2: bool, proxy: str | None
) -> httpx.AsyncHTTPTransport:
    import asyncio  # running already, unless another event loop library is in use

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "The async client runs under asyncio; no asyncio loop runs here. Under another event"
            " loop library, use `get_client(sync_client=True)` in a thread."
        ) from None
    key = (settings, http2, proxy)
    transports = _async_others.setdefault(loop, {})
    if key not in transports:
        _forget_after_fork()
        transport = httpx.AsyncHTTPTransport(**_transport_arguments(*key))
        closer = _closer(transport)
        await closer.__anext__()  # from here on the loop closes it with its own end
        transports[key] = (transport, closer)
    return transports[key][0]


async def _closer(transport: httpx.AsyncHTTPTransport) -> AsyncGenerator[None, None]:
    """Closes a transport when the event loop shuts its async generators down."""
    try:
        yield
    finally:
        await transport.aclose()


def _close_others() -> None:
    for transport in _others.values():
        transport.close()
    _others.clear()


_fork_prepared = False


def _forget_after_fork() -> None:
    global _fork_prepared
    if _fork_prepared or sys.platform == "win32":
        return
    import os

    _fork_prepared = True
    os.register_at_fork(after_in_child=_park)


def _park() -> None:
    global _lock
    _lock = threading.Lock()
    _parked.extend(_others.values())
    _others.clear()
    _parked.extend(list(_async_others.values()))
    _async_others.clear()


def require_http2() -> None:
    """Check that HTTP/2 can be spoken.

    Raises:
        PrefectImportError: If `h2` is not installed.
    """
    from prefect._extras import require

    require("h2", extra="http2", what="HTTP/2 (PREFECT_API_ENABLE_HTTP2)")


# --- clients ------------------------------------------------------------------------------------


def sync_client(core: BlockingCore) -> PrefectHttpxSyncClient:
    """Make the httpx client of a blocking core."""
    from prefect.client.base import PrefectHttpxSyncClient

    if core._app is not None:
        raise TypeError(
            "An ASGI application can only be called from async code: use `PrefectClient(app)`, or"
            " run the application in a server and pass its URL."
        )
    return PrefectHttpxSyncClient(**_client_arguments(core, SharedTransport), policy=core._policy)


def async_client(core: AsyncCore) -> PrefectHttpxAsyncClient:
    """Make the httpx client of an asyncio core."""
    from prefect.client.base import PrefectHttpxAsyncClient

    arguments = _client_arguments(core, SharedAsyncTransport)
    if core._app is not None:
        arguments.setdefault(
            "transport", httpx.ASGITransport(app=core._app, raise_app_exceptions=False)
        )
    return PrefectHttpxAsyncClient(**arguments, policy=core._policy)


def _client_arguments(core: Any, shared: type[Any]) -> dict[str, Any]:
    """Arguments of the httpx client: ours, then the user's `httpx_settings`."""
    connection: Connection = core._connection
    own: dict[str, Any] = dict(core._settings)
    arguments: dict[str, Any] = {
        "base_url": connection.api_url,
        "timeout": httpx.Timeout(connection.timeout_seconds),
        "follow_redirects": True,
    }
    headers = httpx.Headers(core._headers())
    headers.update(own.pop("headers", None))
    for name in BODY_HEADERS:
        headers.pop(name, None)
    if core._shares_pool:
        settings = TransportSettings(connection.verify, connection.ca_file)
        if connection.http2:
            require_http2()
        arguments["transport"] = shared(settings, http2=connection.http2)
        arguments["trust_env"] = False  # the transport finds its proxies itself
    elif core._app is None and "transport" not in own:
        arguments["limits"] = LIMITS
        arguments["http2"] = connection.http2
        if own.get("http2", connection.http2):
            require_http2()
        arguments["verify"] = _own_context(
            own.pop("verify", connection.verify), own.pop("cert", None), connection.ca_file
        )
    return {**arguments, **own, "headers": headers}


def _own_context(verify: Any, cert: Any, ca_file: str | None) -> ssl.SSLContext:
    """Make a TLS context of httpx's `verify` and `cert`."""
    from prefect.client._connection import tls_context

    if isinstance(verify, ssl.SSLContext):
        if cert is None:
            return verify
        context = verify
    elif isinstance(verify, str):
        context = _fresh_context(True, verify)
    elif cert is None:
        return tls_context(bool(verify), ca_file)
    else:
        context = _fresh_context(bool(verify), ca_file)
    if cert is not None:
        parts = (cert,) if isinstance(cert, str) else tuple(cert)
        try:
            context.load_cert_chain(*parts)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(
                f"Cannot read the client certificate {parts[0]!r}: {error}. Pass"
                ' `httpx_settings={"cert": (certificate file, key file)}`, both in PEM format.'
            ) from error
    return context


def _fresh_context(verify: bool, ca_file: str | None) -> ssl.SSLContext:
    """A TLS context that nobody else has; what is loaded into it stays there."""
    from prefect.client._connection import tls_context

    context: ssl.SSLContext = tls_context.__wrapped__(verify, ca_file)
    return context
