"""What an automation does when its trigger fires.

One model per action type, told apart by `type`. A type that this release does not know is kept as
`UnknownAction`, so that an automation of a newer server can be read, changed and written back
without losing it.
"""

import abc
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias, Union
from uuid import UUID

from pydantic import ConfigDict, Discriminator, Field, Tag, field_validator, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import PrefectBaseModel
from prefect.client.schemas.objects import StateType
from prefect.types import NonNegativeTimeDelta

__all__ = [
    "Action",
    "ActionTypes",
    "ActionTypesOrUnknown",
    "AutomationAction",
    "CallWebhook",
    "CancelFlowRun",
    "ChangeFlowRunState",
    "DeclareIncident",
    "DeleteFlowRun",
    "DeploymentAction",
    "DoNothing",
    "NonNegativeTimeDelta",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "ResumeAutomation",
    "ResumeDeployment",
    "ResumeFlowRun",
    "ResumeWorkPool",
    "ResumeWorkQueue",
    "RunDeployment",
    "SendNotification",
    "SuspendFlowRun",
    "UnknownAction",
    "WorkPoolAction",
    "WorkQueueAction",
]


class Action(PrefectBaseModel, abc.ABC):
    """Something that an automation does."""

    type: str

    def describe_for_cli(self) -> str:
        """Return the action in words, e.g. `Cancel flow run`."""
        return self.type.replace("-", " ").capitalize()


class DoNothing(Action):
    """Do nothing: for automations of which only the trigger is of interest."""

    type: Literal["do-nothing"] = "do-nothing"


class DeploymentAction(Action):
    """Base of the actions on a deployment: a given one, or the one that the event is about."""

    source: Literal["selected", "inferred"] = Field(
        default="selected", description="Whether the deployment is given or taken from the event."
    )
    deployment_id: UUID | None = Field(
        default=None, description="The deployment; given if `source` is `selected`, and only then."
    )

    @model_validator(mode="after")
    def _check_target(self) -> Self:
        _check_target(self.source, "deployment_id", self.deployment_id)
        return self


class RunDeployment(DeploymentAction):
    """Create a flow run of a deployment."""

    type: Literal["run-deployment"] = "run-deployment"
    parameters: dict[str, Any] | None = Field(
        default=None, description="Parameters of the flow run; null means the deployment's."
    )
    job_variables: dict[str, Any] | None = Field(
        default=None, description="Job variables of the flow run; null means the deployment's."
    )
    schedule_after: NonNegativeTimeDelta = Field(
        default_factory=lambda: timedelta(0),
        description="How long after the trigger the flow run is to start.",
    )


class PauseDeployment(DeploymentAction):
    """Pause a deployment's schedules."""

    type: Literal["pause-deployment"] = "pause-deployment"


class ResumeDeployment(DeploymentAction):
    """Resume a deployment's schedules."""

    type: Literal["resume-deployment"] = "resume-deployment"


class ResumeFlowRun(Action):
    """Resume the flow run that the event is about."""

    type: Literal["resume-flow-run"] = "resume-flow-run"


class CancelFlowRun(Action):
    """Cancel the flow run that the event is about."""

    type: Literal["cancel-flow-run"] = "cancel-flow-run"


class DeleteFlowRun(Action):
    """Delete the flow run that the event is about."""

    type: Literal["delete-flow-run"] = "delete-flow-run"


class SuspendFlowRun(Action):
    """Suspend the flow run that the event is about."""

    type: Literal["suspend-flow-run"] = "suspend-flow-run"


class ChangeFlowRunState(Action):
    """Set the state of the flow run that the event is about."""

    type: Literal["change-flow-run-state"] = "change-flow-run-state"
    name: str | None = Field(default=None, description="Name of the state; null: from its type.")
    state: StateType = Field(description="Type of the state.")
    message: str | None = Field(default=None, description="Message of the state.")
    force: bool = Field(default=False, description="Whether orchestration rules are passed over.")


class CallWebhook(Action):
    """Call the webhook that a block describes."""

    type: Literal["call-webhook"] = "call-webhook"
    block_document_id: UUID = Field(description="The webhook block.")
    payload: str = Field(default="", description="Template of the body.")


class SendNotification(Action):
    """Send a message through a notification block."""

    type: Literal["send-notification"] = "send-notification"
    block_document_id: UUID = Field(description="The notification block.")
    subject: str = Field(
        default="Prefect automated notification", description="Template of the subject."
    )
    body: str = Field(description="Template of the text.")


class WorkPoolAction(Action):
    """Base of the actions on a work pool: a given one, or the one that the event is about."""

    source: Literal["selected", "inferred"] = Field(
        default="selected", description="Whether the work pool is given or taken from the event."
    )
    work_pool_id: UUID | None = Field(
        default=None, description="The work pool; given if `source` is `selected`, and only then."
    )

    @model_validator(mode="after")
    def _check_target(self) -> Self:
        _check_target(self.source, "work_pool_id", self.work_pool_id)
        return self


class PauseWorkPool(WorkPoolAction):
    """Pause a work pool."""

    type: Literal["pause-work-pool"] = "pause-work-pool"


class ResumeWorkPool(WorkPoolAction):
    """Resume a work pool."""

    type: Literal["resume-work-pool"] = "resume-work-pool"


class WorkQueueAction(Action):
    """Base of the actions on a work queue: a given one, or the one that the event is about."""

    source: Literal["selected", "inferred"] = Field(
        default="selected", description="Whether the work queue is given or taken from the event."
    )
    work_queue_id: UUID | None = Field(
        default=None, description="The work queue; given if `source` is `selected`, and only then."
    )

    @model_validator(mode="after")
    def _check_target(self) -> Self:
        _check_target(self.source, "work_queue_id", self.work_queue_id)
        return self


class PauseWorkQueue(WorkQueueAction):
    """Pause a work queue."""

    type: Literal["pause-work-queue"] = "pause-work-queue"


class ResumeWorkQueue(WorkQueueAction):
    """Resume a work queue."""

    type: Literal["resume-work-queue"] = "resume-work-queue"


class AutomationAction(Action):
    """Base of the actions on a automation: a given one, or the one that the event is about."""

    source: Literal["selected", "inferred"] = Field(
        default="selected", description="Whether the automation is given or taken from the event."
    )
    automation_id: UUID | None = Field(
        default=None, description="The automation; given if `source` is `selected`, and only then."
    )

    @model_validator(mode="after")
    def _check_target(self) -> Self:
        _check_target(self.source, "automation_id", self.automation_id)
        return self


class PauseAutomation(AutomationAction):
    """Pause an automation."""

    type: Literal["pause-automation"] = "pause-automation"


class ResumeAutomation(AutomationAction):
    """Resume an automation."""

    type: Literal["resume-automation"] = "resume-automation"


class DeclareIncident(Action):
    """Declare an incident; Prefect Cloud only."""

    type: Literal["declare-incident"] = "declare-incident"


class UnknownAction(Action):
    """An action of a type that this release does not know, with all that came with it."""

    model_config = ConfigDict(extra="allow")

    type: str

    @field_validator("type")
    @classmethod
    def _check_type(cls, type: str) -> str:
        if type in _KNOWN_TYPES:
            raise ValueError(f"{type!r} is a known action type, use its own class instead")
        return type


ActionTypes: TypeAlias = Union[  # noqa: UP007  # one per line reads better
    DoNothing,
    RunDeployment,
    PauseDeployment,
    ResumeDeployment,
    ResumeFlowRun,
    CancelFlowRun,
    DeleteFlowRun,
    ChangeFlowRunState,
    PauseWorkQueue,
    ResumeWorkQueue,
    SendNotification,
    CallWebhook,
    PauseAutomation,
    ResumeAutomation,
    SuspendFlowRun,
    PauseWorkPool,
    ResumeWorkPool,
    DeclareIncident,
]

_KNOWN_TYPES = frozenset(
    {
        "call-webhook",
        "cancel-flow-run",
        "change-flow-run-state",
        "declare-incident",
        "delete-flow-run",
        "do-nothing",
        "pause-automation",
        "pause-deployment",
        "pause-work-pool",
        "pause-work-queue",
        "resume-automation",
        "resume-deployment",
        "resume-flow-run",
        "resume-work-pool",
        "resume-work-queue",
        "run-deployment",
        "send-notification",
        "suspend-flow-run",
    }
)


def _action_type(value: Any) -> str | None:
    """Tell which action a value is: its type, `unknown`, or None when it does not say."""
    type = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    if not isinstance(type, str):
        return None
    return type if type in _KNOWN_TYPES else "unknown"


# Chosen by `type`, so that a mistake in one action is told once and not for every action there is.
ActionTypesOrUnknown: TypeAlias = Annotated[
    Union[  # noqa: UP007  # one per line reads better
        Annotated[DoNothing, Tag("do-nothing")],
        Annotated[RunDeployment, Tag("run-deployment")],
        Annotated[PauseDeployment, Tag("pause-deployment")],
        Annotated[ResumeDeployment, Tag("resume-deployment")],
        Annotated[ResumeFlowRun, Tag("resume-flow-run")],
        Annotated[CancelFlowRun, Tag("cancel-flow-run")],
        Annotated[DeleteFlowRun, Tag("delete-flow-run")],
        Annotated[ChangeFlowRunState, Tag("change-flow-run-state")],
        Annotated[PauseWorkQueue, Tag("pause-work-queue")],
        Annotated[ResumeWorkQueue, Tag("resume-work-queue")],
        Annotated[SendNotification, Tag("send-notification")],
        Annotated[CallWebhook, Tag("call-webhook")],
        Annotated[PauseAutomation, Tag("pause-automation")],
        Annotated[ResumeAutomation, Tag("resume-automation")],
        Annotated[SuspendFlowRun, Tag("suspend-flow-run")],
        Annotated[PauseWorkPool, Tag("pause-work-pool")],
        Annotated[ResumeWorkPool, Tag("resume-work-pool")],
        Annotated[DeclareIncident, Tag("declare-incident")],
        Annotated[UnknownAction, Tag("unknown")],
    ],
    Discriminator(
        _action_type,
        custom_error_type="action_type_missing",
        custom_error_message="an action needs a `type`, e.g. 'run-deployment'",
    ),
]


def _check_target(source: str, field: str, target: UUID | None) -> None:
    """Refuse a target that is missing although selected, or given although inferred."""
    if source == "selected" and target is None:
        raise ValueError(
            f"{field} is required; give it, or set source='inferred' to take it from the event"
        )
    if source == "inferred" and target is not None:
        raise ValueError(f"{field} is not allowed with source='inferred'; leave one of the two out")
