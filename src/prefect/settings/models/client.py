"""Settings of the client of the API."""

from pydantic import Field

from prefect.settings._parsing import ClientRetryExtraCodes, JsonStringOrDict
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = [
    "ClientMetricsSettings",
    "ClientRetryExtraCodes",
    "ClientSettings",
    "JsonStringOrDict",
]


class ClientMetricsSettings(PrefectBaseSettings):
    """Metrics that the client shows to Prometheus."""

    model_config = build_settings_config(("client", "metrics"))

    enabled: bool = setting(
        False,
        "Whether the client serves Prometheus metrics.",
        aliases=("PREFECT_CLIENT_ENABLE_METRICS",),
    )
    port: int = setting(4201, "Port at which the metrics are served.")


class ClientSettings(PrefectBaseSettings):
    """How the client sends its requests."""

    model_config = build_settings_config(("client",))

    max_retries: int = setting(
        5, "How many times a request that failed for a passing reason is sent again.", ge=0
    )
    retry_jitter_factor: float = setting(
        0.2,
        "How much a wait between two tries may vary, as a share of it; 0 means not at all.",
        ge=0.0,
    )
    retry_extra_codes: ClientRetryExtraCodes = setting(
        default_factory=set,
        description="HTTP statuses that are retried besides the usual ones, separated by commas.",
    )
    csrf_support_enabled: bool = setting(
        True, "Whether the client fetches a CSRF token before it changes something."
    )
    custom_headers: JsonStringOrDict = setting(
        default_factory=dict,
        description="Headers that are added to every request, as a JSON object of text values.",
    )
    server_version_check_enabled: bool = setting(
        True, "Whether the client compares its version with the server's."
    )
    metrics: ClientMetricsSettings = Field(
        default_factory=ClientMetricsSettings, description="Metrics of the client."
    )
