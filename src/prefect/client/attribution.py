"""Headers that tell the server which worker, flow and deployment a request comes from.

The run context knows inside a run; a worker tells the processes it starts through the
environment. Cloud counts usage with them; a self-hosted server ignores them.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["get_attribution_headers"]

_NAMES = ("WORKER_ID", "WORKER_NAME", "FLOW_ID", "FLOW_NAME", "DEPLOYMENT_ID", "DEPLOYMENT_NAME")
_HEADERS = {name: "X-Prefect-" + name.replace("_", "-").title() for name in _NAMES}


def get_attribution_headers() -> "dict[str, str]":
    """Collect what is known about where this code runs.

    Returns:
        Header name → value; only what is known.
    """
    found = {}
    for name in _NAMES:
        value = os.environ.get("PREFECT__" + name)
        if value:
            found[name] = value
    # Looked up, not imported: without a loaded context module no run can be active, and the
    # module sits several storeys above this one.
    context = sys.modules.get("prefect.context")
    run_context = getattr(context, "FlowRunContext", None)
    active = run_context.get() if run_context is not None else None
    if active is not None:
        found.update(_from_context(active))
    return {_HEADERS[name]: _quoted(value) for name, value in found.items()}


def _from_context(context: "Any") -> "dict[str, str]":
    run, flow = getattr(context, "flow_run", None), getattr(context, "flow", None)
    values = {
        "FLOW_ID": getattr(run, "flow_id", None),
        "FLOW_NAME": getattr(flow, "name", None),
        "DEPLOYMENT_ID": getattr(run, "deployment_id", None),
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _quoted(value: str) -> str:
    """Make any text fit for a header field: what is not printable ASCII is percent-encoded."""
    if value.isascii() and value.isprintable():
        return value
    from urllib.parse import quote

    return quote(value, safe=" !#$&'()*+,/:;=?@[]")
