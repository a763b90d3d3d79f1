"""The settings that belong to no group, on their own: reading one of them builds no group."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = ["RootSettings", "default_ui_url"]


def _expanded(path: Path) -> Path:
    return Path(os.path.expanduser(path))  # `Path.expanduser` fails where no home is known


class RootSettings(PrefectBaseSettings):
    """The settings that belong to no group."""

    model_config = build_settings_config()

    home: Annotated[Path, AfterValidator(_expanded)] = setting(
        Path("~/.prefect"), "Directory of what the package keeps on this machine."
    )
    profiles_path: Path = setting(
        default_factory=Path,  # see `derive`
        description="File of the profiles; `profiles.toml` in the home directory when not set."
        " `$PREFECT_HOME` in it stands for that directory.",
    )
    debug_mode: bool = setting(False, "Whether everything is logged, to find errors.")
    ui_url: str | None = setting(
        None, "URL of the web pages, for links to runs; made from `api.url` when not set."
    )
    silence_api_url_misconfiguration: bool = setting(
        False, "Whether to keep quiet about an API URL that looks like one of the web pages."
    )

    def derive(self, get: Lookup) -> None:
        """Place the profiles in the home directory, and find the web pages."""
        if "profiles_path" in self.model_fields_set:
            path = str(self.profiles_path).replace("$PREFECT_HOME", str(self.home))
            self._overrule("profiles_path", Path(os.path.expanduser(path)))
        else:
            self._overrule("profiles_path", self.home / "profiles.toml")
        self._derive_default("ui_url", default_ui_url(get))


def default_ui_url(get: Lookup) -> str | None:
    """Make the URL of the web pages from the one of the API.

    Returns:
        The API's URL without `/api`, on the host of the web pages if the API is the one of
        Prefect Cloud; None when no API is set.
    """
    url: str | None = get("api.url")
    if not url:
        return None
    cloud_api, cloud_ui = get("cloud.api_url"), get("cloud.ui_url")
    if cloud_ui and url.startswith(cloud_api):
        url = url.replace(cloud_api, cloud_ui, 1)
        url = url.replace("/accounts/", "/account/").replace("/workspaces/", "/workspace/")
    return url.rstrip("/").removesuffix("/api")
