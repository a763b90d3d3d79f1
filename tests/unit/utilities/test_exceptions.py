"""The errors: what they carry, what they say, and that they survive pickling."""

import pickle

import httpx
import pytest

import prefect.exceptions as exceptions
from prefect.exceptions import (
    EventTooLarge,
    ObjectAlreadyExists,
    ObjectLimitReached,
    ObjectNotFound,
    ObjectUnsupported,
    ParameterBindError,
    ParameterTypeError,
    Pause,
    PausedRun,
    PrefectException,
    PrefectHTTPStatusError,
    ProfileSettingsValidationError,
    ScriptError,
    SignatureMismatchError,
    TerminationSignal,
    exception_traceback,
)


def http_error(**content: object) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", "http://api.example/flows")
    response = httpx.Response(404, request=request, **content)  # type: ignore[arg-type]  # tests pass what httpx takes
    try:
        response.raise_for_status()
    except httpx.HTTPStatusError as error:
        return error
    raise AssertionError("a 404 must raise")


def test_every_listed_name_is_defined() -> None:
    assert all(hasattr(exceptions, name) for name in exceptions.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Nope"):
        exceptions.Nope  # noqa: B018  # looking it up is the test


def test_signals_are_not_swallowed_by_except_exception() -> None:
    for name in ("Abort", "Pause", "ExternalSignal", "TerminationSignal"):
        assert not issubclass(getattr(exceptions, name), Exception)


@pytest.mark.parametrize(
    "kind", [ObjectAlreadyExists, ObjectLimitReached, ObjectNotFound, ObjectUnsupported]
)
def test_api_errors_show_the_cause_when_they_have_no_text(kind: type[PrefectException]) -> None:
    cause = ValueError("the cause")

    error = kind(http_exc=cause)  # type: ignore[call-arg]  # all four take it

    assert str(error) == "the cause"
    assert error.http_exc is cause  # type: ignore[attr-defined]  # all four have it


def test_not_found_shows_the_help_message() -> None:
    error = ObjectNotFound(ValueError("x"), help_message="look elsewhere")

    assert str(error) == "look elsewhere"
    assert error.help_message == "look elsewhere"


@pytest.mark.parametrize(
    "error",
    [
        EventTooLarge(5, 3),
        ObjectNotFound(ValueError("x"), "help", "more"),
        ObjectNotFound(ValueError("x"), None, "more"),
        ObjectAlreadyExists(ValueError("x"), "more"),
        ScriptError(ValueError("x"), "flow.py"),
        TerminationSignal(15),
        ParameterBindError("text"),
        PausedRun("text", state="paused"),  # type: ignore[arg-type]  # any value stands for a state
        Pause(state="paused"),  # type: ignore[arg-type]  # likewise
        ProfileSettingsValidationError([("setting", ValueError("x"))]),  # type: ignore[list-item]  # likewise
        PrefectHTTPStatusError.from_httpx_error(http_error(json={"detail": "no"})),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_pickling(error: BaseException) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.args == error.args or repr(copy.args) == repr(error.args)
    assert sorted(vars(copy)) == sorted(vars(error))


def test_http_error_shows_the_answer() -> None:
    error = PrefectHTTPStatusError.from_httpx_error(http_error(json={"detail": "no such flow"}))

    assert "no such flow" in str(error)
    assert "404" in str(error)
    assert error.response.status_code == 404
    assert type(error).__module__ == "prefect.exceptions"


def test_http_error_hides_answers_that_are_no_json() -> None:
    error = PrefectHTTPStatusError.from_httpx_error(http_error(text="<html>proxy</html>"))

    assert "proxy" not in str(error)


def test_bind_error_names_call_and_signature() -> None:
    def cook(meal: str, *, minutes: int = 5) -> None: ...

    error = ParameterBindError.from_bind_failure(cook, TypeError("too many"), ("a",), {"b": 1})

    assert "cook" in str(error)
    assert "'a'" in str(error)
    assert "b=1" in str(error)
    assert "minutes: int = 5" in str(error)


def test_bind_error_shortens_large_values() -> None:
    def cook() -> None: ...

    error = ParameterBindError.from_bind_failure(cook, TypeError("no"), ("x" * 10_000,), {})

    assert len(str(error)) < 500


def test_type_error_names_each_parameter() -> None:
    import pydantic

    class Model(pydantic.BaseModel):
        minutes: int

    with pytest.raises(pydantic.ValidationError) as caught:
        Model.model_validate({"minutes": "many"})

    assert "minutes" in str(ParameterTypeError.from_validation_error(caught.value))
    assert "'many'" in str(ParameterTypeError.from_validation_error(caught.value))


def test_signature_mismatch_names_both_sides() -> None:
    assert "['a']" in str(SignatureMismatchError.from_bad_params(["a"], ["b"]))
    assert "['b']" in str(SignatureMismatchError.from_bad_params(["a"], ["b"]))


def test_traceback_is_the_one_python_prints() -> None:
    try:
        raise ValueError("deep")
    except ValueError as error:
        text = exception_traceback(error)

    assert text.startswith("Traceback (most recent call last)")
    assert text.rstrip().endswith("ValueError: deep")
