"""Filters of events and of automations, as the API takes them.

An `EventFilter` selects stored events (`POST /events/filter`) and live ones (the events
WebSocket); `includes` answers the same question about an event at hand. An `AutomationFilter`
selects automations.
"""

from datetime import timedelta
from uuid import UUID

from pydantic import ConfigDict, Field

from prefect._internal.schemas.bases import PrefectBaseModel
from prefect.events.schemas.events import Event, Resource, ResourceSpecification
from prefect.types._datetime import DateTime, now
from prefect.types._enums import AutoEnum

__all__ = [
    "AutomationFilter",
    "AutomationFilterCreated",
    "AutomationFilterId",
    "AutomationFilterName",
    "AutomationFilterTags",
    "EventAnyResourceFilter",
    "EventDataFilter",
    "EventFilter",
    "EventIDFilter",
    "EventNameFilter",
    "EventOccurredFilter",
    "EventOrder",
    "EventRelatedFilter",
    "EventResourceFilter",
    "EventTextFilter",
]

DEFAULT_LOOKBACK = timedelta(days=180)
"""How far back an event filter looks that does not say since when."""


class AutomationFilterCreated(PrefectBaseModel):
    """Filter automations by when they were created."""

    before_: DateTime | None = Field(default=None, description="Created at or before this time.")


class AutomationFilterId(PrefectBaseModel):
    """Filter automations by id."""

    any_: list[UUID] | None = Field(default=None, description="The id is one of these.")


class AutomationFilterName(PrefectBaseModel):
    """Filter automations by name."""

    any_: list[str] | None = Field(default=None, description="The name is one of these.")


class AutomationFilterTags(PrefectBaseModel):
    """Filter automations by tags."""

    all_: list[str] | None = Field(default=None, description="Has all of these tags.")
    any_: list[str] | None = Field(default=None, description="Has one of these tags.")
    is_null_: bool | None = Field(default=None, description="True: has no tags; false: has some.")


class AutomationFilter(PrefectBaseModel):
    """Select automations; all the parts given have to match."""

    id: AutomationFilterId | None = Field(default=None, description="By id.")
    name: AutomationFilterName | None = Field(default=None, description="By name.")
    created: AutomationFilterCreated | None = Field(default=None, description="By creation time.")
    tags: AutomationFilterTags | None = Field(default=None, description="By tags.")


class EventDataFilter(PrefectBaseModel):
    """One condition on an event, or several that all have to hold."""

    model_config = ConfigDict(extra="forbid")

    def get_filters(self) -> "list[EventDataFilter]":
        """Return the conditions that this one is made of; lists are flattened."""
        filters: list[EventDataFilter] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            for part in value if isinstance(value, list) else (value,):
                if isinstance(part, EventDataFilter):
                    filters.append(part)
        return filters

    def includes(self, event: Event) -> bool:
        """Tell whether the event meets this condition and everything it is made of."""
        return all(part.includes(event) for part in self.get_filters())

    def excludes(self, event: Event) -> bool:
        """Tell whether the event misses this condition."""
        return not self.includes(event)


class EventOccurredFilter(EventDataFilter):
    """Events of a time span, both ends included."""

    since: DateTime = Field(
        default_factory=lambda: (
            now("UTC").replace(hour=0, minute=0, second=0, microsecond=0) - DEFAULT_LOOKBACK
        ),
        description="The earliest time; by default the beginning of the day 180 days ago.",
    )
    until: DateTime = Field(
        default_factory=lambda: now("UTC"), description="The latest time; by default now."
    )

    def includes(self, event: Event) -> bool:
        """Tell whether the event occurred in the time span."""
        return self.since <= event.occurred <= self.until


class EventNameFilter(EventDataFilter):
    """Events by name; every list given has to agree."""

    prefix: list[str] | None = Field(default=None, description="Starts with one of these.")
    exclude_prefix: list[str] | None = Field(default=None, description="Starts with none of these.")
    name: list[str] | None = Field(default=None, description="Is one of these.")
    exclude_name: list[str] | None = Field(default=None, description="Is none of these.")

    def includes(self, event: Event) -> bool:
        """Tell whether the event's name agrees with every list."""
        name = event.event
        return (
            (not self.prefix or name.startswith(tuple(self.prefix)))
            and not (self.exclude_prefix and name.startswith(tuple(self.exclude_prefix)))
            and (not self.name or name in self.name)
            and not (self.exclude_name and name in self.exclude_name)
        )


class EventResourceFilter(EventDataFilter):
    """Events by their own resource; every condition given has to hold."""

    id: list[str] | None = Field(default=None, description="The id is one of these.")
    id_prefix: list[str] | None = Field(
        default=None, description="The id starts with one of these."
    )
    labels: ResourceSpecification | None = Field(default=None, description="The labels match.")
    distinct: bool = Field(default=False, description="Only the latest event of each resource.")

    def includes(self, event: Event) -> bool:
        """Tell whether the event's resource meets every condition.

        `distinct` cannot be judged from one event and is left to the server.
        """
        return _resource_meets(event.resource, self.id, self.id_prefix, self.labels)


class EventRelatedFilter(EventDataFilter):
    """Events by a related resource; one and the same has to meet every condition given."""

    id: list[str] | None = Field(default=None, description="The id is one of these.")
    role: list[str] | None = Field(default=None, description="The role is one of these.")
    resources_in_roles: list[tuple[str, str]] | None = Field(
        default=None, description="Id and role are one of these pairs."
    )
    labels: ResourceSpecification | None = Field(default=None, description="The labels match.")

    def includes(self, event: Event) -> bool:
        """Tell whether one related resource of the event meets every condition."""
        if not (self.id or self.role or self.resources_in_roles or self.labels):
            return True
        return any(
            _resource_meets(related, self.id, None, self.labels)
            and (not self.role or related.role in self.role)
            and (
                not self.resources_in_roles or (related.id, related.role) in self.resources_in_roles
            )
            for related in event.related
        )


class EventAnyResourceFilter(EventDataFilter):
    """Events by any involved resource; one and the same has to meet every condition given."""

    id: list[str] | None = Field(default=None, description="The id is one of these.")
    id_prefix: list[str] | None = Field(
        default=None, description="The id starts with one of these."
    )
    labels: ResourceSpecification | None = Field(default=None, description="The labels match.")

    def includes(self, event: Event) -> bool:
        """Tell whether the event's resource or a related one meets every condition."""
        return any(
            _resource_meets(resource, self.id, self.id_prefix, self.labels)
            for resource in event.involved_resources
        )


class EventIDFilter(EventDataFilter):
    """Events by id."""

    id: list[UUID] | None = Field(default=None, description="The id is one of these.")

    def includes(self, event: Event) -> bool:
        """Tell whether the event's id is one of those given, if any are."""
        return not self.id or event.id in self.id


class EventTextFilter(EventDataFilter):
    """Events whose content contains words.

    Only the server knows the rules of its text search, so `includes` says yes to every event.
    """

    query: str = Field(
        max_length=200,
        description="Words to look for; `-word` excludes, `+word` requires, quotes make a phrase.",
    )


class EventOrder(AutoEnum):
    """Order of a list of events by the time they occurred."""

    ASC = AutoEnum.auto()
    DESC = AutoEnum.auto()


class EventFilter(EventDataFilter):
    """Select events; all the parts given have to match."""

    occurred: EventOccurredFilter = Field(
        default_factory=lambda: EventOccurredFilter(), description="By when they occurred."
    )
    event: EventNameFilter | None = Field(default=None, description="By name.")
    resource: EventResourceFilter | None = Field(default=None, description="By their resource.")
    related: EventRelatedFilter | list[EventRelatedFilter] | None = Field(
        default=None, description="By related resources; every filter of a list has to match."
    )
    any_resource: EventAnyResourceFilter | list[EventAnyResourceFilter] | None = Field(
        default=None, description="By any involved resource; every filter of a list has to match."
    )
    id: EventIDFilter = Field(default_factory=lambda: EventIDFilter(id=[]), description="By id.")
    text: EventTextFilter | None = Field(default=None, description="By words in their content.")
    order: EventOrder = Field(
        default=EventOrder.DESC, description="Order of the result, by the time they occurred."
    )


def _resource_meets(
    resource: Resource,
    ids: list[str] | None,
    prefixes: list[str] | None,
    labels: ResourceSpecification | None,
) -> bool:
    """Tell whether a resource meets each of the conditions that are given."""
    return (
        (not ids or resource.id in ids)
        and (not prefixes or resource.id.startswith(tuple(prefixes)))
        and (labels is None or labels.matches(resource))
    )
