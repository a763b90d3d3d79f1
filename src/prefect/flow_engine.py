"""Running a flow: the faces of the engine's core.

`run_flow` is what `Flow.__call__` uses; `python -m prefect.engine` and the workers call it with a
run that exists already.
"""

from typing import TYPE_CHECKING, Any, Literal

from prefect._dual import run
from prefect._engine._authority import LocalAuthority, ServerAuthority
from prefect._engine._flow_run import FlowRunProcess, FlowRunTimeoutError
from prefect._lazy import lazy_exports
from prefect.context import _event_sender
from prefect.exceptions import TerminationSignal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from uuid import UUID

    from prefect.client.schemas.objects import FlowRun
    from prefect.flows import Flow

__all__ = [
    "FlowRunTimeoutError",
    "load_flow",
    "load_flow_and_flow_run",
    "load_flow_run",
    "run_flow",
    "run_flow_async",
    "run_flow_sync",
    "run_generator_flow_async",
    "run_generator_flow_sync",
]

ReturnType = Literal["state", "result"]


def _prepare(
    flow: "Flow[Any, Any]",
    flow_run: "FlowRun | None",
    parameters: dict[str, Any] | None,
    wait_for: Any,
    sync: bool,
) -> tuple[FlowRunProcess, Any]:
    """Choose port, authority and sender for a run, by the settings that apply here."""
    from prefect.logging.configuration import ensure_logging_setup
    from prefect.settings._current import group

    ensure_logging_setup()
    port_type: Any
    if sync:
        from prefect._engine._blocking import BlockingPort as port_type
    else:
        from prefect._engine._asyncio import AsyncioPort as port_type
    authority: Any
    if group("api").url:
        from prefect.client.orchestration import get_client

        port = port_type(get_client(sync_client=True) if sync else get_client())
        authority = ServerAuthority(port.core)
    else:
        port, authority = port_type(), LocalAuthority()
    process = FlowRunProcess(
        flow,
        (flow_run.parameters if parameters is None and flow_run is not None else parameters) or {},
        authority=authority,
        flow_run=flow_run,
        wait_for=wait_for,
        sender=_event_sender(),
    )
    return process, port


def run_flow(
    flow: "Flow[Any, Any]",
    flow_run: "FlowRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    error_logger: Any = None,
    context: dict[str, Any] | None = None,
) -> Any:
    """Run a flow; an async one gives a coroutine, a generator function a generator.

    Args:
        flow_run: A run that exists already.
        parameters: What it is called with; by default those of `flow_run`.
        wait_for: Futures whose runs must have completed before.
        return_type: Whether to return the final state instead of the result.
        error_logger: Hears of an error that escapes the run.
        context: The contexts of another process, as `prefect.context.serialize_context` gives
            them.

    Raises:
        Exception: What the flow raised, unless the state is returned.
    """
    arguments: dict[str, Any] = dict(
        flow=flow,
        flow_run=flow_run,
        parameters=parameters,
        wait_for=wait_for,
        return_type=return_type,
        context=context,
    )
    if flow.isgenerator:
        if flow.isasync:
            return run_generator_flow_async(**arguments)
        return run_generator_flow_sync(**arguments)
    if flow.isasync:
        return run_flow_async(**arguments)
    try:
        return run_flow_sync(**arguments)
    except Exception:
        if error_logger is not None:
            error_logger.exception("The flow run ended with an exception")
        raise


def run_flow_sync(
    flow: "Flow[Any, Any]",
    flow_run: "FlowRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    context: dict[str, Any] | None = None,
) -> Any:
    """Run a sync flow here; see `run_flow`."""
    if context is not None:
        from prefect.context import hydrated_context

        with hydrated_context(context):
            return run_flow_sync(flow, flow_run, parameters, wait_for, return_type)
    process, port = _prepare(flow, flow_run, parameters, wait_for, sync=True)
    if process.parent is None:
        from prefect._engine._signals import terminable

        with terminable():
            outcome = run(process.run(port))
            if isinstance(outcome.error, TerminationSignal):
                raise outcome.error
    else:
        outcome = run(process.run(port))
    return _answer(process, outcome, return_type)


async def run_flow_async(
    flow: "Flow[Any, Any]",
    flow_run: "FlowRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    context: dict[str, Any] | None = None,
) -> Any:
    """Run an async flow in the running event loop; see `run_flow`."""
    if context is not None:
        from prefect.context import hydrated_context

        with hydrated_context(context):
            return await run_flow_async(flow, flow_run, parameters, wait_for, return_type)
    process, port = _prepare(flow, flow_run, parameters, wait_for, sync=False)
    if process.parent is None:
        from prefect._engine._signals import terminable_async

        with terminable_async():
            outcome = await process.run(port)
    else:
        outcome = await process.run(port)
    return _answer(process, outcome, return_type)


def run_generator_flow_sync(
    flow: "Flow[Any, Any]",
    flow_run: "FlowRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    context: dict[str, Any] | None = None,
) -> "Generator[Any, Any, Any]":
    """Run a generator flow and yield its items; see `run_flow`."""
    from prefect._engine._generators import GeneratorPort, items

    process, port = _prepare(flow, flow_run, parameters, wait_for, sync=True)
    return (yield from items(process.run(GeneratorPort(port.client))))


async def run_generator_flow_async(
    flow: "Flow[Any, Any]",
    flow_run: "FlowRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    context: dict[str, Any] | None = None,
) -> "AsyncGenerator[Any, Any]":
    """Run an async generator flow and yield its items; see `run_flow`."""
    from prefect._engine._generators import AsyncGeneratorPort, items_async

    process, port = _prepare(flow, flow_run, parameters, wait_for, sync=False)
    produced = items_async(process.run(AsyncGeneratorPort(port.client)))
    try:
        async for item in produced:
            yield item
    finally:
        await produced.aclose()  # when the caller stops early


def _answer(process: FlowRunProcess, outcome: Any, return_type: ReturnType) -> Any:
    if return_type != "state":
        return outcome.get()
    if outcome.error is not None and not isinstance(outcome.error, Exception):
        raise outcome.error  # an interrupt is not an answer
    if process.final_state is None:
        return outcome.get()
    return process.final_state


# -- runs that exist already -----------------------------------------------------------------------


def load_flow_run(flow_run_id: "UUID") -> "FlowRun":
    """Read a flow run."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_flow_run(flow_run_id)


def load_flow(flow_run: "FlowRun") -> "Flow[..., Any]":
    """Load the flow of a run: from `PREFECT__FLOW_ENTRYPOINT`, else from its deployment.

    Raises:
        MissingFlowError: If neither says where the code is.
    """
    import os

    from prefect.flows import _load_flow_of_deployment, load_flow_from_entrypoint

    entrypoint = os.environ.get("PREFECT__FLOW_ENTRYPOINT")
    if entrypoint:
        return load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
    return _load_flow_of_deployment(flow_run)


def load_flow_and_flow_run(flow_run_id: "UUID") -> "tuple[FlowRun, Flow[..., Any]]":
    """Read a flow run and load its flow."""
    flow_run = load_flow_run(flow_run_id)
    return flow_run, load_flow(flow_run)


__getattr__, __dir__ = lazy_exports(
    __name__,
    {},
    not_yet=(
        "AsyncFlowRunEngine",
        "BaseFlowRunEngine",
        "FlowRunEngine",
        "run_flow_in_subprocess",
    ),
)
