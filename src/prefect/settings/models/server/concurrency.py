"""Settings of concurrency limits on the server."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerConcurrencySettings"]


class ServerConcurrencySettings(PrefectBaseSettings):
    """How slots of concurrency limits are lent."""

    model_config = build_settings_config(("server", "concurrency"))

    lease_storage: str = setting(
        "prefect.server.concurrency.lease_storage.memory", "Module that keeps the leases of slots."
    )
    initial_deployment_lease_duration: float = setting(
        300.0,
        "How long a deployment's flow run may keep its slot before it first renews it, in seconds.",
        ge=30.0,
        le=3600.0,
    )
    maximum_concurrency_slot_wait_seconds: float = setting(
        30, "Longest time that a client is told to wait for a slot, in seconds.", ge=0
    )
