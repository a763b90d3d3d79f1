"""States and task runs made without validation, for the hot path of the engine.

What the engine makes itself is right by construction; building a model through pydantic's
validation would cost more than the rest of a transition. The objects are ordinary wire models.
"""

from typing import TYPE_CHECKING, Any

from prefect._internal.uuid7 import uuid7
from prefect.client.schemas._models.states import TERMINAL_STATES, State, StateDetails, StateType
from prefect.types._datetime import now

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

__all__ = ["TERMINAL_STATES", "Kept", "State", "StateType", "make_details", "make_state"]

_NO_DETAILS: dict[str, Any] = {
    name: field.get_default() for name, field in StateDetails.model_fields.items()
}
_setattr = object.__setattr__


class Kept:
    """A result that stands in memory only, as the data of a final state.

    A state whose data is None has lost its result; this tells a result that is None from that.
    """

    __slots__ = ("result",)
    metadata = None  # where it is stored: nowhere

    def __init__(self, result: Any) -> None:
        self.result = result

    def __repr__(self) -> str:
        return repr(self.result)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kept) and bool(self.result == other.result)

    __hash__ = None  # type: ignore[assignment]  # the result need not be hashable


def make_details(**known: Any) -> StateDetails:
    """Make state details; only what is known counts as set."""
    details = StateDetails.__new__(StateDetails)
    _setattr(details, "__dict__", {**_NO_DETAILS, **known})
    _setattr(details, "__pydantic_fields_set__", set(known))
    _setattr(details, "__pydantic_extra__", None)
    _setattr(details, "__pydantic_private__", None)
    return details


_SET = {"type", "name", "state_details", "data"}
_SET_WITH_MESSAGE = {*_SET, "message"}
# A set of up to four takes a third of the memory of one of five, in each of 100,000 futures.


def make_state(
    type: StateType,
    name: str,
    *,
    message: str | None = None,
    data: Any = None,
    details: StateDetails | None = None,
    id: "UUID | None" = None,
    timestamp: "datetime | None" = None,
) -> State[Any]:
    """Make a state that is entered now."""
    state = State.__new__(State)
    _setattr(
        state,
        "__dict__",
        {
            "id": id or uuid7(),
            "created": None,
            "updated": None,
            "type": type,
            "name": name,
            "timestamp": timestamp or now(),
            "message": message,
            "state_details": details if details is not None else make_details(),
            "data": data,
        },
    )
    fields_set = set(_SET if message is None else _SET_WITH_MESSAGE)
    _setattr(state, "__pydantic_fields_set__", fields_set)
    _setattr(state, "__pydantic_extra__", None)
    _setattr(state, "__pydantic_private__", None)
    return state
