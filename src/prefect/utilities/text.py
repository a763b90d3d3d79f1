"""Small operations on text, for displays and for hints in messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fuzzy_match_string", "truncated_to"]


def truncated_to(length: int, value: str | None) -> str:
    """Shorten a text by replacing its middle with a note of how much is missing.

    Args:
        length: Characters of the text that remain, half of them from its end.
        value: The text; None gives an empty one. It comes back whole when the note would make
            it longer.
    """
    if not value:
        return ""
    half = max(length, 0) // 2
    tail = value[len(value) - half :]
    shortened = f"{value[:half]}...{len(value) - 2 * half} more characters...{tail}"
    return shortened if len(shortened) < len(value) else value


def fuzzy_match_string(
    word: str, possibilities: Iterable[str], *, n: int = 1, cutoff: float = 0.6
) -> str | None:
    """Find the text that was probably meant.

    Args:
        word: What was written.
        possibilities: What could be meant.
        n: How many candidates are compared before the best is chosen.
        cutoff: How alike they must be, 0 to 1.
    """
    from difflib import get_close_matches  # heavy: only used to help after a mistake

    matches = get_close_matches(word, possibilities, n=n, cutoff=cutoff)
    return matches[0] if matches else None
