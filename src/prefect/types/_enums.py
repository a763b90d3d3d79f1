"""The base of the enumerations whose members are their own names, such as `StateType`.

Published as `prefect.utilities.collections.AutoEnum`; it stands here, on the lowest storey, because
the wire models need it and nothing else of that module.
"""

from enum import Enum, auto
from typing import Any

__all__ = ["AutoEnum"]


class AutoEnum(str, Enum):
    """An enumeration of strings; `AutoEnum.auto()` gives a member the value of its name."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[Any]) -> str:
        return name

    @staticmethod
    def auto() -> Any:
        """Stand for the member's own name."""
        return auto()

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


AutoEnum.__module__ = "prefect.utilities.collections"
