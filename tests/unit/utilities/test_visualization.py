"""Drawing the tasks of a flow."""

import asyncio
import sys
from typing import Any

import pytest

from prefect.utilities.visualization import (
    GraphvizExecutableNotFoundError,
    GraphvizImportError,
    TaskVizTracker,
    VizTask,
    build_mermaid_dependencies,
    build_task_dependencies,
    get_task_viz_tracker,
    track_viz_task,
    visualize_task_dependencies,
)


def links(tracker: TaskVizTracker) -> list[tuple[str, list[str]]]:
    return [(task.name, [up.name for up in task.upstream_tasks]) for task in tracker.tasks]


def test_results_link_tasks_also_inside_collections() -> None:
    with TaskVizTracker() as tracker:
        first = track_viz_task(False, "load", {"x": 1})
        second = track_viz_task(False, "load", {"x": first})
        track_viz_task(False, "join", {"parts": [first, {"second": second}]})

    assert links(tracker) == [
        ("load-0", []),
        ("load-1", ["load-0"]),
        ("join-0", ["load-0", "load-1"]),
    ]


def test_values_of_the_user_link_tasks_unless_python_shares_them() -> None:
    with TaskVizTracker() as tracker:
        own = track_viz_task(False, "own", {}, viz_return_value=["data"])
        shared = track_viz_task(False, "shared", {}, viz_return_value=True)
        track_viz_task(False, "use", {"a": own, "b": shared})

    assert links(tracker)[-1] == ("use-0", ["own-0"])


def test_async_tasks_are_awaited() -> None:
    with TaskVizTracker() as tracker:
        result = asyncio.run(track_viz_task(True, "load", {}))

    assert isinstance(result, VizTask)
    assert links(tracker) == [("load-0", [])]


def test_trackers_end_and_nest() -> None:
    with TaskVizTracker() as outer:
        with TaskVizTracker() as inner:
            assert get_task_viz_tracker() is inner
        assert get_task_viz_tracker() is outer
    assert get_task_viz_tracker() is None
    assert track_viz_task(False, "load", {}, viz_return_value=5) == 5


def test_mermaid_has_nodes_and_arrows() -> None:
    with TaskVizTracker() as tracker:
        track_viz_task(False, "use it", {"x": track_viz_task(False, "load", {})})

    assert build_mermaid_dependencies(tracker) == (
        'flowchart TD\n    load_0["load-0"]\n    use_it_0["use it-0"]\n    load_0 --> use_it_0'
    )


def test_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)

    with pytest.raises(GraphvizImportError, match=r"prefect-client\[viz\]"):
        build_task_dependencies(TaskVizTracker())


def test_missing_program_is_told() -> None:
    class ExecutableNotFound(RuntimeError): ...

    class Graph:
        def render(self, **_: Any) -> None:
            raise ExecutableNotFound

    graph: Any = Graph()

    with pytest.raises(GraphvizExecutableNotFoundError, match="apt install graphviz"):
        visualize_task_dependencies(graph, "run")
