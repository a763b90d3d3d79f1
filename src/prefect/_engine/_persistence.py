"""Results that outlive the process: what is stored, under which key, and what is found there again.

Only runs that ask for it come here; importing results, cache policies and transactions costs more
than a thousand task runs that do not.
"""

import sys
from typing import TYPE_CHECKING, Any

from prefect._engine._states import Kept

if TYPE_CHECKING:
    from prefect.context import EngineContext
    from prefect.flows import Flow
    from prefect.tasks import Task

__all__ = [
    "TaskTransaction",
    "flow_persists",
    "is_transactional",
    "stored_result",
    "task_persists",
]


def flow_persists(flow: "Flow[Any, Any]") -> bool:
    """Tell whether the results of a flow are stored."""
    if flow.persist_result is not None:
        return flow.persist_result
    if flow.result_storage is not None or flow.result_serializer is not None:
        return True
    from prefect.settings._current import group

    return bool(group("results").persist_by_default)


def task_persists(task: "Task[Any, Any]", context: "EngineContext | None") -> bool:
    """Tell whether the results of a task are stored, within a flow run or outside."""
    if task.persist_result is not None:
        return task.persist_result
    if task._asks_for_storage():
        return True
    from prefect.settings._current import group

    default = group("tasks").default_persist_result
    if default is not None:
        return bool(default)
    if context is not None:
        return context.persist_result
    return bool(group("results").persist_by_default)


def is_transactional(task: "Task[Any, Any]") -> bool:
    """Tell whether a task that stores nothing takes part in a transaction even so."""
    if task.on_commit_hooks or task.on_rollback_hooks:
        return True
    transactions: Any = sys.modules.get("prefect.transactions")
    return transactions is not None and transactions.get_transaction() is not None


async def stored_result(port: Any, store: Any, value: Any, logger: Any) -> Any:
    """Store a result; gives what stands in the state: its record, or the value in memory.

    A result that cannot be stored is no reason to fail a run whose work is done.
    """
    try:
        record = await port.make_record(store, value, None, None)
        await port.persist(store, record)
    except Exception as error:  # boundary: serializers of the user, storage of any kind
        logger.error("The result is not stored, it stays in memory only: %s", error)
        return Kept(value)
    return record


class TaskTransaction:
    """One attempt of a task as a transaction with a key.

    Args:
        process: The task run.
        context: Its context.
        persists: Whether the result is stored.
    """

    def __init__(self, process: Any, context: Any, persists: bool) -> None:
        self._process = process
        self._context = context
        self._persists = persists
        self._transaction: Any = None
        self._store: Any = None

    async def begin(self, port: Any) -> Any:
        """Begin; gives the record of an earlier run with the same key, if there is one."""
        process, task = self._process, self._process.task
        context = process.flow_context
        base = None if context is None else context.result_store
        store = self._store = await port.store_for(base, task)
        self._context.result_store = store
        self._context.persist_result = self._persists
        key = self._key() if self._persists else None
        policy = task.cache_policy
        from prefect.transactions import IsolationLevel

        level = getattr(policy, "isolation_level", None)
        transaction = self._transaction = port.make_transaction(
            store=store,
            key=key or (store.storage_key_fn() if self._persists else str(process.task_run.id)),
            overwrite=self._refreshes(),
            isolation_level=None if level is None else IsolationLevel(level),
            write_on_commit=self._persists,
            logger=process.logger,
        )
        await port.enter(transaction)
        if not (key and transaction.is_committed()):
            return None
        record = await port.read_transaction(transaction)
        await port.leave(transaction, None)
        return record

    def _refreshes(self) -> bool:
        own = self._process.task.refresh_cache
        if own is not None:
            return bool(own)
        from prefect.settings._current import group

        return bool(group("tasks").refresh_cache)

    def _key(self) -> str | None:
        """The key of the cached result; None if the policy has none."""
        process = self._process
        policy = process.task.cache_policy
        if policy is None:
            return None
        flow_context = process.flow_context
        parameters = {} if flow_context is None else flow_context.parameters or {}
        try:
            key: str | None = policy.compute_key(
                task_ctx=self._context,
                inputs=process.parameters,
                flow_parameters=parameters,
            )
        except Exception as error:  # boundary: functions of the user, inputs of any kind
            process.logger.warning(
                "No cache key could be made of the inputs, so the task runs without a cache: %s",
                error,
            )
            return None
        return key

    async def succeed(self, port: Any, value: Any) -> Any:
        """End well; gives what stands in the state."""
        task, transaction = self._process.task, self._transaction
        data: Any = Kept(value)
        staged: Any = value
        if self._persists:
            expiration = None
            if task.cache_expiration is not None:
                from prefect.types._datetime import now

                expiration = now() + task.cache_expiration
            staged = await port.make_record(self._store, value, transaction.key, expiration)
        transaction.stage(
            staged,
            on_rollback_hooks=list(task.on_rollback_hooks),
            on_commit_hooks=list(task.on_commit_hooks),
        )
        await port.leave(transaction, None)
        if self._persists and not transaction.is_rolled_back():
            data = staged
        return data

    async def fail(self, port: Any, error: BaseException) -> None:
        """End badly: the rollback hooks are called."""
        self._transaction.on_rollback_hooks += self._process.task.on_rollback_hooks
        await port.leave(self._transaction, error)
