"""Module attributes that are loaded when first asked for.

A public module keeps one table, name → module that defines it, and hands it to `lazy_exports`.
Importing the public module then costs one dictionary; the defining module is imported at the
first use of one of its names, and the name is stored in the public module so that the next use
costs nothing. Used by every `__init__` and facade of the package. This module imports nothing
beyond what the interpreter has already loaded.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

__all__ = ["lazy_exports"]


def lazy_exports(
    module: str, table: "Mapping[str, str]", *, not_yet: "Iterable[str]" = ()
) -> "tuple[Callable[[str], Any], Callable[[], list[str]]]":
    """Make `__getattr__` and `__dir__` for a module whose names live elsewhere.

    Args:
        module: The public module's `__name__`.
        table: name → where it is defined: `"package.module"` for a name of that module,
            `"package.module:other"` for one that is called differently there,
            `"package.module:"` for the module itself.
        not_yet: Names of the public contract that are still to be written; asking for one is an
            `ImportError` that says so. (Python replaces the text of an `AttributeError` by one of
            its own when a name is imported.)

    Returns:
        The two functions, to be bound at the module's top level.
    """
    import sys  # bound here, so that facades do not grow public names

    def __getattr__(name: str) -> "Any":
        target = table.get(name)
        if target is None:
            if name in not_yet:
                from prefect import _missing  # only on failure

                raise ImportError(_missing.not_yet(f"{module}.{name}"))
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        source, colon, attribute = target.partition(":")
        __import__(source)  # also waits for another thread that is in the middle of it
        value = sys.modules[source]
        if attribute or not colon:
            value = getattr(value, attribute or name)
        setattr(sys.modules[module], name, value)
        return value

    def __dir__() -> "list[str]":
        return sorted({*vars(sys.modules[module]), *table})

    return __getattr__, __dir__
