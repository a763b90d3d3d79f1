"""Deployments: flows with all that is needed to run them elsewhere, and their schedules."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from prefect._internal.schemas.bases import (
    ActionBaseModel,
    ObjectBaseModel,
    PrefectBaseModel,
    empty_dict,
    empty_list,
    publish,
)
from prefect._internal.schemas.fields import CreatedBy, UpdatedBy
from prefect.client.schemas._models._rrule import with_start
from prefect.client.schemas._models.concurrency_limits import (
    ConcurrencyOptions,
    GlobalConcurrencyLimitResponse,
)
from prefect.client.schemas._models.schedules import (
    NormalizedSchedule,
    NoSchedule,
    ReceivedSchedule,
    RRuleSchedule,
    construct_schedule,
)
from prefect.types._datetime import DateTime
from prefect.types._enums import AutoEnum
from prefect.types._fields import PositiveInteger
from prefect.types._labels import KeyValueLabelsField
from prefect.types.names import Name, NameOrEmpty

if TYPE_CHECKING:
    from prefect.events.schemas.events import RelatedResource
    from prefect.schedules import Schedule

__all__ = [
    "BranchingScheduleHandling",
    "Deployment",
    "DeploymentBranch",
    "DeploymentBranchingOptions",
    "DeploymentCreate",
    "DeploymentResponse",
    "DeploymentSchedule",
    "DeploymentScheduleCreate",
    "DeploymentScheduleUpdate",
    "DeploymentStatus",
    "DeploymentUpdate",
    "ParameterSchema",
    "VersionInfo",
]


class DeploymentStatus(AutoEnum):
    """Whether somebody polls for the deployment's runs."""

    READY = "READY"
    NOT_READY = "NOT_READY"
    DISABLED = "DISABLED"


class VersionInfo(PrefectBaseModel):
    """A version of a deployment's code; each kind of version control adds fields of its own."""

    model_config = ConfigDict(extra="allow")

    type: str
    version: str


class DeploymentSchedule(ObjectBaseModel):
    """One schedule of a deployment."""

    deployment_id: UUID | None = None
    schedule: ReceivedSchedule
    active: bool = True
    max_scheduled_runs: PositiveInteger | None = None
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    slug: str | None = None


class Deployment(ObjectBaseModel):
    """A deployment of a flow."""

    name: Name
    version: str | None = None
    version_id: UUID | None = None
    version_info: VersionInfo | None = None
    description: str | None = None
    flow_id: UUID
    paused: bool = False
    concurrency_limit: int | None = None
    schedules: list[DeploymentSchedule] = Field(default_factory=empty_list)
    job_variables: dict[str, Any] = Field(default_factory=empty_dict)
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    pull_steps: list[dict[str, Any]] | None = None
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    work_queue_name: str | None = None
    last_polled: DateTime | None = None
    parameter_openapi_schema: dict[str, Any] | None = None
    path: str | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    created_by: CreatedBy | None = None
    updated_by: UpdatedBy | None = None
    work_queue_id: UUID | None = None
    enforce_parameter_schema: bool = True


class DeploymentResponse(ObjectBaseModel):
    """A deployment as the server answers it."""

    name: str
    version: str | None = None
    version_id: UUID | None = None
    version_info: VersionInfo | None = None
    branch: str | None = None
    base: UUID | None = None
    root: UUID | None = None
    description: str | None = None
    flow_id: UUID
    concurrency_limit: int | None = None
    global_concurrency_limit: GlobalConcurrencyLimitResponse | None = None
    concurrency_options: ConcurrencyOptions | None = None
    paused: bool = False
    schedules: list[DeploymentSchedule] = Field(default_factory=empty_list)
    job_variables: dict[str, Any] = Field(default_factory=empty_dict)
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    pull_steps: list[dict[str, Any]] | None = None
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    work_queue_name: str | None = None
    last_polled: DateTime | None = None
    parameter_openapi_schema: dict[str, Any] | None = None
    path: str | None = None
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    created_by: CreatedBy | None = None
    updated_by: UpdatedBy | None = None
    work_queue_id: UUID | None = None
    enforce_parameter_schema: bool = True
    work_pool_name: str | None = None
    status: DeploymentStatus | None = None

    def as_related_resource(self, role: str = "deployment") -> "RelatedResource":
        """Name this deployment in an event of something else."""
        # Upward hop: the event schemas stand on the wire models.
        from prefect.events.schemas.events import RelatedResource

        return RelatedResource(
            {
                "prefect.resource.id": f"prefect.deployment.{self.id}",
                "prefect.resource.role": role,
                "prefect.resource.name": self.name,
            }
        )


class BranchingScheduleHandling(str, Enum):
    """What becomes of a deployment's schedules on a branch of it."""

    KEEP = "keep"
    REMOVE = "remove"
    INACTIVE = "inactive"


class DeploymentBranchingOptions(ObjectBaseModel):
    """How a branch of a deployment differs from it."""

    schedule_handling: BranchingScheduleHandling = BranchingScheduleHandling.REMOVE


# ---- request bodies -----------------------------------------------------------------------------


def _check_max_scheduled_runs(value: int | None) -> int | None:
    from prefect.settings._current import group  # read when used, like every setting

    limit = group("server").deployment_schedule_max_scheduled_runs
    if value is not None and value > limit:
        raise ValueError(
            f"`max_scheduled_runs` may be at most {limit}, not {value}. The limit is the setting"
            " PREFECT_SERVER_DEPLOYMENT_SCHEDULE_MAX_SCHEDULED_RUNS."
        )
    return value


def _with_fixed_start(schedule: Any) -> Any:
    if (
        isinstance(schedule, RRuleSchedule)
        and (text := with_start(schedule.rrule)) != schedule.rrule
    ):
        return schedule.model_copy(update={"rrule": text})
    return schedule


_MaxScheduledRuns = Annotated[PositiveInteger | None, AfterValidator(_check_max_scheduled_runs)]
_WrittenSchedule = Annotated[NormalizedSchedule, AfterValidator(_with_fixed_start)]


class DeploymentScheduleCreate(ActionBaseModel):
    """Add a schedule to a deployment.

    `slug` names the schedule, so that deploying again changes it; `replaces` is the slug of a
    schedule whose place it takes.
    """

    schedule: _WrittenSchedule
    active: bool = True
    max_scheduled_runs: _MaxScheduledRuns = None
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    slug: str | None = None
    replaces: str | None = None

    @classmethod
    def from_schedule(cls, schedule: "Schedule") -> "DeploymentScheduleCreate":
        """Take over a schedule made with `prefect.schedules`."""
        common: dict[str, Any] = {
            "active": schedule.active,
            "parameters": schedule.parameters,
            "slug": schedule.slug,
        }
        if schedule.interval is not None:
            made: Any = construct_schedule(
                interval=schedule.interval,
                anchor_date=schedule.anchor_date,
                timezone=schedule.timezone,
            )
        elif schedule.cron is not None:
            made = {
                "cron": schedule.cron,
                "timezone": schedule.timezone,
                "day_or": schedule.day_or,
            }
        elif schedule.rrule is not None:
            made = construct_schedule(rrule=schedule.rrule, timezone=schedule.timezone)
        else:
            return cls(schedule=NoSchedule())
        return cls(schedule=made, **common)


class DeploymentScheduleUpdate(ActionBaseModel):
    """Change a schedule of a deployment."""

    schedule: _WrittenSchedule | None = None
    active: bool | None = None
    max_scheduled_runs: _MaxScheduledRuns = None
    parameters: dict[str, Any] | None = None
    slug: str | None = None
    replaces: str | None = None


ParameterSchema = dict[str, Any]


def _no_parameters() -> dict[str, Any]:
    return {"type": "object", "properties": {}}


class _JobVariablesCheck:
    """What creating and changing a deployment have in common."""

    job_variables: dict[str, Any] | None

    def check_valid_configuration(self, base_job_template: dict[str, Any]) -> None:
        """Check the job variables against a work pool's template.

        A required variable whose template has a default may be left out.

        Raises:
            jsonschema.ValidationError: If they do not match the template's schema.
            PrefectImportError: If jsonschema is not installed.
        """
        schema = base_job_template.get("variables")
        if schema is None:
            return
        from prefect._extras import require  # jsonschema is optional

        jsonschema = require("jsonschema", extra="schemas", what="checking job variables")
        properties = schema.get("properties", {})
        required = [
            name for name in schema.get("required", ()) if "default" not in properties.get(name, {})
        ]
        jsonschema.validate(self.job_variables or {}, {**schema, "required": required})


class DeploymentCreate(_JobVariablesCheck, ActionBaseModel):
    """Create a deployment, or change the one of this name."""

    name: NameOrEmpty
    flow_id: UUID
    paused: bool | None = None
    schedules: list[DeploymentScheduleCreate] = Field(default_factory=empty_list)
    concurrency_limit: int | None = None
    concurrency_options: ConcurrencyOptions | None = None
    enforce_parameter_schema: bool | None = None
    parameter_openapi_schema: ParameterSchema | None = Field(default_factory=_no_parameters)
    parameters: dict[str, Any] = Field(default_factory=empty_dict)
    tags: list[str] = Field(default_factory=empty_list)
    labels: KeyValueLabelsField = Field(default_factory=empty_dict)
    pull_steps: list[dict[str, Any]] | None = None
    work_queue_name: str | None = None
    work_pool_name: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    description: str | None = None
    path: str | None = None
    entrypoint: str | None = None
    job_variables: dict[str, Any] = Field(default_factory=empty_dict)
    version: str | None = None
    version_info: VersionInfo | None = None
    branch: str | None = None
    base: UUID | None = None
    root: UUID | None = None


class DeploymentUpdate(_JobVariablesCheck, ActionBaseModel):
    """Change a deployment."""

    version: str | None = None
    version_info: VersionInfo | None = None
    description: str | None = None
    parameters: dict[str, Any] | None = None
    paused: bool | None = None
    schedules: list[DeploymentScheduleUpdate] | None = None
    concurrency_limit: int | None = None
    concurrency_options: ConcurrencyOptions | None = None
    tags: list[str] = Field(default_factory=empty_list)
    work_queue_name: str | None = None
    work_pool_name: str | None = None
    path: str | None = None
    job_variables: dict[str, Any] | None = Field(default_factory=empty_dict)
    entrypoint: str | None = None
    storage_document_id: UUID | None = None
    infrastructure_document_id: UUID | None = None
    enforce_parameter_schema: bool | None = None
    parameter_openapi_schema: ParameterSchema | None = Field(default_factory=_no_parameters)
    pull_steps: list[dict[str, Any]] | None = None


def _check_branch(value: str) -> str:
    if not value.strip():
        raise ValueError("The branch needs a name of at least one visible character.")
    return value


class DeploymentBranch(ActionBaseModel):
    """Make a branch of a deployment."""

    branch: Annotated[str, AfterValidator(_check_branch)]
    options: DeploymentBranchingOptions = Field(default_factory=DeploymentBranchingOptions)
    overrides: DeploymentUpdate | None = None


publish(
    "prefect.client.schemas.objects",
    DeploymentStatus,
    VersionInfo,
    DeploymentSchedule,
    Deployment,
    BranchingScheduleHandling,
    DeploymentBranchingOptions,
)
publish("prefect.client.schemas.responses", DeploymentResponse)
publish(
    "prefect.client.schemas.actions",
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentCreate,
    DeploymentUpdate,
    DeploymentBranch,
)
