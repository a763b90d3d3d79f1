"""Settings of deployments."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["DeploymentsSettings"]


class DeploymentsSettings(PrefectBaseSettings):
    """What a deployment gets when its author does not say."""

    model_config = build_settings_config(("deployments",))

    clear_schedules_on_empty: bool = setting(
        False, "Whether deploying with an empty list of schedules removes those the deployment has."
    )
    default_work_pool_name: str | None = setting(
        None,
        "Work pool of a deployment that names none.",
        aliases=("PREFECT_DEFAULT_WORK_POOL_NAME",),
    )
    default_docker_build_namespace: str | None = setting(
        None,
        "Registry and namespace that are put before the name of an image that has none.",
        aliases=("PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE",),
    )
