"""One body of code for the sync and the async face.

Core code (the REST client, the engines) is written once, as `async def`, and touches the world
only through a port: send a request, sleep, call user code, take a lock, read the clock. The
asyncio port really awaits. The methods of the blocking port are `async def` too but never
suspend, so a coroutine built on them runs to its end with one `send(None)`; no event loop exists
on the sync face. `run` is that driver and `blocking` makes the sync twin of a core method in one
line:

    read_flow_run = blocking(FlowRuns.read_flow_run)

What user code raises or returns must cross the core as a value, never as an exception that
travels through `send`: a `StopIteration` would end the coroutine instead of reaching its caller.
"""

from functools import update_wrapper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Concatenate, ParamSpec, TypeVar

    Parameters = ParamSpec("Parameters")
    Result = TypeVar("Result")

__all__ = ["blocking", "run"]


def run(coroutine: "Coroutine[Any, Any, Result]") -> "Result":
    """Run a coroutine that never suspends, without an event loop.

    Returns:
        What the coroutine returns; what it raises passes through unchanged.

    Raises:
        RuntimeError: If the coroutine suspends: something inside it awaited the event loop
            instead of the blocking port.
    """
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: Result = stop.value
        return result
    coroutine.close()
    raise RuntimeError(
        f"{getattr(coroutine, '__qualname__', coroutine)!s} awaited an event loop on the blocking"
        " port; use the async face, or give the port a blocking twin of what it awaited"
    )


def blocking(
    method: "Callable[Concatenate[Any, Parameters], Coroutine[Any, Any, Result]]",
) -> "Callable[Concatenate[Any, Parameters], Result]":
    """Make the sync twin of a core method, for a class that keeps its core in `_core`.

    The twin has the core method's name, signature and docstring; calling it runs the core method
    on `self._core`, an object of the same noun classes with the blocking port.
    """

    def twin(self: "Any", /, *args: "Parameters.args", **kwargs: "Parameters.kwargs") -> "Result":
        return run(method(self._core, *args, **kwargs))

    # Keeps `__wrapped__`: `inspect.signature` finds the parameters there when somebody asks,
    # which is cheaper than computing them for every method at import.
    update_wrapper(twin, method)
    return twin
