"""A company's own lexicon in its home: the command, the audit and the pages judge by the same words."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import pytest

from leadpact import audit
from leadpact.audit.classifier import LexiconError, classify, default_lexicon
from leadpact.audit.classifier.own import FOLDER, own_words
from leadpact.audit.classifier.places import lines_of, named
from leadpact.cli import main
from leadpact.language import Language
from leadpact.workspace import Workspace
from tests import apptest
from tests.conftest import ROOT
from tests.rows import Rows, lead

OURS = """\
"Hero Agent 7": source
🔥: state
values:
  Zonk: vague
  state: [Zip, Zap]
action:
  touch: [zoomtastic(|s)]
"""


def ours(home: Path, text: str = OURS, name: str = "ours.yaml") -> Path:
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("hero agent 7", "source"),
        ("03. HERO AGENT 7", "source"),
        ("🔥", "state"),
        ("Zonk", "vague"),
        ("zap", "state"),
        ("Open - Zoomtastic", "mixed"),
        ("Contacted", "action"),
    ],
)
def test_words_of_the_home_are_read_with_ours(tmp_path: Path, value: str, kind: str) -> None:
    ours(tmp_path)
    assert classify(value, lexicon=own_words(tmp_path).lexicon()).kind == kind


def test_another_picture_is_not_the_listed_one(tmp_path: Path) -> None:
    ours(tmp_path)
    lexicon = own_words(tmp_path).lexicon()
    assert classify("✅", lexicon=lexicon).kind == "vague"
    assert classify("", lexicon=lexicon).kind == "vague"


@pytest.mark.parametrize("made", ["no folder", "empty folder", "a file in its place", "other files"])
def test_a_home_without_lexicon_has_our_words_alone(tmp_path: Path, made: str) -> None:
    if made == "a file in its place":
        (tmp_path / FOLDER).write_text("not a folder", encoding="utf-8")
    elif made != "no folder":
        (tmp_path / FOLDER).mkdir()
    if made == "other files":
        (tmp_path / FOLDER / "notes.txt").write_text("{", encoding="utf-8")
        (tmp_path / FOLDER / ".hidden.yaml").write_text("{", encoding="utf-8")
    assert own_words(tmp_path).files == ()
    assert own_words(tmp_path).lexicon() is default_lexicon()


def test_an_edited_file_is_noticed_and_an_unchanged_one_read_once(tmp_path: Path) -> None:
    file = ours(tmp_path, "Zonk: vague\n")
    first = own_words(tmp_path)
    assert own_words(tmp_path) == first
    assert own_words(tmp_path).lexicon() is first.lexicon()
    file.write_text("Zonk: reason\n", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert own_words(tmp_path) != first
    assert classify("Zonk", lexicon=own_words(tmp_path).lexicon()).kind == "reason"


def test_files_count_in_the_order_of_their_names(tmp_path: Path) -> None:
    ours(tmp_path, "Zonk: vague\n", "2.yaml")
    ours(tmp_path, "Zonk: source\n", "1.yml")
    assert classify("Zonk", lexicon=own_words(tmp_path).lexicon()).kind == "vague"


@pytest.mark.parametrize(
    ("text", "key", "line", "place"),
    [
        ("Zip: vague\nHero: sauce\n", "bad_kind", 2, "Hero"),
        ("values:\n  Hero: sauce\n", "bad_kind", 2, "values.Hero"),
        ("values:\n  Zip: vague\n\n  ZIP: state\n", "value_twice", 4, "values.ZIP"),
        ("Zíp: vague\nvalues:\n  state:\n    - other\n    - ' zip '\n", "value_twice", 5, "values.state[2]"),
        ("values:\n  good: [x]\n", "bad_values", 2, "values.good"),
        ("'': state\n", "pattern_empty", 1, ""),
        ("# ours\naction:\n  touch:\n    - fine\n    - call(ed\n", "pattern_brackets", 5, "action.touch[2]"),
        ("state:\n- ok\n- 5\n", "not_text", 3, "state[2]"),
        ("fillers:\n- 5\n", "not_text", 2, "fillers[1]"),
        ("state:\n  My Group: [x]\n", "bad_group", 2, "state.My Group"),
        ("\n\nactions: [x]\n", "unknown_key", 3, "actions"),
        ("reason: [hola]\nsource: [hola]\n", "twice", 2, "source"),
    ],
)
def test_faults_name_file_line_place_and_remedy(tmp_path: Path, text: str, key: str, line: int, place: str) -> None:
    file = ours(tmp_path, text)
    with pytest.raises(LexiconError) as raised:
        own_words(tmp_path).lexicon()
    (fault,) = raised.value.details
    assert (fault.key, fault.params["line"], fault.params["place"]) == (f"classifier.{key}", line, place)
    for code in ("en", "es", "es_419"):
        said = Language.of(code).error(raised.value)
        assert str(file) in said
        assert f"line {line}" in said or f"línea {line}" in said
    assert file.read_text(encoding="utf-8") == text


def test_a_group_without_words_is_found_in_its_file_and_line(tmp_path: Path) -> None:
    file = ours(tmp_path, "state: [fine]\naction:\n- <nosuch> sent\n")
    with pytest.raises(LexiconError) as raised:
        own_words(tmp_path).lexicon()
    assert raised.value.params == {"path": str(file), "line": 3, "groups": "nosuch"}


def test_faults_stand_in_the_order_of_their_lines(tmp_path: Path) -> None:
    ours(tmp_path, "Hero: sauce\nactions: [x]\nstate: [5]\nvalues: {a: [5]}\n")
    with pytest.raises(LexiconError) as raised:
        own_words(tmp_path).lexicon()
    assert [one.params["line"] for one in raised.value.details] == [1, 2, 3, 4]


def test_a_link_that_leads_nowhere_is_a_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "gone.yaml").symlink_to(tmp_path / "nowhere.yaml")
    with pytest.raises(LexiconError, match="file_unreadable"):
        own_words(tmp_path).lexicon()


def test_places_are_found_in_any_style_of_yaml() -> None:
    text = 'a: {b: ["x", 5]}\n"c d":\n  - one\n  - two\n'
    places = [("a",), ("a", "b", 2), ("c d", 2), ("c d", 9), ("gone",), ()]
    assert lines_of(text, places) == [1, 1, 4, 2, 1, 1]
    assert lines_of("", [("a",)]) == [1]
    assert [named(at) for at in places] == ["a", "a.b[2]", "c d[2]", "c d[9]", "gone", ""]


def test_the_examples_of_the_docs_are_lexicon_files(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "classifier.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 2
    for number, example in enumerate(examples):
        ours(tmp_path, example, f"{number}.yaml")
    lexicon = own_words(tmp_path).lexicon()
    read = {
        value: classify(value, lexicon=lexicon).kind for value in ("03. hero agent", "🔥", "Action", "zone 4", "q/s")
    }
    assert list(read.values()) == ["source", "state", "vague", "reason", "action"]


def call(home: Path, *words: str) -> int:
    return main(["--home", str(home), "--secrets", str(home / "none.toml"), *words])


def test_the_command_judges_by_the_words_of_the_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path, "classify", "--json", "Zonk") == 0
    before = json.loads(capsys.readouterr().out)
    ours(tmp_path)
    assert call(tmp_path, "classify", "--json", "Zonk") == 0
    after = json.loads(capsys.readouterr().out)
    assert [set(one) for one in (*before, *after)] == [{"value", "kind", "confidence", "language"}] * 2
    assert (before[0]["kind"], after[0]["kind"], after[0]["confidence"]) == ("state", "vague", 1.0)


@pytest.mark.parametrize(
    ("lang", "why", "files"),
    [
        ("en", "“left voicemail” is an action; it names what was done or is to be done", "1 file of your own"),
        ("es", "«left voicemail» es una acción; ", "1 archivo propio"),
    ],
)
def test_the_table_says_why_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str, why: str, files: str
) -> None:
    ours(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stdin", io.StringIO("Left voicemail\n"))
    assert call(tmp_path, "--lang", lang, "classify") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert why in said
    assert files in said


@pytest.mark.parametrize("command", [("classify", "Zonk"), ("--connection", "acme", "audit")])
def test_a_faulty_file_ends_a_command_as_configuration_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    Workspace(tmp_path).sync(company(), "acme", now=datetime(2026, 3, 1))
    file = ours(tmp_path, "Zonk: nonsense\n")
    assert call(tmp_path, *command) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{file}, line 1" in said.err


def company() -> Rows:
    return Rows(record=[lead("ana", status="Zoomtastic"), lead("bob", status="MQL"), lead("eva", status="Zonk")])


def test_the_audit_judges_by_the_words_of_the_home(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    space.sync(company(), "acme", now=datetime(2026, 3, 1))
    without = space.analyse("acme")
    assert kinds(without) == set()
    ours(tmp_path)
    within = space.analyse("acme")
    assert kinds(within) == {("STA01", "Zoomtastic"), ("STA07", "Zonk")}
    assert without.cache_key != within.cache_key  # what pages keep is asked for again
    assert space.analyse("acme").cache_key == within.cache_key


def kinds(analysis: object) -> set[tuple[str, str | None]]:
    found = audit.run(analysis, codes=["STA01", "STA07"])  # type: ignore[arg-type]
    return {(one.code, one.value) for one in found.findings}


@pytest.mark.parametrize(("lang", "line"), [("en", "line 1"), ("es", "línea 1")])
def test_a_page_says_which_file_is_faulty_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, line: str
) -> None:
    home = apptest.prepare(tmp_path / "home", monkeypatch)
    apptest.fill(home, company())
    ours(home, "Zonk: nonsense\n")
    monkeypatch.delenv("LEADPACT_RAISE")
    page = apptest.visit("findings", lang)
    assert not page.exception
    said = apptest.words(page)
    assert "ours.yaml" in said
    assert line in said
    assert "nonsense" in said
