"""The settings of a Salesforce connection: how to sign in, and how gently to read.

Not here: signing in (client.py), secrets and where they come from (leadpact/settings.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadpact import endpoints
from leadpact.errors import Misconfigured

API_VERSION = "63.0"  # that of the WSDL the client library ships, so that metadata and data agree
QUOTA_SHARE = 0.5
BULK_OVER = 2_000  # rows; a page of the REST API holds as many
OVERLAP = 15  # minutes: a change carries the moment its transaction began, not that it was committed

# option names a way of signing in needs, all of them; the first complete one is used
WAYS: Mapping[str, tuple[str, ...]] = {
    "token": ("instance_url", "session_id"),
    "password": ("username", "password", "security_token"),
    "jwt": ("consumer_key", "username", "privatekey_file"),
    "client": ("consumer_key", "consumer_secret"),
}
_DOMAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


@dataclass(frozen=True)
class SalesforceSettings:
    """`login` are the arguments of the client library for the way chosen; they are never shown."""

    way: str
    login: Mapping[str, str] = field(repr=False)
    zone: ZoneInfo
    writable: bool = False
    quota_share: float = QUOTA_SHARE
    bulk_over: int = BULK_OVER
    overlap: timedelta = timedelta(minutes=OVERLAP)

    @property
    def renews(self) -> bool:
        """Whether an expired session can be replaced: an access token alone cannot be renewed."""
        return self.way != "token"


def read(settings: Mapping[str, Any]) -> SalesforceSettings:
    """The settings, validated. Raises Misconfigured, naming the setting and the remedy."""
    way = next((way for way, names in WAYS.items() if all(_given(settings, name) for name in names)), None)
    if way is None:
        raise Misconfigured("salesforce.no_way_in")
    login = {name: str(settings[name]).strip() for name in WAYS[way]}
    if way == "token":
        _https(login["instance_url"])
    else:
        login["domain"] = _domain(settings.get("domain"), way)
    return SalesforceSettings(
        way=way,
        login=login,
        zone=_zone(settings.get("timezone")),
        writable=settings.get("writable") is True,
        quota_share=_number(settings, "quota_share", QUOTA_SHARE, 0.01, 1.0),
        bulk_over=int(_number(settings, "bulk_over", BULK_OVER, 0, 100_000)),
        overlap=timedelta(minutes=_number(settings, "overlap_minutes", OVERLAP, 0, 24 * 60)),
    )


def _given(settings: Mapping[str, Any], name: str) -> bool:
    value = settings.get(name)
    # companies that trust their own addresses have no security token: an empty one is one
    return isinstance(value, str) and bool(value.strip() or name == "security_token")


def _https(url: str) -> None:
    if not endpoints.allowed(url):
        raise Misconfigured("salesforce.bad_instance_url")


def _domain(value: Any, way: str) -> str:
    domain = str(value or "login").strip().removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
    if not _DOMAIN.fullmatch(domain):
        raise Misconfigured("salesforce.bad_domain", domain=domain[:80])
    if way == "client" and domain in ("login", "test"):
        raise Misconfigured("salesforce.own_domain")
    return domain


def _zone(value: Any) -> ZoneInfo:
    name = str(value or "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misconfigured("salesforce.bad_timezone", timezone=name) from None


def _number(settings: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    value = settings.get(name, default)
    try:
        number = float(value) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError):
        number = -1.0
    if not least <= number <= most:
        raise Misconfigured("salesforce.bad_number", name=name, least=least, most=most)
    return number
