"""The httpx clients that the REST clients are built on, for code that sends requests of its own.

`PrefectHttpxAsyncClient` and `PrefectHttpxSyncClient` are httpx clients whose `send` repeats what
fails, speaks CSRF and raises readable errors, by the same core as the endpoints (`_http`).
`client._client` is one of them. The module also says what kind of server the settings lead to and
keeps ASGI applications running while clients use them.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from prefect._dual import run
from prefect.client._core import BODY_HEADERS, REDIRECTS_AS_THEY_ARE, REDIRECTS_WITH_BODY
from prefect.client._http import Ask, Policy, converse
from prefect.client._retries import is_repeatable
from prefect.client._server_types import ServerType as ServerType
from prefect.client._server_types import determine_server_type as determine_server_type

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
    from typing import TypeAlias

    from typing_extensions import Self

    Message: TypeAlias = MutableMapping[str, Any]
    Receive: TypeAlias = Callable[[], Awaitable[Message]]
    Scope: TypeAlias = MutableMapping[str, Any]
    Send: TypeAlias = Callable[[Message], Awaitable[None]]
else:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Scope = MutableMapping[str, Any]
    Send = Callable[[Message], Awaitable[None]]

__all__ = [
    "APP_LIFESPANS",
    "APP_LIFESPANS_LOCKS",
    "APP_LIFESPANS_REF_COUNTS",
    "ASGIApp",
    "Message",
    "PrefectHttpxAsyncClient",
    "PrefectHttpxSyncClient",
    "PrefectResponse",
    "Receive",
    "Scope",
    "Send",
    "ServerType",
    "app_lifespan_context",
    "determine_server_type",
    "status",
]


HARMLESS_HEADERS = BODY_HEADERS | {
    "accept", "accept-encoding", "connection", "host", "user-agent", "x-prefect-api-version",
}  # fmt: skip
"""What may go to another host than the one the settings name."""


class ASGIApp(Protocol):
    """An ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class _StatusCompatibility:
    """HTTP statuses by the names that web frameworks use: `status.HTTP_404_NOT_FOUND` is 404."""

    def __getattr__(self, name: str) -> int:
        prefix, _, rest = name.partition("_")
        code = rest.partition("_")[0]
        if prefix == "HTTP" and code.isdigit() and len(code) == 3:
            return int(code)
        if prefix == "WS" and code.isdigit() and len(code) == 4:
            return int(code)
        raise AttributeError(f"{name!r} is not a status name; they look like HTTP_404_NOT_FOUND")

    def __repr__(self) -> str:
        return "<status names>"


status = _StatusCompatibility()


class PrefectResponse(httpx.Response):
    """A response whose `raise_for_status` shows what the API said."""

    def raise_for_status(self) -> httpx.Response:
        """Raise unless the status is a success.

        Raises:
            PrefectHTTPStatusError: With the answer's body in its message.
        """
        from prefect.exceptions import PrefectHTTPStatusError

        try:
            return super().raise_for_status()
        except httpx.HTTPStatusError as error:
            raise PrefectHTTPStatusError.from_httpx_error(error) from error.__cause__

    @classmethod
    def from_httpx_response(cls: type[Self], response: httpx.Response) -> httpx.Response:
        """Give a response of httpx this class; it is the same object."""
        response.__class__ = cls
        return response


class _NativeAsks:
    """What both httpx clients share: the core's view of a request of httpx."""

    _policy: Policy | None
    _enable_csrf: bool
    _raise_on_all_errors: bool
    base_url: Any

    def _ask(self, request: httpx.Request, content: bytes | None) -> Ask:
        base = str(self.base_url).rstrip("/")
        path = str(request.url).removeprefix(base)
        repeatable = request.extensions.get("prefect_repeatable")
        if repeatable is None:
            repeatable = is_repeatable(request.method, path, content)
            request.extensions["prefect_repeatable"] = repeatable
        return Ask(request.method, path, content, repeatable=repeatable, native=request)

    def _own_policy(self) -> Policy:
        if self._policy is None:
            url = str(self.base_url).rstrip("/")
            self._policy = Policy.from_settings(
                url, csrf=self._enable_csrf, raise_on_all_errors=self._raise_on_all_errors
            )
        return self._policy

    def _request_of(self, ask: Ask) -> httpx.Request:
        """The request for an attempt, with what the core added or took away."""
        request: httpx.Request | None = ask.native
        if request is None:
            headers = dict(ask.headers)
            if ask.content is not None:
                headers["content-type"] = "application/json"
            made: httpx.Request = self.build_request(  # type: ignore[attr-defined]  # of httpx
                ask.method,
                ask.path,
                content=ask.content,
                headers=headers,
                extensions={"prefect_repeatable": ask.repeatable},
            )
            return made
        changed = ask.content is not None and ask.content != request.content
        if not changed:
            request.headers.update(ask.headers)
            return request
        kept = [
            (name, value)
            for name, value in request.headers.items()
            if name not in ("content-length", "transfer-encoding")
        ]
        return httpx.Request(
            request.method,
            request.url,
            headers=[*kept, *ask.headers.items()],
            content=ask.content,
            extensions=request.extensions,
        )


def _own_redirects(ask: Ask, kwargs: dict[str, Any] | None) -> dict[str, Any]:
    """Arguments of httpx's `send`; the redirects of endpoints are followed here."""
    return {"follow_redirects": False} if ask.native is None else kwargs or {}


def _elsewhere(ask: Ask, response: httpx.Response) -> httpx.Request | None:
    """The request to follow a redirect with, if it stays the same request.

    httpx would make a GET of most others, and takes only the key out of what goes to another host,
    not the headers of `PREFECT_CLIENT_CUSTOM_HEADERS`.
    """
    kept = REDIRECTS_AS_THEY_ARE if ask.method in ("GET", "HEAD") else REDIRECTS_WITH_BODY
    request = response.next_request
    if ask.native is not None or response.status_code not in kept or request is None:
        return None
    before, after = response.request.url, request.url
    same = (before.scheme, before.port) == (after.scheme, after.port) or after.scheme == "https"
    if before.host != after.host or not same:
        for name in request.headers.keys() - HARMLESS_HEADERS:
            del request.headers[name]
    return request


class _AsyncPort:
    def __init__(self, client: PrefectHttpxAsyncClient, arguments: dict[str, Any]) -> None:
        self._client = client
        self._arguments = arguments

    async def send(self, ask: Ask) -> httpx.Response:
        return await self._client.send_once(ask, **(self._arguments if ask.native else {}))

    async def sleep(self, seconds: float) -> None:
        import anyio  # after a failure only

        await anyio.sleep(seconds)


class _SyncPort:
    def __init__(self, client: PrefectHttpxSyncClient, arguments: dict[str, Any]) -> None:
        self._client = client
        self._arguments = arguments

    async def send(self, ask: Ask) -> httpx.Response:
        return self._client.send_once(ask, **(self._arguments if ask.native else {}))

    async def sleep(self, seconds: float) -> None:
        import time

        time.sleep(seconds)  # noqa: ASYNC251  # the blocking port never suspends


class PrefectHttpxAsyncClient(_NativeAsks, httpx.AsyncClient):
    """An async httpx client that repeats failed requests and raises readable errors.

    Args:
        enable_csrf_support: Whether to fetch a CSRF token when the server asks for one.
        raise_on_all_errors: Whether an answer outside 2xx raises; if not it is returned once
            repeating it is of no use.
    """

    def __init__(
        self,
        *args: Any,
        enable_csrf_support: bool = False,
        raise_on_all_errors: bool = True,
        **kwargs: Any,
    ) -> None:
        self._policy: Policy | None = kwargs.pop("policy", None)
        self._enable_csrf = enable_csrf_support
        self._raise_on_all_errors = raise_on_all_errors
        super().__init__(*args, **kwargs)

    async def send(self, request: httpx.Request, *args: Any, **kwargs: Any) -> httpx.Response:
        """Send a request until it is answered for good; see `prefect.client._http.converse`."""
        content = await request.aread()
        port = _AsyncPort(self, {"args": args, "kwargs": kwargs})
        response = await converse(port, self._ask(request, content or None), self._own_policy())
        return PrefectResponse.from_httpx_response(response)

    async def send_once(
        self, ask: Ask, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send one attempt."""
        request, kwargs = self._request_of(ask), _own_redirects(ask, kwargs)
        response = await super().send(request, *args, **kwargs)
        for _ in range(self.max_redirects):
            moved = _elsewhere(ask, response)
            if moved is None:
                break
            response = await super().send(moved, **kwargs)
        if response.status_code >= 400:
            await response.aread()  # the core looks into it, also when it is streamed
        return response


class PrefectHttpxSyncClient(_NativeAsks, httpx.Client):
    """A blocking httpx client that repeats failed requests and raises readable errors.

    Args:
        enable_csrf_support: Whether to fetch a CSRF token when the server asks for one.
        raise_on_all_errors: Whether an answer outside 2xx raises; if not it is returned once
            repeating it is of no use.
    """

    def __init__(
        self,
        *args: Any,
        enable_csrf_support: bool = False,
        raise_on_all_errors: bool = True,
        **kwargs: Any,
    ) -> None:
        self._policy: Policy | None = kwargs.pop("policy", None)
        self._enable_csrf = enable_csrf_support
        self._raise_on_all_errors = raise_on_all_errors
        super().__init__(*args, **kwargs)

    def send(self, request: httpx.Request, *args: Any, **kwargs: Any) -> httpx.Response:
        """Send a request until it is answered for good; see `prefect.client._http.converse`."""
        content = request.read()
        port = _SyncPort(self, {"args": args, "kwargs": kwargs})
        response = run(converse(port, self._ask(request, content or None), self._own_policy()))
        return PrefectResponse.from_httpx_response(response)

    def send_once(
        self, ask: Ask, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send one attempt."""
        request, kwargs = self._request_of(ask), _own_redirects(ask, kwargs)
        response = super().send(request, *args, **kwargs)
        for _ in range(self.max_redirects):
            moved = _elsewhere(ask, response)
            if moved is None:
                break
            response = super().send(moved, **kwargs)
        if response.status_code >= 400:
            response.read()
        return response


# --- ASGI applications ----------------------------------------------------------------------------

APP_LIFESPANS: dict[tuple[int, int], _Lifespan] = {}
"""(thread, application) → its running lifespan."""

APP_LIFESPANS_REF_COUNTS: dict[tuple[int, int], int] = {}
"""(thread, application) → how many clients use it."""

APP_LIFESPANS_LOCKS: dict[int, Any] = defaultdict(lambda: __import__("anyio").Lock())
"""Thread → lock around starting and stopping."""


@asynccontextmanager
async def app_lifespan_context(app: ASGIApp) -> AsyncGenerator[None, None]:
    """Keep an application started; the first to enter starts it, the last to leave stops it."""
    thread = threading.get_ident()
    key = (thread, id(app))
    async with APP_LIFESPANS_LOCKS[thread]:
        if key not in APP_LIFESPANS:
            lifespan = _Lifespan(app)
            await lifespan.start()
            APP_LIFESPANS[key] = lifespan
            APP_LIFESPANS_REF_COUNTS[key] = 0
        APP_LIFESPANS_REF_COUNTS[key] += 1
    try:
        yield
    finally:
        import anyio

        with anyio.CancelScope(shield=True):
            async with APP_LIFESPANS_LOCKS[thread]:
                APP_LIFESPANS_REF_COUNTS[key] -= 1
                if not APP_LIFESPANS_REF_COUNTS[key]:
                    del APP_LIFESPANS_REF_COUNTS[key]
                    await APP_LIFESPANS.pop(key).stop()
                    if not any(other == thread for other, _ in APP_LIFESPANS):
                        del APP_LIFESPANS_LOCKS[thread]


class _Lifespan:
    """The lifespan protocol of one application (ASGI specification, "Lifespan Protocol")."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._unsupported = False

    async def start(self) -> None:
        import asyncio  # ASGI applications of this kind run under asyncio

        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._run())
        await self._inbox.put({"type": "lifespan.startup"})
        message = await self._next_message()
        if message is None:
            self._unsupported = True
        elif message["type"] == "lifespan.startup.failed":
            raise RuntimeError(f"The application did not start: {message.get('message', '')}")

    async def stop(self) -> None:
        if self._unsupported:
            return
        await self._inbox.put({"type": "lifespan.shutdown"})
        message = await self._next_message()
        await self._task
        if message is not None and message["type"] == "lifespan.shutdown.failed":
            raise RuntimeError(f"The application did not stop: {message.get('message', '')}")

    async def _run(self) -> None:
        scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        await self._app(scope, self._inbox.get, self._outbox.put)

    async def _next_message(self) -> Message | None:
        """What the application says; None if it ended without a word, as those do that have no
        lifespan (the specification lets them raise)."""
        import asyncio

        getter = asyncio.ensure_future(self._outbox.get())
        await asyncio.wait([getter, self._task], return_when=asyncio.FIRST_COMPLETED)
        if getter.done():
            return getter.result()
        getter.cancel()
        if not self._task.cancelled():
            self._task.exception()  # seen, so that asyncio does not complain about it
        return None
