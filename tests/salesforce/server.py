"""One org behind https on a loopback port, threaded, up in milliseconds.

Not here: the sockets (sockets.py), what is answered (answers.py has the routes' seam), what goes wrong (faults.py).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.salesforce import bulk, collections, login, metadata_soap, rest  # registers their routes
from tests.salesforce.access import MY_DOMAIN, SANDBOX_DOMAIN, Access
from tests.salesforce.answers import Answer, Refusal, Request, find
from tests.salesforce.faults import Faults
from tests.salesforce.org import Org
from tests.salesforce.sockets import Http, certificate, close

assert bulk and rest and collections and metadata_soap


@dataclass
class Logged:
    """One request; its status is 0 while it is not answered, and for ever if it is cut."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    status: int = 0


class Server:
    """`with Server(org) as server:` answers at `server.url` until the block ends.

    `page_rows` are the rows of a query page, `bulk_rows` the most of a Bulk page; `bulk_polls` is how often a
    job is asked for before it is complete; `api_allowed` the requests a day, `api_used` those so far.
    """

    def __init__(self, org: Org, *, page_rows: int = 2_000, bulk_rows: int = 50_000, bulk_polls: int = 1) -> None:
        self.org, self.sandbox = org, bool(org.get("Organization", org.id)["IsSandbox"])
        self.domain = SANDBOX_DOMAIN if self.sandbox else MY_DOMAIN
        self.access = Access(org.admin, org.id)
        self.page_rows, self.bulk_rows, self.bulk_polls = page_rows, bulk_rows, bulk_polls
        self.api_used, self.api_allowed = 0, 100_000
        self.bulk_rate: float | None = None  # bytes a second of a Bulk result; null as fast as it goes
        self.gzip = True  # the real one compresses for whoever accepts it
        self.faults, self.requests = Faults(), list[Logged]()
        self.locators: dict[str, Any] = {}
        self.jobs = bulk.Jobs(self)
        self.stopping, self.lock = threading.Event(), threading.Lock()
        self.wall: Callable[[], float] = time.time  # what signed assertions are held against
        self.sockets: set[socket.socket] = set()
        self._numbers = iter(range(1, 1 << 62))
        self._http: Http | None = None

    @property
    def port(self) -> int:
        assert self._http is not None
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def bundle(self) -> str:
        return str(certificate()[1])

    @property
    def settings(self) -> dict[str, Any]:
        """A connection by instance URL and session."""
        return {"instance_url": self.url, "session_id": self.access.session}

    def calls(self, pattern: str = "") -> int:
        """How many requests had this in their path."""
        return sum(pattern in one.path for one in list(self.requests))

    def __enter__(self) -> Server:
        self._http = Http(("127.0.0.1", 0), self)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Out of reach from now on, connections that are open included."""
        if self._http is None or self.stopping.is_set():
            return
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        with self.lock:
            for one in list(self.sockets):
                close(one)
        self.jobs.close()

    def answer(self, request: Request) -> Answer:
        """One request, faults included. Raises Cut where the connection is to be closed."""
        logged = Logged(request.method, request.path, dict(request.params), dict(request.headers))
        self.requests.append(logged)
        fault = self.faults.take(request)
        answer = fault.before(request) if fault is not None else None
        if answer is None:
            answer = self._work(request)
            if fault is not None:
                answer = fault.after(request, answer)
        logged.status = answer.status
        return answer

    def _work(self, request: Request) -> Answer:
        try:
            route, named = find(request.method, request.path)
            request = replace(request, named=named)
            if route.open:
                return route.handle(request)
            request = replace(request, user=login.bearer(request))
            with self.lock:
                self.api_used += 1
            if self.api_used > self.api_allowed:
                raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            answer = route.handle(request)
        except Refusal as refusal:
            answer = refusal.answer()
            if refusal.status == 401:
                return answer
        usage = f"api-usage={self.api_used}/{self.api_allowed}"
        return replace(answer, headers={**answer.headers, "Sforce-Limit-Info": usage})

    def number(self) -> int:
        with self.lock:
            return next(self._numbers)
