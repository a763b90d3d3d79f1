"""Names for runs that people can remember, and texts that must not be shown whole.

Used by the engines (run names) and wherever a secret is displayed. The words stand in a data module
that is loaded when the first name is made.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["IGNORE_LIST", "OBFUSCATED_PREFIX", "generate_slug", "obfuscate", "obfuscate_string"]

OBFUSCATED_PREFIX = "****"
"""What stands for the hidden part of a secret."""

IGNORE_LIST = {
    "dead",
    "fat",
    "fool",
    "hussy",
    "kinky",
    "slimy",
    "stupid",
    "ugly",
    "useless",
    "venomous",
}
"""Words that never appear in a generated name; programs may add their own."""


def generate_slug(n_words: int) -> str:
    """Make a random name: `n_words - 1` adjectives and a noun, joined by dashes.

    Args:
        n_words: How many words, at least 1; `2` gives `"gentle-heron"`.

    Raises:
        ValueError: If `n_words` is smaller than 1 or larger than the list of words.
    """
    if n_words < 1:
        raise ValueError(f"A name needs at least 1 word, but n_words is {n_words!r}.")
    # Bound here: `random` and the words cost more than the rest of this module.
    from random import SystemRandom  # not the shared generator: the program may have seeded it

    system = SystemRandom()

    from prefect.utilities._words import adjectives, nouns

    qualities = system.sample(
        [word for word in adjectives() if word not in IGNORE_LIST], n_words - 1
    )
    noun = system.choice([word for word in nouns() if word not in IGNORE_LIST])
    return "-".join([*qualities, noun])


def obfuscate(s: Any, show_tail: bool = False) -> str:
    """Hide a value of any kind; nothing of it remains visible unless it is text, see below.

    Args:
        s: The value; `None` is hidden like an empty text.
        show_tail: Whether the last four characters stay readable.
    """
    return obfuscate_string("" if s is None else str(s), show_tail=show_tail)


def obfuscate_string(s: str, show_tail: bool = False) -> str:
    """Hide a text behind eight asterisks, so that its length does not show either.

    Args:
        s: The text.
        show_tail: Whether to show up to four characters of the end; the first ten always stay
            hidden.
    """
    shown = min(4, max(0, len(s) - 10)) if show_tail else 0
    return "*" * (8 - shown) + s[len(s) - shown :]
