"""Logs of runs on their way to the API, without one."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect.exceptions import MissingContextError, PrefectHTTPStatusError
from prefect.logging import _api_logs
from prefect.logging.handlers import APILogHandler, APILogWorker, set_api_log_sink
from prefect.settings._current import refresh

RUN = {"flow_run_id": "11111111-1111-4111-8111-111111111111"}


@pytest.fixture(autouse=True)
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """An address at which nobody listens; settings can be changed through it."""

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        refresh()

    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    change("PREFECT_API_URL", "http://127.0.0.1:9/api")
    yield change
    APILogWorker._instances.clear()
    monkeypatch.undo()
    refresh()


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found = logging.getLogger("test_api_logs")
    found.propagate = False
    found.setLevel(logging.INFO)
    found.addHandler(APILogHandler())
    yield found
    found.handlers.clear()


class Posts:
    """Takes the place of sending: keeps what would be posted, or fails first."""

    def __init__(self, worker: APILogWorker) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.failures: list[Exception] = []
        worker._client._send = self.send  # type: ignore[assignment]

    async def send(self, method: str, path: str, *, content: bytes, retry: bool) -> None:
        assert (method, path, retry) == ("POST", "/logs/", True)
        if self.failures:
            raise self.failures.pop(0)
        self.batches.append(json.loads(content))


@pytest.fixture
def posts() -> Posts:
    return Posts(APILogWorker.instance())


def test_record_has_the_form_of_the_api(logger, posts):
    logger.warning('say "%s"\n', "ü", extra={**RUN, "task_run_id": "None"})
    APILogHandler().flush()

    [[log]] = posts.batches
    timestamp = log.pop("timestamp")
    assert timestamp.endswith("+00:00")
    assert log == {
        "name": "test_api_logs",
        "level": 30,
        "message": 'say "ü"\n',
        "flow_run_id": RUN["flow_run_id"],
        "task_run_id": None,
    }


def test_records_travel_together(logger, posts):
    for number in range(5):
        logger.info("%s", number, extra=RUN)
    assert APILogWorker.instance().drain()

    assert [log["message"] for batch in posts.batches for log in batch] == list("01234")
    assert len(posts.batches) == 1


def test_exception_is_written_out(logger, posts):
    try:
        raise ValueError("inner")
    except ValueError:
        logger.exception("outer", extra=RUN)
    APILogHandler().flush()

    message = posts.batches[0][0]["message"]
    assert message.startswith("outer\nTraceback")
    assert "ValueError: inner" in message


@pytest.mark.parametrize("character", ["x", "ü", "\n", "🙂"])
def test_long_message_is_cut(api, logger, character):
    api("PREFECT_LOGGING_TO_API_MAX_LOG_SIZE", "2000")
    posts = Posts(APILogWorker.instance())
    logger.info(character * 5000, extra=RUN)
    APILogHandler().flush()

    [[log]] = posts.batches
    assert log["message"].endswith("... [truncated]")
    assert log["message"].startswith(character * 20)
    assert len(json.dumps(log)) <= 2000


def test_batches_keep_to_their_size(api, logger):
    api("PREFECT_LOGGING_TO_API_MAX_LOG_SIZE", "1000")
    api("PREFECT_LOGGING_TO_API_BATCH_SIZE", "2500")
    posts = Posts(APILogWorker.instance())
    for number in range(20):
        logger.info("%s %s", number, "x" * 300, extra=RUN)
    assert APILogWorker.instance().drain()

    assert sum(map(len, posts.batches)) == 20
    assert all(len(json.dumps(batch, separators=(",", ":"))) <= 2500 for batch in posts.batches)


def test_logs_are_kept_while_the_api_is_away(logger, posts, monkeypatch):
    monkeypatch.setattr(_api_logs, "OUTAGE_RETRY_SECONDS", 0.01)
    posts.failures += [ConnectionError("away"), ConnectionError("away")]
    logger.info("a", extra=RUN)
    logger.info("b", extra=RUN)
    APILogHandler().flush()

    assert [log["message"] for log in posts.batches[0]] == ["a", "b"]


def test_logs_that_the_api_refuses_do_not_block_others(logger, posts):
    class Refused(PrefectHTTPStatusError):
        def __init__(self) -> None:
            Exception.__init__(self, "422")
            self.response = type("Response", (), {"status_code": 422})()  # type: ignore[assignment]

    posts.failures.append(Refused())
    logger.info("bad", extra=RUN)
    APILogHandler().flush()
    logger.info("good", extra=RUN)
    APILogHandler().flush()

    assert [log["message"] for batch in posts.batches for log in batch] == ["good"]


def test_memory_is_bounded(posts, monkeypatch):
    monkeypatch.setattr(_api_logs, "MOST_WAITING_BYTES", 1000)
    worker = APILogWorker.instance()
    with worker._lock:  # the background cannot take any meanwhile
        worker._loop = worker._loop or _api_logs.background_loop()
    for number in range(50):
        worker.send({"message": "x" * 100, "number": number})

    assert worker._waiting_bytes <= 1000
    assert worker._dropped > 30
    assert json.loads(worker._queue[-1])["number"] == 49


@pytest.mark.parametrize("what", ["warn", "error", "ignore"])
def test_record_outside_of_runs(api, logger, what):
    api("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", what)

    if what == "warn":
        with pytest.warns(UserWarning, match="belongs to no"):
            logger.info("lost")
    elif what == "error":
        with pytest.raises(MissingContextError, match="belongs to no"):
            logger.info("lost")
    else:
        logger.info("lost")
    assert not APILogWorker._instances


@pytest.mark.parametrize(
    ("name", "value"), [("PREFECT_LOGGING_TO_API_ENABLED", "false"), ("PREFECT_API_URL", "")]
)
def test_nothing_is_sent_when_switched_off(api, logger, name, value):
    api(name, value)

    logger.info("x", extra=RUN)

    assert not APILogWorker._instances


def test_sink_takes_the_place_of_sending(logger):
    taken: list[dict[str, Any]] = []
    set_api_log_sink(taken.append)
    try:
        logger.info("x", extra=RUN)
    finally:
        set_api_log_sink(None)

    assert [log["message"] for log in taken] == ["x"]
