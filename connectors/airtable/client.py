"""The call: pyairtable's, at our pace, with our retries, and without its exceptions.

A read is asked again after a 429, a 5xx, a dead link or a broken answer. A write is asked again
only when Airtable certainly did not do it: after a 429, or when it was never sent.

Not here: pace (limiter.py), what errors are called (faults.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pyairtable
import requests
from pyairtable.api.table import Table
from requests.auth import AuthBase

from connectors.airtable.faults import Refused, Unanswered, refusal_type
from connectors.airtable.limiter import Limiter, Limiters
from connectors.airtable.settings import Settings

TIMEOUT = (10, 60)
TRIES = 4
BACKOFF = 1.0  # seconds before the second try; twice as long before each further one
_DOWN = (500, 502, 503, 504)


@dataclass(frozen=True)
class Answer:
    """What came back, read as JSON; null for an empty body."""

    content: Any


class _Bearer(AuthBase):
    """Signs each request. Said as `auth`, it is not overruled by a .netrc of the machine."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Session(requests.Session):
    """A session whose requests wait for their place, are tried again, and end in an Answer or an error of ours."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    def request(self, method: str, url: str, **more: Any) -> Any:  # type: ignore[override]
        # a redirect is not followed: the token is for this host alone
        more = {**more, "allow_redirects": False}
        return self._client.ask(method, str(url), lambda: super(_Session, self).request(method, url, **more))


class _Api(pyairtable.Api):
    def _process_response(self, response: Any) -> Any:
        return response.content


class Client:
    """One connection's calls. `calls` counts them; `server_time` is Airtable's clock at the last answer (UTC)."""

    def __init__(self, settings: Settings, limiters: Limiters) -> None:
        self.settings, self._limiters = settings, limiters
        self._of_base: Limiter = limiters.of_base(settings.endpoint, settings.base_id)
        self._of_token: Limiter = limiters.of_token(settings.endpoint, settings.token)
        self._lock = threading.Lock()
        self.calls = 0
        self.server_time: datetime | None = None
        self.timeout: tuple[float, float] = TIMEOUT
        self.api = _Api(
            settings.token, endpoint_url=settings.endpoint, retry_strategy=None, use_field_ids=True, timeout=TIMEOUT
        )
        self.api.session = _Session(self)
        self.api.session.auth = _Bearer(settings.token)
        self.base = self.api.base(settings.base_id)

    def table(self, table_id: str) -> Table:
        """pyairtable's table; its reads and writes go through `ask`. Errors: Refused, Unanswered."""
        return self.base.table(table_id)

    def ask(self, method: str, url: str, send: Callable[[], requests.Response]) -> Answer:
        """One call, as often as it may be sent. Raises Refused or Unanswered."""
        reads = method.upper() == "GET" or url.split("?", maxsplit=1)[0].endswith("/listRecords")
        for turn in range(TRIES):
            last = turn == TRIES - 1
            try:
                return self._once(f"/{self.settings.base_id}" in url, send)
            except Refused as refused:
                again = refused.status == 429 and not refused.type.startswith("PUBLIC_API_BILLING")
                if refused.status == 429 and again:
                    self._of_base.penalise()
                elif reads and refused.status in _DOWN:
                    again = True
                if last or not again:
                    raise
            except Unanswered as silence:
                if last or (silence.sent and not reads):
                    raise
            self._limiters.sleep(BACKOFF * 2**turn)
        raise Unanswered(sent=False)  # not reached: the last turn returns or raises

    def _once(self, of_base: bool, send: Callable[[], requests.Response]) -> Answer:
        with self._lock:
            self.calls += 1
        if not of_base:
            with self._of_token.place():
                return self._answer(send)
        # the base first: who waits for a busy base must not hold a place of the token meanwhile
        with self._of_base.place(), self._of_token.place():
            return self._answer(send)

    def _answer(self, send: Callable[[], requests.Response]) -> Answer:
        try:
            response = send()
        except (requests.exceptions.ConnectTimeout, requests.exceptions.InvalidSchema) as error:
            raise Unanswered(sent=False) from error.__cause__
        except requests.RequestException as error:
            raise Unanswered(sent=not _never_sent(error)) from None
        self._note_time(response)
        try:
            content = response.json() if response.content else None
        except ValueError:
            if response.ok:
                raise Unanswered(sent=True) from None
            content = None
        if not 200 <= response.status_code < 300:
            raise Refused(response.status_code, refusal_type(content))
        return Answer(content)

    def _note_time(self, response: requests.Response) -> None:
        try:
            at = parsedate_to_datetime(response.headers["Date"])
        except (KeyError, ValueError, TypeError):
            return
        self.server_time = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _never_sent(error: requests.RequestException) -> bool:
    """Whether no connection was ever made: then nothing can have been done."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
