"""Variables: small named values that are read while flows run."""

from typing import Annotated

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    empty_list,
    publish,
)
from prefect.types._variables import StrictVariableValue
from prefect.types.names import MAX_VARIABLE_NAME_LENGTH, VariableName

__all__ = ["Variable", "VariableCreate", "VariableUpdate"]


class Variable(ObjectBaseModel):
    """A variable."""

    name: Annotated[str, Field(max_length=MAX_VARIABLE_NAME_LENGTH)]
    value: StrictVariableValue
    tags: list[str] = Field(default_factory=empty_list)


class VariableCreate(ActionBaseModel):
    """Create a variable."""

    name: VariableName
    value: StrictVariableValue
    tags: list[str] | None = None


class VariableUpdate(ActionBaseModel):
    """Change a variable."""

    name: VariableName | None = None
    value: StrictVariableValue = None
    tags: list[str] | None = None


publish("prefect.client.schemas.objects", Variable)
publish("prefect.client.schemas.actions", VariableCreate, VariableUpdate)
