"""Where a company has several pacts, everything that reads or saves one does so for the pact that was chosen.

Not here: the pacts themselves (test_pact_lines.py).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from config import comments, drafts, lines, versions
from leadpact.audit import findings_log
from leadpact.audit.findings_log import Series
from leadpact.workspace import Workspace
from tests.apptest import AS_OF, fill, prepare, visit, words
from tests.command import called, document
from tests.conftest import ROOT
from tests.rows import Rows, lead
from tests.worlds import pact

# what works on one line of versions, and how many arguments it takes before the line
OF_A_LINE = {
    ("drafts", "newest"): 1, ("drafts", "begin"): 1, ("versions", "history"): 1, ("versions", "find"): 2,
    ("versions", "save"): 2, ("versions", "voted"): 2, ("versions", "record_votes"): 2, ("versions", "newest"): 1,
    ("comments", "on"): 1, ("comments", "add"): 1,
}  # fmt: skip
MODULES = {"pact_drafts": "drafts"}


def unnamed(source: str) -> Iterator[str]:
    """Calls of these that leave the line to the default, which is the company's first pact."""
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        module = call.func.value
        if not isinstance(module, ast.Name):
            continue
        before = OF_A_LINE.get((MODULES.get(module.id, module.id), call.func.attr))
        given = {one.arg for one in call.keywords} & {"line", "pact"}
        if before is not None and len(call.args) <= before and not given:
            yield f"{call.lineno}: {ast.unparse(call)}"


def test_no_caller_leaves_the_pact_to_chance() -> None:
    files = [path for folder in ("leadpact", "ui", "pages") for path in (ROOT / folder).rglob("*.py")]
    found = [f"{path.relative_to(ROOT)}:{one}" for path in files for one in unnamed(path.read_text(encoding="utf-8"))]
    assert found == []
    assert list(unnamed("versions.find(engine, '1')")) and not list(unnamed("versions.find(engine, '1', line)"))
    assert list(unnamed("pact_drafts.newest(engine)")) and not list(unnamed("drafts.begin(engine, pact=line)"))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """A company of two pacts, of which the second one is to be chosen."""
    home = prepare(tmp_path / "home", monkeypatch)
    kinds = ["B2B", "B2B", "B2C", "Partner"]
    rows = [lead(f"l{number}", status="MQL", record_type=kind) for number, kind in enumerate(kinds)]
    database = Workspace(home).database
    for line, kind in (("main", "B2B"), ("b2c", "B2C")):
        made = pact(name=f"{kind} pact", scope={"record_type": [kind]})
        versions.save(database, made, author="a", message="", now=AS_OF, line=line)
    fill(home, Rows(record=rows))
    return database


def test_edits_go_into_the_pact_chosen_and_unsaved_ones_stay_with_theirs(engine: Engine) -> None:
    at = visit("definition", pact="b2c", view="stages")
    assert "Governs 1 of 4 records; 1 have no pact" in words(at) + "".join(one.proto.body for one in at.get("badge"))
    at.button(key="_definition_stages_edit_0").click().run()
    next(one for one in at.text_area if one.key.endswith("_meaning")).input("Only for B2C").run()
    at = visit("definition", again=at, pact="main", view="stages")
    assert "_definition_save" not in {one.key for one in at.button}
    at = visit("definition", again=at, pact="b2c", view="stages")
    at.button(key="_definition_save").click().run()
    draft = drafts.newest(engine, "b2c")
    assert draft is not None and draft.document["stages"][0]["meaning"] == "Only for B2C"
    assert drafts.newest(engine, "main") is None


@pytest.mark.thorough
def test_a_pact_is_begun_beside_the_others_and_retired(engine: Engine) -> None:
    at = visit("definition", view="versions")
    for values, error in ((["B2C"], True), (["Partner"], False)):
        at.text_input(key="_definition_new_name").input("Partners").run()
        at.multiselect(key="_definition_new_values_record_type").set_value(values).run()
        at.text_input(key="_definition_author_new").input("Ana").run()
        at.button(key="_definition_new_do").click().run()
        assert bool(at.error) is error
    third = lines.find(engine, "Partners")
    assert third.slug == "partners" and third.versions[0].pact.scope == {"record_type": ["Partner"]}
    assert at.selectbox(key="_definition_pact").value == "partners"
    at.button(key="_definition_retire_do").click().run()
    assert [line.slug for line in lines.every(engine)] == ["main", "b2c"]
    assert at.selectbox(key="_definition_pact").value == "main"


def test_commands_work_on_the_pact_named(engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*options: str) -> Any:
        return document(called(capsys, "--home", str(tmp_path / "home"), "--pact-name", "b2c", *options, "--json"))

    again = pact(name="B2C pact", scope={"record_type": ["B2C"]}, sales_ready={"threshold": 7})
    versions.save(engine, again, author="a", message="", now=AS_OF, line="b2c")
    made = run("pact", "comments", "--on", "stages[mql]", "--add", "Why?", "--as", "Eva")["comments"]
    assert [one.text for one in comments.on(engine, "b2c")] == ["Why?"] and comments.on(engine, "main") == []
    refused = called(capsys, "--home", str(tmp_path / "home"), "pact", "comments", "--on", "stages[mqll]", "--add", "x")
    assert refused[0] == 2 and "stages[mql]" in refused[2]
    assert run("pact", "comments", "--resolve", str(made[0]["id"]), "--as", "Eva")["comments"] == []
    found = run("pact", "compare", "1", "2", "--where", "record_type=B2C")
    assert found["a"]["lights"] == {} and found["b"]["pact"]["name"] == "B2C pact"
    assert {one["stage"]: one["converted"] for one in found["b"]["steps"]}["mql"] == 1


def test_every_pact_is_audited_after_a_sync(engine: Engine, tmp_path: Path) -> None:
    space = Workspace(tmp_path / "home")
    findings_log.after_sync(space, "acme", now=AS_OF)
    runs = {line: findings_log.history(engine, Series("acme", line)) for line in ("", "b2c", "none")}
    assert {line: len(found) for line, found in runs.items()} == {"": 1, "b2c": 1, "none": 0}
    assert runs[""][0].run.pact_hash != runs["b2c"][0].run.pact_hash
