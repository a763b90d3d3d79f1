"""How the steps of a bundle are started: the command that stands before them.

A launcher is a command for both sides, or a mapping with one for `upload` (the machine that
submits) and one for `execution` (the infrastructure that runs).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

__all__ = [
    "BundleLauncher",
    "BundleLauncherOverride",
    "BundleLauncherSide",
    "get_launcher_for_side",
    "normalize_launcher",
    "resolve_bundle_step_with_launcher",
    "validate_bundle_step_launcher",
]

BundleLauncherSide = Literal["upload", "execution"]


class BundleLauncherOverride(TypedDict, total=False):
    """The commands of the two sides."""

    upload: list[str]
    execution: list[str]


BundleLauncher = list[str] | BundleLauncherOverride

_SIDES = ("upload", "execution")


def validate_bundle_step_launcher(launcher: Any, *, field_name: str = "launcher") -> list[str]:
    """Check that a launcher's command is a list of texts that is not empty.

    Args:
        launcher: The command.
        field_name: What it is called in the message.

    Raises:
        ValueError: If it is something else.
    """
    if (
        not isinstance(launcher, list)
        or not launcher
        or not all(isinstance(part, str) and part for part in launcher)
    ):
        raise ValueError(f"{field_name} must be a list of texts with a command, got {launcher!r}")
    return list(launcher)


def normalize_launcher(launcher: BundleLauncher | None) -> BundleLauncherOverride | None:
    """Give a launcher as a mapping of side → command.

    Raises:
        TypeError: If it is neither a list nor a mapping.
        ValueError: If it has other sides, or one has no command.
    """
    if launcher is None:
        return None
    if isinstance(launcher, list):
        command = validate_bundle_step_launcher(launcher)
        return {"upload": command, "execution": list(command)}
    if not isinstance(launcher, Mapping):
        raise TypeError(
            f"launcher must be a list of texts or a mapping of {_SIDES}, but got {launcher!r}"
        )
    unknown = sorted(set(launcher) - set(_SIDES))
    if unknown:
        raise ValueError(f"launcher has the sides {_SIDES}, but got {unknown}")
    normalized: BundleLauncherOverride = {}
    if "upload" in launcher:
        normalized["upload"] = validate_bundle_step_launcher(
            launcher["upload"], field_name="launcher['upload']"
        )
    if "execution" in launcher:
        normalized["execution"] = validate_bundle_step_launcher(
            launcher["execution"], field_name="launcher['execution']"
        )
    return normalized


def get_launcher_for_side(
    launcher: BundleLauncher | None, side: BundleLauncherSide
) -> list[str] | None:
    """Give the command of one side; None if there is none."""
    normalized = normalize_launcher(launcher)
    return None if normalized is None else normalized.get(side)


def resolve_bundle_step_with_launcher(
    step: dict[str, Any], launcher: BundleLauncher | None, side: BundleLauncherSide
) -> dict[str, Any]:
    """Give a step with the command of one side as its `launcher`.

    Args:
        step: The step: its function → its arguments. Anything else comes back as it is.
        launcher: The launcher; None leaves the step's own.
        side: The side.
    """
    command = get_launcher_for_side(launcher, side)
    if command is None or len(step) != 1:
        return step
    ((function, arguments),) = step.items()
    if not isinstance(arguments, Mapping):
        return step
    return {function: {**arguments, "launcher": command}}
