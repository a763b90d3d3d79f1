"""Artifacts on a real 3.9.1 server, from both faces."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from mock_api import FACES, on_face

from interop.environments import RealServer
from prefect.artifacts import (
    Artifact,
    MarkdownArtifact,
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

pytestmark = pytest.mark.filterwarnings("ignore:This artifact is created outside:FutureWarning")


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def stored(api: RealServer, artifact_id: UUID) -> dict[str, Any]:
    answer = httpx.get(f"{api.api_url}/artifacts/{artifact_id}")
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


def test_artifacts_of_every_kind_are_stored(face: str, api: RealServer) -> None:
    made = {
        "markdown": on_face(face, create_markdown_artifact, "# hi", key=f"lab-md-{face}"),
        "link": on_face(face, create_link_artifact, "http://x", "X", key=f"lab-link-{face}"),
        "image": on_face(face, create_image_artifact, "http://x/y.png", key=f"lab-img-{face}"),
        "table": on_face(
            face, create_table_artifact, [{"a": float("nan"), "b": 1}], key=f"lab-table-{face}"
        ),
    }

    assert stored(api, made["markdown"])["data"] == "# hi"
    assert stored(api, made["link"])["data"] == "[X](http://x)"
    assert stored(api, made["image"])["type"] == "image"
    assert json.loads(stored(api, made["table"])["data"]) == [{"a": None, "b": 1}]


def test_progress_moves(face: str, api: RealServer) -> None:
    artifact_id = on_face(face, create_progress_artifact, 0, key=f"lab-progress-{face}")

    on_face(face, update_progress_artifact, artifact_id, 55.5)
    on_face(face, update_progress_artifact, artifact_id, 150, description="done")

    assert stored(api, artifact_id)["data"] == 100
    assert stored(api, artifact_id)["description"] == "done"


def test_newest_of_a_key_is_read(face: str, api: RealServer) -> None:
    key = f"lab-newest-{face}"
    first, created = on_face(face, MarkdownArtifact.get_or_create, key=key, markdown="1")
    assert created
    again, created = on_face(face, MarkdownArtifact.get_or_create, key=key, markdown="2")
    assert not created
    assert again.id == first.id

    newest = on_face(face, create_markdown_artifact, "3", key=key)

    assert on_face(face, Artifact.get, key).id == newest
    assert on_face(face, Artifact.get, "lab-no-such-key") is None
