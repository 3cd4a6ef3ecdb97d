"""A thin client over simple-salesforce: signed in when first used, patient, and within its share.

Reads are tried again with growing pauses; a session that expired is replaced where the way of
signing in allows. Before every call the share of the day's calls is looked at.

Not here: what is asked (schema.py, fetch.py), what errors mean (faults.py).
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.util import call_salesforce

from connectors.salesforce import faults
from connectors.salesforce.link import Link
from connectors.salesforce.settings import API_VERSION, SalesforceSettings
from leadpact.errors import Misconfigured, SourceRefused, SourceUnreachable

TRIES = 6
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
T = TypeVar("T")


class Client:
    """One org, as one connection sees it. Nothing is called before the first question."""

    def __init__(
        self, settings: SalesforceSettings, *, sleep: Callable[[float], None], monotonic: Callable[[], float]
    ) -> None:
        self.settings, self.sleep, self.monotonic = settings, sleep, monotonic
        self.link = Link()
        self._salesforce: Salesforce | None = None
        self._lock = threading.RLock()

    @property
    def calls(self) -> int:
        """Calls made so far that count against the org's daily limit."""
        return self.link.calls

    @property
    def now(self) -> datetime | None:
        """The server's clock at its last answer, UTC without zone; null before the first."""
        return self.link.now

    @property
    def host(self) -> str:
        """The server, as far as it is known without asking anybody."""
        if self._salesforce is not None:
            return str(self._salesforce.sf_instance)
        login = self.settings.login
        return login.get("instance_url", f"{login.get('domain', 'login')}.salesforce.com").split("//")[-1].strip("/")

    @property
    def salesforce(self) -> Salesforce:
        """The library's own client, signed in. Raises what `call` raises."""
        return self.call(lambda salesforce: salesforce)

    # -- questions: tried again, they change nothing -----------------------------------------

    def get(self, path: str, **params: Any) -> Any:
        """The answer below `/services/data/vNN.0/`. Raises SourceRefused, SourceUnreachable."""
        return self.call(lambda salesforce: salesforce.restful(path, params=params or None))

    def post(self, path: str, document: Mapping[str, Any]) -> Any:
        """As `get`, for questions that are posted (query jobs)."""
        return self.call(lambda salesforce: salesforce.restful(path, method="POST", json=document))

    def query(self, soql: str, *, deleted: bool = False) -> dict[str, Any]:
        """The first page: totalSize, records, done, nextRecordsUrl."""
        found: dict[str, Any] = self.call(lambda salesforce: salesforce.query(soql, include_deleted=deleted))
        return found

    def more(self, url: str) -> dict[str, Any]:
        """The page at a `nextRecordsUrl`, which is a path: put behind the host it must not become another one."""
        if not url.startswith("/"):
            raise SourceUnreachable("salesforce.garbled", host=self.host)
        found: dict[str, Any] = self.call(lambda salesforce: salesforce.query_more(url, identifier_is_url=True))
        return found

    def read(self, path: str, params: Mapping[str, Any], take: Callable[[requests.Response], T]) -> T:
        """What `take` makes of a streamed answer; asked for again as a whole when it breaks off."""

        def ask(salesforce: Salesforce) -> T:
            headers = {**salesforce.headers, "Accept": "text/csv"}
            url = f"{salesforce.base_url}{path}"
            with call_salesforce(url, "GET", self.link, headers, params=params, stream=True) as response:
                return take(response)

        return self.call(ask)

    # -- every call ---------------------------------------------------------------------------

    def call(self, ask: Callable[[Salesforce], T], *, tries: int = TRIES) -> T:
        """What `ask` returns, asked up to `tries` times where the fault may pass.

        Raises SourceRefused, SourceUnreachable, Misconfigured. With `tries=1` nothing is sent
        twice, apart from what a server refused because the session was over.
        """
        renewed, pause = False, FIRST_PAUSE
        attempt = 1
        while True:
            self.within_share()
            try:
                return ask(self._signed_in())
            except faults.RAISED as error:
                if faults.expired(error) and self.settings.renews and not renewed:
                    renewed, self._salesforce = True, None
                    continue
                if attempt >= tries or not faults.passing(error):
                    raise faults.translated(error, self.host) from None
            self.sleep(min(self.link.retry_after or pause, LONGEST_PAUSE))
            attempt, pause = attempt + 1, pause * 2

    def within_share(self) -> None:
        """Raises SourceRefused when one more call would pass this connection's share of the day's calls."""
        used, allowed, share = self.link.used, self.link.allowed, self.settings.quota_share
        if used is not None and allowed is not None and used + 1 > allowed * share:
            percent = round(share * 100)
            raise SourceRefused("salesforce.quota_share", used=used, allowed=allowed, share=percent)

    def _signed_in(self) -> Salesforce:
        with self._lock:
            if self._salesforce is None:
                self._salesforce = self._sign_in()
            return self._salesforce

    def _sign_in(self) -> Salesforce:
        login: dict[str, Any] = dict(self.settings.login)
        key = login.get("privatekey_file")
        with _quietly():
            try:
                return Salesforce(**login, version=API_VERSION, session=self.link)
            except OSError as error:
                if isinstance(error, requests.RequestException):
                    raise
                raise Misconfigured("salesforce.no_private_key", path=str(key)) from None
            except ValueError as error:
                if key is None or isinstance(error, requests.RequestException):
                    raise
                raise Misconfigured("salesforce.bad_private_key", path=str(key)) from None


@contextmanager
def _quietly() -> Iterator[None]:
    """The library warns with the consumer key in its text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
