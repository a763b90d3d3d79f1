"""`Variable`: small named values that are kept on the server and read while flows run.

    Variable.set("threshold", {"low": 3, "high": 9})
    Variable.get("threshold", default=None)

Every method has an async twin with an `a` before its name; called in a running event loop, the
method itself returns the twin's coroutine.
"""

from typing import TYPE_CHECKING, Any, Generic, overload

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypeVar

from prefect._dual import run
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.types import StrictVariableValue
from prefect.types.names import MAX_VARIABLE_NAME_LENGTH

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

__all__ = ["MAX_VARIABLE_NAME_LENGTH", "StrictVariableValue", "Variable"]

T = TypeVar("T", bound=StrictVariableValue, default=Any)


class Variable(BaseModel, Generic[T]):
    """A named value: text, number, truth value, null, or a JSON object or list.

    Attributes:
        name: Lowercase letters, digits, dashes and underscores.
        value: The value; up to 5000 characters as JSON.
        tags: What it is found by.
    """

    model_config = ConfigDict(defer_build=True)

    name: str = Field(
        default=...,
        description="Lowercase letters, digits, dashes and underscores.",
        max_length=MAX_VARIABLE_NAME_LENGTH,
    )
    value: StrictVariableValue = Field(default=..., description="The value.")
    tags: list[str] | None = Field(default=None, description="What it is found by.")

    @classmethod
    async def aset(
        cls,
        name: str,
        value: StrictVariableValue,
        tags: list[str] | None = None,
        overwrite: bool = False,
    ) -> "Variable[Any]":
        """Store a value under a name.

        Args:
            name: Lowercase letters, digits, dashes and underscores.
            value: What JSON can hold, up to 5000 characters of it.
            tags: What it is found by; replaces those of a variable that is there.
            overwrite: Whether to replace the value of a variable of that name.

        Returns:
            The variable as it is stored.

        Raises:
            ValueError: If the name is taken, without `overwrite`; or name or value cannot be
                stored.
        """
        return cls(**await _set(_async_client(), name, value, tags, overwrite))

    @classmethod
    @async_dispatch(aset)
    def set(
        cls,
        name: str,
        value: StrictVariableValue,
        tags: list[str] | None = None,
        overwrite: bool = False,
    ) -> "Variable[Any]":
        """Store a value under a name; `aset` says what it takes and raises."""
        return cls(**run(_set(_blocking_client(), name, value, tags, overwrite)))

    @overload
    @classmethod
    async def aget(cls, name: str) -> T | None: ...

    @overload
    @classmethod
    async def aget(cls, name: str, default: T) -> T: ...

    @classmethod
    async def aget(cls, name: str, default: Any = None) -> Any:
        """Read the value of a variable.

        Args:
            name: Its name.
            default: What to return if there is no variable of that name.
        """
        return await _get(_async_client(), name, default)

    @overload
    @classmethod
    def get(cls, name: str) -> T | None: ...

    @overload
    @classmethod
    def get(cls, name: str, default: T) -> T: ...

    @classmethod
    @async_dispatch(aget)
    def get(cls, name: str, default: Any = None) -> Any:
        """Read the value of a variable; `default` if there is none of that name."""
        return run(_get(_blocking_client(), name, default))

    @classmethod
    async def aunset(cls, name: str) -> bool:
        """Delete a variable.

        Returns:
            Whether there was one of that name.
        """
        return await _unset(_async_client(), name)

    @classmethod
    @async_dispatch(aunset)
    def unset(cls, name: str) -> bool:
        """Delete a variable; returns whether there was one of that name."""
        return run(_unset(_blocking_client(), name))


# ---- one body for both faces --------------------------------------------------------------------


async def _set(
    client: "PrefectClient",
    name: str,
    value: StrictVariableValue,
    tags: list[str] | None,
    overwrite: bool,
) -> dict[str, Any]:
    """Create or change a variable; what it is afterwards."""
    from prefect.client.schemas.actions import VariableCreate, VariableUpdate  # heavy

    known = await client.read_variable_by_name(name)
    if known is not None and not overwrite:
        raise ValueError(_taken(name))
    fields: dict[str, Any] = {"name": name, "value": value}
    if known is None:
        try:
            stored = await client.create_variable(VariableCreate(**fields, tags=tags or []))
        except ObjectAlreadyExists as error:  # somebody else was a moment faster
            if not overwrite:
                raise ValueError(_taken(name)) from error
        else:
            return {"name": stored.name, "value": stored.value, "tags": stored.tags}
    if tags is not None:
        fields["tags"] = tags
    await client.update_variable(VariableUpdate(**fields))
    if tags is None and known is not None:
        tags = known.tags
    return {"name": name, "value": value, "tags": tags or []}


async def _get(client: "PrefectClient", name: str, default: Any) -> Any:
    known = await client.read_variable_by_name(name)
    return default if known is None else known.value


async def _unset(client: "PrefectClient", name: str) -> bool:
    try:
        await client.delete_variable_by_name(name)
    except ObjectNotFound:
        return False
    return True


def _taken(name: str) -> str:
    return (
        f"There is already a variable named {name!r}. Set it with `overwrite=True` to replace its"
        " value, or choose another name."
    )


def _async_client() -> "PrefectClient":
    from prefect.client.orchestration import get_client  # heavy

    return get_client()


def _blocking_client() -> "PrefectClient":
    from prefect.client.orchestration import get_client  # heavy

    # The same endpoints over another port.
    return get_client(sync_client=True)._core  # type: ignore[return-value]
