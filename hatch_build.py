"""Pin the full distribution to the light one of the same version.

`prefect` carries only the server, the command line and the test tools; the rest of its package
comes from `prefect-client`, built from the same commit. Neither works with a stranger's half, so
the requirement is exact, and because the version comes from git it cannot be written down in
`pyproject.toml`. Used by hatchling while building, never at run time.
"""

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class ExactPin(MetadataHookInterface):
    """Fill in the dynamic field `dependencies`."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Require `prefect-client` in this very version."""
        metadata["dependencies"] = [f"prefect-client=={metadata['version']}"]
