"""Places that settings are read from when nobody says otherwise.

Used by the sources, the profiles and tools that show where a file is expected. Nothing here is
opened, created or checked when this module is imported.
"""

import os
from pathlib import Path

__all__ = ["DEFAULT_PREFECT_HOME", "DEFAULT_PROFILES_PATH"]

DEFAULT_PREFECT_HOME = Path(os.path.expanduser("~/.prefect"))
"""The home directory of a user who has not set `PREFECT_HOME`."""

DEFAULT_PROFILES_PATH = Path(__file__).parent / "profiles.toml"
"""The profiles that come with the package; the user's file adds to them."""
