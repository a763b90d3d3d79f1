"""The page of the settings is what the declarations say."""

from __future__ import annotations

from docs.settings_page import PAGE, page
from prefect.settings.legacy import declarations


def test_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python docs/settings_page.py`"


def test_page_has_every_name() -> None:
    text = page()

    assert all(f"`{name}`" in text for name in declarations())


def test_every_setting_says_in_a_sentence_what_it_means() -> None:
    for declaration in declarations().values():
        description = declaration.model.model_fields[declaration.field].description or ""

        assert description.endswith("."), declaration.path
        assert description[0].isupper() or description.startswith("`"), declaration.path
