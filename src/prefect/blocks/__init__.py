"""Blocks: typed configuration and credentials that are stored by name on the server.

A table of the modules only; each is imported when it is first used.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    import prefect.blocks.notifications as notifications
    import prefect.blocks.system as system
    import prefect.blocks.webhook as webhook

__all__ = ["notifications", "system", "webhook"]

__getattr__, __dir__ = lazy_exports(
    __name__, {name: f"{__name__}.{name}:" for name in ("notifications", "system", "webhook")}
)
