"""Settings of the graph of a flow run."""

from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerFlowRunGraphSettings"]


class ServerFlowRunGraphSettings(PrefectBaseSettings):
    """How large the graph of a flow run may get."""

    model_config = build_settings_config(("server", "flow_run_graph"))

    max_nodes: int = setting(
        10_000,
        "Most task and flow runs in a graph.",
        aliases=("PREFECT_API_MAX_FLOW_RUN_GRAPH_NODES",),
    )
    max_artifacts: int = setting(
        10_000, "Most artifacts in a graph.", aliases=("PREFECT_API_MAX_FLOW_RUN_GRAPH_ARTIFACTS",)
    )
