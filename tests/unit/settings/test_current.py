"""Settings are read group by group, once per process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import AliasChoices, AliasPath, Field

from prefect.settings import PREFECT_API_URL, Settings, get_current_settings
from prefect.settings._current import group, lookup, refresh
from prefect.settings._sources import GROUPS, group_model, subgroups
from prefect.settings.base import PrefectBaseSettings, build_settings_config
from prefect.settings.models.api import APISettings
from prefect.settings.models.root import canonical_environment_prefix
from prefect.settings.models.server.database import ServerDatabaseSettings


def all_groups(model: type[PrefectBaseSettings], path: str = "") -> Iterator[tuple[str, Any]]:
    for field, below in subgroups(model).items():
        yield f"{path}{field}", below
        yield from all_groups(below, f"{path}{field}.")


@pytest.mark.parametrize(("path", "model"), list(all_groups(Settings)), ids=lambda x: str(x))
def test_group_of_a_path_is_the_model_at_that_place(path: str, model: Any) -> None:
    assert group_model(path) is model
    assert type(group(path)) is model
    assert model.model_config["env_prefix"] == f"PREFECT_{path.upper().replace('.', '_')}_"


def test_table_of_groups_lists_no_group_twice_and_none_that_is_missing() -> None:
    assert set(GROUPS) - {""} <= {path for path, _ in all_groups(Settings)}


@pytest.mark.parametrize("path", ["nope", "client.nope", "client.max_retries", "api.url.x", "."])
def test_unknown_group_is_a_key_error(path: str) -> None:
    with pytest.raises(KeyError, match="no group of settings"):
        group(path)


def test_group_is_made_once_until_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = group("api")
    monkeypatch.setenv("PREFECT_API_URL", "http://new/api")

    assert group("api") is first
    refresh()
    assert group("api").url == "http://new/api"


def test_group_is_a_part_of_all_settings_once_they_were_read() -> None:
    settings = get_current_settings()

    assert group("client.metrics") is settings.client.metrics
    assert get_current_settings() is settings
    assert group("").home == settings.home


def test_group_asked_for_by_many_threads_is_made_once() -> None:
    start = threading.Barrier(8)
    found: list[object] = []

    def ask() -> None:
        start.wait()
        found.append(group("server"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len({id(item) for item in found}) == 1


def test_group_with_a_wrong_value_does_not_keep_others_from_being_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "x")

    assert group("api").url is None
    with pytest.raises(ValueError, match="PREFECT_SERVER_API_PORT"):
        group("server.api")


def test_partial_arguments_are_merged_with_the_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_REQUEST_TIMEOUT", "7")
    Path("prefect.toml").write_text("[client.metrics]\nport = 9\n")

    settings = Settings(api={"url": "http://a/api"}, client={"metrics": {"enabled": True}})

    assert (settings.api.url, settings.api.request_timeout) == ("http://a/api", 7.0)
    assert (settings.client.metrics.enabled, settings.client.metrics.port) == (True, 9)


def test_settings_of_another_package_read_the_same_sources(
    monkeypatch: pytest.MonkeyPatch, write_profiles: Callable[[str], Path]
) -> None:
    class WidgetSettings(PrefectBaseSettings):
        model_config = build_settings_config(("integrations", "widget"))

        size: int = 1
        colour: str = Field(
            "red",
            validation_alias=AliasChoices(
                AliasPath("colour"), "prefect_integrations_widget_colour", "prefect_widget_colour"
            ),
        )

    assert WidgetSettings().model_dump() == {"size": 1, "colour": "red"}
    Path("prefect.toml").write_text("[integrations.widget]\nsize = 2\n")
    monkeypatch.setenv("PREFECT_WIDGET_COLOUR", "blue")
    assert WidgetSettings().model_dump() == {"size": 2, "colour": "blue"}
    assert WidgetSettings(size=3, colour="green").model_dump() == {"size": 3, "colour": "green"}
    write_profiles('active="a"\n[profiles.a]\nPREFECT_INTEGRATIONS_WIDGET_SIZE="5"\n')
    Path("prefect.toml").unlink()
    assert WidgetSettings().size == 5


@pytest.mark.parametrize(
    ("arguments", "path", "expected"),
    [
        ({"api": {"url": "http://a:4200/api"}}, "ui_url", "http://a:4200"),
        ({"api": {"url": "http://a:4200/api/"}}, "ui_url", "http://a:4200"),
        ({"api": {"url": "http://a/x"}}, "ui_url", "http://a/x"),
        ({"ui_url": "http://z"}, "ui_url", "http://z"),
        (
            {"api": {"url": "https://api.prefect.cloud/api/accounts/A/workspaces/W"}},
            "ui_url",
            "https://app.prefect.cloud/account/A/workspace/W",
        ),
        (
            {"cloud": {"api_url": "https://api.stg.prefect.dev/api"}},
            "cloud.ui_url",
            "https://app.stg.prefect.dev",
        ),
        ({"cloud": {"api_url": "http://own/api"}}, "cloud.ui_url", "http://own"),
        ({"cloud": {"ui_url": "http://ui"}}, "cloud.ui_url", "http://ui"),
        ({"api": {"url": "http://a/api"}}, "server.ui.api_url", "http://a/api"),
        (
            {"server": {"api": {"host": "0.0.0.0", "port": 1}}},
            "server.ui.api_url",
            "http://0.0.0.0:1/api",
        ),
        ({"server": {"ui": {"api_url": ""}}}, "server.ui.api_url", ""),
        ({"debug_mode": True, "logging": {"level": "ERROR"}}, "logging.level", "DEBUG"),
        ({"testing": {"test_mode": True}}, "internal.logging_level", "DEBUG"),
        ({"testing": {"unit_test_mode": True}}, "logging.level", "INFO"),
        ({"home": "/h"}, "profiles_path", Path("/h/profiles.toml")),
        ({"home": "/h", "profiles_path": "$PREFECT_HOME/p"}, "profiles_path", Path("/h/p")),
        ({"home": "/h"}, "logging.config_path", Path("/h/logging.yml")),
        ({"home": "/h"}, "results.local_storage_path", Path("/h/storage")),
        ({"home": "/h"}, "server.memo_store_path", Path("/h/memo_store.toml")),
        ({"results": {"local_storage_path": "/r"}}, "results.local_storage_path", Path("/r")),
    ],
)
def test_default_is_made_from_other_settings(
    arguments: dict[str, Any], path: str, expected: object
) -> None:
    assert Settings(**arguments).lookup(path) == expected


def test_default_made_from_other_settings_is_the_same_without_the_tree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_HOME", "/h")
    monkeypatch.setenv("PREFECT_API_URL", "https://api.prefect.cloud/api/accounts/A/workspaces/W")

    assert lookup("results.local_storage_path") == Path("/h/storage")
    assert lookup("logging.to_api.max_log_size") == 25_000
    assert lookup("ui_url") == "https://app.prefect.cloud/account/A/workspace/W"


POSTGRES = {"driver": "postgresql+asyncpg", "host": "h", "user": "u", "name": "n"}


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        ({}, "sqlite+aiosqlite:////h/prefect.db"),
        ({"driver": "sqlite+aiosqlite", "name": "/a/b.db"}, "sqlite+aiosqlite:////a/b.db"),
        (
            {
                "driver": "postgresql+asyncpg",
                "host": "h",
                "user": "u",
                "name": "n",
                "password": "p@/",
            },
            "postgresql+asyncpg://u:p%40%2F@h:5432/n",
        ),
        (
            {**POSTGRES, "port": 1},
            "postgresql+asyncpg://u@h:1/n",
        ),
        (
            {"connection_url": "x://u:${PREFECT_API_DATABASE_PASSWORD}@h", "password": "p"},
            "x://u:p@h",
        ),
    ],
)
def test_url_of_the_database_is_made_from_its_parts(arguments: dict[str, Any], url: str) -> None:
    settings = Settings(home="/h", server={"database": arguments})

    assert settings.server.database.connection_url is not None
    assert settings.server.database.connection_url.get_secret_value() == url


def test_missing_parts_of_the_database_are_named() -> None:
    with pytest.raises(
        ValueError, match="PREFECT_SERVER_DATABASE_USER, PREFECT_SERVER_DATABASE_NAME"
    ):
        ServerDatabaseSettings(driver="postgresql+asyncpg", host="h")


def test_place_for_a_password_that_is_not_set_is_refused() -> None:
    with pytest.raises(ValueError, match="set PREFECT_SERVER_DATABASE_PASSWORD"):
        ServerDatabaseSettings(connection_url="x://u:${PREFECT_SERVER_DATABASE_PASSWORD}@h")


def test_password_without_a_place_in_the_url_warns() -> None:
    with pytest.warns(UserWarning, match="does not use it"):
        ServerDatabaseSettings(connection_url="x://u@h", password="p")


def test_log_larger_than_a_batch_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_LOGGING_TO_API_BATCH_SIZE", "10")

    with pytest.raises(ValueError, match="MAX_LOG_SIZE is 1000000, more than the 10"):
        group("logging")


def test_url_of_web_pages_warns_unless_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "https://app.prefect.cloud/account/A")

    with pytest.warns(UserWarning, match="address of web pages"):
        group("api")
    monkeypatch.setenv("PREFECT_SILENCE_API_URL_MISCONFIGURATION", "1")
    refresh()
    assert group("api").url == PREFECT_API_URL.value()


@pytest.mark.parametrize(("text", "expected"), [("/c.pem", "/c.pem"), ("", None)])
def test_certificates_follow_the_environment(
    text: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", text)

    assert APISettings().ssl_cert_file == expected


def test_environment_variables_give_the_same_settings_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(
        api={"url": "http://a/api", "key": "k"},
        client={"retry_extra_codes": {500, 429}, "custom_headers": {"a": "b"}},
        tasks={"default_retry_delay_seconds": [1.0, 10.0, 5.0]},
        server={"api": {"csrf_token_expiration": 60}},
    )

    for name, value in settings.to_environment_variables().items():
        monkeypatch.setenv(name, value)

    again = Settings()
    assert again.hash_key() == settings.hash_key()
    assert again.tasks.default_retry_delay_seconds == [1.0, 10.0, 5.0]
    assert again.model_dump(exclude={"server"}) == settings.model_dump(exclude={"server"})


def test_environment_variables_can_be_those_that_are_set() -> None:
    settings = Settings(client={"metrics": {"enabled": True}})

    assert settings.to_environment_variables(exclude_unset=True, include_aliases=True) == {
        "PREFECT_CLIENT_METRICS_ENABLED": "True",
        "PREFECT_CLIENT_ENABLE_METRICS": "True",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "True",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "True",
    }


def test_hash_key_differs_for_other_settings() -> None:
    assert Settings().hash_key() == Settings().hash_key() != Settings(api={"key": "k"}).hash_key()


def test_connected_to_cloud_looks_at_the_url() -> None:
    assert Settings(api={"url": "https://api.prefect.cloud/api/x"}).connected_to_cloud
    assert not Settings(api={"url": "http://a/api"}).connected_to_cloud
    assert not Settings().connected_to_cloud


def test_settings_that_moved_are_still_found_at_their_old_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_RUNNER_HEARTBEAT_FREQUENCY", "60")
    monkeypatch.setenv("PREFECT_EXPERIMENTS_PLUGINS_STRICT", "1")

    assert group("runner").heartbeat_frequency == 60
    assert group("experiments").plugins.strict is True


def test_environment_prefix_is_that_of_the_model() -> None:
    assert canonical_environment_prefix(Settings()) == "PREFECT_"
    assert canonical_environment_prefix(Settings().server.api) == "PREFECT_SERVER_API_"


def test_sources_of_a_model_are_listed_strongest_first(
    monkeypatch: pytest.MonkeyPatch, write_profiles: Callable[[str], Path]
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://env")
    Path(".env").write_text("PREFECT_API_URL=http://dotenv\n")
    Path("prefect.toml").write_text("[api]\nurl = 'http://toml'\n")
    Path("pyproject.toml").write_text("[tool.prefect.api]\nurl = 'http://pyproject'\n")
    write_profiles('active = "a"\n[profiles.a]\nPREFECT_API_URL = "http://profile"\n')

    init, *others = APISettings.settings_customise_sources(APISettings, "init", None, None, None)

    assert init == "init"
    assert [source()["url"].removeprefix("http://") for source in others] == [
        "env",
        "dotenv",
        "toml",
        "pyproject",
        "profile",
    ]
