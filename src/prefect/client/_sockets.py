"""The words of the connection pools: routes, timeouts, limits, and the errors they raise.

Nothing here waits or sends; that is done in `_pool`.
"""

from prefect.client._http1 import AnswerReader, ProtocolError, request_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    import httpx

    from prefect.client._http1 import Answer
    from prefect.client._proxies import Proxy

    class Route(NamedTuple):
        """What one connection leads to."""

        scheme: str
        host: str
        port: int
        proxy: "Proxy | None"

    class Timeouts(NamedTuple):
        """Longest waits in seconds; None means no limit."""

        connect: "float | None"
        read: "float | None"
        write: "float | None"
        pool: "float | None"

    class TransportSettings(NamedTuple):
        """What connections of one pool have in common: how TLS is done."""

        verify: bool = True
        ca_file: "str | None" = None
else:
    from collections import namedtuple

    Route = namedtuple("Route", "scheme host port proxy")
    Timeouts = namedtuple("Timeouts", "connect read write pool")
    TransportSettings = namedtuple("TransportSettings", "verify ca_file", defaults=(True, None))

__all__ = ["Route", "Timeouts", "TransportSettings", "transport_error"]

MAX_CONNECTIONS = 16
MAX_IDLE = 8
IDLE_SECONDS = 25.0
"""Limits of the REST contract, "Transport facts"."""

CAUTIOUS_IDLE_SECONDS = 2.0
"""A request that must not reach the server twice takes only a connection used this recently:
servers close idle ones (uvicorn after 5 s), and a request that meets the closing is ambiguous."""


def transport_error(name: str, message: str, cause: "BaseException | None") -> "httpx.HTTPError":
    """Make an httpx error, which is what users of the client catch."""
    import httpx  # heavy: loaded on the first failure, or by whoever catches its errors

    error: httpx.HTTPError = getattr(httpx, name)(message)
    error.__cause__ = cause
    return error


def connect_error(error: OSError, route: Route) -> "httpx.HTTPError":
    if isinstance(error, TimeoutError):
        return transport_error("ConnectTimeout", "timed out", error)
    if route.proxy is not None:
        where = f"the proxy {route.proxy.host}:{route.proxy.port}"
        return transport_error("ConnectError", f"{where}: {error}", error)
    return transport_error("ConnectError", str(error), error)


def read_error(error: OSError) -> "httpx.HTTPError":
    if isinstance(error, TimeoutError):
        return transport_error("ReadTimeout", "timed out", error)
    return transport_error("ReadError", str(error), error)


def disconnected(reader: AnswerReader) -> "httpx.HTTPError":
    how = "in the middle of its answer" if reader.received else "without answering"
    return transport_error("RemoteProtocolError", f"the server closed the connection {how}", None)


def finish(reader: AnswerReader, url: str) -> "Answer":
    try:
        return reader.answer(url)
    except ProtocolError as error:
        raise transport_error("RemoteProtocolError", str(error), error) from error


def connect_request(route: Route) -> bytes:
    """What asks an HTTP proxy for a tunnel (RFC 9110, 9.3.6)."""
    host = f"[{route.host}]" if ":" in route.host else route.host
    target = f"{host}:{route.port}"
    headers = [("Host", target)]
    if route.proxy is not None and route.proxy.authorization:
        headers.append(("Proxy-Authorization", route.proxy.authorization))
    return request_bytes("CONNECT", target, b"", headers)


def check_tunnel(reader: AnswerReader, route: Route) -> None:
    answer = reader.answer("")
    if not answer.is_success:
        assert route.proxy is not None
        raise transport_error(
            "ProxyError",
            f"the proxy {route.proxy.host}:{route.proxy.port} answered {answer.status_code} to a"
            f" tunnel to {route.host}:{route.port}",
            None,
        )


def tunnel_error(error: Exception, route: Route) -> Exception:
    """The error of a proxy that did not answer: the request itself was not sent."""
    import httpx  # loaded already if it is httpx's error

    if not isinstance(error, httpx.TransportError):
        return error
    assert route.proxy is not None
    name = "ConnectTimeout" if isinstance(error, httpx.TimeoutException) else "ProxyError"
    words = f"the proxy {route.proxy.host}:{route.proxy.port} opened no tunnel: {error}"
    return transport_error(name, words, error)


def endpoint(route: Route) -> "tuple[str, int]":
    """Where the socket is connected to."""
    if route.proxy is not None:
        return route.proxy.host, route.proxy.port
    return route.host, route.port
