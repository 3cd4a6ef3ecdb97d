"""The audit of dependencies: it finds what is known, passes what is not, and says when it could ask nobody.

A service of the test's own answers in place of OSV's: which faults there are today is for `make audit-dependencies`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

FAULT = {"id": "OSV-1", "summary": "x", "modified": "2026-01-01T00:00:00Z", "affected": [
    {"package": {"name": "holed", "ecosystem": "PyPI"}, "versions": ["1.0"],
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]}]}  # fmt: skip


@pytest.fixture
def service() -> Iterator[str]:
    """Knows one fault, of `holed` 1.0."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"vulns": [FAULT]} if asked["package"]["name"] == "holed" else {}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
        server.shutdown()


def audited(file: Path, url: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.audit_dependencies", str(file)]
    alone = {"LEADPACT_AUDIT_URL": url, "PATH": "", "HOME": str(file.parent)}
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, env=alone)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("pinned", "code"), [("holed==1.0", 1), ("whole==1.0", 0), ("holed>=1", 2)])
def test_what_is_known_fails_and_what_is_not_pinned_is_no_answer(
    pinned: str, code: int, service: str, tmp_path: Path
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(f"{pinned}\n", encoding="utf-8")
    found, said = audited(file, service)
    assert found == code or (code == 2 and found == 1 and "OSV-1" not in said), said
    assert ("OSV-1" in said) == (code == 1)


def test_nobody_to_ask_is_said_and_fails_nothing(tmp_path: Path) -> None:
    code, said = audited(tmp_path / "requirements.txt", "http://127.0.0.1:9/v1/query")
    assert code == 0 and "SKIPPED" in said and "Nothing was checked" in said


def test_the_command_is_there() -> None:
    assert "tests.audit_dependencies" in (ROOT / "Makefile").read_text(encoding="utf-8")
