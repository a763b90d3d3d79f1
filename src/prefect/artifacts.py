"""Artifacts: what runs show people, next to their logs and results.

    create_markdown_artifact("# All good", key="report")

    artifact_id = create_progress_artifact(0, key="import")
    update_progress_artifact(artifact_id, 50)

An artifact that is created while a run is going on belongs to that run. Artifacts with the same key
are versions of one another. Every function has an async twin with an `a` before its name; called
in a running event loop, the function itself returns the twin's coroutine.
"""

import json
import math
import sys
import warnings
from typing import Any, cast
from uuid import UUID

from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.client._faces import awaited, blocked
from prefect.client.schemas._models.artifacts import Artifact as ArtifactResponse
from prefect.client.schemas._models.artifacts import ArtifactCreate, ArtifactUpdate
from prefect.events.utilities import emit_event
from prefect.logging.loggers import get_logger
from prefect.utilities.context import get_task_and_flow_run_ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

__all__ = [
    "Artifact",
    "ImageArtifact",
    "LinkArtifact",
    "MarkdownArtifact",
    "ProgressArtifact",
    "TableArtifact",
    "acreate_image_artifact",
    "acreate_link_artifact",
    "acreate_markdown_artifact",
    "acreate_progress_artifact",
    "acreate_table_artifact",
    "aupdate_progress_artifact",
    "create_image_artifact",
    "create_link_artifact",
    "create_markdown_artifact",
    "create_progress_artifact",
    "create_table_artifact",
    "update_progress_artifact",
]


class Artifact(ArtifactCreate):
    """Something to show: of any `type`, with any `data` that JSON can hold.

    The subclasses know how to make their data of what they are given.
    """

    async def acreate(self, client: "PrefectClient | None" = None) -> ArtifactResponse:
        """Store this artifact; it belongs to the run around this code, if there is one."""
        return await awaited(self._create, client)

    @async_dispatch(acreate)
    def create(self, client: "PrefectClient | None" = None) -> ArtifactResponse:
        """Store this artifact; it belongs to the run around this code, if there is one."""
        return blocked(self._create, client)

    @classmethod
    async def aget(
        cls, key: str | None = None, client: "PrefectClient | None" = None
    ) -> ArtifactResponse | None:
        """Read the newest artifact of a key; None if there is none.

        Without a key, the artifact that was changed last.
        """
        return await awaited(lambda api: _newest(api, key), client)

    @classmethod
    @async_dispatch(aget)
    def get(
        cls, key: str | None = None, client: "PrefectClient | None" = None
    ) -> ArtifactResponse | None:
        """Read the newest artifact of a key; see `aget`."""
        return blocked(lambda api: _newest(api, key), client)

    @classmethod
    async def aget_or_create(
        cls,
        key: str | None = None,
        description: str | None = None,
        data: dict[str, Any] | Any | None = None,
        client: "PrefectClient | None" = None,
        **kwargs: Any,
    ) -> tuple[ArtifactResponse, bool]:
        """Read the newest artifact of a key, or create one if there is none.

        Args:
            key: Without one, the artifact that was changed last is taken.
            description: Of the new artifact.
            data: Of the new artifact.
            client: Used for the requests.
            kwargs: Further fields of the new artifact.

        Returns:
            The artifact, and whether it is new.
        """
        fields = {"description": description, "data": data, **kwargs}
        return await awaited(lambda api: cls._get_or_create(api, key, fields), client)

    @classmethod
    @async_dispatch(aget_or_create)
    def get_or_create(
        cls,
        key: str | None = None,
        description: str | None = None,
        data: dict[str, Any] | Any | None = None,
        client: "PrefectClient | None" = None,
        **kwargs: Any,
    ) -> tuple[ArtifactResponse, bool]:
        """Read the newest artifact of a key, or create one; see `aget_or_create`."""
        fields = {"description": description, "data": data, **kwargs}
        return blocked(lambda api: cls._get_or_create(api, key, fields), client)

    async def aformat(self) -> str | float | int | dict[str, Any]:
        """Return the data as it is sent."""
        return _json(self.data)

    @async_dispatch(aformat)
    def format(self) -> str | float | int | dict[str, Any]:
        """Return the data as it is sent."""
        return _json(self.data)

    def _formatted(self) -> Any:
        return _json(self.data)

    async def _create(self, api: Any) -> ArtifactResponse:
        task_run_id, flow_run_id = get_task_and_flow_run_ids()
        if flow_run_id is None and task_run_id is None:
            _warn_outside_of_run()
        artifact = ArtifactCreate(
            key=self.key,
            type=self.type,
            description=self.description,
            data=await self._sent_data(),
            task_run_id=self.task_run_id or task_run_id,
            flow_run_id=self.flow_run_id or flow_run_id,
            **({} if self.metadata_ is None else {"metadata_": self.metadata_}),
        )
        created = cast(ArtifactResponse, await api.create_artifact(artifact))
        _emit_created(created)
        return created

    async def _sent_data(self) -> Any:
        """What `format` gives, which subclasses of users override in either face."""
        overridden = _first_override(type(self))
        if overridden is None:
            return self._formatted()
        data = getattr(self, overridden)()
        return await data if hasattr(data, "__await__") else data

    @classmethod
    async def _get_or_create(
        cls, api: Any, key: str | None, fields: dict[str, Any]
    ) -> tuple[ArtifactResponse, bool]:
        existing = await _newest(api, key)
        if existing is not None:
            return existing, False
        return await cls(key=key, **fields)._create(api), True


class LinkArtifact(Artifact):
    """A link.

    Attributes:
        link: Where it leads.
        link_text: What is shown; None shows the address.
    """

    link: str
    link_text: str | None = None
    type: str | None = "markdown"

    async def aformat(self) -> str:
        """Return the link in Markdown."""
        return self._formatted()

    @async_dispatch(aformat)
    def format(self) -> str:
        """Return the link in Markdown."""
        return self._formatted()

    def _formatted(self) -> str:
        return f"[{self.link_text or self.link}]({self.link})"


class MarkdownArtifact(Artifact):
    """A text in Markdown."""

    markdown: str
    type: str | None = "markdown"

    async def aformat(self) -> str:
        """Return the text."""
        return self.markdown

    @async_dispatch(aformat)
    def format(self) -> str:
        """Return the text."""
        return self.markdown

    def _formatted(self) -> str:
        return self.markdown


class TableArtifact(Artifact):
    """A table: columns by name, rows as dicts, or rows as lists.

    JSON has no number that is not one (NaN) or has no end: such cells are shown as empty.
    """

    table: dict[str, list[Any]] | list[dict[str, Any]] | list[list[Any]]
    type: str | None = "table"

    async def aformat(self) -> str:
        """Return the table in JSON."""
        return self._formatted()

    @async_dispatch(aformat)
    def format(self) -> str:
        """Return the table in JSON."""
        return self._formatted()

    def _formatted(self) -> str:
        return _json(self.table)


class ProgressArtifact(Artifact):
    """A progress bar; `update_progress_artifact` moves it.

    Attributes:
        progress: Percent, 0 to 100. What lies outside is cut off, with a warning.
    """

    progress: float
    type: str | None = "progress"

    async def aformat(self) -> float:
        """Return the percentage that is sent."""
        return self._formatted()

    @async_dispatch(aformat)
    def format(self) -> float:
        """Return the percentage that is sent."""
        return self._formatted()

    def _formatted(self) -> float:
        return _percentage(self.progress)


class ImageArtifact(Artifact):
    """An image, by its public address."""

    image_url: str
    type: str | None = "image"

    async def aformat(self) -> str:
        """Return the address."""
        return self.image_url

    @async_dispatch(aformat)
    def format(self) -> str:
        """Return the address."""
        return self.image_url

    def _formatted(self) -> str:
        return self.image_url


_OWN_KINDS: tuple[type[Artifact], ...] = (
    Artifact,
    LinkArtifact,
    MarkdownArtifact,
    TableArtifact,
    ProgressArtifact,
    ImageArtifact,
)


def _first_override(kind: type[Artifact]) -> str | None:
    """The name under which a user's subclass defines how to format it; None if none does."""
    for cls in kind.__mro__:
        if cls in _OWN_KINDS:
            return None
        for name in ("format", "aformat"):
            if name in vars(cls):
                return name
    return None


# ---- functions ----------------------------------------------------------------------------------


async def acreate_link_artifact(
    link: str,
    link_text: str | None = None,
    key: str | None = None,
    description: str | None = None,
    client: "PrefectClient | None" = None,
) -> UUID:
    """Create an artifact that shows a link.

    Args:
        link: Where it leads.
        link_text: What is shown; default: the address.
        key: Lowercase letters, digits and dashes; artifacts of a key are versions of one another.
        description: Shown with it, in Markdown.
        client: Used for the request.

    Returns:
        The artifact's id.
    """
    artifact = LinkArtifact(key=key, description=description, link=link, link_text=link_text)
    return (await artifact.acreate(client)).id


@async_dispatch(acreate_link_artifact)
def create_link_artifact(
    link: str,
    link_text: str | None = None,
    key: str | None = None,
    description: str | None = None,
    client: "PrefectClient | None" = None,
) -> UUID:
    """Create an artifact that shows a link; see `acreate_link_artifact`."""
    artifact = LinkArtifact(key=key, description=description, link=link, link_text=link_text)
    return blocked(artifact._create, client).id


async def acreate_markdown_artifact(
    markdown: str, key: str | None = None, description: str | None = None
) -> UUID:
    """Create an artifact that shows a text in Markdown, and return its id.

    Args:
        markdown: The text.
        key: Lowercase letters, digits and dashes; artifacts of a key are versions of one another.
        description: Shown with it, in Markdown.
    """
    artifact = MarkdownArtifact(key=key, description=description, markdown=markdown)
    return (await artifact.acreate()).id


@async_dispatch(acreate_markdown_artifact)
def create_markdown_artifact(
    markdown: str, key: str | None = None, description: str | None = None
) -> UUID:
    """Create an artifact that shows a text; see `acreate_markdown_artifact`."""
    artifact = MarkdownArtifact(key=key, description=description, markdown=markdown)
    return blocked(artifact._create).id


async def acreate_table_artifact(
    table: dict[str, list[Any]] | list[dict[str, Any]] | list[list[Any]],
    key: str | None = None,
    description: str | None = None,
) -> UUID:
    """Create an artifact that shows a table, and return its id.

    Args:
        table: Columns by name, rows as dicts, or rows as lists. Cells that are NaN or infinite
            are shown as empty.
        key: Lowercase letters, digits and dashes; artifacts of a key are versions of one another.
        description: Shown with it, in Markdown.

    Raises:
        ValueError: If a cell cannot be written as JSON.
    """
    artifact = TableArtifact(key=key, description=description, table=table)
    return (await artifact.acreate()).id


@async_dispatch(acreate_table_artifact)
def create_table_artifact(
    table: dict[str, list[Any]] | list[dict[str, Any]] | list[list[Any]],
    key: str | None = None,
    description: str | None = None,
) -> UUID:
    """Create an artifact that shows a table; see `acreate_table_artifact`."""
    artifact = TableArtifact(key=key, description=description, table=table)
    return blocked(artifact._create).id


async def acreate_progress_artifact(
    progress: float, key: str | None = None, description: str | None = None
) -> UUID:
    """Create an artifact that shows a progress bar, and return its id.

    Args:
        progress: Percent, 0 to 100.
        key: Lowercase letters, digits and dashes; artifacts of a key are versions of one another.
        description: Shown with it, in Markdown.
    """
    artifact = ProgressArtifact(key=key, description=description, progress=progress)
    return (await artifact.acreate()).id


@async_dispatch(acreate_progress_artifact)
def create_progress_artifact(
    progress: float, key: str | None = None, description: str | None = None
) -> UUID:
    """Create an artifact that shows a progress bar; see `acreate_progress_artifact`."""
    artifact = ProgressArtifact(key=key, description=description, progress=progress)
    return blocked(artifact._create).id


async def aupdate_progress_artifact(
    artifact_id: UUID,
    progress: float,
    description: str | None = None,
    client: "PrefectClient | None" = None,
) -> UUID:
    """Move a progress bar.

    Args:
        artifact_id: From `create_progress_artifact`.
        progress: Percent, 0 to 100.
        description: Replaces the description, if given.
        client: Used for the request.

    Returns:
        The artifact's id.

    Raises:
        PrefectHTTPStatusError: With status 404 if there is no such artifact.
    """
    update = _progress_update(progress, description)
    await awaited(lambda api: _update(api, artifact_id, update), client)
    return artifact_id


@async_dispatch(aupdate_progress_artifact)
def update_progress_artifact(
    artifact_id: UUID,
    progress: float,
    description: str | None = None,
    client: "PrefectClient | None" = None,
) -> UUID:
    """Move a progress bar; see `aupdate_progress_artifact`."""
    update = _progress_update(progress, description)
    blocked(lambda api: _update(api, artifact_id, update), client)
    return artifact_id


async def acreate_image_artifact(
    image_url: str, key: str | None = None, description: str | None = None
) -> UUID:
    """Create an artifact that shows an image, and return its id.

    Args:
        image_url: Where the image is, reachable for whoever looks at the artifact.
        key: Lowercase letters, digits and dashes; artifacts of a key are versions of one another.
        description: Shown with it, in Markdown.
    """
    artifact = ImageArtifact(key=key, description=description, image_url=image_url)
    return (await artifact.acreate()).id


@async_dispatch(acreate_image_artifact)
def create_image_artifact(
    image_url: str, key: str | None = None, description: str | None = None
) -> UUID:
    """Create an artifact that shows an image; see `acreate_image_artifact`."""
    artifact = ImageArtifact(key=key, description=description, image_url=image_url)
    return blocked(artifact._create).id


# ---- helpers ------------------------------------------------------------------------------------


async def _newest(api: Any, key: str | None) -> ArtifactResponse | None:
    from prefect.client.schemas.filters import (  # heavy
        ArtifactFilter,
        ArtifactFilterKey,
    )
    from prefect.client.schemas.sorting import ArtifactSort

    wanted = None if key is None else ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    found = await api.read_artifacts(
        artifact_filter=wanted, sort=ArtifactSort.UPDATED_DESC, limit=1
    )
    return found[0] if found else None


async def _update(api: Any, artifact_id: UUID, update: ArtifactUpdate) -> None:
    await api.update_artifact(artifact_id, update)
    emit_event(
        "prefect.artifact.updated",
        resource={"prefect.resource.id": f"prefect.artifact.{artifact_id}"},
        payload=update.model_dump(mode="json", exclude_unset=True),
    )


def _emit_created(artifact: ArtifactResponse) -> None:
    resource = {"prefect.resource.id": f"prefect.artifact.{artifact.id}"}
    if artifact.key is not None:
        resource["prefect.resource.name"] = artifact.key
    payload = {
        "key": artifact.key,
        "type": artifact.type,
        "description": artifact.description,
    }
    emit_event("prefect.artifact.created", resource=resource, payload=payload)


def _progress_update(progress: float, description: str | None) -> ArtifactUpdate:
    data = _percentage(float(progress))
    if description is None:
        return ArtifactUpdate(data=data)
    return ArtifactUpdate(data=data, description=description)


def _percentage(progress: float) -> float:
    """A progress within 0 and 100.

    Raises:
        ValueError: If it is not a number at all.
    """
    if math.isnan(progress):
        raise ValueError("A progress is a number from 0 to 100 (percent), not NaN.")
    cut = min(max(progress, 0.0), 100.0)
    if cut != progress:
        get_logger(__name__).warning(
            "A progress is a number from 0 to 100 (percent); %s is shown as %s.", progress, cut
        )
    return cut


def _json(value: Any) -> str:
    """Write a value in JSON, with null for numbers that JSON does not know.

    Raises:
        ValueError: If the value holds something that cannot be written in JSON.
    """
    try:
        try:
            return json.dumps(value, allow_nan=False)
        except ValueError:  # NaN or infinity somewhere; looking for it costs, so only then
            return json.dumps(_without_nan(value), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The data of an artifact must be something that JSON can hold: {error}. Turn such"
            " values into text or numbers first, e.g. with `str(value)`."
        ) from error


def _without_nan(value: Any, seen: tuple[int, ...] = ()) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (dict, list, tuple)):
        if id(value) in seen:
            raise ValueError("it contains itself")
        seen = (*seen, id(value))
        if isinstance(value, dict):
            return {key: _without_nan(item, seen) for key, item in value.items()}
        return [_without_nan(item, seen) for item in value]
    return value


def _warn_outside_of_run() -> None:
    # The level of the first caller outside of this package depends on the face and on the function;
    # skip our own frames instead of counting them.
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame, level = frame.f_back, level + 1
    warnings.warn(
        "This artifact is created outside of a flow or task run, which is deprecated: it belongs to"
        " no run and is hard to find. Create it inside a flow or a task.",
        FutureWarning,
        stacklevel=level,
    )


def _is_ours(module: str) -> bool:
    return module == "prefect" or module.startswith("prefect.")
