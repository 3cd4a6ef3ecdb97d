"""https on a loopback port: the certificate, a thread for each connection, one request after the other.

Not here: what is answered (server.py).
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import socket
import ssl
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import trustme

from tests.salesforce.access import MY_DOMAIN, SANDBOX_DOMAIN
from tests.salesforce.answers import Answer, Request
from tests.salesforce.faults import Cut

if TYPE_CHECKING:
    from tests.salesforce.server import Server

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


class Http(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 64

    def __init__(self, address: tuple[str, int], owner: Server) -> None:
        self.owner, self.context = owner, certificate()[0]
        super().__init__(address, Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake belongs to the connection's own thread."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            wrapped = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        with self.owner.lock:
            self.owner.sockets.add(wrapped)
        try:
            Handler(wrapped, client_address, self)
        except OSError:
            pass  # the client is gone
        finally:
            with self.owner.lock:
                self.owner.sockets.discard(wrapped)
            close(wrapped)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not self.owner.stopping.is_set():
            super().handle_error(request, client_address)


def close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


class Handler(BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "sfdcedge", ""
    server: Http

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The `Date` of every answer is the org's own clock."""
        return super().date_time_string(self.server.owner.org.clock().replace(tzinfo=UTC).timestamp())

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
        """The answer in few writes, compressed where the client takes it; a body made as it is sent goes in chunks."""
        pieces = answer.pieces()
        chunked = not (answer.body is None or isinstance(answer.body, (bytes, dict, list, str)))
        self.log_request = lambda *_: None  # type: ignore[method-assign]
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.body is not None:
            self.send_header("Content-Type", answer.kind)
        if answer.body is not None and self.server.owner.gzip and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "gzip")
            pieces = compressed(pieces)
        body = b"" if chunked else b"".join(pieces)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))))
        head = b"".join(self._headers_buffer) + b"\r\n"  # type: ignore[attr-defined]
        self._headers_buffer = []
        if not chunked:
            self.wfile.write(head + (body if answer.torn is None else body[: int(len(body) * answer.torn)]))
            self.close_connection = self.close_connection or answer.torn is not None
            return
        self.wfile.write(head)
        for piece in pieces:
            if piece:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


def compressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """As gzip, at the cheapest level."""
    packer = zlib.compressobj(1, wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
