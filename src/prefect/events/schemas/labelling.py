"""Labels: the flat, dotted `name → value` mapping that every resource of an event is.

`Labelled` is the model, `LabelDiver` reads the dots of its names as a tree. Event resources derive
from `Labelled`; nothing here knows events.
"""

from collections.abc import Iterable, Iterator
from typing import Dict  # noqa: UP035  # see `Labelled`

from pydantic import ConfigDict, RootModel

__all__ = ["LabelDiver", "Labelled"]


class LabelDiver:
    """Read labels as a tree: `labels.prefect.resource.name` is the label `prefect.resource.name`.

    Every step is itself a diver over what lies below; `str(step)` is the label's own value, empty
    when there are only labels below it. Names that start with an underscore are never looked up,
    so that Python's own protocols (copy, pickle, repr) are not mistaken for labels.

    Args:
        labels: name → value; a name may have dots.
        value: The value at the root of this tree.
    """

    __slots__ = ("_labels", "_value")

    def __init__(self, labels: dict[str, str], value: str = "") -> None:
        self._labels = labels
        self._value = value

    def __getattr__(self, name: str) -> "LabelDiver":
        if not name.startswith("_"):
            prefix = f"{name}."
            below = {
                label.removeprefix(prefix): value
                for label, value in self._labels.items()
                if label.startswith(prefix) and label != prefix
            }
            if below or name in self._labels or prefix in self._labels:
                value = self._labels.get(name) or self._labels.get(prefix, "")
                return LabelDiver(below, value)
        raise AttributeError(f"no label here is {name!r} or starts with {name!r} and a dot")

    def __getitem__(self, key: str) -> str:
        """Return the value of the label whose dotted name, relative to this step, is `key`."""
        return self._labels[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield dotted name, relative to this step, and value of every label below it."""
        return iter(self._labels.items())

    def __len__(self) -> int:
        """Count the labels below this step."""
        return len(self._labels)

    def __bool__(self) -> bool:
        return bool(self._value or self._labels)

    def __str__(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"LabelDiver({self._labels!r}, value={self._value!r})"


# Spelled with `Dict` because the base's name is made of it, and that name is public: pydantic
# leaves the parametrised base in this module.
class Labelled(RootModel[Dict[str, str]]):  # noqa: UP006
    """A mapping of labels, used like a read-mostly dictionary."""

    model_config = ConfigDict(defer_build=True)

    def keys(self) -> Iterable[str]:
        """Return the names of the labels."""
        return self.root.keys()

    def items(self) -> Iterable[tuple[str, str]]:
        """Return names and values of the labels."""
        return self.root.items()

    def __getitem__(self, label: str) -> str:
        return self.root[label]

    def __setitem__(self, label: str, value: str) -> str:
        self.root[label] = value
        return value

    def __contains__(self, key: str) -> bool:
        return key in self.root

    def get(self, label: str, default: str | None = None) -> str | None:
        """Return the value of `label`, or `default` when there is no such label."""
        return self.root.get(label, default)

    def as_label_value_array(self) -> list[dict[str, str]]:
        """Return the labels as a list of `{"label": name, "value": value}`."""
        return [{"label": label, "value": value} for label, value in self.root.items()]

    @property
    def labels(self) -> LabelDiver:
        """The labels as a tree: `resource.labels.prefect.resource.name`."""
        return LabelDiver(self.root)

    def has_all_labels(self, labels: dict[str, str]) -> bool:
        """Tell whether every one of `labels` is here with the same value."""
        return all(self.root.get(label) == value for label, value in labels.items())
