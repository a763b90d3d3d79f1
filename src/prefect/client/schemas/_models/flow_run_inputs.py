"""What people send to a flow run while it runs or waits."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator

from prefect._internal.schemas.bases import ObjectBaseModel, publish
from prefect.types.names import raise_on_name_alphanumeric_dashes_only

__all__ = ["FlowRunInput"]


def _check_key(value: str) -> str:
    return raise_on_name_alphanumeric_dashes_only(value, "key")


class FlowRunInput(ObjectBaseModel):
    """One input, under a key of lowercase letters, digits and dashes."""

    flow_run_id: UUID
    key: Annotated[str, AfterValidator(_check_key)]
    value: str
    sender: str | None = None

    @property
    def decoded_value(self) -> Any:
        """The value as it was before it was written as JSON.

        Raises:
            ValueError: If it is no JSON.
        """
        import json  # not needed for anything else here

        return json.loads(self.value)


publish("prefect.client.schemas.objects", FlowRunInput)
