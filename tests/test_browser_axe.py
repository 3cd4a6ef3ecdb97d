"""Every page and part under axe-core in a real browser: no serious or critical violation, nothing to scroll sideways.

Over the demo company in both languages and both themes, at a desk and on a phone; over a source that is not read
yet, and one with three leads and nothing else. Not here: Today alone, in every run (test_browser_guide.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accessible import grave, opened, overflow, settled, views
from tests.browsing import MARKS, Page, beside, browsed, served

pytestmark = MARKS
SECRETS = '[connections.demo]\ntype = "demo"\nleads = 300\nuntil = 2026-03-02T15:00:00\nwritable = true\n'
LEADS = (
    "record_id,name,status,created_at\n1,Ana,New,2026-02-01\n2,Ben,MQL,2026-02-02\n3,Eva,Left voicemail,2026-02-03\n"
)
DESK, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo company."""
    folder = tmp_path_factory.mktemp("demo")
    with served(beside(folder / "work", SECRETS), folder / "home") as address:
        yield address


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Files that nobody has read yet."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "files").mkdir()
    (folder / "files" / "leads.csv").write_text(LEADS, encoding="utf-8")
    secrets = f'[connections.acme]\ntype = "files"\npath = "{folder / "files"}"\n'
    with served(beside(folder / "work", secrets), folder / "home") as address:
        yield address


def swept(page: Page, address: str, wanted: list[str], lang: str) -> dict[str, list[str]]:
    """What is wrong, by view."""
    wrong = {}
    for view in wanted:
        opened(page, f"{address}/{view}{'&' if '?' in view else '?'}lang={lang}")
        assert page.get_by_test_id("stAlertContentError").count() == 0, view
        found = grave(page)
        sideways = overflow(page)
        if found or sideways > 0:
            wrong[view] = [*found, *([f"{sideways} pixels to scroll sideways"] if sideways > 0 else [])]
    return wrong


@pytest.mark.parametrize(
    ("lang", "scheme", "size", "whole"),
    [
        ("en", "light", DESK, True),
        ("es", "dark", PHONE, True),
        ("es", "light", DESK, False),
        ("en", "dark", DESK, False),
    ],
    ids=["en-light-desk", "es-dark-phone", "es-light-desk", "en-dark-desk"],
)
def test_no_page_keeps_anybody_out(app: str, lang: str, scheme: str, size: dict[str, int], whole: bool) -> None:
    with browsed(viewport=size, color_scheme=scheme) as page:
        assert swept(page, app, list(views(all_parts=whole)), lang) == {}


def test_what_opens_upon_a_page_keeps_nobody_out_either(app: str) -> None:
    with browsed(viewport=PHONE) as page:
        opened(page, f"{app}/today?lang=es")
        page.get_by_role("button", name="Palabras de esta página").click()
        settled(page)
        assert grave(page) == []
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Cómo se cuenta").first.click()
        settled(page)
        assert grave(page) == [] and overflow(page) <= 0
        rest = [
            "findings?view=todo&rule=STA01",
            "funnel?step=mql.converted",
            "person?object=lead&record=00Q000000000001",
        ]
        assert swept(page, app, rest, "es") == {}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_before_and_after_the_first_sync_of_three_leads(bare: str, lang: str) -> None:
    with browsed(viewport=PHONE) as page:
        if lang == "en":
            assert swept(page, bare, list(views(all_parts=False)), lang) == {}
            opened(page, f"{bare}/connection?section=sync&lang=en")
            page.get_by_role("button", name="Sync now").click()
            page.get_by_text("Read 3 leads and contacts").first.wait_for()
            settled(page)
        assert swept(page, bare, list(views()), lang) == {}
