"""What is said when a part of the full distribution is asked for and only the light one is there.

`prefect-client` leaves out `prefect.server`, `prefect.cli` and `prefect.testing`. `install()` puts
one finder at the very end of `sys.meta_path`: Python asks it only for names that nothing else
found, so it costs nothing when the full distribution is installed.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["FULL_ONLY", "install"]

FULL_ONLY = frozenset({"prefect.server", "prefect.cli", "prefect.testing"})
"""The rooms that only the `prefect` distribution carries."""


class _FullOnlyFinder:
    """Turn a missing room of the full distribution into an error that says how to get it."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        if name in FULL_ONLY:
            raise ModuleNotFoundError(
                f"`{name}` is not part of `prefect-client`, the light distribution installed here."
                " Run `pip install prefect` to add the server, the command line and the test"
                " tools."
                # No `name=`: with it, `from prefect import server` would swallow this message.
            )
        return None


def install() -> None:
    """Add the finder to this process, once."""
    if _FullOnlyFinder not in sys.meta_path:
        sys.meta_path.append(_FullOnlyFinder)
