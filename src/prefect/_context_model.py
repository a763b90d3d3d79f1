"""What every context is: a value that is current inside a `with` block.

The base of the contexts of runs, settings and transactions; published as
`prefect.context.ContextModel`.
"""

from contextvars import ContextVar, Token
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, PrivateAttr
from typing_extensions import Self

__all__ = ["ContextModel"]


class ContextModel(BaseModel):
    """A context; subclasses give it a `ContextVar` of their own in `__var__`."""

    __var__: ClassVar[ContextVar[Any]]

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", defer_build=True)

    _token: Token[Any] | None = PrivateAttr(None)

    def __enter__(self) -> Self:
        """Make this the current context.

        Raises:
            RuntimeError: If it is already: a context is entered once at a time.
        """
        if self._token is not None:
            raise RuntimeError(
                f"This {type(self).__name__} is entered already. Make a copy with `model_copy()` to"
                " enter it again inside of itself."
            )
        self._token = self.__var__.set(self)
        return self

    def __exit__(self, *_: Any) -> None:
        """Make the context from before the current one again.

        Raises:
            RuntimeError: If it was not entered.
        """
        if self._token is None:
            raise RuntimeError(f"This {type(self).__name__} was not entered, so it cannot be left.")
        self.__var__.reset(self._token)
        self._token = None

    @classmethod
    def get(cls) -> Self | None:
        """Return the current context of this kind, if there is one."""
        current: Self | None = cls.__var__.get(None)
        return current

    def serialize(self, include_secrets: bool = True) -> dict[str, Any]:
        """Return the fields that were set, to make the same context elsewhere.

        Args:
            include_secrets: Whether secrets are written out instead of masked.
        """
        return self.model_dump(exclude_unset=True, context={"include_secrets": include_secrets})


ContextModel.__module__ = "prefect.context"
