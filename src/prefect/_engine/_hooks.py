"""Calling the user's hooks: each exactly once per state, and none can change the run's end."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["call_hooks"]


async def call_hooks(
    port: Any, hooks: "Iterable[Any]", subject: Any, run: Any, state: Any, logger: Any
) -> None:
    """Call hooks in order with the flow or task, its run and the state it entered.

    An error of a hook is logged and the next one is called. `KeyboardInterrupt` and the like pass.
    """
    for hook in hooks:
        name = getattr(hook, "__name__", None) or repr(hook)
        logger.debug("Calling hook %r on %s", name, state.name)
        outcome = await port.call_hook(hook, subject, run, state)
        if outcome.error is None:
            continue
        if not isinstance(outcome.error, Exception):
            raise outcome.error
        logger.error("Hook %r failed on %s", name, state.name, exc_info=outcome.error)
