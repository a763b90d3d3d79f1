"""Working with nested collections: visit, merge, flatten, search.

Used by the engines (finding the futures in a call's arguments), by templates and settings. Imports
nothing outside the standard library.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import (
    Callable,
    Collection,
    Generator,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
)
from itertools import islice
from types import GeneratorType
from typing import Any, Literal, TypeVar, Union, cast, overload

from prefect.types._enums import AutoEnum as AutoEnum
from prefect.utilities.annotations import BaseAnnotation

__all__ = [
    "AutoEnum",
    "NestedDict",
    "StopVisiting",
    "batched_iterable",
    "deep_merge",
    "deep_merge_dicts",
    "dict_to_flatdict",
    "distinct",
    "ensure_iterable",
    "extract_instances",
    "flatdict_to_dict",
    "get_from_dict",
    "isiterable",
    "listrepr",
    "remove_nested_keys",
    "set_in_dict",
    "visit_collection",
]

KT = TypeVar("KT")
VT = TypeVar("VT")
VT1 = TypeVar("VT1")
VT2 = TypeVar("VT2")
T = TypeVar("T")
R = TypeVar("R")
HashableT = TypeVar("HashableT", bound=Hashable)

NestedDict = dict[KT, Union[VT, "NestedDict[KT, VT]"]]


class StopVisiting(BaseException):
    """Raised by a visiting function to keep the current expression as it is, contents included.

    A `BaseException`: it is control flow, and visiting functions that catch errors must not
    swallow it.
    """


# --- dictionaries ---------------------------------------------------------------------------------


def dict_to_flatdict(dct: dict[KT, VT | NestedDict[KT, VT]]) -> dict[tuple[KT, ...], VT]:
    """Flatten nested dictionaries: every value that is none, under the tuple of its keys.

    An empty dictionary counts as a value, so that nothing is lost.
    """
    flat: dict[tuple[KT, ...], VT] = {}
    todo: list[tuple[tuple[KT, ...], Any]] = [((key,), value) for key, value in dct.items()]
    todo.reverse()  # taken from the end; keeps the order of the keys
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict) and value:
            todo.extend([((*path, key), inner) for key, inner in value.items()][::-1])
        else:
            flat[path] = value
    return flat


def flatdict_to_dict(dct: dict[tuple[KT, ...], VT]) -> dict[KT, VT | NestedDict[KT, VT]]:
    """Nest a dictionary that `dict_to_flatdict` flattened.

    Raises:
        ValueError: If a key is the empty tuple.
    """
    nested: dict[Any, Any] = {}
    for path, value in dct.items():
        if not path:
            raise ValueError("A flat dictionary's keys need at least one part, but got ()")
        *parents, last = path
        place = nested
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = value
    return nested


def deep_merge(
    dct: dict[str, VT1 | NestedDict[KT, VT]], merge: dict[str, VT2 | NestedDict[KT, VT]]
) -> dict[str, VT1 | VT2 | NestedDict[KT, VT]]:
    """Merge two dictionaries into a new one, level by level; the second one wins.

    Dictionaries under the same key are merged; any other value replaces what was there.
    """
    merged: dict[str, Any] = dict(dct)
    for key, value in merge.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[key] = deep_merge(before, cast(dict[str, Any], value))
        else:
            merged[key] = value
    return merged


def deep_merge_dicts(*dicts: dict[str, Any | NestedDict[KT, VT]]) -> dict[str, Any]:
    """Merge any number of dictionaries into a new one, as `deep_merge` does; later ones win."""
    merged: dict[str, Any] = {}
    for dct in dicts:
        merged = deep_merge(merged, dct)
    return merged


@overload
def get_from_dict(
    dct: dict[str, VT | NestedDict[KT, VT]], keys: str | list[str], default: None = None
) -> VT | None: ...


@overload
def get_from_dict(
    dct: dict[str, VT | NestedDict[KT, VT]], keys: str | list[str], default: R
) -> VT | R: ...


def get_from_dict(
    dct: dict[str, VT | NestedDict[KT, VT]], keys: str | list[str], default: R | None = None
) -> VT | R | None:
    """Read a value from nested dictionaries and lists.

    Args:
        dct: The outermost dictionary.
        keys: The path, `"a.b[0].c"` or `["a", "b", 0, "c"]`; parts that are numbers are positions
            in lists.
        default: What to give when the path leads nowhere.
    """
    place: Any = dct
    for key in _path(keys):
        try:
            # Lists take positions only; a dictionary may have a key that looks like one.
            place = place[key if isinstance(place, Mapping) else int(key)]
        except (KeyError, IndexError, TypeError, ValueError):
            return default
    return cast(VT, place)


def set_in_dict(dct: dict[str, VT | NestedDict[KT, VT]], keys: str | list[str], value: VT) -> None:
    """Write a value into nested dictionaries, making those on the way that are missing.

    Args:
        dct: The outermost dictionary; changed in place.
        keys: The path, `"a.b.c"` or `["a", "b", "c"]`.
        value: What to write at its end.

    Raises:
        TypeError: If the path leads through a value that is no dictionary.
    """
    parts = _path(keys)
    place: Any = dct
    for key in parts[:-1]:
        place = place.setdefault(key, {})
        if not isinstance(place, dict):
            raise TypeError(
                f"Cannot set {'.'.join(parts)!r}: the value at {key!r} is a"
                f" {type(place).__name__}, not a dictionary"
            )
    place[parts[-1]] = value


def _path(keys: str | list[str]) -> list[str]:
    if isinstance(keys, str):
        return keys.replace("[", ".").replace("]", "").split(".")
    return list(keys)


@overload
def remove_nested_keys(
    keys_to_remove: list[HashableT], obj: dict[HashableT, VT | NestedDict[KT, VT]]
) -> dict[HashableT, VT | NestedDict[KT, VT]]: ...


@overload
def remove_nested_keys(keys_to_remove: list[HashableT], obj: Any) -> Any: ...


def remove_nested_keys(keys_to_remove: list[HashableT], obj: Any) -> Any:
    """Copy nested dictionaries without some keys, on whatever level they stand.

    Args:
        keys_to_remove: The keys.
        obj: A dictionary; anything else, also inside it, comes back as it is.
    """
    if not isinstance(obj, dict):
        return obj
    return {
        key: remove_nested_keys(keys_to_remove, value)
        for key, value in obj.items()
        if key not in keys_to_remove
    }


# --- iterables ------------------------------------------------------------------------------------


def isiterable(obj: Any) -> bool:
    """Say whether something is an iterable of parts; text and files count as one thing."""
    import io  # loaded by the interpreter anyway; bound here because nothing else needs it

    return isinstance(obj, Iterable) and not isinstance(obj, (str, bytes, io.IOBase))


def ensure_iterable(obj: T | Iterable[T]) -> Collection[T]:
    """Give a collection as it is, and anything else as a list of one.

    Lists, tuples, sets, ranges and text are collections here; dictionaries are one thing.
    """
    if isinstance(obj, Collection) and not isinstance(obj, Mapping):
        return obj
    return [cast(T, obj)]


def listrepr(objs: Iterable[Any], sep: str = " ") -> str:
    """Join the `repr` of some objects."""
    return sep.join(map(repr, objs))


def extract_instances(
    objects: Iterable[Any],
    types: type[T] | tuple[type[T], ...] = object,  # type: ignore[assignment]  # T is object then
) -> list[T] | dict[type[T], list[T]]:
    """Pick the objects of certain types.

    Args:
        objects: What to pick from.
        types: One type, or several in a tuple.

    Returns:
        For one type the list of its instances; for a tuple a mapping of type → instances, in
        which an object stands under the first type that fits.
    """
    if not isinstance(types, tuple):
        return [obj for obj in objects if isinstance(obj, types)]
    found: dict[type[T], list[T]] = {}
    for obj in objects:
        for kind in types:
            if isinstance(obj, kind):
                found.setdefault(kind, []).append(obj)
                break
    return found


def batched_iterable(iterable: Iterable[T], size: int) -> Generator[tuple[T, ...], None, None]:
    """Cut an iterable into tuples of `size` items; the last one may be shorter.

    Raises:
        ValueError: If `size` is smaller than 1.
    """
    if size < 1:
        raise ValueError(f"A batch needs a size of at least 1, but got {size!r}")
    iterator = iter(iterable)
    while batch := tuple(islice(iterator, size)):
        yield batch


@overload
def distinct(iterable: Iterable[HashableT], key: None = None) -> Iterator[HashableT]: ...


@overload
def distinct(iterable: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[T]: ...


def distinct(
    iterable: Iterable[T | HashableT], key: Callable[[T], Hashable] | None = None
) -> Iterator[T | HashableT]:
    """Give each item once, in the order of first appearance.

    Args:
        iterable: The items.
        key: Makes what is compared; by default the item itself.
    """
    seen: set[Hashable] = set()
    for item in iterable:
        mark = cast(Hashable, item) if key is None else key(cast(T, item))
        if mark not in seen:
            seen.add(mark)
            yield item


# --- visiting -------------------------------------------------------------------------------------


@overload
def visit_collection(
    expr: Any,
    visit_fn: Callable[[Any, dict[str, VT]], Any],
    *,
    return_data: Literal[True] = ...,
    max_depth: int = ...,
    context: dict[str, VT] = ...,
    remove_annotations: bool = ...,
    _seen: dict[int, Any] | None = ...,
) -> Any: ...


@overload
def visit_collection(
    expr: Any,
    visit_fn: Callable[[Any], Any],
    *,
    return_data: bool = ...,
    max_depth: int = ...,
    context: None = None,
    remove_annotations: bool = ...,
    _seen: dict[int, Any] | None = ...,
) -> Any | None: ...


@overload
def visit_collection(
    expr: Any,
    visit_fn: Callable[[Any, dict[str, VT]], Any],
    *,
    return_data: bool = ...,
    max_depth: int = ...,
    context: dict[str, VT] = ...,
    remove_annotations: bool = ...,
    _seen: dict[int, Any] | None = ...,
) -> Any | None: ...


def visit_collection(
    expr: Any,
    visit_fn: Callable[[Any, dict[str, VT]], Any] | Callable[[Any], Any],
    *,
    return_data: bool = False,
    max_depth: int = -1,
    context: dict[str, VT] | None = None,
    remove_annotations: bool = False,
    _seen: dict[int, Any] | None = None,
) -> Any | None:
    """Call a function on a value and on everything in it.

    Goes into lists, tuples, sets, dictionaries (keys and values), dataclasses, pydantic models and
    Prefect's annotations. Generators and other iterables are not consumed.

    Args:
        expr: The value.
        visit_fn: Called with each expression, outer ones first, and with the context if there is
            one; may raise `StopVisiting`.
        return_data: Whether to build and return a copy with what `visit_fn` returned in the place
            of each expression. Collections in which nothing changed are not copied.
        max_depth: How many levels to go into; 0 visits `expr` alone, a negative number all.
        context: Values handed to `visit_fn`. What it writes there is seen by the calls for the
            expression's contents, not by those beside it. Inside an annotation, the key
            `annotation` holds it.
        remove_annotations: Whether the copy has the values without their annotations.

    Returns:
        The copy with `return_data`, else None. A collection that contains itself is entered once
        and keeps pointing to the original.
    """
    seen = {} if _seen is None else _seen
    takes_context = context is not None
    inner: dict[str, Any] = dict(context or {})
    try:
        result = visit_fn(expr, inner) if takes_context else visit_fn(expr)  # type: ignore[call-arg]  # told apart by `context`
    except StopVisiting:
        return expr if return_data else None
    if return_data:
        expr = result
    if max_depth == 0 or id(expr) in seen:
        return expr if return_data else None

    seen[id(expr)] = expr

    def visit(item: Any, extra: dict[str, Any] | None = None) -> Any:
        return visit_collection(
            item,
            cast(Callable[[Any, dict[str, Any]], Any], visit_fn),
            return_data=return_data,
            max_depth=max_depth - 1,
            # None where there is no context, which the function then does not take.
            context=cast(dict[str, Any], {**inner, **(extra or {})} if takes_context else None),
            remove_annotations=remove_annotations,
            _seen=seen,
        )

    try:
        rebuilt = _visit_contents(expr, visit, remove_annotations)
    finally:
        # Only what encloses an expression makes it a cycle; equal parts side by side do not.
        del seen[id(expr)]
    return rebuilt if return_data else None


def _visit_contents(expr: Any, visit: Callable[..., Any], remove_annotations: bool) -> Any:
    """Visit what a collection holds; give it back, or a changed copy."""
    if isinstance(expr, (str, bytes, bytearray, int, float, type(None), GeneratorType, type)):
        return expr  # by far the most; and no type that has a fieldset is visited as an instance
    if isinstance(expr, BaseAnnotation):
        return _visit_annotation(expr, visit, remove_annotations)
    if isinstance(expr, (list, tuple, set)):
        items = [visit(item) for item in expr]
        if _same(items, expr):
            return expr
        return type(expr)._make(items) if hasattr(expr, "_make") else type(expr)(items)
    if isinstance(expr, dict):
        pairs = [(visit(key), visit(value)) for key, value in expr.items()]
        if _same((key for key, _ in pairs), expr) and _same(
            (value for _, value in pairs), expr.values()
        ):
            return expr
        changed = copy.copy(expr)  # keeps the class and what it carries, like a default factory
        changed.clear()
        changed.update(pairs)
        return changed
    return _visit_fields(expr, visit)


def _visit_annotation(
    expr: BaseAnnotation[Any], visit: Callable[..., Any], remove_annotations: bool
) -> Any:
    value = visit(expr.unwrap(), {"annotation": expr})
    if remove_annotations:
        return value
    return expr if value is expr.unwrap() else expr.rewrap(value)


def _visit_fields(expr: Any, visit: Callable[..., Any]) -> Any:
    """Visit the fields of a dataclass or pydantic model; validation is not repeated on a copy."""
    names = _field_names(expr)
    if not names:
        return expr
    values = {name: getattr(expr, name) for name in names if hasattr(expr, name)}
    visited = {name: visit(value) for name, value in values.items()}
    changes = {name: new for name, new in visited.items() if new is not values[name]}
    if not changes:
        return expr
    changed = copy.copy(expr)
    for name, value in changes.items():
        extra = getattr(changed, "__pydantic_extra__", None)
        if extra is not None and name in extra:
            extra[name] = value
        elif isinstance(getattr(changed, "__dict__", None), dict):
            changed.__dict__[name] = value  # also when frozen, and without touching fields_set
        else:
            object.__setattr__(changed, name, value)  # a dataclass with slots
    return changed


def _field_names(expr: Any) -> list[str]:
    # A model can only be there when pydantic was loaded by whoever made it.
    pydantic = sys.modules.get("pydantic.main")
    if pydantic is not None and isinstance(expr, pydantic.BaseModel):
        return [*type(expr).model_fields, *(expr.model_extra or {})]
    return list(getattr(type(expr), "__dataclass_fields__", ()))


def _same(items: Iterable[Any], others: Iterable[Any]) -> bool:
    return all(item is other for item, other in zip(items, others, strict=True))
