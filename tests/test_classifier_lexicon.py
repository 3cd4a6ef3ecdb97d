"""Lexicon files: what a company may add, what is refused and how it is said, and our own files' order."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from leadpact.audit.classifier import Lexicon, LexiconError, classify, default_lexicon
from leadpact.audit.classifier.files import read_file
from leadpact.audit.classifier.lexicon import FOLDER
from leadpact.audit.classifier.pattern import MAX_PHRASES, PatternError, expand
from leadpact.language import Language


def written(folder: Path, text: str, name: str = "ours.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_company_adds_words_values_and_spellings(tmp_path: Path) -> None:
    ours = written(
        tmp_path,
        """
        language: en
        spellings: {"q/s": quote sent}
        values:
          source: [Hero Agent 7, "Silver / Managed"]
        action:
          touch: [zoomtastic(|s)]
        state: [guideline (qualified|met)]
        """.replace("\n        ", "\n"),
    )
    lexicon = Lexicon.load(ours)
    assert classify("Zoomtastics", lexicon=lexicon).kind == "action"
    assert classify("Renewal zoomtastic", lexicon=lexicon).kind == "action"
    assert classify("Open - Zoomtastic", lexicon=lexicon).kind == "mixed"
    assert classify("Guideline Met", lexicon=lexicon).kind == "state"
    assert classify("q/s", lexicon=lexicon).kind == "action"
    assert classify("04 - HERO AGENT 7", lexicon=lexicon).why == ("rule:listed",)
    assert classify("silver / managed", lexicon=lexicon).confidence == 1.0
    assert classify("Hero Agent 8", lexicon=lexicon).why != ("rule:listed",)
    assert classify("Zoomtastics").kind == "state"  # the built-in lexicon did not change


def test_a_later_file_wins(tmp_path: Path) -> None:
    first = written(tmp_path, "reason: [contacted]", "first.yaml")
    second = written(tmp_path, "source: [contacted]", "second.yaml")
    assert classify("Contacted", lexicon=Lexicon.load(first)).kind == "reason"
    assert classify("Contacted", lexicon=Lexicon.load(first, second)).kind == "source"
    assert classify("Contacted", lexicon=Lexicon.load(second, first)).kind == "reason"


def test_a_language_of_ones_own(tmp_path: Path) -> None:
    french = written(
        tmp_path,
        """
language: fr
fillers: [le, la, de]
grammar: {neg: [pas], answer: [reponse]}
action: {touched: [contacté(|e|s)], unanswered: [pas de réponse]}
""",
    )
    lexicon = Lexicon.load(french)
    assert (classify("CONTACTÉ", lexicon=lexicon).kind, classify("contactée", lexicon=lexicon).language) == (
        "action",
        "fr",
    )
    assert classify("pas de réponse", lexicon=lexicon).kind == "action"
    assert classify("pas contacté", lexicon=lexicon).kind == "state"


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    lexicon = Lexicon.load(written(tmp_path, "# nothing yet\n"))
    assert lexicon.languages == default_lexicon().languages


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        ("language: 5", "bad_language", "language"),
        ("actions: [x]", "unknown_key", "actions"),
        ("state: {My Group: [x]}", "bad_group", "state.My Group"),
        ("action: contacted", "not_a_list", "action"),
        ("action: {touch: contacted}", "not_a_list", "action.touch"),
        ("action: [called, no, 5]", "not_text", "action[3]"),
        ("action: ['call(ed']", "pattern_brackets", "action[1]"),
        ("action: ['call|ed']", "pattern_brackets", "action[1]"),
        ("action: ['call)ed']", "pattern_brackets", "action[1]"),
        ("action: [one two three four five six seven eight nine]", "pattern_too_long", "action[1]"),
        ("action: ['---']", "pattern_empty", "action[1]"),
        (f"action: ['{'(a|b)' * 12}']", "pattern_too_many", "action[1]"),
        ("spellings: [x]", "bad_spellings", "spellings"),
        ("values: [x]", "bad_values", "values"),
        ("values: {good: [x]}", "bad_values", "values.good"),
        ("values: {state: [5]}", "not_text", "values.state[1]"),
        ("reason: [hola]\nsource: [hola]", "twice", "source"),
    ],
)
def test_faults_say_file_place_and_remedy(tmp_path: Path, text: str, key: str, place: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(LexiconError) as raised:
        Lexicon.load(path)
    (fault,) = raised.value.details
    assert (fault.key, fault.params["place"]) == (f"classifier.{key}", place)
    for code in ("en", "es", "es_419"):
        said = Language.of(code).error(raised.value)
        assert str(path) in said and place in said


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b"\xff\xfea", "file_not_utf8"),
        (b"a: [", "file_not_yaml"),
        (b"a: 1\na: 2", "file_not_yaml"),
        (b"[" * 50_000, "file_not_yaml"),
        (b"state: [2020-99-99]", "file_not_yaml"),
        (b"- contacted", "file_not_mapping"),
        (b"#" * 2_000_001, "file_too_large"),
        (None, "file_unreadable"),
    ],
)
def test_files_that_are_none(tmp_path: Path, raw: bytes | None, key: str) -> None:
    path = tmp_path / "ours.yaml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(LexiconError) as raised:
        Lexicon.load(path)
    assert raised.value.key == f"classifier.{key}"
    for code in ("en", "es"):
        assert str(path) in Language.of(code).error(raised.value)


def test_a_group_nobody_fills_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="unknown_group") as raised:
        Lexicon.load(written(tmp_path, "action: [<nosuch> sent]"))
    assert "nosuch" in Language.of("en").error(raised.value)


def test_every_faulty_file_is_named_at_once(tmp_path: Path) -> None:
    paths = [written(tmp_path, "- x", "a.yaml"), tmp_path / "missing.yaml"]
    with pytest.raises(LexiconError) as raised:
        Lexicon.load(*paths)
    assert [detail.params["path"] for detail in raised.value.details] == [str(path) for path in paths]


@pytest.mark.parametrize(
    ("entry", "phrases"),
    [
        ("called", {("called",)}),
        ("call(|ed)", {("call",), ("called",)}),
        ("(|the) number", {("number",), ("the", "number")}),
        ("a(b|c(d|e))", {("ab",), ("acd",), ("ace",)}),
        ("no-show", {("no", "show")}),
        ("didn't", {("didnt",)}),
        ("Reunión", {("reunion",)}),
        ("<neg> <touched>", {("<neg>", "<touched>")}),
    ],
)
def test_patterns(entry: str, phrases: set[tuple[str, ...]]) -> None:
    assert set(expand(entry)) == phrases


def test_a_pattern_stays_small() -> None:
    with pytest.raises(PatternError, match="too_many"):
        expand("(a|b)" * 40)
    assert len(expand("(a|b)" * 9)) <= MAX_PHRASES


def test_no_built_in_phrase_says_two_things_in_one_language() -> None:
    tags: dict[tuple[str | None, tuple[str, ...]], set[str]] = defaultdict(set)
    for path in FOLDER.glob("*.yaml"):
        for entry in read_file(path, 0).entries:
            if entry.tag != "grammar":
                tags[entry.language, entry.words].add(entry.tag)
    assert {key: found for key, found in tags.items() if len(found) > 1} == {}


def test_built_in_files_stay_readable() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in FOLDER.glob("*.yaml")}
    assert len(lengths) == 19
    assert max(lengths.values()) <= 260
