"""Transactions: several steps that take effect together or are undone together.

    with transaction(key="load-2026-11") as txn:
        if not txn.is_committed():
            txn.stage(load(), on_rollback_hooks=[delete_rows])

A transaction with a key keeps what was staged as a result under that key, so that the same work is
not done again. When its body raises, its rollback hooks are called, the last first, then those of
the transactions inside of it. Every task run is such a transaction.

What happens at each step is written once, over a port that calls the result store and the hooks
either way; `Transaction` drives it without an event loop, `AsyncTransaction` awaits it.
"""

import abc
import copy
import logging
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, Token
from typing import Any, ClassVar, NoReturn, Protocol, TypeAlias
from uuid import uuid4

from pydantic import Field, PrivateAttr
from typing_extensions import Self

from prefect._context_model import ContextModel
from prefect._dual import run
from prefect._result_records import ResultRecord
from prefect.exceptions import ConfigurationError, SerializationError
from prefect.logging.loggers import get_logger
from prefect.types._enums import AutoEnum

__all__ = [
    "AsyncTransaction",
    "BaseTransaction",
    "CommitMode",
    "IsolationLevel",
    "Transaction",
    "TransactionState",
    "atransaction",
    "get_transaction",
    "transaction",
]

Hook: TypeAlias = Callable[..., Any]
AnyLogger: TypeAlias = logging.Logger | logging.LoggerAdapter  # type: ignore[type-arg]  # a class at run time


class IsolationLevel(AutoEnum):
    """Whether transactions with the same key may be at work at the same time."""

    READ_COMMITTED = AutoEnum.auto()
    SERIALIZABLE = AutoEnum.auto()


class CommitMode(AutoEnum):
    """When a transaction is committed: at its own end, at the end of the outermost, or never."""

    EAGER = AutoEnum.auto()
    LAZY = AutoEnum.auto()
    OFF = AutoEnum.auto()


class TransactionState(AutoEnum):
    """How far a transaction has come."""

    PENDING = AutoEnum.auto()
    ACTIVE = AutoEnum.auto()
    STAGED = AutoEnum.auto()
    COMMITTED = AutoEnum.auto()
    ROLLED_BACK = AutoEnum.auto()


class NotSet:
    """Stands for a default that was not given."""


class _Port(Protocol):
    """How the store and the hooks are called."""

    async def acquire_lock(self, store: Any, key: str, holder: str) -> bool: ...
    async def exists(self, store: Any, key: str) -> bool: ...
    async def read(self, store: Any, key: str, holder: str) -> ResultRecord[Any]: ...
    async def write(self, store: Any, key: str, value: Any, holder: str) -> None: ...
    async def call(self, hook: Hook, transaction: "BaseTransaction") -> None: ...


class _BlockingPort:
    async def acquire_lock(self, store: Any, key: str, holder: str) -> bool:
        return bool(store.acquire_lock(key, holder=holder))

    async def exists(self, store: Any, key: str) -> bool:
        return bool(store.exists(key))

    async def read(self, store: Any, key: str, holder: str) -> Any:
        return store.read(key=key, holder=holder)

    async def write(self, store: Any, key: str, value: Any, holder: str) -> None:
        if isinstance(value, ResultRecord):
            store.persist_result_record(value, holder=holder)
        else:
            store.write(obj=value, key=key, holder=holder)

    async def call(self, hook: Hook, transaction: "BaseTransaction") -> None:
        result = hook(transaction)
        if hasattr(result, "__await__"):
            from prefect.utilities.asyncutils import run_coro_as_sync  # heavy: loads asyncio

            run_coro_as_sync(result)


class _AsyncPort:
    async def acquire_lock(self, store: Any, key: str, holder: str) -> bool:
        return bool(await store.aacquire_lock(key, holder=holder))

    async def exists(self, store: Any, key: str) -> bool:
        return bool(await store.aexists(key))

    async def read(self, store: Any, key: str, holder: str) -> Any:
        return await store.aread(key=key, holder=holder)

    async def write(self, store: Any, key: str, value: Any, holder: str) -> None:
        if isinstance(value, ResultRecord):
            await store.apersist_result_record(value, holder=holder)
        else:
            await store.awrite(obj=value, key=key, holder=holder)

    async def call(self, hook: Hook, transaction: "BaseTransaction") -> None:
        result = hook(transaction)
        if hasattr(result, "__await__"):
            await result


_BLOCKING: _Port = _BlockingPort()
_ASYNC: _Port = _AsyncPort()


def _default_logger() -> AnyLogger:
    return get_logger("transactions")


class BaseTransaction(ContextModel, abc.ABC):
    """What both kinds of transaction have in common.

    Attributes:
        store: Where what is staged is kept; a `prefect.results.ResultStore`.
        key: Under which it is kept; None keeps nothing.
        children: The transactions inside of this one that have ended.
        commit_mode: Default: that of the transaction around it, or `LAZY`.
        isolation_level: Default: that of the transaction around it, or `READ_COMMITTED`.
        state: How far it has come.
        on_commit_hooks: Called in order before anything is written.
        on_rollback_hooks: Called when it is undone, the last first.
        overwrite: Whether to do the work again when there is something under the key.
        logger: Tells what the hooks do.
        write_on_commit: Whether what is staged is written at all.
    """

    __var__: ClassVar[ContextVar[Any]] = ContextVar("transaction")

    store: Any = None
    key: str | None = None
    children: list[Any] = Field(default_factory=list)
    commit_mode: CommitMode | None = None
    isolation_level: IsolationLevel | None = IsolationLevel.READ_COMMITTED
    state: TransactionState = TransactionState.PENDING
    on_commit_hooks: list[Hook] = Field(default_factory=list)
    on_rollback_hooks: list[Hook] = Field(default_factory=list)
    overwrite: bool = False
    logger: AnyLogger = Field(default_factory=_default_logger)
    write_on_commit: bool = True

    _values: dict[str, Any] = PrivateAttr(default_factory=dict)
    _staged_value: Any = PrivateAttr(None)
    _holder: str = PrivateAttr(default_factory=lambda: str(uuid4()))
    _holds_lock: bool = PrivateAttr(False)

    # ---- values -----------------------------------------------------------------------------

    def set(self, name: str, value: Any) -> None:
        """Keep a value for the hooks, and for the transactions inside of this one."""
        self._values[name] = value

    def get(self, name: str, default: Any = NotSet) -> Any:  # type: ignore[override]  # contract: not the context's
        """Return a copy of a value that was set here or in a transaction around this one.

        Args:
            name: Under which it was set.
            default: What to return if it was not.

        Raises:
            ValueError: If it was not, and there is no default.
        """
        transaction: BaseTransaction | None = self
        while transaction is not None:
            if name in transaction._values:
                return _copied(transaction._values[name])
            transaction = transaction.get_parent()
        if default is not NotSet:
            return default
        raise ValueError(
            f"No value {name!r} was set in this transaction or one around it. Call"
            f" `transaction.set({name!r}, ...)` first, or give `get` a `default`."
        )

    # ---- state ------------------------------------------------------------------------------

    def is_committed(self) -> bool:
        """Whether what was staged has been written, now or in an earlier run."""
        return self.state == TransactionState.COMMITTED

    def is_rolled_back(self) -> bool:
        """Whether it has been undone."""
        return self.state == TransactionState.ROLLED_BACK

    def is_staged(self) -> bool:
        """Whether it waits to be committed."""
        return self.state == TransactionState.STAGED

    def is_pending(self) -> bool:
        """Whether it has not begun."""
        return self.state == TransactionState.PENDING

    def is_active(self) -> bool:
        """Whether it has begun and nothing is staged yet."""
        return self.state == TransactionState.ACTIVE

    @classmethod
    def get_active(cls) -> Self | None:
        """Return the transaction around this code, if there is one."""
        active: Self | None = cls.__var__.get(None)
        return active

    def get_parent(self) -> Self | None:
        """Return the transaction around this one, if there is one."""
        if self._token is None:
            active = self.get_active()
            return None if active is self else active
        parent = self._token.old_value
        return None if parent is Token.MISSING else parent

    def add_child(self, transaction: Self) -> None:
        """Have a transaction committed and rolled back with this one."""
        self.children.append(transaction)

    def prepare_transaction(self) -> None:
        """Take from the transaction around this one what was not given.

        Raises:
            ConfigurationError: If the store cannot isolate transactions as asked.
        """
        parent = self.get_parent()
        if self.commit_mode is None:
            self.commit_mode = (parent and parent.commit_mode) or CommitMode.LAZY
        if self.isolation_level is None:
            level = parent and parent.isolation_level
            self.isolation_level = level or IsolationLevel.READ_COMMITTED
        if (
            self.store is not None
            and self.key
            and not self.store.supports_isolation_level(self.isolation_level)
        ):
            raise ConfigurationError(
                f"The result store of transaction {self.key!r} has no locks, which the isolation"
                f" level {self.isolation_level.name} needs. Give it a `lock_manager`, e.g."
                " `prefect.locking.memory.MemoryLockManager()`."
            )

    def stage(
        self,
        value: Any,
        on_rollback_hooks: list[Callable[..., Any]] | None = None,
        on_commit_hooks: list[Callable[..., Any]] | None = None,
    ) -> None:
        """Lay a value out to be written when the transaction is committed.

        Does nothing in a transaction that is committed already.

        Args:
            value: The value, or a `ResultRecord`.
            on_rollback_hooks: Called with the transaction when it is undone.
            on_commit_hooks: Called with the transaction before the value is written.
        """
        if self.is_committed():
            return
        self.on_commit_hooks += on_commit_hooks or []
        self.on_rollback_hooks += on_rollback_hooks or []
        self._staged_value = value
        self.state = TransactionState.STAGED

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, BaseTransaction) and dict(self) == dict(other)

    # ---- the steps, over either port --------------------------------------------------------

    async def _enter(self, port: _Port) -> None:
        self.prepare_transaction()
        ContextModel.__enter__(self)
        self.state = TransactionState.ACTIVE
        try:
            await self._begin(port)
        except BaseException:
            self._release_lock()
            ContextModel.__exit__(self)
            raise

    async def _begin(self, port: _Port) -> None:
        if self.store is None or not self.key:
            return
        if self.isolation_level == IsolationLevel.SERIALIZABLE:
            self._holds_lock = await port.acquire_lock(self.store, self.key, self._holder)
        if not self.overwrite and await port.exists(self.store, self.key):
            self.state = TransactionState.COMMITTED

    async def _exit(self, port: _Port, failed: bool) -> None:
        try:
            if failed or self.commit_mode == CommitMode.OFF:
                await self._rollback(port)
            elif self.commit_mode == CommitMode.EAGER or self.get_parent() is None:
                await self._commit(port)
        finally:
            await self._reset(port)

    async def _reset(self, port: _Port) -> None:
        """Make the transaction around this one the current one, which shares its fate."""
        parent = self.get_parent()
        if parent is not None:
            parent.add_child(self)
        if self._token is not None:
            ContextModel.__exit__(self)
        if parent is None or self.is_committed() or self.is_rolled_back():
            self._release_lock()  # else it is held until the one around it ends
        if parent is not None and self.is_rolled_back():
            await parent._rollback(port)

    async def _read(self, port: _Port) -> ResultRecord[Any] | None:
        if self.store is None or not self.key:
            return None
        return await port.read(self.store, self.key, self._holder)

    async def _commit(self, port: _Port) -> bool:
        if self.is_rolled_back() or self.is_committed():
            self._release_lock()
            return False
        try:
            for child in self.children:
                await child._commit(port)
            for hook in self.on_commit_hooks:
                await self._run_hook(port, hook, "commit")
            if self.store is not None and self.key and self.write_on_commit:
                await port.write(self.store, self.key, self._staged_value, self._holder)
        except SerializationError as error:
            self.logger.warning(
                "The result of transaction %r cannot be stored, so it is not committed; the run"
                " goes on. %s",
                self.key,
                error,
            )
            await self._rollback(port)
            return False
        except Exception:
            # A boundary: hooks of the user, storage of any kind. The work itself is done.
            self.logger.exception("Transaction %r could not be committed", self.key)
            await self._rollback(port)
            return False
        self.state = TransactionState.COMMITTED
        self._release_lock()
        return True

    async def _rollback(self, port: _Port) -> bool:
        if self.is_rolled_back() or self.is_committed():
            return False
        undone = True
        for hook in reversed(self.on_rollback_hooks):
            try:
                await self._run_hook(port, hook, "rollback")
            except Exception:
                # A boundary: what the other hooks undo must be undone even so.
                undone = False
        self.state = TransactionState.ROLLED_BACK
        for child in reversed(self.children):
            await child._rollback(port)
        self._release_lock()
        return undone

    async def _run_hook(self, port: _Port, hook: Hook, hook_type: str) -> None:
        name = getattr(hook, "__name__", None) or type(hook).__name__
        told = getattr(hook, "log_on_run", True)  # hooks of the library itself are not told
        if told:
            self.logger.info("Running the %s hook %r", hook_type, name)
        try:
            await port.call(hook, self)
        except Exception:
            self.logger.exception("The %s hook %r failed", hook_type, name)
            raise
        if told:
            self.logger.info("The %s hook %r has finished", hook_type, name)

    def _release_lock(self) -> None:
        if self._holds_lock:
            self._holds_lock = False
            self.store.release_lock(self.key, holder=self._holder)


class Transaction(BaseTransaction):
    """A transaction for code without an event loop; made by `transaction`."""

    def __enter__(self) -> Self:
        """Begin."""
        run(self._enter(_BLOCKING))
        return self

    def __exit__(self, *exc_info: Any) -> None:
        """Commit, or roll back if the body raised."""
        run(self._exit(_BLOCKING, failed=bool(exc_info) and exc_info[0] is not None))

    def begin(self) -> None:
        """Take the lock that the isolation asks for, and see whether the work is done already."""
        run(self._begin(_BLOCKING))

    def read(self) -> ResultRecord[Any] | None:
        """Read what is stored under the key; None without a key."""
        return run(self._read(_BLOCKING))

    def reset(self) -> None:
        """Make the transaction around this one the current one."""
        run(self._reset(_BLOCKING))

    def commit(self) -> bool:
        """Commit the transactions inside, call the commit hooks and write what is staged.

        What goes wrong is logged, and the transaction rolled back.

        Returns:
            Whether it is committed by this call.
        """
        return run(self._commit(_BLOCKING))

    def run_hook(self, hook: Callable[..., Any], hook_type: str) -> None:
        """Call a hook with this transaction; what it raises is logged and raised."""
        run(self._run_hook(_BLOCKING, hook, hook_type))

    def rollback(self) -> bool:
        """Call the rollback hooks, the last first, then roll back the transactions inside.

        Returns:
            Whether it was undone by this call, without an error in any hook.
        """
        return run(self._rollback(_BLOCKING))


class AsyncTransaction(BaseTransaction):
    """A transaction for async code; made by `atransaction`."""

    async def __aenter__(self) -> Self:
        """Begin."""
        await self._enter(_ASYNC)
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        """Commit, or roll back if the body raised."""
        await self._exit(_ASYNC, failed=bool(exc_info) and exc_info[0] is not None)

    def __enter__(self) -> NoReturn:
        """Refuse: an async transaction needs `async with`."""
        raise NotImplementedError("Enter an async transaction with `async with`, not `with`.")

    def __exit__(self, *exc_info: Any) -> NoReturn:
        """Refuse: an async transaction needs `async with`."""
        raise NotImplementedError("Leave an async transaction with `async with`, not `with`.")

    async def begin(self) -> None:
        """Take the lock that the isolation asks for, and see whether the work is done already."""
        await self._begin(_ASYNC)

    async def read(self) -> ResultRecord[Any] | None:
        """Read what is stored under the key; None without a key."""
        return await self._read(_ASYNC)

    async def reset(self) -> None:
        """Make the transaction around this one the current one."""
        await self._reset(_ASYNC)

    async def commit(self) -> bool:
        """Commit; see `Transaction.commit`."""
        return await self._commit(_ASYNC)

    async def run_hook(self, hook: Callable[..., Any], hook_type: str) -> None:
        """Call a hook with this transaction; what it raises is logged and raised."""
        await self._run_hook(_ASYNC, hook, hook_type)

    async def rollback(self) -> bool:
        """Roll back; see `Transaction.rollback`."""
        return await self._rollback(_ASYNC)


def get_transaction() -> BaseTransaction | None:
    """Return the transaction around this code, if there is one."""
    return BaseTransaction.get_active()


@contextmanager
def transaction(
    key: str | None = None,
    store: Any = None,
    commit_mode: CommitMode | None = None,
    isolation_level: IsolationLevel | None = None,
    overwrite: bool = False,
    write_on_commit: bool = True,
    logger: AnyLogger | None = None,
) -> Generator[Transaction, None, None]:
    """Open a transaction around a block of code.

    Args:
        key: Under which what is staged is kept, so that it is not done again. None keeps nothing.
        store: Where it is kept; default: with the results of the run around this code.
        commit_mode: Default: that of the transaction around it, or `LAZY`.
        isolation_level: Default: that of the transaction around it, or `READ_COMMITTED`.
        overwrite: Whether to do the work again when there is something under the key.
        write_on_commit: Whether what is staged is written at all.
        logger: Tells what the hooks do.

    Raises:
        ConfigurationError: If the store cannot isolate transactions as asked.
    """
    opened = Transaction(
        **_arguments(key, store, commit_mode, isolation_level, overwrite, write_on_commit, logger)
    )
    with opened:
        yield opened


@asynccontextmanager
async def atransaction(
    key: str | None = None,
    store: Any = None,
    commit_mode: CommitMode | None = None,
    isolation_level: IsolationLevel | None = None,
    overwrite: bool = False,
    write_on_commit: bool = True,
    logger: AnyLogger | None = None,
) -> AsyncGenerator[AsyncTransaction, None]:
    """Open a transaction around a block of async code; see `transaction`."""
    opened = AsyncTransaction(
        **_arguments(key, store, commit_mode, isolation_level, overwrite, write_on_commit, logger)
    )
    async with opened:
        yield opened


def _arguments(
    key: str | None,
    store: Any,
    commit_mode: CommitMode | None,
    isolation_level: IsolationLevel | None,
    overwrite: bool,
    write_on_commit: bool,
    logger: AnyLogger | None,
) -> dict[str, Any]:
    if key and store is None:
        from prefect.results import get_result_store  # heavy: only transactions with a key store

        store = get_result_store()
    arguments = {
        "key": key,
        "store": store,
        "commit_mode": commit_mode,
        "isolation_level": isolation_level,
        "overwrite": overwrite,
        "write_on_commit": write_on_commit,
    }
    return arguments if logger is None else {**arguments, "logger": logger}


def _copied(value: Any) -> Any:
    """A copy, so that a hook that changes it does not change it for the others."""
    try:
        return copy.deepcopy(value)
    except Exception:  # a boundary: some values of users, such as connections, cannot be copied
        return value
