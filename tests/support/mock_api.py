"""An API that answers from a function, for code that makes its own clients.

`MockApi` stands behind `get_client` of both faces: every request goes to `answer`, and is kept in
`requests`. `on_face` calls a public function on one face or the other, as its users do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

FACES = ("sync", "async")
URL = "http://mock.test/api"


class MockApi:
    """A server that is a function: `(method, path, body) -> (status, JSON)`, or a response."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self.answer: Callable[[str, str, Any], Any] = lambda method, path, body: (200, None)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api")
        if path == "/csrf-token":
            return httpx.Response(422, json={"detail": "CSRF protection is disabled."})
        body = json.loads(request.content) if request.content else None
        self.requests.append((request.method, path, body))
        answer = self.answer(request.method, path, body)
        if isinstance(answer, httpx.Response):
            return answer
        status, content = answer
        if status == 204:
            return httpx.Response(204)
        return httpx.Response(status, json=content)

    def client(self, httpx_settings: Any = None, sync_client: bool = False) -> Any:
        """Make a client, as `get_client` does."""
        from prefect.client.orchestration import PrefectClient, SyncPrefectClient

        settings = {"transport": httpx.MockTransport(self._handle)}
        return (SyncPrefectClient if sync_client else PrefectClient)(URL, httpx_settings=settings)

    def install(self, patch: pytest.MonkeyPatch) -> MockApi:
        """Take the place of the API of this process."""
        patch.setattr("prefect.client.orchestration.get_client", self.client)
        return self

    def bodies(self, path: str) -> list[Any]:
        """What was sent to a path."""
        return [body for _, asked, body in self.requests if asked == path]


def on_face(face: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call a function that has both faces under one name, on one of them."""
    if face == "sync":
        return function(*args, **kwargs)

    async def call() -> Any:
        return await function(*args, **kwargs)

    return asyncio.run(call())
