"""The filter models, one module per noun; `prefect.client.schemas.filters` publishes them."""
