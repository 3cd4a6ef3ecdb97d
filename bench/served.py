"""The app served as a company serves it: a process on a loopback port, with its CPU and memory in sight.

Not here: what is asked of it (bench_sessions.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TICK, PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
CODE = ("app.py", "pages", "ui", "leadpact", "connectors", "config", "locales")
LONGEST = 60_000  # milliseconds a browser waits for a page
STILL = '[data-testid="stApp"][data-test-script-state="notRunning"]'
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Server:
    """One running app with its workers. Memory in MB (resident), CPU in seconds of one core since it started."""

    pid: int
    address: str
    home: Path
    log: Path
    peak: int = 0
    memory: list[int] = field(default_factory=list)

    def cpu(self) -> float:
        """A worker that has ended is not counted any more."""
        return sum(int(one[11]) + int(one[12]) for one in map(_stat, self.pids())) / TICK

    def rss(self) -> int:
        return sum(int(one[21]) for one in map(_stat, self.pids())) * PAGE // 2**20

    def pids(self) -> list[int]:
        """The app, and the processes it has begun."""
        folders = [path for path in Path("/proc").iterdir() if path.name.isdecimal()]
        return [self.pid, *(int(path.name) for path in folders if _parent(path) == self.pid)]

    async def watched(self) -> None:
        """Notes the memory, every second for the peak and every ten for the course, until it is cancelled."""
        for second in range(1_000_000):
            now = self.rss()
            self.peak = max(self.peak, now)
            if second % 10 == 0:
                self.memory.append(now)
            await asyncio.sleep(1)

    def said(self) -> dict[str, int]:
        """How many lines of each kind its log has: nothing but a start is expected."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        words = ("ERROR", "WARNING", "Traceback", "incident")
        return {word: count for word in words if (count := sum(word in line for line in lines))}


def _stat(pid: int) -> list[str]:
    """The fields of a process after its name."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()


def _parent(folder: Path) -> int | None:
    """Null for a process that has ended meanwhile."""
    try:
        return int(_stat(int(folder.name))[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


@contextlib.contextmanager
def started(work: Path, home: Path, secrets: Callable[[str], str] | None = None) -> Iterator[Server]:
    """The app on that home, on a free port; ended afterwards. `secrets` gives its secrets file, for an address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = work / "app"
    (folder / ".streamlit").mkdir(parents=True)
    for name in CODE:
        (folder / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / ".streamlit" / "config.toml", folder / ".streamlit")
    if secrets is not None:
        (folder / ".streamlit" / "secrets.toml").write_text(secrets(f"127.0.0.1:{port}"), encoding="utf-8")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}",
               "--server.address=127.0.0.1"]  # fmt: skip
    environment = {**os.environ, "LEADPACT_HOME": str(home)}
    for name in ("DATABASE_URL", "LEADPACT_RAISE"):
        environment.pop(name, None)
    log = work / "server.log"
    with (
        log.open("w") as out,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out) as process,
    ):
        try:
            _until_it_answers(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield Server(process.pid, f"127.0.0.1:{port}", home, log)
        finally:
            process.terminate()


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - a loopback address made above
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the app did not start")


def _give_way(name: str) -> None:
    """The processes this one has begun, and theirs, whose command has this name; those they begin follow."""
    for path in Path("/proc").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            if path.name.isdecimal() and name in (path / "comm").read_text(encoding="utf-8") and _below(path):
                os.setpriority(os.PRIO_PROCESS, int(path.name), 10)


def _below(folder: Path) -> bool:
    """Whether this process began it, or one that this one began."""
    above = _parent(folder)
    while above not in (None, 0, 1, os.getpid()):
        above = _parent(Path("/proc") / str(above))
    return above == os.getpid()


async def chromium(address: str, end: float, many: int, cookies: Mapping[str, str]) -> dict[str, Any]:
    """What a person waits in a real browser meanwhile: from the link until nothing is being computed, in seconds."""
    if not many or CHROMIUM is None:
        return {}
    from playwright.async_api import Error, async_playwright  # noqa: PLC0415 - only where a browser is asked for

    waits, failed = list[float](), list[str]()
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        _give_way("chrom")  # it stands for somebody else's machine, and takes a core of this one for each page
        context = await browser.new_context()
        await context.add_cookies([{"name": name, "value": value, "url": f"http://{address}"}
                                   for name, value in cookies.items()])  # fmt: skip
        pages = [await context.new_page() for _ in range(many)]
        names, turn = ("today", "funnel", "sla", "velocity", "findings"), 0
        while time.monotonic() < end:
            page, name = pages[turn % many], names[turn % len(names)]
            began = time.monotonic()
            try:
                await page.goto(f"http://{address}/{name}?lang=en&pact=quartz", timeout=LONGEST)
                await page.locator("h1").first.wait_for(timeout=LONGEST)
                await page.locator(STILL).wait_for(timeout=LONGEST)
            except Error as error:
                failed.append(f"{name}: {error.message.splitlines()[0]}")
            else:
                waits.append(round(time.monotonic() - began, 2))
            turn += 1
            await asyncio.sleep(12)
        await browser.close()
    return {"opened": len(waits), "median": sorted(waits)[len(waits) // 2] if waits else None,
            "longest": max(waits, default=None), "failed": failed}  # fmt: skip
