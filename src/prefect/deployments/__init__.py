"""Deployments: submit runs of a flow that lives somewhere else, and describe where it lives."""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.deployments.flow_runs import arun_deployment as arun_deployment
    from prefect.deployments.flow_runs import run_deployment as run_deployment

__all__ = ["arun_deployment", "run_deployment"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "arun_deployment": "prefect.deployments.flow_runs",
        "run_deployment": "prefect.deployments.flow_runs",
    },
    not_yet=("deploy", "initialize_project"),
)
