"""In a real browser: the guide that connects a CRM without a secret ever entering the app."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_browser import ARGS, SYSTEM, WAIT, _until_it_answers, heading, playwright

Page, expect = playwright.Page, playwright.expect
ACME = '[connections.acme]\ntype = "files"\npath = "nowhere"\n'
BASE = "appABCDEFGHIJKLMN"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app runs: its code, and settings of its own."""
    folder = tmp_path_factory.mktemp("work")
    for name in ("app.py", "pages", "ui", "leadpact", "connectors", "config", "locales"):
        (folder / name).symlink_to(ROOT / name)
    (folder / ".streamlit").mkdir()
    shutil.copy(ROOT / ".streamlit" / "config.toml", folder / ".streamlit")
    (folder / ".streamlit" / "secrets.toml").write_text(ACME, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def app(work: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
               "--server.address=127.0.0.1", "--server.fileWatcherType=none"]  # fmt: skip
    environment = {**os.environ, "LEADPACT_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    log = (work / "log.txt").open("w")
    with subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log) as server:
        try:
            _until_it_answers(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            log.close()


@pytest.fixture
def page() -> Iterator[Page]:
    with playwright.sync_playwright() as driver:
        if SYSTEM is None and not Path(driver.chromium.executable_path).exists():
            pytest.skip("there is no Chromium here")
        browser = driver.chromium.launch(executable_path=SYSTEM, args=ARGS)
        context = browser.new_context(locale="en-US", viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(WAIT)
        yield context.new_page()
        browser.close()


def test_the_guide_waits_for_the_settings_and_tests_the_connection(app: str, work: Path, page: Page) -> None:
    page.goto(f"{app}/connection")
    heading(page, "Connection")
    expect(page.get_by_text("Which CRM")).to_be_visible(timeout=WAIT)  # no CRM yet: the guide is open
    page.get_by_role("radio", name="Airtable").or_(page.get_by_role("button", name="Airtable")).first.click()
    base = page.get_by_role("textbox", name="Base in Airtable")
    base.fill(f"https://airtable.com/{BASE}/tbl1")
    base.press("Tab")
    name = page.get_by_role("textbox", name="Name of this connection")
    name.fill("north")
    name.press("Tab")
    block = page.get_by_test_id("stCode").first
    expect(block).to_contain_text(f'base_id = "{BASE}"', timeout=WAIT)
    expect(page.get_by_text("Looking for “north” in the settings")).to_be_visible(timeout=WAIT)
    # somebody pastes it at the server; the page is not touched
    secrets = work / ".streamlit" / "secrets.toml"
    text = block.inner_text().replace("<personal access token>", "not-a-real-token")
    text += '\nendpoint_url = "http://127.0.0.1:9"\n'  # nobody answers there
    secrets.write_text(f"{ACME}\n{text}", encoding="utf-8")
    expect(page.get_by_text("“north” is there and filled in.")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Test the connection").last.click()
    page.wait_for_url(re.compile("connection=north"))
    expect(page.get_by_text("need attention").or_(page.get_by_text("needs attention")).first).to_be_visible(
        timeout=WAIT
    )
    assert "not-a-real-token" not in page.content()
