"""Taking and giving back slots of concurrency limits: what both faces have in common.

Written once over a port that asks the API and sleeps. The server never makes a request wait: it
answers 423 with the time after which to ask again. Waiting ends with the slots, with the caller's
`timeout_seconds` or `max_retries`, or with the cancellation of the caller; a request that is under
way is finished first, so that no slots are taken that nobody knows of.

Source: orchestration contract, section 7; recorded conversation
`blocks_variables_artifacts_concurrency_events`.
"""

import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias
from uuid import UUID

from prefect.client.schemas._models.concurrency_limits import MinimalConcurrencyLimitResponse
from prefect.concurrency._errors import (
    AcquireConcurrencySlotTimeoutError,
    ConcurrencySlotAcquisitionError,
)
from prefect.logging.loggers import get_logger
from prefect.types._concurrency import ConcurrencyLeaseHolder

__all__ = [
    "Grant",
    "Mode",
    "Port",
    "Request",
    "acquire",
    "acquire_response",
    "acquire_v1",
    "acquire_v1_response",
    "as_names",
    "release_lease",
]

Mode: TypeAlias = Literal["concurrency", "rate_limit"]
Body: TypeAlias = Callable[[Any], Awaitable[Any]]

DEFAULT_WAIT_SECONDS = 1.0
"""Between two attempts where the server does not say how long; ours."""

MINIMUM_WAIT_SECONDS = 0.05
"""So that a server that answers "at once" is not asked without pause; ours."""

MAXIMUM_WAIT_SECONDS = 60.0
"""Twice the longest wait that a server with default settings asks for (30 s, see the contract)."""


class Port(Protocol):
    """How the API is asked, and how one waits."""

    async def ask(
        self, body: Body, undo: Callable[[Any, Any], Awaitable[Any]] | None = None
    ) -> Any:
        """Run a body with a client.

        Args:
            body: Gets the client.
            undo: Gets a client and what the body gave, if the caller was cancelled meanwhile.
        """
        ...

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Request:
    """Which slots are wanted, and how long they are waited for.

    Attributes:
        names: Of the limits.
        slots: Of each of them.
        mode: Slots of a `rate_limit` are not given back.
        timeout_seconds: Longest wait; None waits as long as it takes.
        max_retries: Most attempts after the first; None means any number.
        strict: Whether a limit that does not exist is an error.
        lease_seconds: How long the slots are taken for; None takes them without a lease.
        holder: On whose behalf.
        quiet: Whether limits that do not exist are passed over without a warning.
    """

    names: list[str]
    slots: int
    mode: Mode = "concurrency"
    timeout_seconds: float | None = None
    max_retries: int | None = None
    strict: bool = False
    lease_seconds: float | None = None
    holder: ConcurrencyLeaseHolder | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Grant:
    """Slots that were taken.

    Attributes:
        limits: Those of the limits asked for that exist.
        lease_id: Of the lease; None if there is none.
    """

    limits: list[MinimalConcurrencyLimitResponse] = field(default_factory=list)
    lease_id: UUID | None = None


def as_names(names: str | list[str]) -> list[str]:
    """Make a list of one name or several, each once."""
    return [names] if isinstance(names, str) else list(dict.fromkeys(names))


async def acquire(port: Port, request: Request) -> Grant:
    """Take slots, waiting until there are enough.

    Raises:
        AcquireConcurrencySlotTimeoutError: If there were none within `timeout_seconds`.
        ConcurrencySlotAcquisitionError: If the server refuses, cannot be reached, has none after
            `max_retries`, or a limit is missing and `strict` is set.
    """
    if not request.names:
        return Grant()

    return (await _acquire(port, request))[0]


async def acquire_response(port: Port, request: Request) -> Any:
    """Take slots as `acquire` does, and return the server's answer itself.

    Raises:
        ValueError: If no limit is named.
    """
    if not request.names:
        raise ValueError("Name at least one concurrency limit to take slots of.")
    return (await _acquire(port, request))[1]


async def _acquire(port: Port, request: Request) -> tuple[Grant, Any]:
    async def increment(api: Any) -> tuple[Grant, Any]:
        arguments = {"names": request.names, "slots": request.slots, "mode": request.mode}
        if request.lease_seconds is None:
            response = await api.increment_concurrency_slots(**arguments)
            return _grant(response), response
        if request.holder is not None:
            arguments["holder"] = request.holder
        response = await api.increment_concurrency_slots_with_lease(
            **arguments, lease_duration=request.lease_seconds
        )
        return _grant(response), response

    grant, response = await _wait_for(port, increment, _undo, request)
    missing = sorted(set(request.names) - {limit.name for limit in grant.limits})
    if missing and request.strict:
        if grant.limits and grant.lease_id is not None:
            await release_lease(port, grant.lease_id)
        raise ConcurrencySlotAcquisitionError(
            f"There is no concurrency limit named {', '.join(map(repr, missing))}. Create it"
            " first, e.g. with `prefect gcl create`, or leave `strict` out."
        )
    if missing and not request.quiet:
        get_logger("concurrency").warning(
            "There is no concurrency limit named %s, so nothing is limited by it.",
            ", ".join(map(repr, missing)),
        )
    return grant, response


async def acquire_v1(
    port: Port, names: list[str], task_run_id: UUID, timeout_seconds: float | None
) -> Grant:
    """Take a slot of each tag's limit for a task run, waiting until there are enough.

    Raises:
        AcquireConcurrencySlotTimeoutError: If there were none within `timeout_seconds`.
        ConcurrencySlotAcquisitionError: If the server refuses or cannot be reached.
    """
    if not names:
        return Grant()
    return (await _acquire_v1(port, names, task_run_id, timeout_seconds))[0]


async def acquire_v1_response(
    port: Port, names: list[str], task_run_id: UUID, timeout_seconds: float | None
) -> Any:
    """Take slots as `acquire_v1` does, and return the server's answer itself."""
    return (await _acquire_v1(port, names, task_run_id, timeout_seconds))[1]


async def _acquire_v1(
    port: Port, names: list[str], task_run_id: UUID, timeout_seconds: float | None
) -> tuple[Grant, Any]:
    async def increment(api: Any) -> tuple[Grant, Any]:
        response = await api.increment_v1_concurrency_slots(names, task_run_id)
        return _grant(response), response

    async def undo(api: Any, granted: tuple[Grant, Any]) -> None:
        if granted[0].limits:
            await api.decrement_v1_concurrency_slots(names, task_run_id, 0.0)

    request = Request(names=names, slots=1, timeout_seconds=timeout_seconds)
    return await _wait_for(port, increment, undo, request, waits_without_being_told=False)


async def release_lease(port: Port, lease_id: UUID) -> None:
    """Give back the slots of a lease.

    A server that cannot be reached is no reason to fail what was done with the slots: the lease
    runs out by itself.
    """
    try:
        await port.ask(lambda api: api.release_concurrency_slots_with_lease(lease_id))
    except Exception as error:
        if not _is_http_error(error):
            raise
        get_logger("concurrency").warning(
            "The slots of lease '%s' could not be given back now (%s); they come free when the"
            " lease runs out.",
            lease_id,
            error,
        )


async def _wait_for(
    port: Port,
    increment: Callable[[Any], Awaitable[tuple[Grant, Any]]],
    undo: Callable[[Any, Any], Awaitable[None]],
    request: Request,
    *,
    waits_without_being_told: bool = True,
) -> tuple[Grant, Any]:
    started = time.monotonic()
    attempts = 0
    while True:
        try:
            granted: tuple[Grant, Any] = await port.ask(increment, undo)
            return granted
        except Exception as error:
            if not _is_http_error(error):
                raise
            attempts += 1
            wait = _wait_seconds(error, DEFAULT_WAIT_SECONDS if waits_without_being_told else None)
            exhausted = request.max_retries is not None and attempts > request.max_retries
            if wait is None or exhausted:
                raise ConcurrencySlotAcquisitionError(_refusal(request.names, error)) from error
            if request.timeout_seconds is not None:
                left = request.timeout_seconds - (time.monotonic() - started)
                if left <= 0:
                    raise AcquireConcurrencySlotTimeoutError(
                        f"No free slots of {_quoted(request.names)} within"
                        f" {request.timeout_seconds:g} s. Try again later, give a longer"
                        " `timeout_seconds`, or raise the limit."
                    ) from error
                wait = min(wait, left)  # and ask once more at the very end
        await port.sleep(wait)


def _wait_seconds(error: Exception, default: float | None) -> float | None:
    """How long to wait before asking again; None if waiting does not help."""
    response: Any = getattr(error, "response", None)
    if response is None or response.status_code != 423:
        return None
    try:
        asked = float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return default
    return min(max(asked, MINIMUM_WAIT_SECONDS), MAXIMUM_WAIT_SECONDS)


def _refusal(names: list[str], error: Exception) -> str:
    response: Any = getattr(error, "response", None)
    if response is None:
        return f"The slots of {_quoted(names)} could not be asked for: {error}"
    if response.status_code == 423:
        return f"There are no free slots of {_quoted(names)} (423 Locked)."
    return f"The server refuses slots of {_quoted(names)} ({response.status_code}): {error}"


def _quoted(names: list[str]) -> str:
    return ", ".join(map(repr, names))


def _grant(response: Any) -> Grant:
    content = response.json()
    limits = content["limits"] if isinstance(content, dict) else content
    lease_id = content.get("lease_id") if isinstance(content, dict) else None
    return Grant(
        limits=[MinimalConcurrencyLimitResponse.model_validate(limit) for limit in limits],
        lease_id=None if lease_id is None else UUID(lease_id),
    )


async def _undo(api: Any, granted: tuple[Grant, Any]) -> None:
    grant = granted[0]
    if grant.lease_id is not None and grant.limits:
        await api.release_concurrency_slots_with_lease(grant.lease_id)


def _is_http_error(error: Exception) -> bool:
    # Looked up: whoever raised one has loaded httpx.
    httpx = sys.modules.get("httpx")
    return httpx is not None and isinstance(error, httpx.HTTPError)
