"""For every setting, each source goes before those below it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from settings_samples import ALIASES, SETTINGS, samples, surroundings

from prefect.settings import Settings
from prefect.settings._current import refresh
from prefect.settings.legacy import declarations


def read(setting: dict[str, Any], **arguments: Any) -> Any:
    declaration = declarations()[setting["env"]]
    value = getattr(declaration.model(**arguments), declaration.field)
    return value.get_secret_value() if setting.get("secret") and value is not None else value


def read_from_the_tree(setting: dict[str, Any]) -> Any:
    declaration = declarations()[setting["env"]]
    *groups, field = declaration.path.split(".")
    found: Any = Settings()
    for group in groups:
        found = getattr(found, group)
    value = getattr(found, field)
    return value.get_secret_value() if setting.get("secret") and value is not None else value


def toml_table(setting: dict[str, Any], text: str, *above: str) -> str:
    path: list[str] = setting["path"].split(".")
    *tables, field = *above, *path
    header = f"[{'.'.join(tables)}]\n" if tables else ""
    return f"{header}{field} = {json.dumps(text)}\n"


def sources(setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch, home: Path) -> list[Any]:
    """How to put a text into each source and how to take it away again, weakest first."""
    name = setting["env"]
    for other, value in surroundings(setting).items():
        monkeypatch.setenv(other, value)
    profiles = home / ".prefect" / "profiles.toml"
    profiles.parent.mkdir()

    def file(path: Path, content: Any) -> Any:
        return lambda text: path.write_text(content(text)) if text is not None else path.unlink()

    def variable(text: str | None) -> None:
        if text is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, text)

    return [
        file(profiles, lambda t: f'active = "a"\n[profiles.a]\n{name} = {json.dumps(t)}\n'),
        file(Path("pyproject.toml"), lambda t: toml_table(setting, t, "tool", "prefect")),
        file(Path("prefect.toml"), lambda t: toml_table(setting, t)),
        file(Path(".env"), lambda t: f"# a comment\nexport {name}='{t}'\n"),
        lambda text: (
            monkeypatch.setenv(name, text) if text is not None else monkeypatch.delenv(name)
        ),
    ]


DECIDE_ABOUT_PROFILES = {  # these have tests of their own
    "home",
    "profiles_path",
    "testing.test_mode",
    "testing.unit_test_mode",
}
OTHERS = [s for s in SETTINGS if s["path"] not in DECIDE_ABOUT_PROFILES]


@pytest.mark.parametrize("setting", OTHERS, ids=lambda s: s["path"])
def test_each_source_goes_before_those_below_it(
    setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    ladder = sources(setting, monkeypatch, home)
    texts = [samples(setting)[i % 2] for i in range(len(ladder))]

    for put, (text, expected) in zip(ladder, texts, strict=True):
        put(text)
        assert read(setting) == expected  # stronger than all that was put before
    assert read_from_the_tree(setting) == texts[-1][1]
    field = setting["path"].rpartition(".")[2]
    text, expected = samples(setting)[len(ladder) % 2]
    assert read(setting, **{field: text}) == expected  # an argument goes before all sources
    for put, (_, expected) in zip(ladder[::-1], texts[::-1], strict=True):
        assert read(setting) == expected
        put(None)
    ladder[2](texts[2][0])
    ladder[1](texts[1][0])
    assert read_from_the_tree(setting) == texts[2][1]  # the same order between two files


@pytest.mark.parametrize(
    ("name", "path"), [("PREFECT_HOME", "home"), ("PREFECT_PROFILES_PATH", "profiles_path")]
)
def test_places_of_files_follow_the_order_of_sources(
    name: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = next(s for s in SETTINGS if s["path"] == path)

    Path("pyproject.toml").write_text(f'[tool.prefect]\n{path} = "/pyproject"\n')
    found = [read(setting)]
    Path("prefect.toml").write_text(f'{path} = "/prefect"\n')
    found.append(read(setting))
    Path(".env").write_text(f"{name}=/dotenv\n")
    found.append(read(setting))
    monkeypatch.setenv(name, "/environment")
    found.append(read(setting))
    found.append(read(setting, **{path: "/argument"}))

    assert [str(p) for p in found] == [
        "/pyproject",
        "/prefect",
        "/dotenv",
        "/environment",
        "/argument",
    ]


@pytest.mark.parametrize(("alias", "setting"), ALIASES, ids=[alias for alias, _ in ALIASES])
def test_further_name_is_accepted_wherever_names_are(
    alias: str, setting: dict[str, Any], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    named = {**setting, "env": alias}
    ladder = sources(named, monkeypatch, home)
    by_name = [ladder[3], ladder[4]] if "TEST_MODE" in alias else [ladder[0], ladder[3], ladder[4]]

    for i, put in enumerate(by_name):
        text, expected = samples(setting)[i % 2]
        put(text)
        assert read(setting) == expected


def test_first_name_goes_before_a_further_name_of_the_same_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_TASK_DEFAULT_RETRIES", "1")
    monkeypatch.setenv("PREFECT_TASKS_DEFAULT_RETRIES", "2")
    setting = next(s for s in SETTINGS if s["path"] == "tasks.default_retries")

    assert read(setting) == 2


def test_further_name_in_the_environment_goes_before_the_first_name_in_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("PREFECT_TASKS_DEFAULT_RETRIES=2\n")
    monkeypatch.setenv("PREFECT_TASK_DEFAULT_RETRIES", "1")
    setting = next(s for s in SETTINGS if s["path"] == "tasks.default_retries")

    assert read(setting) == 1


def test_names_in_lower_case_are_accepted_and_exact_names_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting = next(s for s in SETTINGS if s["path"] == "api.url")

    monkeypatch.setenv("prefect_api_url", "http://lower/api")
    assert read(setting) == "http://lower/api"
    monkeypatch.setenv("PREFECT_API_URL", "http://exact/api")
    assert read(setting) == "http://exact/api"


@pytest.mark.parametrize("file", ["prefect.toml", "pyproject.toml"])
def test_old_tables_of_plugins_are_the_weakest_source(file: str, home: Path) -> None:
    above = "tool.prefect." if file == "pyproject.toml" else ""
    Path(file).write_text(f"[{above}experiments.plugins]\nstrict = true\nenabled = true\n")
    profiles = home / ".prefect" / "profiles.toml"
    profiles.parent.mkdir()
    profiles.write_text('active = "a"\n[profiles.a]\nPREFECT_PLUGINS_STRICT = "false"\n')
    refresh()
    enabled, strict = (
        next(s for s in SETTINGS if s["path"] == path)
        for path in ("plugins.enabled", "plugins.strict")
    )

    assert read(enabled) is True
    assert read(strict) is False


def test_unknown_keys_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_NO_SUCH_SETTING", "x")
    monkeypatch.setenv("PREFECT_SERVER_PORT", "tcp://10.0.0.1:80")  # as Kubernetes sets it
    Path(".env").write_text("PREFECT_NO_SUCH=1\n")
    Path("prefect.toml").write_text("nonsense = 1\n[api]\nmore = 2\nurl = 'http://t/api'\n")

    assert read(next(s for s in SETTINGS if s["path"] == "api.url")) == "http://t/api"
