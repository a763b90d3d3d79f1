"""The resources that an event is related to because of where it was emitted.

An event that is emitted in a flow or task run is related to that run, its flow, deployment, work
queue and work pool, and to their tags. What the run context does not hold is read from the API
once and remembered.
"""

import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias
from uuid import UUID

from prefect._internal.schemas.bases import ObjectBaseModel
from prefect.events.schemas.events import RelatedResource
from prefect.types._datetime import DateTime, now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

__all__ = [
    "MAX_CACHE_SIZE",
    "RESOURCE_CACHE",
    "RelatedResourceCache",
    "ResourceCacheEntry",
    "object_as_related_resource",
    "related_resources_from_run_context",
    "tags_as_related_resources",
]

ResourceCacheEntry: TypeAlias = dict[str, str | ObjectBaseModel | None]
"""`kind`, `role` and `object` of something that was read; None when the API has it no more."""

RelatedResourceCache: TypeAlias = dict[str, tuple[ResourceCacheEntry, DateTime]]
"""Resource id → what was read, and when it was last used."""

MAX_CACHE_SIZE = 100
RESOURCE_CACHE: RelatedResourceCache = {}


def tags_as_related_resources(tags: Iterable[str]) -> list[RelatedResource]:
    """Return the resources of tags, sorted by tag."""
    return [
        RelatedResource(
            {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}
        )
        for tag in sorted(tags)
    ]


def object_as_related_resource(kind: str, role: str, object: Any) -> RelatedResource:
    """Return the resource of something that has an `id` and maybe a `name`.

    Args:
        kind: Kind of object, as in resource ids: `flow-run`, `work-pool`.
        role: The part that it plays in the event.
    """
    labels = {
        "prefect.resource.id": f"prefect.{kind}.{object.id}",
        "prefect.resource.role": role,
    }
    name = getattr(object, "name", None)
    if name:
        labels["prefect.resource.name"] = str(name)
    return RelatedResource(labels)


async def related_resources_from_run_context(
    client: "PrefectClient", exclude: set[str] | None = None
) -> list[RelatedResource]:
    """Return what an event emitted here is related to.

    Args:
        client: Reads what the run context does not hold.
        exclude: Ids of resources to leave out, such as the event's own.

    Returns:
        Flow run, task run, flow, deployment, work queue, work pool, as far as they exist, then
        the tags of the runs; nothing outside of runs. What the API does not have (any more) is
        left out.
    """
    flow_run, task_run, flow = _runs_in_context()
    excluded = set(exclude or ())
    flow_run_id = flow_run.id if flow_run else getattr(task_run, "flow_run_id", None)
    if flow_run is None and flow_run_id is not None:
        flow_run = await _read("flow-run", flow_run_id, client.read_flow_run)

    resources: list[RelatedResource] = []
    if flow_run is not None:
        resources.append(object_as_related_resource("flow-run", "flow-run", flow_run))
    if task_run is not None:
        resources.append(object_as_related_resource("task-run", "task-run", task_run))
    if flow_run is not None:
        resources += await _infrastructure_of(flow_run, flow, client)

    tags = {tag for run in (flow_run, task_run) if run is not None for tag in run.tags or ()}
    resources += tags_as_related_resources(tags)
    return [resource for resource in resources if resource.id not in excluded]


def _runs_in_context() -> tuple[Any, Any, Any]:
    """Return flow run, task run and flow of the current run context, each possibly None."""
    # Not imported: where nobody has loaded the run contexts there is no run, and `prefect.context`
    # is heavier than everything that only emits events.
    context = sys.modules.get("prefect.context")
    if context is None:
        return None, None, None
    flow_context = context.FlowRunContext.get()
    task_context = context.TaskRunContext.get()
    return (
        getattr(flow_context, "flow_run", None),
        getattr(task_context, "task_run", None),
        getattr(flow_context, "flow", None),
    )


async def _infrastructure_of(
    flow_run: Any, flow: Any, client: "PrefectClient"
) -> list[RelatedResource]:
    """Return flow, deployment, work queue and work pool of a flow run, as far as it has them."""
    found: list[tuple[str, Any]] = []
    if flow is not None and getattr(flow, "name", None):
        found.append(("flow", _Named(flow_run.flow_id, flow.name)))
    elif flow_run.flow_id is not None:
        found.append(("flow", await _read("flow", flow_run.flow_id, client.read_flow)))
    for kind, key, read in (
        ("deployment", getattr(flow_run, "deployment_id", None), client.read_deployment),
        ("work-queue", getattr(flow_run, "work_queue_id", None), client.read_work_queue),
        ("work-pool", getattr(flow_run, "work_pool_name", None), client.read_work_pool),
    ):
        if key is not None:
            found.append((kind, await _read(kind, key, read)))
    return [object_as_related_resource(kind, kind, thing) for kind, thing in found if thing]


class _Named:
    """An id and a name, where the object that has them is not at hand."""

    __slots__ = ("id", "name")

    def __init__(self, id: UUID, name: str) -> None:
        self.id = id
        self.name = name


async def _read(kind: str, key: UUID | str, read: Callable[..., Awaitable[Any]]) -> Any:
    """Return an object by id or name, read at most once as long as it is remembered.

    An object that the API does not have is remembered as None.
    """
    # Heavy, and only needed inside runs.
    from prefect.exceptions import ObjectNotFound

    cache_key = f"prefect.{kind}.{key}"
    if cache_key in RESOURCE_CACHE:
        entry, _ = RESOURCE_CACHE[cache_key]
    else:
        try:
            entry = {"kind": kind, "role": kind, "object": await read(key)}
        except ObjectNotFound:
            entry = {"kind": kind, "role": kind, "object": None}
    RESOURCE_CACHE[cache_key] = (entry, now("UTC"))
    while len(RESOURCE_CACHE) > MAX_CACHE_SIZE:
        oldest = min(RESOURCE_CACHE, key=lambda known: RESOURCE_CACHE[known][1])
        del RESOURCE_CACHE[oldest]
    return entry["object"]
