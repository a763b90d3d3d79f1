"""What the running code can ask about itself: `prefect.runtime.flow_run.id` and the like.

Outside of runs every attribute is None, or empty. An environment variable such as
`PREFECT__RUNTIME__FLOW_RUN__NAME` stands in for an attribute, which helps to test flows.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.runtime import deployment as deployment
    from prefect.runtime import flow_run as flow_run
    from prefect.runtime import task_run as task_run

__all__ = ["deployment", "flow_run", "task_run"]

__getattr__, __dir__ = lazy_exports(
    __name__, {name: f"prefect.runtime.{name}:" for name in __all__}
)
