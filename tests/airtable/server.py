"""The loopback Airtable's front: sign-in, limits, routing, faults, and the shape of every answer.

Not here: the routes (reading.py and the other ROUTE_MODULES), what a base holds (base.py).
"""

from __future__ import annotations

import importlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.airtable.base import Base, Table
from tests.airtable.clock import Clock, RealClock
from tests.airtable.limits import Limits
from tests.airtable.wire import Handler, Http

ROUTE_MODULES = ["tests.airtable.reading", "tests.airtable.writing", "tests.airtable.making", "tests.airtable.hooks"]
SCOPES = ("data.records:read", "data.records:write", "schema.bases:read", "schema.bases:write", "webhook:manage")


class Problem(Exception):
    """A refusal: its status, type and message; `plain` ones have the type alone, as Airtable's 404s."""

    def __init__(self, status: int, type: str, message: str = "", *, plain: bool = False) -> None:
        super().__init__(type)
        self.status, self.type, self.message, self.plain = status, type, message, plain

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.type if self.plain else {"type": self.type, "message": self.message or self.type}}


def no_such(message: str = "") -> Problem:
    """What Airtable says of a base or table that is not there, or that the token may not see."""
    said = "Invalid permissions, or the requested model was not found. Check that both your user and your token have "
    return Problem(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", message or said + "the required permissions.")


@dataclass(frozen=True)
class Token:
    """What a token may: its scopes, the bases it was given (none: every one), the user's permission in them."""

    scopes: Sequence[str] = SCOPES
    bases: Sequence[str] = ()
    permission: str = "create"
    user: str = "usrOfTheToken0001"

    def sees(self, base: str) -> bool:
        return not self.bases or base in self.bases


@dataclass
class Call:
    """One request, signed in and routed."""

    server: Server
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    token: Token
    found: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> Base:
        base = self.server.bases.get(self.found["base"])
        if base is None or not self.token.sees(base.id):
            raise no_such()
        return base

    @property
    def table(self) -> Table:
        try:
            return self.base.table(self.found["table"])
        except KeyError:
            raise no_such() from None

    def one(self, name: str, default: str | None = None) -> str | None:
        return self.query.get(name, [default])[-1]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    scope: str | None
    handle: Callable[[Call], Any]
    literal: int


ROUTES: list[Route] = []


def route(method: str, path: str, scope: str | None = None) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    """Registers the function below for `path`; `{base}`, `{table}` and other names fit one segment."""

    def register(handle: Callable[[Call], Any]) -> Callable[[Call], Any]:
        pattern = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")
        ROUTES.append(Route(method, pattern, scope, handle, sum(part[:1] != "{" for part in path.split("/"))))
        return handle

    return register


@dataclass
class Fault:
    """Something that goes wrong on purpose, `times` times after `skip` requests that it fits."""

    kind: str
    times: int = 1
    skip: int = 0
    method: str | None = None
    path: str | None = None
    code: int = 500
    type: str = "SERVER_ERROR"
    seconds: float = 0.0

    def strikes(self, method: str, path: str) -> bool:
        if self.times <= 0 or self.method not in (None, method) or (self.path or "") not in path:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Server:
    """`with Server(base) as server`. `tokens` are those that sign in; `token` is the first of them."""

    def __init__(self, *bases: Base, clock: Clock | RealClock | None = None,
                 tokens: dict[str, Token] | None = None) -> None:  # fmt: skip
        self.clock = clock or (bases[0].clock if bases else Clock())
        self.bases = {base.id: base for base in bases}
        self.tokens = tokens or {"patLoopback.0000000000": Token()}
        self.token = next(iter(self.tokens))
        self.limits = Limits(self.clock.monotonic)
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, int]] = []
        self.state: dict[str, Any] = {}  # of the routes: running listings, webhooks
        self._lock = threading.Lock()
        for module in ROUTE_MODULES:
            importlib.import_module(module)
        self.routes = sorted(ROUTES, key=lambda route: -route.literal)
        handler = type("Owned", (Handler,), {"owner": self})
        self._http = Http(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Out of reach from now on; open connections are cut."""
        self._http.server_close()

    def fault(self, kind: str, **more: Any) -> Fault:
        self.faults.append(Fault(kind, **more))
        return self.faults[-1]

    def calls(self, method: str | None = None, path: str = "") -> int:
        """How many requests of this kind were answered or refused."""
        return sum(1 for one, where, _ in self.seen if method in (None, one) and path in where)

    def struck(self, method: str, path: str) -> Fault | None:
        with self._lock:
            return next((fault for fault in self.faults if fault.strikes(method, path)), None)

    def answer(self, method: str, target: str, authorization: str | None, raw: bytes) -> tuple[int, Any]:
        """Status and JSON of one request."""
        parts = urlsplit(target)
        try:
            token = self._signed_in(authorization)
            found = re.match(r"^/v0/(?:meta/bases/|bases/)?(app[^/]+)", parts.path)
            if not self.limits.allow(authorization or "", found and found[1]):
                return 429, {"errors": [{"error": "RATE_LIMIT_REACHED",
                                         "message": "Rate limit exceeded. Please try again later"}]}  # fmt: skip
            return 200, self._routed(method, parts.path, parts.query, raw, token)
        except Problem as problem:
            return problem.status, problem.body

    def _signed_in(self, authorization: str | None) -> Token:
        said = (authorization or "").removeprefix("Bearer ")
        if not (authorization or "").startswith("Bearer ") or said not in self.tokens:
            raise Problem(401, "AUTHENTICATION_REQUIRED", "Authentication required")
        return self.tokens[said]

    def _routed(self, method: str, path: str, query: str, raw: bytes, token: Token) -> Any:
        for one in self.routes:
            found = one.pattern.match(path)
            if found is None or one.method != method:
                continue
            if one.scope is not None and one.scope not in token.scopes:
                raise no_such()
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                raise Problem(400, "INVALID_REQUEST_BODY", "Could not parse request body") from None
            named = {name: unquote(value) for name, value in found.groupdict().items()}
            return one.handle(Call(self, method, path, parse_qs(query, keep_blank_values=True), body, token, named))
        raise Problem(404, "NOT_FOUND", plain=True)
