"""Automations: create, read, change, pause, delete.

Source: REST contract, `/automations`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    dump,
    join,
    not_found,
    parse,
    parse_id,
    parse_list,
    path,
    refused,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client._nouns._base import ErrorMapping
    from prefect.client.schemas.sorting import AutomationSort
    from prefect.events.filters import AutomationFilter
    from prefect.events.schemas.automations import Automation, AutomationCore

__all__ = ["Automations"]

_PAGE = 200
"""Rows the server gives in one answer unless its owner changed `server.api.default_limit`."""


class Automations(Noun):
    """The endpoints of automations."""

    async def create_automation(self, automation: AutomationCore) -> UUID:
        """Create an automation and return its id.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 422 if the server refuses its
                trigger or actions.
        """
        response = await self._send("POST", "/automations/", content=dump(automation))
        return parse_id(response)

    async def update_automation(self, automation_id: UUID, automation: AutomationCore) -> None:
        """Replace an automation.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                automation.
        """
        # Replaced whole, so sent whole: an action without its default type would be no action at
        # all. The owner is given at creation and refused later.
        body = dump(automation, include=_core_fields() - {"owner_resource"})
        await self._send(
            "PUT",
            _one(automation_id),
            content=body,
            errors={404: refused(f"Cannot change automation '{automation_id}'")},
        )

    async def read_automations(
        self,
        *,
        automations: AutomationFilter | None = None,
        sort: AutomationSort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Automation]:
        """Read the automations that match the filter.

        Args:
            limit: At most this many; by default, and at most, what the server allows (200).
            offset: How many of the matching automations to skip.
        """
        from prefect.events.schemas.automations import Automation

        body = join(automations=automations, sort=sort, limit=limit, offset=offset)
        return parse_list(Automation, await self._send("POST", "/automations/filter", content=body))

    async def find_automation(self, id_or_name: str | UUID) -> Automation | None:
        """Find an automation by its id or its name.

        Args:
            id_or_name: An id, also as text; or a name, first as it is written, then in any case.

        Returns:
            None if no automation has that name.

        Raises:
            prefect.exceptions.ObjectNotFound: If it is an id that no automation has.
        """
        from uuid import UUID

        try:
            automation_id = id_or_name if isinstance(id_or_name, UUID) else UUID(id_or_name)
        except ValueError:
            return await self._find_by_name(str(id_or_name))
        return await self._read(automation_id, not_found(f"automation '{automation_id}'"))

    async def _find_by_name(self, name: str) -> Automation | None:
        exact = await self.read_automations_by_name(name)
        if exact:
            return exact[0]
        # The API compares names exactly: for any other case all of them must be looked at.
        offset = 0
        while True:
            page = await self.read_automations(offset=offset, limit=_PAGE)
            for automation in page:
                if automation.name.lower() == name.lower():
                    return automation
            if len(page) < _PAGE:
                return None
            offset += len(page)

    async def read_automation(self, automation_id: UUID | str) -> Automation | None:
        """Read an automation.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                automation.
        """
        return await self._read(automation_id, refused(f"There is no automation '{automation_id}'"))

    async def _read(self, automation_id: UUID | str, missing: ErrorMapping) -> Automation:
        from prefect.events.schemas.automations import Automation

        response = await self._send("GET", _one(automation_id), errors={404: missing})
        return parse(Automation, response)

    async def read_automations_by_name(self, name: str) -> list[Automation]:
        """Read the automations of exactly that name, the one changed last first."""
        from prefect.events.schemas.automations import Automation

        response = await self._send(
            "POST",
            "/automations/filter",
            content=join(automations={"name": {"any_": [name]}}, sort="UPDATED_DESC"),
        )
        return parse_list(Automation, response)

    async def pause_automation(self, automation_id: UUID) -> None:
        """Stop an automation from acting.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                automation.
        """
        await self._set_enabled(automation_id, False)

    async def resume_automation(self, automation_id: UUID) -> None:
        """Let a paused automation act again.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                automation.
        """
        await self._set_enabled(automation_id, True)

    async def _set_enabled(self, automation_id: UUID, enabled: bool) -> None:
        await self._send(
            "PATCH",
            _one(automation_id),
            content=join(enabled=enabled),
            errors={404: refused(f"Cannot change automation '{automation_id}'")},
        )

    async def delete_automation(self, automation_id: UUID) -> None:
        """Delete an automation.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 if there is no such
                automation.
        """
        await self._send(
            "DELETE",
            _one(automation_id),
            errors={404: refused(f"Cannot delete automation '{automation_id}'")},
        )

    async def read_resource_related_automations(self, resource_id: str) -> list[Automation]:
        """Read the automations that a resource's events set off or that act on it.

        Args:
            resource_id: Such as `prefect.deployment.<id>`.
        """
        from prefect.events.schemas.automations import Automation

        response = await self._send("GET", path("/automations/related-to/{id}", id=resource_id))
        return parse_list(Automation, response)

    async def delete_resource_owned_automations(self, resource_id: str) -> None:
        """Delete the automations that belong to a resource.

        Args:
            resource_id: Such as `prefect.deployment.<id>`.
        """
        await self._send("DELETE", path("/automations/owned-by/{id}", id=resource_id))


def _one(automation_id: UUID | str) -> str:
    return path("/automations/{id}", id=automation_id)


def _core_fields() -> set[str]:
    from prefect.events.schemas.automations import AutomationCore

    return set(AutomationCore.model_fields)
