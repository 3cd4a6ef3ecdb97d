"""A leader, in Spanish, from Today to the people behind a late SLA; and what a reader without names sees of it.

Everybody signs in. The company is that of `leadpact demo`, as files, with a name that a spreadsheet would run.

Not here: which records a scope covers (test_privacy*.py), every list and file (test_browser_exports.py).
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import TimeoutError as Nothing

from config import members
from config.database import open_database
from leadpact.export import MARK
from tests.browsing import MARKS, WAIT, Page, browsed, expect, heading
from tests.conftest import ROOT
from tests.journey import BROWSER, DESK, Story, follow, part, settled, wait_for
from tests.journey_people import Person, sign_in, signed_in_app

pytestmark = MARKS
SECRETS = '[connections.acme]\ntype = "files"\npath = "{path}"\n'
CARMEN = Person("carmen@acme.example", "Sales", "es")  # manages those who call
DIEGO = Person("diego@acme.example", "Sales", "es")  # another of that team
LUIS = Person("luis@acme.example", "Leaders", "es")
TEAM = frozenset({"sdr"})
FORMULA = "=1+1"
PICTURES = ("today", "waiting", "clocks", "people", "journey", "figures-only")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("leader")
    source, home = folder / "company", folder / "home"
    run("demo", "--leads", "1200", "--out", str(source))
    rename(source / "leads.csv")
    secrets = SECRETS.format(path=source)
    (folder / "secrets.toml").write_text(secrets, encoding="utf-8")
    run("--home", str(home), "--secrets", str(folder / "secrets.toml"), "sync", "acme")
    engine, now = open_database(home), datetime.now(UTC).replace(tzinfo=None)
    for one in (CARMEN, DIEGO):
        members.save(engine, members.Member(one.email, frozenset({"sales"}), teams=TEAM), actor="test", now=now)
    engine.dispose()
    with signed_in_app(folder / "work", home, secrets, (CARMEN, DIEGO, LUIS)) as address:
        yield address


def run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "leadpact", *words], cwd=ROOT, check=True, capture_output=True)


def rename(file: Path) -> None:
    """Every fifth lead that waits as an MQL is called by a formula, as whoever fills in a web form may."""
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    for row in [row for row in rows if row["status"] == "MQL"][::5]:
        row["name"] = FORMULA
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_from_today_to_the_people_behind_a_late_sla(app: str, tmp_path: Path) -> None:
    story = Story("leader", PICTURES, "es")
    with browsed(BROWSER["es"]) as first:
        browser = first.context.browser
        assert browser is not None
        page = sign_in(browser, CARMEN, f"{app}/today?lang=es", viewport=DESK)
        today(story, page)
        late = overdue(story, page)
        names = download(story, page, tmp_path / "people.csv")
        assert 0 < len(names) < late and f"'{FORMULA}" in names and FORMULA not in names
        one_person(story, page)
        shared = page.url
        asked = parse_qs(urlsplit(shared).query)
        assert asked["clocks"] == ["mql-follow-up.overdue"]

        colleague = sign_in(browser, DIEGO, shared, viewport=DESK)
        wait_for(colleague, story.say("ui.people.count", count=len(names)))
        assert parse_qs(urlsplit(colleague.url).query)["clocks"] == asked["clocks"]
        assert download(story, colleague, tmp_path / "theirs.csv") == names


def test_a_viewer_sees_the_figures_and_nobody(app: str) -> None:
    story = Story("leader", PICTURES, "es")
    with browsed(BROWSER["es"]) as first:
        browser = first.context.browser
        assert browser is not None
        page = sign_in(browser, LUIS, f"{app}/sla?lang=es&clocks=mql-follow-up.overdue", viewport=DESK)
        said = story.say("privacy.figures_only", roles="#").split("#")[0]
        wait_for(page, re.compile(re.escape(said)))
        story.picture(page, "figures-only", page.get_by_text(story.say("ui.people.count", count=2).split()[-1]).first)
        assert page.get_by_role("button", name=story.say("ui.people.download")).count() == 0
        # nothing of anybody came to the browser, in whatever form
        assert "@" not in page.get_by_test_id("stMain").inner_text()


def today(story: Story, page: Page) -> None:
    """What hurts most, and who waits now."""
    say = story.say
    heading(page, say("page.today.title"))
    wait_for(page, say("page.sla.waiting.all"))
    story.picture(page, "today")
    follow(page, say("page.sla.waiting.all"))
    heading(page, say("page.sla.title"))
    page.wait_for_url("**view=waiting*")
    story.picture(page, "waiting")


def overdue(story: Story, page: Page) -> int:
    """The clocks that ran out, by a click on their bar; how many there are, of every team."""
    say = story.say
    part(page, say("page.sla.section.policies"))
    bars = page.locator(".js-plotly-plot .barlayer .point")
    expect(bars.first).to_be_visible(timeout=WAIT)
    story.picture(page, "clocks")
    bar = bars.nth(2)  # kept, broken, and then those that still run, past their time
    many = int(bar.locator("text").text_content() or "0")
    bar.locator("path").click(force=True)
    page.wait_for_url("**clocks=mql-follow-up.overdue*")
    title = page.get_by_role("heading", name=re.compile(say("ui.state.overdue"))).last
    expect(title).to_be_visible(timeout=WAIT)
    story.picture(page, "people", title)
    return many


def download(story: Story, page: Page, file: Path) -> list[str]:
    """The names in the list, as its file has them."""
    settled(page)
    with page.expect_download(timeout=WAIT) as waiting:
        page.get_by_role("button", name=story.say("ui.people.download")).last.click()
    waiting.value.save_as(file)
    text = file.read_text(encoding="utf-8").removeprefix(MARK)
    return [row[story.say("ui.col.name")] for row in csv.DictReader(text.splitlines())]


def one_person(story: Story, page: Page) -> None:
    """One of them as a journey, with the way into the CRM."""
    say = story.say
    grid = page.get_by_test_id("stDataFrame").last
    grid.scroll_into_view_if_needed()
    with closing(opened(page, grid)) as found:
        tab = next(found)
        heading(tab, say("page.person.title"))
        crm = tab.get_by_role("link", name=say("page.person.open", object=say("setup.object.lead"))).first
        expect(crm).to_have_attribute("href", re.compile(r"https://crm\.example/"), timeout=WAIT)
        story.picture(tab, "journey")


def opened(page: Page, grid: object) -> Iterator[Page]:
    """The tab a cell of the first row opens; the cells are drawn on a canvas, so they are tried from the left."""
    for x in range(70, 300, 12):  # only the words of a link answer, not the cell
        try:
            with page.context.expect_page(timeout=1_000) as coming:
                grid.click(position={"x": x, "y": 52})  # type: ignore[attr-defined]
        except Nothing:
            continue
        tab = coming.value
        settled(tab)
        yield tab
        tab.close()
        return
    pytest.fail("no cell of the list leads to a person")
