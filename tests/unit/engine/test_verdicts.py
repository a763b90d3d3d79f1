"""What a flow run does with the answers of who decides its states."""

from typing import Any

import pytest

from prefect import flow
from prefect._engine._authority import LocalAuthority, Verdict
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Abort, CancelledRun, Pause
from prefect.states import Cancelled, Completed, Paused, Scheduled


class Scripted(LocalAuthority):
    """Answers the first proposals of a type as told, accepts the rest."""

    script: dict[str, list[Any]]
    proposed: list[str]

    async def propose(self, run: FlowRun, state: State[Any], force: bool = False) -> Verdict:
        Scripted.proposed.append(state.type.value)
        answers = Scripted.script.get(state.type.value)
        if answers:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[no-any-return]  # verdicts otherwise
        return await super().propose(run, state, force)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    Scripted.script, Scripted.proposed = {}, []
    monkeypatch.setattr("prefect.flow_engine.LocalAuthority", Scripted)
    return Scripted.script


def test_run_that_must_wait_proposes_again(face, answers):
    answers["RUNNING"] = [Verdict("WAIT", None, "not yet", 0.001)] * 2

    assert face.call(flow(face.make(lambda: 1), name="f")) == 1
    assert Scripted.proposed == ["RUNNING"] * 3 + ["COMPLETED"]


def test_run_without_a_slot_waits_for_its_time(face, answers):
    answers["RUNNING"] = [Verdict("REJECT", Scheduled(name="AwaitingConcurrencySlot"), "full")]

    assert face.call(flow(face.make(lambda: 1), name="f")) == 1
    assert Scripted.proposed == ["RUNNING", "RUNNING", "COMPLETED"]


@pytest.mark.parametrize(
    ("verdict", "error"),
    [
        (Verdict("ABORT", None, "stop"), Abort),
        (Verdict("REJECT", Paused(), "paused"), Pause),
        (Verdict("REJECT", Cancelled(), "cancelled"), CancelledRun),
    ],
)
def test_run_that_may_not_start_calls_nothing(face, answers, verdict, error):
    called: list[str] = []
    answers["RUNNING"] = [verdict]

    with pytest.raises(error):
        face.call(
            flow(
                face.make(lambda: called.append("body")),
                name="f",
                on_running=[lambda *_: called.append("hook")],
            )
        )

    assert called == []
    assert Scripted.proposed == ["RUNNING"]


def test_run_that_has_completed_is_not_run_again(face, answers):
    called: list[int] = []
    answers["RUNNING"] = [Verdict("REJECT", Completed(data=7), "done")]

    state = face.call(flow(face.make(lambda: called.append(1)), name="f"), return_state=True)

    assert state.result() == 7
    assert called == []


def test_end_that_cannot_be_told_is_no_failure(face, answers):
    """The code has run: its value counts, whatever became of the API meanwhile."""
    hooks: list[str] = []
    answers["COMPLETED"] = [ConnectionError("away")]

    value = face.call(
        flow(face.make(lambda: 5), name="f", on_completion=[lambda *_: hooks.append("done")])
    )

    assert value == 5
    assert hooks == ["done"]


def test_exception_stays_when_its_end_cannot_be_told(face, answers):
    error = ValueError("mine")
    answers["FAILED"] = [ConnectionError("away")]

    def fail() -> None:
        raise error

    with pytest.raises(ValueError, match="mine") as raised:
        face.call(flow(face.make(fail)))
    assert raised.value is error
