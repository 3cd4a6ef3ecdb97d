"""The first minutes in a real browser, in every run: Today at phone width has nothing grave, and leads to a finding.

Not here: every other page (test_browser_axe.py), the keyboard and paper (test_browser_keyboard.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accessible import grave, opened, overflow
from tests.browsing import MARKS, Page, browsed, heading, small_app, told

pytestmark = MARKS


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with small_app(tmp_path_factory.mktemp("app")) as address:
        yield address


@pytest.fixture
def phone() -> Iterator[Page]:
    with browsed("es-ES", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as page:
        yield page


def test_today_keeps_nobody_out_and_leads_to_a_finding(app: str, phone: Page) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    opened(phone, f"{app}/today?lang=es")
    told(phone, "Primeros pasos")
    assert grave(phone) == [] and overflow(phone) <= 0
    phone.locator(".st-key-_today_guide").get_by_role("link").last.tap()
    heading(phone, "Hallazgos")
    assert overflow(phone) <= 0
    elsewhere = {url for url in asked if not url.startswith((app, "data:", "blob:"))}
    assert elsewhere == set(), "nothing is fetched from, or told to, anybody else"
