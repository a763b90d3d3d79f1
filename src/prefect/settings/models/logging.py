"""Settings of logging."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from prefect.settings._parsing import LogLevel, Words
from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = [
    "LogLevel",
    "LoggingSettings",
    "LoggingToAPISettings",
    "max_log_size_smaller_than_batch_size",
]


class LoggingToAPISettings(PrefectBaseSettings):
    """How logs of runs are sent to the API."""

    model_config = build_settings_config(("logging", "to_api"))

    enabled: bool = setting(True, "Whether logs of runs are sent to the API.")
    batch_interval: float = setting(
        2.0, "Longest time that a log message waits for others before it is sent, in seconds."
    )
    batch_size: int = setting(
        4_000_000, "Largest batch of log messages that is sent at once, in bytes."
    )
    max_log_size: int = setting(
        1_000_000,
        "Longest log message that is sent, in bytes; with Prefect Cloud at most"
        " `cloud.max_log_size`.",
    )
    when_missing_flow: Literal["warn", "error", "ignore"] = setting(
        "warn",
        "What happens when a run's logger is used outside of a run: `warn`, `error` or `ignore`.",
    )

    @model_validator(mode="after")
    def _one_log_fits_a_batch(self) -> "LoggingToAPISettings":
        max_log_size_smaller_than_batch_size(
            {"batch_size": self.batch_size, "max_log_size": self.max_log_size}
        )
        return self

    def derive(self, get: Lookup) -> None:
        """Keep to the length of a log message that Prefect Cloud accepts."""
        url = get("api.url")
        if url and url.startswith(get("cloud.api_url")):
            limit: int = get("cloud.max_log_size")
            self._overrule("max_log_size", min(self.max_log_size, limit))


class LoggingSettings(PrefectBaseSettings):
    """What is logged, and how it looks."""

    model_config = build_settings_config(("logging",))

    level: LogLevel = setting(
        "INFO", "Lowest level of the messages that are logged; `DEBUG` in debug and test mode."
    )
    config_path: Path = setting(
        default_factory=Path,  # see `derive`
        description="YAML file that configures logging; `logging.yml` in the home directory when"
        " not set.",
        aliases=("PREFECT_LOGGING_SETTINGS_PATH",),
    )
    extra_loggers: Words = setting(
        None, "Names of further loggers whose messages count as those of a run."
    )
    log_prints: bool = setting(False, "Whether what flows and tasks print is logged.")
    colors: bool = setting(True, "Whether log lines on a terminal are coloured.")
    markup: bool = setting(
        False, "Whether square brackets in log messages are read as markup for colours."
    )
    to_api: LoggingToAPISettings = Field(
        default_factory=LoggingToAPISettings, description="Sending logs to the API."
    )

    def derive(self, get: Lookup) -> None:
        """Log everything in debug and test mode; look for the configuration in the home."""
        if get("debug_mode") or get("testing.test_mode"):
            self._overrule("level", "DEBUG")
        self._derive_default("config_path", get("home") / "logging.yml")


def max_log_size_smaller_than_batch_size(values: dict[str, Any]) -> dict[str, Any]:
    """Check that one log message fits into a batch.

    Raises:
        ValueError: `max_log_size` is larger than `batch_size`.
    """
    batch_size, max_log_size = values.get("batch_size"), values.get("max_log_size")
    if batch_size is not None and max_log_size is not None and batch_size < max_log_size:
        raise ValueError(
            f"PREFECT_LOGGING_TO_API_MAX_LOG_SIZE is {max_log_size}, more than the"
            f" {batch_size} bytes of PREFECT_LOGGING_TO_API_BATCH_SIZE; lower the first or raise"
            " the second"
        )
    return values
