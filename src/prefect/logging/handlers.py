"""Where log records go: the console and, for those of runs, the API.

Colours need no package: what the highlighter's patterns find is wrapped in ANSI codes, on
terminals only.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import TYPE_CHECKING, Any, TextIO

from prefect._lazy import lazy_exports
from prefect.logging.highlighters import PrefectConsoleHighlighter

if TYPE_CHECKING:
    from rich.highlighter import Highlighter

    from prefect.logging._api_logs import APILogHandler as APILogHandler
    from prefect.logging._api_logs import APILogWorker as APILogWorker
    from prefect.logging._api_logs import WorkerAPILogHandler as WorkerAPILogHandler
    from prefect.logging._api_logs import emit_api_log as emit_api_log
    from prefect.logging._api_logs import set_api_log_sink as set_api_log_sink

_API_LOGS = [
    "APILogHandler",
    "APILogWorker",
    "WorkerAPILogHandler",
    "emit_api_log",
    "set_api_log_sink",
]

__all__ = [
    "APILogHandler",
    "APILogWorker",
    "PrefectConsoleHandler",
    "WorkerAPILogHandler",
    "emit_api_log",
    "set_api_log_sink",
]

__getattr__, __dir__ = lazy_exports(__name__, dict.fromkeys(_API_LOGS, "prefect.logging._api_logs"))

_NAMED = {
    "black": "30", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35",
    "cyan": "36", "white": "37", "bright_black": "90", "bright_red": "91", "bright_green": "92",
    "bright_yellow": "93", "bright_blue": "94", "bright_magenta": "95", "bright_cyan": "96",
    "bright_white": "97", "bold": "1", "dim": "2", "italic": "3", "underline": "4",
    # of the 256 colours, the two that the defaults use
    "red3": "38;5;160", "yellow3": "38;5;178",
}  # fmt: skip
"""Words of a style → ANSI code. Source: ECMA-48, SGR; the names are rich's."""

_RESET = "\x1b[0m"


class PrefectConsoleHandler(logging.StreamHandler):  # type: ignore[type-arg]  # no subscript at run time before 3.11
    """Writes records to a stream, coloured if it is a terminal.

    `PREFECT_LOGGING_COLORS=false` and the variable `NO_COLOR` switch colours off. With
    `PREFECT_LOGGING_MARKUP=true` the markup of rich in messages is rendered, which needs the
    extra `rich`.

    Args:
        stream: The stream, by default standard error.
        highlighter: The class whose `highlights` say what is coloured.
        styles: Style → words for its colour, `{"log.error_level": "bold red"}`.
        level: The lowest level to write.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        highlighter: type[Highlighter] = PrefectConsoleHighlighter,
        styles: dict[str, str] | None = None,
        level: int | str = logging.NOTSET,
    ) -> None:
        super().__init__(stream=stream)
        self.setLevel(level)
        self._uses_default_stream = stream is None
        prefix = getattr(highlighter, "base_style", "")
        self._codes = {
            name[len(prefix) :]: _ansi(words)
            for name, words in (styles or {}).items()
            if name.startswith(prefix)
        }
        self._patterns = [re.compile(pattern) for pattern in getattr(highlighter, "highlights", ())]

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        try:
            from prefect.settings._current import group  # heavy: only when a record is written

            settings = group("logging")
            if self._uses_default_stream and self.stream is not sys.stderr:
                self.stream = sys.stderr  # it was replaced, by a test or a capture
            message = self.format(record)
            colours = settings.colors and "NO_COLOR" not in os.environ and _is_terminal(self.stream)
            if settings.markup:
                message = _rendered(message, colours)
            elif colours:
                message = self._coloured(message)
            self.stream.write(message + self.terminator)
            self.flush()
        except RecursionError:
            raise  # as the standard handler does: see bpo-36272
        except Exception:
            self.handleError(record)

    def _coloured(self, text: str) -> str:
        """Wrap what the patterns find in ANSI codes; of overlapping finds the first one counts."""
        found: list[tuple[int, int, str]] = []
        for pattern in self._patterns:
            for match in pattern.finditer(text):
                for name, value in match.groupdict().items():
                    code = self._codes.get(name)
                    if code and value:
                        found.append((*match.span(name), code))
        pieces: list[str] = []
        position = 0
        for start, end, code in sorted(found):
            if start >= position:
                pieces += [text[position:start], code, text[start:end], _RESET]
                position = end
        return "".join([*pieces, text[position:]])


def _ansi(words: str) -> str:
    codes = [_NAMED[word] for word in words.split() if word in _NAMED]
    return f"\x1b[{';'.join(codes)}m" if codes else ""


def _is_terminal(stream: Any) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())


def _rendered(message: str, colours: bool) -> str:
    """Render the markup of rich; a text that is no valid markup stays as it is."""
    from prefect._extras import require

    console = require("rich.console", extra="rich", what="rendering markup in log messages")
    markup = require("rich.markup", extra="rich", what="rendering markup in log messages")
    try:
        text = markup.render(message)
    except markup.MarkupError:
        return message
    if not colours:
        return str(text.plain)
    target = console.Console(force_terminal=True, soft_wrap=True)
    with target.capture() as capture:
        target.print(text, end="")
    return str(capture.get())
