"""Settings of results."""

from pathlib import Path

from prefect.settings.base import Lookup, PrefectBaseSettings, build_settings_config, setting

__all__ = ["ResultsSettings"]


class ResultsSettings(PrefectBaseSettings):
    """How and where results of flows and tasks are kept."""

    model_config = build_settings_config(("results",))

    default_serializer: str = setting("pickle", "Serializer of results whose author names none.")
    persist_by_default: bool = setting(
        False, "Whether results are kept when their author does not say."
    )
    default_storage_block: str | None = setting(
        None,
        "Block that stores results when none is named, as `type/name`.",
        aliases=("PREFECT_DEFAULT_RESULT_STORAGE_BLOCK",),
    )
    local_storage_path: Path = setting(
        default_factory=Path,  # see `derive`
        description="Directory of results on this machine; `storage` in the home directory when"
        " not set.",
        aliases=("PREFECT_LOCAL_STORAGE_PATH",),
    )

    def derive(self, get: Lookup) -> None:
        """Keep results in the home directory."""
        self._derive_default("local_storage_path", get("home") / "storage")
