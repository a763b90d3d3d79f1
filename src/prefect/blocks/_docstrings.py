"""What a block class says about itself: description and code example of its docstring.

Docstrings are read in Google's style: a heading such as `Attributes:` at the margin begins a
section, which goes on until the next line at the margin.
"""

import inspect
import re

__all__ = ["description_of", "example_of"]

_HEADING = re.compile(
    r"(?:args|arguments|attributes|examples?|keyword args|keyword arguments|methods|notes?|params|"
    r"parameters|other parameters|other args|raises|receives|returns|warns|warnings?|yields|"
    r"functions|classes|modules|see also|todo|references|deprecated|source):\s*",
    re.IGNORECASE,
)


def description_of(docstring: str | None) -> str | None:
    """Give what stands before the first section; None if nothing does."""
    text = "\n".join(line for section, line in _lines(docstring) if section is None)
    return text.strip() or None


def example_of(docstring: str | None) -> str | None:
    """Give the section of examples, without its indentation; None if there is none."""
    lines = [line for section, line in _lines(docstring) if section in ("example", "examples")]
    return inspect.cleandoc("\n" + "\n".join(lines)).strip() or None


def _lines(docstring: str | None) -> list[tuple[str | None, str]]:
    """Pair each line with the section it stands in, in lower case; None before the first.

    What follows a section at the margin is text again.
    """
    section: str | None = None
    found: list[tuple[str | None, str]] = []
    for line in inspect.cleandoc(docstring or "").splitlines():
        if _HEADING.fullmatch(line):
            section = line.strip().rstrip(":").lower()
            continue
        if section is not None and line and not line[0].isspace():
            section = None
        found.append((section, line))
    return found
