"""What kind of server an API URL leads to, and what is said when there is none."""

from prefect.utilities.collections import AutoEnum

__all__ = ["ServerType", "determine_server_type", "is_cloud_url", "no_api_url_error"]


class ServerType(AutoEnum):
    """The kinds of server a client can talk to."""

    EPHEMERAL = AutoEnum.auto()
    SERVER = AutoEnum.auto()
    CLOUD = AutoEnum.auto()
    UNCONFIGURED = AutoEnum.auto()


ServerType.__module__ = "prefect.client.base"  # its public home


def determine_server_type() -> ServerType:
    """Say what kind of server the current settings lead to."""
    from prefect.settings._current import group

    return server_type_of(group("api").url)


def server_type_of(api_url: "str | None") -> ServerType:
    """Say what kind of server an API URL leads to; None stands for no URL."""
    if api_url:
        return ServerType.CLOUD if is_cloud_url(api_url) else ServerType.SERVER
    from prefect.settings._current import group

    if group("server.ephemeral").enabled:
        return ServerType.EPHEMERAL
    return ServerType.UNCONFIGURED


def is_cloud_url(api_url: str) -> bool:
    """Whether an API URL belongs to Prefect Cloud."""
    from prefect.settings._current import group

    return api_url.startswith(group("cloud").api_url)


def no_api_url_error() -> RuntimeError:
    """What is raised by the first use of a client that has no address."""
    return RuntimeError(
        "There is no API to talk to: PREFECT_API_URL is not set. Set it to the address of a"
        " server, such as `export PREFECT_API_URL=http://127.0.0.1:4200/api`, or choose a"
        " profile that has it."
    )
