"""Artifacts: create, read, change, delete; and the latest one of each key.

Source: REST contract, `/artifacts`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    dump,
    join,
    not_found,
    parse,
    parse_list,
    path,
    refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Annotated, Any, TypedDict
    from uuid import UUID

    from pydantic import Field
    from typing_extensions import Unpack

    from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate
    from prefect.client.schemas.filters import (
        ArtifactCollectionFilter,
        ArtifactFilter,
        FlowRunFilter,
        TaskRunFilter,
    )
    from prefect.client.schemas.objects import Artifact, ArtifactCollection
    from prefect.client.schemas.sorting import ArtifactCollectionSort, ArtifactSort

    class ArtifactReadParams(TypedDict, total=False):
        """What `read_artifacts` can be given."""

        limit: int | None
        offset: Annotated[int, Field(ge=0)]
        artifact_filter: ArtifactFilter | None
        flow_run_filter: FlowRunFilter | None
        task_run_filter: TaskRunFilter | None
        sort: ArtifactSort | None

    class ArtifactCollectionReadParams(TypedDict, total=False):
        """What `read_latest_artifacts` can be given."""

        limit: int | None
        offset: Annotated[int, Field(ge=0)]
        artifact_filter: ArtifactCollectionFilter | None
        flow_run_filter: FlowRunFilter | None
        task_run_filter: TaskRunFilter | None
        sort: ArtifactCollectionSort | None


__all__ = ["ArtifactCollections", "Artifacts"]


class Artifacts(Noun):
    """The endpoints of artifacts."""

    async def create_artifact(self, artifact: ArtifactCreate) -> Artifact:
        """Create an artifact; with a key, it becomes the latest one of that key."""
        from prefect.client.schemas.objects import Artifact

        response = await self._send(
            "POST", "/artifacts/", content=dump(artifact, exclude_unset=True)
        )
        return parse(Artifact, response)

    async def update_artifact(self, artifact_id: UUID, artifact: ArtifactUpdate) -> None:
        """Change the fields of an artifact that are set in `artifact`.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                artifact.
        """
        await self._send(
            "PATCH",
            path("/artifacts/{id}", id=artifact_id),
            content=dump(artifact, exclude_unset=True),
            errors={404: refused(f"Cannot change artifact '{artifact_id}'")},
        )

    async def read_artifacts(self, **kwargs: Unpack[ArtifactReadParams]) -> list[Artifact]:
        """Read the artifacts that match all the filters given.

        Args:
            kwargs: `artifact_filter`, `flow_run_filter`, `task_run_filter`, `sort`, `limit` and
                `offset`.

        Raises:
            TypeError: For any other argument.
        """
        from prefect.client.schemas.objects import Artifact

        body = _filter_body("read_artifacts", dict(kwargs))
        return parse_list(Artifact, await self._send("POST", "/artifacts/filter", content=body))

    async def delete_artifact(self, artifact_id: UUID) -> None:
        """Delete an artifact.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such artifact.
        """
        await self._send(
            "DELETE",
            path("/artifacts/{id}", id=artifact_id),
            errors={404: not_found(f"artifact '{artifact_id}'")},
        )


class ArtifactCollections(Noun):
    """The endpoints of artifact collections: per key, the artifact created last."""

    async def read_latest_artifacts(
        self, **kwargs: Unpack[ArtifactCollectionReadParams]
    ) -> list[ArtifactCollection]:
        """Read the latest artifact of each key, of those that match all the filters given.

        Args:
            kwargs: `artifact_filter`, `flow_run_filter`, `task_run_filter`, `sort`, `limit` and
                `offset`.

        Raises:
            TypeError: For any other argument.
        """
        from prefect.client.schemas.objects import ArtifactCollection

        body = _filter_body("read_latest_artifacts", dict(kwargs))
        response = await self._send("POST", "/artifacts/latest/filter", content=body)
        return parse_list(ArtifactCollection, response)


def _filter_body(method: str, given: dict[str, Any]) -> bytes:
    body = join(
        artifacts=given.pop("artifact_filter", None),
        flow_runs=given.pop("flow_run_filter", None),
        task_runs=given.pop("task_run_filter", None),
        limit=given.pop("limit", None),
        offset=given.pop("offset", 0),
        sort=given.pop("sort", None),
    )
    if given:
        raise TypeError(f"{method}() got an unexpected keyword argument {next(iter(given))!r}")
    return body
