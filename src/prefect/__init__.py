"""Workflow orchestration in Python: flows, tasks, deployments and the client of the API.

This is the public facade of both distributions. It only holds a table of names; each is imported
from its own module when it is first used, so `import prefect` loads no third-party package, reads
no setting and starts nothing.
"""

from prefect._lazy import lazy_exports
from prefect._missing import install as _install_missing_rooms_finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import get_client as get_client
    from prefect.client.schemas.objects import State as State
    from prefect.context import tags as tags
    from prefect.flows import Flow as Flow
    from prefect.flows import flow as flow
    from prefect.logging.loggers import get_run_logger as get_run_logger
    from prefect.tasks import Task as Task
    from prefect.tasks import task as task
    from prefect.utilities.annotations import allow_failure as allow_failure
    from prefect.utilities.annotations import unmapped as unmapped

    __version__: str

_install_missing_rooms_finder()

__all__ = [
    "Flow",
    "State",
    "Task",
    "allow_failure",
    "flow",
    "get_client",
    "get_run_logger",
    "tags",
    "task",
    "unmapped",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Flow": "prefect.flows",
        "State": "prefect.client.schemas.objects",
        "Task": "prefect.tasks",
        "__version__": "prefect._version",
        "allow_failure": "prefect.utilities.annotations",
        "flow": "prefect.flows",
        "get_client": "prefect.client.orchestration",
        "get_run_logger": "prefect.logging.loggers",
        "tags": "prefect.context",
        "task": "prefect.tasks",
        "unmapped": "prefect.utilities.annotations",
    },
)
