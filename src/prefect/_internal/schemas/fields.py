"""Who created or changed a stored thing."""

from uuid import UUID

from prefect._internal.schemas.bases import PrefectBaseModel

__all__ = ["CreatedBy", "UpdatedBy"]


class CreatedBy(PrefectBaseModel):
    """Who created it: a user, an automation, a deployment's schedule, …"""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None


class UpdatedBy(PrefectBaseModel):
    """Who changed it last."""

    id: UUID | None = None
    type: str | None = None
    display_value: str | None = None
