"""Concurrency limits: global ones with their slots and leases, and the older ones by task tag.

Source: REST contract, `/v2/concurrency_limits` and `/concurrency_limits`.
"""

from __future__ import annotations

from prefect.client._nouns._base import (
    Noun,
    already_exists,
    dump,
    join,
    not_found,
    parse,
    parse_id,
    parse_list,
    path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal
    from uuid import UUID

    import httpx

    from prefect.client._nouns._base import ErrorMapping
    from prefect.client.schemas.actions import (
        GlobalConcurrencyLimitCreate,
        GlobalConcurrencyLimitUpdate,
    )
    from prefect.client.schemas.objects import ConcurrencyLeaseHolder, ConcurrencyLimit
    from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse

__all__ = ["ConcurrencyLimits"]


class ConcurrencyLimits(Noun):
    """The endpoints of concurrency limits."""

    # --- by task tag ------------------------------------------------------------------------------

    async def create_concurrency_limit(self, tag: str, concurrency_limit: int) -> UUID:
        """Limit the running tasks of a tag, and return the limit's id; replaces the tag's limit."""
        body = join(tag=tag, concurrency_limit=concurrency_limit)
        return parse_id(await self._send("POST", "/concurrency_limits/", content=body))

    async def read_concurrency_limit_by_tag(self, tag: str) -> ConcurrencyLimit:
        """Read the limit of a tag.

        Raises:
            prefect.exceptions.ObjectNotFound: If the tag has none.
        """
        from prefect.client.schemas.objects import ConcurrencyLimit

        response = await self._send("GET", _of_tag(tag), errors={404: _no_tag_limit(tag)})
        return parse(ConcurrencyLimit, response)

    async def read_concurrency_limits(self, limit: int, offset: int) -> list[ConcurrencyLimit]:
        """Read the limits by tag.

        Args:
            limit: At most this many, and not more than the server allows (200).
            offset: How many to skip.
        """
        from prefect.client.schemas.objects import ConcurrencyLimit

        response = await self._send(
            "POST", "/concurrency_limits/filter", content=join(limit=limit, offset=offset)
        )
        return parse_list(ConcurrencyLimit, response)

    async def reset_concurrency_limit_by_tag(
        self, tag: str, slot_override: list[UUID | str] | None = None
    ) -> None:
        """Free the slots of a tag's limit.

        Args:
            slot_override: Task runs that are to hold the slots from now on.

        Raises:
            prefect.exceptions.ObjectNotFound: If the tag has no limit.
            ValueError: If one of the ids is no UUID.
        """
        from prefect.client._nouns._base import as_id

        holders = None
        if slot_override is not None:
            holders = [as_id(holder, "task run") for holder in slot_override]
        await self._send(
            "POST",
            path("/concurrency_limits/tag/{tag}/reset", tag=tag),
            content=join(slot_override=holders),
            errors={404: _no_tag_limit(tag)},
        )

    async def delete_concurrency_limit_by_tag(self, tag: str) -> None:
        """Delete the limit of a tag.

        Raises:
            prefect.exceptions.ObjectNotFound: If the tag has none.
        """
        await self._send("DELETE", _of_tag(tag), errors={404: _no_tag_limit(tag)})

    async def increment_v1_concurrency_slots(
        self, names: list[str], task_run_id: UUID
    ) -> httpx.Response:
        """Take a slot of each tag's limit for a task run.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 423 while a limit is full; its
                `Retry-After` header says when to ask again.
        """
        body = join(names=names, task_run_id=task_run_id)
        return await self._send("POST", "/concurrency_limits/increment", content=body)

    async def decrement_v1_concurrency_slots(
        self, names: list[str], task_run_id: UUID, occupancy_seconds: float
    ) -> httpx.Response:
        """Give back the slots a task run holds of the tags' limits.

        Args:
            occupancy_seconds: How long it held them.
        """
        body = join(names=names, task_run_id=task_run_id, occupancy_seconds=occupancy_seconds)
        return await self._send("POST", "/concurrency_limits/decrement", content=body)

    # --- global: slots ----------------------------------------------------------------------------

    async def increment_concurrency_slots(
        self, names: list[str], slots: int, mode: Literal["concurrency", "rate_limit"]
    ) -> httpx.Response:
        """Take slots of each named limit; a name without a limit is ignored.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 423 while a limit is full (its
                `Retry-After` header says when to ask again), 422 if more slots are asked for than
                it has.
        """
        body = join(names=names, slots=slots, mode=mode)
        return await self._send("POST", "/v2/concurrency_limits/increment", content=body)

    async def increment_concurrency_slots_with_lease(
        self,
        names: list[str],
        slots: int,
        mode: Literal["concurrency", "rate_limit"],
        lease_duration: float,
        holder: ConcurrencyLeaseHolder | None = None,
    ) -> httpx.Response:
        """Take slots of each named limit for a time, which `renew_concurrency_lease` prolongs.

        Args:
            lease_duration: Seconds, from 60 to 86400.
            holder: Which run they are for.

        Returns:
            The answer; its JSON holds `lease_id` and the `limits`.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: As `increment_concurrency_slots`.
        """
        body = join(
            names=names, slots=slots, mode=mode, lease_duration=lease_duration, holder=holder
        )
        return await self._send("POST", "/v2/concurrency_limits/increment-with-lease", content=body)

    async def renew_concurrency_lease(
        self, lease_id: UUID, lease_duration: float
    ) -> httpx.Response:
        """Prolong a lease.

        Args:
            lease_duration: Seconds from now, from 60 to 86400.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 410 if it has run out.
        """
        return await self._send(
            "POST",
            path("/v2/concurrency_limits/leases/{id}/renew", id=lease_id),
            content=join(lease_duration=lease_duration),
        )

    async def release_concurrency_slots(
        self, names: list[str], slots: int, occupancy_seconds: float
    ) -> httpx.Response:
        """Give back slots of each named limit.

        Args:
            occupancy_seconds: How long they were held, more than 0.
        """
        body = join(names=names, slots=slots, occupancy_seconds=occupancy_seconds)
        return await self._send("POST", "/v2/concurrency_limits/decrement", content=body)

    async def release_concurrency_slots_with_lease(self, lease_id: UUID) -> httpx.Response:
        """Give back the slots of a lease, and end it."""
        return await self._send(
            "POST", "/v2/concurrency_limits/decrement-with-lease", content=join(lease_id=lease_id)
        )

    # --- global: limits ---------------------------------------------------------------------------

    async def create_global_concurrency_limit(
        self, concurrency_limit: GlobalConcurrencyLimitCreate
    ) -> UUID:
        """Create a global limit and return its id.

        Raises:
            prefect.exceptions.ObjectAlreadyExists: If the name is taken.
        """
        response = await self._send(
            "POST",
            "/v2/concurrency_limits/",
            content=dump(concurrency_limit, exclude_unset=True),
            errors={
                409: already_exists(
                    f"concurrency limit named {concurrency_limit.name!r}",
                    "Use `upsert_global_concurrency_limit_by_name` to create or change it.",
                )
            },
        )
        return parse_id(response)

    async def update_global_concurrency_limit(
        self, name: str, concurrency_limit: GlobalConcurrencyLimitUpdate
    ) -> httpx.Response:
        """Change the fields of a global limit that are set in `concurrency_limit`.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no limit of that name.
        """
        return await self._send(
            "PATCH",
            _named(name),
            content=dump(concurrency_limit, exclude_unset=True),
            errors={404: _no_limit(name)},
        )

    async def delete_global_concurrency_limit_by_name(self, name: str) -> httpx.Response:
        """Delete a global limit.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no limit of that name.
        """
        return await self._send("DELETE", _named(name), errors={404: _no_limit(name)})

    async def read_global_concurrency_limit_by_name(
        self, name: str
    ) -> GlobalConcurrencyLimitResponse:
        """Read a global limit.

        Raises:
            prefect.exceptions.ObjectNotFound: If there is no limit of that name.
        """
        from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse

        response = await self._send("GET", _named(name), errors={404: _no_limit(name)})
        return parse(GlobalConcurrencyLimitResponse, response)

    async def upsert_global_concurrency_limit_by_name(
        self, name: str, limit: int, slot_decay_per_second: float | None = None
    ) -> None:
        """Create a global limit, or change the one of that name where it differs.

        Args:
            slot_decay_per_second: None leaves it as it is, 0 on a new limit.
        """
        from prefect.client.schemas.actions import (
            GlobalConcurrencyLimitCreate,
            GlobalConcurrencyLimitUpdate,
        )
        from prefect.exceptions import ObjectNotFound

        wanted: dict[str, float] = {"limit": limit}
        if slot_decay_per_second is not None:
            wanted["slot_decay_per_second"] = slot_decay_per_second
        try:
            existing = await self.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            new = GlobalConcurrencyLimitCreate.model_validate({"name": name, **wanted})
            await self.create_global_concurrency_limit(new)
            return
        if any(getattr(existing, field) != value for field, value in wanted.items()):
            await self.update_global_concurrency_limit(
                name, GlobalConcurrencyLimitUpdate.model_validate(wanted)
            )

    async def read_global_concurrency_limits(
        self, limit: int = 10, offset: int = 0
    ) -> list[GlobalConcurrencyLimitResponse]:
        """Read the global limits, by name.

        Args:
            limit: At most this many, and not more than the server allows (200).
            offset: How many to skip.
        """
        from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse

        response = await self._send(
            "POST", "/v2/concurrency_limits/filter", content=join(limit=limit, offset=offset)
        )
        return parse_list(GlobalConcurrencyLimitResponse, response)


def _of_tag(tag: str) -> str:
    return path("/concurrency_limits/tag/{tag}", tag=tag)


def _no_tag_limit(tag: str) -> ErrorMapping:
    return not_found(f"concurrency limit for the tag {tag!r}")


def _named(name: str) -> str:
    return path("/v2/concurrency_limits/{name}", name=name)


def _no_limit(name: str) -> ErrorMapping:
    return not_found(f"concurrency limit named {name!r}")
