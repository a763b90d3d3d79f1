"""A client without a network: records what the endpoints send, gives answers that parse."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx

from prefect.client._nouns._base import Noun
from prefect.client._nouns.admin import Admin
from prefect.client._nouns.artifacts import ArtifactCollections, Artifacts
from prefect.client._nouns.automations import Automations
from prefect.client._nouns.block_documents import BlockDocuments
from prefect.client._nouns.block_schemas import BlockSchemas
from prefect.client._nouns.block_types import BlockTypes
from prefect.client._nouns.concurrency_limits import ConcurrencyLimits
from prefect.client._nouns.deployments import Deployments
from prefect.client._nouns.events import Events
from prefect.client._nouns.flow_runs import FlowRuns
from prefect.client._nouns.flows import Flows
from prefect.client._nouns.logs import Logs
from prefect.client._nouns.slas import Slas
from prefect.client._nouns.task_runs import TaskRuns
from prefect.client._nouns.variables import Variables
from prefect.client._nouns.work_pools import WorkPools
from prefect.client._nouns.work_queues import WorkQueues

ID = "00000000-0000-0000-0000-0000000000aa"
WHEN = "2026-01-02T03:04:05+00:00"
STATE = {"id": ID, "type": "RUNNING", "name": "Running", "timestamp": WHEN, "state_details": {}}

# One object that has the fields of all: each model takes its own.
ANSWER: dict[str, Any] = {
    "id": ID,
    "name": "x",
    "type": "RUNNING",
    "timestamp": WHEN,
    "key": "k",
    "value": "v",
    "flow_id": ID,
    "flow_run_id": ID,
    "deployment_id": ID,
    "latest_id": ID,
    "level": 20,
    "task_key": "k",
    "dynamic_key": "0",
    "message": "m",
    "slug": "s",
    "tag": "t",
    "limit": 1,
    "active_slots": 0,
    "concurrency_limit": 1,
    "slot_decay_per_second": 0.0,
    "block_schema_id": ID,
    "block_type_id": ID,
    "checksum": "c",
    "fields": {},
    "work_pool_id": ID,
    "work_queue_id": ID,
    "healthy": True,
    "health_check_policy": {},
    "count": 0,
    "pages": 0,
    "page": 1,
    "schedule": {"cron": "0 0 * * *"},
    "active": True,
    "events": [],
    "total": 0,
    "next_page": None,
    "data": {},
    "actions": [{"type": "do-nothing"}],
    "trigger": {"type": "event", "expect": ["a"], "posture": "Reactive", "threshold": 1},
    "flow_run": {"id": ID, "name": "x", "flow_id": ID},
}
LISTS = re.compile(r"/filter$|_states/|/schedules$|get_(scheduled_flow_)?runs|related-to|by-type")


class FakePort(Noun):
    """Records requests as `[method, path with query, body]`; answers by `answer`."""

    def __init__(self) -> None:
        self.requests: list[list[Any]] = []

    async def _send(
        self,
        method: str,
        path: str,
        *,
        params: Any = None,
        json: Any = ...,
        content: bytes | None = None,
        errors: Any = MappingProxyType({}),
        retry: bool | None = None,
    ) -> httpx.Response:
        if params:
            path += "?" + urlencode(params)
        body = _decoded(content) if content is not None else None if json is ... else json
        self.requests.append([method, path, body])
        response = self.answer(method, path, body)
        response.request = httpx.Request(method, "http://x.test/api" + path)
        if response.is_success:
            return response
        error = _status_error(response)
        factory = errors.get(response.status_code)
        if factory is None:
            raise error
        raise factory(http_exc=error) from error

    def answer(self, method: str, path: str, body: Any) -> httpx.Response:
        """Answer as a server with one object of every kind would."""
        bare = path.partition("?")[0]
        if method == "POST" and bare == "/work_pools/" and body["name"] == "taken":
            return httpx.Response(409, json={"detail": "taken"})
        if "missing" in bare:
            return httpx.Response(404, json={"detail": "There is none."})
        if bare == "/work_pools/taken":
            return httpx.Response(200, json={**ANSWER, "type": "process"})
        if bare == "/automations/filter":
            return httpx.Response(200, json=[])
        if bare.endswith("/count"):
            return httpx.Response(200, json=3)
        if bare.endswith(("set_state", "resume")):
            answer = {"state": STATE, "status": "ACCEPT", "details": {"type": "accept_details"}}
            return httpx.Response(201, json=answer)
        if bare.startswith(("/flow_run_states/", "/task_run_states/")) and "?" not in path:
            return httpx.Response(200, json=STATE)
        if bare.startswith("/concurrency_limits/"):
            one = {**ANSWER, "active_slots": [ID]}
            return httpx.Response(200, json=[one] if bare.endswith("/filter") else one)
        if bare == "/events/filter":
            return httpx.Response(200, json=ANSWER)
        if LISTS.search(bare) or bare.endswith("/block_documents"):
            return httpx.Response(200, json=[{**ANSWER, "state_details": {}}])
        return httpx.Response(200, json=ANSWER)


class FakeClient(
    FakePort,
    Admin,
    ArtifactCollections,
    Artifacts,
    Automations,
    BlockDocuments,
    BlockSchemas,
    BlockTypes,
    ConcurrencyLimits,
    Deployments,
    Events,
    FlowRuns,
    Flows,
    Logs,
    Slas,
    TaskRuns,
    Variables,
    WorkPools,
    WorkQueues,
):
    """All the endpoints over the fake port."""

    @classmethod
    def endpoints(cls) -> set[str]:
        """Names of all the endpoints."""
        own = set(vars(FakePort))
        return {name for name in dir(cls) if not name.startswith("_")} - own - {"endpoints"}


class Refusing(FakeClient):
    """A client whose server answers every request, or those to one path, with a status."""

    def __init__(self, status: int, detail: Any = "no", *, only: str = "") -> None:
        super().__init__()
        self._refusal = (status, {"detail": detail}, only)

    def answer(self, method: str, path: str, body: Any) -> httpx.Response:
        status, answer, only = self._refusal
        if only in path:
            return httpx.Response(status, json=answer)
        return super().answer(method, path, body)


def _decoded(content: bytes) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON: {content!r}")

    return json.loads(content, parse_constant=refuse)


def _status_error(response: httpx.Response) -> Exception:
    from prefect.exceptions import PrefectHTTPStatusError

    return PrefectHTTPStatusError(
        f"status {response.status_code}", request=response.request, response=response
    )
