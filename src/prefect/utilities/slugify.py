"""Make texts fit for URLs and names of resources: `"Hello World!"` → `"hello-world"`.

Latin letters with marks lose them; letters of other scripts are dropped, because a readable
transcription would need tables that are larger than the rest of the package. With
`allow_unicode=True` they stay.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

__all__ = ["slugify"]

_SPECIAL = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ı": "i",
        "’": "'", "‘": "'", "–": "-", "—": "-",
    }
)  # fmt: skip
"""Letters that do not decompose into a plain one and a mark."""


def slugify(
    text: str | bytes | bytearray,
    entities: bool = True,
    decimal: bool = True,
    hexadecimal: bool = True,
    max_length: int = 0,
    word_boundary: bool = False,
    separator: str = "-",
    save_order: bool = False,
    stopwords: Iterable[str] = (),
    regex_pattern: re.Pattern[str] | str | None = None,
    lowercase: bool = True,
    replacements: Iterable[Iterable[str]] = (),
    allow_unicode: bool = False,
    *,
    replacement_stage: Literal["both", "pre", "post"] = "both",
    backend: Literal["auto"] = "auto",
    algorithm: Literal["legacy"] = "legacy",
) -> str:
    """Make a slug.

    Args:
        text: The text; bytes are read as UTF-8.
        entities: Whether `&amp;` counts as `&`.
        decimal: Whether `&#381;` counts as its character.
        hexadecimal: Whether `&#x17D;` counts as its character.
        max_length: Characters that may remain at most; 0 means all.
        word_boundary: Whether to cut between words only.
        separator: What joins the words.
        save_order: With `word_boundary`, stop at the first word that does not fit instead of
            going on with shorter ones.
        stopwords: Words to leave out.
        regex_pattern: What separates words; by default everything but letters and digits.
        lowercase: Whether to write small letters only.
        replacements: Pairs of texts, what to replace and by what.
        allow_unicode: Whether letters outside ASCII stay.
        replacement_stage: Whether to replace before everything else, after it, or both.
        backend: What transcribes letters; only the one built in is there, `"auto"`.
        algorithm: How; only `"legacy"` is there.

    Raises:
        ValueError: If one of the last three has another value.
    """
    for option, value, known in (
        ("replacement_stage", replacement_stage, ("both", "pre", "post")),
        ("backend", backend, ("auto",)),
        ("algorithm", algorithm, ("legacy",)),
    ):
        if value not in known:
            raise ValueError(f"slugify knows {known} for {option}, but got {value!r}")
    pairs = [tuple(pair) for pair in replacements]
    slug = text if isinstance(text, str) else bytes(text).decode("utf-8", "ignore")
    if replacement_stage != "post":
        slug = _replaced(slug, pairs)
    slug = _unescaped(slug, entities=entities, decimal=decimal, hexadecimal=hexadecimal)
    if allow_unicode:
        slug = unicodedata.normalize("NFKC", slug)
    else:
        decomposed = unicodedata.normalize("NFKD", slug.translate(_SPECIAL))
        slug = decomposed.encode("ascii", "ignore").decode()
    if lowercase:
        slug = slug.lower()
    slug = re.sub(r"(?<=\d),(?=\d)", "", slug)  # 1,000 is one number
    slug = slug.replace("'", "-")
    pattern = regex_pattern or (r"[\W_]+" if allow_unicode else r"[^-a-zA-Z0-9]+")
    slug = re.sub(pattern, "-", slug)
    words = [word for word in slug.split("-") if word]
    left_out = {word.lower() if lowercase else word for word in stopwords}
    words = [word for word in words if word not in left_out]
    slug = "-".join(words)
    if replacement_stage != "pre":
        slug = _replaced(slug, pairs)
    if max_length > 0:
        slug = _cut(slug, max_length, word_boundary=word_boundary, save_order=save_order)
    return slug if separator == "-" else slug.replace("-", separator)


def _replaced(text: str, pairs: list[tuple[str, ...]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _unescaped(text: str, *, entities: bool, decimal: bool, hexadecimal: bool) -> str:
    wanted = {"#x": hexadecimal, "#": decimal, "": entities}

    def character(match: re.Match[str]) -> str:
        kind = (match["kind"] or "").lower()
        return html.unescape(match[0]) if wanted[kind] else match[0]

    return re.sub(r"&(?P<kind>#[xX]|#)?\w+;", character, text)


def _cut(slug: str, max_length: int, *, word_boundary: bool, save_order: bool) -> str:
    if len(slug) <= max_length:
        return slug
    if not word_boundary:
        return slug[:max_length].strip("-")
    kept = ""
    for word in slug.split("-"):
        longer = f"{kept}-{word}" if kept else word
        if len(longer) <= max_length:
            kept = longer
        elif save_order:
            break
    return kept or slug[:max_length]
