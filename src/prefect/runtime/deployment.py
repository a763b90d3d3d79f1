"""The deployment of the flow run that this code belongs to."""

from typing import Any

from prefect.runtime import flow_run as _flow_run
from prefect.runtime._attributes import attributes

__all__ = ["flow_run_id", "id", "name", "parameters", "version"]  # noqa: F822  # attributes that `__getattr__` gives


def get_id() -> str | None:
    """The deployment's id."""
    run = _flow_run._flow_run()
    return None if run is None or run.deployment_id is None else str(run.deployment_id)


def _deployment() -> Any:
    deployment_id = get_id()
    if deployment_id is None:
        return None
    from uuid import UUID

    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_deployment(UUID(deployment_id))


def get_name() -> str | None:
    """The deployment's name."""
    deployment = _deployment()
    return None if deployment is None else str(deployment.name)


def get_version() -> str | None:
    """The deployment's version."""
    deployment = _deployment()
    return None if deployment is None else deployment.version


def get_flow_run_id() -> str | None:
    """The id of the flow run."""
    return _flow_run.get_id()


def get_parameters() -> dict[str, Any]:
    """The parameters of the flow run."""
    run = _flow_run._flow_run()
    return {} if run is None else run.parameters


__getattr__, __dir__ = attributes(
    __name__,
    {
        "flow_run_id": get_flow_run_id,
        "id": get_id,
        "name": get_name,
        "parameters": get_parameters,
        "version": get_version,
    },
)
