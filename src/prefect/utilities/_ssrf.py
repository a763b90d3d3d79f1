"""Transports of httpx that only connect to public addresses; published by `urls`.

The address that was checked is the one that is called, so that a name service that answers
differently the second time gains nothing.
"""

from __future__ import annotations

from typing import Any

import httpx

from prefect.utilities.urls import refuse_private, resolve

__all__ = ["SSRFProtectedAsyncHTTPTransport", "SSRFProtectedHTTPTransport"]


def _pin(request: httpx.Request) -> None:
    """Replace the host of a request by a checked address; TLS and `Host` keep the name.

    Raises:
        ValueError: If the host leads to an address that is not public.
    """
    url = request.url
    port = url.port or (443 if url.scheme == "https" else 80)
    addresses = resolve(url.host, port, url=str(url))
    for address in addresses:
        refuse_private(address, url=str(url))
    request.extensions = {"sni_hostname": url.host, **request.extensions}
    request.url = url.copy_with(host=str(addresses[0]))


class SSRFProtectedHTTPTransport(httpx.HTTPTransport):
    """A transport for `httpx.Client` that refuses private addresses.

    Args:
        *args: As for `httpx.HTTPTransport`, as are keywords.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, unless it leads to a private address (`ValueError`)."""
        _pin(request)
        return super().handle_request(request)


class SSRFProtectedAsyncHTTPTransport(httpx.AsyncHTTPTransport):
    """A transport for `httpx.AsyncClient` that refuses private addresses.

    Args:
        *args: As for `httpx.AsyncHTTPTransport`, as are keywords.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, unless it leads to a private address (`ValueError`)."""
        from anyio import to_thread

        await to_thread.run_sync(_pin, request)  # names are looked up with a blocking call
        return await super().handle_async_request(request)


for _transport in (SSRFProtectedAsyncHTTPTransport, SSRFProtectedHTTPTransport):
    _transport.__module__ = "prefect.utilities.urls"
