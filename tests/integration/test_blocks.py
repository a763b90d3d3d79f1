"""Blocks and variables on a real server, saved and loaded by us and by the released package."""

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from interop.environments import RealServer
from prefect.blocks.core import Block, UnknownBlockType
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.utilities.dispatch import get_registry_for_type
from prefect.variables import Variable

pytestmark = pytest.mark.usefixtures("api")

STORAGE = Path(__file__).parent / "flows" / "storage.py"


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Call a method of both colours, on either face."""

    def on_either_face(function: Any, *args: Any, **kwargs: Any) -> Any:
        if request.param == "sync":
            return function(*args, **kwargs)

        async def in_loop() -> Any:
            return await function(*args, **kwargs)

        return asyncio.run(in_loop())

    return on_either_face


@pytest.fixture
def name() -> str:
    return f"b-{uuid.uuid4().hex[:10]}"


class IntegrationLogin(Block):
    """Credentials for these tests."""

    user: str
    password: SecretStr


class IntegrationMailbox(Block):
    """A mailbox for these tests."""

    login: IntegrationLogin
    size: int = 0


def peer(server: RealServer, *arguments: str) -> Any:
    """Run the script with the released package, and give what it prints."""
    process = server.run_python(STORAGE, *arguments, name=f"storage-{uuid.uuid4().hex[:6]}")
    assert process.popen.wait(timeout=120) == 0, process.output()
    return json.loads(process.output().partition("RESULT ")[2].splitlines()[0])


@pytest.fixture(scope="module")
def ours() -> ModuleType:
    """The same block classes, derived from our `Block`."""
    source = STORAGE.read_text()
    imports = source[: source.index("VALUE =")].replace("from prefect import flow\n", "")
    classes = source[source.index("class InteropLogin") : source.index("def run_flows")]
    module = ModuleType("interop_storage")
    exec(compile(imports + classes, str(STORAGE), "exec"), vars(module))
    return module


def test_saved_block_is_loaded_with_its_secrets(call, name: str) -> None:
    document_id = call(IntegrationLogin(user="ann", password="s3cret").save, name)

    loaded = call(IntegrationLogin.load, name)

    assert loaded.password.get_secret_value() == "s3cret"
    assert loaded._block_document_id == document_id
    assert "s3cret" not in repr(loaded)


def test_block_is_loaded_by_type_and_name_and_by_reference(call, name: str) -> None:
    document_id = call(IntegrationLogin(user="ann", password="p").save, name)
    slug = IntegrationLogin.get_block_type_slug()

    assert isinstance(call(Block.load, f"{slug}/{name}"), IntegrationLogin)
    assert call(Block.load_from_ref, document_id).user == "ann"
    assert call(Block.load_from_ref, str(document_id)).user == "ann"
    reference = {"block_document_slug": f"{slug}/{name}"}
    assert call(Block.load_from_ref, reference).user == "ann"


def test_block_that_is_not_there_is_named_in_the_error(call, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        call(IntegrationLogin.load, name)


def test_name_that_is_taken_needs_overwrite(call, name: str) -> None:
    first = call(IntegrationLogin(user="ann", password="p").save, name)

    with pytest.raises(ValueError, match="overwrite=True"):
        call(IntegrationLogin(user="bob", password="q").save, name)
    second = call(IntegrationLogin(user="bob", password="q").save, name, overwrite=True)

    assert second == first
    assert call(IntegrationLogin.load, name).user == "bob"


def test_deleted_block_is_gone(call, name: str) -> None:
    call(IntegrationLogin(user="ann", password="p").save, name)

    call(IntegrationLogin.delete, name)

    with pytest.raises(ValueError, match="no block"):
        call(IntegrationLogin.delete, name)


def test_stored_block_in_a_block_is_referred_to(call, name: str) -> None:
    login = IntegrationLogin(user="ann", password="old")
    call(login.save, name)
    call(IntegrationMailbox(login=login, size=3).save, name)

    call(IntegrationLogin(user="ann", password="new").save, name, overwrite=True)

    mailbox = call(IntegrationMailbox.load, name)
    assert mailbox.login.password.get_secret_value() == "new"
    assert mailbox.login._block_document_name == name


def test_document_that_lacks_a_field_is_loaded_without_validation(name: str) -> None:
    class Ages(Block):
        _block_type_name = f"Ages {name}"
        user: str

    Ages(user="ann").save(name)

    class Ages(Block):  # type: ignore[no-redef]  # the next version of it
        _block_type_name = f"Ages {name}"
        user: str
        age: int

    with pytest.raises(RuntimeError, match="age: Field required"):
        Ages.load(name)
    with pytest.warns(UserWarning, match="age: Field required"):
        loaded = Ages.load(name, validate=False)
    loaded.age = 7
    loaded.save(name, overwrite=True)

    assert Ages.load(name).age == 7


def test_unknown_block_type_names_the_package_to_install(name: str) -> None:
    class Gone(Block):
        _block_type_name = f"Gone {name}"
        _code_example = "```python\nfrom prefect_nowhere import Gone\n```"
        size: int = 1

    Gone().save(name)
    slug = Gone.get_block_type_slug()
    del get_registry_for_type(Block)[slug]

    with pytest.raises(UnknownBlockType, match="pip install prefect-nowhere"):
        Block.load(f"{slug}/{name}")


def test_block_type_of_an_author_follows_its_class(name: str) -> None:
    class Told(Block):
        _block_type_name = f"Told {name}"
        _description = "first"

    Told.register_type_and_schema()
    Told._description = "second"
    Told.register_type_and_schema()

    with get_client(sync_client=True) as client:
        assert client.read_block_type_by_slug(Told.get_block_type_slug()).description == "second"


def test_words_of_the_server_about_its_own_types_stay(name: str) -> None:
    with get_client(sync_client=True) as client:
        before = client.read_block_type_by_slug("secret")
        Secret(value="x").save(name)
        assert client.read_block_type_by_slug("secret").description == before.description


def test_blocks_of_the_released_package_are_loaded(real_server, ours, name: str) -> None:
    peer(real_server, "save-blocks", name)

    mailbox = ours.InteropMailbox.load(name)

    assert mailbox.login.password.get_secret_value() == "s3cret"
    assert mailbox.headers.get_secret_value() == {"token": "t0ken"}
    assert [login.user for login in mailbox.spare] == ["bob"]
    assert Secret.load(name).get() == {"pin": 7}


def test_our_blocks_are_loaded_by_the_released_package(real_server, ours, name: str) -> None:
    login = ours.InteropLogin(user="ann", password="s3cret")
    login.save(name)
    spare = [ours.InteropLogin(user="bob", password="b0b")]
    ours.InteropMailbox(login=login, headers={"token": "t0ken"}, spare=spare).save(name)
    Secret(value={"pin": 7}).save(name)

    assert peer(real_server, "load-blocks", name) == {
        "user": "ann",
        "password": "s3cret",
        "headers": {"token": "t0ken"},
        "spare": ["b0b"],
        "login document": name,
        "secret": {"pin": 7},
        "checksum": ours.InteropMailbox._calculate_schema_checksum(),
    }


def test_variable_is_set_read_and_unset(call, name: str) -> None:
    value = {"low": 3, "high": [1.5, None, True]}
    assert call(Variable.set, name, value, tags=["t"]).tags == ["t"]

    with pytest.raises(ValueError, match="overwrite=True"):
        call(Variable.set, name, 1)
    assert call(Variable.get, name) == value
    call(Variable.set, name, "text", overwrite=True)
    assert call(Variable.get, name) == "text"

    assert call(Variable.unset, name) is True
    assert call(Variable.unset, name) is False
    assert call(Variable.get, name, "default") == "default"


@pytest.mark.parametrize(
    ("given", "match"), [("x" * 5000, "5000"), (object(), "JSON"), (float("nan"), "NaN|nan")]
)
def test_value_that_no_variable_can_hold_is_refused(name: str, given: Any, match: str) -> None:
    with pytest.raises((ValueError, TypeError), match=match):
        Variable.set(name, given)
