"""Events, automations and what reacts to them: the facade of the room.

Emit an event with `emit_event`, listen with `get_events_subscriber`, describe reactions with
triggers and actions. This module only holds a table of names; each is imported from its own module
when it is first used.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.events.actions import Action as Action
    from prefect.events.actions import ActionTypes as ActionTypes
    from prefect.events.actions import CallWebhook as CallWebhook
    from prefect.events.actions import CancelFlowRun as CancelFlowRun
    from prefect.events.actions import ChangeFlowRunState as ChangeFlowRunState
    from prefect.events.actions import DeclareIncident as DeclareIncident
    from prefect.events.actions import DeleteFlowRun as DeleteFlowRun
    from prefect.events.actions import DoNothing as DoNothing
    from prefect.events.actions import PauseAutomation as PauseAutomation
    from prefect.events.actions import PauseDeployment as PauseDeployment
    from prefect.events.actions import PauseWorkPool as PauseWorkPool
    from prefect.events.actions import PauseWorkQueue as PauseWorkQueue
    from prefect.events.actions import ResumeAutomation as ResumeAutomation
    from prefect.events.actions import ResumeDeployment as ResumeDeployment
    from prefect.events.actions import ResumeWorkPool as ResumeWorkPool
    from prefect.events.actions import ResumeWorkQueue as ResumeWorkQueue
    from prefect.events.actions import RunDeployment as RunDeployment
    from prefect.events.actions import SendNotification as SendNotification
    from prefect.events.actions import SuspendFlowRun as SuspendFlowRun
    from prefect.events.actions import UnknownAction as UnknownAction
    from prefect.events.clients import get_events_client as get_events_client
    from prefect.events.clients import get_events_subscriber as get_events_subscriber
    from prefect.events.schemas.automations import Automation as Automation
    from prefect.events.schemas.automations import AutomationCore as AutomationCore
    from prefect.events.schemas.automations import CompositeTrigger as CompositeTrigger
    from prefect.events.schemas.automations import CompoundTrigger as CompoundTrigger
    from prefect.events.schemas.automations import EventTrigger as EventTrigger
    from prefect.events.schemas.automations import MetricTrigger as MetricTrigger
    from prefect.events.schemas.automations import MetricTriggerOperator as MetricTriggerOperator
    from prefect.events.schemas.automations import MetricTriggerQuery as MetricTriggerQuery
    from prefect.events.schemas.automations import Posture as Posture
    from prefect.events.schemas.automations import ResourceTrigger as ResourceTrigger
    from prefect.events.schemas.automations import SequenceTrigger as SequenceTrigger
    from prefect.events.schemas.automations import Trigger as Trigger
    from prefect.events.schemas.automations import TriggerTypes as TriggerTypes
    from prefect.events.schemas.deployment_triggers import (
        DeploymentCompoundTrigger as DeploymentCompoundTrigger,
    )
    from prefect.events.schemas.deployment_triggers import (
        DeploymentEventTrigger as DeploymentEventTrigger,
    )
    from prefect.events.schemas.deployment_triggers import (
        DeploymentMetricTrigger as DeploymentMetricTrigger,
    )
    from prefect.events.schemas.deployment_triggers import (
        DeploymentSequenceTrigger as DeploymentSequenceTrigger,
    )
    from prefect.events.schemas.deployment_triggers import (
        DeploymentTriggerTypes as DeploymentTriggerTypes,
    )
    from prefect.events.schemas.events import Event as Event
    from prefect.events.schemas.events import ReceivedEvent as ReceivedEvent
    from prefect.events.schemas.events import RelatedResource as RelatedResource
    from prefect.events.schemas.events import Resource as Resource
    from prefect.events.schemas.events import ResourceSpecification as ResourceSpecification
    from prefect.events.subscribers import FlowRunSubscriber as FlowRunSubscriber
    from prefect.events.utilities import emit_event as emit_event

__all__ = [
    "Action",
    "ActionTypes",
    "Automation",
    "AutomationCore",
    "CallWebhook",
    "CancelFlowRun",
    "ChangeFlowRunState",
    "CompositeTrigger",
    "CompoundTrigger",
    "DeclareIncident",
    "DeleteFlowRun",
    "DeploymentCompoundTrigger",
    "DeploymentEventTrigger",
    "DeploymentMetricTrigger",
    "DeploymentSequenceTrigger",
    "DeploymentTriggerTypes",
    "DoNothing",
    "Event",
    "EventTrigger",
    "FlowRunSubscriber",
    "MetricTrigger",
    "MetricTriggerOperator",
    "MetricTriggerQuery",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "Posture",
    "ReceivedEvent",
    "RelatedResource",
    "Resource",
    "ResourceSpecification",
    "ResourceTrigger",
    "ResumeAutomation",
    "ResumeDeployment",
    "ResumeWorkPool",
    "ResumeWorkQueue",
    "RunDeployment",
    "SendNotification",
    "SequenceTrigger",
    "SuspendFlowRun",
    "Trigger",
    "TriggerTypes",
    "UnknownAction",
    "emit_event",
    "get_events_client",
    "get_events_subscriber",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Action": "prefect.events.actions",
        "ActionTypes": "prefect.events.actions",
        "Automation": "prefect.events.schemas.automations",
        "AutomationCore": "prefect.events.schemas.automations",
        "CallWebhook": "prefect.events.actions",
        "CancelFlowRun": "prefect.events.actions",
        "ChangeFlowRunState": "prefect.events.actions",
        "CompositeTrigger": "prefect.events.schemas.automations",
        "CompoundTrigger": "prefect.events.schemas.automations",
        "DeclareIncident": "prefect.events.actions",
        "DeleteFlowRun": "prefect.events.actions",
        "DeploymentCompoundTrigger": "prefect.events.schemas.deployment_triggers",
        "DeploymentEventTrigger": "prefect.events.schemas.deployment_triggers",
        "DeploymentMetricTrigger": "prefect.events.schemas.deployment_triggers",
        "DeploymentSequenceTrigger": "prefect.events.schemas.deployment_triggers",
        "DeploymentTriggerTypes": "prefect.events.schemas.deployment_triggers",
        "DoNothing": "prefect.events.actions",
        "Event": "prefect.events.schemas.events",
        "EventTrigger": "prefect.events.schemas.automations",
        "FlowRunSubscriber": "prefect.events.subscribers",
        "MetricTrigger": "prefect.events.schemas.automations",
        "MetricTriggerOperator": "prefect.events.schemas.automations",
        "MetricTriggerQuery": "prefect.events.schemas.automations",
        "PauseAutomation": "prefect.events.actions",
        "PauseDeployment": "prefect.events.actions",
        "PauseWorkPool": "prefect.events.actions",
        "PauseWorkQueue": "prefect.events.actions",
        "Posture": "prefect.events.schemas.automations",
        "ReceivedEvent": "prefect.events.schemas.events",
        "RelatedResource": "prefect.events.schemas.events",
        "Resource": "prefect.events.schemas.events",
        "ResourceSpecification": "prefect.events.schemas.events",
        "ResourceTrigger": "prefect.events.schemas.automations",
        "ResumeAutomation": "prefect.events.actions",
        "ResumeDeployment": "prefect.events.actions",
        "ResumeWorkPool": "prefect.events.actions",
        "ResumeWorkQueue": "prefect.events.actions",
        "RunDeployment": "prefect.events.actions",
        "SendNotification": "prefect.events.actions",
        "SequenceTrigger": "prefect.events.schemas.automations",
        "SuspendFlowRun": "prefect.events.actions",
        "Trigger": "prefect.events.schemas.automations",
        "TriggerTypes": "prefect.events.schemas.automations",
        "UnknownAction": "prefect.events.actions",
        "emit_event": "prefect.events.utilities",
        "get_events_client": "prefect.events.clients",
        "get_events_subscriber": "prefect.events.clients",
    },
)
