"""Settings of features that may still change."""

from typing import TYPE_CHECKING

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

if TYPE_CHECKING:
    from prefect.settings.models.plugins import PluginsSettings

__all__ = ["ExperimentsSettings"]


class ExperimentsSettings(PrefectBaseSettings):
    """How experimental features behave."""

    model_config = build_settings_config(("experiments",))

    warn: bool = setting(
        True,
        "Whether the use of an experimental feature gives a warning.",
        aliases=("PREFECT_EXPERIMENTAL_WARN",),
    )

    @property
    def plugins(self) -> "PluginsSettings":
        """Return the settings of plugins, which have left the experiments."""
        from prefect.settings._current import group  # late: another group

        return group("plugins")
