"""Loopback doors that messages are sent to: an SMTP server and a webhook, strict enough for the real clients.

Not here: what is sent (tests/test_digest_sending.py).
"""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BACKLOG = 0.01


@dataclass
class Mailbox:
    """What arrived. `refusing`: nothing is taken, although the server answers."""

    port: int = 0
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    posts: list[tuple[str, Any]] = field(default_factory=list)
    refusing: bool = False


@contextlib.contextmanager
def smtp() -> Iterator[Mailbox]:
    """A mail server that takes any name and password."""
    box = Mailbox()

    class Session(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            to: list[str] = []
            self.say("220 loopback")
            while line := self.rfile.readline():
                word, _, rest = line.decode().strip().partition(" ")
                if word.upper() == "EHLO":
                    self.say("250-loopback\r\n250 AUTH PLAIN LOGIN")
                elif word.upper() == "AUTH":
                    self.say("235 in")
                elif word.upper() == "RCPT":
                    to.append(rest.partition("<")[2].partition(">")[0])
                    self.say("550 no" if box.refusing else "250 ok")
                elif word.upper() == "DATA":
                    self.say("354 go")
                    body = b"".join(iter(self.rfile.readline, b".\r\n"))
                    box.mails.append((to, message_from_bytes(body, policy=policy.default)))  # type: ignore[arg-type]
                    self.say("250 taken")
                elif word.upper() == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        yield from _serving(server, box)


@contextlib.contextmanager
def webhook() -> Iterator[Mailbox]:
    """An address that takes JSON by POST; a refusing one answers 500."""
    box = Mailbox()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not box.refusing:
                box.posts.append((self.path, json.loads(body)))
            self.send_response(500 if box.refusing else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        box.port = server.server_port
        yield from _serving(server, box)


def _serving(server: socketserver.BaseServer, box: Mailbox) -> Iterator[Mailbox]:
    threading.Thread(target=server.serve_forever, args=(BACKLOG,), daemon=True).start()
    try:
        yield box
    finally:
        server.shutdown()
