"""What this process learns about servers: CSRF tokens, versions, fields they do not know.

Kept per API URL and shared by all clients. Nothing is asked for in advance; the conversation asks
when an answer makes it necessary, see docs/adr/0004-lazy-csrf-and-version-check.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from prefect.client._http import Ask, Policy, Port

__all__ = [
    "ServerFacts",
    "compare_versions",
    "drop_known_unknowns",
    "drop_refused",
    "fetch_csrf_token",
    "server_facts",
    "sign",
    "version_note",
    "wants_csrf",
]

CSRF_CLIENT_HEADER = "Prefect-Csrf-Client"
CSRF_TOKEN_HEADER = "Prefect-Csrf-Token"


@dataclass
class ServerFacts:
    """What this process has learnt about one server; shared by its clients.

    Attributes:
        csrf: Name and token, sent with every change once the server asked for them. The server
            keeps one token per name, so every token has a name of its own: requests that are
            refused at the same time do not take each other's away.
        csrf_refused: Whether the server said that it has no CSRF protection.
        version: What `/admin/version` answered; None before it was asked.
        unknown_fields: Route → dotted paths of body fields that it refuses.
    """

    csrf: "tuple[str, str] | None" = None
    csrf_refused: bool = False
    version: "str | None" = None
    version_checked: bool = False
    unknown_fields: "dict[tuple[str, str], frozenset[tuple[str | int, ...]]]" = field(
        default_factory=dict
    )


_servers: "dict[str, ServerFacts]" = {}


def server_facts(api_url: str) -> ServerFacts:
    """What is known about the server behind a URL; empty at first."""
    return _servers.setdefault(api_url, ServerFacts())


# --- CSRF ---------------------------------------------------------------------------------------


def sign(ask: Ask, facts: ServerFacts) -> bool:
    """Give a request the token.

    Returns:
        Whether there is one, other than it had.
    """
    if facts.csrf is None:
        return False
    name, token = facts.csrf
    signed_before = ask.headers.get(CSRF_TOKEN_HEADER)
    ask.headers[CSRF_CLIENT_HEADER], ask.headers[CSRF_TOKEN_HEADER] = name, token
    return token != signed_before


def wants_csrf(response: "Any", policy: Policy, facts: ServerFacts) -> bool:
    """Whether a request was refused for want of a token that can be fetched."""
    return (
        response.status_code == 403
        and policy.csrf
        and not facts.csrf_refused
        and b"CSRF token" in response.content
    )


async def fetch_csrf_token(port: "Port", policy: Policy, facts: ServerFacts) -> "Any":
    """Ask the server for a token.

    Returns:
        None if there is one now, else the answer that came in its place.
    """
    from dataclasses import replace
    from uuid import uuid4

    from prefect.client._http import Ask, converse  # it imports this module

    name = str(uuid4())
    ask = Ask("GET", f"/csrf-token?client={name}")
    answer = await converse(port, ask, replace(policy, raise_on_all_errors=False))
    if answer.status_code in (404, 422):
        facts.csrf_refused = True
    if answer.status_code != 200:
        return answer
    import json

    facts.csrf = (name, str(json.loads(answer.content)["token"]))
    return None


# --- servers that know fewer fields -------------------------------------------------------------


def _route(ask: Ask) -> "tuple[str, str]":
    """Method and path with ids taken out: what an older server refuses, it refuses on a route."""
    path = ask.path.partition("?")[0]
    return ask.method, re.sub(r"/[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}(?=/|$)", "/{id}", path)


def drop_known_unknowns(ask: Ask, facts: ServerFacts) -> None:
    paths = facts.unknown_fields.get(_route(ask))
    if paths and ask.content:
        ask.content = _without(ask.content, paths)


async def drop_refused(port: "Port", ask: Ask, response: "Any", policy: Policy) -> bool:
    """Take out of the body what the server says it does not know.

    Returns:
        Whether the body changed, so that sending it again makes sense.
    """
    refused = _refused_fields(response.content)
    if not refused or not ask.content:
        return False
    smaller = _without(ask.content, refused)
    if smaller == ask.content:
        return False
    ask.content = smaller
    facts = server_facts(policy.api_url)
    route = _route(ask)
    # Positions in lists differ from call to call; names alone are remembered.
    lasting = frozenset(path for path in refused if not any(isinstance(p, int) for p in path))
    known = facts.unknown_fields.get(route, frozenset())
    if lasting - known or not lasting:
        facts.unknown_fields[route] = known | lasting
        version = await _server_version(port, facts)
        import warnings

        names = ", ".join(sorted(".".join(map(str, path)) for path in refused))
        warnings.warn(
            f"The server at {policy.api_url} (version {version or 'unknown'}) does not know"
            f" {names} in {route[0]} {route[1]}; the request was sent without. Upgrade the server"
            " to use it.",
            stacklevel=2,
        )
    return True


def _refused_fields(content: bytes) -> "frozenset[tuple[str | int, ...]]":
    """Read the body fields that a 422 calls unknown.

    Returns:
        Paths into the body; empty if the answer complains about anything else as well.
    """
    import json

    try:
        details = json.loads(content).get("exception_detail")
    except (ValueError, AttributeError):
        return frozenset()
    if not isinstance(details, list):
        return frozenset()
    paths = set()
    for detail in details:
        if not isinstance(detail, dict) or detail.get("type") != "extra_forbidden":
            return frozenset()
        location = detail.get("loc")
        if not isinstance(location, list) or len(location) < 2 or location[0] != "body":
            return frozenset()
        paths.add(tuple(location[1:]))
    return frozenset(paths)


def _without(content: bytes, paths: "Collection[tuple[str | int, ...]]") -> bytes:
    """Encode a JSON body again without some fields."""
    import json

    body = json.loads(content)
    changed = False
    for path in paths:
        place = body
        *parents, name = path
        for part in parents:
            if isinstance(place, dict):
                # Tags of unions stand in the location but not in the body.
                place = place.get(part, place)
            elif isinstance(place, list) and isinstance(part, int) and part < len(place):
                place = place[part]
        if isinstance(place, dict) and name in place:
            del place[name]
            changed = True
    return json.dumps(body, separators=(",", ":")).encode() if changed else content


# --- the server's version -----------------------------------------------------------------------


async def _server_version(port: "Port", facts: ServerFacts) -> "str | None":
    """Ask for the server's version, once per process and server.

    Returns:
        None if it does not say; that is no failure of the request that made us ask.
    """
    if not facts.version_checked:
        facts.version_checked = True
        import json

        from prefect.client._http import Ask, is_transport_error  # it imports this module

        try:
            answer = await port.send(Ask("GET", "/admin/version"))
            if answer.status_code == 200:
                facts.version = str(json.loads(answer.content))
        except Exception as error:
            if not is_transport_error(error) and not isinstance(error, ValueError):
                raise
    return facts.version


async def version_note(port: "Port", policy: Policy, response: "Any") -> str:
    """Say whether a refused request may be due to the server's version.

    Raises:
        RuntimeError: If the server's major version is another one.
    """
    if not policy.version_check or response.status_code not in (404, 405, 422):
        return ""
    if response.status_code == 404 and b"Not Found" not in response.content:
        return ""  # the server knows the route and misses the object
    from prefect.client._server_types import is_cloud_url

    if is_cloud_url(policy.api_url):
        return ""  # it serves every version
    version = await _server_version(port, server_facts(policy.api_url))
    if version is None:
        return ""
    from prefect import __version__

    complaint = compare_versions(__version__, version, policy.api_url)
    return complaint or ""


def compare_versions(client: str, server: str, api_url: str) -> "str | None":
    """Compare our version with the server's.

    Returns:
        A sentence if the server is older, else None.

    Raises:
        RuntimeError: If the major versions differ.
    """
    ours, theirs = _numbers(client), _numbers(server)
    if ours and theirs and ours[0] != theirs[0]:
        raise RuntimeError(
            f"The server at {api_url} runs Prefect {server}, which version {client} of the client"
            f" cannot talk to. Install a {theirs[0]}.x client"
            f' (`pip install "prefect-client=={theirs[0]}.*"`) or upgrade the server.'
        )
    if ours and theirs and theirs < ours:
        return (
            f"The server at {api_url} runs Prefect {server}, older than this client ({client}):"
            " it may not know everything this client sends. Upgrade the server, or ignore this."
        )
    return None


def _numbers(version: str) -> "tuple[int, ...]":
    """The release of a version, e.g. `(3, 9, 1)` of `3.9.1.dev4+g12ab`."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match.group().split(".")) if match else ()
