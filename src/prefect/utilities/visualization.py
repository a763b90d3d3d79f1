"""Drawing a flow's tasks without running them.

While a `TaskVizTracker` is active, the engine calls `track_viz_task` instead of a task; what it
returns stands for the task's result, so that the tasks that use it are linked to it.
"""

from __future__ import annotations

import re
from collections.abc import Coroutine
from contextvars import ContextVar, Token
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from prefect._extras import require
from prefect.utilities.collections import visit_collection

if TYPE_CHECKING:
    from graphviz import Digraph
    from typing_extensions import Self

__all__ = [
    "FlowVisualizationError",
    "GraphvizExecutableNotFoundError",
    "GraphvizImportError",
    "TaskVizTracker",
    "TaskVizTrackerState",
    "VisualizationUnsupportedError",
    "VizTask",
    "build_mermaid_dependencies",
    "build_task_dependencies",
    "get_task_viz_tracker",
    "track_viz_task",
    "visualize_task_dependencies",
]


class FlowVisualizationError(Exception):
    """Raised when a flow cannot be drawn."""


class VisualizationUnsupportedError(Exception):
    """Raised when a flow calls a task in a way that cannot be drawn."""


class GraphvizImportError(Exception):
    """Raised when the Python package `graphviz` is not installed."""


class GraphvizExecutableNotFoundError(Exception):
    """Raised when the program `dot` is not installed."""


class TaskVizTrackerState:
    """The tracker of the process, for code that cannot see the context variable."""

    current: TaskVizTracker | None = None


_active: ContextVar[TaskVizTracker | None] = ContextVar("prefect_task_viz_tracker", default=None)


def get_task_viz_tracker() -> TaskVizTracker | None:
    """Give the active tracker; None when flows run as usual."""
    return _active.get() or TaskVizTrackerState.current


class VizTask:
    """A call of a task in the drawing; stands for the call's result too.

    Args:
        name: The task's name.
        upstream_tasks: The calls whose results it uses.
    """

    def __init__(self, name: str, upstream_tasks: list[VizTask] | None = None) -> None:
        self.name = name
        self.upstream_tasks: list[VizTask] = upstream_tasks or []


class TaskVizTracker:
    """Collects the calls of tasks while it is active, as a context manager.

    `tasks` has them in their order, each with the task's name and a number.
    """

    def __init__(self) -> None:
        self.tasks: list[VizTask] = []
        self.dynamic_task_counter: dict[str, int] = {}
        self.object_id_to_task: dict[int, VizTask] = {}
        self._kept: list[Any] = []  # an id only names an object as long as that lives
        self._before: TaskVizTracker | None = None
        self._token: Token[TaskVizTracker | None] | None = None

    def add_task(self, task: VizTask) -> None:
        """Add a call, numbering its name."""
        number = self.dynamic_task_counter.get(task.name, -1) + 1
        self.dynamic_task_counter[task.name] = number
        task.name = f"{task.name}-{number}"
        self.tasks.append(task)

    def link_viz_return_value_to_viz_task(self, viz_return_value: Any, viz_task: VizTask) -> None:
        """Remember which call a value comes from.

        Values that Python shares (None, booleans, small numbers) cannot be told apart and are not
        remembered.
        """
        if viz_return_value is None or isinstance(viz_return_value, bool):
            return
        if isinstance(viz_return_value, int) and -5 <= viz_return_value <= 256:
            return
        self._kept.append(viz_return_value)
        self.object_id_to_task[id(viz_return_value)] = viz_task

    def __enter__(self) -> Self:
        self._before = TaskVizTrackerState.current
        TaskVizTrackerState.current = self
        self._token = _active.set(self)
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        TaskVizTrackerState.current = self._before
        if self._token is not None:
            _active.reset(self._token)
            self._token = None


@overload
def track_viz_task(
    is_async: Literal[True],
    task_name: str,
    parameters: dict[str, Any],
    viz_return_value: Any | None = None,
) -> Coroutine[Any, Any, Any]: ...


@overload
def track_viz_task(
    is_async: Literal[False],
    task_name: str,
    parameters: dict[str, Any],
    viz_return_value: Any | None = None,
) -> Any: ...


def track_viz_task(
    is_async: bool,
    task_name: str,
    parameters: dict[str, Any],
    viz_return_value: Any | None = None,
) -> Coroutine[Any, Any, Any] | Any:
    """Add a call of a task to the active tracker.

    Args:
        is_async: Whether the task is async: then what stands for its result has to be awaited.
        task_name: The task.
        parameters: What it is called with.
        viz_return_value: What stands for its result, where a flow needs a real value.

    Returns:
        `viz_return_value`, or an object that stands for the result; None without a tracker.
    """
    track = partial(_track, task_name, parameters, viz_return_value)
    if not is_async:
        return track()

    async def track_later() -> Any:
        return track()

    return track_later()


def _track(task_name: str, parameters: dict[str, Any], viz_return_value: Any) -> Any:
    tracker = get_task_viz_tracker()
    if tracker is None:
        return viz_return_value
    upstream: list[VizTask] = []

    def collect(value: Any) -> Any:
        found = value if isinstance(value, VizTask) else tracker.object_id_to_task.get(id(value))
        if found is not None and found not in upstream:
            upstream.append(found)
        return value

    visit_collection(parameters, collect)
    task = VizTask(task_name, upstream)
    tracker.add_task(task)
    result = task if viz_return_value is None else viz_return_value
    tracker.link_viz_return_value_to_viz_task(result, task)
    return result


def build_mermaid_dependencies(task_run_tracker: TaskVizTracker) -> str:
    """Draw the calls and what they use as a Mermaid flow chart."""
    lines = ["flowchart TD"]
    for task in task_run_tracker.tasks:
        label = task.name.replace('"', "#quot;")
        lines.append(f'    {_mermaid_id(task)}["{label}"]')
    for task in task_run_tracker.tasks:
        for upstream in task.upstream_tasks:
            lines.append(f"    {_mermaid_id(upstream)} --> {_mermaid_id(task)}")
    return "\n".join(lines)


def _mermaid_id(task: VizTask) -> str:
    return re.sub(r"\W", "_", task.name)


def build_task_dependencies(task_run_tracker: TaskVizTracker) -> Digraph:
    """Draw the calls and what they use as a graph of Graphviz.

    Raises:
        GraphvizImportError: If the package `graphviz` is not installed.
    """
    try:
        graphviz = require("graphviz", extra="viz", what="drawing flows")
    except ImportError as error:
        raise GraphvizImportError(str(error)) from error
    graph = graphviz.Digraph()
    for task in task_run_tracker.tasks:
        graph.node(task.name)
        for upstream in task.upstream_tasks:
            graph.edge(upstream.name, task.name)
    return graph


def visualize_task_dependencies(graph: Digraph, flow_run_name: str) -> None:
    """Draw a graph into a picture and show it.

    Args:
        graph: The graph.
        flow_run_name: The name of the file.

    Raises:
        GraphvizExecutableNotFoundError: If the program `dot` is not installed.
    """
    try:
        graph.render(filename=flow_run_name, view=True, format="png", cleanup=True)
    except Exception as error:
        # The class lives in a package that may not be installed in another version.
        if type(error).__name__ != "ExecutableNotFound":
            raise
        raise GraphvizExecutableNotFoundError(
            "Drawing flows needs the program `dot`; install Graphviz with the package manager of"
            " the system (`apt install graphviz`, `brew install graphviz`)"
        ) from error
