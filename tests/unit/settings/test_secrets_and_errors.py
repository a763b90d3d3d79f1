"""Secrets are never shown; other wrong values are named with their place and the way out."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from settings_samples import SETTINGS

import prefect.settings
from prefect.settings import Settings
from prefect.settings._current import group, refresh
from prefect.settings.models.api import APISettings

SECRETS = [s for s in SETTINGS if s.get("secret")]


def settings_with(secret: dict[str, Any], value: Any) -> Settings:
    nested: Any = value
    for part in reversed(secret["path"].split(".")):
        nested = {part: nested}
    return Settings(**nested)


@pytest.mark.parametrize("secret", SECRETS, ids=lambda s: s["path"])
@pytest.mark.filterwarnings("ignore:PREFECT_SERVER_DATABASE_PASSWORD")
def test_secret_is_never_shown(secret: dict[str, Any]) -> None:
    settings = settings_with(secret, "s3cret")
    model = group_of(settings, secret["path"])

    shown = [repr(settings), str(settings), repr(model), f"{model}", str(settings.model_dump())]
    shown += [settings.model_dump_json(), str(model.model_dump(mode="json")), settings.hash_key()]
    shown += settings.to_environment_variables(include_secrets=False).values()
    shown += [repr(getattr(prefect.settings, secret["env"]))]
    assert all("s3cret" not in text for text in shown)
    assert settings.to_environment_variables()[secret["env"]] == "s3cret"


@pytest.mark.parametrize("secret", SECRETS, ids=lambda s: s["path"])
@pytest.mark.parametrize("value", [["s3cret"], {"s3cret": 1}], ids=["list", "dict"])
def test_error_about_a_secret_does_not_show_it(secret: dict[str, Any], value: Any) -> None:
    with pytest.raises(ValidationError, match=secret["env"]) as caught:
        settings_with(secret, value)

    shown = [str(caught.value), repr(caught.value), str(caught.value.errors()), caught.value.json()]
    shown += traceback.format_exception(caught.value)
    assert all("s3cret" not in text for text in shown)


def test_secret_is_dumped_in_the_clear_only_when_the_context_asks() -> None:
    model = APISettings(key="s3cret")

    dumped = model.model_dump(context={"include_secrets": True})

    assert dumped["key"] == "s3cret"
    assert dumped["auth_string"] is None


def test_constant_of_a_secret_prints_asterisks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", "s3cret")

    assert f"{prefect.settings.PREFECT_API_KEY}" == "**********"
    assert prefect.settings.PREFECT_API_KEY.value() == "s3cret"


def group_of(settings: Settings, path: str) -> Any:
    found: Any = settings
    for part in path.split(".")[:-1]:
        found = getattr(found, part)
    return found


BAD = "PREFECT_API_REQUEST_TIMEOUT"


def in_environment(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv(BAD, "soon")


def in_dotenv(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    Path(".env").write_text(f"{BAD}=soon\n")


def in_prefect_toml(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    Path("prefect.toml").write_text("[api]\nrequest_timeout = 'soon'\n")


def in_pyproject(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    Path("pyproject.toml").write_text("[tool.prefect.api]\nrequest_timeout = 'soon'\n")


def in_profile(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / ".prefect").mkdir()
    text = f'active = "mine"\n[profiles.mine]\n{BAD} = "soon"\n'
    (home / ".prefect" / "profiles.toml").write_text(text)


@pytest.mark.parametrize(
    ("put", "places"),
    [
        (in_environment, ["the process environment"]),
        (in_dotenv, ["the file .env"]),
        (in_prefect_toml, ["the file prefect.toml", "api.request_timeout"]),
        (in_pyproject, ["[tool.prefect] of pyproject.toml", "api.request_timeout"]),
        (in_profile, ["the profile 'mine'", "profiles.toml"]),
    ],
)
@pytest.mark.parametrize("read", [lambda: group("api"), Settings, APISettings])
def test_error_names_setting_value_place_and_way_out(
    put: Callable[[pytest.MonkeyPatch, Path], None],
    places: list[str],
    read: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
) -> None:
    put(monkeypatch, home)

    with pytest.raises(ValidationError) as caught:
        read()

    message = str(caught.value)
    for part in [BAD, "'soon'", *places, "Correct it there, or remove it"]:
        assert part in message


def test_error_about_a_further_name_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_TASK_DEFAULT_RETRIES", "often")

    with pytest.raises(ValidationError, match="under the name PREFECT_TASK_DEFAULT_RETRIES"):
        group("tasks")


def test_error_about_an_argument_says_so() -> None:
    with pytest.raises(ValidationError, match=f"{BAD} given in the program as 'soon'") as caught:
        Settings(api={"request_timeout": "soon"})

    assert caught.value.errors()[0]["loc"] == ("api", "request_timeout")


def test_corrected_value_is_read_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BAD, "soon")
    with pytest.raises(ValidationError):
        group("api")
    monkeypatch.setenv(BAD, "5")

    refresh()

    assert group("api").request_timeout == 5.0
