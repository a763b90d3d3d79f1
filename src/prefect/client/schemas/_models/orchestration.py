"""What the server answers to a proposed state, and the history of states."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal

from pydantic import Field
from typing_extensions import TypeVar

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._models.states import State, StateType
from prefect.types._datetime import DateTime
from prefect.types._enums import AutoEnum

__all__ = [
    "HistoryResponse",
    "HistoryResponseState",
    "OrchestrationResult",
    "SetStateStatus",
    "StateAbortDetails",
    "StateAcceptDetails",
    "StateRejectDetails",
    "StateResponseDetails",
    "StateWaitDetails",
]

T = TypeVar("T", default=Any)


class SetStateStatus(AutoEnum):
    """What became of a proposed state."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    ABORT = "ABORT"
    WAIT = "WAIT"


class StateAcceptDetails(PrefectBaseModel):
    """The run is in the proposed state."""

    type: Literal["accept_details"] = "accept_details"


class StateRejectDetails(PrefectBaseModel):
    """The run is in another state, which the answer holds."""

    type: Literal["reject_details"] = "reject_details"
    reason: str | None = None


class StateAbortDetails(PrefectBaseModel):
    """The run must stop; its state stays what it was."""

    type: Literal["abort_details"] = "abort_details"
    reason: str | None = None


class StateWaitDetails(PrefectBaseModel):
    """The state may be proposed again after some seconds."""

    type: Literal["wait_details"] = "wait_details"
    delay_seconds: int
    reason: str | None = None


StateResponseDetails = Annotated[
    StateAcceptDetails | StateWaitDetails | StateRejectDetails | StateAbortDetails,
    Field(discriminator="type"),
]


class OrchestrationResult(PrefectBaseModel, Generic[T]):
    """The answer to a proposed state."""

    state: State[T] | None
    status: SetStateStatus
    details: StateResponseDetails

    if not TYPE_CHECKING:

        def __class_getitem__(cls, item):
            return cls  # one validator serves all, as with `State`


class HistoryResponseState(PrefectBaseModel):
    """The runs of one state within one interval of a history."""

    state_type: StateType
    state_name: str
    count_runs: int
    sum_estimated_run_time: timedelta
    sum_estimated_lateness: timedelta


class HistoryResponse(PrefectBaseModel):
    """One interval of the history of runs."""

    interval_start: DateTime
    interval_end: DateTime
    states: list[HistoryResponseState]


publish(
    "prefect.client.schemas.responses",
    SetStateStatus,
    StateAcceptDetails,
    StateRejectDetails,
    StateAbortDetails,
    StateWaitDetails,
    OrchestrationResult,
    HistoryResponseState,
    HistoryResponse,
)
