"""Small operations on text, for displays and for hints in messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fuzzy_match_string", "truncated_to"]

_GAP = "..."


def truncated_to(length: int, value: str | None) -> str:
    """Shorten a text by cutting out its middle.

    Args:
        length: Characters that may remain at most, the three dots included.
        value: The text; None gives an empty one. Texts that are too short to be worth a gap
            (`length` below 5) are cut at the end instead.
    """
    if not value or len(value) <= length:
        return value or ""
    if length < len(_GAP) + 2:
        return value[: max(length, 0)]
    kept = length - len(_GAP)
    head = (kept + 1) // 2
    return value[:head] + _GAP + value[len(value) - (kept - head) :]


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
