"""When a request is sent again: two pure decisions, no clock and no socket.

`is_repeatable` says whether a request may reach the server twice; `retry_delay` says how long to
wait before the next attempt, or that there is none. The client's core asks them and its port
sleeps.

Which requests are repeatable after an answer was lost (nobody knows whether the server acted):

| request | why |
|---|---|
| GET, HEAD, OPTIONS, PUT, DELETE, PATCH | the API defines them as "make it so": twice is once |
| POST that reads (`…/filter`, `…/count`, …) | changes nothing |
| POST that upserts by a natural key (flow, deployment, task run, tag limit) | finds the first |
| POST of an event | the server drops an event id it has seen |
| POST of a flow run with an idempotency key | the server answers with the run it made |
| POST of a state | creates no object; a final state that is lost leaves a run without end |
| any other POST | not repeatable: it could make two |

What is not repeatable is still sent again when it surely was not processed: nobody listened, no
connection was free, the request could not be written out, or the server said so (408, 429, 503;
but not a 503 by which a gateway says that it lost the server's answer).
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Final

__all__ = [
    "RETRIED_STATUSES",
    "UNPROCESSED_STATUSES",
    "is_repeatable",
    "retry_after_seconds",
    "retry_delay",
]

RETRIED_STATUSES: "Final" = frozenset({408, 429, 502, 503, 504})
"""Statuses that are likely to be different next time."""

UNPROCESSED_STATUSES: "Final" = frozenset({408, 429, 503})
"""Those by which a server says that it did not do what was asked."""

MAX_DELAY_SECONDS = 30.0
"""Longest wait of our own making; `Retry-After` may ask for more."""

BUDGET_SECONDS = 300.0
"""All waits of one call together. With the default of 5 retries it is never reached; it bounds
what a large `PREFECT_CLIENT_MAX_RETRIES` or a far-off `Retry-After` can do."""

MAINTENANCE_BUDGET_SECONDS = 3600.0
"""The same while the server announces maintenance, which does not use up attempts."""

_REPEATABLE_POSTS = re.compile(
    r"""
    ( /(filter|count|paginate|history|lateness|next) $
    | /(get_scheduled_flow_runs|get_runs|concurrency_status|count-task-runs) $
    | /(average-lateness|count-by/[a-z-]+|get_upcoming|read_upcoming) $
    | ^/templates/validate$
    | ^/(flows|deployments|task_runs|block_schemas|concurrency_limits)/$
    | ^/events$
    | ^/(flow_runs|task_runs)/[^/]+/set_state$
    | ^/work_pools/[^/]+/workers/heartbeat$
    | ^/v2/concurrency_limits/leases/[^/]+/renew$
    | ^/v2/concurrency_limits/decrement-with-lease$
    )
    """,
    re.VERBOSE,
)
_KEYED_POSTS = re.compile(r"^/flow_runs/$|^/deployments/[^/]+/create_flow_run$")
_IDEMPOTENCY_KEY = re.compile(rb'"idempotency_key"\s*:\s*"')


def is_repeatable(method: str, path: str, content: "bytes | None") -> bool:
    """Decide whether a request may be sent again when its answer was lost.

    Args:
        method: Upper case.
        path: Below the API's URL, with or without a query.
        content: The body.
    """
    if method != "POST":
        return True
    path = path.partition("?")[0]
    if _REPEATABLE_POSTS.search(path):
        return True
    return bool(_KEYED_POSTS.search(path) and content and _has_key(content))


def _has_key(content: bytes) -> bool:
    """Whether a body has an idempotency key of its own, not in the parameters it carries."""
    if not _IDEMPOTENCY_KEY.search(content):
        return False
    import json

    try:
        body = json.loads(content)
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get("idempotency_key"))


def retry_delay(
    attempt: int,
    *,
    max_retries: int,
    status: "int | None" = None,
    retry_after: "float | None" = None,
    extra_statuses: "Collection[int]" = (),
    processed: bool = True,
    repeatable: bool = True,
    torn: bool = False,
    maintenance: bool = False,
    waited_seconds: float = 0.0,
    jitter_factor: float = 0.2,
    chance: float = 0.5,
) -> "float | None":
    """Decide how long to wait before sending a request again.

    Args:
        attempt: Counted attempts so far, starting at 1.
        max_retries: Further attempts allowed, by `PREFECT_CLIENT_MAX_RETRIES`.
        status: Status of the answer; None if none arrived.
        retry_after: What the server asked for, in seconds: a lower bound.
        extra_statuses: Retried besides the usual ones, by `PREFECT_CLIENT_RETRY_EXTRA_CODES`.
        processed: Whether the server may have acted on a request that got no answer.
        repeatable: Whether the request may reach the server twice, see `is_repeatable`.
        torn: Whether a gateway answers that it lost the server's answer.
        maintenance: Whether the answer announced maintenance, which uses up no attempt.
        waited_seconds: All waits of this call so far.
        jitter_factor: Largest part by which the delay is stretched or shrunk.
        chance: A random number of [0, 1) that decides how much of that.

    Returns:
        Seconds to wait, jitter included; None when the request should not be repeated.

    Source: RFC 9110, 10.2.3 (Retry-After); REST contract, "Transport facts".
    """
    if status is not None:
        if not (maintenance or status in RETRIED_STATUSES or status in extra_statuses):
            return None
        processed = torn or (status not in UNPROCESSED_STATUSES and not maintenance)
    if processed and not repeatable:
        return None
    if attempt > max_retries and not maintenance:
        return None
    delay = min(2.0 ** max(attempt, 1), MAX_DELAY_SECONDS)
    if retry_after is not None and retry_after >= 0:
        # Waiting less than the server asks for only costs it another request.
        delay = retry_after * (1 + jitter_factor * chance)
    else:
        delay *= 1 + jitter_factor * (2 * chance - 1)
    budget = MAINTENANCE_BUDGET_SECONDS if maintenance else BUDGET_SECONDS
    return delay if waited_seconds + delay <= budget else None


def retry_after_seconds(value: "str | None", now: "datetime") -> "float | None":
    """Read a `Retry-After` header.

    Args:
        value: Seconds or an HTTP date; None if the header is absent.
        now: The current time, with a time zone.

    Returns:
        Seconds from now, at least 0; None if the header is absent or says neither.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime  # only for dates, which are rare

        try:
            moment = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        if moment.tzinfo is None:  # RFC 9110: a date without a zone is UTC
            moment = moment.replace(tzinfo=now.tzinfo)
        seconds = (moment - now).total_seconds()
    if seconds != seconds or seconds == float("inf"):
        return None
    return max(seconds, 0.0)
