"""Settings of deployments on the server."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerDeploymentsSettings"]


class ServerDeploymentsSettings(PrefectBaseSettings):
    """How the server starts flow runs of deployments."""

    model_config = build_settings_config(("server", "deployments"))

    concurrency_slot_wait_seconds: float = setting(
        30.0,
        "How long a flow run waits for a slot of its deployment before it asks again, in seconds.",
        aliases=("PREFECT_DEPLOYMENT_CONCURRENCY_SLOT_WAIT_SECONDS",),
        ge=0.0,
    )
