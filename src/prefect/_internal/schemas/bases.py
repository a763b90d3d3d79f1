"""The bases of every wire model.

One small tree: `PrefectBaseModel` for values, `ObjectBaseModel` for what the server stores,
`TimeSeriesBaseModel` for stored things with time-ordered ids, `ActionBaseModel` for request
bodies. All share three rules: a model's validator is built when it is first used (a process that
reads one flow run never pays for the other hundred models), fields that a newer server sends are
ignored, and durations are seconds on the wire.

`publish` gives models their public home: each noun's models are defined in a private module, and
pickles, tracebacks and documentation name the public one. `type_adapter` makes validators of
other types, such as lists of models, at the same cost.
"""

from functools import cache
from typing import Any, TypeVar
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from prefect._internal.schemas.plugins import without_plugin_search
from prefect._internal.uuid7 import uuid7
from prefect.types._datetime import DateTime

__all__ = [
    "ActionBaseModel",
    "ObjectBaseModel",
    "PrefectBaseModel",
    "StrictBaseModel",
    "TimeSeriesBaseModel",
    "empty_dict",
    "empty_list",
    "empty_set",
    "publish",
    "type_adapter",
]

AnyType = TypeVar("AnyType")


# Defaults of fields. Pydantic reads the signature of each default factory, and for `list` and `set`
# themselves that means a tokenizer: 5 ms when the first model is built.


def empty_dict() -> dict[Any, Any]:
    """Make an empty dict."""
    return {}


def empty_list() -> list[Any]:
    """Make an empty list."""
    return []


def empty_set() -> set[Any]:
    """Make an empty set."""
    return set()


def publish(module: str, *classes: type) -> None:
    """Make `module` the public home of classes that are defined elsewhere."""
    for published in classes:
        published.__module__ = module


class PrefectBaseModel(BaseModel):
    """A value that travels between client and server."""

    model_config = ConfigDict(defer_build=True, extra="ignore", ser_json_timedelta="float")

    @classmethod
    def model_rebuild(cls, **kwargs: Any) -> bool | None:
        """Build the validator; pydantic calls it when the model is first used."""
        # Where forward references are looked up is counted in frames, and this is one more.
        depth = kwargs.pop("_parent_namespace_depth", 2) + 1
        with without_plugin_search():
            return super().model_rebuild(_parent_namespace_depth=depth, **kwargs)


class StrictBaseModel(PrefectBaseModel):
    """A value that refuses fields it does not know: what users write, and unions are chosen by."""

    model_config = ConfigDict(extra="forbid")


class ActionBaseModel(StrictBaseModel):
    """The body of a request that creates or changes something.

    A field that nobody set is not sent (`exclude_unset`), so that older servers get only what
    they know; a misspelt field is refused here rather than by the server.
    """


class ObjectBaseModel(PrefectBaseModel):
    """Something the server stores, with an id and the times of its creation and last change."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(default_factory=uuid4)
    created: DateTime | None = Field(default=None, repr=False)
    updated: DateTime | None = Field(default=None, repr=False)


class TimeSeriesBaseModel(PrefectBaseModel):
    """Something the server stores in order of time: its id sorts by creation."""

    id: UUID = Field(default_factory=uuid7)


@cache
def type_adapter(type_: type[AnyType]) -> TypeAdapter[AnyType]:
    """The validator of a type that is no model of its own, e.g. `list[FlowRun]`; made once."""
    with without_plugin_search():
        return TypeAdapter(type_)
