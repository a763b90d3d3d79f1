"""Profiles are found, chosen, changed and written."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from prefect.exceptions import ProfileSettingsValidationError
from prefect.settings import (
    DEFAULT_PROFILES_PATH,
    PREFECT_API_KEY,
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_API_URL,
    PREFECT_CLIENT_ENABLE_METRICS,
    PREFECT_CLIENT_METRICS_ENABLED,
    PREFECT_SERVER_EPHEMERAL_ENABLED,
    Profile,
    ProfilesCollection,
    Setting,
    load_current_profile,
    load_profile,
    load_profiles,
    save_profiles,
    temporary_settings,
    update_current_profile,
)
from prefect.settings._current import group, refresh
from prefect.settings._files import read_toml
from prefect.settings._sources import (
    BUILT_IN_ACTIVE,
    BUILT_IN_PROFILES,
    TEST_MODE_NAMES,
    profiles_file,
)

Write = Callable[[str], Path]
TWO = """active = "a"
[profiles.a]
PREFECT_API_URL = "http://a/api"
[profiles.b]
PREFECT_API_URL = "http://b/api"
PREFECT_API_KEY = "k"
"""


def test_built_in_profiles_are_those_of_the_file_that_comes_with_them() -> None:
    expected = {"active": BUILT_IN_ACTIVE, "profiles": BUILT_IN_PROFILES}

    assert read_toml(DEFAULT_PROFILES_PATH) == expected
    assert load_profiles().to_dict() == expected


def test_without_a_file_the_ephemeral_profile_applies() -> None:
    assert load_current_profile().name == "ephemeral"
    assert group("server.ephemeral").enabled is True


def test_key_active_chooses_a_profile(write_profiles: Write) -> None:
    path = write_profiles(TWO)

    profile = load_current_profile()

    assert (profile.name, profile.source) == ("a", path)
    assert group("api").url == "http://a/api"
    assert group("server.ephemeral").enabled is False


def test_environment_goes_before_key_active(
    write_profiles: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(TWO)
    monkeypatch.setenv("PREFECT_PROFILE", "b")

    assert load_current_profile().name == "b"
    assert group("api").url == "http://b/api"


def test_command_line_goes_before_the_environment(
    write_profiles: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(TWO)
    monkeypatch.setenv("PREFECT_PROFILE", "a")
    monkeypatch.setattr(sys, "argv", ["/usr/bin/prefect", "--profile", "b", "version"])

    assert group("api").url == "http://b/api"


@pytest.mark.parametrize(
    "argv", [["/usr/bin/other", "--profile", "b"], ["/usr/bin/prefect", "x", "--profile", "b"]]
)
def test_other_command_lines_choose_no_profile(
    argv: list[str], write_profiles: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(TWO)
    monkeypatch.setattr(sys, "argv", argv)

    assert group("api").url == "http://a/api"


def test_unknown_profile_warns_and_the_built_in_one_applies(
    write_profiles: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(TWO)
    monkeypatch.setenv("PREFECT_PROFILE", "nope")

    with pytest.warns(UserWarning, match=r"no profile 'nope', asked for by .* PREFECT_PROFILE"):
        assert group("api").url is None
    assert load_current_profile().name == "ephemeral"


def test_profile_of_the_file_adds_to_the_built_in_one_of_its_name(write_profiles: Write) -> None:
    write_profiles('active = "local"\n[profiles.local]\nPREFECT_API_KEY = "k"\n')

    assert group("api").url == "http://127.0.0.1:4200/api"
    assert load_current_profile().settings == {
        PREFECT_API_URL: "http://127.0.0.1:4200/api",
        PREFECT_API_KEY: "k",
    }


@pytest.mark.parametrize("name", TEST_MODE_NAMES)
def test_in_test_mode_profiles_are_left_out(
    name: str, write_profiles: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(TWO)
    monkeypatch.setenv(name, "0")  # its value does not matter

    assert group("api").url is None
    assert group("server.ephemeral").enabled is False
    assert load_profiles().names == set(BUILT_IN_PROFILES)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (({"PREFECT_PROFILES_PATH": "/e"}, {"PREFECT_PROFILES_PATH": "/d"}, {}, {}), "/e"),
        (({}, {"PREFECT_PROFILES_PATH": "/d"}, {"profiles_path": "/t"}, {}), "/d"),
        (({}, {}, {"profiles_path": "/t"}, {"profiles_path": "/p"}), "/t"),
        (({"PREFECT_HOME": "/h"}, {}, {}, {"profiles_path": "/p"}), "/p"),
        (({"PREFECT_HOME": "/h"}, {}, {}, {"profiles_path": "$PREFECT_HOME/x"}), "/h/x"),
        (({"PREFECT_HOME": "/h"}, {}, {}, {}), "/h/profiles.toml"),
        (
            ({"PREFECT_TEST_MODE": "1", "PREFECT_HOME": "/h"}, {}, {}, {}),
            str(DEFAULT_PROFILES_PATH),
        ),
    ],
)
def test_profiles_file_is_found_in_order(
    sources: tuple[dict[str, str], ...], expected: str
) -> None:
    assert profiles_file(*sources) == expected


def test_profiles_file_may_be_named_in_a_dotenv(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TWO)
    Path(".env").write_text(f"PREFECT_PROFILES_PATH={tmp_path / 'mine.toml'}\n")

    assert group("api").url == "http://a/api"
    assert load_profiles().active_name == "a"


def test_unknown_setting_in_a_profile_warns_and_is_left_out(write_profiles: Write) -> None:
    write_profiles('[profiles.a]\nPREFECT_NOPE = "1"\nPREFECT_API_KEY = "k"\n')

    with pytest.warns(UserWarning, match="PREFECT_NOPE"):
        profiles = load_profiles(include_defaults=False)

    assert profiles["a"].settings == {PREFECT_API_KEY: "k"}
    assert profiles.active_name is None


def test_further_name_in_a_profile_becomes_the_first_one() -> None:
    profile = Profile(name="a", settings={PREFECT_CLIENT_ENABLE_METRICS: "true"})

    assert profile.settings == {PREFECT_CLIENT_METRICS_ENABLED: "true"}
    assert profile.to_environment_variables() == {"PREFECT_CLIENT_METRICS_ENABLED": "true"}


def test_profile_checks_its_settings_when_asked() -> None:
    profile = Profile(
        name="a", settings={PREFECT_API_REQUEST_TIMEOUT: "soon", PREFECT_API_KEY: "k"}
    )

    with pytest.raises(ProfileSettingsValidationError) as caught:
        profile.validate_settings()

    [(setting, error)] = caught.value.errors
    assert setting == PREFECT_API_REQUEST_TIMEOUT
    assert isinstance(error, ValidationError)
    assert "'soon'" in str(error)


def test_profile_does_not_show_secrets() -> None:
    profile = Profile(name="a", settings={PREFECT_API_KEY: "s3cret", PREFECT_API_URL: "http://a"})

    assert "s3cret" not in f"{profile!r}{profile}{ProfilesCollection([profile])!r}"
    assert "http://a" in repr(profile)


def test_collection_keeps_profiles_by_name() -> None:
    one = Profile(name="one")
    profiles = ProfilesCollection([one], active="one")
    profiles.add_profile(two := Profile(name="two", source=Path("/x")))

    assert profiles.names == {"one", "two"}
    assert list(profiles) == ["one", "two"]
    assert profiles.items() == [("one", one), ("two", two)]
    assert profiles.active_profile is one
    assert profiles.without_profile_source(Path("/x")) == ProfilesCollection([one], active="one")
    assert profiles != ProfilesCollection([one, two])


def test_collection_refuses_what_is_not_there_or_there_twice() -> None:
    profiles = ProfilesCollection([Profile(name="one")])

    with pytest.raises(ValueError, match="no profile 'two'; there are one"):
        profiles.set_active("two")
    with pytest.raises(ValueError, match="'one' already"):
        profiles.add_profile(Profile(name="one"))
    with pytest.raises(KeyError):
        profiles.remove_profile("two")
    with pytest.raises(KeyError):
        _ = profiles["two"]
    profiles.set_active("two", check=False)
    assert profiles.active_profile is None


def test_removing_the_active_profile_leaves_none_active() -> None:
    profiles = ProfilesCollection([Profile(name="one")], active="one")

    profiles.remove_profile("one")

    assert profiles.active_name is None


def test_update_with_none_takes_a_setting_out() -> None:
    profiles = ProfilesCollection([Profile(name="a", settings={PREFECT_API_URL: "u"})])

    profiles.update_profile("a", {PREFECT_API_KEY: "k", PREFECT_API_URL: None})

    assert profiles["a"].settings == {PREFECT_API_KEY: "k"}


def test_saved_profiles_come_back_and_apply(home: Path) -> None:
    profiles = load_profiles()
    profiles.update_profile("mine", {PREFECT_API_URL: "http://m/api"}, source=Path("/new"))
    profiles.set_active("mine")

    save_profiles(profiles)

    path = home / ".prefect" / "profiles.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_toml(path) == {
        "active": "mine",
        "profiles": {"mine": {"PREFECT_API_URL": "http://m/api"}},
    }
    assert load_current_profile().name == "mine"
    assert group("api").url == "http://m/api"


def test_current_profile_is_updated_in_the_file(write_profiles: Write) -> None:
    path = write_profiles(TWO)

    changed = update_current_profile({"PREFECT_API_KEY": "n", PREFECT_API_URL: "http://n/api"})

    assert changed.name == "a"
    document = read_toml(path)
    assert document is not None
    assert document["profiles"]["a"] == {"PREFECT_API_URL": "http://n/api", "PREFECT_API_KEY": "n"}
    assert document["profiles"]["b"]["PREFECT_API_KEY"] == "k"
    assert group("api").url == "http://n/api"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"PREFECT_NOPE": "1"}, ValueError),
        ({"PREFECT_API_REQUEST_TIMEOUT": "soon"}, ProfileSettingsValidationError),
    ],
)
def test_update_that_does_not_fit_saves_nothing(
    settings: dict[str | Setting, Any], error: type[Exception], write_profiles: Write
) -> None:
    path = write_profiles(TWO)

    with pytest.raises(error):
        update_current_profile(settings)

    assert path.read_text() == TWO


def test_missing_profile_is_named_with_those_that_are_there(write_profiles: Write) -> None:
    write_profiles(TWO)

    with pytest.raises(ValueError, match=r"no profile 'c'.*a, b, cloud"):
        load_profile("c")


def test_current_profile_stays_within_temporary_settings(write_profiles: Write) -> None:
    path = write_profiles(TWO)

    with temporary_settings({PREFECT_API_URL: "http://x/api"}):
        path.unlink()
        refresh()
        assert load_current_profile().name == "a"


def test_ephemeral_server_is_off_in_a_profile_of_its_own(write_profiles: Write) -> None:
    write_profiles(TWO)

    assert PREFECT_SERVER_EPHEMERAL_ENABLED.value() is False
