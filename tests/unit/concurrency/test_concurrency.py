"""Slots of concurrency limits, on both faces: taking, waiting, giving back exactly once."""

import asyncio
import contextlib
import pickle
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from mock_api import FACES, MockApi

from prefect._dual import run
from prefect.concurrency import _asyncio, _events, _leases, _sync
from prefect.concurrency import asyncio as async_face
from prefect.concurrency import sync as sync_face
from prefect.concurrency._errors import ConcurrencyLeaseLostError
from prefect.concurrency._leases import Lease
from prefect.concurrency._slots import MAXIMUM_WAIT_SECONDS, MINIMUM_WAIT_SECONDS
from prefect.concurrency.asyncio import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency.context import ConcurrencyContext
from prefect.concurrency.services import (
    ConcurrencySlotAcquisitionService,
    ConcurrencySlotAcquisitionWithLeaseService,
)

LEASE_ID = "22222222-2222-2222-2222-222222222222"
LIMIT = {"id": "33333333-3333-3333-3333-333333333333", "name": "db", "limit": 2}
TAKE = "/v2/concurrency_limits/increment-with-lease"
GIVE_BACK = "/v2/concurrency_limits/decrement-with-lease"
RATE = "/v2/concurrency_limits/increment"


def granted(method: str, path: str, body: Any) -> Any:
    if path == TAKE:
        return 200, {"lease_id": LEASE_ID, "limits": [LIMIT]}
    return (200, [LIMIT]) if path == RATE else (204, None)


def full(retry_after: str | None = "5") -> httpx.Response:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return httpx.Response(423, json={"detail": "Locked"}, headers=headers)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockApi]:
    mock = MockApi().install(monkeypatch)
    mock.answer = granted
    monkeypatch.setattr(_leases._Renewer, "_start", lambda renewer: None)
    yield mock
    assert not _leases._renewer.leases, "a lease is still renewed"
    _leases._renewer.reset()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between attempts, which take no time."""
    slept: list[float] = []
    clock = [0.0]

    async def sleep(port: Any, seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds
        assert len(slept) < 50, "waits for ever"

    monkeypatch.setattr(_sync.BlockingPort, "sleep", sleep)
    monkeypatch.setattr(_asyncio.AsyncioPort, "sleep", sleep)
    monkeypatch.setattr("prefect.concurrency._slots.time.monotonic", lambda: clock[0])
    return slept


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    emitted: list[dict[str, Any]] = []

    def emit(event: str, **fields: Any) -> Any:
        emitted.append({"event": event, **fields})
        return event

    monkeypatch.setattr(_events, "emit_event", emit)
    return emitted


class Face:
    """One face, driven the same way."""

    def __init__(self, name: str) -> None:
        self.name = name

    @contextlib.asynccontextmanager
    async def concurrency(self, names: Any = "db", **options: Any) -> AsyncIterator[None]:
        if self.name == "sync":
            with sync_face.concurrency(names, **options):
                yield
        else:
            async with async_face.concurrency(names, **options):
                yield

    async def rate_limit(self, names: Any = "db", **options: Any) -> None:
        if self.name == "sync":
            sync_face.rate_limit(names, **options)
        else:
            await async_face.rate_limit(names, **options)

    def drive(self, body: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return run(body()) if self.name == "sync" else asyncio.run(body())

    def hold(self, *args: Any, **options: Any) -> None:
        """Take slots and give them back."""

        async def body() -> None:
            async with self.concurrency(*args, **options):
                pass

        self.drive(body)


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> Face:
    return Face(request.param)


def test_slots_are_taken_on_lease_and_given_back(face: Face, api: MockApi) -> None:
    face.hold("db", occupy=2, lease_duration=120)

    assert api.requests == [
        (
            "POST",
            TAKE,
            {"names": ["db"], "slots": 2, "mode": "concurrency", "lease_duration": 120},
        ),
        ("POST", GIVE_BACK, {"lease_id": LEASE_ID}),
    ]


def test_holder_is_sent(face: Face, api: MockApi) -> None:
    from prefect.client.schemas.objects import ConcurrencyLeaseHolder

    holder = ConcurrencyLeaseHolder(type="task_run", id=uuid4())
    face.hold("db", holder=holder)

    assert api.bodies(TAKE)[0]["holder"] == {"type": "task_run", "id": str(holder.id)}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_slots_are_given_back_once_however_the_block_ends(
    face: Face, api: MockApi, error: type[BaseException]
) -> None:
    async def body() -> None:
        async with face.concurrency():
            raise error

    with pytest.raises(error):
        face.drive(body)
    assert len(api.bodies(GIVE_BACK)) == 1


def test_cancelled_block_gives_its_slots_back(api: MockApi) -> None:
    async def holding(entered: asyncio.Event) -> None:
        async with async_face.concurrency("db"):
            entered.set()
            await asyncio.Event().wait()

    async def main() -> None:
        entered = asyncio.Event()
        task = asyncio.ensure_future(holding(entered))
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert len(api.bodies(GIVE_BACK)) == 1


def test_slots_of_a_cancelled_request_are_given_back(
    api: MockApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        asked, answer = asyncio.Event(), asyncio.Event()
        awaited = _asyncio.awaited  # type: ignore[attr-defined]  # replaced below

        async def slow(body: Any, client: Any = None) -> Any:
            result = await awaited(body, client)
            asked.set()
            await answer.wait()
            return result

        monkeypatch.setattr(_asyncio, "awaited", slow)
        waiting = asyncio.ensure_future(async_face.concurrency("db").__aenter__())
        await asked.wait()
        waiting.cancel()
        asyncio.get_running_loop().call_soon(answer.set)
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())
    assert len(api.bodies(TAKE)) == 1
    assert api.bodies(GIVE_BACK) == [{"lease_id": LEASE_ID}]


def test_events_tell_of_taking_and_giving_back(
    face: Face, api: MockApi, events: list[dict[str, Any]]
) -> None:
    other = {"id": "44444444-4444-4444-4444-444444444444", "name": "net", "limit": 7}
    api.answer = lambda method, path, body: (
        (200, {"lease_id": LEASE_ID, "limits": [LIMIT, other]}) if path == TAKE else (204, None)
    )

    face.hold(["db", "net"])

    assert [event["event"].rpartition(".")[2] for event in events] == ["acquired"] * 2 + [
        "released"
    ] * 2
    assert events[0]["resource"] == {
        "prefect.resource.id": f"prefect.concurrency-limit.{LIMIT['id']}",
        "prefect.resource.name": "db",
        "slots-acquired": "1",
        "limit": "2",
    }
    assert events[0]["related"] == [
        {
            "prefect.resource.id": f"prefect.concurrency-limit.{other['id']}",
            "prefect.resource.role": "concurrency-limit",
        }
    ]
    assert events[0]["follows"] is None
    assert events[2]["follows"] == "prefect.concurrency-limit.acquired"


def test_full_limit_is_asked_again_when_the_server_says(
    face: Face, api: MockApi, waits: list[float]
) -> None:
    answers = iter([full("5"), full("0"), full("1000"), full(None), full("soon")])
    api.answer = lambda method, path, body: (
        next(answers, None) or granted(method, path, body)
        if path == TAKE
        else granted(method, path, body)
    )

    face.hold()

    assert waits == [5.0, MINIMUM_WAIT_SECONDS, MAXIMUM_WAIT_SECONDS, 1.0, 1.0]
    assert len(api.bodies(GIVE_BACK)) == 1


def test_wait_ends_with_the_timeout_after_a_last_attempt(
    face: Face, api: MockApi, waits: list[float]
) -> None:
    api.answer = lambda method, path, body: full("5")

    with pytest.raises(AcquireConcurrencySlotTimeoutError, match=r"'db' within 12 s"):
        face.hold(timeout_seconds=12)
    assert waits == [5.0, 5.0, 2.0]
    assert len(api.bodies(TAKE)) == 4


@pytest.mark.parametrize("retries", [0, 2])
def test_attempts_are_limited(face: Face, api: MockApi, waits: list[float], retries: int) -> None:
    api.answer = lambda method, path, body: full("5")

    with pytest.raises(ConcurrencySlotAcquisitionError, match="no free slots of 'db'"):
        face.hold(max_retries=retries)
    assert len(api.bodies(TAKE)) == retries + 1


def test_refusal_is_told_with_the_reason(face: Face, api: MockApi, waits: list[float]) -> None:
    api.answer = lambda method, path, body: (422, {"detail": "Slots requested is greater"})

    with pytest.raises(ConcurrencySlotAcquisitionError, match=r"'db' \(422\).*greater") as caught:
        face.hold(occupy=5)
    assert isinstance(caught.value.__cause__, httpx.HTTPStatusError)
    assert waits == []


def test_missing_limit_limits_nothing_with_a_warning(
    face: Face, api: MockApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.answer = lambda method, path, body: (200, {"lease_id": LEASE_ID, "limits": []})

    face.hold("nope")

    assert "no concurrency limit named 'nope'" in caplog.text
    assert api.bodies(GIVE_BACK) == []


def test_missing_limit_is_an_error_when_strict(face: Face, api: MockApi) -> None:
    with pytest.raises(ConcurrencySlotAcquisitionError, match="named 'nope'"):
        face.hold(["db", "nope"], strict=True)
    assert len(api.bodies(GIVE_BACK)) == 1


def test_no_names_need_no_slots(face: Face, api: MockApi) -> None:
    face.hold([])

    assert api.requests == []


def test_release_that_fails_does_not_fail_the_block(
    face: Face, api: MockApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.answer = lambda method, path, body: (
        (400, {"detail": "broken"}) if path == GIVE_BACK else granted(method, path, body)
    )

    face.hold()

    assert "could not be given back now" in caplog.text


def test_rate_limit_takes_slots_for_good(
    face: Face, api: MockApi, events: list[dict[str, Any]], waits: list[float]
) -> None:
    answers = iter([full("2")])
    api.answer = lambda method, path, body: next(answers, None) or granted(method, path, body)

    face.drive(lambda: face.rate_limit("db", occupy=3))

    assert api.requests[-1] == ("POST", RATE, {"names": ["db"], "slots": 3, "mode": "rate_limit"})
    assert waits == [2.0]
    assert [event["event"] for event in events] == ["prefect.concurrency-limit.acquired"]


def test_rate_limit_that_is_missing_is_an_error_when_strict(face: Face, api: MockApi) -> None:
    with pytest.raises(ConcurrencySlotAcquisitionError, match="'nope'"):
        face.drive(lambda: face.rate_limit("nope", strict=True))


def test_errors_are_pickled_under_their_known_name() -> None:
    for error in (AcquireConcurrencySlotTimeoutError("x"), ConcurrencySlotAcquisitionError("x")):
        assert type(error).__module__ == "prefect.concurrency._asyncio"
        assert type(pickle.loads(pickle.dumps(error))) is type(error)


# ---- leases -------------------------------------------------------------------------------------


def test_lease_is_renewed_at_three_quarters(api: MockApi) -> None:
    lease = Lease(UUID(LEASE_ID), 100.0)

    assert lease.renew() == 75.0
    assert api.requests == [
        (
            "POST",
            f"/v2/concurrency_limits/leases/{LEASE_ID}/renew",
            {"lease_duration": 100.0},
        )
    ]


def test_lease_that_is_gone_is_lost_and_told_once(api: MockApi) -> None:
    api.answer = lambda method, path, body: (410, {"detail": "gone"})
    told: list[BaseException] = []
    lease = Lease(UUID(LEASE_ID), 100.0, on_lost=told.append)

    assert lease.renew() is None
    assert lease.renew() is None

    assert len(told) == 1
    assert not lease.take(), "there is nothing to give back"


def test_renewal_that_fails_is_repeated_until_the_lease_runs_out(
    api: MockApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.answer = lambda method, path, body: (400, {"detail": "not now"})
    told: list[BaseException] = []
    lease = Lease(UUID(LEASE_ID), 100.0, on_lost=told.append)

    assert [lease.renew() for _ in range(5)] == [1.0, 2.0, 4.0, 8.0, 10.0]
    assert told == []
    assert "could not be renewed" in caplog.text
    lease.expires_at = 0.0

    assert lease.renew() is None
    assert len(told) == 1


def test_lease_is_taken_once(api: MockApi) -> None:
    lease = Lease(UUID(LEASE_ID), 100.0)
    lease.keep()

    assert lease.is_held
    assert [lease.take(), lease.take()] == [True, False]
    assert not lease.is_held


def test_forked_child_gives_nothing_back(api: MockApi, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = Lease(UUID(LEASE_ID), 100.0)
    monkeypatch.setattr("prefect.concurrency._leases.os.getpid", lambda: -1)

    assert not lease.take()


def test_leases_left_at_exit_are_given_back(api: MockApi, caplog: pytest.LogCaptureFixture) -> None:
    Lease(UUID(LEASE_ID), 100.0).keep()
    Lease(uuid4(), 100.0).keep()
    api.answer = lambda method, path, body: (
        granted(method, path, body) if body["lease_id"] == LEASE_ID else (400, {})
    )

    _leases._renewer.finish()

    assert len(api.bodies(GIVE_BACK)) == 2
    assert "at exit" in caplog.text


def test_one_thread_renews_and_ends_when_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    api = MockApi().install(monkeypatch)
    renewed = threading.Event()

    def answer(method: str, path: str, body: Any) -> Any:
        renewed.set()
        return 204, None

    api.answer = answer
    monkeypatch.setattr(_leases, "_RENEWAL_FRACTION", 0.0001)
    monkeypatch.setattr(_leases, "_IDLE_SECONDS", 0.001)
    lease = Lease(UUID(LEASE_ID), 100.0)

    lease.keep()
    thread = _leases._renewer.thread
    assert thread is not None
    assert thread.daemon
    assert renewed.wait(10)
    assert lease.take()
    thread.join(10)

    assert not thread.is_alive()
    assert _leases._renewer.thread is None


@pytest.mark.parametrize("in_thread", [False, True])
def test_lost_slots_end_a_strict_sync_block(api: MockApi, in_thread: bool) -> None:
    api.answer = lambda method, path, body: (
        (410, {"detail": "gone"}) if path.endswith("renew") else granted(method, path, body)
    )
    caught: list[BaseException] = []

    def block() -> None:
        try:
            with sync_face.concurrency("db", strict=True):
                (lease,) = _leases._renewer.leases.values()
                renewer = threading.Thread(target=lease.renew)
                renewer.start()
                while True:
                    renewer.join(0.001)
        except ConcurrencyLeaseLostError as error:
            caught.append(error)

    if in_thread:
        thread = threading.Thread(target=block)
        thread.start()
        thread.join(30)
    else:
        block()

    assert len(caught) == 1
    assert "so they are lost" in str(caught[0])
    assert api.bodies(GIVE_BACK) == []


def test_lost_slots_end_a_strict_async_block(api: MockApi) -> None:
    api.answer = lambda method, path, body: (
        (410, {"detail": "gone"}) if path.endswith("renew") else granted(method, path, body)
    )

    async def main() -> None:
        async with async_face.concurrency("db", raise_on_lease_renewal_failure=True):
            (lease,) = _leases._renewer.leases.values()
            await asyncio.to_thread(lease.renew)
            await asyncio.Event().wait()

    with pytest.raises(ConcurrencyLeaseLostError):
        asyncio.run(main())


def test_block_that_is_not_strict_goes_on_without_its_slots(
    api: MockApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.answer = lambda method, path, body: (
        (410, {"detail": "gone"}) if path.endswith("renew") else granted(method, path, body)
    )

    with sync_face.concurrency("db"):
        (lease,) = _leases._renewer.leases.values()
        lease.renew()
        reached = True

    assert reached
    assert "goes on" in caplog.text
    assert api.bodies(GIVE_BACK) == []


def test_interrupt_after_the_block_does_nothing() -> None:
    body = _sync._Interruptible()
    with body:
        pass

    body.interrupt(ValueError())


# ---- the context of a run, and the services -----------------------------------------------------


def test_context_gives_back_what_was_left(api: MockApi, caplog: pytest.LogCaptureFixture) -> None:
    with ConcurrencyContext(cleanup_lease_ids=[UUID(LEASE_ID)]) as context:
        assert ConcurrencyContext.get() is context
    assert api.bodies(GIVE_BACK) == [{"lease_id": LEASE_ID}]

    api.answer = lambda method, path, body: (400, {})
    with ConcurrencyContext(cleanup_lease_ids=[UUID(LEASE_ID)]):
        pass
    assert "could not be given back" in caplog.text
    assert ConcurrencyContext.get() is None


def test_service_takes_slots_in_the_background(api: MockApi) -> None:
    service = ConcurrencySlotAcquisitionWithLeaseService.instance(frozenset({"db"}))
    assert ConcurrencySlotAcquisitionWithLeaseService.instance(frozenset({"db"})) is service

    response = service.send((1, "concurrency", None, None, 60.0, False, None)).result(30)
    assert response.json()["lease_id"] == LEASE_ID
    service.release_orphaned_lease(response).result(30)
    assert len(api.bodies(GIVE_BACK)) == 1

    assert service.drain()
    with pytest.raises(RuntimeError, match="drained"):
        service.send((1, "concurrency", None, None, 60.0, False, None))
    assert ConcurrencySlotAcquisitionWithLeaseService.instance(frozenset({"db"})) is not service


def test_services_of_a_kind_are_drained_together(api: MockApi) -> None:
    service = ConcurrencySlotAcquisitionService.instance(frozenset({"db"}))
    service.start()
    future = service.send((1, "rate_limit"))
    service.wait_until_empty()

    done, pending = ConcurrencySlotAcquisitionService.drain_all(timeout=30)

    assert future.result(30).json() == [LIMIT]
    assert not pending
    assert done <= {future}
