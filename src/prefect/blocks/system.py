"""`Secret`: one value that is stored on the server and never printed.

Secret(value="s3cret").save("api-key")
Secret.load("api-key").get()
"""

import json
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, JsonValue, SecretStr, StrictStr, field_validator
from pydantic import Secret as PydanticSecret

from prefect.blocks.core import Block

__all__ = ["JsonValue", "Secret", "StrictStr"]

T = TypeVar(
    "T",
    bound=Annotated[StrictStr, Field(title="string")] | Annotated[JsonValue, Field(title="JSON")],
)


class Secret(Block, Generic[T]):
    """A secret value: text, or anything JSON can hold. Printing the block does not show it.

    Attributes:
        value: The secret.
    """

    value: SecretStr | PydanticSecret[T] = Field(
        default=...,
        description="The secret: text, or any JSON value.",
        examples=["open sesame", {"user": "ali", "word": "sesame"}],
        json_schema_extra={"writeOnly": True, "format": "password"},
    )

    @field_validator("value", mode="before")
    @classmethod
    def _hide(cls, value: Any) -> Any:
        """Take the value as a secret of type `T`, which plain text need not be."""
        if hasattr(value, "get_secret_value"):
            value = value.get_secret_value()
        return PydanticSecret(value)

    def get(self) -> T | str:
        """Give the secret; text that is JSON is given as what it says."""
        secret: T | str = self.value.get_secret_value()
        if not isinstance(secret, str):
            return secret
        try:
            value: T = json.loads(secret)
        except ValueError:
            return secret
        return value
