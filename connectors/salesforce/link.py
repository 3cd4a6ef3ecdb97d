"""The HTTP session the client library speaks through: it waits for no answer for ever, goes nowhere else, and notices.

Nowhere else: no redirect is followed and no `.netrc` of the machine signs in, for credentials are for the host that
was asked alone; and every address is one that credentials may go to (leadpact/endpoints.py).

What it notices: how many calls were made, how many of the day's calls the org has used, and the
moment on the server's clock.

Not here: retries and errors (client.py, faults.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from leadpact import endpoints

CONNECT, READ = 15.0, 120.0  # seconds; the server itself ends a query after 120
_USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


class Link(requests.Session):
    """A session with time limits.

    calls: requests that count against the org's daily limit. used, allowed: as the last answer
    said, null before it. now: the server's clock at the last answer, UTC without zone.
    retry_after: seconds the last answer asked to wait, null where it did not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = _as_it_is
        self.calls = 0
        self.used: int | None = None
        self.allowed: int | None = None
        self.now: datetime | None = None
        self.retry_after: float | None = None

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """As the library's, with a time limit of its own. Raises InvalidURL before anything is sent."""
        if not endpoints.allowed(str(url)):
            raise requests.exceptions.InvalidURL("not an address for credentials")
        kwargs["allow_redirects"] = False
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT, READ)
        self.retry_after = None
        if "/services/oauth2/" not in str(url):
            self.calls += 1
        response = super().request(method, url, *args, **kwargs)
        self._notice(response.headers)
        return response

    def _notice(self, headers: Mapping[str, str]) -> None:
        usage = _USAGE.search(headers.get("Sforce-Limit-Info", ""))
        if usage:
            self.used, self.allowed = int(usage[1]), int(usage[2])
        moment = moment_of(headers.get("Date"))
        self.now = moment or self.now
        wait = headers.get("Retry-After", "")
        self.retry_after = float(wait) if wait.isdecimal() else None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Signed by the client library already. Without an `auth` of its own a session would look into `.netrc`."""
    return request


def moment_of(text: str | None) -> datetime | None:
    """An HTTP date as UTC without zone; null where it is none."""
    try:
        found = parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
