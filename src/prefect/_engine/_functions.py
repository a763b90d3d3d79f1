"""What flows and tasks have in common: the function they are made of.

Imported with `from prefect import flow`, so it loads nothing of weight.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = ["bind_to", "function_of", "is_async", "is_generator", "name_of", "refuse_reserved"]

CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR = 0x20, 0x80, 0x200


def _flags(fn: "Callable[..., Any]") -> int:
    """The flags of the code that runs when `fn` is called; of callable objects, `__call__`'s."""
    while True:
        inner = getattr(fn, "func", None)  # functools.partial
        if inner is None or not callable(inner) or hasattr(fn, "__code__"):
            break
        fn = inner
    code = getattr(fn, "__code__", None)
    if code is None and not isinstance(fn, type):
        code = getattr(type(fn).__call__, "__code__", None)
    return 0 if code is None else int(code.co_flags)


def is_async(fn: "Callable[..., Any]") -> bool:
    """Tell whether calling `fn` gives a coroutine or an async generator."""
    return bool(_flags(fn) & (CO_COROUTINE | CO_ASYNC_GENERATOR))


def is_generator(fn: "Callable[..., Any]") -> bool:
    """Tell whether calling `fn` gives a generator, sync or async."""
    return bool(_flags(fn) & (CO_GENERATOR | CO_ASYNC_GENERATOR))


def function_of(fn: "Any", decorator: str) -> "tuple[Callable[..., Any], bool, bool]":
    """Return the function to call, and whether it is a class method or a static method.

    Raises:
        TypeError: If it cannot be called.
    """
    is_class, is_static = isinstance(fn, classmethod), isinstance(fn, staticmethod)
    if is_class or is_static:
        fn = fn.__func__
    if not callable(fn):
        raise TypeError(
            f"`@{decorator}` needs a function, but got {fn!r}; options go in as keywords,"
            f" `@{decorator}(name=...)`"
        )
    return fn, is_class, is_static


def name_of(fn: "Callable[..., Any]") -> str:
    """Return the name of a function; of callable objects, their class's."""
    name = getattr(fn, "__name__", None)
    if name is None and hasattr(fn, "func"):
        name = getattr(fn.func, "__name__", None)
    return name or type(fn).__name__


def refuse_reserved(fn: "Callable[..., Any]", names: "Iterable[str]") -> None:
    """Raise `ReservedArgumentError` if a parameter has a name that Prefect needs for itself."""
    code = getattr(fn, "__code__", None)
    if code is None:
        return
    count = code.co_argcount + code.co_kwonlyargcount
    taken = set(code.co_varnames[:count]).intersection(names)
    if taken:
        from prefect.exceptions import ReservedArgumentError

        raise ReservedArgumentError(
            f"{name_of(fn)!r} has a parameter called {min(taken)!r}, a name that Prefect needs for"
            " itself; call it something else"
        )


def bind_to(fn: "Any", owner: "Any") -> "Any":
    """Bind a function to an object or class, as a method."""
    from types import MethodType

    return MethodType(fn, owner)
