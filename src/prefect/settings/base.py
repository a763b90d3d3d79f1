"""The base of every settings model: a pydantic model that fills itself from the sources.

A settings model stands for one table of settings: `build_settings_config(("client", "metrics"))`
puts it at `PREFECT_CLIENT_METRICS_*` in the environment and at `[client.metrics]` in
`prefect.toml`. Constructing it reads the sources; arguments of the constructor come first.
Integration packages derive their own settings from `PrefectBaseSettings` in the same way.

A field is the only declaration of a setting: its name, type, default, description and further
names. `setting(...)` is how our own models write one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeGuard, get_args, get_origin
from weakref import WeakKeyDictionary

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticUndefined, ValidationError, to_jsonable_python

from prefect._internal.schemas.plugins import without_plugin_search
from prefect.settings._sources import Sources, ambient_sources

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = [
    "PrefectBaseSettings",
    "PrefectSettingsConfigDict",
    "build_settings_config",
    "is_group",
    "is_secret_type",
    "setting",
    "text_of",
    "underived",
]

Lookup = Callable[[str], Any]
"""Gives the value of another setting by its dotted path, for defaults that depend on it."""

_within: ContextVar[bool] = ContextVar("prefect_settings_within", default=False)
"""Whether a model is being made as a part of another one, which derives defaults at the end."""


@contextmanager
def underived() -> Iterator[None]:
    """Let settings models be constructed without their derived defaults."""
    token = _within.set(True)
    try:
        yield
    finally:
        _within.reset(token)


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

    @classmethod
    def model_rebuild(cls, **kwargs: Any) -> bool | None:
        """Build the validator; pydantic calls it when the model is first used."""
        # Where forward references are looked up is counted in frames, and this is one more.
        depth = kwargs.pop("_parent_namespace_depth", 2) + 1
        with without_plugin_search():
            return super().model_rebuild(_parent_namespace_depth=depth, **kwargs)

    def __init__(self, **values: Any) -> None:
        outermost = not _within.get()
        token = _within.set(True)
        try:
            with ambient_sources() as sources:
                merged = sources.collect(type(self))
                merged.update(values)
                try:
                    super().__init__(**merged)
                except ValidationError as error:
                    from prefect.settings._errors import explained  # only needed on failure

                    raise explained(error, type(self), sources, values) from None
                if outermost:
                    self.derive_all(self._lookup(sources))
        finally:
            _within.reset(token)

    def _lookup(self, sources: Sources) -> Lookup:
        return sources.lookup

    def derive_all(self, get: Lookup) -> None:
        """Derive the defaults of this model and of those below it."""
        for value in self.__dict__.values():
            if isinstance(value, PrefectBaseSettings):
                value.derive_all(get)
        self.derive(get)

    def derive(self, get: Lookup) -> None:
        """Fill what no source has and whose default depends on other settings.

        Args:
            get: Gives the value of another setting by its dotted path.
        """

    def _derive_default(self, field: str, value: Any) -> None:
        if field not in self.model_fields_set:
            self.__dict__[field] = value  # not an assignment: the field counts as unset

    def _overrule(self, field: str, value: Any) -> None:
        self.__dict__[field] = value

    def to_environment_variables(
        self,
        exclude_unset: bool = False,
        include_secrets: bool = True,
        include_aliases: bool = False,
    ) -> dict[str, str]:
        """Write the settings as environment variables that give the same settings again.

        Args:
            exclude_unset: Leave out what no source and no argument has set.
            include_secrets: Write secrets in the clear; else as asterisks.
            include_aliases: Write each value also under the further names of its setting.

        Returns:
            Name → text; settings without a value are left out.
        """
        variables: dict[str, str] = {}
        own = type(self).env_names()
        for field in type(self).model_fields:
            value = getattr(self, field)
            if isinstance(value, PrefectBaseSettings):
                variables |= value.to_environment_variables(
                    exclude_unset, include_secrets, include_aliases
                )
                continue
            names = own[field]
            if value is None or (exclude_unset and field not in self.model_fields_set):
                continue
            text = text_of(value, include_secrets)
            for name in names if include_aliases else names[:1]:
                variables[name] = text
        return variables

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: "type[PrefectBaseSettings]",
        init_settings: Any,
        env_settings: Any,
        dotenv_settings: Any,
        file_secret_settings: Any,
    ) -> tuple[Any, ...]:
        """Name the sources of a model, strongest first.

        Returns:
            What was passed for the arguments of the constructor, then one source per place that
            this package reads. Each is a callable that gives field → value.
        """
        from prefect.settings import sources  # late: the classes are rarely needed

        return (
            init_settings,
            sources.EnvFilterSettingsSource(settings_cls),
            sources.FilteredDotEnvSettingsSource(settings_cls),
            sources.PrefectTomlConfigSettingsSource(settings_cls),
            sources.PyprojectTomlConfigSettingsSource(settings_cls),
            sources.ProfileSettingsTomlLoader(settings_cls),
        )

    @classmethod
    def table_path(cls) -> tuple[str, ...]:
        """Names of the tables that lead to this model, as in `prefect.toml`."""
        return cls.model_config.get("prefect_toml_table_header", ())

    @classmethod
    def is_secret(cls, field: str) -> bool:
        """Tell whether a field holds a secret, which is never shown."""
        return is_secret_type(cls.model_fields[field].annotation)

    @classmethod
    def env_names(cls) -> dict[str, tuple[str, ...]]:
        """Field → the environment names it is read from, most preferred first.

        Groups below are not among the fields: they read the sources themselves.
        """
        names = _env_names.get(cls)
        if names is None:
            prefix = cls.model_config.get("env_prefix", "")
            names = _env_names[cls] = {
                field: (f"{prefix}{field}".upper(), *_aliases(info))
                for field, info in cls.model_fields.items()
                if not is_group(info.annotation)
            }
        return names


_env_names: WeakKeyDictionary[type[PrefectBaseSettings], dict[str, tuple[str, ...]]]
_env_names = WeakKeyDictionary()


def is_group(annotation: Any) -> TypeGuard[type[PrefectBaseSettings]]:
    """Tell whether the type of a field is a settings model, so that the field is a group."""
    # On Python 3.10 `list[str]` passes for a class, but not with `issubclass`.
    is_class = isinstance(annotation, type) and get_origin(annotation) is None
    return is_class and issubclass(annotation, PrefectBaseSettings)


def text_of(value: Any, include_secrets: bool = True) -> str:
    """Write a value as it stands in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value() if include_secrets else str(value)
    if isinstance(value, timedelta):
        return str(to_jsonable_python(value))
    if isinstance(value, (set, frozenset)):
        return ",".join(sorted(map(str, value)))
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))  # in their order: of retry delays, it counts
    if isinstance(value, dict):
        import json  # only where there is a mapping

        return json.dumps(to_jsonable_python(value))
    return str(value)


def is_secret_type(annotation: Any) -> bool:
    """Tell whether a type, or a part of it, is `SecretStr`."""
    return annotation is SecretStr or any(map(is_secret_type, get_args(annotation)))


def _aliases(info: "FieldInfo") -> tuple[str, ...]:
    """Further environment names of a field: those of `setting`, or of a validation alias."""
    extra = info.json_schema_extra
    declared = extra.get("aliases", ()) if isinstance(extra, dict) else ()
    alias = info.validation_alias
    choices = getattr(alias, "choices", None) or [alias]
    names = [*declared, *choices] if isinstance(declared, (list, tuple)) else choices
    return tuple(dict.fromkeys(name.upper() for name in names if isinstance(name, str)))
