"""A real browser on the real app: what the browser tests have in common.

`tests/test_browser*.py` are skipped only where Playwright is not installed or there is no
Chromium to drive; tests/browser.sh says how one is had.
"""

from __future__ import annotations

import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.apptest import company, fill
from tests.conftest import ROOT

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
Page, expect = playwright.Page, playwright.expect

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SYSTEM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WAIT = 60_000
MARKS = [pytest.mark.browser]


def beside(folder: Path, secrets: str) -> Path:
    """A folder to run the app in: its code, and settings of its own."""
    folder.mkdir(exist_ok=True)
    for name in ("app.py", "pages", "ui", "leadpact", "connectors", "config", "locales"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".streamlit").mkdir()
    shutil.copy(ROOT / ".streamlit" / "config.toml", folder / ".streamlit")
    (folder / ".streamlit" / "secrets.toml").write_text(secrets, encoding="utf-8")
    return folder


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(work: Path, home: Path, port: int | None = None) -> Iterator[str]:
    """The app of that folder on a loopback port, a free one unless it is given; gives its address.

    `home` is its data.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
               "--server.address=127.0.0.1", "--server.fileWatcherType=none"]  # fmt: skip
    # workers are looked at in test_workers.py and test_sessions.py
    environment = {**os.environ, "LEADPACT_HOME": str(home), "LEADPACT_WORKERS": "0"}
    environment.pop("DATABASE_URL", None)
    with (
        (work / "log.txt").open("w") as log,
        subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _until_it_answers(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail("the app did not start")


@contextmanager
def browsed(locale: str = "en-US", **context: Any) -> Iterator[Page]:
    """A page of a headless Chromium; `context` is Playwright's, a desk of 1400 by 1000 unless it says otherwise."""
    with playwright.sync_playwright() as driver:
        if SYSTEM is None and not Path(driver.chromium.executable_path).exists():
            pytest.skip("there is no Chromium here")
        browser = driver.chromium.launch(executable_path=SYSTEM, args=ARGS)
        desk = {"viewport": {"width": 1400, "height": 1000}, "accept_downloads": True}
        own = browser.new_context(locale=locale, **{**desk, **context})
        own.set_default_timeout(WAIT)
        yield own.new_page()
        browser.close()


def seen(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True).first).to_be_visible(timeout=WAIT)


def told(page: Page, text: str) -> None:
    """The text is somewhere in sight, beside an icon or within a sentence."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=WAIT)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text, exact=True, level=1)).to_be_visible(timeout=WAIT)


@contextmanager
def another_site(text: str) -> Iterator[str]:
    """A page at another host, to which no cookie of ours goes: where a CRM has the app in a frame."""

    class Crm(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Crm) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}/"
        server.shutdown()


@contextmanager
def small_app(folder: Path) -> Iterator[str]:
    """The app with the small company of tests/apptest.py as its data; gives its address."""
    home = folder / "home"
    fill(home, company())
    work = beside(folder / "work", '[connections.acme]\ntype = "files"\npath = "nowhere"\n')
    with served(work, home) as address:
        yield address
