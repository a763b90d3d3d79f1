"""Running a task: the faces of the engine's core.

`run_task` is what `Task.__call__` uses; task runners of other packages call `run_task_sync` and
`run_task_async` where they run tasks.
"""

from typing import TYPE_CHECKING, Any, Literal

from prefect._dual import run
from prefect._engine._asyncio import AsyncioPort
from prefect._engine._blocking import BlockingPort
from prefect._engine._task_run import TaskRunProcess, TaskRunTimeoutError
from prefect._lazy import lazy_exports
from prefect.context import EngineContext, TaskRunContext, _event_sender

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from uuid import UUID

    from prefect.client.schemas.objects import RunInput, State, TaskRun
    from prefect.tasks import Task

__all__ = [
    "TaskRunTimeoutError",
    "run_generator_task_async",
    "run_generator_task_sync",
    "run_task",
    "run_task_async",
    "run_task_sync",
]

ReturnType = Literal["state", "result"]


def _process_for(
    task: "Task[Any, Any]",
    parameters: dict[str, Any],
    *,
    id: "UUID | None" = None,
    wait_for: Any = None,
    dependencies: "dict[str, set[Any]] | None" = None,
    task_run: "TaskRun | None" = None,
) -> TaskRunProcess:
    """Make a run of a task, as part of the flow run and task run that this code belongs to."""
    flow_context = EngineContext.get()
    if flow_context is not None:
        sender = flow_context.events
    else:
        from prefect.logging.configuration import ensure_logging_setup

        ensure_logging_setup()
        sender = _event_sender()
    return TaskRunProcess(
        task,
        parameters,
        id=id,
        wait_for=wait_for,
        flow_context=flow_context,
        parent=TaskRunContext.get(),
        sender=sender,
        dependencies=dependencies,
        task_run=task_run,
    )


def _client(sync: bool) -> Any:
    """The client that the task's context shows."""
    context = EngineContext.get()
    return None if context is None else context.client


def run_task(
    task: "Task[Any, Any]",
    task_run_id: "UUID | None" = None,
    task_run: "TaskRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    dependencies: "dict[str, set[RunInput]] | None" = None,
    context: dict[str, Any] | None = None,
) -> Any:
    """Run a task; an async one gives a coroutine, a generator function a generator.

    Args:
        task_run_id: The id its run gets.
        task_run: A run that exists already.
        parameters: What it is called with.
        wait_for: Futures whose runs must have completed before.
        return_type: Whether to return the final state instead of the result.
        dependencies: Parameter → what it depends on, if that is known.
        context: The contexts of another process, as `prefect.context.serialize_context` gives
            them.

    Raises:
        Exception: What the task raised, unless the state is returned.
    """
    arguments: dict[str, Any] = dict(
        task=task,
        task_run_id=task_run_id,
        task_run=task_run,
        parameters=parameters or {},
        wait_for=wait_for,
        return_type=return_type,
        dependencies=dependencies,
        context=context,
    )
    if task.isgenerator:
        if task.isasync:
            return run_generator_task_async(**arguments)
        return run_generator_task_sync(**arguments)
    return run_task_async(**arguments) if task.isasync else run_task_sync(**arguments)


def run_task_sync(
    task: "Task[Any, Any]",
    task_run_id: "UUID | None" = None,
    task_run: "TaskRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    dependencies: "dict[str, set[RunInput]] | None" = None,
    context: dict[str, Any] | None = None,
) -> Any:
    """Run a sync task here; see `run_task`."""
    if context is not None:
        from prefect.context import hydrated_context

        with hydrated_context(context):
            return run_task_sync(
                task, task_run_id, task_run, parameters, wait_for, return_type, dependencies
            )
    process = _process_for(
        task,
        parameters or {},
        id=task_run_id,
        wait_for=wait_for,
        dependencies=dependencies,
        task_run=task_run,
    )
    outcome = run(process.run(BlockingPort(_client(sync=True))))
    return _answer(process, outcome, return_type)


async def run_task_async(
    task: "Task[Any, Any]",
    task_run_id: "UUID | None" = None,
    task_run: "TaskRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    dependencies: "dict[str, set[RunInput]] | None" = None,
    context: dict[str, Any] | None = None,
) -> Any:
    """Run an async task in the running event loop; see `run_task`."""
    if context is not None:
        from prefect.context import hydrated_context

        with hydrated_context(context):
            return await run_task_async(
                task, task_run_id, task_run, parameters, wait_for, return_type, dependencies
            )
    process = _process_for(
        task,
        parameters or {},
        id=task_run_id,
        wait_for=wait_for,
        dependencies=dependencies,
        task_run=task_run,
    )
    outcome = await process.run(AsyncioPort())
    return _answer(process, outcome, return_type)


def run_generator_task_sync(
    task: "Task[Any, Any]",
    task_run_id: "UUID | None" = None,
    task_run: "TaskRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    dependencies: "dict[str, set[RunInput]] | None" = None,
    context: dict[str, Any] | None = None,
) -> "Generator[Any, Any, Any]":
    """Run a generator task and yield its items; see `run_task`."""
    from prefect._engine._generators import GeneratorPort, items

    process = _process_for(
        task,
        parameters or {},
        id=task_run_id,
        wait_for=wait_for,
        dependencies=dependencies,
        task_run=task_run,
    )
    return (yield from items(process.run(GeneratorPort(_client(sync=True)))))


async def run_generator_task_async(
    task: "Task[Any, Any]",
    task_run_id: "UUID | None" = None,
    task_run: "TaskRun | None" = None,
    parameters: dict[str, Any] | None = None,
    wait_for: Any = None,
    return_type: ReturnType = "result",
    dependencies: "dict[str, set[RunInput]] | None" = None,
    context: dict[str, Any] | None = None,
) -> "AsyncGenerator[Any, Any]":
    """Run an async generator task and yield its items; see `run_task`."""
    from prefect._engine._generators import AsyncGeneratorPort, items_async

    process = _process_for(
        task,
        parameters or {},
        id=task_run_id,
        wait_for=wait_for,
        dependencies=dependencies,
        task_run=task_run,
    )
    produced = items_async(process.run(AsyncGeneratorPort()))
    try:
        async for item in produced:
            yield item
    finally:
        await produced.aclose()  # when the caller stops early


def _answer(process: TaskRunProcess, outcome: Any, return_type: ReturnType) -> Any:
    if return_type != "state":
        return outcome.get()
    if outcome.error is not None and not isinstance(outcome.error, Exception):
        raise outcome.error  # an interrupt is not an answer
    return process.final_state


def _run_in_thread(process: TaskRunProcess) -> "State[Any]":
    """Run a submitted task in this thread; an async one in the thread's own event loop."""
    if not process.task.isasync:
        if process.task.isgenerator:
            process.task = process.task._collecting()
        run(process.run(BlockingPort()))
    else:
        if process.task.isgenerator:
            process.task = process.task._collecting()
        import asyncio  # heavy: only for async tasks

        asyncio.run(_settled(process))
    assert process.final_state is not None
    return process.final_state


async def _settled(process: TaskRunProcess) -> None:
    await process.run(AsyncioPort())


__getattr__, __dir__ = lazy_exports(
    __name__,
    {},
    not_yet=(
        "AsyncTaskRunEngine",
        "BaseTaskRunEngine",
        "SyncTaskRunEngine",
    ),
)
