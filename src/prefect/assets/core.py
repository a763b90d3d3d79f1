"""What an asset is, and how a task tells something about the assets it makes."""

import re
import sys
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from prefect._internal.schemas.bases import PrefectBaseModel

__all__ = [
    "MAX_ASSET_DESCRIPTION_LENGTH",
    "Asset",
    "AssetProperties",
    "ValidAssetKey",
    "add_asset_metadata",
]

MAX_ASSET_DESCRIPTION_LENGTH = 2500
"""Characters of a description, at most."""

MAX_ASSET_KEY_LENGTH = 512

_FORM = re.compile(r"[a-z0-9]+://")
_FORBIDDEN = re.compile(r"""[\n\r\t\0 #?&%"'<>\[\]{}|\\^`]""")


def _check_key(key: str) -> str:
    if not _FORM.match(key):
        raise ValueError(
            f"The key of an asset is a URI with a scheme of lowercase letters and digits, such as"
            f" 's3://bucket/orders.csv', not {key!r}."
        )
    if found := _FORBIDDEN.search(key):
        raise ValueError(
            f"The key of an asset cannot contain {found.group()!r}, but this is {key!r}."
        )
    return key


ValidAssetKey = Annotated[str, AfterValidator(_check_key), Field(max_length=MAX_ASSET_KEY_LENGTH)]


class AssetProperties(PrefectBaseModel):
    """What people want to know of an asset.

    Attributes:
        name: What it is called.
        url: Where it can be looked at.
        description: In Markdown.
        owners: Who answers for it.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None = None
    url: str | None = None
    description: str | None = Field(default=None, max_length=MAX_ASSET_DESCRIPTION_LENGTH)
    owners: list[str] | None = None

    def __hash__(self) -> int:
        owners = None if self.owners is None else tuple(self.owners)
        return hash((self.name, self.url, self.description, owners))


class Asset(PrefectBaseModel):
    """Something that tasks make or use, known by its key.

    Attributes:
        key: A URI, such as `s3://bucket/orders.csv`.
        properties: What people want to know of it.
    """

    model_config = ConfigDict(frozen=True)

    key: ValidAssetKey
    properties: AssetProperties | None = Field(default=None, repr=False)

    def __hash__(self) -> int:
        return hash(self.key)

    def add_metadata(self, metadata: dict[str, Any]) -> None:
        """Tell something about this asset, in the task that makes it.

        Raises:
            RuntimeError: If this is not called in a task.
            ValueError: If the task does not make this asset.
        """
        add_asset_metadata(self, metadata)


def add_asset_metadata(asset: str | Asset, metadata: dict[str, Any]) -> None:
    """Tell something about an asset, in the task that makes it.

    Args:
        asset: The asset or its key.
        metadata: Name → anything that JSON can hold; told with the event of its materialization,
            together with what was told before.

    Raises:
        RuntimeError: If this is not called in a task.
        ValueError: If the task does not make this asset.
    """
    # Looked up, not imported: where nobody has loaded the contexts there is no task. The engine
    # has no context for assets yet, so that no task can make one.
    contexts = sys.modules.get("prefect.context")
    kind: Any = None if contexts is None else vars(contexts).get("AssetContext")
    context = None if kind is None else kind.get()
    key = asset.key if isinstance(asset, Asset) else asset
    if context is None:
        raise RuntimeError(
            f"Nothing can be told about the asset {key!r} here: only a task that makes it,"
            " decorated with `@materialize`, can, while it runs."
        )
    context.add_asset_metadata(key, metadata)
