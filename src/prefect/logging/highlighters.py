"""What is coloured in log lines on a terminal: levels, URLs, names of runs, states.

Each class is a highlighter of rich where rich is installed (extra `rich`); without it only their
patterns are there, which `prefect.logging.handlers` colours by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.highlighter import RegexHighlighter
else:
    try:
        from rich.highlighter import RegexHighlighter
    except ModuleNotFoundError:

        class RegexHighlighter:
            """Stands for rich's class: carries patterns and a prefix for the names of styles."""

            base_style = ""
            highlights: list[str] = []

            def __init__(self) -> None:
                from prefect._extras import require

                require("rich.highlighter", extra="rich", what="highlighting text")


__all__ = [
    "LevelHighlighter",
    "NameHighlighter",
    "PrefectConsoleHighlighter",
    "StateHighlighter",
    "UrlHighlighter",
]


class LevelHighlighter(RegexHighlighter):
    """Colours the names of levels."""

    base_style = "level."
    highlights = [
        r"(?P<debug_level>DEBUG)",
        r"(?P<info_level>INFO)",
        r"(?P<warning_level>WARNING)",
        r"(?P<error_level>ERROR)",
        r"(?P<critical_level>CRITICAL)",
    ]


class UrlHighlighter(RegexHighlighter):
    """Colours URLs: those of this machine and all others."""

    base_style = "url."
    highlights = [
        r"(?P<web_url>https?://(?!(?:localhost|127\.|0\.0\.0\.0|\[::1\]))[^\s'\"<>]+)",
        r"(?P<local_url>https?://(?:localhost|127\.|0\.0\.0\.0|\[::1\])[^\s'\"<>]*)",
    ]


class NameHighlighter(RegexHighlighter):
    """Colours the names of flows, tasks and their runs, which stand in quotes."""

    base_style = "name."
    highlights = [
        r"(?i)flow run (?P<flow_run_name>'[^']*')",
        r"(?i)flow (?P<flow_name>'[^']*')",
        r"(?i)task run (?P<task_run_name>'[^']*')",
        r"(?i)task (?P<task_name>'[^']*')",
    ]


class StateHighlighter(RegexHighlighter):
    """Colours the names of states."""

    base_style = "state."
    highlights = [
        r"(?P<completed_state>\bCompleted\b)",
        r"(?P<cancelled_state>\bCancelled\b)",
        r"(?P<failed_state>\bFailed\b)",
        r"(?P<crashed_state>\bCrashed\b)",
        r"(?P<cached_state>\bCached\b)",
    ]


class PrefectConsoleHighlighter(RegexHighlighter):
    """Colours all of these."""

    base_style = "log."
    highlights = (
        LevelHighlighter.highlights
        + UrlHighlighter.highlights
        + NameHighlighter.highlights
        + StateHighlighter.highlights
    )
