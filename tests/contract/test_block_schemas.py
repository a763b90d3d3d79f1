"""Schemas and checksums of blocks against what the released package computed (3.9.1)."""

import importlib
import json
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from prefect.blocks.abstract import JobBlock
from prefect.blocks.core import Block
from prefect.filesystems import ReadableFileSystem

DATA = json.loads((Path(__file__).parent / "data" / "blocks.json").read_text())


class Inner(Block):
    _block_type_name = "Inner Zed"
    a: int
    s: SecretStr


class InnerB(Block):
    "Doc of InnerB."  # noqa: D300 - as recorded

    b: str = "x"


class Plain(BaseModel):
    k: int = 1
    d: dict[str, int] = {}
    sec: SecretStr | None = None


class Deep(BaseModel):
    p: Plain
    ps: list[Plain] = []


class Middle(Block):
    inner: Inner
    o: Inner | None = None


class Top(Block):
    """Top block.

    More text
    on lines.

    Attributes:
        mid: the middle.
        x: x.

    Examples:
        Load it:
        ```python
        x = 1
        ```

        Second:
        ```python
        y
        ```
    """

    mid: Middle
    mids: Middle | Inner | None = None
    deep: Deep = Field(default_factory=lambda: Deep(p=Plain()))
    x: Annotated[int, Field(gt=3)] = 5


class Cap(ReadableFileSystem, JobBlock):
    _block_schema_capabilities = ["zz"]

    def read_path(self, path): ...

    def trigger(self): ...


class Gen(Block, Generic[TypeVar("T")]):
    q: int = 1


class Kw(Block):
    model_config = ConfigDict(arbitrary_types_allowed=True, title="Kw Title")
    z: int


class Sub(Kw):
    _block_type_name = "Sub Kw"
    y: Kw | None = None


CLASSES = {cls.__name__: cls for cls in (Inner, InnerB, Middle, Top, Cap, Gen, Kw, Sub)}


@pytest.mark.parametrize("name", DATA["classes"])
def test_schema_of_a_users_class_is_the_recorded_one(name: str) -> None:
    recorded, cls = DATA["classes"][name], CLASSES[name]

    assert cls.model_json_schema() == recorded["schema"]
    assert cls._calculate_schema_checksum() == recorded["checksum"]
    assert sorted(cls.get_block_capabilities()) == recorded["capabilities"]
    assert cls.get_block_type_slug() == recorded["slug"]
    assert cls.get_description() == recorded["description"]


@pytest.mark.parametrize("slug", DATA["built_in"])
def test_built_in_type_has_the_recorded_shape(slug: str) -> None:
    recorded = DATA["built_in"][slug]
    module, _, name = recorded["python"].partition(":")
    cls = getattr(importlib.import_module(module), name)
    schema = cls.model_json_schema()

    assert cls.get_block_type_slug() == slug
    assert cls.get_block_type_name() == recorded["name"]
    assert sorted(cls.get_block_capabilities()) == recorded["capabilities"]
    assert list(schema["properties"]) == recorded["fields"]
    assert schema.get("required", []) == recorded["required"]
    assert sorted(schema["secret_fields"]) == recorded["secret_fields"]
    assert Block.get_block_class_from_key(slug) is cls


def test_example_of_a_docstring_is_given_without_its_indentation() -> None:
    assert Top.get_code_example() == (
        "Load it:\n```python\nx = 1\n```\n\nSecond:\n```python\ny\n```"
    )
