"""Input for flow runs that are going on: from people, and from other flow runs.

A flow pauses with `wait_for_input`, or asks for input as it goes with `receive_input`; others send
it with `send_input`. The names are loaded when they are first used.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.input.actions import acreate_flow_run_input as acreate_flow_run_input
    from prefect.input.actions import (
        acreate_flow_run_input_from_model as acreate_flow_run_input_from_model,
    )
    from prefect.input.actions import adelete_flow_run_input as adelete_flow_run_input
    from prefect.input.actions import afilter_flow_run_input as afilter_flow_run_input
    from prefect.input.actions import aread_flow_run_input as aread_flow_run_input
    from prefect.input.actions import create_flow_run_input as create_flow_run_input
    from prefect.input.actions import (
        create_flow_run_input_from_model as create_flow_run_input_from_model,
    )
    from prefect.input.actions import delete_flow_run_input as delete_flow_run_input
    from prefect.input.actions import filter_flow_run_input as filter_flow_run_input
    from prefect.input.actions import read_flow_run_input as read_flow_run_input
    from prefect.input.run_input import GetInputHandler as GetInputHandler
    from prefect.input.run_input import Keyset as Keyset
    from prefect.input.run_input import RunInput as RunInput
    from prefect.input.run_input import RunInputMetadata as RunInputMetadata
    from prefect.input.run_input import keyset_from_base_key as keyset_from_base_key
    from prefect.input.run_input import keyset_from_paused_state as keyset_from_paused_state
    from prefect.input.run_input import receive_input as receive_input
    from prefect.input.run_input import send_input as send_input

__all__ = [
    "GetInputHandler",
    "Keyset",
    "RunInput",
    "RunInputMetadata",
    "acreate_flow_run_input",
    "acreate_flow_run_input_from_model",
    "adelete_flow_run_input",
    "afilter_flow_run_input",
    "aread_flow_run_input",
    "create_flow_run_input",
    "create_flow_run_input_from_model",
    "delete_flow_run_input",
    "filter_flow_run_input",
    "keyset_from_base_key",
    "keyset_from_paused_state",
    "read_flow_run_input",
    "receive_input",
    "send_input",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "GetInputHandler": "prefect.input.run_input",
        "Keyset": "prefect.input.run_input",
        "RunInput": "prefect.input.run_input",
        "RunInputMetadata": "prefect.input.run_input",
        "acreate_flow_run_input": "prefect.input.actions",
        "acreate_flow_run_input_from_model": "prefect.input.actions",
        "adelete_flow_run_input": "prefect.input.actions",
        "afilter_flow_run_input": "prefect.input.actions",
        "aread_flow_run_input": "prefect.input.actions",
        "create_flow_run_input": "prefect.input.actions",
        "create_flow_run_input_from_model": "prefect.input.actions",
        "delete_flow_run_input": "prefect.input.actions",
        "filter_flow_run_input": "prefect.input.actions",
        "keyset_from_base_key": "prefect.input.run_input",
        "keyset_from_paused_state": "prefect.input.run_input",
        "read_flow_run_input": "prefect.input.actions",
        "receive_input": "prefect.input.run_input",
        "send_input": "prefect.input.run_input",
    },
)
