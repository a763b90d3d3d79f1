"""Settings of the package's own workings."""

from prefect.settings._parsing import LogLevel
from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = ["InternalSettings", "LogLevel"]


class InternalSettings(PrefectBaseSettings):
    """What the package tells about itself."""

    model_config = build_settings_config(("internal",))

    logging_level: LogLevel = setting(
        "ERROR",
        "Lowest level of the package's own log messages; `DEBUG` in debug and test mode.",
        aliases=("PREFECT_LOGGING_INTERNAL_LEVEL",),
    )

    def derive(self, get: Lookup) -> None:
        """Log everything in debug and test mode."""
        if get("debug_mode") or get("testing.test_mode"):
            self._overrule("logging_level", "DEBUG")
