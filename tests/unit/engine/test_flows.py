"""What a call of a flow does, on both faces."""

import builtins
import dataclasses
import time
from typing import Any

import pydantic
import pytest

from prefect import Flow, flow, tags, task
from prefect.context import FlowRunContext, TaskRunContext, get_run_context
from prefect.exceptions import (
    FailedRun,
    InvalidNameError,
    MissingContextError,
    ParameterBindError,
    ParameterTypeError,
    ReservedArgumentError,
)
from prefect.flow_engine import FlowRunTimeoutError
from prefect.logging import LogEavesdropper
from prefect.logging.configuration import ensure_logging_setup
from prefect.runtime import flow_run as current
from prefect.states import Cancelled, Completed, Failed


def test_flow_returns_what_its_function_returns(face):
    double = flow(face.make(lambda x: 2 * x), name="double")

    assert face.call(double, 4) == 8


def test_state_holds_the_result(face):
    state = face.call(flow(face.make(lambda: 7), name="seven"), return_state=True)

    assert state.is_completed()
    assert state.result() == 7


def test_state_holds_a_result_that_is_none(face):
    state = face.call(flow(face.make(lambda: None), name="nothing"), return_state=True)

    assert state.result() is None


@pytest.mark.parametrize(
    "error", [ValueError("v"), KeyError("k"), LookupError(), StopAsyncIteration(1)]
)
def test_exception_is_the_same_object(face, error):
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        face.call(flow(face.make(fail)))

    assert raised.value is error


def test_stop_iteration_of_a_sync_flow_is_the_same_object():
    error = StopIteration(3)

    @flow
    def fail() -> None:
        raise error

    with pytest.raises(StopIteration) as raised:
        fail()

    assert raised.value is error


def test_failed_state_names_the_exception(face):
    def fail() -> None:
        raise ValueError("no such city")

    state = face.call(flow(face.make(fail)), return_state=True)

    assert state.is_failed()
    assert "ValueError: no such city" in state.message
    with pytest.raises(ValueError, match="no such city"):
        state.result()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_interrupt_crashes_the_run_and_stays_itself(face, error):
    seen: list[Any] = []

    def stop() -> None:
        raise error

    stopped = flow(face.make(stop), on_crashed=[lambda *given: seen.append(given[2])])

    with pytest.raises(type(error)) as raised:
        face.call(stopped)

    assert raised.value is error
    assert [state.name for state in seen] == ["Crashed"]


class Point(pydantic.BaseModel):
    x: int


@dataclasses.dataclass
class Pair:
    left: int
    right: int


def take(number: int, point: Point, pair: Pair, *rest: int, key: str = "k", **more: float) -> Any:
    return number, point, pair, rest, key, more


def test_parameters_are_coerced(face):
    result = face.call(
        flow(face.make(take)), "1", {"x": "2"}, {"left": 3, "right": "4"}, "5", a="6.5"
    )

    assert result == (1, Point(x=2), Pair(3, 4), (5,), "k", {"a": 6.5})


def test_parameters_are_left_alone_without_validation(face):
    untouched = flow(face.make(take), validate_parameters=False)

    assert face.call(untouched, "1", None, None)[:3] == ("1", None, None)


def test_parameter_that_does_not_fit_is_named(face):
    def count(number: int) -> int:
        return number

    counted = flow(face.make(count))

    with pytest.raises(ParameterTypeError, match=r"number: .*got 'many'"):
        face.call(counted, "many")
    assert face.call(counted, "many", return_state=True).is_failed()


def test_parameter_called_like_a_field_of_pydantic_works(face):
    def show(schema: int, _hidden: int = 2, model_config: int = 3) -> tuple[int, ...]:
        return schema, _hidden, model_config

    assert face.call(flow(face.make(show)), "1") == (1, 2, 3)


def test_call_that_does_not_fit_the_signature_is_refused():
    @flow
    def one(x: int) -> int:
        return x

    with pytest.raises(ParameterBindError, match="too many positional"):
        one(1, 2)
    with pytest.raises(ParameterBindError, match="'x'"):
        one()
    with pytest.raises(ParameterBindError):
        one(1, x=2)


def test_reserved_parameter_is_refused():
    with pytest.raises(ReservedArgumentError, match="return_state"):

        @flow
        def bad(return_state: bool) -> None: ...


def test_name_is_made_of_the_function():
    @flow
    def nightly_report() -> None: ...

    assert nightly_report.name == "nightly-report"


@pytest.mark.parametrize("name", ["a/b", "50%", "a&b", "<lambda>"])
def test_name_with_banned_characters_is_refused(name):
    with pytest.raises(InvalidNameError, match=r"lambda|may not"):
        flow(lambda: None, name=name)


def test_run_name_comes_from_a_template(face):
    named = flow(face.make(lambda x: current.name), name="named", flow_run_name="city-{x}")

    assert face.call(named, "Rome") == "city-Rome"


def test_run_name_comes_from_a_function(face):
    named = flow(
        face.make(lambda x: current.name), name="n", flow_run_name=lambda: f"{current.parameters}"
    )

    assert face.call(named, 3) == "{'x': 3}"


def test_run_name_with_an_unknown_parameter_fails_the_run(face):
    named = flow(face.make(lambda: 1), name="named", flow_run_name="{city}")

    assert face.call(named, return_state=True).is_failed()


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_flow_is_retried(face, attempts):
    counts: list[int] = []

    def flaky() -> str:
        counts.append(current.run_count)
        if len(counts) < attempts:
            raise ValueError("again")
        return "done"

    assert face.call(flow(face.make(flaky), retries=2)) == "done"
    assert counts == list(range(1, attempts + 1))


def test_flow_fails_when_the_retries_are_used_up(face):
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise ValueError("always")

    with pytest.raises(ValueError, match="always"):
        face.call(flow(face.make(fail), retries=2))
    assert len(calls) == 3


def test_sync_flow_times_out():
    @flow(timeout_seconds=0.05)
    def slow() -> None:
        time.sleep(30)

    with pytest.raises(FlowRunTimeoutError):
        slow()
    assert slow(return_state=True).name == "TimedOut"


def test_async_flow_times_out(face):
    import asyncio

    @flow(timeout_seconds=0.05)
    async def slow() -> None:
        await asyncio.sleep(30)

    with pytest.raises(FlowRunTimeoutError):
        asyncio.run(slow())


HOOKS = ("on_running", "on_completion", "on_failure", "on_cancellation", "on_crashed")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, ["on_running:Running", "on_completion:Completed"]),
        (ValueError(), ["on_running:Running", "on_failure:Failed"]),
        (Cancelled(), ["on_running:Running", "on_cancellation:Cancelled"]),
    ],
)
def test_hooks_are_called_once_each(face, value, expected):
    called: list[str] = []

    def body() -> Any:
        if isinstance(value, Exception):
            raise value
        return value

    def noting(kind: str) -> Any:
        return lambda flow_, run, state: called.append(f"{kind}:{state.name}")

    hooked = flow(face.make(body), **{kind: [noting(kind)] for kind in HOOKS})
    face.call(hooked, return_state=True)

    assert called == expected


def test_hook_of_the_other_colour_is_called(face):
    called: list[str] = []

    async def async_hook(flow_: Any, run: Any, state: Any) -> None:
        called.append("async")

    def sync_hook(flow_: Any, run: Any, state: Any) -> None:
        called.append("sync")

    face.call(flow(face.make(lambda: 1), name="f", on_completion=[async_hook, sync_hook]))

    assert called == ["async", "sync"]


def test_hook_that_fails_changes_nothing(face):
    called: list[str] = []

    def bad(*_: Any) -> None:
        raise RuntimeError("hook")

    hooked = flow(
        face.make(lambda: 5), name="f", on_completion=[bad, lambda *_: called.append("next")]
    )

    assert face.call(hooked) == 5
    assert called == ["next"]


def test_hooks_that_are_no_list_are_refused():
    with pytest.raises(TypeError, match="list of functions"):
        flow(lambda: 1, name="f", on_failure=print)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "name"),
    [
        ([Completed(), Completed()], "Completed"),
        ([Completed(), Failed()], "Failed"),
        ([Failed(), Cancelled()], "Cancelled"),
    ],
)
def test_states_that_are_returned_decide_together(face, states, name):
    several = flow(face.make(lambda: states), name="several")

    assert face.call(several, return_state=True).name == name
    assert face.call(several) is states


def test_state_that_is_returned_is_the_run_s(face):
    assert face.call(flow(face.make(lambda: Completed(data=5)), name="own")) == 5
    failed = flow(face.make(lambda: Failed(message="nope")), name="own")
    assert face.call(failed, return_state=True).message == "nope"
    with pytest.raises(FailedRun, match="nope"):
        face.call(failed)


def test_context_shows_the_run(face):
    def look() -> Any:
        context = FlowRunContext.get()
        assert context is not None
        assert get_run_context() is context
        return context.flow.name, context.parameters, context.flow_run.run_count

    assert face.call(flow(face.make(look))) == ("look", {}, 1)
    assert FlowRunContext.get() is None
    with pytest.raises(MissingContextError):
        get_run_context()


def test_tags_reach_the_run(face):
    tagged = flow(face.make(lambda: current.tags), name="tagged")

    with tags("b", "a"):
        assert face.call(tagged) == ["a", "b"]
    assert face.call(tagged) == []


def test_subflow_is_no_child_of_a_task():
    @flow
    def inner() -> Any:
        return TaskRunContext.get(), current.name

    @task
    def calling() -> Any:
        return inner()

    @flow
    def outer() -> Any:
        return calling(), current.name

    (context, inner_name), outer_name = outer()

    assert context is None
    assert inner_name != outer_name


class Shop:
    def __init__(self, price: int) -> None:
        self.price = price

    @flow
    def total(self, count: int) -> int:
        return self.price * count

    @flow
    @classmethod
    def name_of(cls) -> str:
        return cls.__name__

    @flow
    @staticmethod
    def tax(value: int) -> int:
        return value // 10

    @flow
    async def later(self, count: int) -> int:
        return self.price * count


def test_methods_are_bound():
    import asyncio

    assert Shop(3).total(2) == 6
    assert Shop(4).total("2") == 8  # type: ignore[arg-type]
    assert Shop.name_of() == "Shop"  # type: ignore[call-arg]
    assert Shop.tax(50) == 5
    assert asyncio.run(Shop(2).later(5)) == 10


def test_options_are_changed_in_a_copy():
    @flow(retries=1, timeout_seconds=5)
    def plain() -> int:
        return 1

    changed = plain.with_options(name="other", retries=4)

    assert isinstance(changed, Flow)
    assert (changed.name, changed.retries, changed.timeout_seconds) == ("other", 4, 5.0)
    assert (plain.name, plain.retries) == ("plain", 1)
    assert changed() == 1


def test_prints_are_logged(face):
    ensure_logging_setup()  # it takes the handlers away that are there
    real = builtins.print

    def body() -> None:
        assert builtins.print is not real
        builtins.print("hello")  # noqa: T201  # what the test is about

    with LogEavesdropper("prefect.flow_runs", level=20) as listener:
        face.call(flow(face.make(body), log_prints=True))

    assert "[INFO]: hello" in listener.text()
    assert builtins.print is real


def test_generator_flow_yields_as_it_goes():
    @flow
    def counting() -> Any:
        assert FlowRunContext.get() is not None
        yield 1
        yield 2
        return "end"

    items = counting()

    assert next(items) == 1
    assert FlowRunContext.get() is None  # between the items the caller is outside
    assert list(items) == [2]


def test_generator_flow_ends_when_the_caller_stops():
    ended: list[str] = []

    @flow(on_completion=[lambda *_: ended.append("hook")])
    def counting() -> Any:
        try:
            yield 1
            yield 2
        finally:
            ended.append("closed")

    items = counting()
    next(items)
    items.close()

    assert ended == ["closed", "hook"]


def test_async_generator_flow_yields_as_it_goes():
    import asyncio

    @flow
    async def counting() -> Any:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    async def collect() -> list[int]:
        return [item async for item in counting()]

    assert asyncio.run(collect()) == [0, 1, 2]


def test_generator_flow_raises_what_the_generator_raises():
    @flow
    def failing() -> Any:
        yield 1
        raise ValueError("later")

    items = failing()
    assert next(items) == 1
    with pytest.raises(ValueError, match="later"):
        next(items)
