"""Optional modules: there, or missed with the command that adds them."""

import json

import pytest

from prefect._extras import require
from prefect.exceptions import PrefectImportError


def test_require_gives_the_module() -> None:
    assert require("json", extra="any", what="testing") is json


def test_require_imports_submodules() -> None:
    assert require("json.tool", extra="any", what="testing").__name__ == "json.tool"


def test_missing_module_names_extra_and_use() -> None:
    with pytest.raises(PrefectImportError) as caught:
        require("no_such_module_anywhere", extra="yaml", what="reading logging.yml")

    assert 'pip install "prefect-client[yaml]"' in str(caught.value)
    assert str(caught.value).startswith("Reading logging.yml needs")
    assert "no_such_module_anywhere" in str(caught.value)
