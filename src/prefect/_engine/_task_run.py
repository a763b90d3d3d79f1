"""One run of a task: the core, written once for both faces.

The client decides the states of task runs: retries, timeouts and inputs are dealt with here, and
each state leaves as an event. Nothing waits for the server. The steps are

    new -> Pending -> Running -> [AwaitingRetry ->] Retrying -> ... -> final

and every one is `_enter(state)`, which updates the run and hands over its event.
"""

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from prefect._engine import _inputs, _persistence, _task_events
from prefect._engine._hooks import call_hooks
from prefect._engine._outcome import Outcome
from prefect._engine._states import (
    TERMINAL_STATES,
    Kept,
    State,
    StateType,
    make_details,
    make_state,
)
from prefect._internal.uuid7 import uuid7
from prefect.client.schemas._models.run_inputs import RunType
from prefect.client.schemas._models.task_runs import TaskRun, TaskRunPolicy
from prefect.context import EngineContext, TagsContext, TaskRunContext
from prefect.exceptions import UpstreamTaskError
from prefect.futures import PrefectFuture
from prefect.logging.loggers import task_run_logger
from prefect.types._datetime import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect._engine._persistence import TaskTransaction
    from prefect.tasks import Task

__all__ = ["TaskRunProcess", "TaskRunTimeoutError"]

_NOTHING = timedelta(0)
_ALL_FIELDS = set(TaskRun.model_fields)
_setattr = object.__setattr__


class TaskRunTimeoutError(TimeoutError):
    """Raised when a task run takes longer than its `timeout_seconds`."""


TaskRunTimeoutError.__module__ = "prefect.task_engine"


class TaskRunProcess:
    """A task run from its creation to its final state.

    Args:
        task: The task.
        parameters: What it is called with; may hold futures and states of other runs.
        id: The run's id; None makes one.
        wait_for: Futures and states that must have completed before.
        flow_context: The flow run it belongs to; None for a task outside of flows.
        parent: The task run it is called from, if any.
        sender: Takes events; None in local mode.
        dependencies: Parameter → what it depends on, when that was found out by the caller.
        task_run: A run that exists already, to be run instead of a new one.
    """

    __slots__ = (
        "_deferred_name",
        "dependencies",
        "final_state",
        "flow_context",
        "logger_",
        "parameters",
        "parent",
        "related",
        "resource_head",
        "run_head",
        "sender",
        "started",
        "state",
        "task",
        "task_run",
        "total_run_seconds",
        "wait_for",
    )

    def __init__(
        self,
        task: "Task[Any, Any]",
        parameters: dict[str, Any],
        *,
        id: UUID | None = None,
        wait_for: "Iterable[Any] | Any | None" = None,
        flow_context: EngineContext | None = None,
        parent: TaskRunContext | None = None,
        sender: Any = None,
        dependencies: "dict[str, set[Any]] | None" = None,
        task_run: TaskRun | None = None,
    ) -> None:
        self.task = task
        self.parameters = parameters
        self.wait_for = wait_for
        self.flow_context = flow_context
        self.parent = parent
        self.sender = sender
        self.state: State[Any] | None = None
        self.final_state: State[Any] | None = None
        self.total_run_seconds = 0.0
        self.started: Any = None
        self.logger_: Any = None
        self._deferred_name = False
        self.dependencies = dependencies
        self.task_run = task_run if task_run is not None else self._new_run(id)

    # -- the run and its events ----------------------------------------------------------------

    def _new_run(self, id: UUID | None) -> TaskRun:
        task = self.task
        context = self.flow_context
        flow_run = None if context is None else context.flow_run
        dynamic_key = str(uuid4())
        name = f"{task.name}-{dynamic_key[:3]}"
        template = task.task_run_name
        if isinstance(template, str) or template is not None:
            self._deferred_name = True
        tags = TagsContext.get().current_tags
        run = TaskRun.__new__(TaskRun)
        moment = now()
        _setattr(
            run,
            "__dict__",
            {
                "id": id or uuid7(),
                "created": None,
                "updated": None,
                "name": name,
                "flow_run_id": None if flow_run is None else flow_run.id,
                "task_key": task.task_key,
                "dynamic_key": dynamic_key,
                "cache_key": None,
                "cache_expiration": None,
                "task_version": task.version,
                "empirical_policy": task._policy[0],
                "tags": sorted(task.tags | tags) if (tags or task.tags) else [],
                "labels": {},
                "state_id": None,
                "task_inputs": self._task_inputs(),
                "state_type": None,
                "state_name": None,
                "run_count": 0,
                "flow_run_run_count": 0 if flow_run is None else flow_run.run_count,
                "expected_start_time": moment,
                "next_scheduled_start_time": None,
                "start_time": None,
                "end_time": None,
                "total_run_time": _NOTHING,
                "estimated_run_time": _NOTHING,
                "estimated_start_time_delta": _NOTHING,
                "state": None,
            },
        )
        _setattr(run, "__pydantic_fields_set__", _ALL_FIELDS)
        _setattr(run, "__pydantic_extra__", None)
        _setattr(run, "__pydantic_private__", None)
        return run

    def _task_inputs(self) -> dict[str, list[Any]]:
        """Which runs the parameters come from: parameter → runs."""
        inputs: dict[str, list[Any]] = {}
        if self.dependencies is not None:
            inputs = {name: list(found) for name, found in self.dependencies.items()}
        else:
            known = {} if self.flow_context is None else self.flow_context.run_results
            for name, value in self.parameters.items():
                if _inputs.is_plain(value) and id(value) not in known:
                    inputs[name] = []
                else:
                    inputs[name] = list(_inputs.dependencies(value, known, PrefectFuture))
            if self.wait_for:
                found = _inputs.dependencies(_listed(self.wait_for), known, PrefectFuture)
                inputs["wait_for"] = list(found)
        if self.parent is not None and self._has_parent_in_flow():
            from prefect.client.schemas._models.run_inputs import TaskRunResult

            inputs["__parents__"] = [TaskRunResult(id=self.parent.task_run.id)]
        return inputs

    def _has_parent_in_flow(self) -> bool:
        """Whether the calling task run belongs to the same flow run, not to one above it."""
        if self.flow_context is None or self.flow_context.flow_run is None:
            return True
        parent = self.parent
        return parent is not None and parent.task_run.flow_run_id == self.flow_context.flow_run.id

    def _prepare_events(self) -> None:
        """Write the parts of the run's events that stay the same."""
        context = self.flow_context
        shared = ""
        if context is not None and context.flow_run is not None:
            shared = context._related
            if shared is None:
                shared = _task_events.related_of_flow_run(context.flow_run, context.flow)
                context._related = shared
        tags = self.task_run.tags
        self.related = (_task_events.related_tags(tags) + shared) if tags else shared
        if self.related.endswith(","):
            self.related = self.related[:-1]
        self.resource_head = _task_events.resource_head(self.task_run)
        self.run_head = _task_events.run_head(self.task_run, self.task._policy[1])

    @property
    def logger(self) -> Any:
        """The run's logger."""
        if self.logger_ is None:
            context = self.flow_context
            self.logger_ = task_run_logger(
                self.task_run,
                self.task,
                None if context is None else context.flow_run,
                None if context is None else context.flow,
            )
        return self.logger_

    def _enter(self, state: State[Any]) -> None:
        """Put the run into a state and hand over the event."""
        run = self.task_run.__dict__
        before, self.state = self.state, state
        kind = state.type
        if before is not None and before.type is StateType.RUNNING:
            self.total_run_seconds += (state.timestamp - before.timestamp).total_seconds()
            run["total_run_time"] = timedelta(seconds=self.total_run_seconds)
        if kind is StateType.RUNNING:
            run["run_count"] += 1
            if run["start_time"] is None:
                run["start_time"] = state.timestamp
            if self.flow_context is not None and self.flow_context.flow_run is not None:
                run["flow_run_run_count"] = self.flow_context.flow_run.run_count
        elif kind in TERMINAL_STATES:
            run["end_time"] = state.timestamp
            if run["start_time"] is None:
                run["start_time"] = state.timestamp
        run["state"] = state
        run["state_id"] = state.id
        run["state_type"] = kind
        run["state_name"] = state.name
        if self.sender is not None:
            self.sender.send(_task_events.state_change(self, before, state))

    def _state(
        self,
        type: StateType,
        name: str,
        message: str | None = None,
        data: Any = None,
        **details: Any,
    ) -> State[Any]:
        task_run = self.task_run
        return make_state(
            type,
            name,
            message=message,
            data=data,
            details=make_details(
                task_run_id=task_run.id, flow_run_id=task_run.flow_run_id, **details
            ),
        )

    # -- running -------------------------------------------------------------------------------

    async def run(self, port: Any) -> Outcome:
        """Run the task.

        Returns:
            What the task returned or raised; `final_state` is set.
        """
        if self.task_run.dynamic_key and self.sender is not None and not self._deferred_name:
            self._prepare_events()
        refused = await self._resolve_inputs(port)
        context = TaskRunContext(
            client=port.client,
            task=self.task,
            task_run=self.task_run,
            log_prints=self._log_prints(),
            parameters=self.parameters,
            start_time=self.task_run.expected_start_time,
        )
        token = TaskRunContext.__var__.set(context)
        try:
            if self._deferred_name:
                failure = await self._set_name(port)
                if self.sender is not None:
                    self._prepare_events()
                if failure is not None and refused is None:
                    self._enter(self._state(StateType.PENDING, "Pending"))
                    return await self._fail(port, failure)
            self._enter(self._state(StateType.PENDING, "Pending"))
            if refused is not None:
                return self._not_ready(refused)
            if context.log_prints:
                from prefect._engine._prints import log_prints

                with log_prints():
                    return await self._attempts(port)
            return await self._attempts(port)
        except BaseException as error:
            return self._crash(error)
        finally:
            TaskRunContext.__var__.reset(token)

    async def _resolve_inputs(self, port: Any) -> UpstreamTaskError | None:
        """Wait for the runs that the inputs come from, and put their results in their place."""
        waited: list[Any] = []
        for value in self.parameters.values():
            _inputs.futures_in(value, PrefectFuture, waited)
        if self.wait_for:
            _inputs.futures_in(_listed(self.wait_for), PrefectFuture, waited)
        if not waited:
            # Marks of the user are taken off all the same.
            for value in self.parameters.values():
                if isinstance(value, tuple) and type(value) is not tuple:
                    break
            else:
                return None
        for item in waited:
            if isinstance(item, PrefectFuture):
                await port.wait_for(item)
        try:
            self.parameters = {
                name: _inputs.resolve(value, PrefectFuture)
                for name, value in self.parameters.items()
            }
            if self.wait_for:
                _inputs.resolve(_listed(self.wait_for), PrefectFuture)
        except UpstreamTaskError as error:
            return error
        return None

    async def _set_name(self, port: Any) -> Exception | None:
        from prefect._engine._parameters import render_name

        template = self.task.task_run_name
        assert template is not None
        try:
            self.task_run.name = render_name(template, self.parameters, "task_run_name")
        except Exception as error:  # a function of the user's may raise anything
            return error
        return None

    def _log_prints(self) -> bool:
        own = self.task.log_prints
        if own is not None:
            return bool(own)
        if self.flow_context is not None:
            return bool(self.flow_context.log_prints)
        from prefect.settings._current import group

        return bool(group("logging").log_prints)

    def _not_ready(self, reason: UpstreamTaskError) -> Outcome:
        """End before the start: an input's run did not complete."""
        self.final_state = self._state(StateType.PENDING, "NotReady", str(reason))
        self._enter(self.final_state)
        self.logger.error("%s", reason)
        return Outcome(error=reason)

    async def _attempts(self, port: Any) -> Outcome:
        """Run until the task succeeds or must not be tried again."""
        task = self.task
        args, kwargs = task._binder.split(self.parameters)
        name = "Running"
        transaction = self._transaction()
        while True:
            slots = await self._hold_slots(port)
            try:
                self._enter(self._state(StateType.RUNNING, name))
                if task.on_running_hooks:
                    await self._call_hooks(port, task.on_running_hooks)
                if transaction is not None:
                    found = await transaction.begin(port)
                    if found is not None:
                        return await self._end_cached(port, found)
                outcome = await port.call(
                    task.fn, args, kwargs, task.timeout_seconds, TaskRunTimeoutError
                )
            finally:
                if slots is not None:
                    await port.release_slots(slots)
            error = outcome.error
            if error is None:
                return await self._succeed(port, outcome, transaction)
            if transaction is not None:
                await transaction.fail(port, error)
            if not isinstance(error, Exception):
                return self._crash(error)
            if not await self._may_retry(port, error):
                return await self._fail(port, error)
            await self._await_retry(port, error)
            name = "Retrying"

    async def _hold_slots(self, port: Any) -> Any:
        """Wait for slots of the limits that the run's tags have; None if it has no tags."""
        if not self.task_run.tags or self.sender is None:
            return None
        from prefect.settings._current import group

        if not group("api").url:
            return None
        from prefect.types._concurrency import ConcurrencyLeaseHolder

        names = [f"tag:{tag}" for tag in self.task_run.tags]
        holder = ConcurrencyLeaseHolder(type="task_run", id=self.task_run.id)
        return await port.hold_slots(names, holder)

    def _transaction(self) -> "TaskTransaction | None":
        """What stores the result and takes part in transactions; None if neither is asked for."""
        task = self.task
        persists = _persistence.task_persists(task, self.flow_context)
        if not persists and not _persistence.is_transactional(task):
            return None
        return _persistence.TaskTransaction(self, TaskRunContext.get(), persists)

    async def _end_cached(self, port: Any, record: Any) -> Outcome:
        """End with the result of an earlier run."""
        value = record.result
        state = self._state(
            StateType.COMPLETED,
            "Cached",
            data=record,
            untrackable_result=_inputs.is_untrackable(value),
        )
        if self.flow_context is not None:
            _inputs.link_result(self.flow_context.run_results, state, value, RunType.TASK_RUN)
        await self._finish(port, state)
        return Outcome(value)

    async def _succeed(
        self, port: Any, outcome: Outcome, transaction: "TaskTransaction | None"
    ) -> Outcome:
        value = outcome.value
        if isinstance(value, State):
            if transaction is not None:
                await transaction.succeed(port, value)
            return await self._end_with_state(port, value)
        data = Kept(value) if transaction is None else await transaction.succeed(port, value)
        state = self._state(
            StateType.COMPLETED,
            "Completed",
            data=data,
            untrackable_result=_inputs.is_untrackable(value),
        )
        if self.flow_context is not None:
            _inputs.link_result(self.flow_context.run_results, state, value, RunType.TASK_RUN)
        await self._finish(port, state)
        return outcome

    async def _end_with_state(self, port: Any, given: State[Any]) -> Outcome:
        """End in a state that the task returned."""
        state = self._state(given.type, given.name or "", given.message, given.data)
        if given.data is None and given.type is StateType.COMPLETED:
            state.data = Kept(None)
        await self._finish(port, state)
        if given.type is StateType.COMPLETED:
            return Outcome(_inputs.result_of(state))
        from prefect.states import get_state_exception

        if given.type in TERMINAL_STATES:
            return Outcome(error=get_state_exception(state, _sync=True))  # type: ignore[call-arg]
        return Outcome(given)

    async def _may_retry(self, port: Any, error: Exception) -> bool:
        """Whether a failed attempt is followed by another."""
        task = self.task
        if self.task_run.run_count > task.retries:
            return False
        condition = task.retry_condition_fn
        if condition is None:
            return True
        failed = self._state(StateType.FAILED, "Failed", _message(error), error)
        outcome = await port.call_hook(condition, task, self.task_run, failed)
        if outcome.error is not None:
            if not isinstance(outcome.error, Exception):
                raise outcome.error
            self.logger.error(
                "`retry_condition_fn` failed, so the task is not tried again",
                exc_info=outcome.error,
            )
            return False
        return bool(outcome.value)

    async def _await_retry(self, port: Any, error: Exception) -> None:
        delay = self.task._retry_delay(self.task_run.run_count)
        jitter = self.task.retry_jitter_factor
        if jitter and delay:
            # Not the shared generator: the program may have seeded it.
            delay += random.SystemRandom().uniform(0, jitter) * delay
        self.logger.info(
            "Attempt %s of %s failed with %s; the next one follows in %g s",
            self.task_run.run_count,
            self.task.retries + 1,
            _message(error),
            delay,
        )
        if delay:
            at = now() + timedelta(seconds=delay)
            self._enter(self._state(StateType.SCHEDULED, "AwaitingRetry", scheduled_time=at))
            await port.sleep(delay)

    async def _fail(self, port: Any, error: Exception) -> Outcome:
        task = self.task
        if isinstance(error, TaskRunTimeoutError):
            state = self._state(
                StateType.FAILED,
                "TimedOut",
                f"The task run took longer than the {task.timeout_seconds:g} s it may take",
                error,
            )
            self.logger.error("%s", state.message)
        else:
            state = self._state(StateType.FAILED, "Failed", _message(error), error)
            self.logger.error("Task run failed with an exception", exc_info=error)
        await self._finish(port, state)
        return Outcome(error=error)

    async def _finish(self, port: Any, state: State[Any]) -> None:
        self.final_state = state
        self._enter(state)
        task = self.task
        hooks: list[Any] = []
        if state.type is StateType.COMPLETED:
            hooks = task.on_completion_hooks
        elif state.type is StateType.FAILED:
            hooks = task.on_failure_hooks
        if hooks:
            await self._call_hooks(port, hooks)
        logger = self.logger
        if state.type is StateType.COMPLETED:
            logger.info("Finished in state %s", state)
        else:
            logger.error("Finished in state %s", state)

    def _crash(self, error: BaseException) -> Outcome:
        """End because of something that is not the task's own failure."""
        if self.final_state is None:
            from prefect.states import _crash_message

            self.final_state = self._state(
                StateType.CRASHED, "Crashed", _crash_message(error), error
            )
            self._enter(self.final_state)
            self.logger.error("%s", self.final_state.message)
        return Outcome(error=error)

    async def _call_hooks(self, port: Any, hooks: "Iterable[Any]") -> None:
        await call_hooks(port, hooks, self.task, self.task_run, self.state, self.logger)


def _message(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _listed(value: Any) -> Any:
    """Return `wait_for` as a list; users give one future as well as several."""
    if isinstance(value, (PrefectFuture, State)):
        return [value]
    return list(value) if not isinstance(value, (list, tuple, set)) else value


def policy_of(retries: int, delay: Any, jitter: float | None) -> "tuple[TaskRunPolicy, str]":
    """The retry policy of a task's runs, as a model and as JSON."""
    policy = TaskRunPolicy(retries=retries, retry_delay=delay, retry_jitter_factor=jitter)
    return policy, _task_events.retry_policy(retries, delay, jitter)
