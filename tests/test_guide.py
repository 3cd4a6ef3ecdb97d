"""The guided start, the words of the trade, the sample files: what is ticked, who sees which step, what can be read.

Not here: how it looks in a browser (test_browser_guide.py).
"""

from __future__ import annotations

import ast
import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from config import members, reading, versions
from config.document import default
from config.members import Member
from config.propose import propose_stage
from leadpact.language import Language
from leadpact.settings import Connection
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, prepare, settle_company, visit, words
from tests.conftest import ROOT
from ui import connection_samples, guide, guide_terms, registry, sample_files
from ui.access import Visitor
from ui.guide_facts import Facts

FACTS = Facts(hidden=False, finding_read=False, finding="STA01", found=3, own="acme", own_read=False, own_mapped=False,
              people=0)  # fmt: skip

ANYBODY = Visitor()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


class Reader:
    """What the steps ask of a page."""

    def __init__(self, visitor: Visitor = ANYBODY, *, ready: bool = True, version: int | None = None) -> None:
        self.visitor, self.ready = visitor, ready
        self.connection = Connection("acme", "files", {})
        self.used = type("Used", (), {"version": version, "in_force": False})()


def named(reader: Reader, facts: Facts = FACTS) -> list[str]:
    return [step.name for step in guide.steps(reader, facts)]  # type: ignore[arg-type]


def test_everybody_sees_only_the_steps_that_are_theirs() -> None:
    assert named(Reader()) == ["look", "finding", "own", "agree", "share"]
    assert named(Reader(ready=False)) == ["own", "finding", "agree", "share"]
    of = {role: named(Reader(Visitor("a@b.example", frozenset({role})))) for role in members.ROLES}
    assert of["viewer"] == ["look", "finding"]
    assert of["marketing"] == of["sales"] == ["look", "finding", "agree"]
    assert of["revops"] == ["look", "finding", "own", "agree"]
    assert of["administrator"] == ["look", "finding", "own", "agree", "share"]


def test_each_step_leads_to_what_is_missing() -> None:
    def to(name: str, reader: Reader, facts: Facts = FACTS) -> tuple[str, str, dict[str, str]]:
        step = next(one for one in guide.steps(reader, facts) if one.name == name)  # type: ignore[arg-type]
        assert step.variant in guide.VARIANTS[name]
        return step.variant, step.page, dict(step.values)

    assert to("own", Reader(), replace(FACTS, own=None)) == ("none", "connection", {"section": "source"})
    assert to("own", Reader())[2] == {"connection": "acme", "section": "mapping"}
    assert to("own", Reader(), replace(FACTS, own_mapped=True))[2] == {"connection": "acme", "section": "sync"}
    assert to("finding", Reader()) == ("there", "findings", {"view": "todo", "rule": "STA01"})
    assert to("agree", Reader())[:2] == ("begin", "definition")
    assert to("agree", Reader(version=3)) == ("sign", "definition", {"view": "versions"})


def test_the_store_ticks_the_steps_and_not_a_click(home: Path) -> None:
    lang, say = "es", Language("es")

    def title(done: int, whole: int = 5) -> str:
        return say("page.today.guide.title", done=str(done), all=str(whole))

    at = visit("today", lang)  # a connection of her own, not read yet
    assert title(0, 4) in words(at) and say("page.today.guide.own.mapping", connection="acme") in words(at)
    settle_company(home)
    at = visit("today", lang)
    assert title(2) in words(at)
    visit("findings", lang, view="todo", rule="STA01")
    at = visit("today", lang)
    assert title(3) in words(at)
    at.button(key="_today_guide_hide").click().run()
    assert title(3) not in words(at) and title(3) not in words(visit("today", lang))
    at = visit("funnel", lang)
    at.button(key="_guide_offer").click().run()
    assert title(3) in words(visit("today", lang))


def test_once_everything_is_done_it_is_gone(home: Path) -> None:
    settle_company(home)
    engine = Workspace(home).database
    version = versions.save(engine, default("en"), author="ana@acme.example", message="", now=AS_OF)
    for email, team in (("ana@acme.example", "marketing"), ("olga@acme.example", "sales")):
        version = versions.sign(engine, version, email=email, team=team, door="cli", now=AS_OF)  # type: ignore[arg-type]
        members.save(engine, Member(email, frozenset({"administrator"})), actor="cli", now=AS_OF)
    at = visit("today")
    assert "First steps · 4 of 5 done" in words(at)
    reading.note(engine, "", reading.FINDING_READ, AS_OF)
    reading.note(engine, "", reading.FINDING_READ, AS_OF)  # once is enough, and twice does no harm
    at = visit("today")
    assert "First steps" not in words(at) and "_today_guide_hide" not in [one.key for one in at.button]


def test_the_words_of_every_page_are_explained_and_found_without_accents(home: Path) -> None:
    assert set(guide_terms.PAGES) <= {entry.name for entry in registry.PAGES}
    used = {*guide_terms.COLUMNS.values(), *guide_terms.FILTERS.values()}
    assert used <= set(guide_terms.NAMES)
    at = visit("scoring", "es")
    assert "Umbral." in words(at)
    at.button(key="_guide_words").click().run()
    at.text_input(key="_guide_words_search").set_value("puntuacion").run()
    listed = [one.value.replace("\\", "") for one in at.markdown if "Perfil y comportamiento" in one.value]
    assert "**Puntuación.**" in listed[-1] and "Cohorte" not in listed[-1]


@pytest.mark.parametrize("code", ["en", "es", "es_419"])
def test_samples_are_read_as_they_say(code: str, tmp_path: Path) -> None:
    lang = Language(code)
    read = dict(connection_samples.proposed(lang))
    header, rows = sample_files.spreadsheet(lang)
    assert list(read) == header and len(rows) == 5
    assert list(read.values()) == [
        *(["field:record_id"], ["field:name"], ["field:email"], ["field:company"], ["field:status"], ["field:source"]),
        *(["field:created_at"], ["status"], ["status"]),
    ]
    assert all(propose_stage(lang(f"sample.status.{status}")) for status in sample_files.STATUSES)
    files = sample_files.export(lang)
    assert set(files) == {f"{name}.csv" for name in connection_samples.ADDS}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    from connectors import connect

    made = connect(Connection("sample", "files", {"path": str(tmp_path)}), state=tmp_path / "state", mapping=None)
    result = Workspace(tmp_path / "home").sync(made, "sample", now=AS_OF)
    assert not result.rejected and result.counts["record"] == 5
    changes = list(csv.reader(io.StringIO(files["status_changes.csv"].decode("utf-8-sig"))))[1:]
    assert result.counts["field_change"] == len(changes)


def test_the_only_html_of_ours_is_a_stylesheet_named_by_its_path() -> None:
    tree = ast.parse((ROOT / "ui" / "style.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.html"]
    assert [ast.unparse(node) for node in calls] == ["st.html(SHEET)"]
    sheet = (ROOT / "ui" / "style.css").read_text(encoding="utf-8")
    assert "url(" not in sheet and "@import" not in sheet and "<" not in sheet
