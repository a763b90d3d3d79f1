"""What a REST client is made of besides its endpoints: address, credentials, port, life cycle.

`ApiCore` gives the endpoint classes their `_send`. `AsyncCore` and `BlockingCore` add the port:
their requests go straight to the process's connection pools (`_pools`), without httpx. What the
direct way cannot do (an ASGI app, the user's own httpx settings, HTTP/2, SOCKS, redirects) goes
through the httpx client that both cores make when it is first needed; it is also what
`client._client` shows to those who want to send requests of their own.
"""

import sys

from prefect.client._http import Ask, Policy, converse
from prefect.client._http1 import header_line, request_bytes
from prefect.client._pools import async_pool, sync_pool
from prefect.client._proxies import http_proxy, proxy_url
from prefect.client._retries import is_repeatable
from prefect.client._sockets import Route, Timeouts, TransportSettings
from prefect.client.constants import SERVER_API_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    import httpx

    from prefect.client._http1 import Answer
    from prefect.client.base import ASGIApp, ServerType

    Method = TypeVar("Method", bound=Callable[..., Any])

__all__ = ["ApiCore", "AsyncCore", "BlockingCore", "gives_httpx_response"]

BODY_HEADERS = frozenset({"content-length", "content-type", "transfer-encoding"})
"""Headers that describe the body of one request, and so belong to no client."""

PROTECTED_HEADERS = BODY_HEADERS | {"user-agent", "prefect-csrf-token", "prefect-csrf-client"}
"""Headers that `PREFECT_CLIENT_CUSTOM_HEADERS` cannot replace."""

TRANSPARENT_SETTINGS = frozenset({"headers", "timeout"})
"""Keys of `httpx_settings` that need no httpx client of their own."""

POOL_SETTINGS = frozenset(
    {"cert", "http1", "http2", "limits", "mounts", "proxy", "transport", "trust_env", "verify"}
)
"""Keys of `httpx_settings` that need a connection pool of their own."""

REDIRECTS_AS_THEY_ARE = frozenset({301, 302, 303, 307, 308})
REDIRECTS_WITH_BODY = frozenset({307, 308})
"""The others would turn a POST into a GET (RFC 9110, 15.4), which is never what was meant."""

NO_ERRORS: "Mapping[int, Callable[..., Exception]]" = {}

IN_PROCESS_URL = "http://prefect-in-process/api"
"""Stands for the address of an ASGI app."""


class ApiCore:
    """Address, credentials, retries and life cycle of a client; the endpoints are mixed in."""

    def __init__(
        self,
        api: "str | ASGIApp",
        *,
        auth_string: "str | None" = None,
        api_key: "str | None" = None,
        api_version: "str | None" = None,
        httpx_settings: "dict[str, Any] | None" = None,
        server_type: "ServerType | None" = None,
    ) -> None:
        from prefect.client._connection import Connection, check_api_url

        self._app: "ASGIApp | None" = None
        if isinstance(api, str):
            url = check_api_url(api) if api else ""
        elif callable(api):
            self._app, url = api, IN_PROCESS_URL
        else:
            raise TypeError(f"`api` must be the URL of an API or an ASGI application, not {api!r}.")
        self._settings = dict(httpx_settings or {})
        # Credentials go only where the caller sends them: never from the settings to any URL.
        self._connection: Connection = Connection.from_settings(
            url, auth_string=auth_string or "", api_key=api_key or ""
        )
        self._api_version = api_version or SERVER_API_VERSION
        self._server_type = server_type
        self._started = self._closed = False
        self._native: "Any" = None
        self._policy_: "Policy | None" = None
        self._direct: "_Direct | None" = None

    # --- what users see ---------------------------------------------------------------------

    @property
    def api_url(self) -> "httpx.URL":
        """The address of the API, as httpx knows it (with a trailing slash)."""
        import httpx  # heavy: only for this property

        self._require_address()
        return httpx.URL(self._connection.api_url.rstrip("/") + "/")

    @property
    def server_type(self) -> "ServerType":
        """What kind of server the address leads to."""
        if self._server_type is None:
            from prefect.client._server_types import ServerType, server_type_of

            if self._app is not None:
                self._server_type = ServerType.EPHEMERAL
            else:
                self._server_type = server_type_of(self._connection.api_url or None)
        return self._server_type

    def client_version(self) -> str:
        """The version of this client."""
        from prefect import __version__

        return __version__

    async def raise_for_api_version_mismatch(self) -> None:
        """Compare the server's version with ours.

        Warns if the server is older.

        Raises:
            RuntimeError: If the server cannot be reached or its major version differs.
        """
        from prefect.client._servers import compare_versions

        if self._is_cloud():
            return  # it serves every version
        try:
            server = await self.api_version()  # type: ignore[attr-defined]  # mixed in: Admin
        except Exception as error:
            import httpx

            if not isinstance(error, httpx.HTTPError):
                raise
            raise RuntimeError(
                f"The API at {self._connection.api_url} cannot be reached: {error}"
            ) from error
        complaint = compare_versions(self.client_version(), server, self._connection.api_url)
        if complaint:
            import warnings

            warnings.warn(complaint, stacklevel=2)

    async def raise_for_api_version_mismatch_once(self) -> None:
        """Compare versions, unless this process has done so for this server already."""
        key = (self._connection.api_url, self.client_version())
        if key in _compared or not self._policy.version_check:
            return
        await self.raise_for_api_version_mismatch()
        _compared.add(key)

    # --- sending ----------------------------------------------------------------------------

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: "Mapping[str, Any] | None" = None,
        json: "Any" = ...,
        content: "bytes | None" = None,
        errors: "Mapping[int, Callable[..., Exception]]" = NO_ERRORS,
        retry: "bool | None" = None,
    ) -> "Any":
        """Send one request and return its successful answer; see `_nouns._base.Noun._send`.

        Returns:
            An `Answer`, or an `httpx.Response` where httpx did the work; both have what the
            endpoints read.
        """
        if content is None and not _is_unset(json):
            from pydantic_core import to_json

            content = to_json(json)
        self._require_use()
        if params:
            path += ("&" if "?" in path else "?") + _query(params)
        repeatable = is_repeatable(method, path, content) if retry is None else retry
        ask = Ask(method, path, content, repeatable=repeatable)
        try:
            return await converse(_Port(self), ask, self._policy)
        except Exception as error:
            factory = errors.get(_status_of(error)) if errors else None
            if factory is None:
                raise
            raise factory(http_exc=error) from error

    async def _exchange(self, ask: Ask) -> "Any":
        """Send once, over the direct way if it can do it."""
        raise NotImplementedError(f"{type(self).__name__} has no port")

    async def _pause(self, seconds: float) -> None:
        """Wait before the next attempt."""
        raise NotImplementedError(f"{type(self).__name__} has no port")

    @property
    def _policy(self) -> Policy:
        if self._policy_ is None:
            self._policy_ = Policy.from_settings(self._connection.api_url)
        return self._policy_

    @property
    def _direct_way(self) -> "_Direct":
        if self._direct is None:
            self._direct = _Direct(self)
        return self._direct

    def _has_to_follow(self, ask: Ask, answer: "Answer") -> bool:
        """Whether an answer is a redirect that httpx can follow without changing the request.

        From then on httpx sends everything, so that only one request is sent in vain.
        """
        status = answer.status_code
        kept = REDIRECTS_AS_THEY_ARE if ask.method in ("GET", "HEAD") else REDIRECTS_WITH_BODY
        if status not in kept or "location" not in answer.headers:
            return False
        self._direct_way.possible = False
        return True

    def _is_cloud(self) -> bool:
        from prefect.client._server_types import is_cloud_url

        return self._app is None and is_cloud_url(self._connection.api_url)

    def _require_address(self) -> None:
        if not self._connection.api_url:
            from prefect.client._server_types import no_api_url_error

            raise no_api_url_error()

    def _require_use(self) -> None:
        if not self._connection.api_url:
            self._require_address()
        if self._closed:
            raise RuntimeError(
                "This client was closed when its `with` block ended; call `get_client()` for"
                " another one, it shares the connections."
            )
        if self._app is not None and not self._started:
            raise RuntimeError(
                "This client talks to an application in this process, which has to be started:"
                " use it inside `async with client:`."
            )

    def _start(self) -> None:
        if self._closed:
            raise RuntimeError(
                "This client was closed and cannot be entered again; call `get_client()` for"
                " another one, it shares the connections."
            )
        if self._started:
            raise RuntimeError(
                "This client is already in use by an outer `with` block; use it as it is, or"
                " call `get_client()` for another one."
            )
        self._started = True

    def _headers(self) -> "dict[str, str]":
        """Header fields of every request, name in lower case → value."""
        from prefect.client.attribution import get_attribution_headers

        headers = {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "user-agent": f"prefect/{self.client_version()} (API {SERVER_API_VERSION})",
            "x-prefect-api-version": self._api_version,
        }
        if self._connection.authorization:
            headers["authorization"] = self._connection.authorization
        for name, value in self._connection.custom_headers.items():
            if name.lower() in PROTECTED_HEADERS:
                import warnings

                warnings.warn(
                    f"PREFECT_CLIENT_CUSTOM_HEADERS cannot set {name!r}: the client needs that"
                    " header itself. Take it out of the setting.",
                    stacklevel=2,
                )
            else:
                headers[name.lower()] = value
        for name, value in get_attribution_headers().items():
            headers.setdefault(name.lower(), value)
        return headers

    @property
    def _shares_pool(self) -> bool:
        return self._app is None and not POOL_SETTINGS & self._settings.keys()


class _Port:
    """What the conversation sees of a client."""

    __slots__ = ("_core",)

    def __init__(self, core: ApiCore) -> None:
        self._core = core

    async def send(self, ask: Ask) -> "Any":
        return await self._core._exchange(ask)

    async def sleep(self, seconds: float) -> None:
        await self._core._pause(seconds)


class _Direct:
    """What the direct way to the pools needs, worked out once per client."""

    __slots__ = ("_fixed", "_path", "pool_settings", "possible", "route", "timeouts")

    def __init__(self, core: ApiCore) -> None:
        from urllib.parse import urlsplit

        connection = core._connection
        parts = urlsplit(connection.api_url)
        host, port = parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)
        proxy_address = proxy_url(parts.scheme, host, port)
        proxy = http_proxy(proxy_address) if proxy_address else None
        self.possible = (
            core._app is None
            and not connection.http2
            and core._settings.keys() <= TRANSPARENT_SETTINGS
            and (proxy_address is None or proxy is not None)
        )
        self.route = Route(parts.scheme, host, port, proxy)
        self.pool_settings = TransportSettings(connection.verify, connection.ca_file)
        self.timeouts = timeouts(core._settings.get("timeout", connection.timeout_seconds))
        self._path = parts.path.rstrip("/")
        headers = {"host": parts.netloc.rpartition("@")[2], **core._headers()}
        own = core._settings.get("headers")
        if own:
            pairs = own.items() if hasattr(own, "items") else own
            given = {_text(name).lower(): _text(value) for name, value in pairs}
            headers.update((name, given[name]) for name in given.keys() - BODY_HEADERS)
        if proxy is not None and parts.scheme == "http":
            # A plain HTTP proxy is told the whole address.
            self._path = f"http://{parts.netloc.rpartition('@')[2]}{self._path}"
            if proxy.authorization:
                headers["proxy-authorization"] = proxy.authorization
        self._fixed = b"".join(header_line(name, value) for name, value in headers.items())

    def encode(self, ask: Ask) -> bytes:
        """Write a request as bytes."""
        headers = list(ask.headers.items())
        if ask.content is not None:
            headers.append(("content-type", "application/json"))
        return request_bytes(ask.method, self._path + ask.path, self._fixed, headers, ask.content)


class BlockingCore(ApiCore):
    """The core with the blocking port: no method of it ever suspends."""

    @property
    def _client(self) -> "Any":
        """The httpx client, made when first asked for."""
        self._require_address()
        if self._native is None:
            from prefect.client._transports import sync_client

            self._native = sync_client(self)
        return self._native

    async def _exchange(self, ask: Ask) -> "Any":
        way = self._direct_way
        if way.possible and "://" not in ask.path:
            answer: Answer = await sync_pool(way.pool_settings).exchange(
                way.route,
                way.encode(ask),
                method=ask.method,
                url=self._connection.api_url + ask.path,
                timeouts=way.timeouts,
                repeatable=ask.repeatable,
            )
            if not self._has_to_follow(ask, answer):
                return answer
        return self._client.send_once(ask)

    async def _pause(self, seconds: float) -> None:
        import time

        time.sleep(seconds)  # noqa: ASYNC251  # the blocking port never suspends

    def _enter(self) -> None:
        self._require_address()
        self._start()

    def _exit(self) -> None:
        self._closed = True
        if self._native is not None:
            self._native.close()


class AsyncCore(ApiCore):
    """The core with the asyncio port."""

    _loop: "Any" = None

    @property
    def _client(self) -> "Any":
        """The httpx client, made when first asked for."""
        self._require_address()
        if self._native is None:
            from prefect.client._transports import async_client

            self._native = async_client(self)
        return self._native

    async def _exchange(self, ask: Ask) -> "Any":
        way = self._direct_way
        if way.possible and "://" not in ask.path:
            pool = async_pool(way.pool_settings)
            if pool is not None:
                answer: Answer = await pool.exchange(
                    way.route,
                    way.encode(ask),
                    method=ask.method,
                    url=self._connection.api_url + ask.path,
                    timeouts=way.timeouts,
                    repeatable=ask.repeatable,
                )
                if not self._has_to_follow(ask, answer):
                    return answer
        return await self._client.send_once(ask)

    async def _pause(self, seconds: float) -> None:
        import anyio  # loaded only when a request failed; works under trio too

        await anyio.sleep(seconds)

    async def _enter(self) -> None:
        self._require_address()
        self._start()
        asyncio = sys.modules.get("asyncio")
        if asyncio is not None:
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:  # another event loop library
                self._loop = None
        if self._app is not None:
            from contextlib import AsyncExitStack

            from prefect.client.base import app_lifespan_context

            self._stack = AsyncExitStack()
            await self._stack.enter_async_context(app_lifespan_context(self._app))

    async def _exit(self, *exc_info: "Any") -> "bool | None":
        self._closed = True
        try:
            if self._native is not None:
                await self._native.aclose()
        finally:
            if self._app is not None:
                await self._stack.__aexit__(*exc_info)
        return None


_compared: "set[tuple[str, str]]" = set()
"""Servers and client versions that were compared in this process."""


def timeouts(value: "Any") -> Timeouts:
    """Read a timeout the way httpx does: one number, four, an `httpx.Timeout` or None."""
    if value is None or isinstance(value, (int, float)):
        return Timeouts(value, value, value, value)
    if isinstance(value, (tuple, list)):
        return Timeouts(*[*value, *[None] * (4 - len(value))][:4])
    return Timeouts(value.connect, value.read, value.write, value.pool)


def _query(params: "Mapping[str, Any]") -> str:
    """Write query parameters as httpx does: lists repeat, booleans in lower case."""
    from urllib.parse import urlencode

    pairs = []
    for name, value in params.items():
        for item in value if isinstance(value, (list, tuple, set)) else [value]:
            if item is None:
                item = ""
            elif isinstance(item, bool):
                item = "true" if item else "false"
            pairs.append((name, str(item)))
    return urlencode(pairs)


def _is_unset(value: "Any") -> bool:
    from prefect.client._nouns._base import UNSET

    return value is ... or value is UNSET


def _status_of(error: Exception) -> int:
    return getattr(getattr(error, "response", None), "status_code", 0)


def _text(value: "str | bytes") -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def gives_httpx_response(method: "Method") -> "Method":
    """Make an endpoint whose answer is public return an `httpx.Response`.

    The core itself works with the lighter `Answer`.
    """
    from functools import wraps

    from prefect.client._problems import to_httpx

    @wraps(method)
    async def endpoint(*args: "Any", **kwargs: "Any") -> "Any":
        return to_httpx(await method(*args, **kwargs))

    return endpoint  # type: ignore[return-value]  # same signature, see `wraps`
