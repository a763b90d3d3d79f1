"""Names of runs, and hidden texts."""

import subprocess
import sys

import pytest

from prefect.utilities import names
from prefect.utilities._words import adjectives, nouns
from prefect.utilities.names import generate_slug, obfuscate, obfuscate_string


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_slug_has_the_words_asked_for(count: int) -> None:
    words = generate_slug(count).split("-")

    assert len(words) == count
    assert words[-1] in nouns()
    assert set(words[:-1]) <= set(adjectives())


@pytest.mark.parametrize("count", [0, -1, 10_000])
def test_slug_refuses_impossible_lengths(count: int) -> None:
    with pytest.raises(ValueError):
        generate_slug(count)


def test_slug_leaves_out_ignored_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "IGNORE_LIST", set(nouns()) - {"otter"})

    assert generate_slug(1) == "otter"


def test_words_can_stand_in_urls_and_differ() -> None:
    for words in (adjectives(), nouns()):
        assert len(words) == len(set(words)) > 300
        assert all(word.isalpha() and word.islower() and word.isascii() for word in words)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "********"),
        ("short", "********"),
        ("0123456789", "********"),
        ("0123456789a", "*******a"),
        ("0123456789abcdef", "****cdef"),
    ],
)
def test_obfuscation_keeps_ten_characters_hidden(text: str, shown: str) -> None:
    assert obfuscate_string(text, show_tail=True) == shown


@pytest.mark.parametrize("value", [None, "", "a secret", {"a": 1}, 5])
def test_obfuscation_hides_everything_by_default(value: object) -> None:
    assert obfuscate(value) == "********"


def test_importing_names_loads_no_words() -> None:
    code = (
        "import sys; import prefect.utilities.names;"
        "loaded = {'random', 'prefect.utilities._words', 'pydantic', 'asyncio'} & set(sys.modules);"
        "assert not loaded, loaded"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
