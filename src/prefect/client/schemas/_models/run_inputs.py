"""Where the parameters of a task run come from: other runs, the flow's parameters, constants."""

from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.types._enums import AutoEnum

__all__ = ["Constant", "FlowRunResult", "Parameter", "RunInput", "RunType", "TaskRunResult"]


class RunType(AutoEnum):
    """The two kinds of run."""

    FLOW_RUN = "flow_run"
    TASK_RUN = "task_run"


class RunInput(PrefectBaseModel):
    """An input of a task run; the subclasses say of which kind."""

    model_config = ConfigDict(frozen=True)

    input_type: str

    def __hash__(self) -> int:
        return hash((type(self).__name__, *self.__dict__.values()))


class TaskRunResult(RunInput):
    """The result of a task run."""

    input_type: Literal["task_run"] = "task_run"
    id: UUID


class FlowRunResult(RunInput):
    """The result of a flow run."""

    input_type: Literal["flow_run"] = "flow_run"
    id: UUID


class Parameter(RunInput):
    """A parameter of the flow run."""

    input_type: Literal["parameter"] = "parameter"
    name: str


class Constant(RunInput):
    """A value known when the task was called; only its type's name is recorded."""

    input_type: Literal["constant"] = "constant"
    type: str


publish(
    "prefect.client.schemas.objects",
    RunType,
    RunInput,
    TaskRunResult,
    FlowRunResult,
    Parameter,
    Constant,
)
