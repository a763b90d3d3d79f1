"""Settings of the web pages of the server."""

from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerUISettings"]


class ServerUISettings(PrefectBaseSettings):
    """How the server serves its web pages."""

    model_config = build_settings_config(("server", "ui"))

    enabled: bool = setting(
        True, "Whether the server serves its web pages.", aliases=("PREFECT_UI_ENABLED",)
    )
    v2_enabled: bool = setting(True, "Whether the second version of the web pages is served.")
    api_url: str | None = setting(
        None,
        "URL at which the pages find the API; made from `api.url` or the server's address when"
        " not set.",
        aliases=("PREFECT_UI_API_URL",),
    )
    serve_base: str = setting(
        "/", "Path below which the pages are served.", aliases=("PREFECT_UI_SERVE_BASE",)
    )
    static_directory: str | None = setting(
        None,
        "Directory of the files of the pages, when they were put elsewhere.",
        aliases=("PREFECT_UI_STATIC_DIRECTORY",),
    )
    show_promotional_content: bool = setting(True, "Whether the pages show offers of Prefect.")

    def derive(self, get: Lookup) -> None:
        """Send the pages to the API that clients use, else to this server."""
        own = f"http://{get('server.api.host')}:{get('server.api.port')}/api"
        self._derive_default("api_url", get("api.url") or own)
