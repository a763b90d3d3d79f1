"""Concurrency limits of a real 3.9.1 server, from both faces and from processes that die."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from interop.environments import RealServer
from prefect.concurrency import _leases
from prefect.concurrency import asyncio as async_face
from prefect.concurrency import sync as sync_face
from prefect.concurrency._errors import ConcurrencyLeaseLostError
from prefect.concurrency.asyncio import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.concurrency.v1 import sync as tag_face


class Limit:
    """A limit on the server."""

    def __init__(self, api: RealServer, limit: int, **more: Any) -> None:
        self.url = f"{api.api_url}/v2/concurrency_limits"
        self.name = f"lab-limit-{uuid4().hex[:10]}"
        body = {"name": self.name, "limit": limit, **more}
        httpx.post(f"{self.url}/", json=body).raise_for_status()

    @property
    def active_slots(self) -> int:
        return int(httpx.get(f"{self.url}/{self.name}").json()["active_slots"])


@pytest.fixture
def one(api: RealServer) -> Iterator[Limit]:
    """A limit of one slot, which is free again at the end."""
    limit = Limit(api, 1)
    yield limit
    assert limit.active_slots == 0


def test_slots_are_held_by_a_sync_block_only(one: Limit) -> None:
    with sync_face.concurrency(one.name, strict=True):
        assert one.active_slots == 1
        with (
            pytest.raises(AcquireConcurrencySlotTimeoutError),
            sync_face.concurrency(one.name, timeout_seconds=0.2),
        ):
            pytest.fail("there is only one slot")


def test_slots_are_held_by_an_async_block_only(one: Limit) -> None:
    async def main() -> None:
        async with async_face.concurrency(one.name, strict=True):
            assert one.active_slots == 1
            with pytest.raises(ConcurrencySlotAcquisitionError, match="423"):
                async with async_face.concurrency(one.name, max_retries=0):
                    pytest.fail("there is only one slot")

    asyncio.run(main())


def test_a_waiter_gets_the_slot_that_comes_free(one: Limit) -> None:
    order: list[str] = []
    holding = threading.Event()
    release = threading.Event()

    def hold() -> None:
        with sync_face.concurrency(one.name):
            holding.set()
            release.wait(30)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(30)
    release.set()
    with sync_face.concurrency(one.name, timeout_seconds=60):
        order.append("second")
    thread.join(30)

    assert order == ["first", "second"]


def test_more_slots_than_the_limit_has_are_refused(one: Limit) -> None:
    with (
        pytest.raises(ConcurrencySlotAcquisitionError, match="422"),
        sync_face.concurrency(one.name, occupy=2),
    ):
        pytest.fail("there is only one slot")


def test_lease_that_is_revoked_ends_a_strict_block(
    one: Limit, api: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_leases, "_RENEWAL_FRACTION", 0.005)  # 0.3 s

    def block() -> None:
        with sync_face.concurrency(one.name, strict=True, lease_duration=60):
            (lease_id,) = _leases._renewer.leases
            httpx.post(f"{one.url}/decrement-with-lease", json={"lease_id": str(lease_id)})
            threading.Event().wait(30)
            pytest.fail("was not ended")

    with pytest.raises(ConcurrencyLeaseLostError):
        block()


def test_lease_is_renewed_while_the_event_loop_is_blocked(
    one: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = threading.Event()
    renew = _leases.Lease.renew

    def counted(lease: _leases.Lease) -> float | None:
        seconds = renew(lease)
        if seconds is not None:
            renewed.set()
        return seconds

    monkeypatch.setattr(_leases, "_RENEWAL_FRACTION", 0.005)  # 0.3 s
    monkeypatch.setattr(_leases.Lease, "renew", counted)

    async def main() -> None:
        async with async_face.concurrency(one.name, strict=True, lease_duration=60):
            assert renewed.wait(30)  # blocks the loop on purpose

    asyncio.run(main())


@pytest.mark.parametrize(
    "ending",
    ["raise SystemExit(3)", "raise KeyboardInterrupt", "pass", "held = block; block = None"],
)
def test_process_that_ends_gives_its_slots_back(one: Limit, api: RealServer, ending: str) -> None:
    code = (
        "from prefect.concurrency.sync import concurrency\n"
        f"block = concurrency({one.name!r})\n"
        "block.__enter__()\n"
        "print('held', flush=True)\n"
        f"{ending}\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.stdout == "held\n"
    assert "ImportError" not in ended.stderr


def test_rate_limit_lets_through_what_has_decayed(api: RealServer) -> None:
    limit = Limit(api, 2, slot_decay_per_second=10.0)

    for _ in range(4):
        sync_face.rate_limit(limit.name, timeout_seconds=30)
    asyncio.run(async_face.rate_limit(limit.name, timeout_seconds=30))
    with pytest.raises(ConcurrencySlotAcquisitionError, match="decay"):
        sync_face.rate_limit(Limit(api, 1).name)


def test_slot_of_a_tag_is_held_for_a_task_run(api: RealServer) -> None:
    tag, task_run_id = f"lab-tag-{uuid4().hex[:8]}", uuid4()
    url = f"{api.api_url}/concurrency_limits"
    body = {"tag": tag, "concurrency_limit": 1}
    httpx.post(f"{url}/", json=body).raise_for_status()

    with tag_face.concurrency(tag, task_run_id):
        assert httpx.get(f"{url}/tag/{tag}").json()["active_slots"] == [str(task_run_id)]

    assert httpx.get(f"{url}/tag/{tag}").json()["active_slots"] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_forked_child_leaves_the_slots_of_its_parent_alone(one: Limit) -> None:
    code = (
        "import os, sys\n"
        "import httpx\n"
        "from prefect.concurrency.sync import concurrency\n"
        f"with concurrency({one.name!r}):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        sys.exit(0)\n"
        "    os.waitpid(child, 0)\n"
        f"    print(httpx.get('{one.url}/{one.name}').json()['active_slots'])\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.stdout == "1\n", ended.stderr
