"""Hashes that are the same in every process, for cache keys and checksums.

The results are part of the contract: cache keys and block checksums must agree with those that
other versions stored. md5 is only used to tell things apart, never to protect them.
"""

from __future__ import annotations

import hashlib
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["file_hash", "hash_objects", "stable_hash"]

# Allowed on machines in FIPS mode, because it does not serve security.
_md5 = partial(hashlib.md5, usedforsecurity=False)


def stable_hash(*args: str | bytes, hash_algo: Callable[..., Any] = _md5) -> str:
    """Hash texts and bytes, one after the other.

    Args:
        *args: What to hash; text counts as its UTF-8 bytes. Only the concatenation matters.
        hash_algo: A constructor of `hashlib`.

    Returns:
        The hash, in hexadecimal digits.
    """
    state = hash_algo()
    for arg in args:
        state.update(arg.encode() if isinstance(arg, str) else arg)
    return str(state.hexdigest())


def file_hash(path: str, hash_algo: Callable[..., Any] = _md5) -> str:
    """Hash the content of a file.

    Args:
        path: The file.
        hash_algo: A constructor of `hashlib`.

    Returns:
        The hash, in hexadecimal digits.
    """
    state = hash_algo()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):  # 1 MiB: large files must not fill the memory
            state.update(block)
    return str(state.hexdigest())


def hash_objects(
    *args: Any,
    hash_algo: Callable[..., Any] = _md5,
    raise_on_failure: bool = False,
    **kwargs: Any,
) -> str | None:
    """Hash any values: as JSON with sorted keys, else as a cloudpickle.

    Args:
        *args: Values; their order matters.
        hash_algo: A constructor of `hashlib`.
        raise_on_failure: Whether to raise when the values have neither form.
        **kwargs: Values with names; their order does not matter.

    Returns:
        The hash, in hexadecimal digits; None when the values have neither form.

    Raises:
        HashError: With `raise_on_failure`, in that case.

    Source: orchestration contract, section 11.
    """
    import json  # heavy: as is what follows, and often not needed in the process

    from prefect.utilities._json import encode_tagged

    try:
        text = json.dumps((args, kwargs), default=encode_tagged, sort_keys=True)
        return stable_hash(text, hash_algo=hash_algo)
    except Exception as error:  # a boundary: whatever the values' own code raises
        json_error = error
    import cloudpickle

    try:
        return stable_hash(cloudpickle.dumps((args, kwargs)), hash_algo=hash_algo)
    except Exception as pickle_error:  # likewise
        if not raise_on_failure:
            return None
        from prefect.exceptions import HashError

        raise HashError(
            "These values have no hash, because they can be written neither as JSON"
            f" ({json_error}) nor as a pickle ({pickle_error})"
        ) from pickle_error
