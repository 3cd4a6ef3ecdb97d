"""The settings of an Airtable connection, held to what they can be.

Not here: where settings come from (leadpact/settings.py), using them (client.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from leadpact import endpoints
from leadpact.errors import Misconfigured

AIRTABLE = "https://api.airtable.com"
_BASE = re.compile(r"app[A-Za-z0-9]{14}")


@dataclass(frozen=True)
class Settings:
    """`zone` is where dates without a time begin their day. `full_every_hours`: 0 reads everything at each sync.

    `webhooks`: a webhook of the base may be kept, which tells what changed between two syncs.
    """

    token: str = field(repr=False)
    base_id: str
    endpoint: str
    zone: ZoneInfo
    writable: bool
    full_every_hours: float
    webhooks: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).hostname or self.endpoint


def read(options: Mapping[str, Any]) -> Settings:
    """The settings. Raises Misconfigured, never with a value that may be secret."""
    token = str(options.get("token") or "").strip()
    if not token or any(char.isspace() for char in token) or not token.isascii():
        raise Misconfigured("airtable.no_token")
    base = str(options.get("base_id") or "").strip()
    if not base:
        raise Misconfigured("airtable.no_base")
    if not _BASE.fullmatch(base):
        raise Misconfigured("airtable.bad_base")
    return Settings(
        token,
        base,
        _endpoint(str(options.get("endpoint_url") or AIRTABLE)),
        _zone(str(options.get("timezone") or "UTC")),
        options.get("writable") is True,
        _hours(options.get("full_every_hours", 0)),
        options.get("webhooks") is True,
    )


def _endpoint(given: str) -> str:
    url = given.strip()
    parts = urlsplit(url) if endpoints.allowed(url, plain_on_loopback=True) else None
    if parts is None or parts.query or parts.fragment:
        raise Misconfigured("airtable.bad_endpoint")
    return url.rstrip("/")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Misconfigured("airtable.bad_timezone", timezone=name) from None


def _hours(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 24 * 7:
        raise Misconfigured("airtable.bad_full_every")
    return float(given)
