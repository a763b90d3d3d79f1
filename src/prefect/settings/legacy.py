"""The constants `PREFECT_...`: one object per setting, by its environment name.

`PREFECT_API_URL.value()` reads the setting that applies here; the object is also the key by which
`temporary_settings` and profiles name a setting. `prefect.settings` makes them when they are first
asked for, from the fields of the settings models.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.settings._sources import GROUPS, group_model, subgroups
from prefect.settings.base import PrefectBaseSettings, is_secret_type

if TYPE_CHECKING:
    from prefect.settings.models.root import Settings

__all__ = ["Setting", "accessor_of", "all_settings", "get_setting"]


class Setting:
    """One setting: its name, its type, and where to find its value.

    Its text is the text of its current value; it is equal to another of the same name.
    """

    def __init__(self, name: str, default: Any, type_: Any, accessor: str | None = None) -> None:
        self._name = name
        self._default = default
        self._type = type_
        self.accessor = accessor if accessor is not None else _accessor(name)

    @property
    def name(self) -> str:
        """Its environment name."""
        return self._name

    @property
    def is_secret(self) -> bool:
        """Whether its value is never shown."""
        return is_secret_type(self._type)

    def default(self) -> Any:
        """Return its value when no source has one, as declared."""
        return self._default

    def value(self) -> Any:
        """Return its value that applies here; a secret as plain text."""
        from prefect.settings._current import lookup  # reads the sources

        return _plain(lookup(self.accessor))

    def value_from(self, settings: "Settings") -> Any:
        """Return its value in the given settings; a secret as plain text."""
        return _plain(settings.lookup(self.accessor))

    def __bool__(self) -> bool:
        return bool(self.value())

    def __str__(self) -> str:
        return "**********" if self.is_secret and self.value() else str(self.value())

    def __repr__(self) -> str:
        return f"<{self._name}: {_type_name(self._type)}>"

    def __eq__(self, __o: object) -> bool:
        return isinstance(__o, Setting) and __o._name == self._name

    def __hash__(self) -> int:
        return hash((type(self), self._name))


def _plain(value: Any) -> Any:
    reveal = getattr(value, "get_secret_value", None)
    return value if reveal is None else reveal()


def _type_name(type_: Any) -> str:
    return type_.__name__ if isinstance(type_, type) else str(type_)


class Declaration(NamedTuple):
    """A setting as its field declares it."""

    model: type[PrefectBaseSettings]
    field: str
    path: str
    names: tuple[str, ...]


_declared: dict[str, Declaration] = {}
_constants: dict[str, Setting] = {}


def declarations() -> dict[str, Declaration]:
    """Every environment name, further names included → the declaration of its setting.

    Groups come in the order of their paths, the settings of a group in that of its fields.
    """
    if not _declared:
        found: dict[str, Declaration] = {}
        for path in GROUPS:
            for declaration in _of_group(path):
                found |= dict.fromkeys(declaration.names, declaration)
        _declared.update(found)
    return _declared


def _of_group(path: str, model: type[PrefectBaseSettings] | None = None) -> Iterator[Declaration]:
    """The settings of a group and of those below it that `GROUPS` does not list."""
    model = model or group_model(path)
    for field, names in model.env_names().items():
        yield Declaration(model, field, f"{path}.{field}".lstrip("."), names)
    for field, below in subgroups(model).items():
        if (full := f"{path}.{field}") not in GROUPS:
            yield from _of_group(full, below)


def _declaration(name: str) -> Declaration | None:
    """Find a declaration by an environment name, importing as few models as possible."""
    if name in _declared:
        return _declared[name]
    words = name.removeprefix("PREFECT_").lower()
    fitting = [path for path in GROUPS if path and words.startswith(path.replace(".", "_") + "_")]
    for path in sorted(fitting, key=len, reverse=True):
        for declaration in _of_group(path):
            if name == declaration.names[0]:
                return declaration
    return declarations().get(name)  # one of the root, or a further name of any


def get_setting(name: str) -> Setting | None:
    """Return the constant of an environment name; None when there is no such setting.

    A further name of a setting gives a constant of that name, equal to no other, with the value
    of the setting.
    """
    constant = _constants.get(name)
    if constant is None:
        declaration = _declaration(name) if name.startswith("PREFECT_") else None
        if declaration is None:
            return None
        field = declaration.model.model_fields[declaration.field]
        default = _plain(field.default)
        constant = Setting(name, default, field.annotation, declaration.path)
        constant = _constants.setdefault(name, constant)
    return constant


def canonical(name: str) -> str | None:
    """Return the first environment name of the setting that a name stands for."""
    declaration = _declaration(name)
    return declaration.names[0] if declaration else None


def all_settings() -> list[Setting]:
    """Return the constants of all settings by their first names."""
    first = dict.fromkeys(declaration.names[0] for declaration in declarations().values())
    return [setting for name in first if (setting := get_setting(name)) is not None]


def _accessor(name: str) -> str:
    declaration = _declaration(name)
    if declaration is None:
        raise ValueError(f"There is no setting {name!r}; name one, or pass its accessor.")
    return declaration.path


def accessor_of(key: Setting | str) -> str:
    """Return the dotted path of a setting given by its constant, its name or its path.

    Raises:
        ValueError: There is no such setting.
    """
    if isinstance(key, Setting):
        return key.accessor
    if key.startswith("PREFECT_"):
        declaration = _declaration(key)
        if declaration is not None:
            return declaration.path
    for declaration in declarations().values():
        if declaration.path == key:
            return key
    raise ValueError(
        f"There is no setting {key!r}; name one as PREFECT_API_URL or 'api.url' are named."
    )
