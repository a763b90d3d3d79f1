"""Keep pydantic from searching all installed distributions for plugins.

Before it builds its first validator, pydantic reads the entry points of every distribution: 25 ms
where a whole submit takes 200, for plugins (they observe validation) that have no business with
wire models and settings. Pydantic has a setting to disable plugins, but reads it only after the
costly import, and for the whole process; models of users keep their plugins here. The module named
below is private to pydantic: if it moves, only the time is lost. This can go once pydantic imports
`importlib.metadata` only for plugins that are there.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["without_plugin_search"]

_PLUGIN_LOADER = "pydantic.plugin._loader"


@contextmanager
def without_plugin_search() -> Iterator[None]:
    """Build validators inside the block without looking for plugins.

    Once something has loaded the plugins, or when other threads may be building models of their
    own, nothing is changed.
    """
    if _PLUGIN_LOADER in sys.modules or threading.active_count() > 1:
        yield
        return
    nothing = ModuleType(_PLUGIN_LOADER)
    nothing.get_plugins = tuple  # type: ignore[attr-defined]  # a function that returns no plugins
    sys.modules[_PLUGIN_LOADER] = nothing
    try:
        yield
    finally:
        if sys.modules.get(_PLUGIN_LOADER) is nothing:
            del sys.modules[_PLUGIN_LOADER]
