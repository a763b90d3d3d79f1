"""Settings of the connection to the API."""

import os
import warnings

from prefect.settings._parsing import Secret
from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = ["APISettings"]


def _ssl_cert_file() -> str | None:
    return os.environ.get("SSL_CERT_FILE") or None


class APISettings(PrefectBaseSettings):
    """How to reach the API and to prove who is calling."""

    model_config = build_settings_config(("api",))

    url: str | None = setting(None, "URL of the API, `/api` included.")
    auth_string: Secret | None = setting(
        None, "Credentials for a server with basic authentication, as `user:password`."
    )
    key: Secret | None = setting(None, "API key for Prefect Cloud.")
    tls_insecure_skip_verify: bool = setting(
        False, "Whether to accept any certificate from the API; for trials only."
    )
    ssl_cert_file: str | None = setting(
        default_factory=_ssl_cert_file,
        description="File with the certificates of the authorities to trust when connecting to"
        " the API; the environment variable `SSL_CERT_FILE` when not set.",
    )
    enable_http2: bool = setting(False, "Whether to speak HTTP/2 with an API that offers it.")
    request_timeout: float = setting(60.0, "Longest wait for an answer of the API, in seconds.")

    def derive(self, get: Lookup) -> None:
        """Warn about a URL that leads to the web pages of Prefect Cloud, not to its API."""
        if self.url and "//app.prefect." in self.url:
            if not get("silence_api_url_misconfiguration"):
                warnings.warn(
                    f"PREFECT_API_URL is {self.url!r}, which is an address of web pages; the API"
                    " of Prefect Cloud has URLs like https://api.prefect.cloud/api/accounts/"
                    "<account id>/workspaces/<workspace id>. Set"
                    " PREFECT_SILENCE_API_URL_MISCONFIGURATION=1 to use it all the same.",
                    stacklevel=2,
                )
