"""Marks that users put around values to say how Prefect shall treat them.

`unmapped` keeps a value whole in `Task.map`, `allow_failure` lets a failed upstream through,
`quote` and `opaque` keep Prefect from looking for futures inside. Used by flows, tasks and by
`prefect.utilities.collections`; imports nothing heavy.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "BaseAnnotation",
    "NotSet",
    "Quote",
    "allow_failure",
    "freeze",
    "opaque",
    "quote",
    "unmapped",
]

T = TypeVar("T")


class BaseAnnotation(tuple[T]):
    """Base of the marks: holds one value.

    Two marks are equal when they are of one class and hold equal values.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # the value need not be hashable

    def __new__(cls, value: T) -> Self:
        return super().__new__(cls, (value,))

    def __getnewargs__(self) -> tuple[T]:
        return (self.unwrap(),)

    def unwrap(self) -> T:
        """Give the value without its mark."""
        return tuple.__getitem__(self, 0)

    @property
    def value(self) -> T:
        """The value without its mark."""
        return self.unwrap()

    def rewrap(self, value: T) -> Self:
        """Put the same mark around another value."""
        return type(self)(value)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        return bool(self.unwrap() == other.unwrap())

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.unwrap()!r})"


class unmapped(BaseAnnotation[T]):
    """Hand a value to every run of `Task.map` as it is, instead of spreading it."""

    __slots__ = ()

    def __getitem__(self, _: object) -> T:  # type: ignore[override]  # every index has the value
        return self.unwrap()


class allow_failure(BaseAnnotation[T]):
    """Run a task although this input's run failed; the task gets the exception or failed state."""

    __slots__ = ()


class quote(BaseAnnotation[T]):
    """Hand a value to a task unseen: it is not searched for futures, states or other inputs.

    For large collections that hold no results of other runs.
    """

    __slots__ = ()

    def unquote(self) -> T:
        """Give the value without its mark."""
        return self.unwrap()


class Quote(quote[T]):
    """Former name of `quote`."""

    __slots__ = ()

    def __new__(cls, value: T) -> Self:
        warnings.warn("`Quote` is now called `quote`", DeprecationWarning, stacklevel=2)
        return super().__new__(cls, value)


class opaque(BaseAnnotation[T]):
    """Keep a task input out of the record of what the run depended on."""

    __slots__ = ()


class freeze(BaseAnnotation[T]):
    """Use a value as it is when a schema is filled in; nothing inside it is rendered.

    Raises:
        ValueError: If the value cannot be written as JSON.
    """

    __slots__ = ()

    def __new__(cls, value: T) -> Self:
        from pydantic_core import PydanticSerializationError, to_json  # heavy: only used here

        try:
            to_json(value)
        except PydanticSerializationError as error:
            raise ValueError(f"A frozen value must be JSON, but got {value!r}: {error}") from error
        return super().__new__(cls, value)

    def unfreeze(self) -> T:
        """Give the value without its mark."""
        return self.unwrap()


class NotSet:
    """Stands for "no value" where None is a value; the class itself is used."""
