"""Which proxy a URL goes through, by the environment's `HTTP_PROXY` and its siblings.

Same rules as httpx and curl: `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` in either case (lower
case wins), `NO_PROXY` for what is reached directly. Read when a client is made.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NamedTuple

    class Proxy(NamedTuple):
        """An HTTP proxy."""

        host: str
        port: int
        authorization: "str | None"
        """Value of the `Proxy-Authorization` header."""
else:
    from collections import namedtuple

    Proxy = namedtuple("Proxy", "host port authorization")

__all__ = ["Proxy", "http_proxy", "is_bypassed", "proxy_url"]


def proxy_url(scheme: str, host: str, port: int) -> "str | None":
    """Find the proxy for an address.

    Returns:
        URL of the proxy; None to connect directly.
    """
    proxies = _environment()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or is_bypassed(host, port, proxies.get("no", "")):
        return None
    return url if "://" in url else "http://" + url


def http_proxy(url: str) -> "Proxy | None":
    """Read the URL of a proxy that speaks plain HTTP.

    Returns:
        None if it is of another kind (https, SOCKS), which httpx's transports serve.
    """
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return None
    authorization = None
    if parts.username or parts.password:
        from base64 import b64encode

        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        authorization = "Basic " + b64encode(pair.encode()).decode("ascii")
    return Proxy(parts.hostname, parts.port or 80, authorization)


def is_bypassed(host: str, port: int, no_proxy: str) -> bool:
    """Decide whether `NO_PROXY` names a host.

    Args:
        no_proxy: Comma separated: `*`, a host (its subdomains too), `host:port`, an address or a
            network such as `10.0.0.0/8`.
    """
    host = host.lower().strip("[]")
    for entry in no_proxy.lower().split(","):
        entry = entry.strip()
        if "://" in entry:
            entry = entry.partition("://")[2]
        if not entry:
            continue
        if entry == "*":
            return True
        name, colon, wanted_port = entry.rpartition(":")
        if colon and wanted_port.isdigit() and (":" not in name or name.startswith("[")):
            if int(wanted_port) != port:
                continue
            entry = name
        entry = entry.strip("[]").lstrip("*").lstrip(".")
        if host == entry or host.endswith("." + entry) or _in_network(host, entry):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    if "/" not in network:
        return False
    import ipaddress  # only for NO_PROXY entries that are networks

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _environment() -> "Mapping[str, str]":
    """Proxies by scheme, as `{"http": …, "https": …, "all": …, "no": …}`."""
    if sys.platform in ("darwin", "win32"):
        from urllib.request import getproxies  # heavy: also asks the system's settings there

        return getproxies()
    names = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    found: "dict[str, str]" = {}
    for name in names:
        value = os.environ.get(name) or os.environ.get(name.upper())
        if value:
            found[name.removesuffix("_proxy")] = value
    if "REQUEST_METHOD" in os.environ and not os.environ.get("http_proxy"):
        found.pop("http", None)  # a CGI script: HTTP_PROXY may be a request's header (httpoxy)
    return found
