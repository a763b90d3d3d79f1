"""Assets: what tasks make that outlives them, such as tables, files and models.

    @materialize("s3://bucket/orders.csv")
    def orders():
        ...

Loaded at once, not when first used: a module of the package has the name of its function, and
would take its place if it were imported later.
"""

from prefect.assets.core import Asset, AssetProperties, add_asset_metadata
from prefect.assets.materialize import materialize

__all__ = ["Asset", "AssetProperties", "add_asset_metadata", "materialize"]
