"""The loopback Airtable on the wire: connections, faults as they strike, the bytes of an answer.

Not here: what is answered (server.py).
"""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def accept(self) -> None:
        """Takes connections until it is closed; unlike serve_forever it sleeps meanwhile."""
        while True:
            try:
                self.process_request(*self.socket.accept())
            except OSError:
                return

    def process_request(self, request: Any, address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(request)
        super().process_request(request, address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        super().server_close()
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, address: Any) -> None:
        """Connections that end are no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Any

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        server, path = self.owner, urlsplit(self.path).path
        fault = server.struck(self.command, path)
        kind = fault.kind if fault else ""
        if kind == "cut_before":
            self._cut(0)
            return
        if fault and kind == "slow":
            time.sleep(fault.seconds)
        if fault and kind == "status":
            status, answer = fault.code, {"error": {"type": fault.type, "message": fault.type}}
        else:
            status, answer = server.answer(self.command, self.path, self.headers.get("Authorization"), raw)
        server.seen.append((self.command, self.path, status))
        if kind == "cut_after":
            self._cut(0)
            return
        body = b"<html>not JSON" if kind == "garbage" else json.dumps(answer).encode()
        date = format_datetime(server.clock.now().replace(tzinfo=UTC, microsecond=0), usegmt=True)
        head = (f"HTTP/1.1 {status} {self.responses.get(status, ('?',))[0]}\r\nDate: {date}\r\nContent-Type: "
                f"application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n").encode()  # fmt: skip
        sent = head + body
        if kind == "truncate":
            self.wfile.write(sent[: len(head) + len(body) // 2])
            self._cut(0)
            return
        self.wfile.write(sent)

    def _cut(self, _: int) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def log_message(self, *args: Any) -> None:
        """Nobody reads it."""
