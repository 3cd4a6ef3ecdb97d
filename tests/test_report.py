"""The one-page report: every figure as the dashboards have it, nothing that runs, nobody's data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest

from config import versions
from config.schema import Pact
from leadpact.cli import main
from leadpact.errors import Misconfigured
from leadpact.language import Language
from leadpact.metrics.compare import Gap
from leadpact.metrics.engines_judge import Engine
from leadpact.metrics.leaks import Leak
from leadpact.pact_in_use import PactInUse
from leadpact.report import page
from leadpact.report.gather import Report, gather
from leadpact.report.standing import next_review
from leadpact.workspace import Analysis
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

AS_OF = datetime(2026, 3, 17, 12)
EN, ES, LATIN = Language("en"), Language("es"), Language("es_419")
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
CANARIES = ("Canary Person", "canary@secret.example", "+34 600 111 222", "Canary Company", "Olga Canary", "canary-id")
PROMISES = {"marketing": {"mql_per_month": 4, "accepted_rate": 0.5}, "sales": {"follow_up": "follow-up"}}
TAGS = {"html", "head", "meta", "title", "style", "body", "header", "div", "h1", "h2", "h3", "p", "span", "section",
        "i", "b", "strong", "table", "tr", "th", "td", "footer"}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "style", "colspan"}


def at(day: float) -> datetime:
    return datetime(2026, 3, 1) + timedelta(days=day - 1)


def agreed(**changes: Any) -> Pact:
    return pact(commitments=PROMISES, **changes)


def company(**changes: Any) -> Rows:
    """Five leads of March: two taken in time, one late, one sent back, one waits past its time."""
    histories: dict[str, list[tuple[Any, str]]] = {
        "one": [(at(2), "MQL"), (at(3), "Working"), (at(9), "Customer")],
        "two": [(at(2), "MQL"), (at(3), "Working")],
        "late": [(at(3), "MQL"), (at(8), "Working")],
        "back": [(at(4), "MQL"), (at(5), "Disqualified")],
        "waits": [(at(10), "MQL")],
    }
    personal = {"name": CANARIES[0], "email": CANARIES[1], "phone": CANARIES[2], "company": CANARIES[3]}
    rows = [
        lead(f"canary-id-{who}", status=steps[-1][1], created_at=steps[0][0], owner_id="u1", end_reason="No budget",
             **personal, **changes)
        for who, steps in histories.items()
    ]  # fmt: skip
    owner = [{"owner_id": "u1", "name": "Olga Canary", "team": "sales", "is_active": True, "is_queue": False}]
    history = [row for who, steps in histories.items() for row in moved(f"canary-id-{who}", *steps)]
    return Rows(creation_logged=True, record=rows, field_change=history, activity=[], owner=owner)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("report"))
    made.sync(company(), now=AS_OF, used=agreed())
    return made


@pytest.fixture(scope="module")
def opened(world: World) -> Analysis:
    return world.analyse(agreed())


@pytest.fixture(scope="module")
def report(opened: Analysis) -> Report:
    return gather(opened)


class Read(HTMLParser):
    """The tags, attributes and words of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_it_says_what_the_metrics_say(report: Report) -> None:
    text = Read(page.html(report, EN)).text
    assert "followed up within 48 hours, of 5 hand-overs" not in text  # one left for another reason, before its time
    assert "50.0%" in text and "of 4 hand-overs that were decided or are overdue" in text
    assert "75.0%" in text and "of 4 qualified journeys that Sales took or sent back" in text
    assert report.promises.pace is not None and report.promises.pace.so_far == 5
    assert "4 qualified leads a month" in text and "✓ kept" in text and "✗ not kept" in text
    assert report.waiting == {"soon": 0, "over": 0, "later": 0, "forgotten": 1}
    assert "Mar 17, 2026" in text and "(UTC)" in text and "hash" in text


def test_the_figures_are_those_of_the_dashboards(report: Report, opened: Analysis) -> None:
    from leadpact.metrics.funnel import Scope, conversion, reachable
    from leadpact.metrics.sla import compliance

    scope = Scope(report.period.start, report.period.end, 30)
    same = conversion(opened.tables, reachable(opened.pact, scope), opened.as_of, scope)
    assert report.funnel == same
    assert report.policies == compliance(opened.tables, opened.pact, opened.as_of)
    assert report.period.days == 90 and report.period.end == date(2026, 3, 18)


@pytest.mark.parametrize("lang", [EN, ES, LATIN])
def test_nothing_in_it_runs_or_is_loaded_from_elsewhere(report: Report, lang: Language) -> None:
    text = page.html(report, lang)
    found = Read(text)
    assert found.tags <= TAGS, found.tags - TAGS
    assert {name for name, _ in found.attributes} <= ATTRIBUTES
    assert not re.search(r"https?://|url\(|@import|javascript:", text)
    assert "default-src 'none'" in text
    assert len(text) < 60_000


@pytest.mark.parametrize("lang", [EN, ES])
def test_it_speaks_the_readers_language(report: Report, lang: Language) -> None:
    text = Read(page.html(report, lang)).text
    other = ES if lang is EN else EN
    for key in ("report.t.promises", "report.t.waiting", "report.t.findings", "report.funnel.note", "page.today.sales"):
        assert lang(key, days=30) in text
        assert other(key, days=30) not in text
    assert not re.search(r"\breport\.\w+|\{\w+\}", text)


def engine(group: str | None, measure: Any = "median") -> Engine:
    return Engine(kind="pace", by="source", group=group, stage="mql", n=40, events=5, expected=20.0, n_rest=400,
                  measure=measure, horizon=30.0, value=12.5, rest=3.0, difference=9.5, low=4.0, high=15.0, ratio=0.3,
                  ratio_low=0.2, ratio_high=0.5, p=0.001, q=0.01, called=True)  # fmt: skip


def leak() -> Leak:
    gap = Gap(difference=0.1, low=0.05, high=0.15, p=0.001, clear=True)
    return Leak(group=None, stage="mql", entered=200, lost=60, rate=0.3, ci_low=0.24, ci_high=0.37, entered_before=200,
                lost_before=40, rate_before=0.2, expected=40.0, excess=20.0, gap=gap, young=3, reasons=())  # fmt: skip


@pytest.mark.parametrize("lang", [EN, ES])
def test_markup_in_any_text_of_the_data_stays_text(world: World, lang: Language) -> None:
    stages = [{**stage.model_dump(), "label": f"{EVIL}{at}"} for at, stage in enumerate(pact().stages)]
    evil = agreed(name=EVIL, stages=stages)
    found = gather(world.analyse(evil, where={"company": CANARIES[3]}))
    complaints = replace(found.complaints, first_reason=EVIL, first_reason_count=9)
    found = replace(found, connection=EVIL, complaints=complaints, conditions={"source": EVIL}, leak=leak(),
                    engine=engine(EVIL))  # fmt: skip
    text = page.html(found, lang)
    read = Read(text)
    assert read.tags <= TAGS and {name for name, _ in read.attributes} <= ATTRIBUTES
    assert "<script" not in text and "<img" not in text
    assert read.text.count("<script>alert(1)</script>") >= len(found.funnel.steps) + 5
    assert "{{ 7*7 }}" in read.text and "49" not in re.findall(r"\{\{ 7\*7 \}\}|49", read.text)


def test_nobodys_data_is_in_it(world: World, report: Report) -> None:
    named = gather(world.analyse(agreed(), where={"email": CANARIES[1]}))
    for made in (report, named):
        for text in (page.html(made, EN), page.html(made, ES)):
            assert not [canary for canary in CANARIES if canary in text]
    assert "email = •••" in page.html(named, EN)
    assert "canary" not in json.dumps(report.as_json(), default=str).casefold()


@pytest.mark.parametrize("reason", ["wrote ana@acme.example", "call +34 600 123 456 first"])
def test_a_reason_that_names_somebody_is_not_told(tmp_path: Path, reason: str) -> None:
    world = World(tmp_path)
    rows = [lead(who, status="Disqualified", created_at=at(2), end_reason=reason) for who in ("a", "b")]
    history = [row for who in ("a", "b") for row in moved(who, (at(2), "MQL"), (at(3), "Disqualified"))]
    world.sync(Rows(creation_logged=True, record=rows, field_change=history), now=AS_OF)
    found = gather(world.analyse())
    assert found.complaints.first_reason is None and reason not in page.html(found, EN)


def test_a_reason_of_one_record_is_not_told_and_one_of_two_is(report: Report, tmp_path: Path) -> None:
    assert report.complaints.first_reason is None
    world = World(tmp_path)
    rows = [lead(who, status="Disqualified", created_at=at(2), end_reason="No budget") for who in ("a", "b")]
    history = [row for who in ("a", "b") for row in moved(who, (at(2), "MQL"), (at(3), "Disqualified"))]
    world.sync(Rows(creation_logged=True, record=rows, field_change=history), now=AS_OF)
    assert "No budget (2)" in Read(page.html(gather(world.analyse()), EN)).text


def test_without_promises_sla_touches_or_journeys_it_says_so(tmp_path: Path) -> None:
    world, bare = World(tmp_path), pact(sla=[])
    world.sync(Rows(record=[lead("cold", status="Unknown", created_at=at(2))]), now=AS_OF, used=bare)
    found = gather(world.analyse(bare))
    assert found.waiting is None and not found.promises.any
    for lang in (EN, ES):
        text = Read(page.html(found, lang)).text
        for key in ("report.promises.none", "report.funnel.none", "page.today.no_policy", "report.touches_unread"):
            assert lang(key) in text
        assert "None" not in text and "nan" not in text


def test_a_draft_is_called_a_draft(opened: Analysis, report: Report) -> None:
    assert EN("report.draft") in page.html(report, EN)
    signed = replace(report, used=PactInUse(opened.pact, 3, True))
    assert EN("report.draft") not in page.html(signed, EN) and "version 3" in page.html(signed, EN)


def test_leak_and_engine_are_told_with_their_numbers(report: Report) -> None:
    assert "No stage clearly lost more" in page.html(report, EN) and "Nobody is clearly slower" in page.html(report, EN)
    text = Read(page.html(replace(report, leak=leak(), engine=engine("Web", "mean")), EN)).text
    assert "MQL lost 60 of 200 within 30 days: 30.0%, against 20.0% in the 90 days before. That is 20 more" in text
    assert "Source: Web. Of the first 30 days its leads spend 12.5 in MQL on average, the others 3.0" in text
    assert "95% interval 4.0 to 15.0; 40 cases against 400" in text and "not a cause" in text
    assert "Half of its leads" in page.html(replace(report, engine=engine(None)), EN)


def test_many_stages_and_policies_are_set_smaller(report: Report) -> None:
    many = replace(report, funnel=replace(report.funnel, steps=report.funnel.steps * 5))
    assert page.view(many, EN)["points"] < page.view(report, EN)["points"]
    assert page.view(replace(report, policies=report.policies * 9), EN)["more_policies"] == 5


def test_bars_are_never_longer_than_the_page(report: Report) -> None:
    lengths = [float(found) for found in re.findall(r"(?:width|left):([\d.]+)%\"", page.html(report, EN))]
    assert lengths and all(0 <= length <= 100 for length in lengths)


def test_the_period_is_the_one_asked_for(opened: Analysis) -> None:
    found = gather(opened, start=date(2026, 3, 3), end=date(2026, 3, 5), window_days=7)
    assert (found.period.start, found.period.end, found.window_days) == (date(2026, 3, 3), date(2026, 3, 5), 7)
    assert found.funnel.steps[0].entered == 2  # late and back
    assert "Mar 3, 2026 – Mar 4, 2026 (2 days)" in page.html(found, EN)
    with pytest.raises(Misconfigured):
        gather(opened, start=date(2026, 3, 5), end=date(2026, 3, 3))


def test_the_next_review_follows_the_last_signature(tmp_path: Path) -> None:
    world, used = World(tmp_path), pact(review={"definition_every_days": 10})
    database = world.workspace.database
    assert next_review(PactInUse(used, None, False)) is None
    made = versions.save(database, used, author="a@b.example", message="", now=at(1))
    for place, team in enumerate(get_args(versions.Team)):
        made = versions.sign(database, made, team=team, email=f"{team}@b.example", door="cli", now=at(2 + place))
    signed = world.workspace.pact_in_use("any")
    assert next_review(signed) == date(2026, 3, 13)
    assert next_review(replace(signed, pact=pact())) is None


def test_the_next_review_is_a_day_of_the_pacts_zone() -> None:
    used = pact(review={"definition_every_days": 10}, timezone="America/Mexico_City")
    # the evening of 1 March in Mexico is the second in UTC
    signed = PactInUse(used, 1, True, reviewed_at=datetime(2026, 3, 2, 3))
    assert next_review(signed) == date(2026, 3, 11)


Run = Callable[..., int]


@pytest.fixture(scope="module")
def run(world: World) -> Run:
    """The command in the home of the company above."""
    return lambda *words: main(["--home", str(world.workspace.home), *words])


def test_the_command_writes_the_page_and_prints_its_figures(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, rows = tmp_path / "report.html", tmp_path / "rows.csv"
    assert (
        run("report", "--out", str(file), "--from", "2026-03-01", "--explain", str(rows), "--json", "--lang", "es") == 0
    )
    document = json.loads(capsys.readouterr().out)
    assert list(document)[:2] == ["pact", "as_of"]
    assert document["period"] == {"from": "2026-03-01", "to": "2026-03-18"}
    assert document["complaints"]["accepted"] == 3 and document["promises"]["pace"]["so_far"] == 5
    assert [step["stage"] for step in document["funnel"]["steps"]] == ["subscriber", "mql", "sal", "customer"]
    assert document["waiting"]["forgotten"] == 1 and document["sla"][0]["overdue"] == 1
    assert ES("report.t.promises") in file.read_text(encoding="utf-8")
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 6


def test_the_command_says_where_the_page_is(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("report", "--out", str(tmp_path / "report.html")) == 0
    assert "report.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["--out", "/nowhere/at/all.html"], ["--json", "--from", "2026-03-05", "--to", "2026-03-01"]]
)
def test_what_cannot_be_done_is_said(run: Run, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("report", *words) == 2
    assert capsys.readouterr().err
