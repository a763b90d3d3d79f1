"""Every setting has the name, the further names, the type and the default of the contract."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from settings_samples import ALIASES, SETTINGS, bounds, samples, surroundings

import prefect.settings
from prefect.settings import Settings, get_current_settings
from prefect.settings._current import refresh
from prefect.settings.legacy import all_settings, declarations

each_setting = pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s["path"])


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [name for name in os.environ if name.upper().startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    refresh()
    yield
    refresh()


def test_settings_are_those_of_the_contract() -> None:
    assert {s.name for s in all_settings()} == {s["env"] for s in SETTINGS}


def test_names_are_those_of_the_contract() -> None:
    names = {s["env"] for s in SETTINGS} | {alias for alias, _ in ALIASES}

    assert set(declarations()) == names


@each_setting
def test_setting_has_its_path_and_further_names(setting: dict[str, Any]) -> None:
    declaration = declarations()[setting["env"]]

    assert declaration.path == setting["path"]
    assert declaration.names == (setting["env"], *setting.get("aliases", ()))


@each_setting
def test_constant_knows_its_setting(setting: dict[str, Any]) -> None:
    constant = getattr(prefect.settings, setting["env"])

    assert constant.name == setting["env"]
    assert constant.accessor == setting["path"]
    assert constant.is_secret is bool(setting.get("secret"))


@each_setting
def test_setting_has_its_declared_default(setting: dict[str, Any]) -> None:
    default = getattr(prefect.settings, setting["env"]).default()

    expected = setting["default"]
    if expected == "factory" or str(expected).startswith("value of env var"):
        assert repr(default) == "PydanticUndefined"
    elif isinstance(default, Path):
        assert str(default) == expected
    elif isinstance(default, (datetime.timedelta, set, dict)):
        assert default == eval(expected, vars(datetime))  # from our own data file
    else:
        assert default == expected
        assert isinstance(default, bool) is isinstance(expected, bool)


@each_setting
def test_setting_has_its_effective_default(setting: dict[str, Any], tmp_path: Path) -> None:
    value = getattr(prefect.settings, setting["env"]).value_from(get_current_settings())

    expected = setting["effective_default"]
    if setting["path"] == "server.ephemeral.enabled":
        expected = True  # under the built-in default profile
    elif setting["path"] in ("ui_url", "api.ssl_cert_file"):
        expected = None  # made from what is not set here
    if isinstance(expected, str):
        expected = expected.replace("~", str(tmp_path))
        expected = expected.replace("$PREFECT_HOME", str(tmp_path / ".prefect"))
    if isinstance(value, (Path, datetime.timedelta)):
        value = str(value)
    elif isinstance(value, set):
        value = sorted(value)
    elif isinstance(value, dict):
        value = {key: str(item) for key, item in value.items()}
    assert value == expected


@each_setting
def test_setting_reads_text_as_its_type(
    setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declaration = declarations()[setting["env"]]

    for name, value in surroundings(setting).items():
        monkeypatch.setenv(name, value)
    for text, expected in samples(setting):
        monkeypatch.setenv(setting["env"], text)
        value = getattr(declaration.model(), declaration.field)
        if setting.get("secret"):
            value = value.get_secret_value()

        assert value == expected
        assert type(value) is type(expected) or isinstance(value, type(expected))


@pytest.mark.parametrize("setting", [s for s in SETTINGS if bounds(s)], ids=lambda s: s["path"])
def test_setting_keeps_its_bounds(setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    declaration = declarations()[setting["env"]]

    for bound, number in bounds(setting).items():
        step = 1 if bound in ("ge", "gt") else -1
        outside, inside = (
            (number - step, number) if bound in ("ge", "le") else (number, number + step)
        )
        monkeypatch.setenv(setting["env"], f"{inside:g}")
        declaration.model()
        monkeypatch.setenv(setting["env"], f"{outside:g}")
        with pytest.raises(ValidationError, match=setting["env"]):
            declaration.model()


def test_root_has_the_fields_of_the_contract() -> None:
    expected = {s["path"].partition(".")[0] for s in SETTINGS}

    assert set(Settings.model_fields) == expected
