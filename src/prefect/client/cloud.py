"""The client of Prefect Cloud's own routes: accounts, workspaces, access lists.

Flows and runs in Cloud go through the ordinary client; this one serves what only Cloud has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import httpx

from prefect.exceptions import PrefectException, PrefectHTTPStatusError

if TYPE_CHECKING:
    from typing_extensions import Self

    from prefect.client.schemas.objects import (
        IPAllowlist,
        IPAllowlistMyAccessResponse,
        Workspace,
    )

__all__ = ["PARSE_API_URL_REGEX", "CloudClient", "CloudUnauthorizedError", "get_cloud_client"]

PARSE_API_URL_REGEX = re.compile(r"accounts/([^/?#]+)/workspaces/([^/?#]+)")
"""Finds the ids of account and workspace in an API URL of Cloud."""


class CloudUnauthorizedError(PrefectException):
    """Raised when Cloud refuses the API key (401 or 403)."""


def get_cloud_client(
    host: str | None = None,
    api_key: str | None = None,
    httpx_settings: dict[str, Any] | None = None,
    infer_cloud_url: bool = False,
) -> CloudClient:
    """Make a client of Prefect Cloud.

    Args:
        host: Address of Cloud's API; None for the one of the settings.
        api_key: None for the one of the settings.
        httpx_settings: Passed on to `httpx.AsyncClient`; its `base_url` is ours.
        infer_cloud_url: Whether to take the address out of `PREFECT_API_URL`.

    Raises:
        ConfigurationError: If there is no API key.
    """
    from prefect.settings._current import group

    api = group("api")
    if api_key is None and api.key is not None:
        api_key = api.key.get_secret_value()
    if not api_key:
        from prefect.exceptions import ConfigurationError

        raise ConfigurationError(
            "Prefect Cloud needs an API key: pass `api_key`, or set PREFECT_API_KEY."
        )
    if host is None:
        host = group("cloud").api_url
        if infer_cloud_url and api.url:
            host = PARSE_API_URL_REGEX.sub("", api.url).rstrip("/")
    return CloudClient(host=str(host), api_key=api_key, httpx_settings=httpx_settings)


class CloudClient:
    """Client of the routes that only Cloud has; use it in `async with`.

    Attributes:
        account_id: Of `PREFECT_API_URL`, if that leads to a workspace of Cloud.
        workspace_id: The same.
    """

    account_id: str | None = None
    workspace_id: str | None = None

    def __init__(
        self, host: str, api_key: str, httpx_settings: dict[str, Any] | None = None
    ) -> None:
        from prefect.client.orchestration import PrefectClient
        from prefect.settings._current import group

        settings = dict(httpx_settings or {})
        base_url = settings.pop("base_url", host)
        # Cloud's routes need the same connections, retries and errors as the API's.
        self._api = PrefectClient(str(base_url), api_key=api_key, httpx_settings=settings)
        found = PARSE_API_URL_REGEX.search(group("api").url or "")
        if found:
            self.account_id, self.workspace_id = found.groups()

    @property
    def _client(self) -> httpx.AsyncClient:
        client: httpx.AsyncClient = self._api._client
        return client

    @property
    def account_base_url(self) -> str:
        """Path of the account's routes.

        Raises:
            ValueError: If `PREFECT_API_URL` names no account.
        """
        if self.account_id is None:
            raise ValueError(_NO_WORKSPACE)
        return f"accounts/{self.account_id}"

    @property
    def workspace_base_url(self) -> str:
        """Path of the workspace's routes.

        Raises:
            ValueError: If `PREFECT_API_URL` names no workspace.
        """
        if self.workspace_id is None:
            raise ValueError(_NO_WORKSPACE)
        return f"{self.account_base_url}/workspaces/{self.workspace_id}"

    async def api_healthcheck(self) -> None:
        """Check that Cloud answers and takes the key.

        Raises:
            CloudUnauthorizedError: If it refuses the key.
        """
        await self.get("/me/workspaces")

    async def read_workspaces(self) -> list[Workspace]:
        """Read the workspaces that the key may see."""
        from pydantic import TypeAdapter

        from prefect.client.schemas.objects import Workspace

        return TypeAdapter(list[Workspace]).validate_python(await self.get("/me/workspaces"))

    async def read_current_workspace(self) -> Workspace:
        """Read the workspace that `PREFECT_API_URL` names.

        Raises:
            ValueError: If it names none, or one that the key may not see.
        """
        if self.workspace_id is None:
            raise ValueError(_NO_WORKSPACE)
        for workspace in await self.read_workspaces():
            if str(workspace.workspace_id) == self.workspace_id:
                return workspace
        raise ValueError(
            f"The API key sees no workspace {self.workspace_id!r}, which PREFECT_API_URL names."
            " Check both."
        )

    async def read_worker_metadata(self) -> dict[str, Any]:
        """Read the worker types of the known packages: package → type → description."""
        found: dict[str, Any] = await self.get(
            f"{self.workspace_base_url}/collections/work_pool_types"
        )
        return found

    async def read_account_settings(self) -> dict[str, Any]:
        """Read the settings of the account."""
        found: dict[str, Any] = await self.get(f"{self.account_base_url}/settings")
        return found

    async def update_account_settings(self, settings: dict[str, Any]) -> None:
        """Change settings of the account; others stay."""
        await self.request("PATCH", f"{self.account_base_url}/settings", json=settings)

    async def read_account_ip_allowlist(self) -> IPAllowlist:
        """Read from which networks the account may be used."""
        from prefect.client.schemas.objects import IPAllowlist

        return IPAllowlist.model_validate(await self.get(f"{self.account_base_url}/ip_allowlist"))

    async def update_account_ip_allowlist(self, updated_allowlist: IPAllowlist) -> None:
        """Replace the networks from which the account may be used."""
        await self.request(
            "PUT",
            f"{self.account_base_url}/ip_allowlist",
            json=updated_allowlist.model_dump(mode="json"),
        )

    async def check_ip_allowlist_access(self) -> IPAllowlistMyAccessResponse:
        """Ask whether the account may be used from here."""
        from prefect.client.schemas.objects import IPAllowlistMyAccessResponse

        answer = await self.get(f"{self.account_base_url}/ip_allowlist/my_access")
        return IPAllowlistMyAccessResponse.model_validate(answer)

    async def __aenter__(self) -> Self:
        await self._api.__aenter__()
        return self

    async def __aexit__(self, *exc_info: Any) -> None:
        await self._api.__aexit__(*exc_info)

    def __enter__(self) -> NoReturn:
        raise RuntimeError("`CloudClient` is async: use `async with`.")

    def __exit__(self, *_: object) -> NoReturn:
        raise AssertionError("never entered")  # `__enter__` raises

    async def get(self, route: str, **kwargs: Any) -> Any:
        """Read a route; see `request`."""
        return await self.request("GET", route, **kwargs)

    async def raw_request(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        path_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> httpx.Response:
        """Send a request and return the response.

        Args:
            path: Below the host, with `{names}` for `path_params`.
            kwargs: Further arguments of `httpx.AsyncClient.request`.

        Raises:
            PrefectHTTPStatusError: For an answer outside 2xx.
        """
        if path_params:
            path = path.format(**path_params)
        return await self._client.request(method, path, params=params, **kwargs)

    async def request(self, method: str, route: str, **kwargs: Any) -> Any:
        """Send a request and return the JSON of the answer.

        Args:
            route: Below the host.
            kwargs: Further arguments of `httpx.AsyncClient.request`.

        Returns:
            What the answer's body holds; None if there is no body.

        Raises:
            CloudUnauthorizedError: If Cloud refuses the key.
            PrefectHTTPStatusError: For any other answer outside 2xx.
        """
        try:
            response = await self._client.request(method, route, **kwargs)
        except PrefectHTTPStatusError as error:
            if error.response.status_code in (401, 403):
                raise CloudUnauthorizedError(str(error)) from error
            raise
        return response.json() if response.content else None


_NO_WORKSPACE = (
    "PREFECT_API_URL names no workspace of Prefect Cloud. Set it to"
    " 'https://api.prefect.cloud/api/accounts/<account>/workspaces/<workspace>', as the workspace's"
    " page shows it."
)
