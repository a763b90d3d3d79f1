"""Cache policies: what the key of a task's cached result is made of.

    @task(cache_policy=INPUTS - "debug" + TASK_SOURCE)
    def load(path, debug=False): ...

A policy gives a key, or None where nothing is to be cached. Policies are added with `+`; a name is
taken out of the inputs with `-`. The keys are those of the released package, so that results it
cached are found, and the other way round.

Source: orchestration contract, section 11; `tests/contract/data/cache_keys.json`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any, Literal

from prefect.utilities.hashing import hash_objects

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

    from typing_extensions import Self

    from prefect.context import TaskRunContext
    from prefect.filesystems import WritableFileSystem
    from prefect.locking.protocol import LockManager
    from prefect.transactions import IsolationLevel

    KeyFunction: TypeAlias = Callable[[TaskRunContext, dict[str, Any]], str | None]
    IsolationName: TypeAlias = Literal["READ_COMMITTED", "SERIALIZABLE"]

__all__ = [
    "DEFAULT",
    "FLOW_PARAMETERS",
    "INPUTS",
    "NONE",
    "NO_CACHE",
    "RUN_ID",
    "STABLE_TRANSFORMS",
    "TASK_SOURCE",
    "CacheKeyFnPolicy",
    "CachePolicy",
    "CompoundCachePolicy",
    "FlowParameters",
    "Inputs",
    "RunId",
    "TaskSource",
]

STABLE_TRANSFORMS: dict[type, Callable[[Any], Any]] = {}
"""Kind of input → function that makes of it what is hashed, for inputs whose own form changes from
process to process. Integrations register theirs here."""


@dataclass
class CachePolicy:
    """How the key of a cached result is made, and where and how keys are kept.

    Attributes:
        key_storage: Where the results stand under their keys; by default with the other results.
        isolation_level: Whether runs with the same key wait for one another.
        lock_manager: Keeps the locks for that.
    """

    key_storage: WritableFileSystem | str | Path | None = None
    isolation_level: IsolationName | IsolationLevel | None = None
    lock_manager: LockManager | None = None

    @classmethod
    def from_cache_key_fn(cls, cache_key_fn: KeyFunction) -> CacheKeyFnPolicy:
        """Make a policy of a function that gets the run's context and its inputs."""
        return CacheKeyFnPolicy(cache_key_fn=cache_key_fn)

    def configure(
        self,
        key_storage: WritableFileSystem | str | Path | None = None,
        lock_manager: LockManager | None = None,
        isolation_level: IsolationName | IsolationLevel | None = None,
    ) -> Self:
        """Return this policy with another place for its keys, other locks or another isolation.

        What is not given stays as it is.
        """
        changed = copy(self)
        if key_storage is not None:
            changed.key_storage = key_storage
        if lock_manager is not None:
            changed.lock_manager = lock_manager
        if isolation_level is not None:
            changed.isolation_level = isolation_level
        return changed

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Make the key of a run.

        Args:
            task_ctx: The context of the run.
            inputs: Its inputs by parameter.
            flow_parameters: The parameters of the flow run it belongs to.

        Returns:
            The key; None if the run's result is not cached.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say how keys are made: define `compute_key` in it."
        )

    def __sub__(self, other: str) -> CachePolicy:
        """Leave an input out of the key."""
        _check_name(other)
        return self

    def __add__(self, other: CachePolicy) -> CachePolicy:
        """Make a policy whose keys change when those of one of the two do.

        Raises:
            ValueError: If they keep their keys or locks differently.
        """
        if isinstance(other, _None):
            return self
        return _compound(self, other)


@dataclass
class CacheKeyFnPolicy(CachePolicy):
    """The key is what a function of the user gives."""

    cache_key_fn: KeyFunction | None = None

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Call the function with the run's context and inputs."""
        return self.cache_key_fn(task_ctx, inputs) if self.cache_key_fn else None


@dataclass
class CompoundCachePolicy(CachePolicy):
    """The key is made of the keys of several policies; those without a key are left out."""

    policies: list[CachePolicy] = field(default_factory=list)

    def __post_init__(self) -> None:
        # All inputs are hashed as one, with what any of the policies excludes; the order of the
        # parts is that of the keys, so it never changes.
        inputs = [policy for policy in self.policies if isinstance(policy, Inputs)]
        others = [policy for policy in self.policies if not isinstance(policy, (Inputs, _None))]
        self.policies = others + ([_merged(inputs)] if inputs else [])

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Hash the keys of the parts; None if no part has one."""
        keys = [
            key
            for policy in self.policies
            if (
                key := policy.compute_key(
                    task_ctx=task_ctx, inputs=inputs, flow_parameters=flow_parameters, **kwargs
                )
            )
            is not None
        ]
        return hash_objects(*keys, raise_on_failure=True) if keys else None

    def __add__(self, other: CachePolicy) -> CachePolicy:
        """Add one more policy to the parts."""
        if isinstance(other, _None):
            return self
        return _compound(self, other)

    def __sub__(self, other: str) -> CachePolicy:
        """Leave an input out, also where no part looks at the inputs so far."""
        _check_name(other)
        if not any(isinstance(policy, Inputs) for policy in self.policies):
            return self
        changed = copy(self)
        changed.policies = [policy - other for policy in self.policies]
        return changed


@dataclass
class _None(CachePolicy):
    """Nothing is cached, and nothing is stored."""

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Give no key."""
        return None

    def __add__(self, other: CachePolicy) -> CachePolicy:
        """Give the other policy."""
        return other


@dataclass
class TaskSource(CachePolicy):
    """The key changes when the source code of the task does."""

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any] | None,
        flow_parameters: dict[str, Any] | None,
        **kwargs: Any,
    ) -> str | None:
        """Hash the source text of the task's function, or its code where there is no text."""
        source = getattr(task_ctx.task, "source_code", None)
        if source is None:
            source = _source_of(task_ctx.task.fn)
        return hash_objects(source, raise_on_failure=True)


@dataclass
class FlowParameters(CachePolicy):
    """The key changes when the parameters of the flow run do."""

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Hash the parameters; None without any."""
        return hash_objects(flow_parameters, raise_on_failure=True) if flow_parameters else None


@dataclass
class RunId(CachePolicy):
    """Each flow run, or task run outside of flows, has keys of its own."""

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Give the id of the flow run, else of the task run."""
        run = task_ctx.task_run
        return str(run.flow_run_id or run.id)


@dataclass
class Inputs(CachePolicy):
    """The key changes when the inputs of the task do.

    Attributes:
        exclude: Names of inputs that do not matter.
    """

    exclude: list[str] = field(default_factory=list)

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Hash the inputs that matter; None without inputs.

        Raises:
            ValueError: If one of them can be written neither as JSON nor as a pickle.
        """
        if not inputs:
            return None
        hashed = {
            name: _stable(value) for name, value in inputs.items() if name not in self.exclude
        }
        from prefect.exceptions import HashError

        try:
            return hash_objects(hashed, raise_on_failure=True)
        except HashError as error:
            culprits = [name for name, value in hashed.items() if hash_objects(value) is None]
            raise ValueError(
                f"No cache key can be made of the inputs {', '.join(map(repr, culprits))}: {error}."
                " Leave such an input out with `cache_policy=INPUTS - 'name'`, give a"
                " `cache_key_fn`, or turn caching off with `cache_policy=NO_CACHE`."
            ) from error

    def __sub__(self, other: str) -> CachePolicy:
        """Leave an input out of the key."""
        _check_name(other)
        changed = copy(self)
        changed.exclude = [*self.exclude, other]
        return changed


INPUTS = Inputs()
NONE = _None()
NO_CACHE = _None()
TASK_SOURCE = TaskSource()
FLOW_PARAMETERS = FlowParameters()
RUN_ID = RunId()


def _check_name(name: Any) -> None:
    if not isinstance(name, str):
        raise TypeError(
            "Only the name of an input, a string, can be taken out of a cache policy, not"
            f" {name!r}."
        )


def _compound(first: CachePolicy, second: CachePolicy) -> CompoundCachePolicy:
    """Join two policies, with what they say about keys and locks.

    Raises:
        TypeError: If the second is no policy.
        ValueError: If they contradict each other.
    """
    if not isinstance(second, CachePolicy):
        raise TypeError(f"Only cache policies can be added to one another, not {second!r}.")
    joined: dict[str, Any] = {}
    for what, described in (
        ("key_storage", "storage locations"),
        ("isolation_level", "isolation levels"),
        ("lock_manager", "lock managers"),
    ):
        one, other = getattr(first, what), getattr(second, what)
        # Lock managers are compared by identity only where equality is not defined; two of memory
        # would lock the same keys apart.
        if one is not None and other is not None and one != other and what != "lock_manager":
            raise ValueError(
                f"These cache policies have different {described}: {one!r} and {other!r}. Configure"
                " both alike, or only one of them."
            )
        joined[what] = one if one is not None else other
    return CompoundCachePolicy(policies=[*_parts(first), *_parts(second)], **joined)


def _parts(policy: CachePolicy) -> list[CachePolicy]:
    return policy.policies if isinstance(policy, CompoundCachePolicy) else [policy]


def _merged(policies: list[Inputs]) -> Inputs:
    excluded = sorted({name for policy in policies for name in policy.exclude})
    return Inputs(exclude=excluded)


def _stable(value: Any) -> Any:
    for kind, transform in STABLE_TRANSFORMS.items():
        if isinstance(value, kind):
            return transform(value)
    return value


def _source_of(function: Any) -> Any:
    """The text of a function; of a callable object, of its class; else what it does."""
    code = getattr(function, "__code__", None)
    named = function if code is not None or inspect.isbuiltin(function) else type(function)
    try:
        return inspect.getsource(named)
    except (OSError, TypeError):  # defined in a console, by `exec`, or in C
        if isinstance(code, CodeType):
            return _meaning(code)
        return f"{named.__module__}.{named.__qualname__}"


def _meaning(code: CodeType) -> list[Any]:
    """What a piece of code does, without where it stands.

    Its instructions refer to constants and names by number, so those belong to it.
    """
    constants = [
        _meaning(constant) if isinstance(constant, CodeType) else repr(constant)
        for constant in code.co_consts
    ]
    return [code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars]


DEFAULT = INPUTS + TASK_SOURCE + RUN_ID
