"""The names of `prefect` that flows are written with, as one module."""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.cloud import get_cloud_client as get_cloud_client
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

_TABLE = {
    "Flow": "prefect.flows",
    "State": "prefect.client.schemas.objects",
    "Task": "prefect.tasks",
    "Transaction": "prefect.transactions",
    "allow_failure": "prefect.utilities.annotations",
    "aresume_flow_run": "prefect.flow_runs",
    "flow": "prefect.flows",
    "get_client": "prefect.client.orchestration",
    "get_cloud_client": "prefect.client.cloud",
    "get_run_logger": "prefect.logging.loggers",
    "resume_flow_run": "prefect.flow_runs",
    "tags": "prefect.context",
    "task": "prefect.tasks",
    "unmapped": "prefect.utilities.annotations",
}

__all__ = sorted(_TABLE)  # noqa: PLE0605  # the table is the list

__getattr__, __dir__ = lazy_exports(
    __name__,
    _TABLE,
    not_yet=(
        "apause_flow_run",
        "aserve",
        "asuspend_flow_run",
        "pause_flow_run",
        "serve",
        "suspend_flow_run",
    ),
)
