"""The base of the enumerations whose members are their own names, such as `StateType`.

Published as `prefect.utilities.collections.AutoEnum`; it stands here, on the lowest storey, because
the wire models need it and nothing else of that module.
"""

from enum import Enum, auto
from typing import cast

__all__ = ["AutoEnum"]


class AutoEnum(str, Enum):
    """An enum of texts in which each member's value is its name.

    class Colour(AutoEnum):
        RED = AutoEnum.auto()

    assert Colour.RED == "RED"
    """

    @staticmethod
    def _generate_next_value_(name: str, *_: object, **__: object) -> str:
        return name

    @staticmethod
    def auto() -> str:
        """Stand for the member's name; `enum.auto()`, importable from here."""
        return cast(str, auto())

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.value}"

    def __str__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __format__(self, format_spec: str) -> str:
        # Both spelled out: what enums of texts do by themselves differs between versions of Python.
        return format(str(self), format_spec)


AutoEnum.__module__ = "prefect.utilities.collections"
