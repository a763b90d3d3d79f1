"""Flows as the server knows them: a name, tags and labels."""

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect.types._labels import KeyValueLabelsField
from prefect.types.names import Name

__all__ = ["Flow", "FlowCreate", "FlowUpdate"]


class Flow(ObjectBaseModel):
    """A flow that has been registered."""

    name: Name
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)


class FlowCreate(ActionBaseModel):
    """Register a flow."""

    name: str
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)


class FlowUpdate(ActionBaseModel):
    """Change a flow."""

    tags: list[str] = Field(default_factory=empty_list)


publish("prefect.client.schemas.objects", Flow)
publish("prefect.client.schemas.actions", FlowCreate, FlowUpdate)
