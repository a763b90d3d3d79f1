"""Variables: create, read, change, delete, by name.

Source: REST contract, `/variables`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    already_exists,
    dump,
    join,
    not_found,
    parse,
    parse_list,
    path,
    refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.client.schemas.actions import VariableCreate, VariableUpdate
    from prefect.client.schemas.objects import Variable

__all__ = ["Variables"]


class Variables(Noun):
    """The endpoints of variables."""

    async def create_variable(self, variable: VariableCreate) -> Variable:
        """Create a variable.

        Raises:
            TypeError, ValueError: If its value cannot be sent as JSON; nothing was sent.
            prefect.exceptions.ObjectAlreadyExists: If the name is taken.
        """
        from prefect.client._nouns._values import checked
        from prefect.client.schemas.objects import Variable

        checked(value=variable.value)  # NaN would become null without a word
        response = await self._send(
            "POST",
            "/variables/",
            content=dump(variable, exclude_unset=True),
            errors={
                409: already_exists(
                    f"variable named {variable.name!r}", "Use `update_variable` to change it."
                )
            },
        )
        return parse(Variable, response)

    async def read_variable_by_name(self, name: str) -> Variable | None:
        """Read a variable; None if there is none of that name."""
        from prefect.client.schemas.objects import Variable
        from prefect.exceptions import ObjectNotFound

        try:
            response = await self._send(
                "GET", _one(name), errors={404: not_found(f"variable named {name!r}")}
            )
        except ObjectNotFound:
            return None
        return parse(Variable, response)

    async def read_variables(self, limit: int | None = None) -> list[Variable]:
        """Read the variables, by name.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
        """
        from prefect.client.schemas.objects import Variable

        response = await self._send("POST", "/variables/filter", content=join(limit=limit))
        return parse_list(Variable, response)

    async def update_variable(self, variable: VariableUpdate) -> None:
        """Change the fields of a variable that are set in `variable`, which names it.

        Raises:
            ValueError: If it has no name.
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                variable.
        """
        from prefect.client._nouns._values import checked

        if not variable.name:
            raise ValueError(f"{variable!r} does not say which variable to change; give its name")
        checked(value=variable.value)
        await self._send(
            "PATCH",
            _one(variable.name),
            content=dump(variable, exclude_unset=True),
            errors={404: refused(f"There is no variable named {variable.name!r}")},
        )

    async def delete_variable_by_name(self, name: str) -> None:
        """Delete a variable.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no variable of that name.
        """
        await self._send("DELETE", _one(name), errors={404: not_found(f"variable named {name!r}")})


def _one(name: str) -> str:
    return path("/variables/name/{name}", name=name)
