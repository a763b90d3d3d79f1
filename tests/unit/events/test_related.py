"""What an event is related to because of where it was emitted."""

import asyncio
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from prefect.events import related
from prefect.events.related import (
    object_as_related_resource,
    related_resources_from_run_context,
    tags_as_related_resources,
)
from prefect.exceptions import ObjectNotFound

FLOW_ID, RUN_ID, TASK_RUN_ID, DEPLOYMENT_ID, QUEUE_ID, POOL_ID = (UUID(int=n) for n in range(1, 7))


class FakeClient:
    """Answers reads from a mapping of ids and names, and counts them."""

    def __init__(self, *known: Any) -> None:
        self.known = {key: thing for thing in known for key in (thing.id, thing.name)}
        self.reads: list[Any] = []

    async def _read(self, key: Any) -> Any:
        self.reads.append(key)
        if key not in self.known:
            raise ObjectNotFound(http_exc=RuntimeError(f"no {key}"))
        return self.known[key]

    read_flow = read_flow_run = read_deployment = read_work_queue = read_work_pool = _read


class Contexts:
    """Stands for `prefect.context`."""

    def __init__(self) -> None:
        self.flow: Any = None
        self.task: Any = None
        self.FlowRunContext = SimpleNamespace(get=lambda: self.flow)
        self.TaskRunContext = SimpleNamespace(get=lambda: self.task)


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> Contexts:
    contexts = Contexts()
    monkeypatch.setitem(sys.modules, "prefect.context", contexts)  # type: ignore[arg-type]
    return contexts


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    related.RESOURCE_CACHE.clear()
    yield
    related.RESOURCE_CACHE.clear()


def thing(id: UUID, name: str, **fields: Any) -> Any:
    return SimpleNamespace(id=id, name=name, **fields)


def flow_run(**fields: Any) -> Any:
    return thing(
        RUN_ID,
        "brisk-otter",
        **{
            "flow_id": FLOW_ID,
            "deployment_id": None,
            "work_queue_id": None,
            "work_pool_name": None,
            "tags": [],
            **fields,
        },
    )


def ask(client: Any, exclude: set[str] | None = None) -> list[tuple[str, str]]:
    resources = asyncio.run(related_resources_from_run_context(client, exclude=exclude))
    return [(resource.role, resource.name or resource.id) for resource in resources]


def test_tags_come_sorted() -> None:
    resources = tags_as_related_resources({"b", "a"})

    assert [resource.id for resource in resources] == ["prefect.tag.a", "prefect.tag.b"]
    assert {resource.role for resource in resources} == {"tag"}


def test_an_object_has_its_name_as_a_label_if_it_has_one() -> None:
    named = object_as_related_resource("flow", "flow", thing(FLOW_ID, "etl"))
    nameless = object_as_related_resource("flow", "flow", SimpleNamespace(id=FLOW_ID))

    assert named.root == {
        "prefect.resource.id": f"prefect.flow.{FLOW_ID}",
        "prefect.resource.role": "flow",
        "prefect.resource.name": "etl",
    }
    assert nameless.name is None


def test_nothing_is_related_where_nobody_loaded_the_contexts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "prefect.context", raising=False)

    assert ask(FakeClient()) == []
    assert "prefect.context" not in sys.modules


def test_nothing_is_related_outside_of_runs(contexts: Contexts) -> None:
    assert ask(FakeClient()) == []


def test_a_flow_run_and_all_around_it_are_related(contexts: Contexts) -> None:
    client = FakeClient(
        thing(DEPLOYMENT_ID, "nightly"), thing(QUEUE_ID, "default"), thing(POOL_ID, "pool")
    )
    run = flow_run(
        deployment_id=DEPLOYMENT_ID, work_queue_id=QUEUE_ID, work_pool_name="pool", tags=["z"]
    )
    contexts.flow = SimpleNamespace(flow_run=run, flow=SimpleNamespace(name="etl"))
    contexts.task = SimpleNamespace(
        task_run=thing(TASK_RUN_ID, "load-0", flow_run_id=RUN_ID, tags=["z", "a"])
    )

    assert ask(client) == [
        ("flow-run", "brisk-otter"),
        ("task-run", "load-0"),
        ("flow", "etl"),
        ("deployment", "nightly"),
        ("work-queue", "default"),
        ("work-pool", "pool"),
        ("tag", "prefect.tag.a"),
        ("tag", "prefect.tag.z"),
    ]
    assert client.reads == [DEPLOYMENT_ID, QUEUE_ID, "pool"]


def test_a_task_run_elsewhere_finds_its_flow_run(contexts: Contexts) -> None:
    client = FakeClient(flow_run(tags=["t"]), thing(FLOW_ID, "etl"))
    contexts.task = SimpleNamespace(
        task_run=thing(TASK_RUN_ID, "load-0", flow_run_id=RUN_ID, tags=[])
    )

    assert ask(client) == [
        ("flow-run", "brisk-otter"),
        ("task-run", "load-0"),
        ("flow", "etl"),
        ("tag", "prefect.tag.t"),
    ]


def test_a_task_run_without_flow_run_stands_alone(contexts: Contexts) -> None:
    contexts.task = SimpleNamespace(
        task_run=thing(TASK_RUN_ID, "load-0", flow_run_id=None, tags=["t"])
    )

    assert ask(FakeClient()) == [("task-run", "load-0"), ("tag", "prefect.tag.t")]


def test_the_events_own_resource_is_left_out(contexts: Contexts) -> None:
    contexts.flow = SimpleNamespace(flow_run=flow_run(), flow=SimpleNamespace(name="etl"))

    assert ask(FakeClient(), {f"prefect.flow-run.{RUN_ID}"}) == [("flow", "etl")]


def test_what_was_read_is_remembered_even_when_it_is_gone(contexts: Contexts) -> None:
    client = FakeClient(thing(DEPLOYMENT_ID, "nightly"))
    contexts.flow = SimpleNamespace(
        flow_run=flow_run(deployment_id=DEPLOYMENT_ID, work_queue_id=QUEUE_ID),
        flow=SimpleNamespace(name="etl"),
    )

    first, second = ask(client), ask(client)

    assert first == second
    assert ("deployment", "nightly") in first
    assert "work-queue" not in dict(first)
    assert client.reads == [DEPLOYMENT_ID, QUEUE_ID]


def test_memory_is_bounded_and_keeps_what_was_used_last(contexts: Contexts) -> None:
    ids = [uuid4() for _ in range(related.MAX_CACHE_SIZE + 1)]
    client = FakeClient(*(thing(id, "nightly") for id in ids))

    for id in (*ids[:-1], ids[0], ids[-1]):
        contexts.flow = SimpleNamespace(
            flow_run=flow_run(deployment_id=id), flow=SimpleNamespace(name="etl")
        )
        ask(client)

    assert len(related.RESOURCE_CACHE) == related.MAX_CACHE_SIZE
    assert f"prefect.deployment.{ids[0]}" in related.RESOURCE_CACHE
    assert f"prefect.deployment.{ids[1]}" not in related.RESOURCE_CACHE


def test_other_errors_reach_the_caller(contexts: Contexts) -> None:
    class Broken(FakeClient):
        async def read_flow(self, key: Any) -> Any:
            raise ConnectionError("server is away")

    contexts.flow = SimpleNamespace(flow_run=flow_run(), flow=None)

    with pytest.raises(ConnectionError, match="away"):
        ask(Broken())
