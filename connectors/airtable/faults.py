"""What goes wrong with Airtable, and how it is said: one table, most specific first.

Airtable's own message may quote a record, so only the status and the type of a refusal are kept.

Not here: the call (client.py), refusals of single records (write.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from leadpact.errors import LeadPactError, SourceRefused, SourceUnreachable

_TYPE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")


class Refused(Exception):
    """Airtable answered, and said no: nothing was done. `type` is its word for why, `` where it gave none."""

    def __init__(self, status: int, type: str) -> None:
        super().__init__(f"{status} {type}")
        self.status, self.type = status, type


class Unanswered(Exception):
    """No usable answer came. `sent`: the request may have reached Airtable, and may have been done."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("no answer")
        self.sent = sent


# status (null: any), type (null: any) -> key
TABLE: tuple[tuple[int | None, str | None, str], ...] = (
    (None, "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "airtable.quota"),
    (None, "LIST_RECORDS_ITERATOR_NOT_AVAILABLE", "airtable.listing_expired"),
    (None, "UNKNOWN_FIELD_NAME", "airtable.field_gone_meanwhile"),
    (None, "INVALID_FILTER_BY_FORMULA", "airtable.field_gone_meanwhile"),
    (401, None, "airtable.bad_token"),
    (403, None, "airtable.not_permitted"),
    (404, None, "airtable.not_found"),
    (429, None, "airtable.too_fast"),
)


def refusal_type(body: Any) -> str:
    """Airtable's word for a refusal, in any of the forms it comes in; `` where there is none."""
    found = body.get("error", body.get("errors")) if isinstance(body, dict) else None
    while isinstance(found, (list, dict)) and found:
        found = found[0] if isinstance(found, list) else found.get("type", found.get("error"))
    return found if isinstance(found, str) and _TYPE.fullmatch(found) else ""


def as_ours(error: Refused | Unanswered, host: str, what: str) -> LeadPactError:
    """The error to raise. `what` names the base or table asked for, as the user knows it."""
    if isinstance(error, Unanswered):
        return SourceUnreachable("airtable.unreachable", host=host)
    if error.status >= 500:
        return SourceUnreachable("airtable.down", host=host, status=error.status)
    for status, type, key in TABLE:
        if status in (None, error.status) and type in (None, error.type):
            return SourceRefused(key, what=what, status=error.status)
    return SourceRefused("airtable.refused", what=what, status=error.status, type=error.type or "–")


@contextmanager
def translated(host: str, what: str) -> Iterator[None]:
    """Airtable's refusals and silences inside become ours."""
    try:
        yield
    except (Refused, Unanswered) as error:
        raise as_ours(error, host, what) from None
