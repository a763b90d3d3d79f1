"""The filters of the four nouns that the API filters by each other, in one value.

Published by `prefect.client.schemas.filters`.
"""

from pydantic import Field

from prefect._internal.schemas.bases import PrefectBaseModel, publish
from prefect.client.schemas._filters.deployments import DeploymentFilter
from prefect.client.schemas._filters.flow_runs import FlowRunFilter
from prefect.client.schemas._filters.flows import FlowFilter
from prefect.client.schemas._filters.task_runs import TaskRunFilter

__all__ = ["FilterSet"]


class FilterSet(PrefectBaseModel):
    """Select by flows, flow runs, task runs and deployments together."""

    flows: FlowFilter = Field(default_factory=FlowFilter, description="Filters of flows.")
    flow_runs: FlowRunFilter = Field(
        default_factory=FlowRunFilter, description="Filters of flow runs."
    )
    task_runs: TaskRunFilter = Field(
        default_factory=TaskRunFilter, description="Filters of task runs."
    )
    deployments: DeploymentFilter = Field(
        default_factory=DeploymentFilter, description="Filters of deployments."
    )


publish("prefect.client.schemas.filters", FilterSet)
