"""URLs of the UI and the API for Prefect's objects, and URLs that are safe to call.

`url_for` is used for messages and links. `validate_restricted_url` and the two transports keep
requests to addresses that users give (webhooks, notifications) out of private networks.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from typing import Any, Literal
    from uuid import UUID

    from pydantic import BaseModel

    from prefect.blocks.core import Block
    from prefect.events.schemas.automations import Automation
    from prefect.events.schemas.events import ReceivedEvent, Resource
    from prefect.futures import PrefectFuture
    from prefect.utilities._ssrf import (
        SSRFProtectedAsyncHTTPTransport as SSRFProtectedAsyncHTTPTransport,
    )
    from prefect.utilities._ssrf import SSRFProtectedHTTPTransport as SSRFProtectedHTTPTransport
    from prefect.variables import Variable

    URLType = Literal["ui", "api"]

__all__ = [
    "API_URL_FORMATS",
    "RUN_TYPES",
    "SSRFProtectedAsyncHTTPTransport",
    "SSRFProtectedHTTPTransport",
    "UI_URL_FORMATS",
    "URLType",
    "convert_class_to_name",
    "url_for",
    "validate_restricted_url",
]

UI_URL_FORMATS = {
    "flow": "flows/flow/{obj_id}",
    "flow-run": "runs/flow-run/{obj_id}",
    "flow-run-response": "runs/flow-run/{obj_id}",
    "task-run": "runs/task-run/{obj_id}",
    "block": "blocks/block/{obj_id}",
    "block-document": "blocks/block/{obj_id}",
    "work-pool": "work-pools/work-pool/{obj_id}",
    "work-queue": "work-queues/work-queue/{obj_id}",
    "concurrency-limit": "concurrency-limits/concurrency-limit/{obj_id}",
    "deployment": "deployments/deployment/{obj_id}",
    "automation": "automations/automation/{obj_id}",
    "received-event": "events/event/{occurred}/{obj_id}",
    "worker": "work-pools/work-pool/{work_pool_name}/worker/{obj_id}",
}
"""Kind of object → path of its page in the UI."""

API_URL_FORMATS = {
    "flow": "flows/{obj_id}",
    "flow-run": "flow_runs/{obj_id}",
    "task-run": "task_runs/{obj_id}",
    "variable": "variables/name/{obj_id}",
    "block": "blocks/{obj_id}",
    "work-pool": "work_pools/{obj_id}",
    "work-queue": "work_queues/{obj_id}",
    "concurrency-limit": "concurrency_limits/{obj_id}",
    "deployment": "deployments/{obj_id}",
    "automation": "automations/{obj_id}",
}
"""Kind of object → path of it in the API."""

RUN_TYPES = {"flow-run", "task-run"}
"""Kinds of objects that are runs."""


def __getattr__(name: str) -> Any:
    if name in {"SSRFProtectedAsyncHTTPTransport", "SSRFProtectedHTTPTransport"}:
        import prefect.utilities._ssrf as source  # heavy: loads httpx

        value: Any = getattr(source, name)
    elif name == "URLType":
        from typing import Literal  # this module does without typing

        value = Literal["ui", "api"]
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


# --- URLs of objects ------------------------------------------------------------------------------


def convert_class_to_name(obj: Any) -> str:
    """Name the kind of an object as URLs do: a `FlowRun` is a `flow-run`."""
    name = type(obj).__name__
    return "".join(
        "-" + letter.lower() if letter.isupper() and position else letter.lower()
        for position, letter in enumerate(name)
    )


def url_for(
    obj: PrefectFuture[Any]
    | Block
    | Variable[Any]
    | Automation
    | Resource
    | ReceivedEvent
    | BaseModel
    | str,
    obj_id: str | UUID | None = None,
    url_type: URLType = "ui",
    default_base_url: str | None = None,
    **additional_format_kwargs: Any,
) -> str | None:
    """Give the URL of an object, in the UI or in the API.

    Args:
        obj: The object; or its kind, `"flow-run"` for example, together with `obj_id`.
        obj_id: The object's id, or its name for kinds that are addressed by name.
        url_type: Which of the two.
        default_base_url: What stands before the path when the settings have no such URL.
        **additional_format_kwargs: Further parts of the path, `work_pool_name` for a worker.

    Returns:
        The URL; None if there is none for this kind, or no base URL.

    Raises:
        ValueError: If a kind is given without an id, `url_type` is neither, or a part is missing.
    """
    if url_type not in {"ui", "api"}:
        raise ValueError(f"url_type must be 'ui' or 'api', but got {url_type!r}")
    if isinstance(obj, str):
        if not obj_id:
            raise ValueError(f"The URL of a {obj!r} needs the object's id; pass obj_id")
        kind = obj
    else:
        kind, found_id = _kind_and_id(obj)
        obj_id = obj_id or found_id
    formats = UI_URL_FORMATS if url_type == "ui" else API_URL_FORMATS
    base = _base_url(url_type) or default_base_url
    if kind not in formats or obj_id is None or not base:
        from prefect.logging.loggers import get_logger

        get_logger(__name__).debug(
            "There is no %s URL for %r: kind %r, id %r, base URL %r",
            url_type, obj, kind, obj_id, base,
        )  # fmt: skip
        return None
    parts = {**additional_format_kwargs, "obj_id": obj_id}
    if kind == "received-event" and not isinstance(obj, str):
        parts.setdefault("occurred", obj.occurred.strftime("%Y-%m-%d"))  # type: ignore[union-attr]  # that kind has it
    try:
        path = formats[kind].format(**parts)
    except KeyError as error:
        raise ValueError(
            f"The {url_type} URL of a {kind} needs {error.args[0]!r}; pass it by this name"
        ) from error
    return f"{base.rstrip('/')}/{path}"


def _base_url(url_type: URLType) -> str | None:
    from prefect.settings._current import group  # upward: settings are read where they are used

    return group("").ui_url if url_type == "ui" else group("api").url


def _kind_and_id(obj: Any) -> tuple[str, Any]:
    """Tell the kind of an object and its id in URLs."""
    classes = {cls.__name__ for cls in type(obj).__mro__}
    if "PrefectFuture" in classes or (hasattr(obj, "task_run_id") and hasattr(obj, "wait")):
        flow_run_id = getattr(obj, "flow_run_id", None)
        is_flow_run = "PrefectFlowRunFuture" in classes and flow_run_id is not None
        return ("flow-run", flow_run_id) if is_flow_run else ("task-run", obj.task_run_id)
    if "Block" in classes:
        return "block", getattr(obj, "_block_document_id", None)
    if "Automation" in classes or "AutomationCore" in classes:
        return "automation", getattr(obj, "id", None)
    if "Resource" in classes:
        # "prefect.flow-run.<id>"; other resources have no page.
        prefix, _, rest = obj.id.partition(".")
        kind, _, resource_id = rest.partition(".")
        return (kind, resource_id or None) if prefix == "prefect" else ("resource", None)
    kind = convert_class_to_name(obj)
    by_name = kind in {"variable", "work-pool"}
    return kind, getattr(obj, "name" if by_name else "id", None)


# --- URLs that are safe to call -------------------------------------------------------------------


def validate_restricted_url(url: str) -> None:
    """Refuse a URL that leads into a private network or to this machine.

    Every address its host resolves to is looked at. Between this check and the request the answer
    of the name service can change: use the transports of this module for the request.

    Raises:
        ValueError: If the URL is not http or https, has no host, its host cannot be resolved, or
            resolves to an address that is not public.
    """
    from urllib.parse import urlsplit

    from prefect._internal.urls import strip_auth_from_url

    parts = urlsplit(url)
    url = strip_auth_from_url(url)  # for the messages
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"{url!r} cannot be called: only http and https URLs are allowed")
    if not parts.hostname:
        raise ValueError(f"{url!r} cannot be called: it names no host")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    for address in resolve(parts.hostname, port, url=url):
        refuse_private(address, url=url)


def resolve(host: str, port: int, *, url: str) -> list[IPv4Address | IPv6Address]:
    """Look up the addresses of a host.

    Raises:
        ValueError: If it has none.
    """
    import socket
    from ipaddress import ip_address

    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{url!r} cannot be called: {host!r} cannot be resolved") from error
    # IPv6 addresses of this machine's networks come with a zone, "fe80::1%eth0".
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def refuse_private(address: IPv4Address | IPv6Address, *, url: str) -> None:
    """Raise `ValueError` unless an address is public, also if it hides an IPv4 address."""
    # 6to4, Teredo and mapped addresses lead to the IPv4 address inside them.
    teredo = getattr(address, "teredo", None)
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    for candidate in (address, inner, *(teredo or ())):
        if candidate is not None and (not candidate.is_global or candidate.is_multicast):
            raise ValueError(
                f"{url!r} cannot be called: it leads to {address}, which is not a public address"
            )
