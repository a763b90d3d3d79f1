"""The event: what happened, to which resource, with which other resources involved.

`Event` is what clients send, `ReceivedEvent` what the server hands out. Resources are mappings of
labels. `ResourceSpecification` and `matches` say which resources somebody is interested in; they
are used by event filters and triggers. Nothing here talks to the network.

Building and dumping an event is on the hot path of every task run, so the models validate with
one Python call per resource and none per label.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Dict, List, Union  # noqa: UP035  # see `ResourceSpecification`
from uuid import UUID

from pydantic import ConfigDict, Field, RootModel, field_validator, model_validator
from typing_extensions import Self

from prefect._internal.schemas.bases import PrefectBaseModel
from prefect._internal.uuid7 import uuid7
from prefect.events.schemas.labelling import Labelled
from prefect.types._datetime import DateTime, now

__all__ = [
    "Event",
    "ReceivedEvent",
    "RelatedResource",
    "Resource",
    "ResourceSpecification",
    "matches",
]

RESOURCE_ID = "prefect.resource.id"
RESOURCE_NAME = "prefect.resource.name"
RESOURCE_ROLE = "prefect.resource.role"


class Resource(Labelled):
    """Something an event is about: labels, of which `prefect.resource.id` is required."""

    @model_validator(mode="after")
    def _check_labels(self) -> Self:
        labels = self.root
        if not labels.get(RESOURCE_ID):
            raise ValueError(
                f"a resource needs a non-empty {RESOURCE_ID!r} label, e.g."
                f" {{{RESOURCE_ID!r}: 'my-app.order.17'}}"
            )
        limit = _event_limits().maximum_labels_per_resource
        if len(labels) > limit:
            raise ValueError(
                f"resource {labels[RESOURCE_ID]!r} has {len(labels)} labels, at most {limit} are"
                " allowed (PREFECT_SERVER_EVENTS_MAXIMUM_LABELS_PER_RESOURCE)"
            )
        return self

    @property
    def id(self) -> str:
        """The resource's id, e.g. `prefect.flow-run.0692f6a1-…`."""
        return self.root[RESOURCE_ID]

    @property
    def name(self) -> str | None:
        """The resource's name, when it has one."""
        return self.root.get(RESOURCE_NAME)

    def prefect_object_id(self, kind: str) -> UUID:
        """Return the id of the Prefect object that this resource stands for.

        Args:
            kind: What the id must start with, without the last dot, e.g. `prefect.flow-run`.

        Raises:
            ValueError: If the resource is of another kind, or does not end with a UUID.
        """
        prefix = f"{kind}."
        if not self.id.startswith(prefix):
            raise ValueError(f"resource {self.id!r} does not start with {prefix!r}")
        try:
            return UUID(self.id[len(prefix) :])
        except ValueError:
            raise ValueError(f"resource {self.id!r} does not end with a UUID") from None


class RelatedResource(Resource):
    """A resource that is involved in an event in a role, e.g. the flow of a flow run."""

    @model_validator(mode="after")
    def _check_role(self) -> Self:
        if not self.root.get(RESOURCE_ROLE):
            raise ValueError(
                f"related resource {self.root[RESOURCE_ID]!r} needs a non-empty {RESOURCE_ROLE!r}"
                " label, e.g. 'flow'"
            )
        return self

    @property
    def role(self) -> str:
        """The part it plays in the event, e.g. `flow`, `deployment` or `tag`."""
        return self.root[RESOURCE_ROLE]


class Event(PrefectBaseModel):
    """Something that happened, as its observer describes it."""

    occurred: DateTime = Field(
        default_factory=lambda: now("UTC"), description="When it happened at the source."
    )
    event: str = Field(description="What happened, e.g. `prefect.flow-run.Completed`.")
    resource: Resource = Field(description="What it happened to.")
    related: list[RelatedResource] = Field(
        default_factory=list, description="What else is involved, and in which role."
    )
    payload: dict[str, Any] = Field(
        default_factory=dict, description="Anything else worth knowing, JSON-serialisable."
    )
    id: UUID = Field(default_factory=uuid7, description="The observer's id of this event.")
    follows: UUID | None = Field(
        default=None, description="The event that is known to have come before this one."
    )

    @field_validator("related", mode="after")
    @classmethod
    def _check_number_of_related(cls, related: list[RelatedResource]) -> list[RelatedResource]:
        if related:
            limit = _event_limits().maximum_related_resources
            if len(related) > limit:
                raise ValueError(
                    f"the event has {len(related)} related resources, at most {limit} are allowed"
                    " (PREFECT_SERVER_EVENTS_MAXIMUM_RELATED_RESOURCES)"
                )
        return related

    @property
    def size_bytes(self) -> int:
        """Length of the event's JSON in bytes; servers refuse more than 1 500 000."""
        return len(self.__pydantic_serializer__.to_json(self))

    @property
    def involved_resources(self) -> Sequence[Resource]:
        """The event's resource, then the related ones."""
        return [self.resource, *self.related]

    @property
    def resource_in_role(self) -> Mapping[str, RelatedResource]:
        """The first related resource of each role: role → resource."""
        first: dict[str, RelatedResource] = {}
        for related in self.related:
            first.setdefault(related.role, related)
        return first

    @property
    def resources_in_role(self) -> Mapping[str, Sequence[RelatedResource]]:
        """The related resources of each role, in the event's order: role → resources."""
        by_role: dict[str, list[RelatedResource]] = {}
        for related in self.related:
            by_role.setdefault(related.role, []).append(related)
        return by_role

    def find_resource_label(self, label: str) -> str | None:
        """Return the value of a label of the event's resource or of a related one.

        Args:
            label: A label's name, looked up in the event's resource; `related:<role>:<name>`
                looks it up in the related resources of that role instead.

        Returns:
            The first value found; None when nothing carries the label.
        """
        prefix, _, rest = label.partition(":")
        role, colon, name = rest.partition(":")
        if prefix != "related" or not colon:
            return self.resource.get(label)
        for related in self.related:
            if related.role == role and name in related:
                return related[name]
        return None

    def receive(self, received: DateTime | None = None) -> "ReceivedEvent":
        """Return this event as received, at `received` or now."""
        return ReceivedEvent(**dict(self), received=received or now("UTC"))


class ReceivedEvent(Event):
    """An event as the server hands it out: with the time when it arrived there."""

    model_config = ConfigDict(from_attributes=True)

    received: DateTime = Field(description="When the server received the event.")

    @property
    def url(self) -> str | None:
        """The event's page in the web UI; None when no UI is configured."""
        # Heavy, and hardly ever asked for.
        from prefect.utilities.urls import url_for

        return url_for(self)


def matches(expected: str, value: str | None) -> bool:
    """Tell whether a label's value is the expected one.

    Args:
        expected: The value itself; a `*` at the end makes it a prefix, a `!` at the beginning
            negates the rest.
        value: The label's value; None, a missing label, matches nothing, not even a negation.

    Source: orchestration facts, section 9, "Matching of labels and names".
    """
    if value is None:
        return False
    positive = not expected.startswith("!")
    if not positive:
        expected = expected[1:]
    if expected.endswith("*"):
        return value.startswith(expected[:-1]) is positive
    return (value == expected) is positive


# Spelled with `Dict`, `Union` and `List` because the name of the base class is made of them, and
# that name is public by way of pickles and error messages.
class ResourceSpecification(RootModel[Dict[str, Union[str, List[str]]]]):  # noqa: UP006, UP007
    """Which resources are meant: label → the value, or the list of values, that it may have.

    A resource matches when each of the labels matches one of its values; see `matches` for what
    `*` and `!` do. An empty specification matches every resource.
    """

    model_config = ConfigDict(defer_build=True)

    def matches_every_resource(self) -> bool:
        """Tell whether no resource is left out."""
        return len(self.root) == 0

    def matches_every_resource_of_kind(self, prefix: str) -> bool:
        """Tell whether no resource whose id starts with `prefix` and a dot is left out."""
        if not self.root:
            return True
        return len(self.root) == 1 and f"{prefix}.*" in _listed(self.root.get(RESOURCE_ID))

    def includes(self, candidates: Iterable[Resource]) -> bool:
        """Tell whether one of the candidates matches; an empty specification asks for none."""
        return not self.root or any(self.matches(candidate) for candidate in candidates)

    def matches(self, resource: Resource) -> bool:
        """Tell whether each label has a matching value in `resource`."""
        return all(
            any(matches(expected, resource.get(label)) for expected in values)
            for label, values in self.items()
        )

    def items(self) -> Iterable[tuple[str, list[str]]]:
        """Return labels and the lists of values that they may have."""
        return [(label, _listed(values)) for label, values in self.root.items()]

    def __contains__(self, key: str) -> bool:
        return key in self.root

    def __getitem__(self, key: str) -> list[str]:
        return _listed(self.root[key])

    def pop(self, key: str, default: str | list[str] | None = None) -> list[str] | None:
        """Remove a label and return its values, or `default` as a list."""
        return _listed(self.root.pop(key, default))

    def get(self, key: str, default: str | list[str] | None = None) -> list[str] | None:
        """Return the values of a label, or `default` as a list; no default is an empty list."""
        return _listed(self.root.get(key, default))

    def __len__(self) -> int:
        return len(self.root)

    def deepcopy(self) -> "ResourceSpecification":
        """Return a copy that shares nothing with this one."""
        return ResourceSpecification(root=deepcopy(self.root))


def _listed(values: str | list[str] | None) -> list[str]:
    """Return one value as a list of it, None as an empty list."""
    if values is None:
        return []
    return [values] if isinstance(values, str) else list(values)


def _event_limits() -> Any:
    """Return the settings that bound an event."""
    # Deferred so that importing the models reads no setting.
    from prefect.settings._current import group

    return group("server.events")
