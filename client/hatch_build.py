"""Hand hatchling the files of the light distribution.

`prefect-client` is `src/prefect` minus the rooms that only the full distribution carries. The
sources lie inside the project when it was unpacked from its sdist, and next door in the
repository; neither `force-include` of a folder (it ignores `exclude`) nor a symlink (hatchling
skips what it has seen) can say that, so this hook lists the files one by one. Into the wheel it
also writes `prefect/_build_info.py`, which saves `prefect.__version__` a search through the
installed metadata. Never used at run time.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEFT_OUT = frozenset({"cli", "server", "testing"})
"""Rooms of `src/prefect` that the `prefect` distribution carries."""

GENERATED = frozenset({"_build_info.py"})
"""Files of `src/prefect` that only a build makes; a stale one is never shipped."""


def light_files(package: Path) -> list[str]:
    """List the files of the light distribution.

    Returns:
        Paths relative to `package`, with slashes, sorted.
    """
    listed = []
    for path in package.rglob("*"):
        relative = path.relative_to(package)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
        if hidden or path.suffix in {".pyc", ".pyo"} or not path.is_file():
            continue
        if relative.parts[0] not in LEFT_OUT and relative.as_posix() not in GENERATED:
            listed.append(relative.as_posix())
    return sorted(listed)


def find_package(root: Path) -> Path:
    """Find `src/prefect`: inside an unpacked sdist first, else next door in the repository."""
    for candidate in (root / "src" / "prefect", root.parent / "src" / "prefect"):
        if (candidate / "__init__.py").is_file():
            return candidate
    raise FileNotFoundError(
        f"No src/prefect in {str(root)!r} nor beside it; build prefect-client from its sdist or"
        " from a checkout of the whole repository"
    )


class LightFiles(BuildHookInterface):  # type: ignore[type-arg]  # the config type is hatchling's own
    """Add the files to the sdist (under `src/`) or to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill `build_data["force_include"]`; an editable install is a path entry instead."""
        if version == "editable":
            return
        package = find_package(Path(self.root))
        target = "src/prefect" if self.target_name == "sdist" else "prefect"
        chosen = {str(package / name): f"{target}/{name}" for name in light_files(package)}
        if self.target_name == "wheel":
            self._scratch = Path(tempfile.mkdtemp(prefix="prefect-client-build-"))
            build_info = self._scratch / "_build_info.py"
            build_info.write_text(
                f'"""Written by the build."""\n\n__version__ = {self.metadata.version!r}\n',
                encoding="utf-8",
            )
            chosen[str(build_info)] = "prefect/_build_info.py"
        build_data["force_include"].update(chosen)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the scratch folder of `initialize`."""
        scratch = getattr(self, "_scratch", None)
        if scratch is not None:
            shutil.rmtree(scratch)
