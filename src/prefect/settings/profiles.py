"""Profiles: named sets of settings in `profiles.toml`, one of which is active.

Used by the command line and by whoever switches between servers. The profiles that come with the
package are always there; those of the user's file add to them. Values are kept as they are written
and are not checked until `validate_settings`.
"""

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from prefect.settings import _sources
from prefect.settings._current import active, current_sources, lookup, refresh
from prefect.settings._files import profiles_document, write_privately
from prefect.settings._sources import Sources, ambient_sources, group_model
from prefect.settings.base import text_of, underived
from prefect.settings.constants import DEFAULT_PROFILES_PATH
from prefect.settings.legacy import Setting, canonical, get_setting

__all__ = [
    "DEFAULT_PROFILES_PATH",
    "Profile",
    "ProfilesCollection",
    "load_current_profile",
    "load_profile",
    "load_profiles",
    "save_profiles",
    "update_current_profile",
]


def _by_setting(settings: Any) -> Any:
    """Replace names by the constants of their settings; warn about names that are none."""
    if not isinstance(settings, dict):
        return settings
    found: dict[Setting, Any] = {}
    for key, value in settings.items():
        name = key.name if isinstance(key, Setting) else str(key)
        first = canonical(name)
        setting = get_setting(first) if first else None
        if setting is None:
            warnings.warn(
                f"A profile has a value for {name!r}, which is no setting; it is left out."
                " Correct the name, or remove it from the profile.",
                stacklevel=2,
            )
            continue
        if first == name or setting not in found:  # the first name counts, whatever the order
            found[setting] = value
    return found


class Profile(BaseModel):
    """A named set of settings."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="ignore")

    name: str
    settings: Annotated[dict[Setting, Any], BeforeValidator(_by_setting)] = Field(
        default_factory=dict
    )
    source: Path | None = None

    def to_environment_variables(self) -> dict[str, str]:
        """Write the profile as environment variables; settings without a value are left out."""
        return {
            setting.name: text_of(value)
            for setting, value in self.settings.items()
            if value is not None
        }

    def validate_settings(self) -> None:
        """Check that every setting accepts its value.

        Raises:
            ProfileSettingsValidationError: Some do not; it holds them with their errors.
        """
        errors = []
        for setting, value in self.settings.items():
            try:
                _check(setting, value)
            except ValidationError as error:
                errors.append((setting, error))
        if errors:
            from prefect.exceptions import ProfileSettingsValidationError  # only on failure

            raise ProfileSettingsValidationError(errors)

    def __repr__(self) -> str:
        settings = {
            setting.name: "**********" if setting.is_secret else value
            for setting, value in self.settings.items()
        }
        return f"Profile(name={self.name!r}, settings={settings!r}, source={self.source!r})"

    __str__ = __repr__


def _check(setting: Setting, value: Any) -> None:
    group, _, field = setting.accessor.rpartition(".")
    with ambient_sources(Sources(())), underived():
        group_model(group)(**{field: value})


class ProfilesCollection:
    """Profiles by name, and which of them is active."""

    def __init__(self, profiles: Iterable[Profile], active: str | None = None) -> None:
        self.profiles_by_name = {profile.name: profile for profile in profiles}
        self.active_name = active

    @property
    def names(self) -> set[str]:
        """The names of the profiles."""
        return set(self.profiles_by_name)

    @property
    def active_profile(self) -> Profile | None:
        """The active profile; None when none is active or the active one is missing."""
        return self.profiles_by_name.get(self.active_name or "")

    def set_active(self, name: str | None, check: bool = True) -> None:
        """Make a profile the active one.

        Args:
            name: Its name; None to have no active one.
            check: Whether it must be there.

        Raises:
            ValueError: It is not.
        """
        if check and name is not None and name not in self.profiles_by_name:
            raise ValueError(f"There is no profile {name!r}; there are {self._known()}.")
        self.active_name = name

    def update_profile(
        self, name: str, settings: dict[Setting, Any], source: Path | None = None
    ) -> Profile:
        """Add settings to a profile, which is made if it is missing.

        Args:
            name: Its name.
            settings: Setting → value; None takes the setting out of the profile.
            source: File it is kept in; the one it came from when not given.

        Returns:
            The changed profile.
        """
        old = self.profiles_by_name.get(name)
        new = Profile(name=name, settings=settings).settings
        merged = {**(old.settings if old else {}), **new}
        kept = {setting: value for setting, value in merged.items() if value is not None}
        profile = Profile(name=name, settings=kept, source=source or (old.source if old else None))
        self.profiles_by_name[name] = profile
        return profile

    def add_profile(self, profile: Profile) -> None:
        """Add a profile.

        Raises:
            ValueError: There is one of its name.
        """
        if profile.name in self.profiles_by_name:
            raise ValueError(
                f"There is a profile {profile.name!r} already; choose another name, or update it."
            )
        self.profiles_by_name[profile.name] = profile

    def remove_profile(self, name: str) -> None:
        """Remove a profile; if it was the active one, none is.

        Raises:
            KeyError: There is no such profile.
        """
        del self.profiles_by_name[name]
        if self.active_name == name:
            self.active_name = None

    def without_profile_source(self, path: Path | None) -> "ProfilesCollection":
        """Return a copy without the profiles that came from a file."""
        kept = [p for p in self.profiles_by_name.values() if p.source != path]
        return ProfilesCollection(kept, active=self.active_name)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of a profiles file: the key `active`, and the tables `profiles`."""
        return {
            "active": self.active_name,
            "profiles": {
                profile.name: profile.to_environment_variables()
                for profile in self.profiles_by_name.values()
            },
        }

    def __getitem__(self, name: str) -> Profile:
        return self.profiles_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.profiles_by_name)

    def items(self) -> list[tuple[str, Profile]]:
        """Return names and profiles."""
        return list(self.profiles_by_name.items())

    def __eq__(self, __o: object) -> bool:
        if not isinstance(__o, ProfilesCollection):
            return False
        return (self.active_name, self.profiles_by_name) == (__o.active_name, __o.profiles_by_name)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        profiles = list(self.profiles_by_name.values())
        return f"ProfilesCollection(profiles={profiles!r}, active={self.active_name!r})"

    def _known(self) -> str:
        return ", ".join(sorted(self.profiles_by_name)) or "none"


def _profiles_path() -> Path:
    in_test_mode = _sources.in_test_mode(_sources.environment_names())
    return DEFAULT_PROFILES_PATH if in_test_mode else Path(lookup("profiles_path"))


def load_profiles(include_defaults: bool = True) -> ProfilesCollection:
    """Read the profiles file.

    Args:
        include_defaults: Whether the profiles that come with the package are among the result.

    Raises:
        SettingsFileError: The file is there but cannot be understood.
    """
    path = _profiles_path()
    profiles = ProfilesCollection([])
    if include_defaults:
        for name, values in _sources.BUILT_IN_PROFILES.items():
            profiles.add_profile(
                Profile.model_validate(
                    {"name": name, "settings": values, "source": DEFAULT_PROFILES_PATH}
                )
            )
        profiles.set_active(_sources.BUILT_IN_ACTIVE)
    if path == DEFAULT_PROFILES_PATH:
        return profiles
    active_name, tables = _sources.read_profiles(str(path))
    for name, values in tables.items():
        read = Profile.model_validate({"name": name, "settings": values, "source": path})
        profiles.update_profile(name, read.settings, source=path)
    if active_name is not None:
        profiles.set_active(active_name, check=False)
    return profiles


def load_profile(name: str) -> Profile:
    """Read one profile.

    Raises:
        ValueError: There is no such profile.
    """
    profiles = load_profiles()
    if name not in profiles.names:
        raise ValueError(
            f"There is no profile {name!r} in {str(_profiles_path())!r}; there are"
            f" {', '.join(sorted(profiles.names))}."
        )
    return profiles[name]


def load_current_profile() -> Profile:
    """Return the profile that applies here: that of the innermost context, else the active one."""
    current = active.get()
    if current is not None:
        return current.profile
    choice = current_sources().profile
    return load_profile(choice.name if choice else _sources.BUILT_IN_ACTIVE)


def save_profiles(profiles: ProfilesCollection) -> None:
    """Write the profiles file, readable by its owner only, and let the settings be read again.

    Profiles that come with the package and were not changed are left out.
    """
    own = profiles.without_profile_source(DEFAULT_PROFILES_PATH).to_dict()
    write_privately(_profiles_path(), profiles_document(own["active"], own["profiles"]))
    refresh()


def update_current_profile(settings: dict[str | Setting, Any]) -> Profile:
    """Change settings of the profile that applies here and save it.

    Args:
        settings: Setting, or its name → value; None takes the setting out of the profile.

    Returns:
        The changed profile.

    Raises:
        ValueError: There is no setting of a name.
        ProfileSettingsValidationError: A setting does not accept its value; nothing is saved.
    """
    constants = {}
    for key, value in settings.items():
        first = canonical(key.name if isinstance(key, Setting) else key)
        constant = get_setting(first) if first else None
        if constant is None:
            raise ValueError(
                f"There is no setting {str(key)!r}; settings are named like PREFECT_API_URL."
            )
        constants[constant] = value
    profiles = load_profiles()
    name = load_current_profile().name
    changed = profiles.update_profile(name, constants, source=_profiles_path())
    changed.validate_settings()
    save_profiles(profiles)
    return changed
