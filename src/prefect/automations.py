"""Automations as objects: create, read, change, pause and delete them.

    automation = Automation(
        name="cancel late runs",
        trigger=EventTrigger(
            expect={"prefect.flow-run.Late"},
            match={"prefect.resource.id": "prefect.flow-run.*"},
        ),
        actions=[CancelFlowRun()],
    ).create()

Every method has an async twin with an `a` before its name; called in a running event loop, the
method itself returns the twin's coroutine. The triggers and actions are those of `prefect.events`.
"""

from typing import overload
from uuid import UUID

from pydantic import Field
from typing_extensions import Self

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.events.actions import (
    CallWebhook,
    CancelFlowRun,
    ChangeFlowRunState,
    DeclareIncident,
    DeleteFlowRun,
    DoNothing,
    PauseAutomation,
    PauseDeployment,
    PauseWorkPool,
    PauseWorkQueue,
    ResumeAutomation,
    ResumeDeployment,
    ResumeWorkPool,
    ResumeWorkQueue,
    RunDeployment,
    SendNotification,
    SuspendFlowRun,
)
from prefect.events.schemas.automations import (
    AutomationCore,
    CompositeTrigger,
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    MetricTriggerOperator,
    MetricTriggerQuery,
    Posture,
    PrefectMetric,
    ResourceTrigger,
    SequenceTrigger,
    Trigger,
)
from prefect.events.schemas.events import (
    ResourceSpecification,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient, SyncPrefectClient

__all__ = [
    "Automation",
    "AutomationCore",
    "CallWebhook",
    "CancelFlowRun",
    "ChangeFlowRunState",
    "CompositeTrigger",
    "CompoundTrigger",
    "DeclareIncident",
    "DeleteFlowRun",
    "DoNothing",
    "EventTrigger",
    "MetricTrigger",
    "MetricTriggerOperator",
    "MetricTriggerQuery",
    "PauseAutomation",
    "PauseDeployment",
    "PauseWorkPool",
    "PauseWorkQueue",
    "Posture",
    "PrefectMetric",
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
]


class Automation(AutomationCore):
    """An automation that can be stored on the server.

    Attributes:
        id: Given by the server when it is created; None before.
    """

    id: UUID | None = Field(default=None, description="Its id; null until it is created.")

    async def acreate(self) -> Self:
        """Store this automation as a new one, and take its id from the server."""
        async with _async_client() as client:
            self.id = await client.create_automation(automation=self._core())
        return self

    @async_dispatch(acreate)
    def create(self) -> Self:
        """Store this automation as a new one, and take its id from the server."""
        with _sync_client() as client:
            self.id = client.create_automation(automation=self._core())
        return self

    async def aupdate(self) -> None:
        """Make the stored automation equal to this one.

        Raises:
            ValueError: If it has no id: it was neither created nor read.
            PrefectHTTPStatusError: If the server refuses it or no longer has it.
        """
        automation_id = self._stored_id("update")
        async with _async_client() as client:
            await client.update_automation(automation_id=automation_id, automation=self._core())

    @async_dispatch(aupdate)
    def update(self) -> None:
        """Make the stored automation equal to this one; `aupdate` says what it raises."""
        automation_id = self._stored_id("update")
        with _sync_client() as client:
            client.update_automation(automation_id=automation_id, automation=self._core())

    @overload
    @classmethod
    async def aread(cls, id: UUID, name: str | None = ...) -> Self: ...

    @overload
    @classmethod
    async def aread(cls, id: None = None, name: str = ...) -> Self: ...

    @classmethod
    async def aread(cls, id: UUID | None = None, name: str | None = None) -> Self:
        """Read a stored automation by id or by name.

        Of several with the same name, the first that the server lists is returned.

        Raises:
            ValueError: If none or both are given, or there is no such automation.
        """
        _check_one_given(id, name)
        async with _async_client() as client:
            if id is None:
                found = await client.read_automations_by_name(name=str(name))
                return cls._from_stored(found[0] if found else None, id, name)
            try:
                stored = await client.read_automation(automation_id=id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                stored = None
            return cls._from_stored(stored, id, name)

    @overload
    @classmethod
    def read(cls, id: UUID, name: str | None = ...) -> Self: ...

    @overload
    @classmethod
    def read(cls, id: None = None, name: str = ...) -> Self: ...

    @classmethod
    @async_dispatch(aread)
    def read(cls, id: UUID | None = None, name: str | None = None) -> Self:
        """Read a stored automation by id or by name; `aread` says what it raises."""
        _check_one_given(id, name)
        with _sync_client() as client:
            if id is None:
                found = client.read_automations_by_name(name=str(name))
                return cls._from_stored(found[0] if found else None, id, name)
            try:
                stored = client.read_automation(automation_id=id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                stored = None
            return cls._from_stored(stored, id, name)

    async def adelete(self) -> bool:
        """Delete the stored automation.

        Returns:
            Whether there was one to delete.

        Raises:
            ValueError: If it has no id: it was neither created nor read.
        """
        automation_id = self._stored_id("delete")
        async with _async_client() as client:
            try:
                await client.delete_automation(automation_id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                return False
        return True

    @async_dispatch(adelete)
    def delete(self) -> bool:
        """Delete the stored automation; returns whether there was one."""
        automation_id = self._stored_id("delete")
        with _sync_client() as client:
            try:
                client.delete_automation(automation_id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                return False
        return True

    async def adisable(self) -> bool:
        """Stop watching for this automation's trigger.

        Returns:
            Whether the server still has the automation.

        Raises:
            ValueError: If it has no id: it was neither created nor read.
        """
        automation_id = self._stored_id("disable")
        async with _async_client() as client:
            try:
                await client.pause_automation(automation_id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                return False
        self.enabled = False  # a later `update` must not enable it again
        return True

    @async_dispatch(adisable)
    def disable(self) -> bool:
        """Stop watching for this automation's trigger; returns whether the server still has it."""
        automation_id = self._stored_id("disable")
        with _sync_client() as client:
            try:
                client.pause_automation(automation_id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                return False
        self.enabled = False
        return True

    async def aenable(self) -> bool:
        """Watch for this automation's trigger again.

        Returns:
            Whether the server still has the automation.

        Raises:
            ValueError: If it has no id: it was neither created nor read.
        """
        automation_id = self._stored_id("enable")
        async with _async_client() as client:
            try:
                await client.resume_automation(automation_id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                return False
        self.enabled = True
        return True

    @async_dispatch(aenable)
    def enable(self) -> bool:
        """Watch for this automation's trigger again; returns whether the server still has it."""
        automation_id = self._stored_id("enable")
        with _sync_client() as client:
            try:
                client.resume_automation(automation_id)
            except _refusals() as error:
                _raise_unless_not_found(error)
                return False
        self.enabled = True
        return True

    def _core(self) -> AutomationCore:
        """Return what is sent: without the id, and without defaults that nobody touched.

        The latter keeps fields from older servers that do not know them.
        """
        fields = {
            name: getattr(self, name)
            for name, field in AutomationCore.model_fields.items()
            if name in self.model_fields_set
            or getattr(self, name)
            != field.get_default(call_default_factory=True, validated_data={})
        }
        return AutomationCore(**fields)

    def _stored_id(self, verb: str) -> UUID:
        """Return the id, which this automation has once it is stored."""
        if self.id is None:
            raise ValueError(
                f"Cannot {verb} the automation {self.name!r}: it has no id. Call `create` first, or"
                " `Automation.read`."
            )
        return self.id

    @classmethod
    def _from_stored(cls, stored: AutomationCore | None, id: UUID | None, name: str | None) -> Self:
        """Make an object of what the server answered, None meaning that there is none."""
        if stored is None:
            wanted = f"name {name!r}" if name is not None else f"id {str(id)!r}"
            raise ValueError(f"There is no automation with the {wanted}.")
        return cls(**{name: getattr(stored, name) for name in stored.model_fields_set})


def _check_one_given(id: UUID | None, name: str | None) -> None:
    if (id is None) == (name is None):
        given = "neither was" if id is None else "both were"
        raise ValueError(f"Give either the automation's `id` or its `name`; {given} given.")


def _refusals() -> tuple[type[Exception], ...]:
    # Heavy: they derive from httpx's errors, and whoever can get one has it loaded.
    from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

    return ObjectNotFound, PrefectHTTPStatusError


def _raise_unless_not_found(error: Exception) -> None:
    """Raise every refusal again but the answer that there is no such automation."""
    response = getattr(error, "response", None)
    if response is not None and response.status_code != 404:
        raise error


def _async_client() -> "PrefectClient":
    # Heavy: describing an automation needs no client.
    from prefect.client.orchestration import get_client

    return get_client()


def _sync_client() -> "SyncPrefectClient":
    # Heavy, as above.
    from prefect.client.orchestration import get_client

    return get_client(sync_client=True)
