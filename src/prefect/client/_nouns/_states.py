"""The form in which a state is proposed to the API.

Used by the endpoints that create runs or set their states. Only what the server stores goes out:
type, name, message, details and, as data, the metadata of a persisted result; a value held in
memory never leaves the process.
"""

from __future__ import annotations

from prefect.client._nouns._base import dump, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.client.schemas.objects import State

__all__ = ["PENDING", "SCHEDULED_NOW", "proposal", "state_body"]

PENDING = b'{"type":"PENDING","name":"Pending"}'
"""What a run starts in when its maker proposes nothing else."""

SCHEDULED_NOW = b'{"type":"SCHEDULED","name":"Scheduled"}'
"""Scheduled without a time: the server takes its own present, whatever the local clock says."""


def state_body(state: State[Any], **details: Any) -> bytes:
    """Encode a state to be created.

    Args:
        details: State details to put in place of the state's own.
    """
    own = state.state_details
    if details:
        own = own.model_copy(update=details)
    parts = [
        b'"type":' + to_bytes(state.type),
        b'"name":' + to_bytes(state.name),
        b'"message":' + to_bytes(state.message),
        b'"state_details":' + dump(own, exclude_unset=True),
        b'"data":' + _stored_data(state.data),
    ]
    return b"{%b}" % b",".join(parts)


def proposal(state: State[Any], force: bool, **details: Any) -> bytes:
    """Encode the body of a `set_state` request."""
    return b'{"state":%b,"force":%b}' % (
        state_body(state, **details),
        b"true" if force else b"false",
    )


def _stored_data(data: Any) -> bytes:
    """Encode where a persisted result lies; a result record carries it as `metadata`."""
    metadata: Any = data if hasattr(data, "storage_key") else getattr(data, "metadata", None)
    if hasattr(metadata, "storage_key") and hasattr(type(metadata), "__pydantic_serializer__"):
        return dump(metadata)
    return b"null"
