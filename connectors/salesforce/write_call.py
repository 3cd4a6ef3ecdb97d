"""One call that changes something, and what is certain about it afterwards.

A write is sent again only when Salesforce certainly refused it: too many requests, unavailable
by its own word, or no connection was made. Where the answer did not arrive, or cannot be read,
nobody knows what happened; the call is not repeated.

Not here: which records travel together (write.py), errors of reading (faults.py).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError
from urllib3.exceptions import NewConnectionError

from connectors.salesforce import faults
from connectors.salesforce.client import Client
from leadpact.errors import LeadPactError

ROWS = 200
PATH = "composite/sobjects"
# without it an update of a lead runs the assignment rules, which change its owner
HEADERS = {"Sforce-Auto-Assign": "FALSE"}
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,79}")
TRIES, FIRST_PAUSE, LONGEST_PAUSE = 4, 1.0, 60.0


@dataclass(frozen=True)
class Refused:
    """Why one record was refused: Salesforce's code, and the fields it names. Its message may quote the record."""

    code: str
    fields: tuple[str, ...] = ()


class CallRefused(Exception):
    """The call as a whole was certainly refused; none of its records changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotSent(Exception):
    """Nothing was written, and nothing will be for now: `error` says why, in our words."""

    def __init__(self, error: LeadPactError) -> None:
        super().__init__(error.key)
        self.error = error


class Unanswered(Exception):
    """The call may have been done, or not."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def send(client: Client, records: Sequence[Mapping[str, Any]]) -> list[Refused | None]:
    """What became of each record, in order: null is written. Raises CallRefused, NotSent, Unanswered."""
    document = {"allOrNone": False, "records": list(records)}
    answer = certain(client, lambda it: it.restful(PATH, method="PATCH", json=document, headers=HEADERS))
    if not isinstance(answer, list) or len(answer) != len(records):
        raise Unanswered("ANSWER_UNREADABLE")
    return [_told(one) for one in answer]


def certain(client: Client, ask: Callable[[Any], Any]) -> Any:
    """What a call answers that changes something; sent again only where it was certainly refused.

    Raises CallRefused, NotSent, Unanswered.
    """
    pause, attempt = FIRST_PAUSE, 1
    while True:
        met: list[BaseException] = []
        try:
            return client.call(partial(_watched, ask, met), tries=1)
        except LeadPactError as error:
            again = _certainty(met[-1] if met else None)
            if attempt == TRIES or not again:
                raise NotSent(error) from None
        client.sleep(min(client.link.retry_after or pause, LONGEST_PAUSE))
        attempt, pause = attempt + 1, pause * 2


def _watched(ask: Callable[[Any], Any], met: list[BaseException], salesforce: Any) -> Any:
    try:
        return ask(salesforce)
    except faults.RAISED as error:
        met.append(error)
        raise


def _certainty(met: BaseException | None) -> bool:
    """Whether a call that failed may be sent again; it then certainly changed nothing.

    False: it changed nothing either, and would be refused again. Raises Unanswered where nobody
    knows, CallRefused where these records are the reason.
    """
    if met is None or isinstance(met, SalesforceAuthenticationFailed):
        return False  # the share of the day's calls is used, or nobody could sign in
    if isinstance(met, SalesforceError):
        found = faults.codes(met)
        if met.status == 429 or (met.status == 503 and found):
            return True
        if met.status in (401, 403):
            return faults.passing(met)
        if 400 <= met.status < 500:
            raise CallRefused(found[0] if found else f"HTTP_{met.status}")
        raise Unanswered(f"HTTP_{met.status}")
    if _not_connected(met):
        return not _untrusted(met)
    timed_out = isinstance(met, requests.exceptions.Timeout)
    readable = isinstance(met, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError)
    raise Unanswered("TIMEOUT" if timed_out else "LINK_CUT" if readable else "ANSWER_UNREADABLE")


def _not_connected(error: BaseException) -> bool:
    """Whether no connection was made, so that nothing can have been sent."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    return any(isinstance(one, NewConnectionError | ssl.SSLCertVerificationError) for one in _behind(error))


def _untrusted(error: BaseException) -> bool:
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in _behind(error))


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those it was made from: causes, contexts, what urllib3 and requests carry along."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    yield from seen


def _told(answer: Any) -> Refused | None:
    """One record's outcome. Raises Unanswered for what is none."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("success"), bool):
        raise Unanswered("ANSWER_UNREADABLE")
    if answer["success"]:
        return None
    errors = [one for one in answer.get("errors") or () if isinstance(one, Mapping)]
    code = str(errors[0].get("statusCode") or "UNKNOWN_EXCEPTION") if errors else "UNKNOWN_EXCEPTION"
    # a code is a name; anything else could be somebody's text
    return Refused(
        code if _CODE.fullmatch(code) else "UNKNOWN_EXCEPTION",
        tuple(str(name) for one in errors for name in one.get("fields") or ()),
    )
