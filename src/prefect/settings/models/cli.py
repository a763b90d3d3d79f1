"""Settings of the command line."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["CLISettings"]


class CLISettings(PrefectBaseSettings):
    """How the command line looks and asks."""

    model_config = build_settings_config(("cli",))

    colors: bool = setting(True, "Whether the command line writes in colours.")
    prompt: bool | None = setting(
        None, "Whether commands may ask questions; found out from the terminal when not set."
    )
    wrap_lines: bool = setting(
        True, "Whether the command line wraps long lines to the width of the terminal."
    )
