"""The Findings page: what is set aside and brought back, what is new, still there and resolved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from config import versions
from config.database import audit_trail
from leadpact.audit import findings_log, suppression
from leadpact.audit.changes import Change
from leadpact.audit.findings_log import Series
from leadpact.audit.identity import Identity
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, company, prepare, settle_company, visit, words
from tests.rows import lead
from tests.worlds import pact
from ui import access, findings_history_chart, findings_suppress, sources
from ui.access import NotAllowed, Visitor

VOICEMAIL = Identity("STA01", "lead", "Left Voicemail")
TODAY = datetime(2026, 3, 2, 16)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "now", lambda: TODAY)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = prepare(tmp_path / "home", monkeypatch)
    settle_company(folder)
    return folder


def aside(home: Path) -> list[suppression.Suppression]:
    return suppression.every(Workspace(home).database, "acme")


def put_aside(home: Path, identity: Identity = VOICEMAIL, **changed: Any) -> None:
    given = {"reason": "New phone system", "author": "ana@x.com", "until": date(2026, 4, 1), "now": TODAY, **changed}
    zone = pact().zone
    suppression.set_aside(Workspace(home).database, "acme", identity, door="app", zone=zone, **given)


def sync_again(home: Path, days: int, *values: str) -> None:
    """Another sync some days later, in which leads hold these values too, and its audit."""
    world = company()
    world.tables["record"] += [
        lead(f"x{place}", name="X", status=value, created_at="2025-11-01T09:00:00")
        for place, value in enumerate(values)
    ]
    space, now = Workspace(home), AS_OF + timedelta(days=days)
    space.sync(world, "acme", now=now)
    findings_log.after_sync(space, "acme", now=now)


def asked(at: AppTest, reason: str, name: str) -> AppTest:
    """The form beneath the voicemail's finding, filled in and not yet sent."""
    at.button(key=f"_findings_aside_{VOICEMAIL_KEY}").click().run()
    at.text_area(key=f"_findings_aside_reason_{VOICEMAIL.fingerprint}").set_value(reason)
    at.text_input(key="_findings_aside_name").set_value(name)
    return at


def table(at: AppTest, column: str) -> Any:
    """The first table with this column."""
    return next(one.value for one in at.dataframe if column in one.value)


@pytest.mark.parametrize(("lang", "said"), [("en", "set aside and not counted"), ("es", "apartado y no cuenta")])
def test_what_is_set_aside_leaves_the_page_with_a_word_and_stands_in_its_own_part(
    home: Path, lang: str, said: str
) -> None:
    before = visit("findings", lang, rule="STA01")
    assert "Left Voicemail" in words(before)
    put_aside(home)
    at = visit("findings", lang, rule="STA01")
    assert said in words(at)
    assert "Left Voicemail" not in words(at)
    at = visit("findings", lang, view="aside")
    assert "Left Voicemail" in words(at) and "New phone system" in words(at) and "ana@x.com" in words(at)


def test_a_finding_is_set_aside_with_a_reason_and_a_name(home: Path) -> None:
    at = asked(visit("findings", finding=VOICEMAIL_KEY), "New phone system", "ana@x.com")
    assert at.date_input(key="_findings_aside_until").value == date(2026, 5, 31)
    at.button(key="_findings_aside_now").click().run()
    (one,) = aside(home)
    assert (one.identity, one.reason, one.author, one.until) == (
        VOICEMAIL, "New phone system", "ana@x.com", date(2026, 5, 31),
    )  # fmt: skip
    with Workspace(home).database.begin() as database:
        row = database.execute(sa.select(audit_trail)).mappings().one()
    assert (row["action"], row["actor"], '"door": "app"' in row["detail"]) == ("finding.set_aside", "ana@x.com", True)


@pytest.mark.parametrize(("reason", "name", "said"), [("", "ana@x.com", "why"), ("Known", "", "e-mail")])
def test_without_a_reason_or_a_name_nothing_is_set_aside(home: Path, reason: str, name: str, said: str) -> None:
    at = asked(visit("findings", finding=VOICEMAIL_KEY), reason, name)
    at.button(key="_findings_aside_now").click().run()
    assert said in words(at)
    assert aside(home) == []


VOICEMAIL_KEY = "STA01:lead:Left Voicemail"


def test_it_is_brought_back_from_the_list(home: Path) -> None:
    put_aside(home)
    at = visit("findings", view="aside")
    at.button(key=f"_findings_back_{VOICEMAIL.fingerprint}").click().run()
    assert len(at.error) == 1, "nobody said who"
    assert len(aside(home)) == 1
    at.text_input(key="_findings_aside_name").set_value("bob@x.com").run()
    at.button(key=f"_findings_back_{VOICEMAIL.fingerprint}").click().run()
    assert aside(home) == []
    assert "Nothing is set aside" in words(at)


def test_one_that_has_ended_counts_again_and_says_so(home: Path) -> None:
    put_aside(home, until=date(2026, 2, 1), now=datetime(2026, 1, 1))
    at = visit("findings", rule="STA01")
    told = "\n".join(one.value for one in at.warning)
    assert "Counts again" in told and "ana@x" in told and "New phone system" in told
    assert "Left Voicemail" in words(at)
    assert "ended on" in words(visit("findings", view="aside"))


def test_the_role_is_checked_where_it_happens() -> None:
    class Asked:
        visitor = Visitor("eve@x.com", frozenset({"reader"}))

    for act in (
        lambda: findings_suppress.set_aside(Asked(), VOICEMAIL, "because", date(2026, 4, 1), "ana@x.com"),  # type: ignore[arg-type]
        lambda: findings_suppress.bring_back(Asked(), VOICEMAIL, "ana@x.com"),  # type: ignore[arg-type]
    ):
        with pytest.raises(NotAllowed):
            act()
    assert access.acting(Visitor("eve@x.com", frozenset({"sales"})), access.SET_ASIDE, "ana@x.com") == "eve@x.com"
    assert access.acting(Visitor(), access.SET_ASIDE, "ana@x.com") == "ana@x.com"
    assert not access.may(Visitor("eve@x.com", frozenset()), access.SET_ASIDE)


def test_who_may_not_set_aside_is_not_offered_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_aside(home, Identity("STA12", "lead"))
    monkeypatch.setattr(access, "admit", lambda *_: Visitor("eve@x.com", frozenset({"reader"})))
    buttons = [one.key or "" for one in visit("findings", finding=VOICEMAIL_KEY).button]
    assert not [key for key in buttons if key.startswith("_findings_aside_")]
    assert not [one.key for one in visit("findings", view="aside").button if "back" in (one.key or "")]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_before_any_audit_is_kept_the_page_says_what_to_do(home: Path, lang: str) -> None:
    at = visit("findings", lang, view="history")
    said = Language(lang)("page.findings.history.none")
    assert said in words(at)
    assert not at.metric


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_history_counts_new_still_there_and_resolved(home: Path, lang: str) -> None:
    sync_again(home, 1)
    assert Language(lang)("page.findings.history.first") in words(visit("findings", lang, view="history"))
    sync_again(home, 2, "Sent email", "zz_old do not use")
    sync_again(home, 3, "Sent email")
    at = visit("findings", lang, view="history")
    last = findings_log.history(Workspace(home).database, Series("acme"))[-1]
    shown = [one.value for one in at.metric]
    assert shown == [str(len(part)) for part in (last.new, last.still, last.resolved, last.carried)]
    assert len(last.resolved) > 0
    runs, gone = table(at, "run_new"), table(at, "resolved_at")
    assert [runs[f"run_{name}"].iloc[0] for name in ("new", "still", "resolved")] == [
        len(part) for part in (last.new, last.still, last.resolved)
    ]
    assert runs["run_new"].iloc[1] > 0 and len(runs) == 3
    assert "zz_old do not use" in set(gone["finding_value"])
    assert set(gone["finding_rule"]) == {one.identity.code for one in last.resolved}


def test_a_finding_says_since_when_it_is_new_and_that_it_is_back(home: Path) -> None:
    for days, values in ((1, ()), (2, ("Sent email",)), (3, ()), (4, ("Sent email", "Left a message"))):
        sync_again(home, days, *values)
    at = visit("findings", finding="STA01:lead:Sent email")
    text = words(at)
    assert "back since" in text
    assert "new since" in text
    sync_again(home, 20, "Sent email", "Left a message")
    text = words(visit("findings", finding="STA01:lead:Sent email"))
    assert "new since" not in text and "back since" not in text, "after a week it is no news"


def test_signing_the_pact_is_in_the_history_without_another_sync(home: Path) -> None:
    database = Workspace(home).database
    versions.save(database, Workspace(home).pact_in_use("acme").pact, author="ana@x.com", message="", now=TODAY)
    visit("findings", view="history")
    for email, team in (("ana@x.com", "marketing"), ("bob@x.com", "sales")):
        versions.sign(database, versions.find(database, "1"), email=email, team=team, door="app", now=TODAY)  # type: ignore[arg-type]
    visit("findings", view="history")
    visit("findings", view="history")
    found = findings_log.history(database, Series("acme"))
    assert [one.run.in_force for one in found] == [False, True]
    assert "DEF01" in {one.identity.code for one in found[-1].resolved}


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "**bold** [a](http://x)", ":red[x]", "=1+1", "שלום\u202e", "$x$ `y`"]
)
def test_text_of_a_suppression_is_shown_and_never_interpreted(home: Path, text: str) -> None:
    put_aside(home, Identity("STA01", "lead", text), reason=text, author=text)
    at = visit("findings", view="aside")
    assert not at.exception
    body = [one.value for one in at.markdown]
    assert any(value.replace("\\", "") == text for value in body)
    assert text not in body or text in ("=1+1",) or "\u202e" in text


def bars(*counts: tuple[int, int, int]) -> Any:
    changes = [Change.__new__(Change) for _ in counts]
    for change, (new, still, gone) in zip(changes, counts, strict=True):
        run = findings_log.Run(1, 1, AS_OF, AS_OF, 1, "h", True, frozenset(), (), {})
        for name, value in (("run", run), ("new", (0,) * new), ("still", (0,) * still), ("resolved", (0,) * gone)):
            object.__setattr__(change, name, value)
    names = ["still <b>", "new", "resolved"]
    return findings_history_chart.runs(
        changes, [f"{n} <i>" for n in range(len(counts))], names, Language("en"), pact().zone
    )


def test_the_chart_counts_resolved_below_the_line_in_whole_numbers() -> None:
    figure = bars((3, 0, 0), (1, 3, 0), (0, 1, 3))
    still, new, gone = figure.data
    assert (list(still.y), list(new.y), list(gone.y)) == ([0, 3, 1], [3, 1, 0], [0, 0, -3])
    assert all(not text.startswith("-") for text in figure.layout.yaxis.ticktext)
    assert 0 in figure.layout.yaxis.tickvals
    assert "<b>" not in still.name and "<i>" not in still.hovertext[0]


@pytest.mark.parametrize("counts", [(0, 0, 0), (1, 0, 0), (0, 0, 1), (5000, 100, 40_000)])
def test_the_chart_marks_few_numbers_whatever_their_size(counts: tuple[int, int, int]) -> None:
    ticks = bars(counts, counts).layout.yaxis.tickvals
    assert 1 <= len(ticks) <= 9
    assert 0 in ticks
