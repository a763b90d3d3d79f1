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
    from prefect.flow_runs import aresume_flow_run as aresume_flow_run
    from prefect.flow_runs import resume_flow_run as resume_flow_run
    from prefect.flows import Flow as Flow
    from prefect.flows import flow as flow
    from prefect.logging.loggers import get_run_logger as get_run_logger
    from prefect.tasks import Task as Task
    from prefect.tasks import task as task
    from prefect.transactions import Transaction as Transaction
    from prefect.utilities.annotations import allow_failure as allow_failure
    from prefect.utilities.annotations import unmapped as unmapped

    __version__: str

_install_missing_rooms_finder()

__all__ = [
    "Flow",
    "State",
    "Task",
    "Transaction",
    "allow_failure",
    "aresume_flow_run",
    "flow",
    "get_client",
    "get_run_logger",
    "resume_flow_run",
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
        "Transaction": "prefect.transactions",
        "__version__": "prefect._version",
        "allow_failure": "prefect.utilities.annotations",
        "aresume_flow_run": "prefect.flow_runs",
        "flow": "prefect.flows",
        "get_client": "prefect.client.orchestration",
        "get_run_logger": "prefect.logging.loggers",
        "resume_flow_run": "prefect.flow_runs",
        "tags": "prefect.context",
        "task": "prefect.tasks",
        "unmapped": "prefect.utilities.annotations",
    },
    not_yet=(
        "apause_flow_run",
        "aserve",
        "asuspend_flow_run",
        "deploy",
        "pause_flow_run",
        "serve",
        "suspend_flow_run",
    ),
)
