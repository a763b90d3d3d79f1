"""The state of a flow that returns states: the worst of them decides."""

from typing import TYPE_CHECKING

from prefect._engine._states import StateType

if TYPE_CHECKING:
    from prefect.states import StateGroup

__all__ = ["state_of_group"]


def state_of_group(group: "StateGroup") -> "tuple[StateType, str, str]":
    """Return type, name and message of the state that follows from several."""
    total = group.total_count
    if group.any_paused():
        return StateType.PAUSED, "Paused", f"{group.paused_count}/{total} states are paused."
    if group.any_cancelled():
        cancelled = group.cancelled_count
        return StateType.CANCELLED, "Cancelled", f"{cancelled}/{total} states are cancelled."
    if group.all_completed():
        return StateType.COMPLETED, "Completed", "All states completed."
    if group.any_failed():
        return StateType.FAILED, "Failed", f"{group.fail_count}/{total} states failed."
    return StateType.FAILED, "Failed", f"{group.not_final_count}/{total} states are not final."
