"""Artifacts: what runs show people, and the newest artifact of each key."""

from typing import Any
from uuid import UUID

from prefect._internal.schemas.bases import ActionBaseModel, ObjectBaseModel, publish
from prefect.types.names import ArtifactKey

__all__ = ["Artifact", "ArtifactCollection", "ArtifactCreate", "ArtifactUpdate"]


class Artifact(ObjectBaseModel):
    """Something a run shows: a table, a text, a link, an image, a progress."""

    key: str | None = None
    type: str | None = None
    description: str | None = None
    data: dict[str, Any] | Any | None = None
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactCollection(ObjectBaseModel):
    """The newest artifact of a key."""

    key: str
    latest_id: UUID
    type: str | None = None
    description: str | None = None
    data: dict[str, Any] | Any | None = None
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactCreate(ActionBaseModel):
    """Create an artifact."""

    key: ArtifactKey | None = None
    type: str | None = None
    description: str | None = None
    data: dict[str, Any] | Any | None = None
    metadata_: dict[str, str] | None = None
    flow_run_id: UUID | None = None
    task_run_id: UUID | None = None


class ArtifactUpdate(ActionBaseModel):
    """Change an artifact."""

    data: dict[str, Any] | Any | None = None
    description: str | None = None
    metadata_: dict[str, str] | None = None


publish("prefect.client.schemas.objects", Artifact, ArtifactCollection)
publish("prefect.client.schemas.actions", ArtifactCreate, ArtifactUpdate)
