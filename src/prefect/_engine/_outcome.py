"""What user code did, as a value.

User code may raise anything, `StopIteration` included, which would end the coroutine it travels
through. So it crosses the core as an `Outcome`, and is raised again, as the same object, outside.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Outcome"]


class Outcome:
    """A value that was returned, or an error that was raised."""

    __slots__ = ("error", "value")

    def __init__(self, value: "Any" = None, error: "BaseException | None" = None) -> None:
        self.value = value
        self.error = error

    def get(self) -> "Any":
        """Return the value, or raise the error as it is."""
        if self.error is not None:
            try:
                raise self.error
            finally:
                self = None  # type: ignore[assignment]  # breaks the cycle
        return self.value

    def __repr__(self) -> str:
        return f"Outcome(error={self.error!r})" if self.error else f"Outcome({self.value!r})"
