"""Service level agreements of deployments (Prefect Cloud only).

Source: recorded request of `apply_slas_for_deployment`, `/slas/apply-resource-slas`.
"""

from __future__ import annotations

from prefect.client._nouns._base import Noun, dump, merge, path, refused, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from uuid import UUID

    from prefect._experimental.sla.objects import SlaMergeResponse, SlaTypes

__all__ = ["Slas"]


class Slas(Noun):
    """The endpoints of service level agreements."""

    async def apply_slas_for_deployment(
        self, deployment_id: UUID, slas: list[SlaTypes]
    ) -> SlaMergeResponse:
        """Make these the agreements of a deployment: others it has are removed.

        Returns:
            The names of those created, updated and deleted.

        Raises:
            prefect.exceptions.PrefectHTTPStatusError: With status 404 from any server but Prefect
                Cloud, which alone has agreements.
        """
        from prefect._experimental.sla.objects import SlaMergeResponse

        resource_id = f"prefect.deployment.{deployment_id}"
        owner = b'{"owner_resource":%b}' % to_bytes(resource_id)
        body = b",".join(
            merge(dump(sla, exclude_unset=True, exclude={"owner_resource"}), owner) for sla in slas
        )
        response = await self._send(
            "POST",
            path("/slas/apply-resource-slas/{resource}", resource=resource_id),
            content=b"[%b]" % body,
            errors={
                404: refused(
                    f"Cannot set agreements for deployment '{deployment_id}' (only Prefect Cloud"
                    " has them)"
                )
            },
        )
        answer = response.json()
        return SlaMergeResponse(
            **{
                change: [sla["name"] for sla in answer.get(change, ())]
                for change in ("created", "updated", "deleted")
            }
        )
