"""What went wrong, in our words: one table for everything the client library and the wire may raise.

The text of a simple-salesforce error holds the server's raw answer, which may hold records: only
its status and error codes are looked at.

Not here: how often something is tried again (client.py), outcomes of single writes (write.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers.expat import ExpatError

import requests
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceOperationError,
)
from urllib3.exceptions import HTTPError

from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable

# what may come out of a call: the library's two roots, the wire, and answers it cannot make sense of
RAISED = (
    SalesforceError, SalesforceOperationError, requests.RequestException, HTTPError, ExpatError,
    ValueError, TypeError, KeyError, IndexError, AttributeError,
)  # fmt: skip

PASSING = (429, 500, 502, 503, 504)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,79}")
_BY_CODE: Mapping[str, tuple[type[LeadPactError], str]] = {
    "REQUEST_LIMIT_EXCEEDED": (SourceRefused, "salesforce.quota_used_up"),
    "INVALID_SESSION_ID": (SourceRefused, "salesforce.session_expired"),
    "API_DISABLED_FOR_ORG": (SourceRefused, "salesforce.api_disabled"),
    "API_CURRENTLY_DISABLED": (SourceRefused, "salesforce.api_disabled"),
    "INVALID_QUERY_LOCATOR": (SourceRefused, "salesforce.page_expired"),
    "INVALID_LOCATOR": (SourceRefused, "salesforce.page_expired"),
    "QUERY_TIMEOUT": (SourceUnreachable, "salesforce.query_timeout"),
    "SERVER_UNAVAILABLE": (SourceUnreachable, "salesforce.unavailable"),
}
_BY_STATUS: Mapping[int, tuple[type[LeadPactError], str]] = {
    401: (SourceRefused, "salesforce.session_expired"),
    403: (SourceRefused, "salesforce.not_permitted"),
    429: (SourceRefused, "salesforce.too_many"),
}
# most specific first
_WIRE: tuple[tuple[type[BaseException], str], ...] = (
    (requests.exceptions.SSLError, "salesforce.no_tls"),
    (requests.exceptions.Timeout, "salesforce.timeout"),
    (requests.exceptions.JSONDecodeError, "salesforce.garbled"),
    (requests.RequestException, "salesforce.unreachable"),
    (HTTPError, "salesforce.unreachable"),
)


def codes(error: BaseException) -> tuple[str, ...]:
    """The server's error codes, where the answer had any; never any of its text."""
    if isinstance(error, SalesforceAuthenticationFailed):
        found: list[Any] = [error.code]
    else:
        content = getattr(error, "content", None)
        items = content if isinstance(content, list) else [content]
        found = [item.get("errorCode") or item.get("error") for item in items if isinstance(item, dict)]
    # a SOAP fault puts its namespace before the code
    texts = [str(code).rpartition(":")[2] for code in found if code is not None]
    return tuple(text for text in texts if _CODE.fullmatch(text))


def expired(error: BaseException) -> bool:
    """Whether the session is over: to sign in again is the remedy."""
    return isinstance(error, SalesforceExpiredSession) or "INVALID_SESSION_ID" in codes(error)


def passing(error: BaseException) -> bool:
    """Whether the same read may succeed a little later."""
    if isinstance(error, SalesforceAuthenticationFailed):
        return False
    if isinstance(error, SalesforceError):
        # too many calls at one time, other than too many a day, is over in seconds
        busy = "REQUEST_LIMIT_EXCEEDED" in codes(error) and "oncurren" in str(error.content)
        return error.status in PASSING or busy or "UNABLE_TO_LOCK_ROW" in codes(error)
    if isinstance(error, (requests.exceptions.SSLError, requests.exceptions.InvalidURL)):
        return False
    return isinstance(error, RAISED)


def translated(error: BaseException, host: str) -> LeadPactError:
    """The error as ours. `host` is the server that was asked."""
    if isinstance(error, LeadPactError):
        return error
    found = codes(error)
    code = found[0] if found else "–"
    if isinstance(error, SalesforceAuthenticationFailed):
        return SourceRefused("salesforce.sign_in_refused", host=host, code=code)
    if isinstance(error, SalesforceError):
        status = int(error.status)
        kind, key = _said(found, status)
        return kind(key, host=host, code=code, status=status)
    key = next((key for kind, key in _WIRE if isinstance(error, kind)), "salesforce.garbled")
    return SourceUnreachable(key, host=host)


def _said(found: tuple[str, ...], status: int) -> tuple[type[LeadPactError], str]:
    """What the server's codes mean, else its status; 5xx is a server that cannot, the others one that will not."""
    for code in found if status != 429 else ():  # whatever it is called: it passes
        if code in _BY_CODE:
            return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return (SourceUnreachable, "salesforce.unavailable") if status >= 500 else (SourceRefused, "salesforce.refused")
