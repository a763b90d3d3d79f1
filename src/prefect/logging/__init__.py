"""Loggers of Prefect and of the runs.

`get_run_logger` inside flows and tasks, `get_logger` everywhere else. Importing this package
installs no handler and changes no level; a run's engine and the command line set logging up.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.logging.loggers import LogEavesdropper as LogEavesdropper
    from prefect.logging.loggers import disable_run_logger as disable_run_logger
    from prefect.logging.loggers import get_logger as get_logger
    from prefect.logging.loggers import get_run_logger as get_run_logger

__all__ = ["LogEavesdropper", "disable_run_logger", "get_logger", "get_run_logger"]

__getattr__, __dir__ = lazy_exports(__name__, dict.fromkeys(__all__, "prefect.logging.loggers"))
