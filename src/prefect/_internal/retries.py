"""Trying an async function again when it fails."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from prefect.utilities.math import clamped_poisson_interval

if TYPE_CHECKING:
    from typing import ParamSpec

    P = ParamSpec("P")

__all__ = ["exponential_backoff_with_jitter", "retry_async_fn"]

R = TypeVar("R")


def exponential_backoff_with_jitter(attempt: int, base_delay: float, max_delay: float) -> float:
    """Decide how long to wait before the next attempt: twice as long each time, with jitter.

    Args:
        attempt: Attempts made so far, starting at 1.
        base_delay: Seconds that are doubled for every attempt.
        max_delay: Seconds at most, before jitter of up to 30 %.
    """
    average = min(base_delay * 2.0**attempt, max_delay)
    return clamped_poisson_interval(average, clamping_factor=0.3)


def retry_async_fn(
    max_attempts: int = 3,
    backoff_strategy: Callable[[int, float, float], float] = exponential_backoff_with_jitter,
    base_delay: float = 1,
    max_delay: float = 10,
    retry_on_exceptions: tuple[type[Exception], ...] = (Exception,),
    operation_name: str | None = None,
) -> Callable[[Callable[P, Coroutine[Any, Any, R]]], Callable[P, Coroutine[Any, Any, R]]]:
    """Make a decorator that repeats an async function until it succeeds.

    Args:
        max_attempts: Calls at most; the error of the last one comes through.
        backoff_strategy: Gives the seconds to wait from the number of attempts made, `base_delay`
            and `max_delay`.
        base_delay: Passed to it.
        max_delay: Passed to it.
        retry_on_exceptions: Errors after which it is worth trying again.
        operation_name: What the function is called in the log; by default its name.
    """

    def decorate(
        fn: Callable[P, Coroutine[Any, Any, R]],
    ) -> Callable[P, Coroutine[Any, Any, R]]:
        name = operation_name or getattr(fn, "__name__", repr(fn))

        @wraps(fn)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            from prefect.logging.loggers import get_logger

            logger = get_logger(__name__)
            attempt = 0
            while True:
                attempt += 1
                try:
                    return await fn(*args, **kwargs)
                except retry_on_exceptions as error:
                    if attempt >= max_attempts:
                        logger.error("%s failed %d times, the last with %r", name, attempt, error)
                        raise
                    delay = backoff_strategy(attempt, base_delay, max_delay)
                    logger.warning(
                        "Attempt %d of %d of %s failed: %r; trying again in %.1f s",
                        attempt, max_attempts, name, error, delay,
                    )  # fmt: skip
                    import anyio  # heavy: only needed to wait

                    await anyio.sleep(delay)

        return wrapper

    return decorate
