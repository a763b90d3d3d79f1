"""Field types of blocks under the name they had before `prefect.types`."""

from prefect.types import SecretDict

__all__ = ["SecretDict"]
