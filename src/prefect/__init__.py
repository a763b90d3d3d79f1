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

    __version__: str

_install_missing_rooms_finder()

__all__ = [
    "State",
    "get_client",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "State": "prefect.client.schemas.objects",
        "__version__": "prefect._version",
        "get_client": "prefect.client.orchestration",
    },
)
