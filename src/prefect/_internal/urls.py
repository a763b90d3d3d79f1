"""Credentials in URLs, taken out before a URL is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["strip_auth_from_url", "strip_auth_from_urls_in_text"]

_USER_INFO = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<auth>[^\s/?#'\"<>]*)@")
_MASK = "***"


def _without_auth(match: re.Match[str]) -> str:
    # In ssh://git@host the user name is part of the address, and no secret.
    keep = match["scheme"].startswith(("ssh", "git+ssh")) and ":" not in match["auth"]
    return match[0] if keep else match["scheme"]


def strip_auth_from_url(url: str) -> str:
    """Give a URL without user name and password."""
    return _USER_INFO.sub(_without_auth, url, count=1)


def strip_auth_from_urls_in_text(text: str, extra_secrets: Iterable[str] | None = None) -> str:
    """Take user names and passwords out of all URLs in a text.

    Args:
        text: The text, the output of git for example.
        extra_secrets: Further texts to hide, wherever they stand; empty ones are ignored.
    """
    clean = _USER_INFO.sub(_without_auth, text)
    # The longest first: one may be part of another.
    for secret in sorted(filter(None, extra_secrets or ()), key=len, reverse=True):
        clean = clean.replace(secret, _MASK)
    return clean
