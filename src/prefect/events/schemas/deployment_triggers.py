"""Triggers of deployments: what a `deployment.triggers` entry of `prefect.yaml` or code may be.

A deployment trigger is a trigger plus what is needed to make an automation of it: name,
description, whether it is enabled, and how the deployment is run when it fires.
"""

import abc
from datetime import timedelta
from typing import Annotated, Any, ClassVar, TypeAlias, Union

from pydantic import Discriminator, Field, Tag

from prefect._internal.schemas.bases import PrefectBaseModel
from prefect.events.schemas.automations import (
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    SequenceTrigger,
    Trigger,
    TriggerTypes,
    trigger_discriminator,
)
from prefect.types import NonNegativeTimeDelta

__all__ = [
    "BaseDeploymentTrigger",
    "DeploymentCompoundTrigger",
    "DeploymentEventTrigger",
    "DeploymentMetricTrigger",
    "DeploymentSequenceTrigger",
    "DeploymentTriggerTypes",
    "NonNegativeTimeDelta",
    "TriggerTypes",
    "deployment_trigger_discriminator",
]


class BaseDeploymentTrigger(PrefectBaseModel, abc.ABC):
    """What a deployment's trigger has beyond the trigger itself."""

    trigger_type: ClassVar[type[Trigger]]

    name: str | None = Field(
        default=None, description="Name of the automation; null: made from the deployment's id."
    )
    description: str = Field(default="", description="Description of the automation.")
    enabled: bool = Field(default=True, description="Whether the trigger is watched.")
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

    def _core_trigger(self) -> TriggerTypes:
        fields = {name: getattr(self, name) for name in self.trigger_type.model_fields}
        return self.trigger_type(**fields)  # type: ignore[return-value]  # one of the four

    def _run_options(self) -> dict[str, Any]:
        return {
            "parameters": self.parameters,
            "job_variables": self.job_variables,
            "schedule_after": self.schedule_after,
        }

    def _automation_options(self) -> dict[str, Any]:
        return {"name": self.name, "description": self.description, "enabled": self.enabled}


class DeploymentEventTrigger(BaseDeploymentTrigger, EventTrigger):
    """Run the deployment when events come or stay away."""

    trigger_type: ClassVar[type[Trigger]] = EventTrigger


class DeploymentMetricTrigger(BaseDeploymentTrigger, MetricTrigger):
    """Run the deployment when a metric crosses a threshold; Prefect Cloud only."""

    trigger_type: ClassVar[type[Trigger]] = MetricTrigger


class DeploymentCompoundTrigger(BaseDeploymentTrigger, CompoundTrigger):
    """Run the deployment when some number of triggers have fired."""

    trigger_type: ClassVar[type[Trigger]] = CompoundTrigger


class DeploymentSequenceTrigger(BaseDeploymentTrigger, SequenceTrigger):
    """Run the deployment when triggers have fired one after the other."""

    trigger_type: ClassVar[type[Trigger]] = SequenceTrigger


def deployment_trigger_discriminator(value: Any) -> str:
    """Tell which type of deployment trigger a value is, as `trigger_discriminator` does."""
    return trigger_discriminator(value)


DeploymentTriggerTypes: TypeAlias = Annotated[
    Union[  # noqa: UP007
        Annotated[DeploymentEventTrigger, Tag("event")],
        Annotated[DeploymentMetricTrigger, Tag("metric")],
        Annotated[DeploymentCompoundTrigger, Tag("compound")],
        Annotated[DeploymentSequenceTrigger, Tag("sequence")],
    ],
    Discriminator(deployment_trigger_discriminator),
]
"""Any trigger that a deployment can have."""
