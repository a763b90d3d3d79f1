"""Settings of plugins."""

from prefect.settings._parsing import WordSet
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["PluginsSettings"]


class PluginsSettings(PrefectBaseSettings):
    """Which plugins run before flows and workers start."""

    model_config = build_settings_config(("plugins",))

    enabled: bool = setting(
        False,
        "Whether plugins are looked for and set up.",
        aliases=("PREFECT_EXPERIMENTS_PLUGINS_ENABLED",),
    )
    allow: WordSet = setting(
        None,
        "Names of the only plugins that may run, separated by commas; all when empty.",
        aliases=("PREFECT_EXPERIMENTS_PLUGINS_ALLOW",),
    )
    deny: WordSet = setting(
        None,
        "Names of plugins that may not run, separated by commas.",
        aliases=("PREFECT_EXPERIMENTS_PLUGINS_DENY",),
    )
    setup_timeout_seconds: float = setting(
        20.0,
        "Longest time that setting up one plugin may take, in seconds.",
        aliases=("PREFECT_EXPERIMENTS_PLUGINS_SETUP_TIMEOUT_SECONDS",),
    )
    strict: bool = setting(
        False,
        "Whether a plugin that fails stops the program.",
        aliases=("PREFECT_EXPERIMENTS_PLUGINS_STRICT",),
    )
    safe_mode: bool = setting(
        False,
        "Whether plugins are found but not run.",
        aliases=("PREFECT_EXPERIMENTS_PLUGINS_SAFE_MODE",),
    )
