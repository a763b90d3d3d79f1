"""How this process reaches the API: one description for HTTP and for WebSockets.

`Connection` is made from settings and explicit arguments; the REST client and the events and logs
subscriptions both take everything from it (address, credentials, extra headers, TLS, proxy), so
what works for one works for the other. TLS contexts are made once per process and set of files:
loading the certificate authorities costs 20 to 80 ms and about a megabyte each time.
"""

import functools
import re
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

__all__ = ["Connection", "check_api_url", "tls_context"]


@dataclass(frozen=True)
class Connection:
    """Where the API is and how to talk to it.

    Attributes:
        api_url: Address of the API without a trailing slash, e.g. `http://127.0.0.1:4200/api`, and
            without credentials: it is shown in messages.
        auth_string: `user:password` for basic authentication; wins over `api_key`.
        api_key: Bearer token.
        custom_headers: Sent with every request and WebSocket handshake.
        verify: Whether the server's certificate is checked.
        ca_file: PEM file with the authorities to trust; None means certifi's bundle.
        http2: Whether to offer HTTP/2.
        timeout_seconds: For connecting, reading, writing and waiting for a free connection.
    """

    api_url: str
    auth_string: "str | None" = field(default=None, repr=False)
    api_key: "str | None" = field(default=None, repr=False)
    custom_headers: "Mapping[str, str]" = field(default_factory=dict, repr=False)
    verify: bool = True
    ca_file: "str | None" = None
    http2: bool = False
    timeout_seconds: float = 60.0

    @classmethod
    def from_settings(
        cls,
        api_url: str,
        *,
        auth_string: "str | None" = None,
        api_key: "str | None" = None,
    ) -> "Connection":
        """Describe the connection to `api_url`; what is not given comes from the settings."""
        from prefect.settings._current import group

        api, client = group("api"), group("client")
        if auth_string is None and api.auth_string is not None:
            auth_string = api.auth_string.get_secret_value()
        if api_key is None and api.key is not None:
            api_key = api.key.get_secret_value()
        api_url, of_the_url = _without_credentials(api_url)
        return cls(
            api_url=api_url.rstrip("/"),
            auth_string=of_the_url or auth_string,
            api_key=api_key,
            custom_headers=dict(client.custom_headers),
            verify=not api.tls_insecure_skip_verify,
            ca_file=api.ssl_cert_file or None,
            http2=api.enable_http2,
            timeout_seconds=api.request_timeout,
        )

    @property
    def token(self) -> "str | None":
        """What a WebSocket's first frame authenticates with: the auth string, else the key."""
        return self.auth_string or self.api_key

    @property
    def authorization(self) -> "str | None":
        """Value of the `Authorization` header."""
        if self.auth_string:
            from base64 import b64encode

            return "Basic " + b64encode(self.auth_string.encode()).decode("ascii")
        return f"Bearer {self.api_key}" if self.api_key else None

    def websocket_url(self, path: str) -> str:
        """The address of a WebSocket route, e.g. `websocket_url("/events/in")`."""
        scheme, separator, rest = self.api_url.partition("://")
        return {"http": "ws", "https": "wss"}.get(scheme, scheme) + separator + rest + path

    def ssl_context(self) -> "ssl.SSLContext":
        """The TLS context for these settings, shared by the whole process."""
        return tls_context(self.verify, self.ca_file)


def check_api_url(value: str) -> str:
    """Check the address of an API.

    Returns:
        The address without a trailing slash.

    Raises:
        ValueError: If it is not an http or https URL with a host.
    """
    from urllib.parse import urlsplit

    problem = None
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises if it is not a number
    except ValueError as error:
        problem = str(error)
    else:
        if "://" not in value:
            problem = "it does not begin with http:// or https://"
        elif parts.scheme not in ("http", "https"):
            problem = f"{parts.scheme!r} is not a scheme of the API; use http or https"
        elif not parts.hostname:
            problem = "it names no host"
        elif not value.isascii() or any(character.isspace() for character in value):
            problem = "it contains characters that do not belong into a URL"
        elif parts.query or parts.fragment:
            problem = "an API's address has no query and no fragment"
    if problem:
        shown = re.sub("//.*@", "//***@", value)
        problem = problem.replace(value, shown)
        raise ValueError(
            f"{shown!r} is not the address of an API: {problem}. Set PREFECT_API_URL (or what you"
            " passed as `api`) to something like 'http://127.0.0.1:4200/api'."
        )
    return value.rstrip("/")


def _without_credentials(url: str) -> "tuple[str, str | None]":
    """Take `user:password@` out of an address; httpx, too, sends it as basic authentication."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    credentials, at, host = authority.rpartition("@")
    if not at:
        return url, None
    from urllib.parse import unquote

    user, _, password = credentials.partition(":")
    pair = f"{unquote(user)}:{unquote(password)}"
    return scheme + separator + host + slash + path, pair


@functools.cache
def tls_context(verify: bool, ca_file: "str | None" = None) -> "ssl.SSLContext":
    """Make the TLS context for these settings, once per process.

    Args:
        verify: Whether the server's certificate is checked.
        ca_file: PEM file with the authorities to trust; None means certifi's bundle.

    Raises:
        ValueError: If `ca_file` cannot be read.
    """
    import ssl  # 10 ms; plain HTTP needs none

    if not verify:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if ca_file is None:
        import certifi

        ca_file = certifi.where()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(
            f"Cannot read certificate authorities from {ca_file!r}: {error}. Set"
            " PREFECT_API_SSL_CERT_FILE to a readable PEM file, or unset it to use certifi's."
        ) from error
