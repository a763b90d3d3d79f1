"""Automations: the triggers that watch for events, and what is done when they fire.

An `EventTrigger` watches for events that come (Reactive) or stay away (Proactive), a
`MetricTrigger` for a figure that crosses a threshold; compound and sequence triggers are made of
other triggers. `AutomationCore` joins a trigger and actions, `Automation` is one that the server
knows. `prefect.automations.Automation` is the one with methods to store it.
"""

import abc
import textwrap
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Dict, List, Literal, Optional, TypeAlias, Union  # noqa: UP035
from uuid import UUID

from pydantic import Discriminator, Field, PrivateAttr, Tag, field_validator, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import PrefectBaseModel
from prefect.events.actions import ActionTypes, ActionTypesOrUnknown, RunDeployment
from prefect.events.schemas.events import ResourceSpecification
from prefect.types import DurationOrSecondsTimeDelta
from prefect.types._enums import AutoEnum

__all__ = [
    "ActionTypes",
    "ActionTypesOrUnknown",
    "Automation",
    "AutomationCore",
    "CompositeTrigger",
    "CompoundTrigger",
    "DurationOrSecondsTimeDelta",
    "EventTrigger",
    "MetricTrigger",
    "MetricTriggerOperator",
    "MetricTriggerQuery",
    "Posture",
    "PrefectMetric",
    "ResourceSpecificationDict",
    "ResourceTrigger",
    "SequenceTrigger",
    "Trigger",
    "TriggerTypes",
    "trigger_discriminator",
]

ResourceSpecificationDict: TypeAlias = Dict[str, Union[str, List[str]]]  # noqa: UP006, UP007

MINIMUM_PROACTIVE_WINDOW = timedelta(seconds=10)
"""The server looks for events that stayed away every few seconds; less cannot be told."""

MINIMUM_METRIC_WINDOW = timedelta(seconds=300)
"""Metrics are computed over five minutes or more."""


class Posture(AutoEnum):
    """What a trigger waits for: events that come, events that stay away, or a metric."""

    Reactive = "Reactive"
    Proactive = "Proactive"
    Metric = "Metric"


class Trigger(PrefectBaseModel, abc.ABC):
    """A condition on which an automation acts."""

    type: str

    _deployment_id: UUID | None = PrivateAttr(default=None)

    @abc.abstractmethod
    def describe_for_cli(self, indent: int = 0) -> str:
        """Return the trigger in words, each line indented by `indent` steps of two spaces."""

    def set_deployment_id(self, deployment_id: UUID) -> None:
        """Say which deployment the trigger belongs to: the one that it runs."""
        self._deployment_id = deployment_id

    def owner_resource(self) -> Optional[str]:  # noqa: UP045  # the published signature
        """Return the id of the resource that owns the automation: the deployment."""
        return f"prefect.deployment.{self._deployment_id}"

    def actions(self) -> List[ActionTypes]:  # noqa: UP006  # the published signature
        """Return what is done when the trigger fires: run the deployment."""
        if self._deployment_id is None:
            raise ValueError(
                "the trigger belongs to no deployment yet; call `set_deployment_id` first"
            )
        return [RunDeployment(deployment_id=self._deployment_id, **self._run_options())]

    def as_automation(self) -> "AutomationCore":
        """Return the automation that runs the deployment when this trigger fires.

        Raises:
            ValueError: If the trigger belongs to no deployment yet.
        """
        actions = self.actions()
        options = self._automation_options()
        return AutomationCore(
            name=options.pop("name", None) or f"Automation for deployment {self._deployment_id}",
            trigger=self._core_trigger(),
            actions=actions,
            owner_resource=self.owner_resource(),
            **options,
        )

    def _core_trigger(self) -> "TriggerTypes":
        """Return the trigger as automations hold it; deployment triggers drop their extras."""
        return self  # type: ignore[return-value]  # the four concrete triggers

    def _run_options(self) -> dict[str, Any]:
        """Return how the deployment is run; deployment triggers know more."""
        return {}

    def _automation_options(self) -> dict[str, Any]:
        """Return fields of the automation; deployment triggers know some."""
        return {}


class ResourceTrigger(Trigger, abc.ABC):
    """A trigger that watches some resources."""

    type: str

    match: Union[ResourceSpecification, ResourceSpecificationDict] = Field(  # noqa: UP007
        default_factory=lambda: ResourceSpecification(root={}),
        description="Labels of the resources to watch; empty: all.",
    )
    match_related: Union[  # noqa: UP007
        ResourceSpecification,
        ResourceSpecificationDict,
        list[Union[ResourceSpecification, ResourceSpecificationDict]],  # noqa: UP007
    ] = Field(
        default_factory=lambda: ResourceSpecification(root={}),
        description="Labels of the related resources; of a list every one has to match.",
    )

    @field_validator("match", "match_related")
    @classmethod
    def _as_specifications(cls, value: Any) -> Any:
        """Hold what was given as mappings as specifications, which can judge resources."""
        if isinstance(value, dict):
            return ResourceSpecification(root=value)
        if isinstance(value, list):
            return [cls._as_specifications(element) for element in value]
        return value


class EventTrigger(ResourceTrigger):
    """Fire when events come, or when expected events stay away."""

    type: Literal["event"] = "event"

    after: set[str] = Field(
        default_factory=set, description="Names of the events that start the wait; empty: none."
    )
    expect: set[str] = Field(
        default_factory=set, description="Names of the events to wait for; empty: any."
    )
    for_each: set[str] = Field(
        default_factory=set, description="Labels by whose values events are counted apart."
    )
    posture: Literal[Posture.Reactive, Posture.Proactive] = Field(
        default=Posture.Reactive, description="Whether events coming or staying away fire it."
    )
    threshold: int = Field(
        default=1,
        description="Reactive: events that are enough to fire; proactive: that are enough not to.",
    )
    within: timedelta = Field(
        default=timedelta(0),
        ge=timedelta(0),
        description="Time in which the events are counted; at least 10 s when proactive.",
    )

    @model_validator(mode="after")
    def _check_proactive_window(self) -> Self:
        if self.posture is not Posture.Proactive:
            return self
        if not self.within:
            # Straight into the data: the field counts as unset unless somebody set it.
            self.__dict__["within"] = MINIMUM_PROACTIVE_WINDOW
            self.__pydantic_fields_set__.add("within")
        elif self.within < MINIMUM_PROACTIVE_WINDOW:
            raise ValueError(
                f"`within` of a Proactive trigger is {self.within.total_seconds():g} s, it must be"
                f" at least {MINIMUM_PROACTIVE_WINDOW.total_seconds():g} s"
            )
        return self

    def describe_for_cli(self, indent: int = 0) -> str:
        """Return the trigger in words, each line indented by `indent` steps of two spaces."""
        names = ", ".join(sorted(self.expect)) or "any event"
        if self.posture == Posture.Reactive:
            text = f"Reactive: {self.threshold} x {names}"
        else:
            text = f"Proactive: fewer than {self.threshold} x {names}"
        if self.within:
            text += f" within {self.within}"
        return _indented(text, indent)


class PrefectMetric(Enum):
    """The metrics that are known by name."""

    lateness = "lateness"
    duration = "duration"
    successes = "successes"


class MetricTriggerOperator(Enum):
    """How a metric is compared with its threshold."""

    LT = "<"
    LTE = "<="
    GT = ">"
    GTE = ">="


class MetricTriggerQuery(PrefectBaseModel):
    """A metric and the threshold that it has to cross."""

    name: Union[PrefectMetric, str] = Field(description="The metric.")  # noqa: UP007
    threshold: float = Field(description="The value that it is compared with.")
    operator: MetricTriggerOperator = Field(description="How it is compared.")
    range: timedelta = Field(
        default=MINIMUM_METRIC_WINDOW, description="Time over which it is computed; at least 300 s."
    )
    firing_for: timedelta = Field(
        default=MINIMUM_METRIC_WINDOW,
        description="How long the comparison has to hold; at least 300 s.",
    )

    @field_validator("range", "firing_for")
    @classmethod
    def _check_window(cls, value: timedelta) -> timedelta:
        if value < MINIMUM_METRIC_WINDOW:
            raise ValueError(
                f"{value.total_seconds():g} s is too short, the minimum is"
                f" {MINIMUM_METRIC_WINDOW.total_seconds():g} s (5 minutes)"
            )
        return value


class MetricTrigger(ResourceTrigger):
    """Fire when a metric crosses a threshold; Prefect Cloud only."""

    type: Literal["metric"] = "metric"

    posture: Literal[Posture.Metric] = Field(default=Posture.Metric, description="Always `Metric`.")
    metric: MetricTriggerQuery = Field(description="The metric and its threshold.")

    def describe_for_cli(self, indent: int = 0) -> str:
        """Return the trigger in words, each line indented by `indent` steps of two spaces."""
        query = self.metric
        name = query.name.value if isinstance(query.name, PrefectMetric) else query.name
        return _indented(
            f"Metric: {name} {query.operator.value} {query.threshold:g} for {query.firing_for}",
            indent,
        )


class CompositeTrigger(Trigger, abc.ABC):
    """A trigger that is made of other triggers."""

    type: Literal["compound", "sequence"]

    triggers: List["TriggerTypes"] = Field(  # noqa: UP006
        description="The triggers that it is made of."
    )
    within: timedelta | None = Field(
        default=None, description="Time within which they have to fire; null: no limit."
    )

    def _describe_all(self, heading: str, indent: int) -> str:
        lines = [_indented(heading, indent)]
        lines += [trigger.describe_for_cli(indent=indent + 1) for trigger in self.triggers]
        return "\n".join(lines)


class CompoundTrigger(CompositeTrigger):
    """Fire when some number of the triggers have fired, in any order."""

    type: Literal["compound"] = "compound"

    require: Union[int, Literal["any", "all"]] = Field(  # noqa: UP007
        description="How many of them have to fire: `any`, `all`, or a number."
    )

    @model_validator(mode="after")
    def _check_require(self) -> Self:
        if isinstance(self.require, int) and not 1 <= self.require <= len(self.triggers):
            raise ValueError(
                f"`require` is {self.require}, it must be 'any', 'all' or between 1 and the number"
                f" of triggers, {len(self.triggers)}"
            )
        return self

    def describe_for_cli(self, indent: int = 0) -> str:
        """Return the trigger in words, each line indented by `indent` steps of two spaces."""
        return self._describe_all(f"{str(self.require).capitalize()} of:", indent)


class SequenceTrigger(CompositeTrigger):
    """Fire when all the triggers have fired, one after the other."""

    type: Literal["sequence"] = "sequence"

    def describe_for_cli(self, indent: int = 0) -> str:
        """Return the trigger in words, each line indented by `indent` steps of two spaces."""
        return self._describe_all("In this order:", indent)


def trigger_discriminator(value: Any) -> str:
    """Tell which type of trigger a value is: by its `type`, else by what it consists of."""
    if not isinstance(value, dict):
        return getattr(value, "type", "event")
    if "type" in value:
        return str(value["type"])
    if "triggers" in value:
        return "compound" if "require" in value else "sequence"
    if "metric" in value or value.get("posture") in (Posture.Metric, "Metric"):
        return "metric"
    return "event"


TriggerTypes: TypeAlias = Annotated[
    Union[  # noqa: UP007
        Annotated[EventTrigger, Tag("event")],
        Annotated[MetricTrigger, Tag("metric")],
        Annotated[CompoundTrigger, Tag("compound")],
        Annotated[SequenceTrigger, Tag("sequence")],
    ],
    Discriminator(trigger_discriminator),
]
"""Any trigger that an automation can have."""


class AutomationCore(PrefectBaseModel):
    """What an automation watches for and what it does about it."""

    name: str = Field(description="Its name.")
    description: str = Field(default="", description="What it is for.")
    enabled: bool = Field(default=True, description="Whether its trigger is watched.")
    tags: list[str] = Field(default_factory=list, description="Its tags.")
    trigger: TriggerTypes = Field(description="What it watches for.")
    actions: list[ActionTypesOrUnknown] = Field(
        description="What it does whenever the trigger fires."
    )
    actions_on_trigger: list[ActionTypesOrUnknown] = Field(
        default_factory=list, description="What it does when it turns to triggered."
    )
    actions_on_resolve: list[ActionTypesOrUnknown] = Field(
        default_factory=list, description="What it does when it turns back to resolved."
    )
    owner_resource: str | None = Field(
        default=None, description="Id of the resource with which it is deleted."
    )


class Automation(AutomationCore):
    """An automation that the server knows."""

    id: UUID = Field(description="Its id.")


def _indented(text: str, indent: int) -> str:
    return textwrap.indent(text, "  " * indent)
