"""Assets: their keys, and what tasks tell about them."""

import importlib
import sys
import types
from typing import Any

import pytest
from pydantic import ValidationError

from prefect import assets
from prefect.assets import Asset, AssetProperties, add_asset_metadata, materialize
from prefect.assets.core import MAX_ASSET_DESCRIPTION_LENGTH

REFUSED = "\x00\t\n\r \"#%&'<>?[\\]^`{|}"
"""What the released package refuses in a key, found by trying each character."""


@pytest.mark.parametrize("key", ["s3://b/k.csv", "file:///a", "1a://b", "x://", "x://a,(b)*~:@ü"])
def test_uri_is_a_key(key: str) -> None:
    assert Asset(key=key).key == key


@pytest.mark.parametrize("key", ["", "b", "S3://b", "s3:/b", "my_p://a", "p+q://a", "s-3://a"])
def test_key_without_a_scheme_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="is a URI with a scheme"):
        Asset(key=key)


def test_characters_of_a_key_are_those_of_the_released_package() -> None:
    refused = ""
    for number in range(256):
        try:
            Asset(key=f"x://a{chr(number)}b")
        except ValidationError:
            refused += chr(number)

    assert refused == REFUSED


def test_key_has_a_limit() -> None:
    assert Asset(key="x://" + "a" * 508)
    with pytest.raises(ValidationError, match="512"):
        Asset(key="x://" + "a" * 509)


def test_description_has_a_limit() -> None:
    assert AssetProperties(description="d" * MAX_ASSET_DESCRIPTION_LENGTH)
    with pytest.raises(ValidationError, match="2500"):
        AssetProperties(description="d" * (MAX_ASSET_DESCRIPTION_LENGTH + 1))


def test_assets_are_hashed_by_key_and_cannot_change() -> None:
    asset = Asset(key="s3://a", properties=AssetProperties(name="n", owners=["o"]))

    assert hash(asset) == hash(Asset(key="s3://a"))
    assert len({asset.properties, AssetProperties(name="n", owners=["o"])}) == 1
    assert repr(asset) == "Asset(key='s3://a')"
    with pytest.raises(ValidationError, match="frozen"):
        asset.key = "s3://b"  # type: ignore[misc]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What is told to the task around the test."""
    calls: list[tuple[str, dict[str, Any]]] = []
    context = types.SimpleNamespace(
        add_asset_metadata=lambda key, metadata: calls.append((key, metadata))
    )
    contexts: Any = types.ModuleType("prefect.context")
    contexts.AssetContext = types.SimpleNamespace(get=lambda: context)
    monkeypatch.setitem(sys.modules, "prefect.context", contexts)
    return calls


def test_metadata_goes_to_the_task(told: list[tuple[str, dict[str, Any]]]) -> None:
    Asset(key="s3://a").add_metadata({"rows": 1})
    add_asset_metadata("s3://b", {"rows": 2})

    assert told == [("s3://a", {"rows": 1}), ("s3://b", {"rows": 2})]


def test_metadata_outside_of_a_task_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"'s3://a'.*@materialize"):
        add_asset_metadata("s3://a", {})


def test_materialize_makes_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    class MaterializingTask:
        def __init__(self, **options: Any) -> None:
            self.options = options

    tasks: Any = types.ModuleType("prefect.tasks")
    tasks.MaterializingTask = MaterializingTask
    monkeypatch.setitem(sys.modules, "prefect.tasks", tasks)

    def orders() -> None:
        pass

    asset = Asset(key="s3://b")
    made: Any = materialize("s3://a", asset, by="dbt", retries=2)(orders)

    assert made.options == {
        "fn": orders,
        "assets": [Asset(key="s3://a"), asset],
        "materialized_by": "dbt",
        "retries": 2,
    }


def test_materialize_needs_assets() -> None:
    with pytest.raises(TypeError, match="at least one asset"):
        materialize()
    with pytest.raises(TypeError, match="not as 3"):
        materialize(3)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        materialize("no uri")


def test_function_keeps_its_name_when_its_module_is_imported() -> None:
    importlib.import_module("prefect.assets.materialize")

    assert assets.materialize is materialize
    assert callable(assets.materialize)
