"""A registry of the subclasses of a base class, by a key of each.

    @register_base_type
    class Animal:
        @classmethod
        def __dispatch_key__(cls): return cls.__name__.lower()

    class Dog(Animal): ...

    lookup_type(Animal, "dog")

Used for blocks, workers, serializers: data names its class by key, and plugins add classes.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any, Literal, TypeVar, cast, overload

__all__ = [
    "get_dispatch_key",
    "get_registry_for_type",
    "lookup_type",
    "register_base_type",
    "register_type",
]

T = TypeVar("T", bound=type[Any])

_registries: dict[type[Any], dict[str, type[Any]]] = {}
"""Base class → key → class."""


def get_registry_for_type(cls: T) -> dict[str, T] | None:
    """Give the registry a class belongs to, key → class; None if it belongs to none."""
    for base in cls.__mro__:
        if base in _registries:
            return cast("dict[str, T]", _registries[base])
    return None


@overload
def get_dispatch_key(cls_or_instance: Any, allow_missing: Literal[False] = False) -> str: ...


@overload
def get_dispatch_key(cls_or_instance: Any, allow_missing: Literal[True] = ...) -> str | None: ...


def get_dispatch_key(cls_or_instance: Any, allow_missing: bool = False) -> str | None:
    """Give the key of a class: its `__dispatch_key__`, called if it is a method.

    Args:
        cls_or_instance: The class, or an object of it.
        allow_missing: Whether to give None when there is no key.

    Raises:
        ValueError: If the class has no key, or its key is None, without `allow_missing`.
        TypeError: If the key is no text.
    """
    cls = cls_or_instance if isinstance(cls_or_instance, type) else type(cls_or_instance)
    key = getattr(cls_or_instance, "__dispatch_key__", None)
    if callable(key):
        key = key()
    if key is None:
        if allow_missing:
            return None
        raise ValueError(
            f"The type {cls.__name__!r} has no key: give it a `__dispatch_key__`, a text or a"
            " class method that returns one"
        )
    if not isinstance(key, str):
        raise TypeError(
            f"The `__dispatch_key__` of the type {cls.__name__!r} must be text, but is {key!r}"
        )
    return key


def register_base_type(cls: T) -> T:
    """Start a registry for a class; usable as a decorator.

    Every subclass with a key that is defined from now on is registered by itself; the class too if
    it has a key. Those without one are taken for bases of others.
    """
    registry = _registries.setdefault(cls, {})
    key = get_dispatch_key(cls, allow_missing=True)
    if key is not None:
        registry[key] = cls
    # Pydantic models have a hook of their own, called once their fields are known.
    is_model = hasattr(cls, "__pydantic_init_subclass__")
    hook = "__pydantic_init_subclass__" if is_model else "__init_subclass__"
    own_hook = cls.__dict__.get(hook)

    def init_subclass(subclass: Any, /, **kwargs: Any) -> None:
        if own_hook is not None:
            own_hook.__func__(subclass, **kwargs)
        else:
            getattr(super(cls, subclass), hook)(**kwargs)
        if get_dispatch_key(subclass, allow_missing=True) is not None:
            register_type(subclass)

    setattr(cls, hook, classmethod(init_subclass))
    return cls


def register_type(cls: T) -> T:
    """Add a class to the registry of its base; usable as a decorator.

    A class that takes the key of another one replaces it; there is a warning unless it is the same
    class defined again (a module loaded twice, a notebook cell).

    Raises:
        ValueError: If no base of it has a registry, or it has no key.
    """
    registry = get_registry_for_type(cls)
    if registry is None:
        known = ", ".join(sorted(base.__name__ for base in _registries))
        raise ValueError(
            f"No base of the type {cls.__name__!r} has a registry. Derive it from one of: {known};"
            " or call `register_base_type` for its base first"
        )
    key = get_dispatch_key(cls)
    before = registry.get(key)
    if before is not None and before is not cls and _home(before) != _home(cls):
        warnings.warn(
            f"The type {_home(cls)} takes the key {key!r}, which {_home(before)} had until now."
            " Give one of them another key to keep both.",
            stacklevel=_stacklevel(),
        )
    registry[key] = cls
    return cls


def _home(cls: type[Any]) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _stacklevel() -> int:
    """Find the caller outside this module: the line of the class statement."""
    level = 1
    # Class statements pass through the machinery of `abc` and pydantic.
    machinery = (__name__, "abc", "pydantic._internal._model_construction")
    while sys._getframe(level).f_globals.get("__name__") in machinery:
        level += 1
    return level


def lookup_type(cls: T, dispatch_key: str) -> T:
    """Find a class by its key.

    Args:
        cls: A class with a registry, or one below it.
        dispatch_key: The key.

    Raises:
        KeyError: If the registry has no such key.
        ValueError: If `cls` has no registry.
    """
    registry = get_registry_for_type(cls)
    if registry is None:
        raise ValueError(f"The type {cls.__name__!r} has no registry of types")
    if dispatch_key not in registry:
        known = ", ".join(map(repr, sorted(registry))) or "none"
        raise KeyError(
            f"No type of {cls.__name__!r} has the key {dispatch_key!r}; the registered keys are:"
            f" {known}"
        )
    return registry[dispatch_key]
