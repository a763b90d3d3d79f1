"""Deployments: create, read, change, delete; their schedules; runs made from them.

Source: REST contract, `/deployments`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    array,
    as_id,
    dump,
    error_detail,
    join,
    join_all,
    merge,
    not_found,
    parse,
    parse_id,
    parse_list,
    path,
    refused,
    tag_list,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    import httpx

    from prefect.client._nouns._base import ErrorMapping
    from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
    from prefect.client.schemas.filters import (
        DeploymentFilter,
        FlowFilter,
        FlowRunFilter,
        TaskRunFilter,
        WorkPoolFilter,
        WorkQueueFilter,
    )
    from prefect.client.schemas.objects import (
        ConcurrencyOptions,
        DeploymentBranchingOptions,
        DeploymentSchedule,
        FlowRun,
        State,
        VersionInfo,
    )
    from prefect.client.schemas.responses import DeploymentResponse
    from prefect.client.schemas.schedules import SCHEDULE_TYPES
    from prefect.client.schemas.sorting import DeploymentSort
    from prefect.types import KeyValueLabelsField

__all__ = ["Deployments"]


class Deployments(Noun):
    """The endpoints of deployments."""

    async def create_deployment(
        self,
        flow_id: UUID,
        name: str,
        version: str | None = None,
        version_info: VersionInfo | None = None,
        schedules: list[DeploymentScheduleCreate] | None = None,
        concurrency_limit: int | None = None,
        concurrency_options: ConcurrencyOptions | None = None,
        parameters: dict[str, Any] | None = None,
        description: str | None = None,
        work_queue_name: str | None = None,
        work_pool_name: str | None = None,
        tags: list[str] | None = None,
        storage_document_id: UUID | None = None,
        path: str | None = None,
        entrypoint: str | None = None,
        infrastructure_document_id: UUID | None = None,
        parameter_openapi_schema: dict[str, Any] | None = None,
        paused: bool | None = None,
        pull_steps: list[dict[str, Any]] | None = None,
        enforce_parameter_schema: bool | None = None,
        job_variables: dict[str, Any] | None = None,
        branch: str | None = None,
        base: UUID | None = None,
        root: UUID | None = None,
    ) -> UUID:
        """Create a deployment, or replace the one of that flow and name, and return its id.

        Args:
            schedules: All the schedules it is to have; one it has and the list has not is removed.
            parameter_openapi_schema: Schema of the parameters; by default one that takes none.

        Raises:
            prefect.exceptions.ObjectLimitReached: If the account's number of deployments is used
                up (Prefect Cloud).
            prefect.exceptions.ObjectAlreadyExists: If the server reports a conflict, such as a
                flow that does not exist or two schedules with one slug; the message has its words.
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if the work pool or its
                queue does not exist.
        """
        from prefect.client._nouns._values import checked, jsonable

        schema = parameter_openapi_schema or {"type": "object", "properties": {}}
        # Sent as null too: on an update, null takes the old value away.
        always = join_all(
            name=name,
            flow_id=flow_id,
            version=version,
            description=description,
            concurrency_limit=concurrency_limit,
            concurrency_options=concurrency_options,
            # A default of NaN must not keep a flow from being deployed.
            parameter_openapi_schema=jsonable(
                schema, "parameter_openapi_schema", non_finite="text"
            ),
            tags=tag_list(tags),
            work_queue_name=work_queue_name,
            storage_document_id=storage_document_id,
            infrastructure_document_id=infrastructure_document_id,
            path=path,
            entrypoint=entrypoint,
            **checked(parameters=parameters or {}, job_variables=job_variables or {}),
        )
        given = join(
            version_info=version_info,
            work_pool_name=work_pool_name,
            paused=paused,
            enforce_parameter_schema=enforce_parameter_schema,
            branch=branch,
            base=base,
            root=root,
            **checked(pull_steps=pull_steps),
        )
        content = merge(always, b'{"schedules":%b}' % array(schedules or ()), given)
        response = await self._send(
            "POST",
            "/deployments/",
            content=content,
            errors={
                403: _limit_reached(name),
                404: refused(f"Cannot create deployment {name!r}"),
                409: _conflict(name),
            },
        )
        return parse_id(response)

    async def set_deployment_paused_state(self, deployment_id: UUID, paused: bool) -> None:
        """Pause or resume a deployment.

        Deprecated: use `pause_deployment` or `resume_deployment`.
        """
        import warnings

        warnings.warn(
            "`set_deployment_paused_state` is deprecated; use `pause_deployment` or"
            " `resume_deployment`.",
            DeprecationWarning,
            stacklevel=2,
        )
        await self._send(
            "PATCH",
            _one(deployment_id),
            content=join(paused=paused),
            errors={404: refused(f"Cannot change deployment '{deployment_id}'")},
        )

    async def pause_deployment(self, deployment_id: UUID | str) -> None:
        """Stop scheduling runs of a deployment, and remove those scheduled but not started.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment.
            ValueError: If the id is text but not a UUID.
        """
        await self._set_paused(as_id(deployment_id, "deployment"), True)

    async def resume_deployment(self, deployment_id: UUID | str) -> None:
        """Schedule runs of a paused deployment again.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment.
            ValueError: If the id is text but not a UUID.
        """
        await self._set_paused(as_id(deployment_id, "deployment"), False)

    async def _set_paused(self, deployment_id: UUID, paused: bool) -> None:
        await self._send(
            "PATCH",
            _one(deployment_id),
            content=join(paused=paused),
            errors={404: not_found(f"deployment '{deployment_id}'")},
        )

    async def update_deployment(self, deployment_id: UUID, deployment: DeploymentUpdate) -> None:
        """Change the fields of a deployment that are set in `deployment`.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                deployment, or the work pool named does not exist.
        """
        from prefect.client._nouns._values import checked

        # The model would turn NaN into null and secrets into asterisks without a word.
        own = checked(parameters=deployment.parameters, job_variables=deployment.job_variables)
        given = {name: own[name] for name in own if name in deployment.model_fields_set}
        body = dump(deployment, exclude_unset=True, exclude=set(own))
        await self._send(
            "PATCH",
            _one(deployment_id),
            content=merge(body, join_all(**given)),
            errors={404: refused(f"Cannot change deployment '{deployment_id}'")},
        )

    async def read_deployment(self, deployment_id: UUID | str) -> DeploymentResponse:
        """Read a deployment.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment.
            ValueError: If the id is text but not a UUID; names are for `read_deployment_by_name`.
        """
        from prefect.client.schemas.responses import DeploymentResponse

        response = await self._send(
            "GET",
            _one(as_id(deployment_id, "deployment")),
            errors={404: not_found(f"deployment '{deployment_id}'")},
        )
        return parse(DeploymentResponse, response)

    async def read_deployment_by_name(self, name: str) -> DeploymentResponse:
        """Read a deployment by its full name.

        Args:
            name: `flow-name/deployment-name`.

        Raises:
            ValueError: If the name has another form; nothing was sent.
            prefect.exceptions.ObjectNotFound: If there is no such deployment; the message lists
                names like it.
        """
        from prefect.client.schemas.responses import DeploymentResponse

        return parse(DeploymentResponse, await self._find(name))

    async def _read_id_by_name(self, name: str) -> UUID:
        """Read a deployment's id by its full name, without making its model; see above."""
        return parse_id(await self._find(name))

    async def _find(self, name: str) -> httpx.Response:
        from prefect.exceptions import ObjectNotFound

        flow_name, _, deployment_name = name.partition("/")
        if not (flow_name and deployment_name) or "/" in deployment_name:
            raise ValueError(
                f"Invalid deployment name: {name!r}. Name it as `flow-name/deployment-name`."
            )
        try:
            return await self._send(
                "GET",
                path(
                    "/deployments/name/{flow}/{deployment}",
                    flow=flow_name,
                    deployment=deployment_name,
                ),
                errors={404: not_found(f"deployment {name!r}")},
            )
        except ObjectNotFound as error:
            hint = await self._names_like(flow_name, deployment_name)
            raise ObjectNotFound(error.http_exc, f"{error} {hint}".strip()) from error.http_exc

    async def _names_like(self, flow_name: str, deployment_name: str) -> str:
        """Say which deployments the flow has, with one request and at most five names."""
        from difflib import get_close_matches

        from httpx import HTTPError

        try:
            response = await self._send(
                "POST",
                "/deployments/filter",
                json={"flows": {"name": {"any_": [flow_name]}}, "limit": 100},
                retry=False,
            )
        except HTTPError as error:  # the missing name is what must be reported, not this
            return f"(Looking for names like it failed: {error_detail(error)})"
        names = [item["name"] for item in response.json()]
        if not names:
            return f"No deployment belongs to a flow named {flow_name!r}; check the flow's name."
        likely = get_close_matches(deployment_name, names, n=5) or sorted(names)[:5]
        listed = ", ".join(repr(f"{flow_name}/{item}") for item in likely)
        more = f" and {len(names) - len(likely)} more" if len(names) > len(likely) else ""
        return f"Deployments of that flow: {listed}{more}."

    async def read_deployments(
        self,
        *,
        flow_filter: FlowFilter | None = None,
        flow_run_filter: FlowRunFilter | None = None,
        task_run_filter: TaskRunFilter | None = None,
        deployment_filter: DeploymentFilter | None = None,
        work_pool_filter: WorkPoolFilter | None = None,
        work_queue_filter: WorkQueueFilter | None = None,
        limit: int | None = None,
        sort: DeploymentSort | None = None,
        offset: int = 0,
    ) -> list[DeploymentResponse]:
        """Read the deployments that match all the filters given.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching deployments to skip.
        """
        from prefect.client.schemas.responses import DeploymentResponse

        body = join(
            flows=flow_filter,
            flow_runs=flow_run_filter,
            task_runs=task_run_filter,
            deployments=deployment_filter,
            work_pools=work_pool_filter,
            work_pool_queues=work_queue_filter,
            limit=limit,
            offset=offset,
            sort=sort,
        )
        response = await self._send("POST", "/deployments/filter", content=body)
        return parse_list(DeploymentResponse, response)

    async def delete_deployment(self, deployment_id: UUID) -> None:
        """Delete a deployment; its runs stay.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment.
        """
        await self._send(
            "DELETE",
            _one(deployment_id),
            errors={404: not_found(f"deployment '{deployment_id}'")},
        )

    async def create_deployment_schedules(
        self,
        deployment_id: UUID,
        schedules: list[tuple[SCHEDULE_TYPES, bool]] | list[DeploymentScheduleCreate],
        max_scheduled_runs: int | None = None,
        parameters: dict[str, Any] | None = None,
        slug: str | None = None,
    ) -> list[DeploymentSchedule]:
        """Add schedules to a deployment.

        Args:
            schedules: Pairs of a schedule and whether it is active, or whole schedule models.
            max_scheduled_runs: For the pairs: how many runs to keep scheduled ahead.
            parameters: For the pairs: parameters of the runs, over the deployment's own.
            slug: For the pairs: a name for the schedule, unique in the deployment.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                deployment, 409 if a slug is taken.
        """
        from prefect.client._nouns._values import checked
        from prefect.client.schemas.actions import DeploymentScheduleCreate
        from prefect.client.schemas.objects import DeploymentSchedule

        # Only what is given is sent: older servers know fewer options.
        options = {
            "max_scheduled_runs": max_scheduled_runs,
            "slug": slug,
            **checked(parameters=parameters),
        }
        given = {name: value for name, value in options.items() if value is not None}
        models = [
            item
            if isinstance(item, DeploymentScheduleCreate)
            else DeploymentScheduleCreate(schedule=item[0], active=item[1], **given)
            for item in schedules
        ]
        refusal = refused(f"Cannot add schedules to deployment '{deployment_id}'")
        response = await self._send(
            "POST",
            path("/deployments/{id}/schedules", id=deployment_id),
            content=array(models),
            errors={404: refusal, 409: refusal},
        )
        return parse_list(DeploymentSchedule, response)

    async def read_deployment_schedules(self, deployment_id: UUID) -> list[DeploymentSchedule]:
        """Read the schedules of a deployment.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment.
        """
        from prefect.client.schemas.objects import DeploymentSchedule

        response = await self._send(
            "GET",
            path("/deployments/{id}/schedules", id=deployment_id),
            errors={404: not_found(f"deployment '{deployment_id}'")},
        )
        return parse_list(DeploymentSchedule, response)

    async def update_deployment_schedule(
        self,
        deployment_id: UUID,
        schedule_id: UUID,
        active: bool | None = None,
        schedule: SCHEDULE_TYPES | None = None,
        max_scheduled_runs: int | None = None,
        parameters: dict[str, Any] | None = None,
        slug: str | None = None,
    ) -> None:
        """Change what is given of a schedule; None leaves a field as it is.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment or schedule.
        """
        from prefect.client._nouns._values import checked

        body = join(
            active=active,
            schedule=schedule,
            max_scheduled_runs=max_scheduled_runs,
            slug=slug,
            **checked(parameters=parameters),
        )
        await self._send(
            "PATCH",
            _schedule(deployment_id, schedule_id),
            content=body,
            errors={404: _no_schedule(deployment_id, schedule_id)},
        )

    async def delete_deployment_schedule(self, deployment_id: UUID, schedule_id: UUID) -> None:
        """Remove a schedule from a deployment.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no such deployment or schedule.
        """
        await self._send(
            "DELETE",
            _schedule(deployment_id, schedule_id),
            errors={404: _no_schedule(deployment_id, schedule_id)},
        )

    async def get_scheduled_flow_runs_for_deployments(
        self,
        deployment_ids: list[UUID],
        scheduled_before: datetime | None = None,
        limit: int | None = None,
    ) -> list[FlowRun]:
        """Read the runs of some deployments that are due, as a process that serves them does.

        Args:
            scheduled_before: Only runs scheduled before this time.
            limit: At most this many; by default, and at most, what the server allows (200).
        """
        from prefect.client.schemas.objects import FlowRun

        body = join(
            deployment_ids=list(deployment_ids), scheduled_before=scheduled_before, limit=limit
        )
        response = await self._send("POST", "/deployments/get_scheduled_flow_runs", content=body)
        return parse_list(FlowRun, response)

    async def create_flow_run_from_deployment(
        self,
        deployment_id: UUID,
        *,
        parameters: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        state: State[Any] | None = None,
        name: str | None = None,
        tags: Iterable[str] | None = None,
        idempotency_key: str | None = None,
        parent_task_run_id: UUID | None = None,
        work_queue_name: str | None = None,
        job_variables: dict[str, Any] | None = None,
        labels: KeyValueLabelsField | None = None,
    ) -> FlowRun:
        """Create a run of a deployment, to be executed where the deployment says.

        Args:
            state: Scheduled by default, for the server's present.
            idempotency_key: A second request with the same key returns the run of the first. One
                is made up when none is given, so that repeating a request after a lost answer
                never makes two runs.

        Raises:
            TypeError, ValueError: If a parameter or job variable cannot be sent as JSON; nothing
                was sent.
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                deployment; 409 if the parameters or job variables do not match their schema; 400
                if the work queue cannot be used.
        """
        from uuid import uuid4

        from prefect.client._nouns._states import SCHEDULED_NOW, state_body
        from prefect.client._nouns._values import checked
        from prefect.client.schemas.objects import FlowRun

        known = join(
            idempotency_key=idempotency_key or str(uuid4()),
            name=name,
            tags=tag_list(tags),
            parent_task_run_id=parent_task_run_id,
            work_queue_name=work_queue_name,
            **checked(
                parameters=parameters or {},
                context=context or {},
                job_variables=job_variables,
                labels=labels,
            ),
        )
        proposed = SCHEDULED_NOW if state is None else state_body(state)
        body = merge(b'{"state":%b}' % proposed, known)
        refusal = _run_refused(deployment_id, parameters or {})
        response = await self._send(
            "POST",
            path("/deployments/{id}/create_flow_run", id=deployment_id),
            content=body,
            errors={400: refusal, 404: refusal, 409: refusal, 422: refusal},
            retry=True,
        )
        return parse(FlowRun, response)

    async def create_deployment_branch(
        self,
        deployment_id: UUID,
        branch: str,
        options: DeploymentBranchingOptions | None = None,
        overrides: DeploymentUpdate | None = None,
    ) -> UUID:
        """Branch off a deployment and return the new one's id (Prefect Cloud only).

        Args:
            branch: Name of the branch.
            overrides: Fields in which the branch differs.
        """
        body = join(branch=branch, options={} if options is None else options, overrides=overrides)
        response = await self._send(
            "POST",
            path("/deployments/{id}/branch", id=deployment_id),
            content=body,
            errors={
                404: refused(
                    f"Cannot branch deployment '{deployment_id}' (only Prefect Cloud has branches)"
                )
            },
        )
        return parse_id(response)


def _one(deployment_id: UUID | str) -> str:
    return path("/deployments/{id}", id=deployment_id)


def _schedule(deployment_id: UUID, schedule_id: UUID) -> str:
    return path("/deployments/{id}/schedules/{schedule}", id=deployment_id, schedule=schedule_id)


def _no_schedule(deployment_id: UUID, schedule_id: UUID) -> ErrorMapping:
    return not_found(f"schedule '{schedule_id}' of deployment '{deployment_id}'")


def _limit_reached(name: str) -> ErrorMapping:
    def factory(http_exc: Exception) -> Exception:
        from prefect.exceptions import ObjectLimitReached

        detail = error_detail(http_exc)
        # The same status is used for missing rights; only the answer's words tell them apart.
        if "limit" in detail.lower() or "maximum" in detail.lower():
            return ObjectLimitReached(http_exc, f"Cannot create deployment {name!r}: {detail}")
        return refused(f"Cannot create deployment {name!r}")(http_exc=http_exc)

    return factory


def _conflict(name: str) -> ErrorMapping:
    def factory(http_exc: Exception) -> Exception:
        from prefect.exceptions import ObjectAlreadyExists

        return ObjectAlreadyExists(
            http_exc, f"Cannot create deployment {name!r}: {error_detail(http_exc)}"
        )

    return factory


def _run_refused(deployment_id: UUID, parameters: dict[str, Any]) -> ErrorMapping:
    def factory(http_exc: Any) -> Exception:
        sentence = f"Cannot create a run of deployment '{deployment_id}'"
        if http_exc.response.status_code == 409:
            given = ", ".join(map(repr, parameters)) or "none"
            sentence += (
                f" with parameters {given} (compare them with its `parameter_openapi_schema`, and"
                " job variables with its work pool's)"
            )
        return refused(sentence)(http_exc=http_exc)

    return factory
