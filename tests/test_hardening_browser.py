"""A hostile company in a real browser: nothing of it runs, asks for anything elsewhere or becomes a link, on any page.

And the server: what another site's page sends is refused.

Not here: what a page sends to the browser (test_hardening_markup.py).
"""

from __future__ import annotations

import asyncio
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests import hostile_company
from tests.browsing import MARKS, WAIT, Page, beside, browsed, served
from tests.test_hardening_markup import REST

pytestmark = MARKS
SECRETS = '[connections.acme]\ntype = "files"\npath = "nowhere"\n'
BY = ("funnel", "velocity", "sla")
STATES = '() => !document.querySelector(\'[data-testid="stStatusWidget"], [data-testid="stSkeleton"]\')'
LIVE = """() => [...document.querySelectorAll('a, img, script, iframe')].filter(one => {
  const to = one.getAttribute('href') || one.getAttribute('src') || '';
  return /^(javascript|data:text)/i.test(to) || /__pwned/.test(one.outerHTML)
      || (/evil\\.example/.test(to) && !one.closest('[data-testid="stLinkButton"]'));
}).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("hostile") / "home"
    hostile_company.settle(home)
    work = beside(tmp_path_factory.mktemp("app") / "work", SECRETS)
    with served(work, home) as url:
        yield url
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def page() -> Iterator[Page]:
    with browsed() as one:
        yield one


def test_nothing_of_a_hostile_company_lives(app: str, page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: asked.append(request.url) if "evil.example" in request.url else None)
    page.add_init_script("window.__hits = []; window.__pwned = n => window.__hits.push(n)")
    found: dict[str, Any] = {}
    for name, view in REST:
        query = (
            [f"view={view}"] * bool(view)
            + ["by=source"] * (name in BY)
            + ["object=lead&record=r1"] * (name == "person")
        )
        page.goto(f"{app}/{name}?{'&'.join(query)}")
        page.get_by_role("heading", level=1).first.wait_for(timeout=WAIT)
        page.wait_for_function(STATES, timeout=WAIT)
        for chart in page.locator(".js-plotly-plot").all()[:3]:  # what is shown when a mark is pointed at
            chart.scroll_into_view_if_needed()
            box = chart.bounding_box()
            if box:
                page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2, steps=4)
        for help in page.locator('[data-testid="stTooltipHoverTarget"]').all()[:4]:
            if help.is_visible():
                help.hover(force=True)
        told = {"live": page.evaluate(LIVE), "hits": page.evaluate("window.__hits"), "asked": list(asked)}
        if any(told.values()):
            found[f"{name}/{view}"] = told
        asked.clear()
    assert found == {}


def test_another_sites_page_opens_no_session(app: str) -> None:
    import websockets

    async def opened(origin: str) -> bool:
        try:
            async with websockets.connect(f"{app.replace('http', 'ws')}/_stcore/stream", origin=origin):  # type: ignore[arg-type]
                return True
        except websockets.exceptions.InvalidStatus:
            return False

    assert asyncio.run(opened(app))
    assert not asyncio.run(opened("https://evil.example"))


def test_an_upload_needs_the_token_of_the_session(app: str) -> None:
    request = urllib.request.Request(f"{app}/_stcore/upload_file/none/none", data=b"x", method="PUT")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310
    assert told.value.code in (400, 401, 403)
    with urllib.request.urlopen(f"{app}/_stcore/host-config", timeout=10) as answer:  # noqa: S310
        assert b'"allowedOrigins":[]' in answer.read()
