"""How the conditions of one filter are combined, and the bases of filters."""

from pydantic import Field

from prefect._internal.schemas.bases import StrictBaseModel, publish
from prefect.types._enums import AutoEnum

__all__ = ["Operator", "OperatorMixin"]


class Operator(AutoEnum):
    """How the conditions of a filter are combined: all have to match, or one is enough."""

    and_ = AutoEnum.auto()
    or_ = AutoEnum.auto()


class OperatorMixin:
    """Give a filter the choice of how its conditions are combined."""

    operator: Operator = Field(
        default=Operator.and_, description="All the conditions have to match, or any of them."
    )


class _FlowRunFilterBaseModel(StrictBaseModel):
    """Base of the flow run filters, which refuse conditions that they do not know."""


publish("prefect.client.schemas.filters", Operator, OperatorMixin, _FlowRunFilterBaseModel)
