"""Results exchanged with the released package: through a storage block and through files."""

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from interop.environments import RealServer
from prefect.blocks.core import Block, UnknownBlockType
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment
from prefect.exceptions import MissingResult
from prefect.filesystems import LocalFileSystem
from prefect.locking.filesystem import FileSystemLockManager
from prefect.results import ResultStore, get_default_result_storage, resolve_result_storage

pytestmark = pytest.mark.usefixtures("api")

STORAGE = Path(__file__).parent / "flows" / "storage.py"
VALUE = {"answer": 42, "of": ["a", None, 1.5]}


def peer(server: RealServer, *arguments: str) -> Any:
    """Run the script with the released package, and give what it prints."""
    process = server.run_python(STORAGE, *arguments, name=f"storage-{uuid.uuid4().hex[:6]}")
    assert process.popen.wait(timeout=120) == 0, process.output()
    return json.loads(process.output().partition("RESULT ")[2].splitlines()[0])


@pytest.fixture(scope="module")
def stored(real_server: RealServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Runs of the released package whose results are stored by a block, per serializer."""
    directory = tmp_path_factory.mktemp("storage")
    name = f"storage-{uuid.uuid4().hex[:8]}"
    runs = peer(real_server, "run-flows", name, str(directory))
    return {"runs": runs, "block": name, "directory": directory}


@pytest.mark.parametrize("serializer", ["pickle", "json", "compressed/pickle", "compressed/json"])
def test_result_of_the_released_package_is_read_through_its_block(stored, serializer: str) -> None:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(uuid.UUID(stored["runs"][serializer])).state

    assert state is not None
    assert state.data.storage_block_id is not None
    assert state.result() == VALUE
    assert asyncio.run(state.aresult()) == VALUE


def test_result_of_a_served_flow_is_read_through_its_block(real_server, tmp_path: Path) -> None:
    name = f"stored-{uuid.uuid4().hex[:8]}"
    process = real_server.run_python(STORAGE, "serve", name, str(tmp_path), name=name)
    try:
        real_server.wait_for_deployment(f"stored/{name}", process)
        flow_run = run_deployment(f"stored/{name}", parameters={"a": 21}, timeout=120)
    finally:
        process.stop()

    assert flow_run.state is not None
    assert flow_run.state.data.storage_block_id is not None
    assert flow_run.state.result() == {"twice": 42}


def test_result_that_is_gone_names_block_and_key(stored) -> None:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(uuid.UUID(stored["runs"]["json"])).state
    assert state is not None
    gone = state.model_copy(update={"data": state.data.model_copy(update={"storage_key": "gone"})})

    with pytest.raises(MissingResult, match=f"'gone'.*local-file-system/{stored['block']}"):
        gone.result(retry_result_failure=False)


def test_result_whose_block_is_gone_names_the_block(stored) -> None:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(uuid.UUID(stored["runs"]["json"])).state
    assert state is not None
    block_id = uuid.uuid4()
    data = state.data.model_copy(update={"storage_block_id": block_id})

    with pytest.raises(MissingResult, match=str(block_id)):
        state.model_copy(update={"data": data}).result(retry_result_failure=False)


def test_result_whose_storage_class_is_not_installed_names_the_package(stored) -> None:
    class Far(Block):
        _block_type_name = f"Far {uuid.uuid4().hex[:8]}"
        _code_example = "from prefect_faraway import Far"

    from prefect.utilities.dispatch import get_registry_for_type

    block_id = Far().save("far")
    del get_registry_for_type(Block)[Far.get_block_type_slug()]
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(uuid.UUID(stored["runs"]["json"])).state
    assert state is not None
    data = state.data.model_copy(update={"storage_block_id": block_id})

    with pytest.raises(UnknownBlockType, match="pip install prefect-faraway"):
        state.model_copy(update={"data": data}).result()


def test_our_results_are_read_by_the_released_package(real_server, tmp_path: Path) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    keys = {}
    for serializer in ("pickle", "json", "compressed/pickle", "compressed/json"):
        key = keys[serializer] = serializer.replace("/", "-")
        ResultStore(result_storage=storage, serializer=serializer).write(VALUE, key=key)

    read = peer(real_server, "read", str(tmp_path), *keys.values())

    assert read == dict.fromkeys(keys.values(), VALUE)


def test_lock_of_the_released_package_excludes_ours(real_server, tmp_path: Path) -> None:
    assert peer(real_server, "hold", str(tmp_path), "key") is True

    locks = FileSystemLockManager(tmp_path)

    assert locks.is_lock_holder("key", "peer")
    assert not locks.acquire_lock("key", "us", acquire_timeout=0)
    locks.release_lock("key", "peer")
    assert locks.acquire_lock("key", "us", acquire_timeout=0)


def test_storage_is_found_by_name_and_id(tmp_path: Path) -> None:
    name = f"storage-{uuid.uuid4().hex[:8]}"
    block_id = LocalFileSystem(basepath=str(tmp_path)).save(name)

    for reference in (f"local-file-system/{name}", block_id):
        found = resolve_result_storage(reference)
        assert isinstance(found, LocalFileSystem)
        assert found._block_document_id == block_id


def test_default_of_the_server_stores_results(tmp_path: Path) -> None:
    block_id = LocalFileSystem(basepath=str(tmp_path)).save(f"storage-{uuid.uuid4().hex[:8]}")
    with get_client(sync_client=True) as client:
        client.update_server_default_result_storage(block_id)
        try:
            assert get_default_result_storage()._block_document_id == block_id
        finally:
            client.clear_server_default_result_storage()

    assert get_default_result_storage()._block_document_id is None


def test_key_of_a_stored_block_does_not_name_its_directory(tmp_path: Path) -> None:
    storage = LocalFileSystem(basepath=str(tmp_path))
    block_id = storage.save(f"storage-{uuid.uuid4().hex[:8]}")

    record = ResultStore(result_storage=storage).create_result_record(1, key="key")

    assert record.metadata.storage_key == "key"
    assert record.metadata.storage_block_id == block_id
