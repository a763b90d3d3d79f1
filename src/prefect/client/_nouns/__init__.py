"""The endpoints of the REST client: one module per noun of the API, each endpoint written once.

Every class here derives from `_base.Noun` and touches the world only through its `_send`, so the
same bodies serve `PrefectClient` and `SyncPrefectClient`. Importing these modules loads no schema,
no pydantic and no httpx.
"""
