"""Settings of events on the server."""

from datetime import timedelta

from prefect.settings._parsing import Duration
from prefect.settings.base import PrefectBaseSettings, build_settings_config, setting

__all__ = ["ServerEventsSettings"]


class ServerEventsSettings(PrefectBaseSettings):
    """How the server receives, keeps and passes on events."""

    model_config = build_settings_config(("server", "events"))

    stream_out_enabled: bool = setting(
        True,
        "Whether clients may follow events as they come.",
        aliases=("PREFECT_API_EVENTS_STREAM_OUT_ENABLED",),
    )
    related_resource_cache_ttl: Duration = setting(
        timedelta(seconds=300),
        "How long the resources related to an emitter are remembered.",
        aliases=("PREFECT_API_EVENTS_RELATED_RESOURCE_CACHE_TTL",),
    )
    maximum_labels_per_resource: int = setting(
        500,
        "Most labels that a resource of an event may have.",
        aliases=("PREFECT_EVENTS_MAXIMUM_LABELS_PER_RESOURCE",),
    )
    maximum_related_resources: int = setting(
        100,
        "Most related resources that an event may have.",
        aliases=("PREFECT_EVENTS_MAXIMUM_RELATED_RESOURCES",),
    )
    maximum_size_bytes: int = setting(
        1_500_000,
        "Largest event, in bytes of JSON.",
        aliases=("PREFECT_EVENTS_MAXIMUM_SIZE_BYTES",),
    )
    expired_bucket_buffer: Duration = setting(
        timedelta(seconds=60),
        "How long the counts of a trigger are kept after their time is over.",
        aliases=("PREFECT_EVENTS_EXPIRED_BUCKET_BUFFER",),
    )
    proactive_granularity: Duration = setting(
        timedelta(seconds=5),
        "How often triggers that wait for the absence of events are looked at.",
        aliases=("PREFECT_EVENTS_PROACTIVE_GRANULARITY",),
    )
    retention_period: Duration = setting(
        timedelta(days=7), "How long events are kept.", aliases=("PREFECT_EVENTS_RETENTION_PERIOD",)
    )
    maximum_websocket_backfill: Duration = setting(
        timedelta(seconds=900),
        "How far into the past a client that follows events may reach.",
        aliases=("PREFECT_EVENTS_MAXIMUM_WEBSOCKET_BACKFILL",),
    )
    websocket_backfill_page_size: int = setting(
        250,
        "How many past events are read at once for such a client.",
        aliases=("PREFECT_EVENTS_WEBSOCKET_BACKFILL_PAGE_SIZE",),
        gt=0,
    )
    messaging_broker: str = setting(
        "prefect.server.utilities.messaging.memory",
        "Module that passes messages between the services of the server.",
        aliases=("PREFECT_MESSAGING_BROKER",),
    )
    messaging_cache: str = setting(
        "prefect.server.utilities.messaging.memory",
        "Module that remembers which messages have been seen.",
        aliases=("PREFECT_MESSAGING_CACHE",),
    )
    causal_ordering: str = setting(
        "prefect.server.events.ordering.memory",
        "Module that puts events in the order of their causes.",
    )
    maximum_event_name_length: int = setting(1024, "Longest name of an event, in characters.", gt=0)
