"""The inputs of a run: which runs they come from, and the values that stand for them.

Futures and states among the arguments are replaced by their results; where a plain value came from
another task of the flow run is known by its identity. Annotations of the user change both:
`quote` and `opaque` hide a value, `allow_failure` lets a failed run through.
"""

from typing import Any

from prefect._engine._states import State, StateType
from prefect.exceptions import UpstreamTaskError
from prefect.utilities.annotations import BaseAnnotation, allow_failure, opaque, quote

__all__ = ["UNTRACKABLE_TYPES", "dependencies", "futures_in", "link_result", "resolve"]

UNTRACKABLE_TYPES = {bool, type(None), type(...), type(NotImplemented)}
"""Types whose values are the same object everywhere, so that identity says nothing."""

SMALLEST_INT, LARGEST_INT = -5, 256
"""The interpreter keeps one object for each of these integers."""

_PLAIN = frozenset({str, int, float, bool, type(None), bytes, complex})
"""Types whose values hold nothing to look for."""

MOST_LINKED_ITEMS = 1_000
"""Of a longer collection that a task returned, the items are not linked to the task one by one."""


def is_plain(value: Any) -> bool:
    """Tell whether a value can neither be nor hold a future or state."""
    return type(value) in _PLAIN


def is_untrackable(value: Any) -> bool:
    """Tell whether the identity of a value says nothing about where it comes from."""
    kind = type(value)
    return kind in UNTRACKABLE_TYPES or (kind is int and SMALLEST_INT <= value <= LARGEST_INT)


def link_result(run_results: dict[int, Any], state: State[Any], value: Any, run_type: Any) -> None:
    """Remember which run a value is the result of; small constants are not remembered."""
    kind = type(value)
    if kind in UNTRACKABLE_TYPES or (kind is int and SMALLEST_INT <= value <= LARGEST_INT):
        return
    run_results[id(value)] = (state, run_type, value)
    if kind in _PLAIN:
        return
    items: Any = ()
    if isinstance(value, (list, tuple, set)):
        items = value
    elif isinstance(value, dict):
        items = value.values()
    if len(items) <= MOST_LINKED_ITEMS:
        for item in items:
            if not is_untrackable(item):
                run_results[id(item)] = (state, run_type, item)


def futures_in(value: Any, future_type: Any, found: list[Any], depth: int = -1) -> None:
    """Collect the futures and states in a value, outermost first."""
    if type(value) in _PLAIN:
        return
    if isinstance(value, (future_type, State)):
        found.append(value)
        return
    from prefect.utilities.collections import StopVisiting, visit_collection

    def visit(item: Any) -> Any:
        if isinstance(item, quote):
            raise StopVisiting
        if isinstance(item, (future_type, State)):
            found.append(item)
            raise StopVisiting
        return item

    visit_collection(value, visit, return_data=False, max_depth=depth)


def dependencies(value: Any, run_results: dict[int, Any], future_type: Any) -> "set[Any]":
    """Return what a value depends on, as `TaskRunResult` and `FlowRunResult`."""
    from prefect.client.schemas._models.run_inputs import FlowRunResult, RunType, TaskRunResult

    found: set[Any] = set()

    def note_state(state: State[Any], run_type: Any) -> None:
        result = state.state_details.to_run_result(run_type)
        if result is not None:
            found.add(result)

    def visit(item: Any) -> Any:
        if isinstance(item, future_type):
            flow_run_id = getattr(item, "flow_run_id", None)
            if flow_run_id is not None:
                found.add(FlowRunResult(id=flow_run_id))
            else:
                found.add(TaskRunResult(id=item.task_run_id))
            raise StopVisiting
        if isinstance(item, State):
            is_task = item.state_details.task_run_id is not None
            note_state(item, RunType.TASK_RUN if is_task else RunType.FLOW_RUN)
            raise StopVisiting
        if isinstance(item, (quote, opaque)):
            raise StopVisiting
        linked = run_results.get(id(item))
        if linked is not None and linked[2] is item:
            note_state(linked[0], linked[1])
        return item

    if type(value) in _PLAIN:
        linked = run_results.get(id(value))
        if linked is not None and linked[2] is value and not is_untrackable(value):
            note_state(linked[0], linked[1])
        return found

    from prefect.utilities.collections import StopVisiting, visit_collection

    visit_collection(value, visit, return_data=False)
    return found


def resolve(value: Any, future_type: Any) -> Any:
    """Return a value with the results of futures and states in their place; futures are done.

    Raises:
        UpstreamTaskError: If a run that is not marked `allow_failure` did not complete.
    """
    if type(value) in _PLAIN:
        return value
    from prefect.utilities.collections import StopVisiting, visit_collection

    replaced: list[Any] = []

    def visit(item: Any, context: dict[str, Any]) -> Any:
        if isinstance(item, quote):
            raise StopVisiting
        if any(item is earlier for earlier in replaced):
            raise StopVisiting  # a result is handed over as it is, not searched again
        state = item.state if isinstance(item, future_type) else item
        if not isinstance(state, State):
            return item
        result = result_of(state, allowed=isinstance(context.get("annotation"), allow_failure))
        replaced.append(result)
        return result

    def unquoted(item: Any) -> Any:
        return item.unwrap() if isinstance(item, BaseAnnotation) else item

    resolved = visit_collection(value, visit, return_data=True, context={}, remove_annotations=True)
    return unquoted(resolved)


def result_of(state: State[Any], *, allowed: bool = False) -> Any:
    """Return the result behind a state that is an input.

    Args:
        allowed: Whether a failed run is let through, with its exception as the result.

    Raises:
        UpstreamTaskError: If the run did not complete and is not let through.
    """
    if state.type is StateType.COMPLETED or (allowed and state.is_final()):
        data = state.data
        if hasattr(data, "result") and hasattr(data, "metadata"):
            return data.result
        if data is not None and not hasattr(data, "storage_key"):
            return data
        # Upward of the hot path: the result stands in storage.
        from prefect.states import _get_state_result_blocking

        return _get_state_result_blocking(state, raise_on_failure=False)
    run_id = state.state_details.task_run_id or state.state_details.flow_run_id
    raise UpstreamTaskError(
        f"The upstream run '{run_id}' did not complete: it is {state.name}. Wrap the input in"
        " `allow_failure` to run with its exception instead."
    )
