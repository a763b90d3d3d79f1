"""Cache policies: their keys are those of the released package, and how they combine."""

import datetime
import json
import threading
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from prefect import cache_policies
from prefect.cache_policies import (
    DEFAULT,
    FLOW_PARAMETERS,
    INPUTS,
    NO_CACHE,
    NONE,
    RUN_ID,
    TASK_SOURCE,
    CacheKeyFnPolicy,
    CachePolicy,
    CompoundCachePolicy,
    Inputs,
    TaskSource,
)

DATA = Path(__file__).parents[2] / "contract" / "data" / "cache_keys.json"
KEYS: dict[str, str] = json.loads(DATA.read_text())["keys"]
SOURCE = "def src(a,b=2):\n    return a+b\n"


def context(flow_run: int | None = 2, **task: Any) -> Any:
    run = SimpleNamespace(
        id=uuid.UUID(int=1), flow_run_id=None if flow_run is None else uuid.UUID(int=flow_run)
    )
    return SimpleNamespace(task=SimpleNamespace(**task), task_run=run)


CTX = context(source_code=SOURCE)

INPUT_SAMPLES: dict[str, dict[str, Any]] = {
    "ints": {"a": 1, "b": 2},
    "order": {"b": 2, "a": 1},
    "str": {"a": "x", "n": None},
    "nested": {"a": [1, {"z": 1, "y": (1, 2)}]},
    "date": {
        "d": datetime.date(2020, 1, 2),
        "t": datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
    },
    "uuid": {"u": uuid.UUID(int=5)},
    "set": {"s": {1, 2}},
    "float": {"f": 1.5, "n": float("inf")},
    "bytes": {"b": b"ab"},
}


@pytest.mark.parametrize("name", INPUT_SAMPLES)
def test_inputs_have_the_recorded_key(name: str) -> None:
    assert INPUTS.compute_key(CTX, INPUT_SAMPLES[name], {}) == KEYS[f"INPUTS {name}"]


def named_key(context: Any, inputs: dict[str, Any]) -> str:
    return "K"


@pytest.mark.parametrize(
    ("policy", "inputs", "parameters", "recorded"),
    [
        (INPUTS - "b", {"a": 1, "b": 2}, {}, "excl"),
        (INPUTS, {"a": 1}, {}, "only a"),
        (INPUTS - "a", {"a": 1}, {}, "all excluded"),
        (FLOW_PARAMETERS, {}, {"p": 1}, "FP"),
        (RUN_ID, {}, {}, "RUN"),
        (TASK_SOURCE, {}, {}, "TS"),
        (DEFAULT, {"a": 1}, {}, "DEF"),
        (DEFAULT - "a", {"a": 1, "b": 2}, {}, "key compound-a"),
        (INPUTS + RUN_ID, {"a": 1}, {}, "INPUTS+RUN"),
        (RUN_ID + INPUTS, {"a": 1}, {}, "RUN+INPUTS"),
        (INPUTS + FLOW_PARAMETERS, {"a": 1}, {}, "IN+FP0"),
        (CachePolicy.from_cache_key_fn(named_key) + INPUTS, {"a": 1}, {}, "fn+in"),
    ],
)
def test_policy_has_the_recorded_key(
    policy: CachePolicy, inputs: dict[str, Any], parameters: dict[str, Any], recorded: str
) -> None:
    assert policy.compute_key(CTX, inputs, parameters) == KEYS[recorded]


def test_run_outside_of_flows_has_keys_of_its_own() -> None:
    assert RUN_ID.compute_key(context(flow_run=None), {}, {}) == KEYS["RUN0"]


@pytest.mark.parametrize(
    "policy",
    [
        INPUTS,
        FLOW_PARAMETERS,
        NO_CACHE,
        NONE,
        CacheKeyFnPolicy(),
        CompoundCachePolicy(),
        CompoundCachePolicy(policies=[FLOW_PARAMETERS, NO_CACHE]),
    ],
)
def test_policy_without_anything_to_hash_has_no_key(policy: CachePolicy) -> None:
    assert policy.compute_key(CTX, {}, {}) is None


def test_input_without_a_hash_is_named() -> None:
    with pytest.raises(ValueError, match=r"inputs 'lock'.*INPUTS - 'name'"):
        INPUTS.compute_key(CTX, {"lock": threading.Lock(), "a": 1}, {})


def test_excluded_input_needs_no_hash() -> None:
    policy = INPUTS - "lock"

    assert policy.compute_key(CTX, {"lock": threading.Lock(), "a": 1}, {}) == KEYS["only a"]


def test_stable_transform_replaces_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cache_policies.STABLE_TRANSFORMS, complex, lambda value: "C")

    assert INPUTS.compute_key(CTX, {"a": 1j}, {}) == KEYS["stable transform"]


def test_key_function_gets_context_and_inputs() -> None:
    policy = CachePolicy.from_cache_key_fn(lambda ctx, inputs: f"{ctx is CTX}-{inputs['a']}")

    assert policy.compute_key(CTX, {"a": 1}, {}) == "True-1"


def defined_by(source: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace["f"]


def source_key(function: Any) -> str | None:
    return TaskSource().compute_key(context(fn=function), {}, {})


def test_code_without_text_is_told_apart_by_its_constants() -> None:
    one, two = defined_by("def f(): return 1"), defined_by("def f(): return 2")

    assert source_key(one) == source_key(defined_by("\n\ndef f(): return 1"))
    assert source_key(one) != source_key(two)


def test_code_without_text_is_told_apart_by_its_names_and_inner_functions() -> None:
    sources = [
        "def f(): return len",
        "def f(): return max",
        "def f(): return lambda: 1",
        "def f(): return lambda: 2",
    ]

    assert len({source_key(defined_by(source)) for source in sources}) == 4


class Doubling:
    """A callable object."""

    def __call__(self, a: int) -> int:
        return 2 * a


def test_callable_object_has_the_key_of_its_class() -> None:
    assert source_key(Doubling()) == source_key(Doubling())


def test_builtin_has_a_key() -> None:
    assert source_key(len) != source_key(max)


def test_no_cache_adds_nothing() -> None:
    assert INPUTS + NO_CACHE == INPUTS
    assert NO_CACHE + INPUTS == INPUTS
    assert DEFAULT + NO_CACHE == DEFAULT


def test_all_inputs_of_a_compound_are_one() -> None:
    policy = (INPUTS - "b") + RUN_ID + (INPUTS - "a")

    assert isinstance(policy, CompoundCachePolicy)
    assert policy.policies == [RUN_ID, Inputs(exclude=["a", "b"])]


def test_subtracting_leaves_policies_without_inputs_alone() -> None:
    assert (RUN_ID - "a") == RUN_ID
    assert (RUN_ID + TASK_SOURCE) - "a" == RUN_ID + TASK_SOURCE


def test_subtracting_does_not_change_the_policy_itself() -> None:
    DEFAULT - "a"

    assert DEFAULT == INPUTS + TASK_SOURCE + RUN_ID
    assert Inputs() == INPUTS


def test_configure_gives_another_policy() -> None:
    configured = INPUTS.configure(key_storage="/k", isolation_level="SERIALIZABLE")

    assert configured.key_storage == "/k"
    assert configured.isolation_level == "SERIALIZABLE"
    assert INPUTS.key_storage is None


def test_configuration_reaches_the_compound() -> None:
    manager: Any = object()
    policy = INPUTS.configure(key_storage="/k", lock_manager=manager) + RUN_ID

    assert policy.key_storage == "/k"
    assert policy.lock_manager is manager


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (INPUTS.configure(key_storage="/a"), RUN_ID.configure(key_storage="/b"), "storage"),
        (
            INPUTS.configure(isolation_level="SERIALIZABLE"),
            RUN_ID.configure(isolation_level="READ_COMMITTED"),
            "isolation levels",
        ),
    ],
)
def test_contradicting_policies_are_refused(
    first: CachePolicy, second: CachePolicy, message: str
) -> None:
    with pytest.raises(ValueError, match=f"different {message}"):
        first + second


@pytest.mark.parametrize("policy", [CachePolicy(), INPUTS, DEFAULT])
def test_only_names_are_subtracted(policy: CachePolicy) -> None:
    with pytest.raises(TypeError, match="name of an input"):
        policy - ["a"]  # type: ignore[operator]


def test_only_policies_are_added() -> None:
    with pytest.raises(TypeError, match="Only cache policies"):
        INPUTS + 3  # type: ignore[operator]


def test_policy_that_makes_no_keys_says_so() -> None:
    with pytest.raises(NotImplementedError, match="compute_key"):
        CachePolicy().compute_key(CTX, {}, {})
