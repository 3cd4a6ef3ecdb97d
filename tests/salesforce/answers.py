"""What a request is and what may be answered: the routing seam of the loopback Salesforce.

Not here: the sockets (server.py), what the routes do (rest.py, bulk.py, login.py and whoever adds more).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.salesforce.org import Org
    from tests.salesforce.server import Server

VERSIONS = range(31, 66)
MISSING = "The requested resource does not exist"


class Refusal(Exception):
    """The org says no, as a REST error: a list of one `{message, errorCode}`."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.more = status, code, message, more
        self.headers = dict(headers or {})

    def answer(self) -> Answer:
        return Answer(self.status, [{**self.more, "message": self.message, "errorCode": self.code}], self.headers)


@dataclass(frozen=True)
class Answer:
    """A status and a body: JSON of whatever it is, unless bytes or an iterator of bytes (then `kind` says what)."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "application/json;charset=UTF-8"
    torn: float | None = None  # this share of the bytes promised is sent, and the connection closed

    def pieces(self) -> Iterator[bytes]:
        if self.body is None:
            return iter(())
        if isinstance(self.body, bytes):
            return iter((self.body,))
        if isinstance(self.body, Iterator):
            return self.body
        return iter((json.dumps(self.body).encode(),))


@dataclass(frozen=True)
class Request:
    """One request, read wholly. `named` are the parts of the path its route names; `user` is the Id signed in."""

    number: int
    method: str
    path: str
    query: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    server: Server
    named: Mapping[str, str] = field(default_factory=dict)
    user: str = ""

    @property
    def org(self) -> Org:
        return self.server.org

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def base(self) -> str:
        """`/services/data/vNN.0` as asked."""
        return f"/services/data/v{self.named['version']}"

    def json(self) -> Any:
        """The body as JSON. Refuses what is not, as the real one does."""
        if "json" not in self.headers.get("content-type", ""):
            raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "The request's Content-Type must be application/json")
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character in the request body") from None


@dataclass(frozen=True)
class Route:
    """`open` routes need no session: sign-in, and SOAP, which carries it in the envelope."""

    methods: frozenset[str]
    pattern: re.Pattern[str]
    handle: Callable[[Request], Answer]
    open: bool = False


ROUTES: list[Route] = []


def route(methods: str | Iterable[str], pattern: str, *, open: bool = False) -> Callable[..., Any]:
    """Registers a handler: `@route("GET", "/limits")` is below `/services/data/vNN.0`, `//…` is from the root.

    `{name}` in the pattern is one part of the path, found again in `request.named`.
    """
    wanted = frozenset([methods] if isinstance(methods, str) else methods)
    whole = pattern[1:] if pattern.startswith("//") else r"/services/data/v(?P<version>\d\d\.0)" + pattern
    expression = re.compile(re.sub(r"(?<!\?P)\{(\w+)\}", r"(?P<\1>[^/]+)", whole))

    def register(handle: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        ROUTES.append(Route(wanted, expression, handle, open))
        return handle

    return register


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route of a path. Raises Refusal 404 for none, 405 for another method."""
    allowed: set[str] = set()
    for one in ROUTES:
        match = one.pattern.fullmatch(path.rstrip("/") or "/")
        if match is None:
            continue
        named = match.groupdict()
        if "version" in named and int(named["version"].split(".")[0]) not in VERSIONS:
            break
        if method in one.methods:
            return one, named
        allowed |= one.methods
    if allowed:
        raise Refusal(
            405,
            "METHOD_NOT_ALLOWED",
            f"HTTP Method '{method}' not allowed. Allowed are {','.join(sorted(allowed))}",
            headers={"Allow": ",".join(sorted(allowed))},
        )
    raise Refusal(404, "NOT_FOUND", MISSING)
