"""What the client reads of a flow or a task: it knows neither, they are built on top of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FlowObject", "TaskObject"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result", covariant=True)


class FlowObject(Protocol[Parameters, Result]):
    """What a flow tells the API."""

    name: str
    version: str | None
    retries: Any  # whole number or None
    retry_delay_seconds: Any  # seconds or None


class TaskObject(Protocol[Parameters, Result]):
    """What a task tells the API."""

    task_key: str
    version: str | None
    retries: Any  # whole number or None
    retry_delay_seconds: Any  # seconds, a sequence of them, or None
    retry_jitter_factor: Any  # number or None

    @property
    def tags(self) -> Iterable[str]:
        """Tags that every run gets."""
