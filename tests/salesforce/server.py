"""The sockets: one org behind https on a loopback port, threaded, up in milliseconds.

Not here: what is answered (answers.py has the routes' seam), what goes wrong (faults.py).
"""

from __future__ import annotations

import atexit
import shutil
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import trustme

from tests.salesforce import bulk, login, rest  # registers their routes
from tests.salesforce.access import MY_DOMAIN, SANDBOX_DOMAIN, Access
from tests.salesforce.answers import Answer, Refusal, Request, find
from tests.salesforce.faults import Cut, Faults
from tests.salesforce.org import Org

assert bulk and rest
NAMES = ("127.0.0.1", "localhost", "login.salesforce.com", "test.salesforce.com")
MAX_TARGET = 16_384  # bytes of path and query: the real one answers 414 above


@lru_cache(maxsize=1)
def certificate() -> tuple[ssl.SSLContext, Path]:
    """The context of this process's servers, and the bundle their clients must trust (REQUESTS_CA_BUNDLE)."""
    folder = Path(tempfile.mkdtemp(prefix="loopback-salesforce-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES, f"{MY_DOMAIN}.salesforce.com", f"{SANDBOX_DOMAIN}.salesforce.com").configure_cert(
        context
    )
    bundle = folder / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    return context, bundle


@dataclass(frozen=True)
class Logged:
    """One request that was answered, or cut: then its status is 0."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    status: int


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
        self.faults, self.requests = Faults(), list[Logged]()
        self.locators: dict[str, Any] = {}
        self.jobs = bulk.Jobs(self)
        self.stopping, self.lock = threading.Event(), threading.Lock()
        self.wall: Callable[[], float] = time.time  # what signed assertions are held against
        self._sockets: set[socket.socket] = set()
        self._numbers = iter(range(1, 1 << 62))
        self._http: _Http | None = None

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
        self._http = _Http(("127.0.0.1", 0), self)
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
            for one in list(self._sockets):
                _close(one)
        self.jobs.close()

    def answer(self, request: Request) -> Answer:
        """One request, faults included. Raises Cut where the connection is to be closed."""
        fault = self.faults.take(request)
        try:
            answer = fault.before(request) if fault is not None else None
            if answer is None:
                answer = self._work(request)
                if fault is not None:
                    answer = fault.after(request, answer)
        except Cut:
            self._log(request, 0)
            raise
        self._log(request, answer.status)
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

    def _log(self, request: Request, status: int) -> None:
        with self.lock:
            logged = Logged(request.method, request.path, dict(request.params), dict(request.headers), status)
            self.requests.append(logged)

    def number(self) -> int:
        with self.lock:
            return next(self._numbers)


class _Http(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 64

    def __init__(self, address: tuple[str, int], owner: Server) -> None:
        self.owner, self.context = owner, certificate()[0]
        super().__init__(address, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            wrapped = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        with self.owner.lock:
            self.owner._sockets.add(wrapped)
        try:
            _Handler(wrapped, client_address, self)
        except OSError:
            pass  # the client is gone
        finally:
            with self.owner.lock:
                self.owner._sockets.discard(wrapped)
            _close(wrapped)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not self.owner.stopping.is_set():
            super().handle_error(request, client_address)


def _close(one: socket.socket) -> None:
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    one.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "sfdcedge", ""
    server: _Http

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(MAX_TARGET + 4_096)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        if len(self.path) > MAX_TARGET:
            self._send(Answer(414, b"<h1>URI Too Long</h1>", kind="text/html"))
            self.close_connection = True
            return
        owner, parts = self.server.owner, urlsplit(self.path)
        request = Request(
            number=owner.number(),
            method=self.command,
            path=unquote(parts.path),
            query=parts.query,
            params={name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            server=owner,
        )
        try:
            self._send(owner.answer(request))
        except Cut:
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        """The whole answer in few writes; bodies made as they are sent go out in chunks."""
        pieces = answer.pieces()
        chunked = not (answer.body is None or isinstance(answer.body, (bytes, dict, list, str)))
        body = b"" if chunked else b"".join(pieces)
        self.log_request = lambda *_: None  # type: ignore[method-assign]
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if body or chunked:
            self.send_header("Content-Type", answer.kind)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))))
        head = b"".join(self._headers_buffer) + b"\r\n"  # type: ignore[attr-defined]
        self._headers_buffer = []
        if not chunked:
            self.wfile.write(head + (body if answer.torn is None else body[: answer.torn]))
            self.close_connection = self.close_connection or answer.torn is not None
            return
        self.wfile.write(head)
        for piece in pieces:
            if piece:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")
