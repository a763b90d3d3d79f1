"""Settings of Prefect Cloud."""

from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = ["CloudSettings", "default_cloud_ui_url"]


class CloudSettings(PrefectBaseSettings):
    """Where Prefect Cloud is, and what it allows."""

    model_config = build_settings_config(("cloud",))

    api_url: str = setting("https://api.prefect.cloud/api", "URL of the API of Prefect Cloud.")
    enable_orchestration_telemetry: bool = setting(
        True, "Whether spans of flow and task runs are sent to Prefect Cloud."
    )
    max_log_size: int = setting(
        25_000, "Longest log message that is sent to Prefect Cloud, in bytes."
    )
    ui_url: str | None = setting(
        None, "URL of the pages of Prefect Cloud; made from `cloud.api_url` when not set."
    )

    def derive(self, get: Lookup) -> None:
        self._derive_default("ui_url", default_cloud_ui_url(self))


def default_cloud_ui_url(settings: CloudSettings) -> str | None:
    """Make the URL of the pages of Prefect Cloud from the one of its API.

    Returns:
        `https://app.prefect.cloud` for `https://api.prefect.cloud/api`; an API on a host of
        another owner keeps its host.
    """
    url = settings.api_url.rstrip("/").removesuffix("/api")
    scheme, separator, host = url.partition("://")
    if host.startswith("api.") and ".prefect." in host.replace("api.", ".", 1):
        host = "app." + host.removeprefix("api.")
    return f"{scheme}{separator}{host}"
