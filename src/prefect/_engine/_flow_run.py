"""One run of a flow: the core, written once for both faces.

The authority (the server; in local mode this process) decides every state: the core proposes one
and goes on from what it is answered. The run's own code is called only while the run is RUNNING.
Whatever ends the code, the final state is proposed exactly once, the hooks are called exactly once
and the caller gets what the code returned or raised.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect._engine import _inputs
from prefect._engine._authority import note_state
from prefect._engine._hooks import call_hooks
from prefect._engine._outcome import Outcome
from prefect._engine._persistence import flow_persists, stored_result
from prefect._engine._states import (
    TERMINAL_STATES,
    Kept,
    State,
    StateType,
    make_details,
    make_state,
)
from prefect.context import EngineContext, TagsContext, TaskRunContext
from prefect.exceptions import Abort, ParameterTypeError, Pause
from prefect.futures import PrefectFuture, resolve_futures_to_states
from prefect.logging.loggers import flow_run_logger
from prefect.types._datetime import now

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun
    from prefect.flows import Flow

__all__ = ["FlowRunProcess", "FlowRunTimeoutError"]


class FlowRunTimeoutError(TimeoutError):
    """Raised when a flow run takes longer than its `timeout_seconds`."""


FlowRunTimeoutError.__module__ = "prefect.flow_engine"


class FlowRunProcess:
    """A flow run from its creation to its final state.

    Args:
        flow: The flow.
        parameters: What it is called with; may hold futures and states of other runs.
        authority: Decides the states.
        flow_run: A run that exists already, made for a deployment for example.
        wait_for: Futures and states that must have completed before.
        sender: Takes events of the run and its tasks; None in local mode.
    """

    def __init__(
        self,
        flow: "Flow[Any, Any]",
        parameters: dict[str, Any],
        *,
        authority: Any,
        flow_run: "FlowRun | None" = None,
        wait_for: Any = None,
        sender: Any = None,
    ) -> None:
        self.flow = flow
        self.parameters = parameters
        self.authority = authority
        self.flow_run: Any = flow_run
        self.wait_for = wait_for
        self.sender = sender
        self.parent = EngineContext.get()
        self.final_state: State[Any] | None = None
        self.context: EngineContext | None = None
        self._hooks_called: set[Any] = set()

    @property
    def logger(self) -> Any:
        """The run's logger."""
        return flow_run_logger(self.flow_run, self.flow)

    # -- from creation to the end --------------------------------------------------------------

    async def run(self, port: Any) -> Outcome:
        """Run the flow.

        Returns:
            What the flow returned or raised; `final_state` is set.
        """
        outcome = await self.open(port)
        if outcome is not None:
            return outcome
        with self.running(port):
            outcome = await self.attempts(port)
        return outcome

    async def open(self, port: Any) -> Outcome | None:
        """Create the run and its inputs; an outcome if it must not or need not start."""
        for value in _listed(self.wait_for):
            if isinstance(value, PrefectFuture):
                await port.wait_for(value)
            _inputs.resolve(value, PrefectFuture)
        inputs = self._placeholder_inputs()
        await self._resolve_parameters(port)
        if self.flow_run is None:
            found = await self._create(inputs)
            if found is not None:
                return found
        self.logger.info("Begins, a run of flow %r", self.flow.name)
        return None

    def _placeholder_inputs(self) -> dict[str, list[Any]]:
        if self.parent is None or self.flow_run is not None:
            return {}
        known = self.parent.run_results
        return {
            name: list(_inputs.dependencies(value, known, PrefectFuture))
            for name, value in self.parameters.items()
        }

    async def _resolve_parameters(self, port: Any) -> None:
        waited: list[Any] = []
        for value in self.parameters.values():
            _inputs.futures_in(value, PrefectFuture, waited)
        for item in waited:
            if isinstance(item, PrefectFuture):
                await port.wait_for(item)
        self.parameters = {
            name: _inputs.resolve(value, PrefectFuture) for name, value in self.parameters.items()
        }

    async def _create(self, inputs: dict[str, list[Any]]) -> Outcome | None:
        """Make the run; for a subflow, first what stands for it in the parent's graph."""
        placeholder_id: UUID | None = None
        parent = self.parent
        if parent is not None and parent.flow_run is not None:
            key = self.flow._task_key
            number = int(parent.task_run_dynamic_keys.get(key, -1)) + 1
            parent.task_run_dynamic_keys[key] = number
            placeholder = await self.authority.create_placeholder(
                self.flow, parent.flow_run, str(number), inputs
            )
            placeholder_id = None if placeholder is None else placeholder.id
            if placeholder_id is not None and parent.flow_run.run_count > 1:
                found = await self._reuse(placeholder_id)
                if found is not None:
                    return found
        self.flow_run = await self.authority.create(
            self.flow,
            self.flow.serialize_parameters(self.parameters),
            name=None,
            tags=TagsContext.get().current_tags,
            parent_task_run_id=placeholder_id,
        )
        self.flow_run.parameters = self.parameters
        return None

    async def _reuse(self, placeholder_id: UUID) -> Outcome | None:
        """Take over the subflow run that an earlier attempt of the parent made."""
        child = await self.authority.find_child(placeholder_id)
        if child is None or child.state is None:
            return None
        if child.state.type is not StateType.COMPLETED:
            return None
        try:
            value = _inputs.result_of(child.state)
        except Exception:  # its result was not stored, or cannot be read: it runs again
            return None
        self.flow_run, self.final_state = child, child.state
        return Outcome(value)

    def running(self, port: Any) -> "_Running":
        """The context in which the run's code and hooks are called."""
        return _Running(self, port)

    async def attempts(self, port: Any) -> Outcome:
        """Run the flow's code as often as the authority says, and set the final state."""
        try:
            checked: Outcome | None = await self._check(port)
            await self._begin(port)
            if self.context is not None and self.context.persist_result:
                self.context.result_store = await port.store_for(None, self.flow)
            while True:
                if checked is not None:
                    outcome = checked
                else:
                    await self._call_hooks(port, self.flow.on_running_hooks)
                    outcome = await self._call(port)
                with port.shielded():
                    again = await self._end(port, outcome)
                if not again:
                    return outcome
                await self._retry(port)
        except (Abort, Pause) as signal:
            return Outcome(error=signal)
        except _Settled as settled:
            return settled.outcome
        except BaseException as error:
            with port.shielded():
                return await self._crash(port, error)

    # -- before the code -----------------------------------------------------------------------

    async def _check(self, port: Any) -> Outcome | None:
        """Validate the parameters and name the run; an outcome if either fails."""
        flow = self.flow
        assert self.context is not None
        try:
            if flow.should_validate_parameters:
                self.parameters = flow.validate_parameters(self.parameters)
                self.context.parameters = self.flow_run.parameters = self.parameters
            if flow.flow_run_name is not None and self.flow_run.deployment_id is None:
                from prefect._engine._parameters import render_name

                name = render_name(flow.flow_run_name, self.parameters, "flow_run_name")
                await self.authority.rename(self.flow_run, name)
                self.flow_run.name = name
        except Exception as error:  # user code: validators, the function that makes the name
            return Outcome(error=error)
        return None

    async def _begin(self, port: Any) -> None:
        """Bring the run into RUNNING.

        Raises:
            _Settled: If the run has ended already.
            Abort: If it must not run.
            Pause: If it is paused.
        """
        while True:
            state = self._state(StateType.RUNNING, "Running")
            verdict = await self.authority.propose(self.flow_run, state)
            held = verdict.state
            if verdict.status == "ACCEPT":
                self._note(held or state)
                return
            if verdict.status == "ABORT":
                raise Abort(verdict.reason or "The server does not let the run go on")
            if verdict.status == "WAIT":
                self.logger.info(
                    "The run may start in %s s: %s", verdict.delay_seconds, verdict.reason
                )
                await port.sleep(verdict.delay_seconds)
                continue
            if held is None:
                raise Abort(verdict.reason or "The server refused the run")
            self._note(held)
            if held.type is StateType.RUNNING:
                return
            if held.type in TERMINAL_STATES:
                raise _Settled(self._settled(held))
            if held.type is StateType.PAUSED:
                raise Pause(verdict.reason, state=held)
            await self._sleep_until_scheduled(port, held, verdict.reason)

    async def _sleep_until_scheduled(self, port: Any, state: State[Any], reason: str) -> None:
        at = state.state_details.scheduled_time
        seconds = 0.0 if at is None else max(0.0, (at - now()).total_seconds())
        self.logger.info("The run is %s and starts in %.1f s %s", state.name, seconds, reason)
        await port.sleep(seconds)

    def _settled(self, held: State[Any]) -> Outcome:
        """The outcome of a run that had ended before it could start."""
        self.final_state = held
        if held.type is StateType.COMPLETED:
            return Outcome(held)
        return Outcome(error=_exception_of(held))

    # -- the code ------------------------------------------------------------------------------

    async def _call(self, port: Any) -> Outcome:
        flow = self.flow
        args, kwargs = flow._binder.split(self.parameters)
        outcome: Outcome = await port.call(
            flow.fn, args, kwargs, flow.timeout_seconds, FlowRunTimeoutError
        )
        return outcome

    async def _keep(self, port: Any, state: State[Any]) -> None:
        """Store the result that a final state carries, if the flow's results are stored."""
        context = self.context
        if context is None or not context.persist_result:
            return
        data = state.data
        value = data.result if isinstance(data, Kept) else data
        if data is None or (hasattr(data, "metadata") and not isinstance(data, Kept)):
            return
        if context.result_store is None:
            context.result_store = await port.store_for(None, self.flow)
        state.data = await stored_result(port, context.result_store, value, self.logger)

    async def _end(self, port: Any, outcome: Outcome) -> bool:
        """Set the state that follows from what the code did.

        Returns:
            Whether the run is to be tried again.
        """
        error = outcome.error
        assert self.context is not None
        await port.drain(self.context.task_runner, cancel=error is not None)
        if error is not None and not isinstance(error, Exception):
            await self._crash(port, error)
            return False
        if error is None:
            state = await self._state_of_value(port, outcome)
        else:
            state = self._state_of_error(error)
        await self._keep(port, state)
        return await self._finish(port, state, outcome)

    async def _state_of_value(self, port: Any, outcome: Outcome) -> State[Any]:
        """Find the final state of a run from what its code returned; waits for its futures."""
        from prefect.states import StateGroup, is_state_iterable

        found: list[Any] = []
        _inputs.futures_in(outcome.value, PrefectFuture, found)
        waited = [item for item in found if isinstance(item, PrefectFuture)]
        for future in waited:
            await port.wait_for(future)
        if waited:
            outcome.value = resolve_futures_to_states(outcome.value)
        value = outcome.value
        if isinstance(value, State):
            details = value.state_details
            if details.task_run_id is None and details.flow_run_id is None:
                return self._own_state(value, outcome)
            if value.type in TERMINAL_STATES and value.type is not StateType.COMPLETED:
                outcome.error = _exception_of(value)
            group = [value]
        elif is_state_iterable(value):
            group = list(value)
        else:
            return self._state(
                StateType.COMPLETED,
                "Completed",
                data=Kept(value),
                untrackable_result=_inputs.is_untrackable(value),
            )
        from prefect._engine._groups import state_of_group

        type_, name, message = state_of_group(StateGroup(group))
        return self._state(type_, name, message=message, data=Kept(value))

    def _own_state(self, value: State[Any], outcome: Outcome) -> State[Any]:
        """Take over a state that the code made and returned."""
        state = self._state(value.type, value.name or "", message=value.message, data=value.data)
        if value.type is StateType.COMPLETED:
            if state.data is None:
                state.data = Kept(None)
            outcome.value = _inputs.result_of(state)
        elif value.type in TERMINAL_STATES:
            outcome.value = None
            outcome.error = _exception_of(value)
        return state

    def _state_of_error(self, error: Exception) -> State[Any]:
        if isinstance(error, FlowRunTimeoutError):
            limit = self.flow.timeout_seconds
            message = f"The flow run took longer than the {limit:g} s it may take"
            return self._state(StateType.FAILED, "TimedOut", message=message, data=error)
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if isinstance(error, ParameterTypeError):
            message = f"The parameters do not fit: {text}"
        else:
            message = f"The flow run failed with an exception: {text}"
            self.logger.error("The flow run failed with an exception", exc_info=error)
        return self._state(StateType.FAILED, "Failed", message=message, data=error)

    # -- the end -------------------------------------------------------------------------------

    async def _finish(self, port: Any, state: State[Any], outcome: Outcome) -> bool:
        """Propose a final state and deal with the answer; says whether to try again."""
        while True:
            try:
                verdict = await self.authority.propose(self.flow_run, state)
            except Exception as error:
                # The code has run; that its end could not be told must not look like its failure.
                self._unreported(state, error)
                break
            held = verdict.state
            if verdict.status == "WAIT":
                await port.sleep(verdict.delay_seconds)
                continue
            if verdict.status == "REJECT" and held is not None:
                self._note(held)
                if held.type is StateType.SCHEDULED:
                    return True
                state = held
            elif verdict.status == "ABORT":
                self.logger.warning(
                    "The server kept the run %s instead of %s: %s",
                    "as it was" if held is None else held.name,
                    state.name,
                    verdict.reason,
                )
                state = held or state
            else:
                state = held or state
                self._note(state)
            break
        self.final_state = state
        await self._call_final_hooks(port, state)
        level = "info" if state.type is StateType.COMPLETED else "error"
        getattr(self.logger, level)("Finished in state %s", state)
        self._link(state, outcome)
        return False

    def _unreported(self, state: State[Any], error: Exception) -> None:
        self._note(state)
        self.logger.error(
            "The end of flow run '%s' (%s) could not be reported to the API, so it shows the run"
            " as it was before: %s",
            self.flow_run.id,
            state.name,
            error,
        )

    def _link(self, state: State[Any], outcome: Outcome) -> None:
        """Let the parent know which run its value comes from."""
        if self.parent is None or outcome.error is not None:
            return
        from prefect.client.schemas._models.run_inputs import RunType

        results = self.parent.run_results
        _inputs.link_result(results, state, outcome.value, RunType.FLOW_RUN)

    async def _retry(self, port: Any) -> None:
        """Wait for the time of the next attempt, and begin it."""
        state = self.flow_run.state
        await self._sleep_until_scheduled(port, state, "")
        assert self.context is not None
        self.context.task_run_dynamic_keys.clear()
        await self._begin(port)

    async def _crash(self, port: Any, error: BaseException) -> Outcome:
        """End because of something that is not the flow's own failure."""
        if self.final_state is None and self.flow_run is not None:
            from prefect.states import _crash_message

            state = self._state(
                StateType.CRASHED, "Crashed", message=_crash_message(error), data=error
            )
            self.logger.error("%s", state.message)
            await self._finish(port, state, Outcome(error=error))
        return Outcome(error=error)

    # -- small things --------------------------------------------------------------------------

    def _state(
        self,
        type: StateType,
        name: str,
        *,
        message: str | None = None,
        data: Any = None,
        **details: Any,
    ) -> State[Any]:
        return make_state(
            type,
            name,
            message=message,
            data=data,
            details=make_details(flow_run_id=self.flow_run.id, **details),
        )

    def _note(self, state: State[Any]) -> None:
        note_state(self.flow_run, state)

    async def _call_hooks(self, port: Any, hooks: Any) -> None:
        if hooks:
            run = self.flow_run
            await call_hooks(port, hooks, self.flow, run, run.state, self.logger)

    async def _call_final_hooks(self, port: Any, state: State[Any]) -> None:
        from os import environ

        flow = self.flow
        # A runner that calls these two by itself says so, see the environment of `prefect.engine`.
        outside = (
            environ.get("PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS", "true").lower() == "false"
        )
        hooks = {
            StateType.COMPLETED: flow.on_completion_hooks,
            StateType.FAILED: flow.on_failure_hooks,
            StateType.CRASHED: () if outside else flow.on_crashed_hooks,
            StateType.CANCELLING: () if outside else flow.on_cancellation_hooks,
            StateType.CANCELLED: () if outside else flow.on_cancellation_hooks,
        }.get(state.type, ())
        if state.id in self._hooks_called:
            return
        self._hooks_called.add(state.id)
        await self._call_hooks(port, hooks)


class _Settled(Exception):
    """The run had ended before it could start."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class _Running:
    """The contexts of a flow run: its context variables, task runner, prints and heartbeat."""

    def __init__(self, process: FlowRunProcess, port: Any) -> None:
        self._process = process
        self._port = port
        self._undo: list[Any] = []

    def __enter__(self) -> None:
        process, flow = self._process, self._process.flow
        runner = flow.task_runner.duplicate()
        context = process.context = EngineContext(
            client=self._port.client,
            flow=flow,
            flow_run=process.flow_run,
            parameters=process.parameters,
            task_runner=runner,
            log_prints=flow._logs_prints(process.parent),
            events=process.sender,
            persist_result=flow_persists(flow),
        )
        tags = TagsContext.get().current_tags | set(process.flow_run.tags)
        tokens = (
            (EngineContext.__var__, EngineContext.__var__.set(context)),
            # A task that calls a flow is no parent of the tasks of that flow.
            (TaskRunContext.__var__, TaskRunContext.__var__.set(None)),
            (TagsContext.__var__, TagsContext.__var__.set(TagsContext(current_tags=tags))),
        )
        self._undo.extend(lambda *_, v=v, t=t: v.reset(t) for v, t in tokens)
        self._enter(runner)
        if context.log_prints:
            from prefect._engine._prints import log_prints

            self._enter(log_prints())
        if process.sender is not None:
            from prefect._engine._heartbeats import heartbeats

            self._enter(heartbeats(process.flow_run, flow, process.sender))

    def _enter(self, manager: Any) -> None:
        manager.__enter__()
        self._undo.append(manager.__exit__)

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        while self._undo:
            self._undo.pop()(kind, error, traceback)


def _exception_of(state: State[Any]) -> BaseException:
    """The exception that a failed, crashed or cancelled run ended with."""
    from prefect.states import get_state_exception

    error: BaseException = get_state_exception(state, _sync=True)  # type: ignore[call-arg]
    return error


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, (PrefectFuture, State)) else list(value)
