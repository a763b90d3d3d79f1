"""Service level agreements of deployments, as Prefect Cloud takes them.

Used by `prefect.yaml` deployments and by the client's `apply_slas_for_deployment`.
"""

from datetime import timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from pydantic import Field, PrivateAttr, computed_field

from prefect._internal.schemas.bases import PrefectBaseModel

__all__ = [
    "FrequencySla",
    "LatenessSla",
    "ServiceLevelAgreement",
    "SlaMergeResponse",
    "SlaTypes",
    "TimeToCompletionSla",
]


class ServiceLevelAgreement(PrefectBaseModel):
    """What all agreements have in common."""

    _deployment_id: UUID | None = PrivateAttr(default=None)

    name: str = Field(description="Name, unique among the deployment's agreements.")
    severity: Literal["minor", "low", "moderate", "high", "critical"] = Field(
        default="moderate", description="How grave it is when the agreement is not kept."
    )
    enabled: bool | None = Field(default=True, description="Whether it is watched.")

    def set_deployment_id(self, deployment_id: UUID) -> "ServiceLevelAgreement":
        """Say which deployment it is for."""
        self._deployment_id = deployment_id
        return self

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know the pair
    @property
    def owner_resource(self) -> str | None:
        """The resource id of the deployment it is for."""
        return f"prefect.deployment.{self._deployment_id}" if self._deployment_id else None


class TimeToCompletionSla(ServiceLevelAgreement):
    """Runs must end within a time."""

    duration: int = Field(description="Longest time a run may take, in seconds.")


class FrequencySla(ServiceLevelAgreement):
    """Runs must complete often enough."""

    stale_after: timedelta = Field(description="Longest time between two completed runs.")


class LatenessSla(ServiceLevelAgreement):
    """Runs must start on time."""

    within: timedelta = Field(description="Longest time a run may wait after its scheduled time.")


class SlaMergeResponse(PrefectBaseModel):
    """What became of a deployment's agreements."""

    created: list[str]
    updated: list[str]
    deleted: list[str]


SlaTypes: TypeAlias = TimeToCompletionSla | LatenessSla | FrequencySla
