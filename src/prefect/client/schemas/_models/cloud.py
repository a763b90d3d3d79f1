"""What only Prefect Cloud has: workspaces and lists of allowed addresses."""

from uuid import UUID

from pydantic import IPvAnyNetwork

from prefect._internal.schemas.bases import PrefectBaseModel, publish

__all__ = ["IPAllowlist", "IPAllowlistEntry", "IPAllowlistMyAccessResponse", "Workspace"]


class Workspace(PrefectBaseModel):
    """A workspace of an account."""

    account_id: UUID
    account_name: str
    account_handle: str
    workspace_id: UUID
    workspace_name: str
    workspace_description: str
    workspace_handle: str

    @property
    def handle(self) -> str:
        """`account/workspace`, as commands take it."""
        return f"{self.account_handle}/{self.workspace_handle}"

    def api_url(self) -> str:
        """The workspace's API, without a trailing slash."""
        from prefect.settings._current import group  # read when used, like every setting

        base = group("cloud").api_url
        return f"{base}/accounts/{self.account_id}/workspaces/{self.workspace_id}"

    def ui_url(self) -> str:
        """The workspace's pages, without a trailing slash."""
        from prefect.settings._current import group  # read when used, like every setting

        base = group("cloud").ui_url
        return f"{base}/account/{self.account_id}/workspace/{self.workspace_id}"

    def __hash__(self) -> int:
        return hash(self.handle)


class IPAllowlistEntry(PrefectBaseModel):
    """Addresses that may reach the account."""

    ip_network: IPvAnyNetwork
    enabled: bool
    description: str | None = None
    last_seen: str | None = None


class IPAllowlist(PrefectBaseModel):
    """All addresses that may reach the account."""

    entries: list[IPAllowlistEntry]


class IPAllowlistMyAccessResponse(PrefectBaseModel):
    """Whether the caller's own address may reach the account."""

    allowed: bool
    detail: str


publish(
    "prefect.client.schemas.objects",
    Workspace,
    IPAllowlistEntry,
    IPAllowlist,
    IPAllowlistMyAccessResponse,
)
