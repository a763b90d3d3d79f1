"""What belongs to the server as a whole: CSRF tokens, settings, saved searches, result storage."""

from typing import Any
from uuid import UUID

from pydantic import Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    empty_list,
    publish,
)
from prefect.types._datetime import DateTime

__all__ = [
    "Configuration",
    "CsrfToken",
    "SavedSearch",
    "SavedSearchCreate",
    "SavedSearchFilter",
    "ServerDefaultResultStorage",
    "ServerDefaultResultStorageUpdate",
]


class CsrfToken(ObjectBaseModel):
    """A token that a server with CSRF protection asks for in requests that change something."""

    token: str
    client: str
    expiration: DateTime


class Configuration(ObjectBaseModel):
    """A setting that the server stores."""

    key: str
    value: dict[str, Any]


class SavedSearchFilter(PrefectBaseModel):
    """One condition of a saved search."""

    object: str
    property: str
    type: str
    operation: str
    value: Any


class SavedSearch(ObjectBaseModel):
    """A search of the UI."""

    name: str
    filters: list[SavedSearchFilter] = Field(default_factory=empty_list)


class SavedSearchCreate(ActionBaseModel):
    """Save a search of the UI."""

    name: str
    filters: list[SavedSearchFilter] = Field(default_factory=empty_list)


class ServerDefaultResultStorage(PrefectBaseModel):
    """The block that results are stored with when nobody chooses another."""

    default_result_storage_block_id: UUID | None = None


class ServerDefaultResultStorageUpdate(PrefectBaseModel):
    """Choose the block that results are stored with."""

    default_result_storage_block_id: UUID


publish(
    "prefect.client.schemas.objects",
    CsrfToken,
    Configuration,
    SavedSearchFilter,
    SavedSearch,
    ServerDefaultResultStorage,
    ServerDefaultResultStorageUpdate,
)
publish("prefect.client.schemas.actions", SavedSearchCreate)
