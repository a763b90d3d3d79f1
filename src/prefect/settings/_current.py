"""The settings that apply here and now, read group by group.

`group("client")` is how the library reads its settings: it returns the model of that table alone,
so that a script that submits a run does not build all of them. Within `temporary_settings`, a
settings context or a profile that was switched to, it returns the part of those settings. What was
read from the sources is kept until `refresh()`.

This module imports nothing of weight; the models, and pydantic, come with the first group.
"""

import sys
from _thread import RLock
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from prefect.settings.base import PrefectBaseSettings
    from prefect.settings.models.root import Settings
    from prefect.settings.profiles import Profile
    from prefect.settings.sources import Sources

    class ActiveSettings(Protocol):
        """What takes the place of the sources: settings, and the profile they came with."""

        @property
        def profile(self) -> Profile: ...
        @property
        def settings(self) -> Settings: ...


__all__ = ["GROUPS", "active", "group", "lookup", "refresh"]

GROUPS = {
    "": "prefect.settings.models.root:RootSettings",
    "api": "prefect.settings.models.api:APISettings",
    "client": "prefect.settings.models.client:ClientSettings",
    "client.metrics": "prefect.settings.models.client:ClientMetricsSettings",
    "cloud": "prefect.settings.models.cloud:CloudSettings",
}
"""Path of a group → its model. The empty path stands for the settings of the root."""

active: "ContextVar[ActiveSettings | None]" = ContextVar("prefect_active_settings", default=None)
"""The settings of the innermost context; None when they come from the sources."""


class _Process:
    """What this process has read so far; replaced as a whole by `refresh`."""

    def __init__(self) -> None:
        self.sources: Sources | None = None
        self.groups: dict[str, PrefectBaseSettings] = {}


_lock = RLock()
_process = _Process()


def group(path: str) -> "Any":
    """Return the settings of a group that apply here.

    Args:
        path: Dotted path of the group, such as `"client"` or `"server.api"`; empty for the
            settings of the root (`home`, `debug_mode`, ...).

    Raises:
        KeyError: There is no such group.
        ValidationError: A source has a value that the group does not accept.
    """
    current = active.get()
    if current is not None:
        found: Any = current.settings
        for part in path.split(".") if path else ():
            found = getattr(found, part)
        return found
    model = _process.groups.get(path)
    return _build(path) if model is None else model


def _build(path: str) -> "PrefectBaseSettings":
    from prefect.settings.sources import ambient_sources, read_sources  # heavy

    with _lock:
        process = _process
        if path in process.groups:
            return process.groups[path]
        if process.sources is None:
            process.sources = read_sources()
        module, _, name = GROUPS[path].partition(":")
        __import__(module)
        with ambient_sources(process.sources):
            model: PrefectBaseSettings = getattr(sys.modules[module], name)()
        process.groups[path] = model
        return model


def lookup(path: str) -> "Any":
    """Return one setting by its dotted path, such as `"api.url"`."""
    parent, _, field = path.rpartition(".")
    return getattr(group(parent), field)


def refresh() -> None:
    """Forget what was read from the sources, so that the next use reads them again."""
    global _process
    with _lock:
        _process = _Process()
