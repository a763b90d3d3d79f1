"""Read and write the inputs of a flow run: values in JSON, each under a key.

Without `flow_run_id`, the inputs are those of the run around this code. The async functions are
called without the `client` that stands first in their signatures: they get one by themselves.
"""

import json
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.client._faces import awaited, blocked
from prefect.client.schemas._models.flow_run_inputs import FlowRunInput
from prefect.client.utilities import client_injector
from prefect.utilities.context import get_flow_run_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

__all__ = [
    "acreate_flow_run_input",
    "acreate_flow_run_input_from_model",
    "adelete_flow_run_input",
    "afilter_flow_run_input",
    "aread_flow_run_input",
    "create_flow_run_input",
    "create_flow_run_input_from_model",
    "delete_flow_run_input",
    "ensure_flow_run_id",
    "filter_flow_run_input",
    "read_flow_run_input",
]


def ensure_flow_run_id(flow_run_id: UUID | None = None) -> UUID:
    """Return the id given, else that of the flow run around this code.

    Raises:
        RuntimeError: If there is neither.
    """
    found = flow_run_id or get_flow_run_id()
    if found is None:
        raise RuntimeError(
            "Whose input is meant? Give `flow_run_id`, or call this inside of a flow run."
        )
    return found


async def acreate_flow_run_input_from_model(
    key: str,
    model_instance: BaseModel,
    flow_run_id: UUID | None = None,
    sender: str | None = None,
) -> None:
    """Store a pydantic model as an input; see `create_flow_run_input_from_model`."""
    arguments = _model_arguments(key, model_instance, flow_run_id, sender)
    await awaited(lambda api: api.create_flow_run_input(*arguments))


@async_dispatch(acreate_flow_run_input_from_model)
def create_flow_run_input_from_model(
    key: str,
    model_instance: BaseModel,
    flow_run_id: UUID | None = None,
    sender: str | None = None,
) -> None:
    """Store a pydantic model as an input of a flow run.

    Args:
        key: Lowercase letters, digits and dashes.
        model_instance: The model.
        flow_run_id: Default: the run around this code.
        sender: Who stores it; default: the flow run around this code, if there is one.

    Raises:
        PrefectHTTPStatusError: With status 409 if the key is taken, 404 if there is no such run.
    """
    arguments = _model_arguments(key, model_instance, flow_run_id, sender)
    blocked(lambda api: api.create_flow_run_input(*arguments))


@client_injector
async def acreate_flow_run_input(
    client: "PrefectClient",
    key: str,
    value: Any,
    flow_run_id: UUID | None = None,
    sender: str | None = None,
) -> None:
    """Store a value as an input of a flow run; see `create_flow_run_input`."""
    await client.create_flow_run_input(
        ensure_flow_run_id(flow_run_id), key, _json(key, value), sender
    )


@async_dispatch(acreate_flow_run_input)
def create_flow_run_input(
    key: str, value: Any, flow_run_id: UUID | None = None, sender: str | None = None
) -> None:
    """Store a value as an input of a flow run.

    Args:
        key: Lowercase letters, digits and dashes.
        value: Anything that JSON can hold.
        flow_run_id: Default: the run around this code.
        sender: Who stores it, such as `prefect.flow-run.<id>`.

    Raises:
        PrefectHTTPStatusError: With status 409 if the key is taken, 404 if there is no such run.
        ValueError: If the value cannot be written as JSON.
    """
    arguments = ensure_flow_run_id(flow_run_id), key, _json(key, value), sender
    blocked(lambda api: api.create_flow_run_input(*arguments))


@client_injector
async def afilter_flow_run_input(
    client: "PrefectClient",
    key_prefix: str,
    limit: int = 1,
    exclude_keys: set[str] | None = None,
    flow_run_id: UUID | None = None,
) -> list[FlowRunInput]:
    """Read the inputs of a flow run whose keys start with a prefix; see `filter_flow_run_input`."""
    return await client.filter_flow_run_input(
        ensure_flow_run_id(flow_run_id), key_prefix, limit, exclude_keys or set()
    )


@async_dispatch(afilter_flow_run_input)
def filter_flow_run_input(
    key_prefix: str,
    limit: int = 1,
    exclude_keys: set[str] | None = None,
    flow_run_id: UUID | None = None,
) -> list[FlowRunInput]:
    """Read the inputs of a flow run whose keys start with a prefix, oldest first.

    Args:
        key_prefix: The prefix.
        limit: At most this many.
        exclude_keys: Keys to leave out, of inputs that were read before.
        flow_run_id: Default: the run around this code.
    """
    arguments = ensure_flow_run_id(flow_run_id), key_prefix, limit, exclude_keys or set()
    found: list[FlowRunInput] = blocked(lambda api: api.filter_flow_run_input(*arguments))
    return found


@client_injector
async def aread_flow_run_input(
    client: "PrefectClient", key: str, flow_run_id: UUID | None = None
) -> Any:
    """Read the value stored under a key; see `read_flow_run_input`."""
    return json.loads(await client.read_flow_run_input(ensure_flow_run_id(flow_run_id), key))


@async_dispatch(aread_flow_run_input)
def read_flow_run_input(key: str, flow_run_id: UUID | None = None) -> Any:
    """Read the value stored under a key.

    Args:
        key: The key.
        flow_run_id: Default: the run around this code.

    Raises:
        PrefectHTTPStatusError: With status 404 if there is none.
    """
    run_id = ensure_flow_run_id(flow_run_id)
    text: str = blocked(lambda api: api.read_flow_run_input(run_id, key))
    return json.loads(text)


@client_injector
async def adelete_flow_run_input(
    client: "PrefectClient", key: str, flow_run_id: UUID | None = None
) -> None:
    """Delete the value stored under a key; see `delete_flow_run_input`."""
    await client.delete_flow_run_input(ensure_flow_run_id(flow_run_id), key)


@async_dispatch(adelete_flow_run_input)
def delete_flow_run_input(key: str, flow_run_id: UUID | None = None) -> None:
    """Delete the value stored under a key.

    Args:
        key: The key.
        flow_run_id: Default: the run around this code.

    Raises:
        PrefectHTTPStatusError: With status 404 if there is none.
    """
    run_id = ensure_flow_run_id(flow_run_id)
    blocked(lambda api: api.delete_flow_run_input(run_id, key))


def _model_arguments(
    key: str, model_instance: BaseModel, flow_run_id: UUID | None, sender: str | None
) -> tuple[UUID, str, str, str | None]:
    own_run_id = get_flow_run_id()
    if sender is None and own_run_id is not None:
        sender = f"prefect.flow-run.{own_run_id}"
    return ensure_flow_run_id(flow_run_id), key, model_instance.model_dump_json(), sender


def _json(key: str, value: Any) -> str:
    from pydantic_core import to_json  # loaded with pydantic; knows dates, ids and models

    try:
        return to_json(value).decode()
    except ValueError as error:
        raise ValueError(
            f"The input {key!r} cannot be written as JSON: {error}. Send a pydantic model, or"
            " values that JSON can hold."
        ) from error
