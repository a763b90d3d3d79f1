"""Calls across threads: results, errors, time limits, context, the end of the process."""

import asyncio
import concurrent.futures
import contextvars
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from prefect._internal.concurrency.api import create_call, from_async, from_sync

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def give(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


async def fail() -> None:
    raise ValueError("no")


async def thread_name() -> str:
    return threading.current_thread().name


def test_loop_thread_runs_async_functions() -> None:
    assert from_sync.call_in_loop_thread(create_call(give, 2)) == 2
    assert from_sync.call_soon_in_loop_thread(create_call(give, 3)).result() == 3


def test_loop_thread_is_one_thread() -> None:
    first = from_sync.call_in_loop_thread(create_call(thread_name))
    second = from_sync.call_in_loop_thread(create_call(thread_name))

    assert first == second != threading.current_thread().name


def test_new_thread_runs_sync_and_async_functions() -> None:
    assert from_sync.call_in_new_thread(lambda: 5) == 5
    assert from_sync.call_in_new_thread(create_call(give, 6)) == 6
    assert from_sync.call_in_new_thread(threading.get_ident) != threading.get_ident()


def test_errors_come_through() -> None:
    with pytest.raises(ValueError, match="no"):
        from_sync.call_in_loop_thread(create_call(fail))


def test_async_code_awaits_calls() -> None:
    async def main() -> Any:
        return (
            await from_async.call_in_new_thread(lambda: 1),
            await from_async.call_in_loop_thread(create_call(give, 2)),
            await from_async.wait_for_call_in_new_thread(lambda: 3),
            await from_async.wait_for_call_in_loop_thread(create_call(give, 4)),
            await from_async.call_soon_in_loop_thread(create_call(give, 5)).aresult(),
        )

    assert asyncio.run(main()) == (1, 2, 3, 4, 5)


def test_call_in_the_loop_thread_from_the_loop_thread_does_not_wait_for_itself() -> None:
    async def outer() -> Any:
        return from_sync.call_in_loop_thread(create_call(give, "inner"))

    assert from_sync.call_in_loop_thread(create_call(outer)) == "inner"


def test_time_limit_ends_an_async_call() -> None:
    call = create_call(asyncio.sleep, 60)

    with pytest.raises(concurrent.futures.CancelledError):
        from_sync.call_in_loop_thread(call, timeout=0.01)

    assert call.timedout()
    assert call.cancelled()


def test_time_limit_ends_a_sync_call() -> None:
    def spin() -> None:
        while True:
            threading.Event().wait(0.001)

    call: Any = create_call(spin)

    with pytest.raises(concurrent.futures.CancelledError):
        from_sync.call_in_new_thread(call, timeout=0.01)

    assert call.timedout()


def test_timeout_error_of_the_function_is_not_a_time_limit() -> None:
    async def slow() -> None:
        raise asyncio.TimeoutError("mine")

    call: Any = create_call(slow)

    with pytest.raises(asyncio.TimeoutError, match="mine"):
        from_sync.call_in_loop_thread(call, timeout=60)

    assert not call.timedout()


def test_call_can_be_cancelled() -> None:
    started = threading.Event()

    async def wait() -> None:
        started.set()
        await asyncio.sleep(60)

    call = from_sync.call_soon_in_loop_thread(create_call(wait))
    started.wait(10)

    assert call.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        call.result(timeout=10)
    assert call.cancelled()


def test_context_variables_go_along() -> None:
    async def read() -> str:
        return variable.get()

    token = variable.set("mine")
    try:
        seen = from_sync.call_in_loop_thread(create_call(read))
        in_thread = from_sync.call_in_new_thread(create_call(variable.get))
    finally:
        variable.reset(token)

    assert (seen, in_thread) == ("mine", "mine")


def test_callbacks_run_when_the_call_has_ended() -> None:
    done: list[str] = []

    from_sync.wait_for_call_in_new_thread(
        lambda: done.append("call"),
        done_callbacks=[create_call(done.append, "callback")],
    )

    assert sorted(done) == ["call", "callback"]


def test_call_made_directly() -> None:
    assert create_call(max, 1, 2)() == 2
    assert create_call(give, 2)() == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_child_after_fork_gets_its_own_loop() -> None:
    code = """
import os
from prefect.utilities.asyncutils import run_coro_as_sync
async def pid(): return os.getpid()
assert run_coro_as_sync(pid()) == os.getpid()
child = os.fork()
if child == 0:
    os._exit(0 if run_coro_as_sync(pid()) == os.getpid() else 1)
assert os.waitpid(child, 0)[1] == 0
"""

    subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code], check=True, timeout=60
    )


def test_process_ends_although_something_still_runs() -> None:
    code = """
import asyncio
from prefect.utilities.asyncutils import run_coro_as_sync
async def forever():
    try:
        await asyncio.sleep(3600)
    finally:
        print("cleaned up", flush=True)
run_coro_as_sync(forever(), wait_for_result=False)
async def nothing(): await asyncio.sleep(0)
run_coro_as_sync(nothing())
"""

    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True, timeout=60, capture_output=True, text=True,
    )  # fmt: skip

    assert result.stdout == "cleaned up\n"
    assert result.stderr == ""
