"""Annotations, text, slugs, intervals, time limits, retries, launchers, URLs with secrets."""

import asyncio
import pickle
import threading
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect._internal.launchers import get_launcher_for_side, resolve_bundle_step_with_launcher
from prefect._internal.retries import exponential_backoff_with_jitter, retry_async_fn
from prefect._internal.urls import strip_auth_from_urls_in_text
from prefect.utilities.annotations import Quote, allow_failure, freeze, opaque, quote, unmapped
from prefect.utilities.math import (
    bounded_poisson_interval,
    clamped_poisson_interval,
    exponential_cdf,
    lower_clamp_multiple,
    poisson_interval,
)
from prefect.utilities.services import critical_service_loop
from prefect.utilities.slugify import slugify
from prefect.utilities.text import fuzzy_match_string, truncated_to
from prefect.utilities.timeout import timeout, timeout_async


@pytest.mark.parametrize("kind", [unmapped, allow_failure, quote, opaque, freeze])
def test_annotations_hold_a_value(kind: Any) -> None:
    mark = kind([1])

    assert mark.unwrap() == mark.value == [1]
    assert mark == kind([1])
    assert mark != kind([2])
    assert mark.rewrap(5) == kind(5)
    assert repr(mark) == f"{kind.__name__}([1])"
    assert pickle.loads(pickle.dumps(mark)) == mark


def test_annotations_of_different_kinds_differ() -> None:
    assert unmapped(1) != allow_failure(1)


def test_unmapped_has_its_value_at_every_place() -> None:
    assert unmapped(3)[99] == 3


def test_frozen_values_must_be_json() -> None:
    assert freeze({"a": 1}).unfreeze() == {"a": 1}
    with pytest.raises(ValueError, match="JSON"):
        freeze(object())


def test_former_name_of_quote_warns() -> None:
    with pytest.warns(DeprecationWarning, match="quote"):
        assert Quote(1).unquote() == 1


@given(st.integers(0, 50), st.text(max_size=200))
def test_truncating_never_lengthens(length: int, text: str) -> None:
    assert len(truncated_to(length, text)) <= len(text)


def test_truncating_keeps_both_ends() -> None:
    short = truncated_to(4, "ab" + "x" * 100 + "yz")

    assert short.startswith("ab...100 more")
    assert short.endswith("...yz")
    assert truncated_to(4, None) == ""


def test_likely_word_is_found() -> None:
    assert fuzzy_match_string("flwo", ["task", "flow"]) == "flow"
    assert fuzzy_match_string("zzz", ["task", "flow"]) is None


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Hello World", "hello-world"), ("a_b.c", "a-b-c"), ("Élan vital!", "elan-vital"),
        (" AWS  S3 ", "aws-s3"), ("it's", "it-s"), ("1.5.2", "1-5-2"), ("ß ø Ł", "ss-o-l"),
        ("&amp;", ""), ("a&b", "a-b"),
        ("&#381;ivot", "zivot"), (b"bytes", "bytes"), ("100%", "100"),
    ],
)  # fmt: skip
def test_slugs(text: Any, slug: str) -> None:
    assert slugify(text) == slug


@given(st.text())
def test_slugs_are_stable_and_plain(text: str) -> None:
    slug = slugify(text)

    assert slugify(slug) == slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize(
    ("options", "slug"),
    [
        ({"max_length": 8}, "hello-wo"),
        ({"max_length": 8, "word_boundary": True}, "hello"),
        ({"separator": "_"}, "hello_world"),
        ({"stopwords": ["World"]}, "hello"),
        ({"lowercase": False}, "Hello-World"),
        ({"replacements": [["World", "Moon"]], "replacement_stage": "pre"}, "hello-moon"),
        ({"replacements": [["World", "Moon"]], "replacement_stage": "post"}, "hello-world"),
    ],
)
def test_slug_options(options: Any, slug: str) -> None:
    assert slugify("Hello World", **options) == slug


@pytest.mark.parametrize("option", ["backend", "algorithm", "replacement_stage"])
def test_unknown_slug_options_are_refused(option: str) -> None:
    options: Any = {option: "nonsense"}

    with pytest.raises(ValueError, match=option):
        slugify("x", **options)


@given(st.floats(0, 1e6), st.floats(0.01, 5))
def test_clamped_intervals_stay_near_the_average(average: float, factor: float) -> None:
    interval = clamped_poisson_interval(average, factor)

    assert 0 <= interval <= average * (1 + factor)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_bounded_intervals_stay_in_their_bounds(lower: float, width: float) -> None:
    assert lower <= bounded_poisson_interval(lower, lower + width) <= lower + width


def test_intervals_have_the_average_asked_for() -> None:
    intervals = [clamped_poisson_interval(10, 0.3) for _ in range(4000)]

    assert sum(intervals) / len(intervals) == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize(("k", "lower"), [(0.5, 1.7715533), (1, 1.0), (2, 0.4150375), (100, 0.0)])
def test_lower_bound_cuts_off_as_much_as_the_upper(k: float, lower: float) -> None:
    assert lower_clamp_multiple(k) == pytest.approx(lower)


def test_impossible_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        lower_clamp_multiple(0)
    with pytest.raises(ValueError, match="above 0"):
        clamped_poisson_interval(10, 0)


def test_half_of_the_intervals_is_below_the_median() -> None:
    assert exponential_cdf(0.6931471805599453, 1) == pytest.approx(0.5)
    assert poisson_interval(10, 0.5, 0.5) == pytest.approx(6.931471805599453)


class Late(TimeoutError):
    pass


def spin() -> None:
    while True:
        threading.Event().wait(0.001)


def test_time_limit_in_the_main_thread() -> None:
    with pytest.raises(Late), timeout(0.01, Late):
        spin()


def test_time_limit_in_another_thread() -> None:
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            with timeout(0.01, Late):
                spin()
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)

    assert [type(error) for error in outcome] == [Late]


def test_inner_time_limit_leaves_the_outer_one() -> None:
    def inner_then_outer() -> None:
        with pytest.raises(TimeoutError, match=r"0\.01 s"), timeout(0.01):
            spin()
        spin()

    with pytest.raises(Late), timeout(0.05, Late):
        inner_then_outer()


@pytest.mark.parametrize("seconds", [None, 60])
def test_code_in_time_is_left_alone(seconds: float | None) -> None:
    with timeout(seconds):
        result = 5

    assert result == 5


def test_time_limit_of_async_code() -> None:
    async def main() -> None:
        with timeout_async(0.01, Late):
            await asyncio.sleep(60)

    with pytest.raises(Late):
        asyncio.run(main())


def test_timeout_error_inside_is_not_the_limit() -> None:
    async def fail() -> None:
        raise TimeoutError("mine")

    async def main() -> None:
        with timeout_async(60, Late):
            await fail()

    with pytest.raises(TimeoutError, match="mine"):
        asyncio.run(main())


def test_time_limits_raise_timeout_errors_only() -> None:
    with pytest.raises(ValueError, match="TimeoutError"), timeout(1, ValueError):  # type: ignore[arg-type]  # the mistake under test
        pass


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace sleeping; give the seconds asked for."""
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr(anyio, "sleep", sleep)
    return asked


def test_failing_function_is_repeated(pauses: list[float]) -> None:
    calls: list[int] = []

    @retry_async_fn(max_attempts=3, backoff_strategy=lambda n, base, top: n * base, base_delay=2)
    async def work() -> str:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("not yet")
        return "done"

    assert asyncio.run(work()) == "done"
    assert pauses == [2, 4]


def test_last_error_comes_through(pauses: list[float]) -> None:
    @retry_async_fn(max_attempts=2, operation_name="the work")
    async def work() -> None:
        raise ValueError("never")

    with pytest.raises(ValueError, match="never"):
        asyncio.run(work())
    assert len(pauses) == 1


def test_other_errors_are_not_repeated(pauses: list[float]) -> None:
    @retry_async_fn(retry_on_exceptions=(KeyError,))
    async def work() -> None:
        raise ValueError("other")

    with pytest.raises(ValueError, match="other"):
        asyncio.run(work())
    assert pauses == []


@given(st.integers(1, 20))
def test_backoff_grows_up_to_its_limit(attempt: int) -> None:
    average = min(2.0**attempt, 10)

    assert average * 0.7 < exponential_backoff_with_jitter(attempt, 1, 10) <= average * 1.3


def service(*outcomes: Any) -> Any:
    left = list(outcomes)

    async def work() -> None:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome

    return work


def status(code: int) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "http://x")
    return httpx.HTTPStatusError("m", request=request, response=httpx.Response(code))


class End(Exception):
    """Ends a loop under test."""


def test_service_survives_what_passes(pauses: list[float]) -> None:
    work = service(httpx.ConnectError("x"), status(503), None, httpx.ConnectError("x"), End())

    with pytest.raises(End):
        asyncio.run(critical_service_loop(work, 5))

    assert pauses == [5, 5, 5, 5]


def test_service_gives_up_after_too_many_failures(pauses: list[float]) -> None:
    shown: list[str] = []
    work = service(*[httpx.ConnectError("gone")] * 4)

    with pytest.raises(RuntimeError, match="last 2"):
        asyncio.run(critical_service_loop(work, 5, consecutive=2, backoff=2, printer=shown.append))

    assert pauses == [5, 10, 10]
    assert any("gone" in text for text in shown)


def test_service_ends_at_answers_that_stay(pauses: list[float]) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        asyncio.run(critical_service_loop(service(status(404)), 5))


def test_service_runs_once_when_asked_to(pauses: list[float]) -> None:
    asyncio.run(critical_service_loop(service(None), 5, run_once=True))

    assert pauses == []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("clone https://user:pw@host/x.git!", "clone https://host/x.git!"),
        ("https://token@host/x and http://a:b@c", "https://host/x and http://c"),
        ("ssh://git@host/x", "ssh://git@host/x"),
        ("git@host:x/y.git", "git@host:x/y.git"),
        ("https://host/a@b", "https://host/a@b"),
    ],
)
def test_credentials_are_taken_out_of_urls(text: str, clean: str) -> None:
    assert strip_auth_from_urls_in_text(text) == clean


def test_further_secrets_are_hidden_the_longest_first() -> None:
    assert strip_auth_from_urls_in_text("key=abcdef abc", ["abc", "", "abcdef"]) == "key=*** ***"


@pytest.mark.parametrize(
    ("launcher", "upload"),
    [(None, None), (["uv", "run"], ["uv", "run"]), ({"execution": ["x"]}, None)],
)
def test_launchers_have_sides(launcher: Any, upload: Any) -> None:
    assert get_launcher_for_side(launcher, "upload") == upload


@pytest.mark.parametrize(
    ("launcher", "error"),
    [
        ("uv", TypeError),
        ([], ValueError),
        ({"bad": ["x"]}, ValueError),
        ({"upload": "x"}, ValueError),
    ],
)
def test_wrong_launchers_are_refused(launcher: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="launcher"):
        get_launcher_for_side(launcher, "upload")


def test_launcher_is_put_into_the_step() -> None:
    step = {"module.function": {"a": 1, "launcher": ["old"]}}

    assert resolve_bundle_step_with_launcher(step, ["uv"], "upload") == {
        "module.function": {"a": 1, "launcher": ["uv"]}
    }
    assert resolve_bundle_step_with_launcher(step, None, "upload") is step
