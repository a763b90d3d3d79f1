"""Keep secrets out of log records.

`ObfuscateApiKeyFilter` sits on every logger that `get_logger` gives out.
"""

from __future__ import annotations

import logging
import os
from threading import local

from prefect.utilities.names import obfuscate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["ObfuscateApiKeyFilter", "redact_substr"]

_reading = local()
"""Set in a thread that is reading the settings for a filter: that may log, and must not loop."""


def redact_substr(obj: Any, substr: str) -> Any:
    """Hide a secret text wherever it occurs in a value.

    Args:
        obj: Text, bytes, or mappings, lists, tuples and sets of those, nested; other values come
            back as they are.
        substr: The secret; nothing changes when it is empty.

    Returns:
        A value of the same kinds; the same object when the secret does not occur.
    """
    return _redact(obj, substr) if substr else obj


def _redact(obj: Any, secret: str) -> Any:
    if isinstance(obj, str):
        return obj.replace(secret, obfuscate(secret)) if secret in obj else obj
    if isinstance(obj, bytes):
        encoded = secret.encode()
        return obj.replace(encoded, obfuscate(secret).encode()) if encoded in obj else obj
    if type(obj) in (list, tuple, set, frozenset):
        items = [_redact(item, secret) for item in obj]
        changed = any(new is not old for new, old in zip(items, obj, strict=True))
        return type(obj)(items) if changed else obj
    if type(obj) is dict:
        pairs = [(_redact(key, secret), _redact(value, secret)) for key, value in obj.items()]
        changed = any(
            new_key is not key or new is not old
            for (new_key, new), (key, old) in zip(pairs, obj.items(), strict=True)
        )
        return dict(pairs) if changed else obj
    return obj


class ObfuscateApiKeyFilter(logging.Filter):
    """Hide the API key in a record's message and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Hide the key; lets every record pass."""
        key = _api_key()
        if key:
            record.msg = _redact(record.msg, key)
            if record.args:
                record.args = _redact(record.args, key)
        return True


def _api_key() -> str | None:
    """Give the API key in use; the environment's when the settings cannot be read now."""
    if getattr(_reading, "active", False):
        return os.environ.get("PREFECT_API_KEY")
    _reading.active = True
    try:
        from prefect.settings._current import group  # heavy: only when a record is made

        key = group("api").key
    except Exception:  # a boundary: logging must work while the settings are wrong
        return os.environ.get("PREFECT_API_KEY")
    finally:
        _reading.active = False
    return None if key is None else str(key.get_secret_value())
