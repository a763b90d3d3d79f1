"""Optional dependencies: imported where they are used, missed with an error that names the extra.

Used by every room that can do more when a further package is installed. Nothing here imports one
of them on its own account.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["require"]


def require(module: str, *, extra: str, what: str) -> ModuleType:
    """Import an optional module.

    Args:
        module: Dotted name of the module, `"yaml"` or `"jinja2.sandbox"`.
        extra: The extra of `prefect-client` that installs it.
        what: What it is needed for, as the start of a sentence: `"reading logging.yml"`.

    Raises:
        PrefectImportError: If the module, or one that it needs, is not installed.
    """
    loaded = sys.modules.get(module)
    if loaded is not None:
        return loaded
    import importlib

    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        from prefect.exceptions import PrefectImportError

        raise PrefectImportError(
            f"{what[:1].upper()}{what[1:]} needs the package {error.name or module!r}, which is not"
            f' installed here. Run `pip install "prefect-client[{extra}]"` to add it.'
        ) from error
