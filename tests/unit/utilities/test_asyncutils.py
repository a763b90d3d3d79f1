"""Sync and async code calling each other."""

import asyncio
import contextvars
import functools
import threading
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from prefect.utilities import asyncutils
from prefect.utilities.asyncutils import (
    GatherIncomplete,
    LazySemaphore,
    add_event_loop_shutdown_callback,
    asyncnullcontext,
    create_gather_task_group,
    create_task,
    gather,
    in_async_main_thread,
    in_async_worker_thread,
    is_async_fn,
    is_async_gen_fn,
    run_async_from_worker_thread,
    run_async_in_new_loop,
    run_coro_as_sync,
    run_sync_in_worker_thread,
    sync,
    sync_compatible,
)

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def thread_id() -> int:
    return threading.get_ident()


async def echo(value: Any) -> Any:
    return value


async def fail() -> None:
    raise ValueError("no")


def test_coroutine_runs_from_a_plain_thread() -> None:
    assert run_coro_as_sync(echo(5)) == 5


def test_coroutine_runs_inside_a_running_loop() -> None:
    async def main() -> Any:
        return run_coro_as_sync(echo(5))

    assert asyncio.run(main()) == 5


def test_coroutine_runs_inside_a_coroutine_that_runs_so() -> None:
    async def outer() -> Any:
        return run_coro_as_sync(echo("inner"))

    assert run_coro_as_sync(outer()) == "inner"


def test_calls_share_one_loop_so_that_loop_bound_things_keep_working() -> None:
    async def make() -> asyncio.Future[int]:
        return asyncio.get_running_loop().create_future()

    async def finish(future: asyncio.Future[int]) -> int:
        future.set_result(3)
        return await future

    assert run_coro_as_sync(finish(run_coro_as_sync(make()))) == 3


def test_new_thread_can_be_forced() -> None:
    assert run_coro_as_sync(thread_id(), force_new_thread=True) != run_coro_as_sync(thread_id())


def test_not_waiting_gives_nothing_and_still_runs() -> None:
    ran = threading.Event()

    async def work() -> None:
        ran.set()

    assert run_coro_as_sync(work(), wait_for_result=False) is None
    assert ran.wait(10)


def test_errors_come_through() -> None:
    with pytest.raises(ValueError, match="no"):
        run_coro_as_sync(fail())


def test_function_that_was_not_called_is_refused() -> None:
    with pytest.raises(TypeError, match="needs a coroutine"):
        run_coro_as_sync(fail)  # type: ignore[call-overload]  # the mistake under test


@pytest.mark.parametrize("force_new_thread", [False, True])
def test_context_variables_go_along(force_new_thread: bool) -> None:
    async def read() -> str:
        return variable.get()

    token = variable.set("mine")
    try:
        assert run_coro_as_sync(read(), force_new_thread=force_new_thread) == "mine"
    finally:
        variable.reset(token)


def test_interrupted_wait_cancels_the_coroutine() -> None:
    from prefect._internal.concurrency._loops import shared_loop

    cancelled = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(Exception):  # noqa: B017  # TimeoutError has two classes before 3.11
        shared_loop().run(forever(), timeout=0.01)

    assert cancelled.wait(10)


@sync_compatible
async def compatible(value: int) -> tuple[int, int]:
    return value, threading.get_ident()


def test_sync_compatible_gives_the_result_to_sync_callers() -> None:
    assert compatible(1)[0] == 1  # type: ignore[index]  # a result here


def test_sync_compatible_gives_a_coroutine_to_async_callers() -> None:
    async def main() -> Any:
        return await compatible(1)  # type: ignore[misc]  # a coroutine here

    assert asyncio.run(main()) == (1, threading.get_ident())


def test_sync_compatible_choice_by_hand_wins() -> None:
    async def main() -> Any:
        return compatible(1, _sync=True)  # type: ignore[call-arg]  # not part of the typed signature

    assert asyncio.run(main())[0] == 1
    assert asyncio.run(compatible.aio(2))[0] == 2  # type: ignore[attr-defined]  # added


def test_sync_compatible_refuses_sync_functions() -> None:
    with pytest.raises(TypeError, match="async function"):
        sync_compatible(lambda: None)  # type: ignore[arg-type,return-value]  # the mistake under test


def test_worker_thread_is_another_thread_and_knows_it() -> None:
    async def main() -> Any:
        return (
            await run_sync_in_worker_thread(threading.get_ident),
            in_async_main_thread(),
            await run_sync_in_worker_thread(
                lambda: (in_async_main_thread(), in_async_worker_thread())
            ),
        )

    worker, here, there = asyncio.run(main())

    assert worker != threading.get_ident()
    assert here is True
    assert there == (False, True)
    assert not in_async_main_thread()
    assert not in_async_worker_thread()


def test_worker_thread_gets_arguments_and_context() -> None:
    async def main() -> Any:
        variable.set("outside")
        return await run_sync_in_worker_thread(
            lambda *args, **kwargs: (args, kwargs, variable.get()), 1, b=2
        )

    assert asyncio.run(main()) == ((1,), {"b": 2}, "outside")


def test_worker_thread_calls_back_into_its_loop() -> None:
    async def main() -> Any:
        return await run_sync_in_worker_thread(
            lambda: (run_async_from_worker_thread(thread_id), sync(thread_id))
        )

    here = threading.get_ident()

    assert asyncio.run(main()) == (here, here)


def test_calling_back_needs_a_worker_thread() -> None:
    with pytest.raises(RuntimeError):
        run_async_from_worker_thread(thread_id)


def test_sync_runs_a_loop_of_its_own() -> None:
    assert sync(echo, 1) == 1
    assert run_async_in_new_loop(echo, 2) == 2


def test_sync_inside_a_loop_warns() -> None:
    async def main() -> Any:
        with pytest.warns(UserWarning, match="event loop"):
            return sync(echo, 3)

    assert asyncio.run(main()) == 3


def test_async_functions_are_told_through_wrappers() -> None:
    @functools.wraps(echo)
    def wrapper(*args: Any) -> Any:
        return echo(*args)

    async def generate() -> AsyncGenerator[int, None]:
        yield 1

    assert is_async_fn(wrapper)
    assert is_async_fn(functools.partial(echo, 1))
    assert not is_async_fn(generate)
    assert is_async_gen_fn(generate)
    assert not is_async_gen_fn(echo)


def test_gather_keeps_the_order() -> None:
    async def main() -> Any:
        async def late() -> str:
            await asyncio.sleep(0)
            return "late"

        async def early() -> str:
            return "early"

        return await gather(late, early)

    assert asyncio.run(main()) == ["late", "early"]


def test_group_gives_results_after_its_end_only() -> None:
    async def main() -> Any:
        async with create_gather_task_group() as group:
            key = group.start_soon(echo, 5)
            with pytest.raises(GatherIncomplete):
                group.get_result(key)
        return group.get_result(key)

    assert asyncio.run(main()) == 5


def test_background_task_is_kept_until_it_ends() -> None:
    async def main() -> Any:
        task = create_task(echo(1))
        kept = task in asyncutils.BACKGROUND_TASKS
        result = await task
        await asyncio.sleep(0)
        return kept, result, task in asyncutils.BACKGROUND_TASKS

    assert asyncio.run(main()) == (True, 1, False)


def test_shutdown_callback_runs_at_the_end_of_the_loop() -> None:
    calls: list[str] = []

    async def callback() -> None:
        calls.append("called")

    async def main() -> None:
        await add_event_loop_shutdown_callback(callback)
        calls.append("main")

    asyncio.run(main())

    assert calls == ["main", "called"]
    assert not asyncutils.EVENT_LOOP_GC_REFS


def test_null_context_gives_its_value() -> None:
    async def main() -> Any:
        async with asyncnullcontext(3, "ignored", also=1) as value:
            return value

    assert asyncio.run(main()) == 3


def test_lazy_semaphore_asks_once() -> None:
    asked: list[int] = []

    def size() -> int:
        asked.append(1)
        return 1

    async def main() -> None:
        semaphore = LazySemaphore(size)
        for _ in range(2):
            async with semaphore as inner:
                assert inner.locked()

    asyncio.run(main())

    assert asked == [1]
