"""Every error and signal that Prefect raises to its users.

Imported by all rooms and by user code; imports nothing itself. Data is kept in attributes, prose in
the message. `PrefectHTTPStatusError` derives from httpx's error and is therefore defined in a
private module that is loaded when the name is first asked for.

    Exception
    ├── PrefectException
    │   ├── run outcomes      CancelledRun, CrashedRun, FailedRun, PausedRun, UnfinishedRun,
    │   │                     MissingResult, UpstreamTaskError
    │   ├── following a run   FlowPauseTimeout, FlowRunWaitTimeout, FlowRunWatchError,
    │   │                     NotPausedError
    │   ├── flows and scripts MissingFlowError, UnspecifiedFlowError, ScriptError,
    │   │                     MissingContextError (also RuntimeError)
    │   ├── parameters        ParameterTypeError, ParameterBindError (first TypeError),
    │   │                     ReservedArgumentError and SignatureMismatchError (also TypeError),
    │   │                     MappingLengthMismatch, MappingMissingIterable
    │   ├── names, settings   InvalidNameError, MissingProfileError (both also ValueError),
    │   │                     ProfileSettingsValidationError, ConfigurationError,
    │   │                     InvalidRepositoryURLError
    │   ├── API answers       ObjectAlreadyExists, ObjectLimitReached, ObjectNotFound,
    │   │                     ObjectUnsupported (each keeps `http_exc`), EventTooLarge
    │   ├── blocks            BlockMissingCapabilities, ProtectedBlockError
    │   ├── infrastructure    InfrastructureError, InfrastructureNotAvailable,
    │   │                     InfrastructureNotFound
    │   └── values            HashError, SerializationError
    ├── PrefectImportError            (ImportError)
    └── PrefectHTTPStatusError        (httpx.HTTPStatusError)
    BaseException: control flow that `except Exception` in user code must not swallow
    ├── PrefectSignal
    │   ├── Abort
    │   └── Pause
    └── ExternalSignal
        └── TerminationSignal
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pydantic import ValidationError
    from typing_extensions import Self

    from prefect._http_errors import PrefectHTTPStatusError as PrefectHTTPStatusError
    from prefect.client.schemas.objects import State

__all__ = [
    "Abort",
    "BlockMissingCapabilities",
    "CancelledRun",
    "ConfigurationError",
    "CrashedRun",
    "EventTooLarge",
    "ExternalSignal",
    "FailedRun",
    "FlowPauseTimeout",
    "FlowRunWaitTimeout",
    "FlowRunWatchError",
    "HashError",
    "InfrastructureError",
    "InfrastructureNotAvailable",
    "InfrastructureNotFound",
    "InvalidNameError",
    "InvalidRepositoryURLError",
    "MappingLengthMismatch",
    "MappingMissingIterable",
    "MissingContextError",
    "MissingFlowError",
    "MissingProfileError",
    "MissingResult",
    "NotPausedError",
    "ObjectAlreadyExists",
    "ObjectLimitReached",
    "ObjectNotFound",
    "ObjectUnsupported",
    "ParameterBindError",
    "ParameterTypeError",
    "Pause",
    "PausedRun",
    "PrefectException",
    "PrefectHTTPStatusError",
    "PrefectImportError",
    "PrefectSignal",
    "ProfileSettingsValidationError",
    "ProtectedBlockError",
    "ReservedArgumentError",
    "ScriptError",
    "SerializationError",
    "SignatureMismatchError",
    "TerminationSignal",
    "UnfinishedRun",
    "UnspecifiedFlowError",
    "UpstreamTaskError",
    "exception_traceback",
]


def __getattr__(name: str) -> Any:
    if name == "PrefectHTTPStatusError":
        from prefect._http_errors import PrefectHTTPStatusError  # heavy: loads httpx

        globals()[name] = PrefectHTTPStatusError
        return PrefectHTTPStatusError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def exception_traceback(exc: Exception) -> str:
    """Render an exception with its traceback and its causes, as the interpreter prints it."""
    from traceback import TracebackException  # heavy: only needed once something went wrong

    return "".join(TracebackException.from_exception(exc).format())


class PrefectException(Exception):
    """Base of the errors Prefect raises."""


# --- run outcomes ---------------------------------------------------------------------------------


class CrashedRun(PrefectException):
    """Raised for the result of a run that crashed: its infrastructure failed, not its code."""


class FailedRun(PrefectException):
    """Raised for the result of a failed run whose own exception is not available."""


class CancelledRun(PrefectException):
    """Raised for the result of a cancelled run."""


class PausedRun(PrefectException):
    """Raised for the result of a run that is paused or suspended.

    Args:
        state: The paused state; kept as `state`.
    """

    state: State[Any] | None

    def __init__(self, *args: Any, state: State[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = state


class UnfinishedRun(PrefectException):
    """Raised for the result of a run that has not ended yet."""


class MissingResult(PrefectException):
    """Raised when a finished run has no stored result to give back."""


class UpstreamTaskError(PrefectException):
    """Raised when a task cannot start because a task it depends on did not complete."""


# --- following a run ------------------------------------------------------------------------------


class FlowPauseTimeout(PrefectException):
    """Raised when a paused flow run was not resumed in time."""


class FlowRunWaitTimeout(PrefectException):
    """Raised when a flow run did not finish within the time the caller was ready to wait."""


class FlowRunWatchError(PrefectException):
    """Raised when a flow run can no longer be followed."""


class NotPausedError(PrefectException):
    """Raised when a run that is not paused is asked to resume."""


# --- flows and scripts ----------------------------------------------------------------------------


class MissingFlowError(PrefectException):
    """Raised when a script or module holds no flow, or not the one asked for."""


class UnspecifiedFlowError(PrefectException):
    """Raised when a script holds several flows and none was named."""


class ScriptError(PrefectException):
    """Raised when user code fails while its file is being loaded.

    Args:
        user_exc: What the user code raised; kept as `user_exc`.
        path: The file or module that was being loaded; kept as `path`.
    """

    user_exc: Exception
    path: str

    def __init__(self, user_exc: Exception, path: str) -> None:
        super().__init__(f"loading {str(path)!r} failed: it raised {user_exc!r}")
        self.user_exc = user_exc
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.user_exc, self.path), self.__dict__)


class MissingContextError(PrefectException, RuntimeError):
    """Raised when something that only works inside a run is used outside of one."""


# --- parameters -----------------------------------------------------------------------------------


class ParameterTypeError(PrefectException):
    """Raised when parameters do not pass the validation of a flow's signature."""

    def __init__(self, msg: str) -> None:
        super().__init__(msg)

    @classmethod
    def from_validation_error(cls, exc: ValidationError) -> Self:
        """Say which parameters were refused, and why, in one line each."""
        lines = [
            f" - {'.'.join(map(str, error['loc']))}: {error['msg']}, got {error['input']!r}"
            for error in exc.errors(include_url=False)
        ]
        return cls("\n".join(["These parameters do not fit the flow's signature:", *lines]))


class ParameterBindError(TypeError, PrefectException):
    """Raised when a call's arguments cannot be bound to the function's parameters."""

    def __init__(self, msg: str) -> None:
        super().__init__(msg)

    @classmethod
    def from_bind_failure(
        cls,
        fn: Callable[..., Any],
        exc: TypeError,
        call_args: tuple[Any, ...],
        call_kwargs: dict[str, Any],
    ) -> Self:
        """Describe a failed `signature(fn).bind`: what was given, what the function takes."""
        import inspect  # heavy: only needed once something went wrong
        from reprlib import repr as short  # values may be large

        name = getattr(fn, "__name__", None) or type(fn).__name__
        given = [*map(short, call_args)]
        given += [f"{key}={short(value)}" for key, value in call_kwargs.items()]
        return cls(
            f"Cannot call {name!r} with ({', '.join(given)}): {exc}."
            f" Its signature is {name}{inspect.signature(fn)}."
        )


class SignatureMismatchError(PrefectException, TypeError):
    """Raised when the parameters given are not the ones the function takes."""

    def __init__(self, msg: str) -> None:
        super().__init__(msg)

    @classmethod
    def from_bad_params(cls, expected_params: list[str], provided_params: list[str]) -> Self:
        """Name the parameters expected and those provided."""
        return cls(
            f"The function takes the parameters {expected_params}, but got {provided_params}."
        )


class ReservedArgumentError(PrefectException, TypeError):
    """Raised when a function has a parameter whose name Prefect needs for itself."""


class MappingLengthMismatch(PrefectException):
    """Raised when `Task.map` gets iterables of different lengths."""


class MappingMissingIterable(PrefectException):
    """Raised when `Task.map` gets nothing to iterate over."""


# --- names and settings ---------------------------------------------------------------------------


class InvalidNameError(PrefectException, ValueError):
    """Raised when a name holds characters that the API refuses."""


class MissingProfileError(PrefectException, ValueError):
    """Raised when a settings profile does not exist."""


class ProfileSettingsValidationError(PrefectException):
    """Raised when a profile holds values its settings refuse.

    Args:
        errors: Pairs of a setting and its validation error; kept as `errors`.
    """

    errors: list[tuple[Any, ValidationError]]

    def __init__(self, errors: list[tuple[Any, ValidationError]]) -> None:
        names = ", ".join(str(getattr(setting, "name", setting)) for setting, _ in errors)
        super().__init__(f"These settings of the profile have values that do not fit: {names}")
        self.errors = errors

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.errors,), self.__dict__)


class ConfigurationError(PrefectException):
    """Raised when the configuration asks for something that cannot be done."""


class InvalidRepositoryURLError(PrefectException):
    """Raised when a URL cannot be the address of a git repository."""


# --- answers of the API ---------------------------------------------------------------------------


def _own_text_or_cause(error: Any) -> str:
    """Give the text of an error that wraps an HTTP error: its own, else the HTTP error's."""
    return Exception.__str__(error) or str(error.http_exc)


def _with_cause(error: Any) -> tuple[Any, ...]:
    """Reduce an error that wraps an HTTP error, for pickling."""
    return (type(error), (error.http_exc, *error.args), error.__dict__)


class ObjectNotFound(PrefectException):
    """Raised when the API does not have the object asked for (404).

    Args:
        http_exc: The HTTP error that said so; kept as `http_exc`.
        help_message: What the user can do about it; kept as `help_message`.
    """

    http_exc: Exception
    help_message: str | None

    def __init__(
        self, http_exc: Exception, help_message: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*(() if help_message is None else (help_message,)), *args, **kwargs)
        self.http_exc = http_exc
        self.help_message = help_message

    __str__ = _own_text_or_cause

    def __reduce__(self) -> tuple[Any, ...]:
        rest = self.args if self.help_message is None else self.args[1:]
        return (type(self), (self.http_exc, self.help_message, *rest), self.__dict__)


class ObjectAlreadyExists(PrefectException):
    """Raised when the API already has an object of that name (409).

    Args:
        http_exc: The HTTP error that said so; kept as `http_exc`.
    """

    http_exc: Exception

    def __init__(self, http_exc: Exception, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.http_exc = http_exc

    __str__ = _own_text_or_cause
    __reduce__ = _with_cause


class ObjectLimitReached(PrefectException):
    """Raised when the API holds as many objects of a kind as it allows (403).

    Args:
        http_exc: The HTTP error that said so; kept as `http_exc`.
    """

    http_exc: Exception

    def __init__(self, http_exc: Exception, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.http_exc = http_exc

    __str__ = _own_text_or_cause
    __reduce__ = _with_cause


class ObjectUnsupported(PrefectException):
    """Raised when the API does not know this kind of object (403).

    Args:
        http_exc: The HTTP error that said so; kept as `http_exc`.
    """

    http_exc: Exception

    def __init__(self, http_exc: Exception, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.http_exc = http_exc

    __str__ = _own_text_or_cause
    __reduce__ = _with_cause


class EventTooLarge(PrefectException):
    """Raised when an event is larger than the API accepts.

    Args:
        size: Bytes of the event; kept as `size`.
        maximum: Bytes allowed; kept as `maximum`.
    """

    size: int
    maximum: int

    def __init__(self, size: int, maximum: int) -> None:
        super().__init__(f"The event has {size} bytes, but at most {maximum} can be sent.")
        self.size = size
        self.maximum = maximum

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.size, self.maximum), self.__dict__)


# --- blocks and infrastructure --------------------------------------------------------------------


class BlockMissingCapabilities(PrefectException):
    """Raised when a block cannot do what it is used for."""


class ProtectedBlockError(PrefectException):
    """Raised when a block that belongs to Prefect would be changed or deleted."""


class InfrastructureError(PrefectException):
    """Raised when the infrastructure of a run does not do as asked."""


class InfrastructureNotFound(PrefectException):
    """Raised when the infrastructure of a run no longer exists."""


class InfrastructureNotAvailable(PrefectException):
    """Raised when the infrastructure of a run cannot be reached from here."""


# --- values ---------------------------------------------------------------------------------------


class HashError(PrefectException):
    """Raised when a value has no stable hash."""


class SerializationError(PrefectException):
    """Raised when a value cannot be turned into bytes, or bytes not back into a value."""


# --- outside the tree of PrefectException ---------------------------------------------------------


class PrefectImportError(ImportError):
    """Raised when an optional part of Prefect is used and what it needs is not installed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class PrefectSignal(BaseException):
    """Base of Prefect's control flow inside a run.

    A `BaseException`, so that `except Exception` in user code does not swallow it.
    """


class Abort(PrefectSignal):
    """Raised when the API does not allow a run to go on."""


class Pause(PrefectSignal):
    """Raised to end the process of a run that is suspended.

    Args:
        state: The paused state; kept as `state`.
    """

    state: State[Any] | None

    def __init__(self, *args: Any, state: State[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state = state


class ExternalSignal(BaseException):
    """Base of what the operating system tells this process.

    A `BaseException`, so that `except Exception` in user code does not swallow it.
    """


class TerminationSignal(ExternalSignal):
    """Raised when the process is asked to end.

    Args:
        signal: The number of the signal; kept as `signal`.
    """

    signal: int

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal
