"""Time-ordered identifiers (UUID version 7, RFC 9562) for states, runs, logs and events.

Made by the client, so that a record has its id before the server has seen it. Two ids made by one
process in the same millisecond are ordered too: a 12-bit counter follows the time stamp.
"""

import os
import threading
import time
from collections.abc import Callable
from uuid import UUID

__all__ = ["uuid7"]

_COUNTER_LIMIT = 1 << 12  # `rand_a`, the 12 bits behind the version
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_MASK = (1 << 62) - 1

_lock = threading.Lock()
_last_ms = -1
_counter = 0


def _time_ms() -> int:
    return time.time_ns() // 1_000_000


def uuid7(ms: int | None = None, time_func: Callable[[], int] = _time_ms) -> UUID:
    """Make a time-ordered id.

    Args:
        ms: Milliseconds since the epoch to put into the id; then nothing is remembered and ids
            of the same millisecond are in no order.
        time_func: Clock that is read when `ms` is None, in milliseconds since the epoch.

    Source: RFC 9562, 5.7 and 6.2 (method 1, fixed-length dedicated counter).
    """
    random = int.from_bytes(os.urandom(10), "big")
    if ms is None:
        ms, counter = _next_tick(time_func(), start=random >> 69)
    else:
        counter = (random >> 62) & (_COUNTER_LIMIT - 1)
    time_and_counter = (ms & (1 << 48) - 1) << 80 | counter << 64
    return UUID(int=time_and_counter | _VERSION_AND_VARIANT | random & _RANDOM_MASK)


def _next_tick(now_ms: int, start: int) -> tuple[int, int]:
    """The time stamp and counter that follow the last ones, also when the clock goes back."""
    global _last_ms, _counter
    with _lock:
        if now_ms > _last_ms:
            _last_ms, _counter = now_ms, start  # 11 random bits: the top bit is left to count up
        else:
            _counter += 1
            if _counter >= _COUNTER_LIMIT:
                _last_ms, _counter = _last_ms + 1, 0
        return _last_ms, _counter
