"""Slots of tags for task runs, on both faces."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mock_api import FACES, MockApi

from prefect.concurrency.v1 import _events
from prefect.concurrency.v1 import asyncio as async_face
from prefect.concurrency.v1 import sync as sync_face
from prefect.concurrency.v1._asyncio import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency.v1.context import ConcurrencyContext
from prefect.concurrency.v1.services import (
    ConcurrencySlotAcquisitionService,
    ConcurrencySlotAcquisitionServiceError,
)

LIMIT = {"id": "33333333-3333-3333-3333-333333333333", "name": "db", "limit": 2}
TAKE = "/concurrency_limits/increment"
GIVE_BACK = "/concurrency_limits/decrement"
TASK_RUN_ID = uuid4()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> MockApi:
    mock = MockApi().install(monkeypatch)
    mock.answer = lambda method, path, body: (200, [LIMIT])
    return mock


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hold(face: str, names: Any, error: BaseException | None = None, **options: Any) -> None:
    if face == "sync":
        with sync_face.concurrency(names, TASK_RUN_ID, **options):
            if error is not None:
                raise error
        return

    async def body() -> None:
        async with async_face.concurrency(names, TASK_RUN_ID, **options):
            if error is not None:
                raise error

    asyncio.run(body())


@pytest.mark.parametrize("error", [None, ValueError("x"), KeyboardInterrupt()])
def test_slot_is_taken_for_the_task_run_and_given_back(
    face: str, api: MockApi, error: BaseException | None
) -> None:
    if error is None:
        hold(face, "db")
    else:
        with pytest.raises(type(error)):
            hold(face, "db", error)

    assert api.bodies(TAKE) == [{"names": ["db"], "task_run_id": str(TASK_RUN_ID)}]
    (given_back,) = api.bodies(GIVE_BACK)
    assert given_back.pop("occupancy_seconds") >= 0
    assert given_back == {"names": ["db"], "task_run_id": str(TASK_RUN_ID)}


def test_tags_without_limits_need_no_release(face: str, api: MockApi) -> None:
    api.answer = lambda method, path, body: (200, [])

    hold(face, "db")
    hold(face, [])

    assert len(api.requests) == 1


def test_limit_of_zero_is_no_reason_to_wait(face: str, api: MockApi) -> None:
    api.answer = lambda method, path, body: (423, {"detail": "limit is 0"})

    with pytest.raises(ConcurrencySlotAcquisitionError, match="limit of 0"):
        hold(face, "db")


def test_full_limit_times_out(face: str, api: MockApi) -> None:
    api.answer = lambda method, path, body: httpx.Response(423, headers={"Retry-After": "5"})

    with pytest.raises(AcquireConcurrencySlotTimeoutError, match="within 0 s"):
        hold(face, "db", timeout_seconds=0)


def test_release_that_fails_does_not_fail_the_task(
    face: str, api: MockApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.answer = lambda method, path, body: (200, [LIMIT]) if path == TAKE else (400, {})

    hold(face, "db")

    assert "could not be given back" in caplog.text


def test_events_name_the_task_run(face: str, api: MockApi, monkeypatch: pytest.MonkeyPatch) -> None:
    emitted: list[tuple[str, dict[str, str], Any]] = []

    def emit(event: str, resource: Any, related: Any, follows: Any) -> str:
        emitted.append((event, resource, follows))
        return event

    monkeypatch.setattr(_events, "emit_event", emit)

    hold(face, "db")

    resource = {
        "prefect.resource.id": f"prefect.concurrency-limit.v1.{LIMIT['id']}",
        "prefect.resource.name": "db",
        "limit": "2",
        "task_run_id": str(TASK_RUN_ID),
    }
    assert emitted == [
        ("prefect.concurrency-limit.v1.acquired", resource, None),
        (
            "prefect.concurrency-limit.v1.released",
            resource,
            "prefect.concurrency-limit.v1.acquired",
        ),
    ]


def test_context_gives_back_what_was_left(api: MockApi, caplog: pytest.LogCaptureFixture) -> None:
    with ConcurrencyContext(cleanup_slots=[(["db"], 1.5, TASK_RUN_ID)]):
        pass
    assert api.bodies(GIVE_BACK)[0]["occupancy_seconds"] == 1.5

    api.answer = lambda method, path, body: (400, {})
    with ConcurrencyContext(cleanup_slots=[(["db"], 1.5, UUID(int=1))]):
        pass
    assert "could not be given back" in caplog.text


def test_service_takes_slots_in_the_background(api: MockApi) -> None:
    service = ConcurrencySlotAcquisitionService.instance(frozenset({"db"}))

    assert service.send((TASK_RUN_ID,)).result(30).json() == [LIMIT]
    api.answer = lambda method, path, body: (423, {"detail": "limit is 0"})
    with pytest.raises(ConcurrencySlotAcquisitionServiceError, match="'db'"):
        service.send((TASK_RUN_ID,)).result(30)
    assert service.drain()
