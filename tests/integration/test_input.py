"""Input for flow runs on a real 3.9.1 server: ours to ours, and with the real package."""

from pathlib import Path
from uuid import UUID

import pytest
from faces import opened, unique
from mock_api import FACES, on_face

from interop.environments import RealServer
from prefect.input import (
    RunInput,
    keyset_from_base_key,
    read_flow_run_input,
    receive_input,
    send_input,
)


class Person(RunInput):
    """An input of a user."""

    name: str
    age: int = 3


class LabFlow:
    """The least a flow has to be for the client."""

    name = "lab-input"
    version = None
    retries = 0
    retry_delay_seconds = 0

    def serialize_parameters(self, parameters: dict[str, object]) -> dict[str, object]:
        return dict(parameters)


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def flow_run_id(api: RealServer) -> UUID:
    with opened("sync") as client:
        run_id: UUID = client.create_flow_run(LabFlow(), name=unique("input")).id
        return run_id


def test_inputs_are_sent_and_received(face: str, flow_run_id: UUID) -> None:
    on_face(face, Person(name="Ada").send_to, flow_run_id, sender="lab")
    on_face(face, send_input, [1, 2], flow_run_id)

    person = on_face(face, Person.receive(timeout=0, flow_run_id=flow_run_id).next)
    numbers = on_face(face, receive_input(list, timeout=0, flow_run_id=flow_run_id).next)

    assert person.name == "Ada"
    assert person.metadata.sender == "lab"
    assert person.metadata.receiver == flow_run_id
    assert numbers == [1, 2]


def test_schema_of_what_is_wanted_is_stored(face: str, flow_run_id: UUID) -> None:
    wanted = Person.with_initial_data(description="Who?", name="Ada")

    on_face(face, wanted.save, keyset_from_base_key("lab"), flow_run_id)

    schema = on_face(face, read_flow_run_input, "lab-schema", flow_run_id)
    assert schema["properties"]["name"]["default"] == "Ada"
    assert on_face(face, read_flow_run_input, "lab-description", flow_run_id) == "Who?"
    assert on_face(face, wanted.load, keyset_from_base_key("lab"), flow_run_id).name == "Ada"


def test_real_package_and_ours_receive_from_each_other(
    real_server: RealServer, flow_run_id: UUID, tmp_path: Path
) -> None:
    send_input(41, flow_run_id)
    script = tmp_path / "peer.py"
    script.write_text(
        "from uuid import UUID\n"
        "from prefect.input import receive_input, send_input\n"
        f"run = UUID({str(flow_run_id)!r})\n"
        "number = receive_input(int, timeout=0, flow_run_id=run).next()\n"
        "send_input(f'{number} + 1', run)\n"
    )

    process = real_server.run_python(script, name="input-peer")
    assert process.popen.wait(120) == 0, process.output()

    assert receive_input(str, timeout=0, flow_run_id=flow_run_id).next() == "41 + 1"
