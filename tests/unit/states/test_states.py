"""Makers of states, results and exceptions out of states, and the state a run ends in."""

import asyncio
import json
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

import prefect.states as states
from prefect._result_records import ResultRecord, ResultRecordMetadata
from prefect.client.schemas.actions import StateCreate
from prefect.client.schemas.objects import State, StateDetails, StateType
from prefect.exceptions import (
    CancelledRun,
    CrashedRun,
    FailedRun,
    MissingResult,
    PausedRun,
    TerminationSignal,
    UnfinishedRun,
)
from prefect.serializers import JSONSerializer

LATER = datetime(2030, 1, 1, tzinfo=timezone.utc)


# ---- makers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("Scheduled", StateType.SCHEDULED),
        ("Late", StateType.SCHEDULED),
        ("AwaitingRetry", StateType.SCHEDULED),
        ("AwaitingConcurrencySlot", StateType.SCHEDULED),
        ("Pending", StateType.PENDING),
        ("InfrastructurePending", StateType.PENDING),
        ("Submitting", StateType.PENDING),
        ("Running", StateType.RUNNING),
        ("Retrying", StateType.RUNNING),
        ("Completed", StateType.COMPLETED),
        ("Failed", StateType.FAILED),
        ("Crashed", StateType.CRASHED),
        ("Cancelling", StateType.CANCELLING),
        ("Cancelled", StateType.CANCELLED),
        ("Paused", StateType.PAUSED),
        ("Suspended", StateType.PAUSED),
    ],
)
def test_maker_makes_a_state_of_its_name(name: str, type_: StateType) -> None:
    class MyState(State):
        pass

    state = getattr(states, name)(cls=MyState, message="why")

    assert (type(state), state.name, state.type, state.message) == (MyState, name, type_, "why")


@pytest.mark.parametrize("maker", [states.Scheduled, states.Late, states.AwaitingRetry])
def test_scheduled_states_keep_their_time(maker: Any) -> None:
    assert maker(scheduled_time=LATER).state_details.scheduled_time == LATER
    assert maker(state_details={"scheduled_time": LATER}).state_details.scheduled_time == LATER
    assert maker().state_details.scheduled_time <= datetime.now(timezone.utc)


def test_scheduled_time_is_given_once() -> None:
    with pytest.raises(ValueError, match="`scheduled_time` is given twice"):
        states.Scheduled(scheduled_time=LATER, state_details={"scheduled_time": LATER})


def test_makers_keep_the_callers_details() -> None:
    details = StateDetails(cache_key="k")

    made = states.Scheduled(scheduled_time=LATER, state_details=details)

    assert made.state_details.cache_key == "k"
    assert details.scheduled_time is None


def test_pause_has_an_end_and_a_key() -> None:
    paused = states.Paused(pause_expiration_time=LATER, pause_key="k").state_details
    suspended = states.Suspended(timeout_seconds=60).state_details

    assert (paused.pause_timeout, paused.pause_key, paused.pause_reschedule) == (LATER, "k", False)
    assert suspended.pause_reschedule
    assert suspended.pause_timeout is not None
    assert suspended.pause_timeout - datetime.now(timezone.utc) <= timedelta(seconds=60)
    assert states.Paused().state_details.pause_timeout is None


def test_end_of_a_pause_is_given_once() -> None:
    with pytest.raises(ValueError, match="not both"):
        states.Paused(timeout_seconds=1, pause_expiration_time=LATER)
    with pytest.raises(ValueError, match="`pause_timeout` is given twice"):
        states.Paused(timeout_seconds=1, state_details={"pause_timeout": LATER})


# ---- results ------------------------------------------------------------------------------------


@pytest.fixture(params=["sync", "async"])
def result_of(request: pytest.FixtureRequest) -> Any:
    """Read a result on both faces."""

    def sync(state: State, **options: Any) -> Any:
        return state.result(**options)

    def async_(state: State, **options: Any) -> Any:
        async def read() -> Any:
            return await state.aresult(**options)

        return asyncio.run(read())

    return {"sync": sync, "async": async_}[request.param]


@pytest.mark.parametrize("value", [5, "text", [1], ValueError("a value"), states.Failed()])
def test_completed_state_gives_its_value(result_of: Any, value: Any) -> None:
    assert result_of(states.Completed(data=value)) is value


def test_value_that_was_not_stored_is_missed(result_of: Any) -> None:
    with pytest.raises(MissingResult, match="persist_result=True"):
        result_of(states.Completed())


@pytest.mark.parametrize("maker", [states.Running, states.Scheduled, states.Cancelling])
def test_unfinished_run_has_no_result(result_of: Any, maker: Any) -> None:
    with pytest.raises(UnfinishedRun, match=f"is {maker().type.value}"):
        result_of(maker(data=5))


def test_paused_run_has_no_result(result_of: Any) -> None:
    paused = states.Paused()

    with pytest.raises(PausedRun) as caught:
        result_of(paused)

    assert caught.value.state is paused


@pytest.mark.parametrize(
    ("state", "exception", "text"),
    [
        (states.Failed(message="why"), FailedRun, "why"),
        (states.Crashed(message="why"), CrashedRun, "why"),
        (states.Cancelled(message="why"), CancelledRun, "why"),
        (states.Failed(), FailedRun, "its exception is not known"),
        (states.Failed(data="text"), FailedRun, "text"),
        (states.Failed(data=KeyError("k")), KeyError, "k"),
        (states.Failed(data=states.Crashed(message="inner")), CrashedRun, "inner"),
        (
            states.Failed(data=[states.Completed(), states.Failed(message="second")]),
            FailedRun,
            "second",
        ),
        (states.Failed(data=5), TypeError, "not int"),
        (states.Failed(data=[states.Completed()]), ValueError, "None of the states"),
    ],
)
def test_failed_state_raises_what_it_holds(
    result_of: Any, state: State, exception: type[Exception], text: str
) -> None:
    with pytest.raises(exception, match=text):
        result_of(state)
    with pytest.raises(exception, match=text):
        states.raise_state_exception(state)


def test_failed_state_gives_its_exception_when_asked(result_of: Any) -> None:
    error = KeyError("k")

    assert result_of(states.Failed(data=error), raise_on_failure=False) is error
    assert isinstance(result_of(states.Failed(message="m"), raise_on_failure=False), FailedRun)


def test_state_that_did_not_fail_has_no_exception() -> None:
    states.raise_state_exception(states.Running())

    with pytest.raises(ValueError, match="Only a failed, crashed or cancelled run"):
        states.get_state_exception(states.Completed())


def test_result_is_awaited_where_a_loop_runs() -> None:
    async def main() -> Any:
        return await states.Completed(data=5).result()

    assert asyncio.run(main()) == 5


class Metadata:
    storage_key = "key"


class Results:
    """A store of results that finds them only after some attempts."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.slept: list[float] = []

    async def read(self, metadata: Any) -> Any:
        assert metadata.storage_key == "key"
        if self.failures:
            self.failures -= 1
            raise MissingResult("not there yet")
        return "value"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def test_stored_result_is_looked_for_again() -> None:
    results = Results(failures=2)

    value = asyncio.run(
        states._state_result(results, states.Completed(data=Metadata()), True, True)
    )

    assert value == "value"
    assert results.slept == [states.RESULT_READ_RETRY_DELAY] * 2


@pytest.mark.parametrize(
    ("retry", "attempts"), [(True, states.RESULT_READ_MAXIMUM_ATTEMPTS), (False, 1)]
)
def test_stored_result_is_given_up(retry: bool, attempts: int) -> None:
    results = Results(failures=99)

    with pytest.raises(MissingResult):
        asyncio.run(states._state_result(results, states.Completed(data=Metadata()), True, retry))

    assert 99 - results.failures == attempts


def test_stored_result_is_read_from_the_file_that_the_state_names(
    result_of: Any, tmp_path: Path
) -> None:
    record = ResultRecord(
        result={"x": 1},
        metadata=ResultRecordMetadata(
            storage_key=str(tmp_path / "result"), serializer=JSONSerializer()
        ),
    )
    (tmp_path / "result").write_bytes(record.serialize())
    sent = states.Completed(data=record.metadata).model_dump_json()

    state = State.model_validate_json(sent)

    assert isinstance(state.data, ResultRecordMetadata)
    assert result_of(state) == {"x": 1}


def test_place_of_a_result_is_sent_whole() -> None:
    serializer = {"type": "compressed", "compressionlib": "zlib", "serializer": {"type": "json"}}
    state = states.Completed(data={"storage_key": "key", "serializer": serializer})

    for model in (state, states.to_state_create(state)):
        data = json.loads(model.model_dump_json(exclude_unset=True))["data"]

        assert data["storage_key"] == "key"
        assert data["storage_block_id"] is None
        assert data["serializer"]["compressionlib"] == "zlib"
        assert data["serializer"]["serializer"]["type"] == "json"
        assert model.model_dump()["data"]["serializer"]["serializer"]["type"] == "json"


def test_stored_result_that_is_not_here_is_missed(result_of: Any, tmp_path: Path) -> None:
    state = states.Completed(data={"storage_key": str(tmp_path / "gone")})

    with pytest.raises(MissingResult, match="gone"):
        result_of(state, retry_result_failure=False)


# ---- proposals and groups -----------------------------------------------------------------------


def test_proposal_holds_no_data_but_where_a_result_is() -> None:
    state = states.Completed(message="m", data=object(), state_details={"cache_key": "k"})

    proposal = states.to_state_create(state)

    assert proposal == StateCreate(
        type=StateType.COMPLETED,
        name="Completed",
        message="m",
        state_details=StateDetails(cache_key="k"),
    )
    record = SimpleNamespace(metadata=Metadata(), result=5)
    assert isinstance(states.to_state_create(states.Completed(data=record)).data, Metadata)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([states.Completed()], True),
        ((states.Completed(),), True),
        ({states.Completed()}, True),
        ([], False),
        ([states.Completed(), 1], False),
        ({"a": states.Completed()}, False),
        (states.Completed(), False),
    ],
)
def test_states_are_told_from_other_values(value: Any, expected: bool) -> None:
    assert states.is_state_iterable(value) is expected


def test_group_counts_its_states() -> None:
    group = states.StateGroup(
        [states.Completed(), states.Failed(), states.Crashed(), states.Running(), states.Paused()]
    )

    assert group.fail_count == 2
    assert group.any_failed()
    assert group.any_paused()
    assert not group.any_cancelled()
    assert not group.all_completed()
    assert not group.all_final()
    assert group.counts_message() == (
        "5 states: 1 RUNNING, 1 COMPLETED, 1 FAILED, 1 CRASHED, 1 PAUSED (2 not final)"
    )
    assert states.StateGroup([]).counts_message() == "0 states"


# ---- how runs end -------------------------------------------------------------------------------


class Store:
    """A result store that remembers what was written."""

    def __init__(self) -> None:
        self.written: list[Any] = []

    def create_result_record(self, obj: Any, key: Any = None, expiration: Any = None) -> Any:
        return SimpleNamespace(metadata=Metadata(), result=obj, key=key, expiration=expiration)

    async def apersist_result_record(self, result_record: Any) -> None:
        self.written.append(result_record.result)


@pytest.mark.parametrize(
    ("exception", "text"),
    [
        (KeyboardInterrupt(), "an interrupt signal"),
        (TerminationSignal(signal=15), "a termination signal"),
        (SystemExit(3), "exited (code 3)"),
        (asyncio.CancelledError(), "cancelled by the event loop"),
        (RuntimeError("x"), "unexpected exception: RuntimeError: x"),
        (GeneratorExit(), "unexpected exception: GeneratorExit"),
    ],
)
def test_crash_says_what_happened(exception: BaseException, text: str) -> None:
    state = asyncio.run(states.exception_to_crashed_state(exception))

    assert state.is_crashed()
    assert state.message is not None
    assert text in state.message
    assert state.data is exception


def test_crash_by_a_failed_request_names_its_address() -> None:
    request = httpx.Request("GET", "http://api.example/flows")

    known = asyncio.run(
        states.exception_to_crashed_state(httpx.ConnectError("refused", request=request))
    )
    unknown = asyncio.run(states.exception_to_crashed_state(httpx.ReadTimeout("slow")))

    assert known.message == (
        "The request to http://api.example/flows failed: ConnectError: refused"
    )
    assert unknown.message == "The request to the API failed: ReadTimeout: slow"


def test_failure_holds_the_exception_and_its_text() -> None:
    error = ZeroDivisionError("division by zero")

    state = asyncio.run(states.exception_to_failed_state(error, message="Step 2:", name="TimedOut"))

    assert (state.name, state.type, state.data) == ("TimedOut", StateType.FAILED, error)
    assert state.message == "Step 2: ZeroDivisionError: division by zero"


def test_failure_takes_the_exception_being_handled() -> None:
    async def handle() -> Any:
        try:
            raise KeyError("k")
        except KeyError:
            return await states.exception_to_failed_state()

    assert isinstance(asyncio.run(handle()).data, KeyError)
    with pytest.raises(ValueError, match="Give an exception"):
        asyncio.run(states.exception_to_failed_state())


def test_exception_goes_to_the_result_store() -> None:
    store: Any = Store()
    error = KeyError("k")

    kept = asyncio.run(states.exception_to_failed_state(error, result_store=store))
    written = asyncio.run(
        states.exception_to_failed_state(error, result_store=store, write_result=True)
    )

    assert kept.data.result is written.data.result is error
    assert store.written == [error]


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        (5, StateType.COMPLETED, None),
        ([], StateType.COMPLETED, None),
        ([states.Completed()], StateType.COMPLETED, "All of 1 states completed."),
        (
            [states.Completed(), states.Failed()],
            StateType.FAILED,
            "1 of 2 states failed.",
        ),
        (
            [states.Cancelled(), states.Failed()],
            StateType.CANCELLED,
            "1 of 2 states were cancelled.",
        ),
        ([states.Paused()], StateType.PAUSED, "1 of 1 states wait to be resumed."),
        ([states.Running()], StateType.FAILED, "1 of 1 states have not ended."),
    ],
)
def test_value_of_a_run_makes_its_final_state(
    value: Any, type_: StateType, message: str | None
) -> None:
    store: Any = Store()

    state = asyncio.run(states.return_value_to_state(value, store, key="k", write_result=True))

    assert (state.type, state.message) == (type_, message)
    assert (state.data.result, state.data.key) == (value, "k")
    assert store.written == [value]


def test_state_returned_by_a_run_is_its_final_state() -> None:
    returned = states.Failed(message="by hand", data=5)

    state: State[Any] = asyncio.run(states.return_value_to_state(returned, Store()))

    assert state is returned
    assert state.data.result == 5


def test_exception_is_written_in_one_line_or_with_its_traceback() -> None:
    try:
        raise KeyError("k")
    except KeyError as error:
        short = states.format_exception(error)
        long = states.format_exception(error, error.__traceback__)

    assert short == "KeyError: 'k'"
    assert long.startswith("Traceback")
    assert long.endswith(short)


def test_results_are_read_in_a_thread_without_a_loop() -> None:
    read: list[Any] = []

    thread = threading.Thread(target=lambda: read.append(states.Completed(data=5).result()))
    thread.start()
    thread.join(10)

    assert read == [5]
