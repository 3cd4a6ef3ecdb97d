"""What can go wrong, to be injected at the n-th request that matches.

    server.faults.add(r"GET .*/jobs/query/\\w+/results", cut(after=True), nth=2)

A pattern is searched in `METHOD /path?query` (decoded) and, where `body` is given, in the body too.

Not here: what each connector must do then (tests/test_salesforce_faults.py).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus

from tests.salesforce.answers import Answer, Refusal, Request


class Cut(Exception):
    """The connection is closed without an answer."""


class Fault:
    """`before` may answer in the server's place; `after` may spoil the answer of work that was done."""

    def before(self, request: Request) -> Answer | None:
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        return answer


@dataclass
class _Waiting:
    pattern: re.Pattern[str]
    fault: Fault
    body: re.Pattern[str] | None
    nth: int
    times: int | None
    seen: int = 0

    def met(self, request: Request, line: str) -> bool:
        if not self.pattern.search(line) or (self.body and not self.body.search(request.text)):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


class Faults:
    """The faults that wait for their request; `hit` counts those that met it."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self.hit = 0

    def add(self, pattern: str, fault: Fault, *, nth: int = 1, times: int | None = 1, body: str | None = None) -> None:
        """From the `nth` matching request on, `times` requests (null: all) meet the fault."""
        where = re.compile(body) if body is not None else None
        with self._lock:
            self._waiting.append(_Waiting(re.compile(pattern), fault, where, nth, times))

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, request: Request) -> Fault | None:
        """The fault this request meets, if any."""
        line = f"{request.method} {request.path}" + (f"?{unquote_plus(request.query)}" if request.query else "")
        with self._lock:
            met = [one.fault for one in self._waiting if one.met(request, line)]
            self.hit += bool(met)
        return met[0] if met else None


# -- the faults ---------------------------------------------------------------------------------


@dataclass
class status(Fault):
    """An error answer in place of the work: `status(429, retry_after=3)`, `status(503)`."""

    code: int
    error: str | None = None
    message: str = "An unexpected error occurred. Please include this ErrorId if you contact support"
    retry_after: int | None = None
    html: bool = False

    def before(self, request: Request) -> Answer:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.html:
            page = (
                b"<html><head><title>Service unavailable</title></head><body>We are down for maintenance.</body></html>"
            )
            return Answer(self.code, page, headers, "text/html;charset=UTF-8")
        error = self.error or {429: "REQUEST_LIMIT_EXCEEDED", 503: "SERVER_UNAVAILABLE"}.get(
            self.code, "UNKNOWN_EXCEPTION"
        )
        return Refusal(self.code, error, self.message, headers=headers).answer()


def quota() -> Fault:
    """The daily requests are used up: 403, and nobody says for how long."""
    return status(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


@dataclass
class expired(Fault):
    """All sessions end just before this request."""

    def before(self, request: Request) -> None:
        request.server.access.expire()


@dataclass
class stall(Fault):
    """No answer for `seconds`, before the work (which is then not done), or after it."""

    seconds: float = 5.0
    after_work: bool = False

    def before(self, request: Request) -> None:
        if not self.after_work:
            request.server.stopping.wait(self.seconds)
            raise Cut

    def after(self, request: Request, answer: Answer) -> Answer:
        request.server.stopping.wait(self.seconds)
        raise Cut


@dataclass
class cut(Fault):
    """The connection dies: before the server did the work, or after."""

    after_work: bool = False

    def before(self, request: Request) -> None:
        if not self.after_work:
            raise Cut

    def after(self, request: Request, answer: Answer) -> Answer:
        raise Cut


@dataclass
class torn(Fault):
    """The body breaks off; the length promised was the whole one."""

    keep: float = 0.5

    def after(self, request: Request, answer: Answer) -> Answer:
        body = b"".join(answer.pieces())
        return replace(answer, body=body, torn=self.keep)


@dataclass
class spoiled(Fault):
    """The body is changed by `change`, and its length agrees: only its meaning tells."""

    change: Callable[[bytes], bytes]

    def after(self, request: Request, answer: Answer) -> Answer:
        return replace(answer, body=self.change(b"".join(answer.pieces())))


def shortened(keep: float = 0.5) -> Fault:
    """A body that ends early, of consistent length: a proxy that gave up."""
    return spoiled(lambda body: body[: int(len(body) * keep)])


def garbled() -> Fault:
    """A page of something else entirely, with status 200."""
    return spoiled(lambda body: b"<html><body>Please sign in to the network</body></html>")


@dataclass
class lost_locator(Fault):
    """Every query locator is forgotten just before this request."""

    def before(self, request: Request) -> None:
        request.server.locators.clear()


@dataclass
class failed_job(Fault):
    """Every Bulk job that is not done has failed, as the org says when it is asked for."""

    message: str = "InternalServerError : Error executing query"

    def before(self, request: Request) -> None:
        for job in request.server.jobs.held.values():
            if job.state in ("UploadComplete", "InProgress"):
                job.state, job.error = "Failed", self.message


@dataclass
class meanwhile(Fault):
    """Something else happens in the org just before this request, or just after its work."""

    act: Callable[[], Any]
    after_work: bool = False

    def before(self, request: Request) -> None:
        if not self.after_work:
            self.act()

    def after(self, request: Request, answer: Answer) -> Answer:
        if self.after_work:
            self.act()
        return answer
