"""Flow runs and states: JSON, pickles, equality, defaults, and what importing them loads."""

import json
import pickle
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from prefect.client.schemas.actions import DeploymentFlowRunCreate, StateCreate
from prefect.client.schemas.objects import (
    FlowRun,
    FlowRunPolicy,
    RunType,
    State,
    StateDetails,
    StateType,
    TaskRun,
    TaskRunPolicy,
)
from prefect.client.schemas.responses import OrchestrationResult, StateWaitDetails

FLOW_ID = UUID(int=1)

aware = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 - hypothesis wants them naive
    timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=5, minutes=30))]),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
states: st.SearchStrategy[State] = st.builds(
    State,
    id=st.uuids(),
    type=st.sampled_from(StateType),
    name=st.none() | st.text(max_size=20),
    timestamp=aware,
    message=st.none() | st.text(),
    state_details=st.builds(
        StateDetails,
        flow_run_id=st.none() | st.uuids(),
        scheduled_time=st.none() | aware,
        pause_reschedule=st.booleans(),
        run_input_keyset=st.none() | st.dictionaries(st.text(), st.text(), max_size=2),
    ),
)
flow_runs = st.builds(
    FlowRun,
    id=st.uuids(),
    flow_id=st.uuids(),
    name=st.text(min_size=1, max_size=20),
    parameters=st.dictionaries(st.text(), json_values, max_size=3),
    tags=st.lists(st.text(), max_size=3),
    labels=st.dictionaries(
        st.text(), st.booleans() | st.integers(-(2**53), 2**53) | st.text(), max_size=3
    ),
    start_time=st.none() | aware,
    total_run_time=st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds)),
    state=st.none() | states,
)


@given(states)
def test_state_survives_json(state: State) -> None:
    assert State.model_validate_json(state.model_dump_json()) == state


@given(flow_runs)
def test_flow_run_survives_json(flow_run: FlowRun) -> None:
    assert FlowRun.model_validate_json(flow_run.model_dump_json()) == flow_run


@given(flow_runs)
def test_flow_run_survives_pickle(flow_run: FlowRun) -> None:
    assert pickle.loads(pickle.dumps(flow_run)) == flow_run


def test_pickles_name_the_public_module() -> None:
    pickled = pickle.dumps(FlowRun(flow_id=FLOW_ID, state=State(type=StateType.RUNNING)), 0)

    assert b"prefect.client.schemas.objects\nFlowRun" in pickled
    assert b"_models" not in pickled


def test_times_are_aware_and_written_with_their_offset() -> None:
    run = FlowRun(
        flow_id=FLOW_ID,
        start_time="2026-01-01T10:00:00",
        end_time="2026-01-01T12:00:00+01:00",
        total_run_time=timedelta(minutes=1, milliseconds=500),
    )

    written = json.loads(run.model_dump_json())

    assert written["start_time"] == "2026-01-01T10:00:00Z"
    assert written["end_time"] == "2026-01-01T12:00:00+01:00"
    assert written["total_run_time"] == 60.5


@pytest.mark.parametrize("name", [None, ""])
@pytest.mark.parametrize(
    "make",
    [
        lambda **fields: FlowRun(flow_id=FLOW_ID, **fields),
        lambda **fields: TaskRun(task_key="t", dynamic_key="0", **fields),
    ],
    ids=["flow run", "task run"],
)
def test_run_without_name_gets_two_words(make: Any, name: Any) -> None:
    first, second = make(name=name).name.split("-")

    assert first.isalpha()
    assert second.isalpha()


def test_flow_runs_are_equal_whatever_the_server_estimates() -> None:
    run = FlowRun(flow_id=FLOW_ID)

    assert run == run.model_copy(update={"estimated_run_time": timedelta(seconds=3)})
    assert run != run.model_copy(update={"name": "other"})
    assert run != "run"


def test_labels_may_be_null() -> None:
    assert FlowRun(flow_id=FLOW_ID, labels=None).labels == {}


@pytest.mark.parametrize("policy", [FlowRunPolicy, TaskRunPolicy])
def test_policy_takes_the_old_names(policy: Any) -> None:
    made = policy(max_retries=3, retry_delay_seconds=4)

    assert (made.retries, made.retry_delay) == (3, 4)
    assert policy(retries=1, max_retries=2).retries == 1


def test_task_policy_limits_retry_delays() -> None:
    assert TaskRunPolicy(retry_delay=[1] * 50).retry_delay == [1] * 50
    with pytest.raises(ValidationError, match="up to 50 retry delays, not 51"):
        TaskRunPolicy(retry_delay=[1] * 51)
    with pytest.raises(ValidationError, match="may not be negative"):
        TaskRunPolicy(retry_jitter_factor=-0.1)


def test_body_holds_only_what_was_set() -> None:
    body = DeploymentFlowRunCreate(parameters={"x": 1}, state=StateCreate(type=StateType.PENDING))

    assert json.loads(body.model_dump_json(exclude_unset=True)) == {
        "parameters": {"x": 1},
        "state": {"type": "PENDING"},
    }


def test_body_refuses_a_misspelt_field() -> None:
    with pytest.raises(ValidationError, match="paramters"):
        DeploymentFlowRunCreate(paramters={})  # type: ignore[call-arg]  # the point of the test


# ---- states --------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", list(StateType))
def test_state_is_named_after_its_type(type_: StateType) -> None:
    state = State(type=type_)

    assert state.name == type_.value.capitalize()
    assert getattr(state, f"is_{type_.value.lower()}")()
    assert state.is_final() == (type_.value in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


def test_scheduled_state_is_scheduled_for_now() -> None:
    before = datetime.now(timezone.utc)

    scheduled_time = State(type=StateType.SCHEDULED).state_details.scheduled_time

    assert scheduled_time is not None
    assert before <= scheduled_time <= datetime.now(timezone.utc)


@pytest.mark.parametrize(
    ("state", "text", "representation"),
    [
        (
            State(type=StateType.COMPLETED, message="done", data=5),
            "Completed('done')",
            "Completed(message='done', type=COMPLETED, result=5)",
        ),
        (
            State(type=StateType.SCHEDULED, name="Late"),
            "Late(type=SCHEDULED)",
            "Late(message=None, type=SCHEDULED, result=None)",
        ),
    ],
)
def test_state_is_shown_by_its_name(state: State, text: str, representation: str) -> None:
    assert str(state) == text
    assert repr(state) == representation


def test_fresh_copy_is_a_new_state_of_the_same_content() -> None:
    state = State(type=StateType.FAILED, message="m", state_details={"flow_run_id": FLOW_ID})

    copy = state.fresh_copy()

    assert copy.id != state.id
    assert copy.timestamp >= state.timestamp
    assert (copy.type, copy.message, copy.state_details) == (
        state.type,
        state.message,
        state.state_details,
    )


def test_state_is_generic_for_type_checkers_only() -> None:
    assert State[int] is State
    assert OrchestrationResult[int] is OrchestrationResult


def test_state_forgets_that_a_result_was_not_stored() -> None:
    assert State(type=StateType.COMPLETED, data={"type": "unpersisted"}).data is None
    assert State(type=StateType.COMPLETED, data={"x": 1}).data == {"x": 1}


def test_states_of_the_same_content_are_equal_and_hash_alike() -> None:
    state = State(type=StateType.RUNNING)

    assert state == state.model_copy()
    assert hash(state) == hash(state.model_copy())
    assert state != state.fresh_copy()


def test_state_details_name_their_run() -> None:
    details = StateDetails(flow_run_id=FLOW_ID)

    result = details.to_run_result(RunType.FLOW_RUN)

    assert result is not None
    assert result.id == FLOW_ID
    assert details.to_run_result(RunType.TASK_RUN) is None


def test_unknown_state_type_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"'SCHEDULED', 'PENDING'.*NOPE"):
        State.model_validate({"type": "NOPE"})


def test_orchestration_result_reads_the_details_of_its_kind() -> None:
    result = OrchestrationResult.model_validate(
        {
            "state": None,
            "status": "WAIT",
            "details": {"type": "wait_details", "delay_seconds": 5, "new_field": 1},
        }
    )

    assert result.details == StateWaitDetails(delay_seconds=5)


# ---- cost ----------------------------------------------------------------------------------------


def modules_after(code: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(ended.stdout.split())


def test_reading_a_flow_run_defines_no_other_noun() -> None:
    loaded = modules_after(
        "from prefect.client.schemas.objects import FlowRun, State\n"
        f"FlowRun.model_validate({{'flow_id': '{uuid4()}', 'name': 'a'}})"
    )

    nouns = "prefect.client.schemas._models."
    assert {name.removeprefix(nouns) for name in loaded if name.startswith(nouns)} == {
        "_fields",
        "flow_runs",
        "states",
    }
    assert loaded.isdisjoint({"asyncio", "httpx", "pydantic.plugin._loader", "prefect.settings"})


def test_types_are_imported_without_pydantic() -> None:
    loaded = modules_after(
        "import prefect.types, prefect.schedules\nfrom prefect.types import DateTime"
    )

    assert "pydantic" not in loaded


def test_models_of_users_still_get_pydantic_plugins() -> None:
    loaded = modules_after(
        "from prefect.client.schemas.objects import StateDetails\n"
        "import pydantic\n"
        "StateDetails()\n"
        "class Mine(pydantic.BaseModel): x: int\n"
        "Mine(x=1)"
    )

    assert "pydantic.plugin._loader" in loaded
