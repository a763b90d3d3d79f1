"""What a call of a task does, on both faces; submitted tasks; inputs."""

import asyncio
import threading
import time
from typing import Any

import pytest

from prefect import Task, allow_failure, flow, task, unmapped
from prefect.context import TaskRunContext
from prefect.exceptions import MappingLengthMismatch, MappingMissingIterable, UpstreamTaskError
from prefect.futures import as_completed, wait
from prefect.runtime import task_run as current
from prefect.states import Failed
from prefect.task_engine import TaskRunTimeoutError
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote


@task
def same(x: Any) -> Any:
    return x


@task
def fail(x: Any = None) -> Any:
    raise ValueError("boom")


def test_task_returns_what_its_function_returns(face):
    assert face.call(task(face.make(lambda x: 2 * x)), 4) == 8


@pytest.mark.parametrize("error", [ValueError("v"), StopAsyncIteration(), KeyboardInterrupt()])
def test_exception_is_the_same_object(face, error):
    def body() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        face.call(task(face.make(body)))

    assert raised.value is error


def test_stop_iteration_reaches_the_flow():
    error = StopIteration("end")

    @task
    def ending() -> None:
        raise error

    @flow
    def catching() -> Any:
        try:
            ending()
        except StopIteration as caught:
            return caught is error

    assert catching() is True


def test_task_is_retried(face):
    counts: list[int] = []

    def flaky() -> str:
        counts.append(current.run_count)
        if len(counts) < 3:
            raise ValueError("again")
        return "done"

    assert face.call(task(face.make(flaky), retries=2)) == "done"
    assert counts == [1, 2, 3]


@pytest.mark.parametrize(
    ("delay", "expected"),
    [(7, [7, 7, 7]), ([1, 2], [1, 2, 2]), (exponential_backoff(10), [10, 20, 40]), (None, [0] * 3)],
)
def test_retry_delay_of_each_attempt(delay, expected):
    delayed = task(lambda: 1, retries=3, retry_delay_seconds=delay)

    assert [delayed._retry_delay(attempt) for attempt in (1, 2, 3)] == expected


def test_too_many_retry_delays_are_refused():
    with pytest.raises(ValueError, match="50"):
        task(lambda: 1, retry_delay_seconds=[1] * 51)
    with pytest.raises(ValueError, match="negative"):
        task(lambda: 1, retry_jitter_factor=-1)


@pytest.mark.parametrize("decision", [True, False])
def test_condition_decides_about_retries(face, decision):
    asked: list[str] = []
    calls: list[int] = []

    def body() -> None:
        calls.append(1)
        raise ValueError("x")

    def condition(task_: Any, run: Any, state: Any) -> bool:
        asked.append(f"{run.run_count}:{state.name}")
        return decision

    state = face.call(
        task(face.make(body), retries=2, retry_condition_fn=condition), return_state=True
    )

    assert state.is_failed()
    assert len(calls) == (3 if decision else 1)
    assert asked == (["1:Failed", "2:Failed"] if decision else ["1:Failed"])


def test_condition_that_fails_ends_the_retries(face):
    calls: list[int] = []

    def body() -> None:
        calls.append(1)
        raise ValueError("x")

    def condition(*_: Any) -> bool:
        raise RuntimeError("condition")

    with pytest.raises(ValueError, match="x"):
        face.call(task(face.make(body), retries=2, retry_condition_fn=condition))
    assert len(calls) == 1


def test_task_in_the_main_thread_times_out():
    @task(timeout_seconds=0.05)
    def slow() -> None:
        time.sleep(30)

    with pytest.raises(TaskRunTimeoutError):
        slow()
    assert slow(return_state=True).name == "TimedOut"


def test_task_in_a_thread_times_out():
    @task(timeout_seconds=0.05)
    def slow() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            threading.Event().wait(0.001)

    @flow
    def run() -> str:
        return slow.submit(return_state=True).name  # type: ignore[return-value]

    assert run() == "TimedOut"


def test_async_task_times_out():
    @task(timeout_seconds=0.05)
    async def slow() -> None:
        await asyncio.sleep(30)

    with pytest.raises(TaskRunTimeoutError):
        asyncio.run(slow())


def test_hooks_are_called_once_each(face):
    called: list[str] = []

    def noting(kind: str) -> Any:
        return lambda task_, run, state: called.append(f"{kind}:{state.name}")

    options = {f"on_{kind}": [noting(kind)] for kind in ("running", "completion", "failure")}
    face.call(task(face.make(lambda: 1), **options))
    assert called == ["running:Running", "completion:Completed"]

    called.clear()
    with pytest.raises(ZeroDivisionError):
        face.call(task(face.make(lambda: 1 / 0), **options))
    assert called == ["running:Running", "failure:Failed"]


def test_run_name_comes_from_template_or_function(face):
    def named(x: int) -> Any:
        return current.name

    assert face.call(task(face.make(named), task_run_name="x-{x}"), 3) == "x-3"
    with_parameters = task(face.make(named), task_run_name=lambda parameters: str(parameters))
    assert face.call(with_parameters, 3) == "{'x': 3}"
    assert face.call(task(face.make(named), task_run_name=lambda: "fixed"), 3) == "fixed"
    broken = task(face.make(named), task_run_name="{city}")
    assert face.call(broken, 3, return_state=True).is_failed()


def test_context_shows_the_run(face):
    def look(x: int) -> Any:
        context = TaskRunContext.get()
        assert context is not None
        return context.task.name, context.parameters, context.task_run.state_name

    assert face.call(task(face.make(look)), 5) == ("look", {"x": 5}, "Running")
    assert TaskRunContext.get() is None


def test_async_tasks_run_side_by_side():
    arrived: list[int] = []

    @task
    async def meet(number: int, all_here: asyncio.Event) -> int:
        arrived.append(number)
        if len(arrived) == 3:
            all_here.set()
        await asyncio.wait_for(all_here.wait(), 10)
        current_run = TaskRunContext.get()
        assert current_run is not None
        assert current_run.parameters["number"] == number
        return number

    @flow
    async def meeting() -> Any:
        event = asyncio.Event()
        return await asyncio.gather(*[meet(number, event) for number in range(3)])

    assert asyncio.run(meeting()) == [0, 1, 2]


def test_submitted_tasks_run_side_by_side():
    barrier = threading.Barrier(20, timeout=20)

    @task
    def meet(number: int) -> int:
        barrier.wait()
        return number

    @flow
    def meeting() -> Any:
        return meet.map(range(20)).result()

    assert meeting() == list(range(20))


def test_limit_of_workers_is_kept():
    running: list[int] = []
    most: list[int] = []

    @task
    def count(number: int) -> None:
        running.append(number)
        most.append(len(running))
        threading.Event().wait(0.002)
        running.remove(number)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=2))
    def counting() -> None:
        count.map(range(20)).wait()

    counting()

    assert max(most) <= 2


def test_tasks_that_wait_for_tasks_do_not_starve_each_other():
    @task
    def outer(number: int) -> Any:
        return same.submit(number).result(timeout=20)

    @flow
    def nested() -> Any:
        return outer.map(range(10)).result()

    assert nested() == list(range(10))


def test_async_task_is_submitted_from_a_sync_flow():
    @task
    async def later(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @flow
    def run() -> Any:
        return later.map([1, 2]).result(), later.submit(3).result()

    assert run() == ([1, 2], 3)


def test_futures_in_arguments_are_replaced_by_results():
    @flow
    def run() -> Any:
        future = same.submit(1)
        return same({"a": [future], "b": (same.submit(2), 3)}), same(future)

    assert run() == ({"a": [1], "b": (2, 3)}, 1)


def test_quoted_argument_is_not_searched():
    @flow
    def run() -> Any:
        future = same.submit(1)
        return same(quote([future])) == [future]

    assert run() is True


@pytest.mark.parametrize("way", ["argument", "wait_for"])
def test_failed_input_keeps_a_task_from_starting(way):
    started: list[int] = []

    @task
    def after(x: Any = None) -> None:
        started.append(1)

    @flow
    def run() -> Any:
        upstream = fail.submit()
        if way == "argument":
            return after.submit(upstream, return_state=True).name
        return after.submit(wait_for=[upstream], return_state=True).name

    assert run() == "NotReady"
    assert started == []


def test_failed_input_of_a_direct_call_is_raised():
    @flow
    def run() -> Any:
        with pytest.raises(UpstreamTaskError, match="allow_failure"):
            same(fail(return_state=True))
        return True

    assert run() is True


def test_allowed_failure_gives_the_exception():
    @flow
    def run() -> Any:
        return same(allow_failure(fail.submit()))

    assert isinstance(run(), ValueError)


def test_map_spreads_iterables_only():
    @task
    def add(x: int, y: int, z: int = 1) -> int:
        return x + y + z

    @flow
    def run() -> Any:
        doubled = same.map([1, 2])
        return (
            add.map([1, 2], 10).result(),
            add.map([1, 2], same.submit(5)).result(),
            add.map(doubled, [3, 4], z=unmapped(0)).result(),
        )

    assert run() == ([12, 13], [7, 8], [4, 6])


def test_map_needs_iterables_of_one_length():
    @flow
    def run() -> None:
        with pytest.raises(MappingMissingIterable):
            same.map(1)
        with pytest.raises(MappingLengthMismatch):
            task(lambda a, b: 1, name="two").map([1], [1, 2])

    run()


def test_futures_are_waited_for_together():
    release = threading.Event()

    @task
    def held(x: int) -> int:
        if x:
            release.wait(20)
        return x

    @flow
    def run() -> Any:
        futures = held.map([1, 0])
        first = next(as_completed(futures, timeout=20))
        done, not_done = wait(futures, timeout=0)
        release.set()
        return first is futures[1], len(done), len(not_done), futures.result(timeout=20)

    assert run() == (True, 1, 1, [1, 0])


def test_future_says_when_time_is_up():
    release = threading.Event()

    @task
    def held() -> int:
        release.wait(20)
        return 1

    @flow
    def run() -> Any:
        future = held.submit()
        with pytest.raises(TimeoutError, match="goes on"):
            future.result(timeout=0.01)
        release.set()
        return future.result()

    assert run() == 1


def test_flow_waits_for_tasks_nobody_waited_for():
    done: list[int] = []

    @task
    def slow(x: int) -> None:
        threading.Event().wait(0.01)
        done.append(x)

    @flow(on_completion=[lambda *_: done.append(-1)])
    def run() -> None:
        slow.map([1, 2])

    run()

    assert sorted(done[:2]) == [1, 2]
    assert done[2:] == [-1]


def test_failed_flow_drops_tasks_that_have_not_begun():
    release = threading.Event()
    begun: list[int] = []

    @task
    def held(x: int) -> None:
        begun.append(x)
        release.wait(20)

    futures: list[Any] = []

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def run() -> None:
        futures.extend(held.map(range(5)))
        threading.Timer(0.05, release.set).start()
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        run()
    assert len(begun) <= 1
    assert futures[-1].state.is_cancelled()


def test_task_cannot_be_submitted_outside_of_flows():
    with pytest.raises(RuntimeError, match="inside a flow"):
        same.submit(1)
    with pytest.raises(RuntimeError, match="inside a flow"):
        same.map([1])


def test_task_cannot_be_submitted_after_its_flow_ended():
    kept: list[Any] = []

    @flow
    def run() -> None:
        from prefect.context import FlowRunContext

        context = FlowRunContext.get()
        assert context is not None
        kept.append(context.task_runner)

    run()

    with pytest.raises(RuntimeError, match="not started"):
        kept[0].submit(same, {"x": 1})


def test_flow_that_returns_a_failed_future_fails():
    @flow
    def run() -> Any:
        return fail.submit()

    assert run(return_state=True).is_failed()
    with pytest.raises(ValueError, match="boom"):
        run()


def test_failed_state_that_a_task_returns_fails_it(face):
    failing = task(face.make(lambda: Failed(message="nope")), name="failing")

    state = face.call(failing, return_state=True)

    assert (state.name, state.message) == ("Failed", "nope")


def test_methods_are_bound():
    class Shop:
        price = 3

        @task
        def total(self, count: int) -> int:
            return self.price * count

        @task
        @staticmethod
        def tax(value: int) -> int:
            return value // 10

    assert Shop().total(2) == 6
    assert Shop.tax(20) == 2
    assert Shop().total.task_key == Shop.total.task_key


def test_options_are_changed_in_a_copy():
    changed = same.with_options(name="other", retries=4, tags=["t"])

    assert isinstance(changed, Task)
    assert (changed.name, changed.retries, changed.tags) == ("other", 4, {"t"})
    assert (same.name, same.retries, same.tags) == ("same", 0, set())


def test_task_key_tells_code_apart():
    def make(body: int) -> Any:
        namespace: dict[str, Any] = {}
        exec(f"def work(): return {body}", namespace)
        return task(namespace["work"])

    assert make(1).task_key == make(1).task_key
    assert make(1).task_key != make(2).task_key
    assert make(1).task_key.startswith("work-")


def test_generator_task_yields_as_it_goes():
    @task
    def counting() -> Any:
        yield 1
        yield 2

    @flow
    def run() -> Any:
        items = counting()
        first = next(items)
        assert TaskRunContext.get() is None
        return first, list(items), counting.submit().result()

    assert run() == (1, [2], [1, 2])


def test_local_mode_opens_no_socket(monkeypatch):
    import socket

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    @flow
    def run() -> Any:
        return same(1), same.map([1, 2]).result()

    monkeypatch.setattr(socket, "socket", refuse)

    assert run() == (1, [1, 2])
