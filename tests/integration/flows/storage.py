"""Blocks and results made and read by the real Prefect, for the interop suite.

    python storage.py run-flows <block name> <directory>    runs flows that store their results
    python storage.py serve <block name> <directory>        serves such a flow as a deployment
    python storage.py read <directory> <key> ...            reads results from local storage
    python storage.py save-blocks <name>                    stores nested blocks with secrets
    python storage.py load-blocks <name>                    loads those that were stored by us
    python storage.py hold <directory> <key>                takes a lock and keeps it

Each but `serve` prints one line with `RESULT` and a JSON document.
"""

import json
import sys
from pathlib import Path

from pydantic import SecretStr

from prefect import flow
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
from prefect.locking.filesystem import FileSystemLockManager
from prefect.results import ResultStore
from prefect.types import SecretDict

VALUE = {"answer": 42, "of": ["a", None, 1.5]}
SERIALIZERS = ("pickle", "json", "compressed/pickle", "compressed/json")


class InteropLogin(Block):
    """Credentials of the interop suite."""

    user: str
    password: SecretStr


class InteropMailbox(Block):
    """A mailbox of the interop suite."""

    login: InteropLogin
    headers: SecretDict
    spare: list[InteropLogin] = []


def run_flows(name: str, directory: str) -> object:
    storage = LocalFileSystem(basepath=directory)
    storage.save(name, overwrite=True)
    runs = {}
    for serializer in SERIALIZERS:

        @flow(persist_result=True, result_storage=storage, result_serializer=serializer)
        def answer() -> object:
            return VALUE

        state = answer(return_state=True)
        runs[serializer] = str(state.state_details.flow_run_id)
    return runs


def serve(name: str, directory: str) -> None:
    storage = LocalFileSystem(basepath=directory)
    storage.save(name, overwrite=True)

    @flow(name="stored", persist_result=True, result_storage=storage)
    def stored(a: int) -> object:
        return {"twice": 2 * a}

    stored.serve(name)


def read(directory: str, *keys: str) -> object:
    store = ResultStore(result_storage=LocalFileSystem(basepath=directory))
    return {key: store.read(key).result for key in keys}


def save_blocks(name: str) -> object:
    login = InteropLogin(user="ann", password="s3cret")
    login.save(name, overwrite=True)
    mailbox = InteropMailbox(
        login=login,
        headers={"token": "t0ken"},
        spare=[InteropLogin(user="bob", password="b0b")],
    )
    Secret(value={"pin": 7}).save(name, overwrite=True)
    return str(mailbox.save(name, overwrite=True))


def load_blocks(name: str) -> object:
    mailbox = InteropMailbox.load(name)
    return {
        "user": mailbox.login.user,
        "password": mailbox.login.password.get_secret_value(),
        "headers": mailbox.headers.get_secret_value(),
        "spare": [login.password.get_secret_value() for login in mailbox.spare],
        "login document": mailbox.login._block_document_name,
        "secret": Secret.load(name).get(),
        "checksum": InteropMailbox._calculate_schema_checksum(),
    }


def hold(directory: str, key: str) -> object:
    return FileSystemLockManager(Path(directory)).acquire_lock(key, "peer", hold_timeout=600)


if __name__ == "__main__":
    commands = {
        "run-flows": run_flows,
        "serve": serve,
        "read": read,
        "save-blocks": save_blocks,
        "load-blocks": load_blocks,
        "hold": hold,
    }
    print("RESULT", json.dumps(commands[sys.argv[1]](*sys.argv[2:])))
