"""Loggers: names, what records carry, secrets, silence."""

import logging
import subprocess
import sys
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

import prefect.logging
from prefect.exceptions import MissingContextError
from prefect.logging import LogEavesdropper, disable_run_logger, get_logger, get_run_logger
from prefect.logging.filters import ObfuscateApiKeyFilter, redact_substr
from prefect.logging.loggers import (
    PrefectLogAdapter,
    disable_logger,
    flow_run_logger,
    get_worker_logger,
    patch_print,
    print_as_log,
    task_run_logger,
)

ID = UUID(int=5)
FLOW_RUN: Any = SimpleNamespace(id=ID, name="brave-otter")
TASK_RUN: Any = SimpleNamespace(id=ID, name="task-1", flow_run_id=ID)
FLOW: Any = SimpleNamespace(name="etl")


class Context:
    current: Any = None

    @classmethod
    def get(cls) -> Any:
        return cls.current


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that holds the runs' contexts, with none of them current."""
    module: Any = SimpleNamespace(
        FlowRunContext=type("FlowRunContext", (Context,), {}),
        TaskRunContext=type("TaskRunContext", (Context,), {}),
    )
    monkeypatch.setitem(sys.modules, "prefect.context", module)
    return module


@pytest.mark.parametrize(
    ("name", "full_name"),
    [
        (None, "prefect"),
        ("prefect", "prefect"),
        ("prefect.x", "prefect.x"),
        ("x", "prefect.x"),
        ("prefectly", "prefect.prefectly"),
    ],
)
def test_loggers_live_below_prefect(name: str | None, full_name: str) -> None:
    assert get_logger(name).name == full_name


def test_logger_has_one_filter_however_often_it_is_asked_for() -> None:
    for _ in range(3):
        logger = get_logger("asked.often")

    assert [type(item) for item in logger.filters] == [ObfuscateApiKeyFilter]


def test_importing_sets_nothing_up() -> None:
    code = (
        "import logging, sys; import prefect.logging.loggers;"
        "assert not logging.getLogger().handlers and not logging.getLogger('prefect').handlers;"
        "assert logging.getLogger('prefect').level == logging.NOTSET;"
        "loaded = {'pydantic', 'asyncio', 'httpx', 'prefect.settings'} & set(sys.modules);"
        "assert not loaded, loaded"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_lazy_package_has_all_it_lists() -> None:
    assert all(hasattr(prefect.logging, name) for name in prefect.logging.__all__)


def test_flow_run_logger_names_the_run() -> None:
    logger = flow_run_logger(FLOW_RUN, FLOW, more=1)

    assert logger.logger.name == "prefect.flow_runs"
    assert logger.extra == {
        "flow_run_name": "brave-otter",
        "flow_run_id": str(ID),
        "flow_name": "etl",
        "deployment_name": None,
        "more": 1,
    }


def test_flow_run_logger_works_with_an_id_alone() -> None:
    extra: Any = flow_run_logger(flow_run_id=ID).extra

    assert extra["flow_run_id"] == str(ID)
    assert extra["flow_run_name"] == "<unknown>"


def test_flow_run_logger_needs_a_run() -> None:
    with pytest.raises(ValueError, match="flow_run_id"):
        flow_run_logger()


def test_task_run_logger_names_both_runs() -> None:
    extra: Any = task_run_logger(TASK_RUN, None, FLOW_RUN, FLOW).extra

    assert (extra["task_run_id"], extra["task_run_name"]) == (str(ID), "task-1")
    assert (extra["flow_run_id"], extra["flow_run_name"]) == (str(ID), "brave-otter")
    assert (extra["flow_name"], extra["task_name"]) == ("etl", "<unknown>")


@pytest.mark.parametrize("backend_id", [None, ID])
def test_worker_logger_is_named_after_type_and_worker(backend_id: UUID | None) -> None:
    class Worker:
        type = "process"
        name = "My Worker"

    worker: Any = Worker()
    worker.backend_id = backend_id

    logger: Any = get_worker_logger(worker)

    assert (logger if backend_id is None else logger.logger).name == (
        "prefect.workers.process.my worker"
    )
    if backend_id is not None:
        assert logger.extra == {"worker_id": str(ID)}


def test_run_logger_outside_of_runs_says_what_to_do() -> None:
    with pytest.raises(MissingContextError, match="disable_run_logger"):
        get_run_logger()


def test_run_logger_is_silent_when_disabled() -> None:
    with disable_run_logger():
        logger: Any = get_run_logger()

        assert logger.disabled
    assert not get_logger("flow_runs").disabled


def test_run_logger_in_a_flow(contexts: Any) -> None:
    contexts.FlowRunContext.current = SimpleNamespace(flow_run=FLOW_RUN, flow=FLOW)

    logger: Any = get_run_logger(more=1)

    assert logger.logger.name == "prefect.flow_runs"
    assert logger.extra["more"] == 1


def test_run_logger_in_a_task_of_a_flow(contexts: Any) -> None:
    contexts.FlowRunContext.current = SimpleNamespace(flow_run=FLOW_RUN, flow=FLOW)
    contexts.TaskRunContext.current = SimpleNamespace(task_run=TASK_RUN, task=None)

    logger: Any = get_run_logger()

    assert logger.logger.name == "prefect.task_runs"
    assert logger.extra["flow_run_name"] == "brave-otter"


def test_run_logger_takes_a_context(contexts: Any) -> None:
    context = contexts.FlowRunContext()
    context.flow_run, context.flow = FLOW_RUN, FLOW

    logger: Any = get_run_logger(context)

    assert logger.extra["flow_name"] == "etl"


def test_run_logger_refuses_other_contexts(contexts: Any) -> None:
    with pytest.raises(TypeError, match="'nonsense'"):
        get_run_logger("nonsense")  # type: ignore[arg-type]  # the mistake under test


def test_adapter_merges_the_extra_of_a_call() -> None:
    adapter = PrefectLogAdapter(get_logger("x"), extra={"a": 1, "b": 1})

    assert adapter.process("m", {"extra": {"b": 2}}) == ("m", {"extra": {"a": 1, "b": 2}})


def test_child_of_an_adapter_keeps_and_adds() -> None:
    child = PrefectLogAdapter(get_logger("x"), extra={"a": 1}).getChild("kid", {"b": 2})

    assert child.logger.name == "prefect.x.kid"
    assert child.extra == {"a": 1, "b": 2}


def test_disabled_logger_comes_back_also_after_an_error() -> None:
    disabled: list[bool] = []

    def fail() -> None:
        disabled.append(logging.getLogger("prefect.some").disabled)
        raise KeyError

    with pytest.raises(KeyError), disable_logger("prefect.some"):
        fail()

    assert disabled == [True]
    assert not logging.getLogger("prefect.some").disabled


def test_eavesdropper_hears_children_and_restores_the_level() -> None:
    logger = logging.getLogger("eaves")

    with LogEavesdropper("eaves", level=logging.DEBUG) as listener:
        logger.debug("hello")
        logging.getLogger("eaves.drop").error("x %s", 1)
    logger.warning("afterwards")

    assert listener.text() == "[DEBUG]: hello\n[ERROR]: x 1"
    assert logger.level == logging.NOTSET
    assert not logger.handlers


def test_print_is_logged_in_a_run(contexts: Any, capsys: pytest.CaptureFixture[str]) -> None:
    contexts.FlowRunContext.current = SimpleNamespace(flow_run=FLOW_RUN, flow=FLOW)

    with LogEavesdropper("prefect.flow_runs", logging.INFO) as listener, patch_print():
        print("100 %", "done", sep="-")  # noqa: T201  # the function under test

    assert listener.text() == "[INFO]: 100 %-done"
    assert capsys.readouterr().out == ""


def test_print_is_printed_outside_of_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with patch_print(), patch_print():
        print("hello")  # noqa: T201  # the function under test
        print_as_log("again")

    assert capsys.readouterr().out == "hello\nagain\n"


def test_print_to_a_file_is_not_logged(contexts: Any, capsys: pytest.CaptureFixture[str]) -> None:
    import io

    contexts.FlowRunContext.current = SimpleNamespace(flow_run=FLOW_RUN, flow=FLOW)
    file = io.StringIO()

    with patch_print():
        print("kept", file=file)

    assert file.getvalue() == "kept\n"


def test_print_is_restored() -> None:
    before = print

    with patch_print():
        assert print is not before

    assert print is before


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("abcsec def", "abc******** def"),
        (b"sec", b"********"),
        ({"sec": ["xsec", ("sec",)]}, {"********": ["x********", ("********",)]}),
        (5, 5),
        (None, None),
        ("nothing", "nothing"),
    ],
)
def test_secret_is_hidden_at_any_depth(value: Any, clean: Any) -> None:
    assert redact_substr(value, "sec") == clean


def test_untouched_values_are_the_same_objects() -> None:
    value = {"a": [1, "b"]}

    assert redact_substr(value, "sec") is value
    assert redact_substr(value, "") is value


def test_api_key_never_shows(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("prefect.logging.filters._api_key", lambda: "pnu_secret")

    with LogEavesdropper("prefect.keys") as listener:
        get_logger("keys").warning("Bearer pnu_secret, %s", {"key": "pnu_secret"})

    assert "pnu_secret" not in listener.text()
    assert "Bearer ********" in listener.text()


def test_logging_works_while_settings_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str) -> None:
        get_logger("settings").warning("while reading %s", path)
        raise ValueError("the settings are wrong")

    monkeypatch.setattr("prefect.settings._current.group", broken)
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_secret")

    with LogEavesdropper("prefect") as listener:
        get_logger("x").warning("pnu_secret")

    assert "pnu_secret" not in listener.text()
    assert "********" in listener.text()
