"""Deployments, work pools and queues, blocks, variables, workspaces: rules beyond field types."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from pydantic import ValidationError

from prefect.client.schemas import actions, objects
from prefect.client.schemas.objects import WorkPoolStatus
from prefect.client.schemas.responses import DeploymentResponse
from prefect.settings import (
    PREFECT_CLOUD_API_URL,
    PREFECT_CLOUD_UI_URL,
    temporary_settings,
)

ID = UUID(int=1)
OTHER_ID = UUID(int=2)


# ---- deployments --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a/b", "50%", "a&b", "a<b"])
def test_names_hold_no_banned_character(name: str) -> None:
    for make in (
        lambda: actions.DeploymentCreate(name=name, flow_id=ID),
        lambda: objects.Flow(name=name),
        lambda: actions.WorkPoolCreate(name=name),
        lambda: actions.GlobalConcurrencyLimitCreate(name=name, limit=1),
    ):
        with pytest.raises(ValidationError, match="pattern"):
            make()


def test_deployment_body_holds_only_what_was_set() -> None:
    body = actions.DeploymentCreate(name="a", flow_id=ID, job_variables={"image": "x"})

    assert json.loads(body.model_dump_json(exclude_unset=True)) == {
        "name": "a",
        "flow_id": str(ID),
        "job_variables": {"image": "x"},
    }


TEMPLATE = {
    "job_configuration": {},
    "variables": {
        "type": "object",
        "properties": {"image": {"type": "string"}, "cpu": {"type": "number", "default": 1}},
        "required": ["image", "cpu"],
    },
}


@pytest.mark.parametrize(
    "make",
    [
        lambda variables: actions.DeploymentCreate(name="a", flow_id=ID, job_variables=variables),
        lambda variables: actions.DeploymentUpdate(job_variables=variables),
    ],
    ids=["create", "update"],
)
def test_job_variables_are_checked_against_the_template(make: Any) -> None:
    make({"image": "x"}).check_valid_configuration(TEMPLATE)
    make({}).check_valid_configuration({})
    with pytest.raises(jsonschema.ValidationError, match="'image' is a required property"):
        make({}).check_valid_configuration(TEMPLATE)
    with pytest.raises(jsonschema.ValidationError, match="5 is not of type 'string'"):
        make({"image": 5}).check_valid_configuration(TEMPLATE)


def test_branch_needs_a_name() -> None:
    assert actions.DeploymentBranch(branch=" a ").branch == " a "
    with pytest.raises(ValidationError, match="needs a name"):
        actions.DeploymentBranch(branch="  ")


def test_version_info_keeps_the_fields_of_its_kind() -> None:
    version = objects.VersionInfo.model_validate({"type": "vcs:git", "version": "1", "branch": "b"})

    assert version.model_dump() == {"type": "vcs:git", "version": "1", "branch": "b"}


def test_deployment_names_itself_in_events() -> None:
    related = DeploymentResponse(id=ID, name="d", flow_id=OTHER_ID).as_related_resource()

    assert related.model_dump() == {
        "prefect.resource.id": f"prefect.deployment.{ID}",
        "prefect.resource.role": "deployment",
        "prefect.resource.name": "d",
    }


@pytest.mark.parametrize("seconds", [59, 86401])
def test_grace_period_is_between_a_minute_and_a_day(seconds: int) -> None:
    assert objects.ConcurrencyLimitConfig(limit=1, grace_period_seconds=60).limit == 1
    with pytest.raises(ValidationError, match="grace_period_seconds"):
        objects.ConcurrencyLimitConfig(limit=1, grace_period_seconds=seconds)


# ---- work pools and queues ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "push", "managed"),
    [
        ("process", False, False),
        ("ecs:push", True, False),
        ("prefect:managed", False, True),
    ],
)
def test_work_pool_knows_its_kind(type_: str, push: bool, managed: bool) -> None:
    pool = objects.WorkPool(name="p", type=type_, default_queue_id=ID)

    assert (pool.is_push_pool, pool.is_managed_pool) == (push, managed)


def test_work_pool_status_is_shown_in_words() -> None:
    assert [status.display_name for status in WorkPoolStatus] == ["Ready", "Not ready", "Paused"]


@pytest.mark.parametrize(
    ("policy", "late", "age_seconds", "healthy"),
    [
        ({}, 0, 1, True),
        ({}, 1, 1, False),
        ({}, 0, 3600, False),
        ({}, 0, None, False),
        ({"maximum_seconds_since_last_polled": None}, 0, None, True),
        ({"maximum_late_runs": None}, 99, 1, True),
    ],
)
def test_queue_is_healthy_when_polled_and_not_late(
    policy: dict[str, Any], late: int, age_seconds: int | None, healthy: bool
) -> None:
    polled = None
    if age_seconds is not None:
        polled = datetime.now(timezone.utc) - timedelta(seconds=age_seconds)

    evaluated = objects.WorkQueueHealthPolicy(**policy).evaluate_health_status(late, polled)

    assert evaluated is healthy


# ---- blocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [objects.BlockDocument, actions.BlockDocumentCreate])
def test_block_document_has_a_name_or_is_anonymous(model: Any) -> None:
    ids = {"block_schema_id": ID, "block_type_id": ID}

    assert model(name="a", **ids).name == "a"
    assert model(is_anonymous=True, **ids).name is None
    with pytest.raises(ValidationError, match="needs a name, or `is_anonymous=True`"):
        model(**ids)


def test_block_document_cannot_refer_to_itself() -> None:
    with pytest.raises(ValidationError, match="cannot refer to itself"):
        objects.BlockDocumentReference(
            parent_block_document_id=ID, reference_block_document_id=ID, name="n"
        )


def test_block_type_says_what_may_change() -> None:
    assert actions.BlockTypeUpdate.updatable_fields() == {
        "logo_url",
        "documentation_url",
        "description",
        "code_example",
    }


# ---- others -------------------------------------------------------------------------------------


def test_run_inputs_are_hashable_and_frozen() -> None:
    first, second = objects.Parameter(name="x"), objects.Parameter(name="x")

    assert {first, second} == {first}
    assert hash(objects.TaskRunResult(id=ID)) != hash(objects.FlowRunResult(id=ID))
    with pytest.raises(ValidationError, match="frozen"):
        first.name = "y"  # type: ignore[misc]  # the point of the test


def test_task_run_reads_every_kind_of_input() -> None:
    inputs = [
        {"input_type": "task_run", "id": str(ID)},
        {"input_type": "flow_run", "id": str(ID)},
        {"input_type": "parameter", "name": "x"},
        {"input_type": "constant", "type": "int"},
    ]

    run = objects.TaskRun.model_validate(
        {"task_key": "t", "dynamic_key": "0", "task_inputs": {"a": inputs}}
    )

    assert [type(item).__name__ for item in run.task_inputs["a"]] == [
        "TaskRunResult",
        "FlowRunResult",
        "Parameter",
        "Constant",
    ]


def test_flow_run_input_is_decoded() -> None:
    sent = objects.FlowRunInput(flow_run_id=ID, key="my-key", value='{"a": 1}')

    assert sent.decoded_value == {"a": 1}
    with pytest.raises(ValidationError, match="key 'my key' may only"):
        objects.FlowRunInput(flow_run_id=ID, key="my key", value="1")


def test_workspace_knows_its_addresses() -> None:
    workspace = objects.Workspace(
        account_id=ID,
        account_name="A",
        account_handle="acme",
        workspace_id=OTHER_ID,
        workspace_name="W",
        workspace_description="",
        workspace_handle="main",
    )

    assert workspace.handle == "acme/main"
    with temporary_settings(
        {
            PREFECT_CLOUD_API_URL: "https://cloud.example/api",
            PREFECT_CLOUD_UI_URL: "https://cloud.example",
        }
    ):
        api_url, ui_url = workspace.api_url(), workspace.ui_url()
    assert api_url == f"https://cloud.example/api/accounts/{ID}/workspaces/{OTHER_ID}"
    assert ui_url == f"https://cloud.example/account/{ID}/workspace/{OTHER_ID}"
    assert hash(workspace) == hash(workspace.model_copy())


def test_metadata_of_a_worker_keeps_what_its_kind_adds() -> None:
    metadata = objects.WorkerMetadata.model_validate({"integrations": [], "region": "eu"})

    assert metadata.model_dump() == {"integrations": [], "region": "eu"}
