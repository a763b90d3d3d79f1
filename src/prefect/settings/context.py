"""Reading all settings at once, and changing them for a while.

Within `temporary_settings`, the whole library sees the changed settings: in this thread or task and
in those that take over its context. `refresh_settings` makes the process read its sources again.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.settings._current import active, refresh, tree

if TYPE_CHECKING:
    from prefect.settings._current import ActiveSettings
    from prefect.settings.legacy import Setting
    from prefect.settings.models.root import Settings
    from prefect.settings.profiles import Profile

    SettingKey = Setting | str

__all__ = [
    "get_current_settings",
    "refresh_settings",
    "temporary_settings",
    "use_settings",
]


class _Active(NamedTuple):
    profile: "Profile"
    settings: "Settings"


def get_current_settings() -> "Settings":
    """Return all settings that apply here.

    They come from the innermost context, else from the sources, which are read once.
    """
    return tree()


def refresh_settings() -> None:
    """Read the sources again at the next use, as after a change of the environment."""
    refresh()


@contextmanager
def use_settings(current: "ActiveSettings") -> Generator["Settings", None, None]:
    """Let settings, and the profile they came with, apply within the context."""
    token = active.set(current)
    try:
        yield current.settings
    finally:
        active.reset(token)


@contextmanager
def temporary_settings(
    updates: "Mapping[SettingKey, Any] | None" = None,
    set_defaults: "Mapping[SettingKey, Any] | None" = None,
    restore_defaults: "Iterable[SettingKey] | None" = None,
) -> Generator["Settings", None, None]:
    """Change settings for the duration of the context.

    Args:
        updates: Setting → its value within the context; None unsets it.
        set_defaults: Setting → value for settings that are not set.
        restore_defaults: Settings that have their defaults within the context.

    Yields:
        All settings as they are within the context.

    Example:
        ```python
        from prefect.settings import PREFECT_API_URL, temporary_settings

        with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:4200/api"}):
            assert PREFECT_API_URL.value() == "http://127.0.0.1:4200/api"
        ```
    """
    from prefect.settings.profiles import load_current_profile  # late: it reads settings

    current = active.get()
    profile = current.profile if current is not None else load_current_profile()
    changed = tree().copy_with_update(updates, set_defaults, restore_defaults)
    with use_settings(_Active(profile, changed)) as settings:
        yield settings
