"""The client of the REST API.

`get_client` is the usual way in; `prefect.client.schemas` describes what the API sends and takes.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient as PrefectClient
    from prefect.client.orchestration import SyncPrefectClient as SyncPrefectClient
    from prefect.client.orchestration import get_client as get_client

__all__ = ["PrefectClient", "SyncPrefectClient", "get_client"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "PrefectClient": "prefect.client.orchestration",
        "SyncPrefectClient": "prefect.client.orchestration",
        "cloud": "prefect.client.cloud:",
        "get_client": "prefect.client.orchestration",
        "orchestration": "prefect.client.orchestration:",
        "schemas": "prefect.client.schemas:",
    },
)
