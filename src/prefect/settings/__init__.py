"""Settings: reading them, changing them for a while, and the profiles they come from.

Every setting is also a constant here, by any of its environment names: `PREFECT_API_URL.value()`.
Importing this module loads nothing; a name loads what it needs when it is first used. Which
settings there are, and where they are read from, is told in `docs/settings.md`.
"""

from prefect._lazy import lazy_exports as _lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.settings.constants import DEFAULT_PROFILES_PATH as DEFAULT_PROFILES_PATH
    from prefect.settings.context import get_current_settings as get_current_settings
    from prefect.settings.context import refresh_settings as refresh_settings
    from prefect.settings.context import temporary_settings as temporary_settings
    from prefect.settings.legacy import Setting as Setting
    from prefect.settings.models.root import Settings as Settings
    from prefect.settings.models.root import (
        canonical_environment_prefix as canonical_environment_prefix,
    )
    from prefect.settings.profiles import Profile as Profile
    from prefect.settings.profiles import ProfilesCollection as ProfilesCollection
    from prefect.settings.profiles import load_current_profile as load_current_profile
    from prefect.settings.profiles import load_profile as load_profile
    from prefect.settings.profiles import load_profiles as load_profiles
    from prefect.settings.profiles import save_profiles as save_profiles
    from prefect.settings.profiles import update_current_profile as update_current_profile

__all__ = [
    "DEFAULT_PROFILES_PATH",
    "Profile",
    "ProfilesCollection",
    "Setting",
    "Settings",
    "canonical_environment_prefix",
    "get_current_settings",
    "load_current_profile",
    "load_profile",
    "load_profiles",
    "refresh_settings",
    "save_profiles",
    "temporary_settings",
    "update_current_profile",
]

_lazy, __dir__ = _lazy_exports(
    __name__,
    {
        "DEFAULT_PROFILES_PATH": "prefect.settings.constants",
        "Profile": "prefect.settings.profiles",
        "ProfilesCollection": "prefect.settings.profiles",
        "Setting": "prefect.settings.legacy",
        "Settings": "prefect.settings.models.root",
        "canonical_environment_prefix": "prefect.settings.models.root",
        "get_current_settings": "prefect.settings.context",
        "load_current_profile": "prefect.settings.profiles",
        "load_profile": "prefect.settings.profiles",
        "load_profiles": "prefect.settings.profiles",
        "refresh_settings": "prefect.settings.context",
        "save_profiles": "prefect.settings.profiles",
        "temporary_settings": "prefect.settings.context",
        "update_current_profile": "prefect.settings.profiles",
    },
)


def __getattr__(name: str) -> "Any":
    if not name.startswith("PREFECT_"):
        return _lazy(name)
    from prefect.settings.legacy import get_setting  # heavy: the models, and pydantic

    setting = get_setting(name)
    if setting is None:
        raise AttributeError(f"There is no setting {name!r}; docs/settings.md lists all of them.")
    return setting
