"""Pacts as YAML: comments that come back, and files that are no pact: refused with place and remedy."""

from __future__ import annotations

import re
import time
from datetime import datetime
from pathlib import Path

import pytest

from config import drafts, sources, versions
from config.database import open_database
from config.document import MOST_CHARACTERS, BadPact, load, parse, read_yaml
from config.errors import LeadPactError
from leadpact.language import Language

NOW = datetime(2026, 3, 1, 9)
TEXT = """# agreed in March, by both teams
name: Acme  # the company
timezone: UTC
stages:
  # the way a buyer goes
  - key: mql  # Marketing's word
    label: MQL
    kind: qualified
  - key: sal
    label: 'SAL'  # quoted on purpose
    kind: sales
status_map:
  lead:
    "MQL": mql  # from the CRM
    Working: sal
flow: []  # nothing agreed yet
sales_ready:
  threshold: 100  # to be argued about
# the end
"""
COMMENTS = [line.partition("#")[2] for line in TEXT.splitlines() if "#" in line]


def test_the_comments_of_a_file_come_back_and_survive_edits_elsewhere(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    first = parse(read_yaml(TEXT, "a"))
    sources.keep(engine, first, TEXT, now=NOW)
    made = versions.save(engine, first, author="ana", message="", now=NOW)
    assert sources.export(engine, made) == TEXT
    draft = drafts.begin(engine, author="ana", now=NOW)
    sections = {"sales_ready": {"threshold": 80}, "glossary": [{"term": "lead", "meaning": "x"}],
                "stages": [{"key": "mql", "label": "Hot", "kind": "qualified"},
                           {"key": "new", "label": "New", "kind": "sales"},
                           {"key": "sal", "label": "SAL", "kind": "sales"}]}  # fmt: skip
    kept = drafts.edit_many(engine, draft.id, sections=sections, expected=0, author="ana", now=NOW)
    second = drafts.publish(engine, draft.id, expected=kept.revision, author="ana", message="", now=NOW)
    text = sources.export(engine, second)
    assert parse(read_yaml(text, "b")).hash == second.hash
    assert [one for one in COMMENTS if one not in text] == []
    assert re.search(r"threshold: 80 +# to be argued about", text) and "label: 'SAL'  # quoted on purpose" in text


def test_a_file_that_cannot_be_carried_over_never_changes_what_is_exported(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    odd = TEXT.replace("Working: sal", "true: sal\n    1: sal")
    first = parse(read_yaml(odd, "a"))
    sources.keep(engine, first, odd, now=NOW)
    versions.save(engine, first, author="ana", message="", now=NOW)
    second = versions.save(engine, first.model_copy(update={"name": "B"}), author="ana", message="", now=NOW)
    assert parse(read_yaml(sources.export(engine, second), "b")).hash == second.hash


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join([f'*{before}'] * 9)}]\n" for before, here in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD = {
    "pact.too_many": BOMB,
    "pact.too_large": "name: " + "x" * 10_000_000,
    "pact.too_deep": "name: " + "[" * 5000 + "]" * 5000,
    "pact.within_itself": "name: A\nstages: &a [*a]",
    "pact.key_twice": TEXT.replace('    "MQL": mql', '    "MQL": sal\n    "MQL": mql'),
    "pact.not_yaml": "name: [",
    "pact.not_a_document": "- a",
}


@pytest.mark.parametrize("key", BAD)
def test_a_file_that_is_no_pact_is_refused_at_once_with_its_remedy(tmp_path: Path, key: str) -> None:
    file = tmp_path / "pact.yaml"
    file.write_text(BAD[key], encoding="utf-8")
    began = time.process_time()
    with pytest.raises(BadPact) as caught:
        load(file)
    assert caught.value.key == key
    assert time.process_time() - began < 5
    for code in ("en", "es", "es_419"):
        assert len(Language(code).error(caught.value)) > 40


def test_aliases_in_reason_are_fine() -> None:
    text = TEXT.replace("kind: sales", "kind: &kind sales") + "glossary: [{term: a, meaning: *kind}]\n"
    assert parse(read_yaml(text, "a")).glossary[0].meaning == "sales"
    assert MOST_CHARACTERS >= 1_000_000


@pytest.mark.parametrize("url", ["oracle://x", "nonsense", "mysql+nodriver://x"])
def test_a_database_without_a_driver_says_what_to_install(tmp_path: Path, url: str) -> None:
    with pytest.raises(LeadPactError, match="no_driver"):
        open_database(tmp_path, url)
