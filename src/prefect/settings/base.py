"""The base of every settings model: a pydantic model that fills itself from the sources.

A settings model stands for one table of settings: `build_settings_config(("client", "metrics"))`
puts it at `PREFECT_CLIENT_METRICS_*` in the environment and at `[client.metrics]` in
`prefect.toml`. Constructing it reads the sources; arguments of the constructor come first.
Integration packages derive their own settings from `PrefectBaseSettings` in the same way.

A field is the only declaration of a setting: its name, type, default, description and further
names. `setting(...)` is how our own models write one.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticUndefined, ValidationError

from prefect.settings.sources import ambient_sources

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "PrefectBaseSettings",
    "PrefectSettingsConfigDict",
    "build_settings_config",
    "setting",
]

Lookup = Callable[[str], Any]
"""Gives the value of another setting by its dotted path, for defaults that depend on it."""

within_tree: ContextVar[bool] = ContextVar("prefect_settings_within_tree", default=False)
"""Whether a model is being made as a part of `Settings`, which derives defaults at the end."""


class PrefectSettingsConfigDict(ConfigDict, total=False):
    """What a settings model says about where its settings live."""

    env_prefix: str
    env_file: str
    toml_file: str
    prefect_toml_table_header: tuple[str, ...]
    pyproject_toml_table_header: tuple[str, ...]


def build_settings_config(
    path: tuple[str, ...] = (), frozen: bool = False
) -> PrefectSettingsConfigDict:
    """Place a settings model in the tree of settings.

    Args:
        path: Names of the tables that lead to the model; empty for the root.
        frozen: Whether fields of an instance may not be assigned.

    Returns:
        The `model_config` of the model.
    """
    return PrefectSettingsConfigDict(
        env_prefix="_".join(("PREFECT", *(part.upper() for part in path), "")),
        env_file=".env",
        toml_file="prefect.toml",
        prefect_toml_table_header=path,
        pyproject_toml_table_header=("tool", "prefect", *path),
        extra="ignore",
        frozen=frozen,
    )


def setting(
    default: Any = PydanticUndefined,
    description: str = "",
    *,
    aliases: tuple[str, ...] = (),
    **options: Any,
) -> Any:
    """Declare one setting as a field of a settings model.

    Args:
        default: Its value when no source has one; leave it out when giving `default_factory`.
        description: One sentence, the unit included, as it appears in the documentation.
        aliases: Further environment names that are accepted for it, most preferred first.
        options: Bounds and what else `pydantic.Field` takes.
    """
    if aliases:
        options["json_schema_extra"] = {"aliases": list(aliases)}
    return Field(default, description=description, **options)


class PrefectBaseSettings(BaseModel):
    """A table of settings whose fields are filled from the sources when it is constructed."""

    model_config = PrefectSettingsConfigDict(
        arbitrary_types_allowed=True,
        defer_build=True,
        env_prefix="",
        extra="ignore",
        populate_by_name=True,
        protected_namespaces=(),
        validate_default=True,
    )

    def __init__(self, **values: Any) -> None:
        with ambient_sources() as sources:
            merged = sources.collect(type(self))
            merged.update(values)
            try:
                super().__init__(**merged)
            except ValidationError as error:
                from prefect.settings._errors import explained  # only needed on failure

                raise explained(error, type(self), sources, values) from None
            if not within_tree.get():
                from prefect.settings._current import lookup  # late: it builds models

                self.derive(lookup)

    def derive(self, get: Lookup) -> None:
        """Fill what no source has and whose default depends on other settings.

        Args:
            get: Gives the value of another setting by its dotted path.
        """

    def _derive_default(self, field: str, value: Any) -> None:
        if field not in self.model_fields_set:
            self.__dict__[field] = value  # not an assignment: the field counts as unset

    @classmethod
    def table_path(cls) -> tuple[str, ...]:
        """Names of the tables that lead to this model, as in `prefect.toml`."""
        return cls.model_config.get("prefect_toml_table_header", ())

    @classmethod
    def is_secret(cls, field: str) -> bool:
        """Tell whether a field holds a secret, which is never shown."""
        return _holds_secret(cls.model_fields[field].annotation)

    @classmethod
    def env_names(cls) -> dict[str, tuple[str, ...]]:
        """Field → the environment names it is read from, most preferred first."""
        names = cls.__dict__.get("_prefect_env_names")
        if names is None:
            prefix = cls.model_config.get("env_prefix", "")
            names = {
                field: (f"{prefix}{field}".upper(), *_aliases(info))
                for field, info in cls.model_fields.items()
            }
            cls._prefect_env_names = names
        return names


def _holds_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(map(_holds_secret, get_args(annotation)))


def _aliases(info: "FieldInfo") -> tuple[str, ...]:
    """Further environment names of a field: those of `setting`, or of a validation alias."""
    extra = info.json_schema_extra
    names = list(extra.get("aliases", ())) if isinstance(extra, dict) else []
    alias = info.validation_alias
    for choice in getattr(alias, "choices", None) or [alias]:
        if isinstance(choice, str):
            names.append(choice.upper())
    return tuple(names)
