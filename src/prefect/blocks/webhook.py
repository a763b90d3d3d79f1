"""`Webhook`: a stored URL that can be called."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, SecretStr

from prefect.blocks.core import Block
from prefect.types import SecretDict
from prefect.utilities.urls import validate_restricted_url

if TYPE_CHECKING:
    from httpx import Response

__all__ = ["Webhook"]


class Webhook(Block):
    """A URL to call, with its method and headers.

    Attributes:
        method: The method of the requests.
        url: Where they go; may hold a token, so it is kept secret.
        headers: Their headers.
        allow_private_urls: Whether the URL may lead into a private network.
        verify: Whether the server's TLS certificate is checked.
    """

    _block_type_name = "Webhook"

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="POST", description="The method of the requests."
    )
    url: SecretStr = Field(
        default=...,
        description="Where the requests go.",
        examples=["https://builds.example/hooks/42"],
    )
    headers: SecretDict = Field(
        default_factory=lambda: SecretDict({}),
        description="Headers of the requests.",
    )
    allow_private_urls: bool = Field(
        default=True, description="Whether the URL may lead into a private network."
    )
    verify: bool = Field(
        default=True, description="Whether the server's TLS certificate is checked."
    )

    async def call(self, payload: "dict[str, Any] | str | None" = None) -> "Response":
        """Call the URL.

        Args:
            payload: A mapping is sent as JSON, text as it is.

        Returns:
            The answer, whatever its status.

        Raises:
            ValueError: If the URL leads into a private network and may not.
        """
        import httpx  # heavy: describing a webhook needs no client

        url = self.url.get_secret_value()
        transport: httpx.AsyncBaseTransport | None = None
        if not self.allow_private_urls:
            from prefect.utilities.urls import SSRFProtectedAsyncHTTPTransport  # loads httpx

            validate_restricted_url(url)
            transport = SSRFProtectedAsyncHTTPTransport(verify=self.verify)
        body: dict[str, Any] = {"json": payload}
        if isinstance(payload, str):
            body = {"content": payload}
        async with httpx.AsyncClient(transport=transport, verify=self.verify) as client:
            return await client.request(
                self.method, url, headers=self.headers.get_secret_value(), **body
            )
