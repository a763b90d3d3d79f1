"""Settings of runners, which serve flows from a process."""

from pydantic import Field

from prefect.settings._parsing import LogLevel
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["LogLevel", "RunnerServerSettings", "RunnerSettings"]


class RunnerServerSettings(PrefectBaseSettings):
    """The status page of a runner."""

    model_config = build_settings_config(("runner", "server"))

    enable: bool = setting(False, "Whether a runner serves its status over HTTP.")
    host: str = setting("localhost", "Address at which the status is served.")
    port: int = setting(8080, "Port at which the status is served.")
    log_level: LogLevel = setting("ERROR", "Lowest level of the log messages of the status server.")
    missed_polls_tolerance: int = setting(
        2, "How many polls in a row a runner may miss before its status is bad."
    )


class RunnerSettings(PrefectBaseSettings):
    """How a runner finds and starts flow runs."""

    model_config = build_settings_config(("runner",))

    process_limit: int = setting(5, "Most flow runs that a runner has running at once.")
    poll_frequency: int = setting(
        10, "Time between two looks for flow runs that are due, in seconds."
    )
    crash_on_cancellation_failure: bool = setting(
        False, "Whether a runner marks a flow run as crashed when it cannot stop it."
    )
    auto_install_dependencies: bool = setting(
        False, "Whether a runner installs what a flow run needs before it starts it."
    )
    server: RunnerServerSettings = Field(
        default_factory=RunnerServerSettings, description="Status page of a runner."
    )

    @property
    def heartbeat_frequency(self) -> int | None:
        """Return the seconds between heartbeats of a flow run, now a setting of flows."""
        from prefect.settings._current import group  # late: another group

        return group("flows").heartbeat_frequency
