"""The client of either face, called the same way, and waits that take no time.

`opened("async")` gives the async client driven in an event loop of its own, so that one test body
serves both faces; `submit` is `run_deployment` on a face. `Pauses` stands at the transport's seam
in place of sleeping between attempts: it records how long the client would have waited, and may
change the world meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from interop.environments import RealServer
from prefect.client._core import AsyncCore, BlockingCore
from prefect.client.orchestration import get_client
from prefect.client.schemas import filters
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import arun_deployment, run_deployment

FACES = ("sync", "async")


class _Patient(httpx.HTTPTransport):
    """Asks a server again that says 503, as one on SQLite does when two of its writers meet."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(100):
            response = super().handle_request(request)
            if response.status_code != 503:
                break
            response.close()
            time.sleep(0.1)
        return response


def direct_client(server: RealServer) -> httpx.Client:
    """A way to a real server that is not ours, for arranging and for checking."""
    return httpx.Client(base_url=server.api_url, timeout=60, trust_env=False, transport=_Patient())


class Driven:
    """A client of either face, called as if it were the blocking one."""

    def __init__(self, client: Any, loop: asyncio.AbstractEventLoop | None) -> None:
        self.client = client
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.client, name)
        if not callable(member):
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            result = member(*args, **kwargs)
            if inspect.isawaitable(result):
                assert self._loop is not None, f"{name} of the sync client gave a coroutine"
                return self._loop.run_until_complete(result)
            return result

        return call


@contextlib.contextmanager
def opened(face: str, **options: Any) -> Iterator[Any]:
    """An open client of a face; options are those of `get_client`."""
    if face == "sync":
        with get_client(sync_client=True, **options) as blocking:
            yield Driven(blocking, None)
        return
    loop = asyncio.new_event_loop()
    try:
        client = get_client(**options)
        loop.run_until_complete(client.__aenter__())
        try:
            yield Driven(client, loop)
        finally:
            loop.run_until_complete(client.__aexit__(None, None, None))
            loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def submit(face: str, *args: Any, **kwargs: Any) -> FlowRun:
    """`run_deployment` on a face."""
    if face == "sync":
        return run_deployment(*args, **kwargs)
    return asyncio.run(arun_deployment(*args, **kwargs))


def unique(kind: str) -> str:
    """A name no other test uses."""
    return f"lab-{kind}-{uuid4().hex[:10]}"


def by_tag(tag: str) -> filters.FlowRunFilter:
    """A filter on flow runs with a tag."""
    return filters.FlowRunFilter(tags=filters.FlowRunFilterTags(all_=[tag]))


def parked_deployment(api: Any, flow_name: str | None = None) -> tuple[str, UUID]:
    """Create a deployment that nobody serves; `flow/deployment` and its id."""
    flow_name = flow_name or unique("flow")
    return f"{flow_name}/parked", api.create_deployment(
        api.create_flow_from_name(flow_name), "parked"
    )


class Pauses(list[float]):
    """The waits between attempts, in seconds, which take no time.

    Attributes:
        during: Called in each pause with the sum of all so far, e.g. to let a server come up.
    """

    during: Callable[[float], None] | None = None

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of the sleep of both faces."""

        async def pause(core: Any, seconds: float) -> None:
            self.append(seconds)
            if self.during is not None:
                self.during(sum(self))

        for core in (BlockingCore, AsyncCore):
            patch.setattr(core, "_pause", pause)
