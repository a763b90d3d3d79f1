"""What blocks are without a server: classes, data, secrets."""

import pickle
from typing import Any
from uuid import UUID, uuid4

import cloudpickle
import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from prefect.blocks import _registry, _schemas, _storing
from prefect.blocks.core import (
    Block,
    BlockNotSavedError,
    InvalidBlockRegistration,
    UnknownBlockType,
    block_schema_to_key,
)
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import BlockDocument, BlockSchema, BlockType
from prefect.types import SecretDict

REVEAL = {"include_secrets": True}


class Key(Block):
    _block_type_name = "Unit Key"
    word: SecretStr


class Lock(Block):
    _block_type_name = "Unit Lock"
    size: int = 1


class Options(BaseModel):
    token: SecretStr | None = None


class Door(Block):
    _block_type_name = "Unit Door"
    key: Key
    parts: list[Key | Lock] = []
    options: Options = Options()
    headers: SecretDict = SecretDict({})


def door() -> Door:
    return Door(
        key=Key(word="sesame"),
        parts=[Lock(size=2), Key(word="open")],
        options=Options(token="t0ken"),
        headers={"h": "hidden"},
    )


def document(cls: type[Block], data: dict[str, Any], **fields: Any) -> BlockDocument:
    block_type = cls._to_block_type()
    return BlockDocument(
        name="stored",
        data=data,
        block_schema_id=uuid4(),
        block_type_id=block_type.id,
        block_type=block_type,
        **fields,
    )


def test_secrets_are_not_printed() -> None:
    shown = repr(door()) + str(door()) + door().model_dump_json()

    for secret in ("sesame", "open", "t0ken", "hidden"):
        assert secret not in shown


def test_extra_values_are_not_printed_because_they_may_have_been_secret() -> None:
    block = Lock(size=1, old_password="sesame")

    assert "sesame" not in repr(block)
    assert block.model_extra == {"old_password": "sesame"}


def test_secrets_are_written_when_asked_for() -> None:
    written = door().model_dump(mode="json", context=REVEAL)

    assert written == {
        "key": {"word": "sesame", "block_type_slug": "unit-key"},
        "parts": [
            {"size": 2, "block_type_slug": "unit-lock"},
            {"word": "open", "block_type_slug": "unit-key"},
        ],
        "options": {"token": "t0ken"},
        "headers": {"h": "hidden"},
        "block_type_slug": "unit-door",
    }


def test_document_data_hide_their_secrets_until_they_are_sent() -> None:
    data = door()._document_data()

    assert data["key"]["word"].get_secret_value() == "sesame"
    assert data["options"]["token"].get_secret_value() == "t0ken"
    assert data["headers"]["h"].get_secret_value() == "hidden"
    assert "sesame" not in repr(data)
    assert "hidden" not in repr(data)


def test_document_data_refer_to_blocks_that_are_stored() -> None:
    block = door()
    block.key._block_document_id = UUID(int=7)

    assert block._document_data()["key"] == {"$ref": {"block_document_id": str(UUID(int=7))}}


def test_written_block_is_made_again() -> None:
    made = Door.model_validate_json(door().model_dump_json(context=REVEAL))

    assert made.key.word.get_secret_value() == "sesame"
    assert [type(part) for part in made.parts] == [Lock, Key]


def test_data_that_name_their_type_become_that_class() -> None:
    assert isinstance(Block(block_type_slug="unit-lock", size=3), Lock)
    assert isinstance(Block.model_validate({"block_type_slug": "unit-lock"}), Lock)


def test_block_of_another_type_is_refused_in_a_field() -> None:
    with pytest.raises(ValidationError, match="'unit-lock' is no Key"):
        Door(key={"block_type_slug": "unit-lock", "word": "x"})


def test_subclass_in_a_field_of_its_base_keeps_its_values() -> None:
    class Holder(Block):
        any_block: Block

    written = Holder(any_block=Lock(size=5)).model_dump()

    assert written["any_block"] == {"size": 5, "block_type_slug": "unit-lock"}
    assert Holder.model_validate(written).any_block.size == 5


def test_stored_block_carries_its_document_and_is_made_with_it() -> None:
    block = Lock()
    block._block_document_id, block._block_document_name = UUID(int=3), "front"
    written = block.model_dump(mode="json")

    made = Lock(**written)

    assert written["_block_document_id"] == str(UUID(int=3))
    assert made._block_document_id == UUID(int=3)
    assert made.get_block_placeholder() == "prefect.blocks.unit-lock.front"


def test_included_and_excluded_keys_are_respected() -> None:
    assert Lock(size=2).model_dump(exclude={"block_type_slug"}) == {"size": 2}
    assert Lock(size=2).model_dump(include={"size"}) == {"size": 2}


def test_block_that_is_not_stored_has_no_placeholder() -> None:
    with pytest.raises(BlockNotSavedError, match="save"):
        Lock().get_block_placeholder()


def test_block_is_pickled_with_its_secrets() -> None:
    block = cloudpickle.loads(cloudpickle.dumps(Key(word="sesame")))

    assert block.word.get_secret_value() == "sesame"
    assert pickle.loads(pickle.dumps(Secret(value={"a": 1}))).get() == {"a": 1}


def test_initialization_runs_after_validation() -> None:
    class Sum(Block):
        a: int
        b: int

        def block_initialization(self) -> None:
            self._sum = self.a + self.b

    assert Sum(a="1", b=2)._sum == 3


def test_document_becomes_the_block_with_the_blocks_in_it() -> None:
    inner = {
        "id": str(UUID(int=9)),
        "name": "inner",
        "block_type": {"name": "k", "slug": "unit-key"},
    }
    stored = document(
        Door,
        {"key": {"word": "sesame"}},
        block_document_references={"key": {"block_document": inner}},
    )

    block = Block._from_block_document(stored)

    assert isinstance(block, Door)
    assert (block._block_document_id, block._block_document_name) == (stored.id, "stored")
    assert (block.key._block_document_id, block.key._block_document_name) == (UUID(int=9), "inner")


def test_loading_is_told_as_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Any, ...]] = []

    def emit_event(event: str, *, resource: Any, related: Any) -> None:
        told.append((event, resource, related))

    stored = document(Lock, {"size": 2})

    async def read(client: Any, slug: str, name: str) -> BlockDocument:
        assert (slug, name) == ("unit-lock", "stored")
        return stored

    monkeypatch.setattr("prefect.events.utilities.emit_event", emit_event)
    monkeypatch.setattr(_storing, "read_by_name", read)

    assert Lock.load("stored", client=get_client(sync_client=True)).size == 2

    resource = {
        "prefect.resource.id": f"prefect.block-document.{stored.id}",
        "prefect.resource.name": "stored",
    }
    block_type = {
        "prefect.resource.id": "prefect.block-type.unit-lock",
        "prefect.resource.role": "block-type",
    }
    assert told == [("prefect.block.unit-lock.loaded", resource, [block_type])]


def test_document_that_does_not_fit_says_what_is_missing_without_values() -> None:
    stored = document(Door, {"headers": "s3cret"})

    with pytest.raises(RuntimeError, match="key: Field required") as caught:
        Door._load_from_block_document(stored)

    assert "s3cret" not in str(caught.value)


def test_document_is_loaded_as_far_as_it_fits_without_validation() -> None:
    stored = document(Door, {"headers": {"h": "x"}, "parts": "broken"})

    with pytest.warns(UserWarning, match="key: Field required"):
        block = Door._load_from_block_document(stored, validate=False)

    assert block.headers.get_secret_value() == {"h": "x"}
    assert block.parts == "broken"
    assert block.key is None


@pytest.mark.parametrize(
    ("example", "package"),
    [
        ("```python\nfrom prefect_aws.s3 import S3Bucket\n```", "prefect_aws"),
        ("import shop\n", "shop"),
        ("from prefect.blocks.system import Secret", None),
        ("from __main__ import Mine", None),
        (None, None),
    ],
)
def test_package_is_taken_from_the_example(example: str | None, package: str | None) -> None:
    assert _registry.package_of(BlockType(name="x", slug="x", code_example=example)) == package


def test_unknown_type_names_package_and_failed_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "_outcomes", {"prefect_far": "ImportError: no boto3"})

    with pytest.raises(UnknownBlockType, match=r"'prefect_far'.*no boto3"):
        _registry.find_class(
            "far", BlockType(name="f", slug="far", code_example="import prefect_far")
        )
    with pytest.raises(UnknownBlockType, match="pip install prefect-near"):
        _registry.find_class("n", BlockType(name="n", slug="n", code_example="import prefect_near"))


def test_packages_are_imported_when_their_type_is_asked_for(monkeypatch) -> None:
    class Point:
        value = module = "collection_of_tests"

        def load(self) -> None:
            Point.defined = type(
                "Collected", (Block,), {"__module__": __name__, "__annotations__": {}}
            )

    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [Point()])
    monkeypatch.setattr(_registry, "_outcomes", {})

    assert _registry.find_class("collected") is Point.defined


def test_key_of_a_schema_is_the_slug_of_its_type() -> None:
    schema = Lock._to_block_schema(uuid4())

    assert block_schema_to_key(schema) == "unit-lock"
    assert Block.get_block_class_from_schema(schema) is Lock
    with pytest.raises(ValueError, match="of which type"):
        block_schema_to_key(BlockSchema(checksum="c", block_type_id=None))


def test_classes_and_annotations_of_blocks_are_told_from_others() -> None:
    assert Block.is_block_class(Lock)
    assert not Block.is_block_class(Lock())
    assert not Block.is_block_class(list[int])
    assert Block.annotation_refers_to_block_class(dict[str, Lock | None])
    assert not Block.annotation_refers_to_block_class(dict[str, int])
    assert Door._field_has_secrets("options")
    assert not Lock._field_has_secrets("size")


def test_document_needs_ids_of_its_class() -> None:
    class Unregistered(Block):
        size: int = 1

    with pytest.raises(ValueError, match="register_type_and_schema"):
        Unregistered()._to_block_document(name="x")
    made = Lock(size=4)._to_block_document("x", block_schema_id=uuid4(), block_type_id=uuid4())
    assert made.data == {"size": 4}


@pytest.mark.parametrize("text", ["name", "a/b/c", "/name", "type/"])
def test_block_without_a_type_cannot_be_named(text: str) -> None:
    with pytest.raises(ValueError, match="its type and its name"):
        _storing.split_slug(text)


def test_base_of_all_blocks_is_not_registered() -> None:
    client = get_client(sync_client=True)

    with pytest.raises(InvalidBlockRegistration, match="base of all"):
        Block.register_type_and_schema(client=client)


def test_client_of_the_other_colour_is_refused() -> None:
    with pytest.raises(TypeError, match="sync_client=True"):
        Lock().save("x", client=get_client())
    with pytest.raises(TypeError, match="without one"):
        _storing.async_client(get_client(sync_client=True))


@pytest.mark.parametrize("value", ["text", {"a": [1]}, 3, None, True])
def test_secret_gives_its_value_back(value: Any) -> None:
    assert Secret(value=value).get() == value
    assert (
        Secret.model_validate_json(Secret(value=value).model_dump_json(context=REVEAL)).get()
        == value
    )


def test_secret_text_that_is_json_is_given_as_what_it_says() -> None:
    assert Secret(value='{"a": 1}').get() == {"a": 1}


def test_secret_of_a_type_is_checked() -> None:
    assert Secret[int](value=3).get() == 3
    with pytest.raises(ValidationError):
        Secret[int](value="x")


def test_veil_reaches_through_lists_and_mappings() -> None:
    data = {"a": [{"s": "1"}, {"s": None}], "m": {"k": {"s": "2"}}}

    veiled = _schemas.veil(data, ["a.s", "m.s", "absent.s"])

    assert veiled["a"][0]["s"].get_secret_value() == "1"
    assert veiled["a"][1]["s"] is None
    assert veiled["m"]["k"]["s"].get_secret_value() == "2"
