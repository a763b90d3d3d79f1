"""The sources of settings one by one, for code that puts its own settings together.

Each is made for a settings model and called without arguments; it then gives field → value, for
the fields it has a value for. The library itself reads them all at once, see `_sources`.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect.settings._files import read_dotenv, read_toml
from prefect.settings._sources import Layer, Sources, read_sources
from prefect.settings.constants import DEFAULT_PREFECT_HOME, DEFAULT_PROFILES_PATH

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from prefect.settings.base import PrefectBaseSettings

__all__ = [
    "DEFAULT_PREFECT_HOME",
    "DEFAULT_PREFECT_TOML_PATH",
    "DEFAULT_PROFILES_PATH",
    "DotenvType",
    "ENV_FILE_SENTINEL",
    "EnvFilterSettingsSource",
    "FilteredDotEnvSettingsSource",
    "PrefectTomlConfigSettingsSource",
    "ProfileSettingsTomlLoader",
    "PyprojectTomlConfigSettingsSource",
    "TomlConfigSettingsSourceBase",
]

DEFAULT_PREFECT_TOML_PATH = Path("prefect.toml")
"""Where settings of a project are kept."""

DotenvType = Path | str | Sequence[Path | str]
"""One `.env` file or several, of which later ones win."""

ENV_FILE_SENTINEL = Path("")
"""Stands for the `.env` file that the settings model names."""


class _Source:
    """One source, for one settings model."""

    def __init__(self, settings_cls: "type[PrefectBaseSettings]", layer: Layer) -> None:
        self.settings_cls = settings_cls
        self._layer = layer

    def get_field_value(self, field: "FieldInfo", field_name: str) -> tuple[Any, str, bool]:
        """Look up one field.

        Returns:
            Its value here or None, its name, and False: no value needs to be decoded.
        """
        return self().get(field_name), field_name, False

    def prepare_field_value(
        self, field_name: str, field: "FieldInfo", value: Any, value_is_complex: bool
    ) -> Any:
        """Return a value as it is; the settings model reads text itself."""
        return value

    def __call__(self) -> dict[str, Any]:
        return Sources([self._layer]).collect(self.settings_cls)


def _names(values: Mapping[str, Any], left_out: list[str] | None) -> dict[str, Any]:
    out = {name.upper() for name in left_out or ()}
    return {name.upper(): v for name, v in values.items() if name.upper() not in out}


class EnvFilterSettingsSource(_Source):
    """The process environment, without the names in `env_filter`.

    Of the other options, which the fields of the model decide, none has an effect.
    """

    def __init__(
        self,
        settings_cls: "type[PrefectBaseSettings]",
        case_sensitive: bool | None = None,
        env_prefix: str | None = None,
        env_nested_delimiter: str | None = None,
        env_ignore_empty: bool | None = None,
        env_parse_none_str: str | None = None,
        env_parse_enums: bool | None = None,
        env_filter: list[str] | None = None,
    ) -> None:
        names = _names(os.environ, env_filter)
        if env_ignore_empty:
            names = {name: value for name, value in names.items() if value}
        super().__init__(settings_cls, Layer("the process environment", names=names))


class FilteredDotEnvSettingsSource(_Source):
    """The `.env` file, without the names in `env_blacklist`."""

    def __init__(
        self,
        settings_cls: "type[PrefectBaseSettings]",
        env_file: DotenvType | None = ENV_FILE_SENTINEL,
        env_file_encoding: str | None = None,
        case_sensitive: bool | None = None,
        env_prefix: str | None = None,
        env_nested_delimiter: str | None = None,
        env_ignore_empty: bool | None = None,
        env_parse_none_str: str | None = None,
        env_parse_enums: bool | None = None,
        env_blacklist: list[str] | None = None,
    ) -> None:
        if env_file == ENV_FILE_SENTINEL:
            env_file = settings_cls.model_config.get("env_file", ".env")
        files = [env_file] if isinstance(env_file, (str, Path)) else (env_file or ())
        values: dict[str, str] = {}
        for file in files:
            values |= read_dotenv(str(file))
        names = _names(values, env_blacklist)
        if env_ignore_empty:
            names = {name: value for name, value in names.items() if value}
        super().__init__(settings_cls, Layer("the .env file", names=names))


class TomlConfigSettingsSourceBase(_Source):
    """A TOML file; subclasses say which, and below which table the settings are."""

    def __init__(self, settings_cls: "type[PrefectBaseSettings]") -> None:
        super().__init__(settings_cls, Layer(str(self._file()), tables=self._tables()))

    def _file(self) -> Path:
        return DEFAULT_PREFECT_TOML_PATH

    def _tables(self) -> Mapping[str, Any]:
        return read_toml(self._file()) or {}


class PrefectTomlConfigSettingsSource(TomlConfigSettingsSourceBase):
    """The file `prefect.toml` in the working directory."""


class PyprojectTomlConfigSettingsSource(TomlConfigSettingsSourceBase):
    """The table `tool.prefect` of `pyproject.toml` in the working directory."""

    def _file(self) -> Path:
        return Path("pyproject.toml")

    def _tables(self) -> Mapping[str, Any]:
        return Layer("", tables=super()._tables()).table(("tool", "prefect"))


class ProfileSettingsTomlLoader(_Source):
    """The active profile."""

    def __init__(self, settings_cls: "type[PrefectBaseSettings]") -> None:
        sources = read_sources()
        super().__init__(settings_cls, sources.profile_layer())
