"""How log records become text: one line that says which run it is about, or JSON."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Literal, Union

__all__ = ["ExceptionInfoType", "JsonFormatter", "PrefectFormatter", "format_exception_info"]

ExceptionInfoType = Union[  # noqa: UP007  # `|` takes no text on 3.10
    tuple[type[BaseException], BaseException, "TracebackType | None"], tuple[None, None, None]
]
"""What `sys.exc_info()` gives."""


def format_exception_info(exc_info: ExceptionInfoType) -> dict[str, Any]:
    """Describe an exception as JSON-able data.

    Returns:
        `type` (its name), `message` and `traceback`; all None without an exception.
    """
    from traceback import format_tb

    kind, error, traceback = exc_info
    if kind is None:
        return {"type": None, "message": None, "traceback": None}
    return {
        "type": kind.__name__,
        "message": str(error),
        "traceback": "".join(format_tb(traceback)) if traceback else None,
    }


class JsonFormatter(logging.Formatter):
    """Writes a record as JSON, with everything it carries.

    Args:
        fmt: `"default"` for one line, `"pretty"` for several, indented.
        dmft: Not used; there because logging's configuration passes it.
        style: Not used; likewise.
    """

    def __init__(self, fmt: Literal["pretty", "default"], dmft: str, style: str) -> None:
        if fmt not in {"pretty", "default"}:
            raise ValueError(f"The format of JSON records is 'default' or 'pretty', not {fmt!r}")
        super().__init__()
        self.indent = 2 if fmt == "pretty" else None

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        import json  # heavy: only needed where logs are JSON

        data = dict(record.__dict__)
        if record.exc_info:
            data["exc_info"] = format_exception_info(record.exc_info)
        data["severity"] = record.levelname  # the name by which log services know it
        separators = (",", ":") if self.indent is None else None
        return json.dumps(
            data, default=str, indent=self.indent, separators=separators, ensure_ascii=False
        )


class PrefectFormatter(logging.Formatter):
    """Writes records of flow runs, of task runs and all others in a form of its own each.

    Args:
        format: The form of other records.
        datefmt: The form of times.
        style: Which kind of placeholders the forms have.
        validate: Whether to check the forms.
        defaults: Values for placeholders that a record lacks.
        task_run_fmt: The form of records with a `task_run_id`.
        flow_run_fmt: The form of records with a `flow_run_id` only.
    """

    def __init__(
        self,
        format: str | None = None,
        datefmt: str | None = None,
        style: Literal["%", "{", "$"] = "%",
        validate: bool = True,
        *,
        defaults: dict[str, Any] | None = None,
        task_run_fmt: str | None = None,
        flow_run_fmt: str | None = None,
    ) -> None:
        super().__init__(
            fmt=format, datefmt=datefmt, style=style, validate=validate, defaults=defaults
        )

        def styled(form: str | None) -> logging.PercentStyle | None:
            if form is None:
                return None
            own = logging.Formatter(form, style=style, validate=validate, defaults=defaults)
            return own._style

        self._task_run_style = styled(task_run_fmt)
        self._flow_run_style = styled(flow_run_fmt)

    def usesTime(self) -> bool:
        """Say whether any of the forms shows the time."""
        own = (self._style, self._task_run_style, self._flow_run_style)
        return any(style.usesTime() for style in own if style is not None)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Write a record in the form for what it is about."""
        style = self._style
        if hasattr(record, "task_run_id"):
            style = self._task_run_style or style
        elif hasattr(record, "flow_run_id"):
            style = self._flow_run_style or style
        return style.format(record)
