"""Find the class of a block type: among those loaded, ours, and those of installed packages.

Integration packages name their modules in the entry points of the group `prefect.collections`;
they are imported only when a block type is asked for that nothing loaded so far defines.
"""

import importlib
import re
import threading
from typing import TYPE_CHECKING, Any

from prefect.utilities.dispatch import get_registry_for_type

if TYPE_CHECKING:
    from prefect.blocks.core import Block
    from prefect.client.schemas.objects import BlockType

__all__ = ["ENTRY_POINT_GROUP", "find_class", "package_of"]

ENTRY_POINT_GROUP = "prefect.collections"

_NOTIFICATIONS = (
    "custom-webhook",
    "discord-webhook",
    "mattermost-webhook",
    "ms-teams-webhook",
    "opsgenie-webhook",
    "pager-duty-webhook",
    "sendgrid-email",
    "slack-webhook",
    "twilio-sms",
)
_BUILT_IN = {
    "local-file-system": "prefect.filesystems",
    "redis-storage-container": "prefect.blocks.redis",
    "remote-file-system": "prefect.filesystems",
    "secret": "prefect.blocks.system",
    "smb": "prefect.filesystems",
    "webhook": "prefect.blocks.webhook",
    **dict.fromkeys(_NOTIFICATIONS, "prefect.blocks.notifications"),
}
"""Slug of a block type → our module that defines it."""

_lock = threading.RLock()
_outcomes: dict[str, str | None] = {}
"""Entry point → why its module cannot be imported, None if it was; tried once per process."""


def find_class(slug: str, block_type: "BlockType | None" = None) -> "type[Block]":
    """Give the class of a block type.

    Args:
        slug: Of the block type.
        block_type: What the server says about it; its example names the package.

    Raises:
        UnknownBlockType: If nothing installed here defines it; says what to install.
    """
    from prefect.blocks.core import Block, UnknownBlockType  # they import this module

    registry: dict[str, type[Block]] = get_registry_for_type(Block) or {}
    if slug not in registry and slug in _BUILT_IN:
        importlib.import_module(_BUILT_IN[slug])
    if slug not in registry:
        _import_collections(registry, slug, package_of(block_type))
    if slug not in registry:
        raise UnknownBlockType(_explain(slug, block_type))
    return registry[slug]


def package_of(block_type: "BlockType | None") -> str | None:
    """Give the top-level module that the example of a block type imports; None if it has none."""
    example = (block_type and block_type.code_example) or ""
    found = re.search(r"^\s*(?:from|import)\s+([A-Za-z_]\w*)", example, re.MULTILINE)
    return found[1] if found and found[1] not in ("__main__", "prefect") else None


def _import_collections(registry: dict[str, Any], slug: str, package: str | None) -> None:
    """Import the modules of integration packages until one defines the block type."""
    from importlib.metadata import entry_points

    # The package that the server names goes first: the others need not be imported then.
    points = sorted(
        entry_points(group=ENTRY_POINT_GROUP), key=lambda point: point.module != package
    )
    for point in points:
        if slug in registry:
            return
        with _lock:
            if point.value not in _outcomes:
                _outcomes[point.value] = _try(point)


def _try(point: Any) -> str | None:
    try:
        point.load()
    except Exception as error:  # a boundary: whatever the package's own code raises
        return f"{type(error).__name__}: {error}"
    return None


def _explain(slug: str, block_type: "BlockType | None") -> str:
    package = package_of(block_type)
    failed = {value: reason for value, reason in _outcomes.items() if reason is not None}
    own = package and failed.get(package)
    message = f"Nothing installed here defines the block type {slug!r}."
    if own:
        return f"{message} The package {package!r}, which does, cannot be imported: {own}"
    if package:
        message += f" It is defined in {package!r}: run `pip install {package.replace('_', '-')}`."
    else:
        message += " Import the module that defines its class, or install its package."
    if failed:
        reasons = "; ".join(f"{value!r}: {reason}" for value, reason in failed.items())
        message += f" These installed packages could not be imported: {reasons}"
    return message
