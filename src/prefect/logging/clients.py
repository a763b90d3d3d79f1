"""Listening to logs as they reach the server.

`PrefectLogsSubscriber` iterates over the live stream `/logs/out`. A server publishes it only when
both PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED and PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED are
on, which is not the default, and keeps nothing for those who come late. To follow a run's logs
completely and in order, with or without the stream, use `prefect.client._log_follower`.
"""

from typing import TYPE_CHECKING, Any

from prefect.client._feeds import Feed, SeenIds
from prefect.events.clients import _cloud_connection, _connection, http_to_ws
from prefect.logging.loggers import get_logger

if TYPE_CHECKING:
    from prefect.client.schemas.filters import LogFilter
    from prefect.client.schemas.objects import Log

__all__ = [
    "SEEN_LOGS_SIZE",
    "SEEN_LOGS_TTL",
    "PrefectCloudLogsSubscriber",
    "PrefectLogsSubscriber",
    "get_logs_subscriber",
    "http_to_ws",
    "logs_out_socket_from_api_url",
]

SEEN_LOGS_SIZE = 500_000
"""Most log ids a subscriber remembers."""

SEEN_LOGS_TTL = 120
"""Seconds a log id is remembered at least."""

_logger = get_logger(__name__)


def logs_out_socket_from_api_url(url: str) -> str:
    """The WebSocket that hands logs out."""
    return http_to_ws(url) + "/logs/out"


def get_logs_subscriber(
    filter: "LogFilter | None" = None,
    reconnection_attempts: int = 10,
    reconnect_on_clean_close: bool = False,
) -> "PrefectLogsSubscriber":
    """Make the subscriber that the settings ask for: Cloud or a server.

    Args:
        filter: Which logs; None means all from now on.
        reconnection_attempts: Failures in a row after which the iteration raises.
        reconnect_on_clean_close: Whether to go on when the server ends the stream properly.

    Raises:
        ValueError: If PREFECT_API_URL is not set.
    """
    from prefect.events.worker import emit_events_to_cloud

    kind = PrefectCloudLogsSubscriber if emit_events_to_cloud() else PrefectLogsSubscriber
    return kind(
        filter=filter,
        reconnection_attempts=reconnection_attempts,
        reconnect_on_clean_close=reconnect_on_clean_close,
    )


class PrefectLogsSubscriber(Feed["Log"]):
    """Iterates over the logs that match a filter, each as soon as the server has it.

    Live only: logs that arrive while the connection is down are not repeated.
    """

    path = "/logs/out"

    def __init__(
        self,
        api_url: "str | None" = None,
        filter: "LogFilter | None" = None,
        reconnection_attempts: int = 10,
        reconnect_on_clean_close: bool = False,
    ) -> None:
        super().__init__(
            _connection(api_url, type(self).__name__),
            reconnection_attempts=reconnection_attempts,
            reconnect_on_clean_close=reconnect_on_clean_close,
        )
        self._listen(filter)

    def _listen(self, filter: "LogFilter | None") -> None:
        from datetime import datetime, timedelta, timezone

        from prefect.client.schemas.filters import LogFilter, LogFilterTimestamp  # heavy

        filter = LogFilter() if filter is None else filter
        if filter.timestamp is None:
            now = datetime.now(timezone.utc)
            window = {"after_": now - timedelta(minutes=1), "before_": now + timedelta(days=365)}
            timestamp = LogFilterTimestamp.model_validate(window)
            filter = filter.model_copy(update={"timestamp": timestamp})
        self._filter = filter
        self._seen = SeenIds(SEEN_LOGS_SIZE, SEEN_LOGS_TTL)

    def _request(self) -> str:
        return f'{{"type":"filter","filter":{self._filter.model_dump_json(exclude_none=True)}}}'

    def _item(self, message: "str | bytes") -> "Log | None":
        import json

        from pydantic import ValidationError  # heavy

        from prefect.client.schemas.objects import Log

        try:
            frame: Any = json.loads(message)
            if not isinstance(frame, dict) or frame.get("type") != "log":
                return None  # a kind of message newer than we are
            log = Log.model_validate(frame.get("log"))
        except (ValueError, ValidationError) as error:
            _logger.warning("Left out a malformed message on %s: %s", self.path, error)
            return None
        return log if self._seen.add(log.id, log.timestamp.timestamp()) else None


class PrefectCloudLogsSubscriber(PrefectLogsSubscriber):
    """Iterates over the logs of a Prefect Cloud workspace.

    Raises:
        ValueError: If the address or the key is neither given nor set.
    """

    def __init__(
        self,
        api_url: "str | None" = None,
        api_key: "str | None" = None,
        filter: "LogFilter | None" = None,
        reconnection_attempts: int = 10,
        reconnect_on_clean_close: bool = False,
    ) -> None:
        Feed.__init__(
            self,
            _cloud_connection(api_url, api_key, type(self).__name__),
            reconnection_attempts=reconnection_attempts,
            reconnect_on_clean_close=reconnect_on_clean_close,
        )
        self._listen(filter)
