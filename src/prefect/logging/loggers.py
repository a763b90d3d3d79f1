"""The loggers of Prefect: of the library, of a run, of a worker.

`get_logger` is used by every module of the package and costs no more than the standard library's;
`get_run_logger` is what user code calls inside flows and tasks. Nothing here installs a handler
(`prefect.logging.configuration` does) except `LogEavesdropper`, while it is in use.
"""

from __future__ import annotations

import io
import logging
import sys
from contextlib import contextmanager

from prefect.exceptions import MissingContextError
from prefect.logging.filters import ObfuscateApiKeyFilter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping
    from typing import Any
    from uuid import UUID

    from typing_extensions import Self

    from prefect.client.schemas.objects import FlowRun, TaskRun
    from prefect.context import RunContext
    from prefect.flows import Flow
    from prefect.tasks import Task
    from prefect.workers.base import BaseWorker

    LoggingAdapter = logging.LoggerAdapter[logging.Logger]

__all__ = [
    "LogEavesdropper",
    "PrefectLogAdapter",
    "disable_logger",
    "disable_run_logger",
    "flow_run_logger",
    "get_logger",
    "get_run_logger",
    "get_worker_logger",
    "patch_print",
    "print_as_log",
    "task_run_logger",
]

UNKNOWN = "<unknown>"
"""What stands in a record for a name that is not known."""

FLOW_RUNS = "prefect.flow_runs"
TASK_RUNS = "prefect.task_runs"

_filter = ObfuscateApiKeyFilter()


class PrefectLogAdapter(logging.LoggerAdapter):  # type: ignore[type-arg]  # generic only since 3.11
    """A logger that adds what it knows of a run to every record.

    Keeps the `extra` of a single call too, which the standard adapter drops.
    """

    def process(
        self, msg: str, kwargs: MutableMapping[str, Any]
    ) -> tuple[str, MutableMapping[str, Any]]:
        """Merge the adapter's `extra` with the call's, which wins."""
        kwargs["extra"] = {**(self.extra or {}), **(kwargs.get("extra") or {})}
        return msg, kwargs

    def getChild(self, suffix: str, extra: dict[str, Any] | None = None) -> PrefectLogAdapter:
        """Make the adapter of a child logger, with this one's `extra` and more."""
        child = self.logger.getChild(suffix)
        _protect(child)
        return PrefectLogAdapter(child, extra={**(self.extra or {}), **(extra or {})})


def get_logger(name: str | None = None) -> logging.Logger:
    """Get a logger below `prefect`.

    Args:
        name: A module's `__name__` or any other name; `prefect.` is put before it unless it
            begins so. None gives the logger `prefect` itself.

    Returns:
        A logger that hides the API key in its records.
    """
    if not name or name == "prefect":
        full_name = "prefect"
    else:
        full_name = name if name.startswith("prefect.") else f"prefect.{name}"
    logger = logging.getLogger(full_name)
    _protect(logger)
    return logger


def _protect(logger: logging.Logger) -> None:
    """Make a logger hide the API key; filters act on the logger that makes the record only."""
    if _filter not in logger.filters:
        logger.addFilter(_filter)


def get_run_logger(
    context: RunContext | None = None, **kwargs: Any
) -> logging.Logger | LoggingAdapter:
    """Get the logger of the task run or flow run this code belongs to.

    Its records carry the run's ids and names, and go to the API when logging is set up to send
    them.

    Args:
        context: A run's context, when it is not the current one.
        **kwargs: Further values for the `extra` of every record.

    Raises:
        MissingContextError: If there is neither a current run nor a `context`.
        TypeError: If `context` is no run's context.
    """
    flow_run_context, task_run_context = _run_contexts(context)
    if task_run_context is not None:
        return task_run_logger(
            task_run_context.task_run,
            task_run_context.task,
            getattr(flow_run_context, "flow_run", None),
            getattr(flow_run_context, "flow", None),
            **kwargs,
        )
    if flow_run_context is not None:
        return flow_run_logger(flow_run_context.flow_run, flow_run_context.flow, **kwargs)
    if logging.getLogger(FLOW_RUNS).disabled and logging.getLogger(TASK_RUNS).disabled:
        silent = logging.getLogger("null")
        silent.disabled = True
        return silent
    raise MissingContextError(
        "There is no current run: `get_run_logger()` works inside a flow or task that is running."
        " Elsewhere use `prefect.logging.get_logger()`, or wrap the call in"
        " `prefect.logging.disable_run_logger()` to test a task's function by itself."
    )


def _run_contexts(context: RunContext | None) -> tuple[Any, Any]:
    """Give the flow run's and the task run's context, each None if there is none."""
    # Without that module no run can be going on, and a given context comes from there too.
    module: Any = sys.modules.get("prefect.context")
    if context is not None:
        if module is not None and isinstance(context, module.FlowRunContext):
            return context, None
        if module is not None and isinstance(context, module.TaskRunContext):
            return module.FlowRunContext.get(), context
        raise TypeError(f"{context!r} is not the context of a flow run or task run")
    if module is None:
        return None, None
    return module.FlowRunContext.get(), module.TaskRunContext.get()


def flow_run_logger(
    flow_run: FlowRun | None = None,
    flow: Flow[Any, Any] | None = None,
    flow_run_id: UUID | None = None,
    **kwargs: Any,
) -> PrefectLogAdapter:
    """Get the logger of a flow run.

    Args:
        flow_run: The run; or give `flow_run_id` alone when the run is not at hand.
        flow: The run's flow, for its name.
        flow_run_id: The run's id.
        **kwargs: Further values for the `extra` of every record.

    Raises:
        ValueError: If both `flow_run` and `flow_run_id` are missing.
    """
    if flow_run is None and flow_run_id is None:
        raise ValueError("flow_run_logger needs a flow_run or a flow_run_id; got neither")
    return PrefectLogAdapter(
        get_logger(FLOW_RUNS),
        extra={
            "flow_run_name": UNKNOWN if flow_run is None else flow_run.name,
            "flow_run_id": str(flow_run_id if flow_run is None else flow_run.id),
            "flow_name": UNKNOWN if flow is None else flow.name,
            "deployment_name": None,
            **kwargs,
        },
    )


def task_run_logger(
    task_run: TaskRun,
    task: Task[Any, Any] | None = None,
    flow_run: FlowRun | None = None,
    flow: Flow[Any, Any] | None = None,
    **kwargs: Any,
) -> LoggingAdapter:
    """Get the logger of a task run.

    Args:
        task_run: The run.
        task: The run's task, for its name.
        flow_run: The flow run it belongs to, for its name.
        flow: The flow of that, for its name.
        **kwargs: Further values for the `extra` of every record.
    """
    return PrefectLogAdapter(
        get_logger(TASK_RUNS),
        extra={
            "task_run_id": str(task_run.id),
            "flow_run_id": str(task_run.flow_run_id),
            "task_run_name": task_run.name,
            "task_name": UNKNOWN if task is None else task.name,
            "flow_run_name": UNKNOWN if flow_run is None else flow_run.name,
            "flow_name": UNKNOWN if flow is None else flow.name,
            **kwargs,
        },
    )


def get_worker_logger(
    worker: BaseWorker[Any, Any, Any], name: str | None = None
) -> logging.Logger | LoggingAdapter:
    """Get the logger of a worker.

    Args:
        worker: The worker.
        name: The logger's name; by default `workers.<type>.<worker's name in lower case>`.

    Returns:
        An adapter whose records carry the worker's id once the API knows the worker; a plain
        logger before.
    """
    logger = get_logger(name or f"workers.{type(worker).type}.{worker.name.lower()}")
    worker_id = getattr(worker, "backend_id", None)
    if not worker_id:
        return logger
    return PrefectLogAdapter(logger, extra={"worker_id": str(worker_id)})


@contextmanager
def disable_logger(name: str) -> Iterator[None]:
    """Silence a logger while the context lasts."""
    logger = logging.getLogger(name)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


@contextmanager
def disable_run_logger() -> Iterator[None]:
    """Silence the loggers of runs while the context lasts.

    Also lets `get_run_logger()` be called outside of runs, so that the function of a flow or task
    can be tested by itself.
    """
    with disable_logger(FLOW_RUNS), disable_logger(TASK_RUNS):
        yield


def print_as_log(*args: Any, **kwargs: Any) -> None:
    """Do what `print` does, but inside a run log the text at level info.

    Text for another file than the standard streams is printed there, as it is outside of runs.
    """
    import builtins

    real_print = getattr(builtins.print, "__wrapped_print__", builtins.print)
    flow_run_context, task_run_context = _run_contexts(None)
    in_run = task_run_context is not None or flow_run_context is not None
    if not in_run or kwargs.get("file") not in {None, sys.stdout, sys.stderr}:
        real_print(*args, **kwargs)
        return
    buffer = io.StringIO()
    real_print(*args, **{**kwargs, "file": buffer, "end": ""})
    get_run_logger().info("%s", buffer.getvalue())


@contextmanager
def patch_print() -> Iterator[None]:
    """Send what `print` prints to the run's logger while the context lasts."""
    import builtins

    original = builtins.print

    def logging_print(*args: Any, **kwargs: Any) -> None:
        print_as_log(*args, **kwargs)

    # `print_as_log` needs the real one, also when contexts are nested.
    real_print = getattr(original, "__wrapped_print__", original)
    logging_print.__wrapped_print__ = real_print  # type: ignore[attr-defined]
    builtins.print = logging_print
    try:
        yield
    finally:
        builtins.print = original


class LogEavesdropper(logging.Handler):
    """Listen to a logger for a while and give back what was logged, as text.

        with LogEavesdropper("my_module", level=logging.INFO) as listener:
            ...
        listener.text()

    Args:
        eavesdrop_on: The logger's full name.
        level: The lowest level to hear; the logger is lowered to it meanwhile.
    """

    def __init__(self, eavesdrop_on: str, level: int = logging.NOTSET) -> None:
        super().__init__(level=level)
        self.eavesdrop_on = eavesdrop_on
        self.setFormatter(logging.Formatter("[%(levelname)s]: %(message)s"))
        self._lines: list[str] = []
        self._target: logging.Logger | None = None
        self._original_level = logging.NOTSET

    def __enter__(self) -> Self:
        self._target = logging.getLogger(self.eavesdrop_on)
        self._original_level = self._target.level
        self._target.setLevel(self.level)
        self._target.addHandler(self)
        self._lines = []
        return self

    def __exit__(self, *_: Any) -> None:
        if self._target is not None:
            self._target.removeHandler(self)
            self._target.setLevel(self._original_level)
            self._target = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record's line."""
        self._lines.append(self.format(record))

    def text(self) -> str:
        """Give the lines heard so far, joined by line ends."""
        return "\n".join(self._lines)
