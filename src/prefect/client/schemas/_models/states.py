"""States: what they are on the wire, how they are proposed, and what they answer about a run.

`State` is generic in the type of the run's result for type checkers only: at run time `State[int]`
is `State`, so that one validator serves all.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, overload
from uuid import UUID

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializationInfo,
    model_validator,
)
from typing_extensions import Self, TypeVar

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    TimeSeriesBaseModel,
    publish,
)
from prefect._internal.uuid7 import uuid7
from prefect.types._datetime import DateTime, now
from prefect.types._enums import AutoEnum

if TYPE_CHECKING:
    from prefect.client.schemas._models.run_inputs import FlowRunResult, RunType, TaskRunResult

__all__ = [
    "TERMINAL_STATES",
    "State",
    "StateCreate",
    "StateDetails",
    "StateType",
    "data_discriminator",
]

R = TypeVar("R", default=Any)


class StateType(AutoEnum):
    """The types of states; a state's name may say more, e.g. `Late` is a SCHEDULED state."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    CRASHED = "CRASHED"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"


TERMINAL_STATES: set[StateType] = {
    StateType.COMPLETED,
    StateType.CANCELLED,
    StateType.FAILED,
    StateType.CRASHED,
}
"""A run in one of these has ended."""


class StateDetails(PrefectBaseModel):
    """What the server and the engine note about one state."""

    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None
    child_flow_run_id: UUID | None = None
    scheduled_time: DateTime | None = None
    cache_key: str | None = None
    cache_expiration: DateTime | None = None
    deferred: bool | None = None
    untrackable_result: bool = False
    pause_timeout: DateTime | None = None
    pause_reschedule: bool = False
    pause_key: str | None = None
    run_input_keyset: dict[str, str] | None = None
    refresh_cache: bool | None = None
    retriable: bool | None = None
    transition_id: UUID | None = None
    task_parameters_id: UUID | None = None
    traceparent: str | None = None
    deployment_concurrency_lease_id: UUID | None = None

    def to_run_result(self, run_type: "RunType") -> "FlowRunResult | TaskRunResult | None":
        """Name the run of this state as the origin of a value; None when its id is not known."""
        # Here because most processes need no run inputs.
        from prefect.client.schemas._models.run_inputs import FlowRunResult, RunType, TaskRunResult

        if run_type == RunType.FLOW_RUN and self.flow_run_id:
            return FlowRunResult(id=self.flow_run_id)
        if run_type == RunType.TASK_RUN and self.task_run_id:
            return TaskRunResult(id=self.task_run_id)
        return None


def data_discriminator(x: Any) -> str:
    """Say what a state's data is: where a result is stored, or any other value."""
    if isinstance(x, Mapping):
        return "ResultRecordMetadata" if "storage_key" in x else "Any"
    return "ResultRecordMetadata" if hasattr(x, "storage_key") else "Any"


def _read_data(data: Any) -> Any:
    """Make a result's metadata an object; drop the mark that a result was not stored."""
    if not isinstance(data, dict):
        return data
    if "storage_key" in data:
        # Upward hop: the metadata names serializers and storage, which live with results.
        from prefect._result_records import ResultRecordMetadata

        return ResultRecordMetadata.model_validate(data)
    return None if data.get("type") == "unpersisted" else data


def _write_data(data: Any, info: SerializationInfo) -> Any:
    """Write a result's metadata whole: who reads it must not guess what it was written with."""
    if data_discriminator(data) == "ResultRecordMetadata" and hasattr(data, "model_dump"):
        return data.model_dump(mode=info.mode, serialize_as_any=True)
    return data


StateData = Annotated[Any, BeforeValidator(_read_data), PlainSerializer(_write_data)]


class State(TimeSeriesBaseModel, ObjectBaseModel, Generic[R]):
    """Where a run stands; a finished run's state also leads to its result."""

    type: StateType
    name: str | None = None
    timestamp: DateTime = Field(default_factory=now)
    message: str | None = None
    state_details: StateDetails = Field(default_factory=StateDetails)
    data: StateData = None

    if not TYPE_CHECKING:

        def __class_getitem__(cls, item):
            return cls

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Name the state after its type, and schedule a SCHEDULED one for now."""
        if not self.name:
            self.name = self.type.value.capitalize()
        if self.type is StateType.SCHEDULED and self.state_details.scheduled_time is None:
            self.state_details = self.state_details.model_copy(update={"scheduled_time": now()})
        return self

    @overload
    async def aresult(
        self, raise_on_failure: Literal[True] = ..., retry_result_failure: bool = ...
    ) -> R: ...

    @overload
    async def aresult(
        self, raise_on_failure: Literal[False] = False, retry_result_failure: bool = ...
    ) -> R | Exception: ...

    @overload
    async def aresult(
        self, raise_on_failure: bool = ..., retry_result_failure: bool = ...
    ) -> R | Exception: ...

    async def aresult(
        self, raise_on_failure: bool = True, retry_result_failure: bool = True
    ) -> R | Exception:
        """Read the result of the run that reached this state.

        Args:
            raise_on_failure: Whether the exception of a failed run is raised; else it is returned.
            retry_result_failure: Whether reading is tried again while the stored result cannot be
                found, for storage that is slow to show what was written.

        Raises:
            UnfinishedRun: If the state is not final.
            MissingResult: If the run's result was not stored.
            FailedRun, CrashedRun, CancelledRun: If the run ended so and its exception is not known.
        """
        # Upward hop: reading a result needs storage and serializers.
        from prefect.states import get_state_result

        return await get_state_result(
            self, raise_on_failure=raise_on_failure, retry_result_failure=retry_result_failure
        )

    @overload
    def result(
        self, raise_on_failure: Literal[True] = ..., retry_result_failure: bool = ...
    ) -> R: ...

    @overload
    def result(
        self, raise_on_failure: Literal[False] = False, retry_result_failure: bool = ...
    ) -> R | Exception: ...

    @overload
    def result(
        self, raise_on_failure: bool = ..., retry_result_failure: bool = ...
    ) -> R | Exception: ...

    @async_dispatch(aresult)
    def result(
        self, raise_on_failure: bool = True, retry_result_failure: bool = True
    ) -> R | Exception:
        """Read the result of the run that reached this state; see `aresult`.

        In a running event loop this returns the coroutine of `aresult`.
        """
        # Upward hop: reading a result needs storage and serializers.
        from prefect.states import _get_state_result_blocking

        return _get_state_result_blocking(
            self, raise_on_failure=raise_on_failure, retry_result_failure=retry_result_failure
        )

    def is_scheduled(self) -> bool:
        """Whether the run waits for its time."""
        return self.type is StateType.SCHEDULED

    def is_pending(self) -> bool:
        """Whether the run is about to start."""
        return self.type is StateType.PENDING

    def is_running(self) -> bool:
        """Whether the run's code is running."""
        return self.type is StateType.RUNNING

    def is_completed(self) -> bool:
        """Whether the run ended well."""
        return self.type is StateType.COMPLETED

    def is_failed(self) -> bool:
        """Whether the run's code ended with an error."""
        return self.type is StateType.FAILED

    def is_crashed(self) -> bool:
        """Whether the run was ended by its surroundings."""
        return self.type is StateType.CRASHED

    def is_cancelled(self) -> bool:
        """Whether the run was cancelled and has ended."""
        return self.type is StateType.CANCELLED

    def is_cancelling(self) -> bool:
        """Whether the run is being cancelled."""
        return self.type is StateType.CANCELLING

    def is_final(self) -> bool:
        """Whether the run has ended."""
        return self.type in TERMINAL_STATES

    def is_paused(self) -> bool:
        """Whether the run waits to be resumed."""
        return self.type is StateType.PAUSED

    def fresh_copy(self, **kwargs: Any) -> Self:
        """Copy the state as one that is entered now, with a new id and a new time.

        Args:
            kwargs: Passed on to `model_copy`.
        """
        update = {
            "id": uuid7(),
            "created": None,
            "updated": None,
            "timestamp": now(),
            **kwargs.pop("update", {}),
        }
        return self.model_copy(update=update, **kwargs)

    def __repr__(self) -> str:
        return (
            f"{self.name}(message={self.message!r}, type={self.type.value}, result={self.data!r})"
        )

    def __str__(self) -> str:
        parts = []
        if self.message:
            parts.append(repr(self.message))
        if self.name is not None and self.type.value != self.name.upper():
            parts.append(f"type={self.type.value}")
        return f"{self.name}({', '.join(parts)})"

    def __hash__(self) -> int:
        return hash((self.type, self.name, self.id))


class StateCreate(ActionBaseModel):
    """A state that is proposed to the server."""

    type: StateType
    name: str | None = None
    message: str | None = None
    state_details: StateDetails = Field(default_factory=StateDetails)
    data: StateData = None


publish("prefect.client.schemas.objects", StateType, StateDetails, State)
publish("prefect.client.schemas.actions", StateCreate)
