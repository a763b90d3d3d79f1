"""What is said when a room is asked for that is not there.

Two kinds are absent: `prefect-client` leaves out `prefect.server`, `prefect.cli` and
`prefect.testing`; and some rooms of the public contract are not written yet. `install()` puts one
finder at the very end of `sys.meta_path`: Python asks it only for names that nothing else found,
so it costs nothing otherwise.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from importlib.machinery import ModuleSpec

__all__ = ["FULL_ONLY", "NOT_YET", "install", "missing_attribute", "not_yet"]

FULL_ONLY = frozenset({"prefect.server", "prefect.cli", "prefect.testing"})
"""The rooms that only the `prefect` distribution carries."""

NOT_YET = frozenset(
    {
        "prefect._experimental._launchers",
        "prefect._experimental.bundles",
        "prefect.agent",
        "prefect.analytics",
        "prefect.bundles",
        "prefect.deployments.base",
        "prefect.deployments.runner",
        "prefect.deployments.schedules",
        "prefect.deployments.steps",
        "prefect.docker",
        "prefect.infrastructure",
        "prefect.plugins",
        "prefect.runner",
        "prefect.task_runs",
        "prefect.task_worker",
        "prefect.telemetry",
        "prefect.utilities.engine",
        "prefect.workers",
    }
)
"""Rooms of the contract that are still to be written; docs/compatibility.md lists them too."""


def not_yet(what: str) -> str:
    """Say that something is still to be written, and where to look."""
    return (
        f"`{what}` is part of Prefect 3.9 but not of this implementation yet;"
        " docs/compatibility.md in its repository says by name what works."
    )


def missing_attribute(owner: object, name: str, to_come: "Container[str]") -> AttributeError:
    """Make the error for an attribute that an object lacks, for its `__getattr__`.

    Args:
        to_come: Attributes of the contract that are still to be written.
    """
    kind = type(owner).__name__
    if name in to_come:
        return AttributeError(not_yet(f"{kind}.{name}"))
    return AttributeError(f"{kind!r} object has no attribute {name!r}")


class _MissingRoomsFinder:
    """Turn a missing room into an error that says why it is missing and what to do."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        # No `name=` in these errors: with it, `from prefect import server` would swallow them.
        if name in FULL_ONLY:
            raise ModuleNotFoundError(
                f"`{name}` is not part of `prefect-client`, the light distribution installed here."
                " Run `pip install prefect` to add the server, the command line and the test"
                " tools."
            )
        if name in NOT_YET:
            raise ModuleNotFoundError(not_yet(name))
        return None


def install() -> None:
    """Add the finder to this process, once."""
    if _MissingRoomsFinder not in sys.meta_path:
        sys.meta_path.append(_MissingRoomsFinder)
