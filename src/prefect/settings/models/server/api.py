"""Settings of the API server."""

from datetime import timedelta

from prefect.settings._parsing import Duration, Secret
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerAPISettings"]


class ServerAPISettings(PrefectBaseSettings):
    """How the server serves its API."""

    model_config = build_settings_config(("server", "api"))

    auth_string: Secret | None = setting(
        None, "Credentials that every request must bring, as `user:password`; none when empty."
    )
    host: str = setting("127.0.0.1", "Address at which the server listens.")
    port: int = setting(4200, "Port at which the server listens.")
    base_path: str | None = setting(
        None, "Path below which the API is served, when a proxy puts one before it."
    )
    default_limit: int = setting(
        200,
        "Most objects in one answer when the request does not say.",
        aliases=("PREFECT_API_DEFAULT_LIMIT",),
    )
    keepalive_timeout: int = setting(5, "How long an idle connection is kept open, in seconds.")
    csrf_protection_enabled: bool = setting(
        False,
        "Whether changes need a CSRF token.",
        aliases=("PREFECT_SERVER_CSRF_PROTECTION_ENABLED",),
    )
    csrf_token_expiration: Duration = setting(
        timedelta(seconds=3600),
        "How long a CSRF token is valid.",
        aliases=("PREFECT_SERVER_CSRF_TOKEN_EXPIRATION",),
    )
    cors_allowed_origins: str = setting(
        "*",
        "Origins whose pages may use the API, separated by commas; `*` means any.",
        aliases=("PREFECT_SERVER_CORS_ALLOWED_ORIGINS",),
    )
    cors_allowed_methods: str = setting(
        "*",
        "Methods that those pages may use, separated by commas; `*` means any.",
        aliases=("PREFECT_SERVER_CORS_ALLOWED_METHODS",),
    )
    cors_allowed_headers: str = setting(
        "*",
        "Headers that those pages may send, separated by commas; `*` means any.",
        aliases=("PREFECT_SERVER_CORS_ALLOWED_HEADERS",),
    )
    websocket_ping_interval: float = setting(
        20.0, "Time between two pings on a WebSocket, in seconds."
    )
    websocket_ping_timeout: float = setting(
        20.0, "Longest wait for the answer to a ping, in seconds."
    )
    max_parameter_size: int = setting(
        524_288, "Largest parameters of a flow run, in bytes of JSON; 0 means no limit.", ge=0
    )
