"""The client against a real server behind a network that fails, on both faces.

Every fault is made by a TCP proxy between the two (`interop.proxy`). The client's waits between
attempts take no time here (`faces.Pauses`), except where the wait itself is what is tested.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from faces import FACES, Pauses, direct_client, opened, submit, unique

from interop.environments import RealServer
from interop.proxy import FaultProxy
from prefect.client._core import AsyncCore
from prefect.client.orchestration import get_client
from prefect.client.schemas import actions
from prefect.client.schemas.objects import FlowRun, Log
from prefect.events import Event, emit_event
from prefect.events.clients import PrefectEventsClient, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.subscribers import FlowRunSubscriber
from prefect.events.worker import EventsWorker
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_runs import wait_for_flow_run
from prefect.settings.context import refresh_settings

CREATE = r"POST .*/create_flow_run$"
Configure = Callable[..., None]
REAL_PAUSE = AsyncCore._pause


@pytest.fixture
def proxy(real_server: RealServer) -> Iterator[FaultProxy]:
    """The network in between."""
    with FaultProxy(real_server.port) as proxy:
        yield proxy


@pytest.fixture
def configure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, proxy: FaultProxy
) -> Iterator[Configure]:
    """Change settings for the test; the API is behind the proxy, waits are not stretched."""

    def change(**settings: Any) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, str(value))
        refresh_settings()

    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    change(
        PREFECT_API_URL=proxy.api_url,
        PREFECT_HOME=tmp_path / "home",
        PREFECT_CLIENT_RETRY_JITTER_FACTOR=0,
    )
    yield change
    monkeypatch.undo()
    refresh_settings()


@pytest.fixture(autouse=True)
def pauses(configure: Configure) -> Iterator[Pauses]:
    """The waits between attempts, which only count."""
    made = Pauses()
    with pytest.MonkeyPatch.context() as patch:
        made.install(patch)
        yield made


@pytest.fixture(scope="module")
def direct(real_server: RealServer) -> Iterator[httpx.Client]:
    """The real server without the network in between, and without our client."""
    with direct_client(real_server) as client:
        yield client


@pytest.fixture(scope="module")
def flow_id(direct: httpx.Client) -> UUID:
    """A flow."""
    flow = direct.post("/flows/", json={"name": unique("flow")}).raise_for_status().json()
    return UUID(flow["id"])


@pytest.fixture(scope="module")
def deployment_id(direct: httpx.Client, flow_id: UUID) -> UUID:
    """A deployment that nobody serves."""
    body = {"name": "parked", "flow_id": str(flow_id)}
    return UUID(direct.post("/deployments/", json=body).raise_for_status().json()["id"])


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def api(face: str, configure: Configure) -> Iterator[Any]:
    """An open client of each face, through the proxy."""
    with opened(face) as client:
        yield client


def runs_with(direct: httpx.Client, tag: str) -> int:
    """How many flow runs with a tag the server has."""
    body = {"flow_runs": {"tags": {"all_": [tag]}}}
    return int(direct.post("/flow_runs/count", json=body).raise_for_status().json())


def new_run(direct: httpx.Client, deployment_id: UUID) -> UUID:
    """A scheduled run that nobody runs."""
    answer = direct.post(f"/deployments/{deployment_id}/create_flow_run", json={})
    return UUID(answer.raise_for_status().json()["id"])


def set_state(direct: httpx.Client, run: UUID, kind: str) -> None:
    """Put a flow run into a state, as the process that runs it would."""
    body = {"state": {"type": kind, "name": kind.title()}, "force": True}
    direct.post(f"/flow_runs/{run}/set_state", json=body).raise_for_status()


def write_log(direct: httpx.Client, run: UUID, message: str) -> None:
    """Write a log of a flow run, as the process that runs it would."""
    log = {
        "name": "lab",
        "level": 20,
        "message": message,
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "flow_run_id": str(run),
    }
    direct.post("/logs/", json=[log]).raise_for_status()


class FlowLike:
    """What `create_flow_run` reads of a flow."""

    version = None
    retries = None
    retry_delay_seconds = None

    def __init__(self, name: str) -> None:
        self.name = name


# --- a server that is not there ------------------------------------------------------------------


def test_server_that_comes_up_after_the_first_call_is_waited_for(
    face: str, proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID, pauses: Pauses
) -> None:
    tag = unique("tag")
    with contextlib.ExitStack() as outage:
        outage.enter_context(proxy.refusing())
        pauses.during = lambda waited: outage.close() if waited >= 5 else None

        run = submit(face, deployment_id, tags=[tag], timeout=0)

    assert pauses == [2, 4]
    assert run.state is not None
    assert run.state.is_scheduled()
    assert runs_with(direct, tag) == 1


def test_process_started_five_seconds_before_the_server_submits_its_run(
    proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    tag = unique("tag")
    code = (
        "from prefect.deployments import run_deployment\n"
        f"print(run_deployment({str(deployment_id)!r}, tags=[{tag!r}], timeout=0).id)"
    )
    outage = contextlib.ExitStack()
    outage.enter_context(proxy.refusing())
    comes_up = threading.Timer(5, outage.close)
    comes_up.start()
    try:
        # A process of its own: here the waits take their time.
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        comes_up.join()

    assert (done.returncode, done.stderr) == (0, "")
    assert runs_with(direct, tag) == 1


def test_server_that_stays_down_is_named_with_attempts_and_way_out(
    face: str, proxy: FaultProxy, deployment_id: UUID, pauses: Pauses
) -> None:
    with proxy.refusing(), pytest.raises(httpx.ConnectError) as raised:
        submit(face, deployment_id, timeout=0)

    assert pauses == [2, 4, 8, 16, 30]
    assert f"{proxy.api_url}/deployments/{deployment_id}/create_flow_run" in str(raised.value)
    assert "after 6 attempts in 60 s" in str(raised.value)
    assert "Check that a server listens at PREFECT_API_URL" in str(raised.value)


def test_number_of_retries_is_a_setting(
    face: str, proxy: FaultProxy, configure: Configure, pauses: Pauses
) -> None:
    configure(PREFECT_CLIENT_MAX_RETRIES=1)

    with proxy.refusing(), opened(face) as api, pytest.raises(httpx.ConnectError, match="2 att"):
        api.hello()

    assert pauses == [2]


# --- connections that break ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["reset", "half-close", "lose-answer"])
def test_read_over_a_broken_connection_is_repeated(
    api: Any, proxy: FaultProxy, kind: str, pauses: Pauses
) -> None:
    proxy.inject(kind, times=2, path="GET .*/hello")

    assert api.hello().status_code == 200

    assert proxy.count("GET .*/hello") == 3
    assert pauses == [2, 4]


def test_stalled_answer_is_given_up_after_the_timeout(
    face: str, proxy: FaultProxy, configure: Configure, pauses: Pauses
) -> None:
    configure(PREFECT_API_REQUEST_TIMEOUT=0.3)
    proxy.inject("stall", path="GET .*/hello")

    with opened(face) as api:
        assert api.hello().status_code == 200

    assert proxy.count("GET .*/hello") == 2
    assert pauses == [2]


def test_server_that_never_answers_is_named_with_the_setting(
    face: str, proxy: FaultProxy, configure: Configure, pauses: Pauses
) -> None:
    configure(PREFECT_API_REQUEST_TIMEOUT=0.2, PREFECT_CLIENT_MAX_RETRIES=1)
    proxy.inject("stall", times=9)

    with opened(face) as api, pytest.raises(httpx.ReadTimeout) as raised:
        api.hello()

    assert f"GET {proxy.api_url}/hello failed after 2 attempts" in str(raised.value)
    assert "PREFECT_API_REQUEST_TIMEOUT" in str(raised.value)


@pytest.mark.parametrize("kind", ["late", "crumbs"])
def test_slow_answer_arrives_whole(
    face: str, proxy: FaultProxy, configure: Configure, pauses: Pauses, kind: str
) -> None:
    configure(PREFECT_API_REQUEST_TIMEOUT=5)
    proxy.inject(kind, path="/hello", seconds=0.5 if kind == "late" else 0.01)

    with opened(face) as api:
        assert api.hello().json() == "👋"

    assert pauses == []


def test_request_that_would_make_two_is_not_repeated_blindly(
    api: Any, proxy: FaultProxy, direct: httpx.Client, pauses: Pauses
) -> None:
    name = unique("variable").replace("-", "_")
    proxy.inject("lose-answer", path="POST .*/variables/")

    with pytest.raises(httpx.TransportError, match=r"may have acted.*look before"):
        api.create_variable(actions.VariableCreate(name=name, value=1))

    assert proxy.count("POST .*/variables/") == 1
    assert pauses == []
    assert direct.get(f"/variables/name/{name}").json()["value"] == 1


def test_request_that_surely_did_not_arrive_is_repeated(
    api: Any, proxy: FaultProxy, direct: httpx.Client, pauses: Pauses
) -> None:
    name = unique("variable").replace("-", "_")
    with contextlib.ExitStack() as outage:
        outage.enter_context(proxy.refusing())
        pauses.during = lambda _: outage.close()

        api.create_variable(actions.VariableCreate(name=name, value=1))

    assert direct.get(f"/variables/name/{name}").json()["value"] == 1


# --- an answer lost after the server acted: exactly one exists -----------------------------------


def test_lost_answers_of_run_deployment_leave_exactly_one_run(
    face: str, proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    tag = unique("tag")
    proxy.inject("lose-answer", times=3, path=CREATE)

    run = submit(face, deployment_id, tags=[tag], timeout=0)

    assert proxy.count(CREATE) == 4
    assert runs_with(direct, tag) == 1
    assert direct.get(f"/flow_runs/{run.id}").json()["tags"] == [tag]


def test_lost_answer_leaves_exactly_one_run_from_a_deployment(
    api: Any, proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    tag = unique("tag")
    proxy.inject("lose-answer", path=CREATE)

    run = api.create_flow_run_from_deployment(deployment_id, tags=[tag])

    assert proxy.count(CREATE) == 2
    assert runs_with(direct, tag) == 1
    assert direct.get(f"/flow_runs/{run.id}").json()["deployment_id"] == str(deployment_id)


def test_lost_answer_leaves_exactly_one_flow_run(
    api: Any, proxy: FaultProxy, direct: httpx.Client
) -> None:
    tag = unique("tag")
    proxy.inject("lose-answer", path="POST .*/flow_runs/")
    proxy.inject("lose-answer", path="POST .*/flows/")

    run = api.create_flow_run(FlowLike(unique("flow")), tags=[tag])

    assert proxy.count("POST .*/flow_runs/$") == 2
    assert runs_with(direct, tag) == 1
    assert direct.get(f"/flow_runs/{run.id}").json()["tags"] == [tag]


def test_lost_answers_leave_one_flow_one_deployment_and_one_task_run(
    api: Any, proxy: FaultProxy, direct: httpx.Client
) -> None:
    name = unique("flow")

    class TaskLike:
        name = task_key = "lab-task"
        version = retries = retry_delay_seconds = retry_jitter_factor = None
        tags = frozenset[str]()

    for path in ("flows", "deployments", "task_runs"):
        proxy.inject("lose-answer", path=f"POST .*/{path}/$")

    made_flow = api.create_flow_from_name(name)
    made_deployment = api.create_deployment(made_flow, "d")
    run = api.create_flow_run(FlowLike(name))
    task_run = api.create_task_run(TaskLike(), run.id, "0")

    of_flow = {"flows": {"name": {"any_": [name]}}}
    kept = {
        kind: [UUID(item["id"]) for item in direct.post(f"/{kind}/filter", json=of_flow).json()]
        for kind in ("flows", "deployments", "task_runs")
    }
    assert kept == {
        "flows": [made_flow],
        "deployments": [made_deployment],
        "task_runs": [task_run.id],
    }


def test_lost_answer_leaves_a_state_set_once_or_twice_but_the_run_in_it(
    api: Any, proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    run = new_run(direct, deployment_id)
    proxy.inject("lose-answer", path="POST .*/set_state")

    from prefect.states import Completed

    result = api.set_flow_run_state(run, Completed(), force=True)

    assert result.state.is_completed()
    assert direct.get(f"/flow_runs/{run}").json()["state_type"] == "COMPLETED"


# --- statuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_burst_of_passing_statuses_is_waited_out(
    face: str,
    proxy: FaultProxy,
    direct: httpx.Client,
    deployment_id: UUID,
    pauses: Pauses,
    status: int,
) -> None:
    tag = unique("tag")
    proxy.inject("status", times=3, status=status)

    submit(face, deployment_id, tags=[tag], timeout=0)

    assert pauses == [2, 4, 8]
    assert runs_with(direct, tag) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 418, 500, 501])
def test_lasting_status_is_not_repeated(
    api: Any, proxy: FaultProxy, pauses: Pauses, status: int
) -> None:
    proxy.inject("status", status=status, path="/hello", body=b'{"detail": "because"}')

    with pytest.raises(PrefectHTTPStatusError) as raised:
        api.hello()

    assert raised.value.response.status_code == status
    assert f"GET {proxy.api_url}/hello answered {status}" in str(raised.value)
    assert "because" in str(raised.value)
    assert proxy.count("/hello") == 1
    assert pauses == []


def test_further_statuses_are_repeated_by_setting(
    face: str, proxy: FaultProxy, configure: Configure
) -> None:
    configure(PREFECT_CLIENT_RETRY_EXTRA_CODES="418,500")
    proxy.inject("status", status=418, path="/hello")
    proxy.inject("status", status=500, path="/hello")

    with opened(face) as api:
        assert api.hello().status_code == 200

    assert proxy.count("/hello") == 3


@pytest.mark.parametrize(("status", "is_repeated"), [(503, True), (502, False), (504, False)])
def test_gateway_error_of_an_unkeyed_create_is_repeated_only_if_nothing_was_done(
    api: Any, proxy: FaultProxy, status: int, is_repeated: bool
) -> None:
    proxy.inject("status", status=status, path="POST .*/variables/")
    variable = actions.VariableCreate(name=unique("variable").replace("-", "_"), value=1)

    if is_repeated:
        assert api.create_variable(variable).value == 1
    else:
        with pytest.raises(PrefectHTTPStatusError, match=str(status)):
            api.create_variable(variable)

    assert proxy.count("POST .*/variables/") == 1 + is_repeated


def test_retry_after_in_seconds_is_honoured(api: Any, proxy: FaultProxy, pauses: Pauses) -> None:
    proxy.inject("status", status=429, path="/hello", headers={"Retry-After": "7"})

    assert api.hello().status_code == 200

    assert pauses == [7]


def test_retry_after_as_a_date_is_honoured(api: Any, proxy: FaultProxy, pauses: Pauses) -> None:
    later = datetime.now(timezone.utc) + timedelta(seconds=100)
    date = format_datetime(later, usegmt=True)
    proxy.inject("status", status=503, path="/hello", headers={"Retry-After": date})

    assert api.hello().status_code == 200

    # Not longer than asked for; the date has whole seconds, and some have passed since.
    assert [50 < pause <= 100 for pause in pauses] == [True]


def test_retry_after_beyond_the_budget_is_not_waited_for(
    api: Any, proxy: FaultProxy, pauses: Pauses
) -> None:
    proxy.inject("status", status=429, path="/hello", headers={"Retry-After": "86400"})

    with pytest.raises(PrefectHTTPStatusError, match="429"):
        api.hello()

    assert pauses == []


def test_server_that_stays_busy_is_named_with_attempts(
    face: str, proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID, pauses: Pauses
) -> None:
    tag = unique("tag")
    proxy.inject("status", times=99, status=503, body=b'{"detail": "overloaded"}')

    with pytest.raises(PrefectHTTPStatusError) as raised:
        submit(face, deployment_id, tags=[tag], timeout=0)

    assert f"{proxy.api_url}/deployments/{deployment_id}/create_flow_run" in str(raised.value)
    assert "answered 503" in str(raised.value)
    assert "in each of 6 attempts" in str(raised.value)
    assert "overloaded" in str(raised.value)
    assert "PREFECT_CLIENT_MAX_RETRIES" in str(raised.value)
    assert pauses == [2, 4, 8, 16, 30]
    assert runs_with(direct, tag) == 0


def test_maintenance_is_waited_out_without_using_up_attempts(
    face: str, proxy: FaultProxy, configure: Configure, pauses: Pauses
) -> None:
    configure(PREFECT_CLIENT_MAX_RETRIES=0)
    proxy.inject("status", times=9, path="/hello", headers={"Prefect-Maintenance": "true"})

    with opened(face) as api:
        assert api.hello().status_code == 200

    assert len(pauses) == 9


# --- answers that are wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"<html>Log in to the hotel's network</html>", b"", b'{"id": "1', b"[]", b'{"id": 5}'],
    ids=["page", "empty", "cut", "list", "type"],
)
def test_answer_that_makes_no_sense_is_shown_with_its_address(
    api: Any, proxy: FaultProxy, flow_id: UUID, body: bytes
) -> None:
    proxy.inject("status", status=200, path="/flows/", body=body)

    with pytest.raises(ValueError) as raised:
        api.read_flow(flow_id)

    assert f"{proxy.api_url}/flows/{flow_id}" in str(raised.value)
    if body:
        assert body.decode()[:10] in str(raised.value)


def test_answer_that_is_not_http_is_an_error_of_the_connection(
    api: Any, proxy: FaultProxy, pauses: Pauses
) -> None:
    proxy.inject("garbage", times=99, path="/hello", body=b"SSH-2.0-OpenSSH_9.2\r\n")

    with pytest.raises(httpx.RemoteProtocolError, match=f"{proxy.api_url}/hello failed after 6"):
        api.hello()


def test_error_with_a_page_for_a_body_is_readable(api: Any, proxy: FaultProxy) -> None:
    proxy.inject("status", status=403, path="/hello", body=b"<html>Blocked by policy</html>")

    with pytest.raises(PrefectHTTPStatusError, match=r"answered 403.*Blocked by policy"):
        api.hello()


def test_redirect_that_keeps_the_request_is_followed(
    face: str, proxy: FaultProxy, real_server: RealServer, direct: httpx.Client, deployment_id: UUID
) -> None:
    tag = unique("tag")
    location = f"{real_server.api_url}/deployments/{deployment_id}/create_flow_run"
    # Twice: the client goes the direct way first, then over httpx, which follows.
    proxy.inject("status", times=2, status=307, path=CREATE, headers={"Location": location})

    run = submit(face, deployment_id, tags=[tag], timeout=0)

    assert run.tags == [tag]
    assert runs_with(direct, tag) == 1
    assert proxy.count(CREATE) == 2


def test_redirect_to_another_host_takes_no_credentials_along(
    face: str, proxy: FaultProxy, real_server: RealServer, configure: Configure
) -> None:
    configure(PREFECT_API_KEY="sesame")

    with FaultProxy(real_server.port) as elsewhere:
        # Another host name for the same machine is another host for HTTP.
        location = f"http://localhost:{elsewhere.port}/api/hello"
        proxy.inject("status", times=2, status=307, path="/hello", headers={"Location": location})
        with opened(face) as api:
            assert api.hello().status_code == 200

    assert [b"sesame" in head for head in proxy.heads] == [True, True]
    assert [b"sesame" in head for head in elsewhere.heads] == [False]


def test_redirect_that_would_change_the_request_is_an_error_that_names_the_address(
    face: str, proxy: FaultProxy, real_server: RealServer, deployment_id: UUID
) -> None:
    location = f"https://elsewhere.example/api/deployments/{deployment_id}/create_flow_run"
    proxy.inject("status", status=301, path=CREATE, headers={"Location": location})

    with pytest.raises(PrefectHTTPStatusError, match=r"elsewhere.example.*PREFECT_API_URL"):
        submit(face, deployment_id, timeout=0)

    assert proxy.count(CREATE) == 1


# --- giving up on request ------------------------------------------------------------------------


def test_task_cancelled_in_a_wait_between_attempts_ends_at_once(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.inject("status", times=99, path="/hello")

    async def main() -> tuple[bool, int]:
        waiting = asyncio.Event()

        async def pause(core: Any, seconds: float) -> None:
            waiting.set()
            await REAL_PAUSE(core, 3600)

        monkeypatch.setattr("prefect.client._core.AsyncCore._pause", pause)
        async with get_client() as client:
            task = asyncio.create_task(client.hello())
            await waiting.wait()
            task.cancel()
            [outcome] = await asyncio.gather(task, return_exceptions=True)
            proxy._faults.clear()
            # The client is as good as before.
            status = (await client.hello()).status_code
        return isinstance(outcome, asyncio.CancelledError), status

    assert asyncio.run(asyncio.wait_for(main(), 30)) == (True, 200)
    assert proxy.count("/hello") == 2


def test_task_cancelled_while_the_server_is_silent_frees_its_connection(
    proxy: FaultProxy, configure: Configure
) -> None:
    proxy.inject("stall", times=20, path="/hello")

    async def main() -> int:
        async with get_client() as client:
            tasks = [asyncio.create_task(client.hello()) for _ in range(20)]
            # 16 connections at most: four of them wait for one.
            await asyncio.to_thread(proxy.wait_for, "/hello", 16)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            proxy._faults.clear()
            return (await client.hello()).status_code

    assert asyncio.run(asyncio.wait_for(main(), 30)) == 200


@pytest.mark.parametrize(
    "call",
    ["run_deployment({id!r}, timeout=0)", "asyncio.run(arun_deployment({id!r}, timeout=0))"],
    ids=FACES,
)
def test_interrupted_process_ends_at_once(
    proxy: FaultProxy, deployment_id: UUID, call: str
) -> None:
    proxy.inject("status", times=99, path=CREATE, headers={"Retry-After": "200"})
    code = (
        "import asyncio\n"
        "from prefect.deployments import arun_deployment, run_deployment\n"
        + call.format(id=str(deployment_id))
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    try:
        proxy.wait_for(CREATE)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()

    assert errors.strip().endswith("KeyboardInterrupt")
    assert proxy.count(CREATE) == 1


# --- following a run -----------------------------------------------------------------------------


def test_wait_outlasts_an_outage_of_the_server(
    proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    run = new_run(direct, deployment_id)

    async def main() -> FlowRun:
        waiting = asyncio.create_task(wait_for_flow_run(run, timeout=60))
        await asyncio.to_thread(proxy.wait_for, "/events/out")
        with proxy.refusing():
            set_state(direct, run, "COMPLETED")
        return await waiting

    flow_run = asyncio.run(asyncio.wait_for(main(), 60))

    assert flow_run.state is not None
    assert flow_run.state.is_completed()


def test_wait_goes_on_while_the_server_answers_with_errors(
    proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    run = new_run(direct, deployment_id)
    proxy.inject("status", times=7, status=503, path="GET .*/flow_runs/")

    async def main() -> FlowRun:
        waiting = asyncio.create_task(wait_for_flow_run(run, timeout=60))
        await asyncio.to_thread(proxy.wait_for, "GET .*/flow_runs/", 7)
        set_state(direct, run, "COMPLETED")
        return await waiting

    flow_run = asyncio.run(asyncio.wait_for(main(), 60))

    assert flow_run.state is not None
    assert flow_run.state.is_completed()


async def follow(run: UUID, seen: Callable[[Log | Event], Any]) -> list[Log | Event]:
    """Everything a run shows until it ends."""
    items: list[Log | Event] = []
    async with FlowRunSubscriber(run, straggler_timeout=1) as happenings:
        async for item in happenings:
            items.append(item)
            seen(item)
    return items


def test_dropped_websockets_lose_and_double_nothing(
    proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    run = new_run(direct, deployment_id)
    steps = [f"step {i}" for i in range(8)]

    async def main() -> list[Log | Event]:
        arrived = asyncio.Event()
        following = asyncio.create_task(follow(run, lambda _: arrived.set()))
        await asyncio.to_thread(proxy.wait_for, "/events/out")
        for number, message in enumerate(steps):
            if number % 4 == 0:  # one at least arrives between two drops
                proxy.drop_websockets()
            arrived.clear()
            await asyncio.to_thread(write_log, direct, run, message)
            if number == 4:
                await asyncio.to_thread(set_state, direct, run, "RUNNING")
            await asyncio.wait_for(arrived.wait(), 30)
        proxy.drop_websockets()
        await asyncio.to_thread(set_state, direct, run, "COMPLETED")
        return await following

    items = asyncio.run(asyncio.wait_for(main(), 90))

    assert [item.message for item in items if isinstance(item, Log)] == steps
    events = [item.event.rpartition(".")[2] for item in items if isinstance(item, Event)]
    assert sorted(events) == ["Completed", "Running", "Scheduled"]
    assert events[-1] == "Completed"


def test_events_of_an_outage_are_delivered_once(proxy: FaultProxy, direct: httpx.Client) -> None:
    name = unique("event")
    made = [
        Event(event=name, resource={"prefect.resource.id": f"lab.{number}"}) for number in range(30)
    ]

    async def main() -> list[str]:
        filter = EventFilter(event=EventNameFilter(name=[name]))
        got: list[str] = []
        async with get_events_subscriber(filter=filter) as subscriber:
            for number, event in enumerate(made):
                if number in (10, 20):
                    proxy.drop_websockets()
                await asyncio.to_thread(
                    direct.post, "/events", json=[event.model_dump(mode="json")]
                )
            async for event in subscriber:
                got.append(event.resource.id)
                if len(got) == len(made):
                    return got
        return got

    got = asyncio.run(asyncio.wait_for(main(), 60))

    assert sorted(got) == sorted(event.resource.id for event in made)


def test_events_survive_the_loss_of_the_line_they_are_sent_over(
    proxy: FaultProxy, direct: httpx.Client
) -> None:
    name = unique("event")

    async def main() -> None:
        async with PrefectEventsClient(checkpoint_every=3) as client:
            for number in range(10):
                if number in (4, 8):
                    proxy.drop_websockets()
                event = Event(event=name, resource={"prefect.resource.id": f"lab.{number}"})
                await client.emit(event)

    asyncio.run(asyncio.wait_for(main(), 60))

    assert stored_events(direct, name, 10) == [f"lab.{number}" for number in range(10)]


def stored_events(direct: httpx.Client, name: str, count: int) -> list[str]:
    """The resources of the events of a name, once the server has stored so many."""
    body = {"limit": 50, "filter": {"event": {"name": [name]}, "order": "ASC"}}
    for _ in range(600):
        page = direct.post("/events/filter", json=body).raise_for_status().json()
        if page["total"] >= count:
            return sorted(event["resource"]["prefect.resource.id"] for event in page["events"])
        threading.Event().wait(0.1)  # stored by a background service of the server
    raise TimeoutError(f"{page['total']} of {count} events named {name!r} were stored")


# --- WebSockets that do not get through ----------------------------------------------------------


def test_blocked_websockets_do_not_keep_run_deployment_from_waiting(
    face: str, proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    proxy.block_websockets = True
    key = unique("key")

    def finish() -> None:
        proxy.wait_for("GET .*/flow_runs/", 2)
        found = direct.post(
            "/flow_runs/filter", json={"flow_runs": {"idempotency_key": {"any_": [key]}}}
        )
        set_state(direct, UUID(found.json()[0]["id"]), "COMPLETED")

    thread = threading.Thread(target=finish)
    thread.start()
    run = submit(face, deployment_id, idempotency_key=key, timeout=60, poll_interval=0.2)
    thread.join()

    assert run.state is not None
    assert run.state.is_completed()


def test_blocked_websockets_make_emitted_events_go_by_http(
    proxy: FaultProxy, direct: httpx.Client
) -> None:
    proxy.block_websockets = True
    name = unique("event")

    for number in range(3):
        emit_event(name, resource={"prefect.resource.id": f"lab.{number}"})
    delivered = EventsWorker.instance().drain()

    assert delivered is True
    assert proxy.count("POST /api/events$") >= 1
    assert stored_events(direct, name, 3) == ["lab.0", "lab.1", "lab.2"]


def test_blocked_websockets_do_not_keep_a_run_from_being_followed(
    proxy: FaultProxy, direct: httpx.Client, deployment_id: UUID
) -> None:
    proxy.block_websockets = True
    run = new_run(direct, deployment_id)

    async def main() -> list[Log | Event]:
        arrived = asyncio.Event()
        following = asyncio.create_task(follow(run, lambda _: arrived.set()))
        await asyncio.to_thread(proxy.wait_for, "POST .*/logs/filter")
        for number in range(3):
            await asyncio.to_thread(write_log, direct, run, f"step {number}")
        await asyncio.wait_for(arrived.wait(), 30)
        await asyncio.to_thread(set_state, direct, run, "COMPLETED")
        return await following

    items = asyncio.run(asyncio.wait_for(main(), 60))

    logs = [item.message for item in items if isinstance(item, Log)]
    assert logs == ["step 0", "step 1", "step 2"]


def test_event_posted_twice_for_a_lost_answer_is_stored_once(
    proxy: FaultProxy, direct: httpx.Client
) -> None:
    proxy.block_websockets = True
    proxy.inject("lose-answer", times=2, path="POST /api/events$")
    name = unique("event")

    async def main() -> None:
        async with PrefectEventsClient() as client:
            event = Event(id=uuid4(), event=name, resource={"prefect.resource.id": "lab.0"})
            await client.emit(event)

    asyncio.run(asyncio.wait_for(main(), 60))

    assert proxy.count("POST /api/events$") == 3
    assert stored_events(direct, name, 1) == ["lab.0"]


def test_many_requests_at_once_survive_a_burst(
    proxy: FaultProxy, configure: Configure, pauses: Pauses
) -> None:
    configure(PREFECT_CLIENT_MAX_RETRIES=60)  # one of them may meet most of the faults
    for status in (429, 503, 502):
        proxy.inject("status", times=20, status=status, path="/hello")

    async def main() -> list[int]:
        async with get_client() as client:
            answers = await asyncio.gather(*(client.hello() for _ in range(20)))
            return [answer.status_code for answer in answers]

    assert asyncio.run(asyncio.wait_for(main(), 60)) == [200] * 20
    assert len(pauses) == 60
