"""Artifacts: what is sent for each kind, on both faces."""

import json
import sys
import types
import warnings
from typing import Any
from uuid import UUID, uuid4

import pytest
from mock_api import FACES, MockApi, on_face

from prefect import artifacts
from prefect.artifacts import (
    Artifact,
    ImageArtifact,
    LinkArtifact,
    MarkdownArtifact,
    ProgressArtifact,
    TableArtifact,
)
from prefect.exceptions import PrefectHTTPStatusError

pytestmark = pytest.mark.filterwarnings("ignore:This artifact is created outside:FutureWarning")

STORED_ID = "11111111-1111-1111-1111-111111111111"


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> MockApi:
    mock = MockApi().install(monkeypatch)
    mock.answer = lambda method, path, body: (
        (201, {"id": STORED_ID, **body}) if path == "/artifacts/" else (200, [])
    )
    return mock


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    events: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr(
        artifacts,
        "emit_event",
        lambda event, resource, payload: events.append((event, resource, payload)),
    )
    return events


@pytest.mark.parametrize(
    ("artifact", "data"),
    [
        (MarkdownArtifact(markdown="# hi"), "# hi"),
        (LinkArtifact(link="http://x"), "[http://x](http://x)"),
        (LinkArtifact(link="http://x", link_text="X"), "[X](http://x)"),
        (LinkArtifact(link="http://x", link_text=""), "[http://x](http://x)"),
        (ImageArtifact(image_url="http://x/y.png"), "http://x/y.png"),
        (TableArtifact(table=[{"a": 1}]), '[{"a": 1}]'),
        (TableArtifact(table={"a": [1, float("nan")]}), '{"a": [1, null]}'),
        (TableArtifact(table=[[1, float("inf")], [(2, float("nan"))]]), "[[1, null], [[2, null]]]"),
        (ProgressArtifact(progress=50), 50.0),
        (Artifact(data={"a": 1}), '{"a": 1}'),
        (Artifact(), "null"),
    ],
)
def test_format_gives_what_is_sent(face: str, artifact: Artifact, data: Any) -> None:
    assert on_face(face, artifact.format) == data


@pytest.mark.parametrize(("progress", "shown"), [(-1, 0.0), (101, 100.0)])
def test_progress_is_cut_off_with_a_warning(
    progress: float, shown: float, caplog: pytest.LogCaptureFixture
) -> None:
    assert ProgressArtifact(progress=progress).format() == shown
    assert f"shown as {shown}" in caplog.text


def test_progress_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not NaN"):
        ProgressArtifact(progress=float("nan")).format()


def test_cell_that_json_cannot_hold_is_named() -> None:
    with pytest.raises(ValueError, match="complex"):
        TableArtifact(table=[{"a": 1j}]).format()


def test_table_that_holds_itself_is_refused() -> None:
    rows: list[Any] = [[float("nan")]]
    rows[0].append(rows[0])

    with pytest.raises(ValueError, match="contains itself"):
        TableArtifact(table=rows).format()


def test_bad_key_is_refused() -> None:
    with pytest.raises(ValueError, match="key"):
        MarkdownArtifact(key="Not_Good", markdown="x")


@pytest.mark.parametrize(
    ("name", "arguments", "sent"),
    [
        ("markdown", ("# x",), {"type": "markdown", "data": "# x"}),
        ("link", ("http://x",), {"type": "markdown", "data": "[http://x](http://x)"}),
        ("table", ([{"a": 1}],), {"type": "table", "data": '[{"a": 1}]'}),
        ("progress", (10,), {"type": "progress", "data": 10.0}),
        ("image", ("http://x",), {"type": "image", "data": "http://x"}),
    ],
)
def test_create_sends_the_artifact_and_gives_its_id(
    face: str, api: MockApi, name: str, arguments: tuple[Any, ...], sent: dict[str, Any]
) -> None:
    create = getattr(artifacts, f"create_{name}_artifact")

    created = on_face(face, create, *arguments, key="k", description="d")

    assert created == UUID(STORED_ID)
    expected = {"key": "k", "description": "d", "flow_run_id": None, "task_run_id": None, **sent}
    assert api.requests == [("POST", "/artifacts/", expected)]


def test_create_emits_an_event(face: str, api: MockApi, emitted: list[Any]) -> None:
    on_face(face, artifacts.create_markdown_artifact, "x", key="k")

    assert emitted == [
        (
            "prefect.artifact.created",
            {
                "prefect.resource.id": f"prefect.artifact.{STORED_ID}",
                "prefect.resource.name": "k",
            },
            {"key": "k", "type": "markdown", "description": None},
        )
    ]


def test_artifact_belongs_to_the_run_around_it(
    face: str, api: MockApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow_run_id, task_run_id = uuid4(), uuid4()
    run = types.SimpleNamespace(task_run=types.SimpleNamespace(id=task_run_id, flow_run_id=None))
    flow = types.SimpleNamespace(flow_run=types.SimpleNamespace(id=flow_run_id), client=None)
    contexts: Any = types.ModuleType("prefect.context")
    for name, value in {
        "FlowRunContext": flow,
        "TaskRunContext": run,
        "AsyncClientContext": None,
        "SyncClientContext": None,
    }.items():
        setattr(contexts, name, types.SimpleNamespace(get=lambda value=value: value))
    monkeypatch.setitem(sys.modules, "prefect.context", contexts)
    monkeypatch.setattr(artifacts, "emit_event", lambda *args, **kwargs: None)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        on_face(face, artifacts.create_markdown_artifact, "x")

    (body,) = api.bodies("/artifacts/")
    assert body["flow_run_id"] == str(flow_run_id)
    assert body["task_run_id"] == str(task_run_id)


@pytest.mark.filterwarnings("default")
def test_artifact_outside_of_a_run_warns_where_it_is_created(face: str, api: MockApi) -> None:
    with pytest.warns(FutureWarning, match="outside of a flow") as warned:
        on_face(face, artifacts.create_markdown_artifact, "x")

    assert not warned[0].filename.endswith("artifacts.py") or "tests" in warned[0].filename


def test_get_reads_the_newest_of_a_key(face: str, api: MockApi) -> None:
    api.answer = lambda method, path, body: (200, [{"id": STORED_ID, "key": "k", "data": "x"}])

    found = on_face(face, Artifact.get, "k")

    assert found.id == UUID(STORED_ID)
    (body,) = api.bodies("/artifacts/filter")
    assert body["artifacts"]["key"]["any_"] == ["k"]
    assert body["sort"] == "UPDATED_DESC"
    assert body["limit"] == 1


def test_get_gives_none_without_one(face: str, api: MockApi) -> None:
    assert on_face(face, Artifact.get, "k") is None


def test_get_or_create_creates_once(face: str, api: MockApi) -> None:
    artifact, created = on_face(face, MarkdownArtifact.get_or_create, key="k", markdown="x")
    assert created
    assert artifact.data == "x"

    api.answer = lambda method, path, body: (200, [{"id": STORED_ID, "key": "k", "data": "x"}])
    artifact, created = on_face(face, MarkdownArtifact.get_or_create, key="k", markdown="y")
    assert not created
    assert artifact.data == "x"
    assert len(api.bodies("/artifacts/")) == 1


def test_update_moves_the_progress(face: str, api: MockApi, emitted: list[Any]) -> None:
    api.answer = lambda method, path, body: (204, None)

    given = on_face(face, artifacts.update_progress_artifact, UUID(STORED_ID), 55)

    assert given == UUID(STORED_ID)
    assert api.requests == [("PATCH", f"/artifacts/{STORED_ID}", {"data": 55.0})]
    assert emitted[0][0] == "prefect.artifact.updated"
    assert emitted[0][2] == {"data": 55.0}


def test_update_changes_the_description_when_given(face: str, api: MockApi) -> None:
    api.answer = lambda method, path, body: (204, None)

    on_face(face, artifacts.update_progress_artifact, UUID(STORED_ID), 55, description="d")

    assert api.requests[0][2] == {"data": 55.0, "description": "d"}


def test_update_of_a_missing_artifact_raises(face: str, api: MockApi, emitted: list[Any]) -> None:
    api.answer = lambda method, path, body: (404, {"detail": "Artifact not found."})

    with pytest.raises(PrefectHTTPStatusError):
        on_face(face, artifacts.update_progress_artifact, UUID(STORED_ID), 55)
    assert emitted == []


def test_subclass_of_a_user_chooses_its_data(face: str, api: MockApi) -> None:
    class Csv(Artifact):
        rows: list[list[int]]
        type: str | None = "csv"

        def format(self) -> str:
            return json.dumps(self.rows)

    on_face(face, Csv(rows=[[1, 2]]).create)

    assert api.bodies("/artifacts/")[0]["data"] == "[[1, 2]]"
