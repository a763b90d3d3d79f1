"""Setting logging up: defaults, files, the environment, the console."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect.exceptions import PrefectImportError
from prefect.logging import configuration
from prefect.logging.configuration import (
    DEFAULT_LOGGING_SETTINGS_PATH,
    ensure_logging_setup,
    load_logging_config,
    setup_logging,
)
from prefect.logging.formatters import JsonFormatter, PrefectFormatter, format_exception_info
from prefect.logging.handlers import PrefectConsoleHandler
from prefect.settings._current import refresh


@pytest.fixture(autouse=True)
def logging_as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give every test settings of its own, and take its logging set-up back."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setattr(configuration, "PROCESS_LOGGING_CONFIG", {})
    refresh()
    names = ["", *logging.root.manager.loggerDict]
    before = {
        name: (logger.level, logger.handlers[:], logger.propagate, logger.disabled)
        for name in names
        for logger in [logging.getLogger(name)]
    }
    yield
    for name in ["", *logging.root.manager.loggerDict]:
        logger = logging.getLogger(name)
        logger.level, logger.handlers[:], logger.propagate, logger.disabled = before.get(
            name, (logging.NOTSET, [], True, False)
        )
    logging.root.manager._clear_cache()  # type: ignore[attr-defined]  # levels were set directly
    refresh()


def setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    refresh()


def test_defaults_send_to_the_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])  # pytest has put its own there

    config = setup_logging()

    assert logging.getLogger("prefect").level == logging.INFO
    assert any(isinstance(handler, PrefectConsoleHandler) for handler in logging.root.handlers)
    assert config["incremental"] is False


def test_handlers_of_the_program_stay_and_nothing_is_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = logging.StreamHandler(io.StringIO())
    own.addFilter(logging.Filter("prefect"))
    monkeypatch.setattr(logging.root, "handlers", [own])

    setup_logging()
    logging.getLogger("prefect.flow_runs.x").warning("heard")

    assert logging.root.handlers == [own]
    assert own.stream.getvalue() == "heard\n"


def test_level_follows_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, "PREFECT_LOGGING_LEVEL", "DEBUG")

    setup_logging()

    assert logging.getLogger("prefect").level == logging.DEBUG


def test_every_value_can_be_overridden_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL", "ERROR")
    monkeypatch.setenv("PREFECT_LOGGING_LOGGERS_PREFECT_EXTRA_PROPAGATE", "true")
    monkeypatch.setenv("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "10")
    monkeypatch.setenv("PREFECT_LOGGING_ROOT_HANDLERS", "console, debug")

    config = load_logging_config(DEFAULT_LOGGING_SETTINGS_PATH)

    assert config["loggers"]["prefect.flow_runs"]["level"] == "ERROR"
    assert config["loggers"]["prefect.extra"]["propagate"] is True
    assert config["handlers"]["console"]["level"] == 10
    assert config["root"]["handlers"] == ["console", "debug"]


def test_second_set_up_is_incremental() -> None:
    setup_logging()
    handlers = logging.root.handlers[:]

    assert setup_logging()["incremental"] is True
    assert logging.root.handlers == handlers


def test_ensuring_sets_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_logging_setup()
    monkeypatch.setattr(configuration, "setup_logging", pytest.fail)

    ensure_logging_setup()

    assert configuration.PROCESS_LOGGING_CONFIG


def test_extra_loggers_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, "PREFECT_LOGGING_EXTRA_LOGGERS", "their_library")

    setup_logging()

    assert logging.getLogger("their_library").level == logging.INFO


def test_file_takes_the_place_of_the_defaults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "logging.json"
    file.write_text(
        json.dumps({"version": 1, "root": {"level": "${PREFECT_LOGGING_LEVEL}", "handlers": []}})
    )
    setting(monkeypatch, "PREFECT_LOGGING_LEVEL", "CRITICAL")
    setting(monkeypatch, "PREFECT_LOGGING_CONFIG_PATH", str(file))

    setup_logging()

    assert logging.root.level == logging.CRITICAL


def test_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "logging.json"
    file.write_text("[]")

    with pytest.raises(ValueError, match="mapping"):
        load_logging_config(file)


def test_yaml_file_needs_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    file = tmp_path / "logging.yml"
    file.write_text("version: 1")

    with pytest.raises(PrefectImportError, match=r"prefect-client\[yaml\]"):
        load_logging_config(file)


def record(message: str = "hello", **extra: Any) -> logging.LogRecord:
    made = logging.LogRecord("prefect.x", logging.INFO, "file.py", 3, message, (), None)
    vars(made).update(extra)
    return made


def test_records_of_runs_have_forms_of_their_own() -> None:
    formatter = PrefectFormatter(
        "other %(message)s",
        flow_run_fmt="flow %(flow_run_name)s %(message)s",
        task_run_fmt="task %(task_run_name)s %(message)s",
    )

    assert formatter.format(record()) == "other hello"
    assert formatter.format(record(flow_run_id="1", flow_run_name="f")) == "flow f hello"
    assert (
        formatter.format(record(flow_run_id="1", task_run_id="2", task_run_name="t"))
        == "task t hello"
    )


def test_time_is_shown_if_only_a_form_of_runs_has_it() -> None:
    formatter = PrefectFormatter("%(message)s", flow_run_fmt="%(asctime)s", datefmt="%Y")

    assert formatter.format(record(flow_run_id="1")).isdigit()


def test_json_records_can_be_read_back() -> None:
    try:
        raise ValueError("bad")
    except ValueError:
        made = record(data={"path": Path("/x")}, exc_info=sys.exc_info())

    data = json.loads(JsonFormatter("default", "", "%").format(made))

    assert data["severity"] == "INFO"
    assert data["msg"] == "hello"
    assert data["exc_info"]["type"] == "ValueError"
    assert data["exc_info"]["message"] == "bad"
    assert "raise ValueError" in data["exc_info"]["traceback"]


def test_pretty_json_has_lines() -> None:
    assert "\n  " in JsonFormatter("pretty", "", "%").format(record())


def test_unknown_json_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'default' or 'pretty'"):
        JsonFormatter("nonsense", "", "%")  # type: ignore[arg-type]  # the mistake under test


def test_no_exception_is_described_as_none() -> None:
    assert format_exception_info((None, None, None)) == {
        "type": None,
        "message": None,
        "traceback": None,
    }


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


STYLES = {"log.error_level": "bold red", "log.flow_run_name": "magenta", "log.web_url": "blue"}


@pytest.fixture(autouse=True)
def colours_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_terminal_gets_colours() -> None:
    stream = Terminal()

    PrefectConsoleHandler(stream, styles=STYLES).emit(record("ERROR in flow run 'brave-otter'"))

    assert stream.getvalue() == (
        "\x1b[1;31mERROR\x1b[0m in flow run \x1b[35m'brave-otter'\x1b[0m\n"
    )


def test_file_gets_none() -> None:
    stream = io.StringIO()

    PrefectConsoleHandler(stream, styles=STYLES).emit(record("ERROR"))

    assert stream.getvalue() == "ERROR\n"


@pytest.mark.parametrize("name", ["NO_COLOR", "PREFECT_LOGGING_COLORS"])
def test_colours_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    setting(monkeypatch, name, "0")
    stream = Terminal()

    PrefectConsoleHandler(stream, styles=STYLES).emit(record("ERROR"))

    assert stream.getvalue() == "ERROR\n"


def test_importing_the_configuration_sets_nothing_up() -> None:
    code = (
        "import logging; import prefect.logging.configuration, prefect.logging.handlers;"
        "assert not logging.getLogger().handlers"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
