"""The command `score`: its shape, one record rule by rule, what is not agreed, both languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadpact.cli import main
from tests.command import Answer, Run, called, document, exported

LEADS = """record_id;created_at;status;email;f_industry;country
ana;2026-01-05;Subscriber;ana@a.example;Banking;MX
bob;2026-01-06;MQL;;Retail;
eve;2026-01-07;MQL;eve@e.example;;ES
"""
ACTIVITIES = """record_id,kind,subject,at
ana,web_visit,/pricing,2026-01-10T10:00:00
bob,web_visit,/pricing,2026-01-20T10:00:00
"""
PACT = """
name: Acme
timezone: UTC
stages: [{key: mql, label: MQL, kind: qualified}]
status_map: {lead: {MQL: mql}}
sales_ready:
  threshold: 30
  all: [{field: email, op: filled}]
  any: [{field: country, op: eq, value: MX}, {field: country, op: eq, value: ES}]
scoring:
  rules:
    - {id: fit, category: fit, when: {field: f_industry, op: eq, value: banking}, points: 20}
    - id: pricing
      category: behaviour
      when: {activity: web_visit, subject: {op: contains, value: PRICING}, within_days: 30}
      points: 20
      half_life_days: 10
"""
AS_OF = ["--as-of", "2026-01-20T10:00"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The company, synced once under its pact; the options every command begins with."""
    folder = tmp_path_factory.mktemp("scoring")
    found = exported(folder, {"leads": LEADS, "activities": ACTIVITIES}, PACT)
    assert main([*found, "sync", "acme"]) == 0
    assert main([*found, "pact", "import", str(folder / "pact.yaml")]) == 0
    return found


@pytest.fixture
def run(base: list[str], capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs a command that ends with `code`; gives its document, or all it said."""

    def go(*words: str, code: int = 0) -> Any:
        found = called(capsys, *base, *words)
        return document(found) if "--json" in words and not code else _said(found, code)

    return go


def _said(found: Answer, code: int) -> str:
    assert found[0] == code, found[2]
    return found[1] + found[2]


def test_every_record_with_its_reasons(run: Run) -> None:
    found = run("score", *AS_OF, "--json")
    assert list(found)[:2] == ["pact", "as_of"]
    assert found["lights"] == {"green": 1, "amber": 1, "red": 1, "unknown": 0}
    assert found["untracked"] == ["country", "email", "f_industry"]
    assert found["records"] == [
        {"object": "lead", "record_id": "ana", "score": 30.0, "light": "green", "missing": [],
         "reasons": [{"rule": "fit", "points": 20.0}, {"rule": "pricing", "points": 10.0}], "undecided": []},
        {"object": "lead", "record_id": "bob", "score": 20.0, "light": "red",
         "missing": ["sales_ready.threshold", "sales_ready.all[0]", "sales_ready.any"],
         "reasons": [{"rule": "pricing", "points": 20.0}], "undecided": []},
        {"object": "lead", "record_id": "eve", "score": 0.0, "light": "amber", "missing": ["sales_ready.threshold"],
         "reasons": [], "undecided": ["fit"]},
    ]  # fmt: skip


def test_one_record_is_what_it_is_among_all(run: Run) -> None:
    every = {one["record_id"]: one for one in run("score", *AS_OF, "--json")["records"]}
    for name, one in every.items():
        assert run("score", "--record", name, *AS_OF, "--json")["records"] == [one]


def test_one_record_rule_by_rule_in_words(run: Run) -> None:
    told = run("score", "--object", "lead", "--record", "bob", *AS_OF)
    assert "bob: 20.0 points, red" in told
    assert "its subject contains “PRICING”, in the last 30 days" in told
    assert "Missing for green: 10 points to the threshold of 30." in told
    assert "Missing for green: country is MX or country is ES." in told
    assert "unknown: field is blank" in run("score", "--record", "eve", *AS_OF)
    spanish = run("score", "--record", "bob", *AS_OF, "--lang", "es")
    assert "Falta para la luz verde: 10 puntos hasta el umbral de 30." in spanish


def test_the_highest_scores_first(run: Run) -> None:
    told = run("score", *AS_OF)
    assert told.index("ana") < told.index("bob") < told.index("eve")
    assert "Green 1, amber 1, red 1; without a light 0." in told
    assert "Without history, so as known now" in told


def test_only_one_kind_of_record_and_only_some_of_them(run: Run) -> None:
    assert run("score", "--object", "contact", "--json")["records"] == []
    found = run("score", "--where", "country=MX", *AS_OF, "--json")
    assert [one["record_id"] for one in found["records"]] == ["ana"]


def test_a_record_that_is_not_there_is_said_with_what_to_do(run: Run) -> None:
    assert "--object" in run("score", "--record", "nobody", code=2)
    assert "contact “ana”" in run("score", "--record", "ana", "--object", "contact", code=2)


def test_explained_as_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "scores.csv"
    run("score", *AS_OF, "--explain", str(file))
    rows = {row["record_id"]: row for row in csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))}
    assert {name: (float(row["score"]), row["light"]) for name, row in rows.items()} == {
        "ana": (30, "green"), "bob": (20, "red"), "eve": (0, "amber"),
    }  # fmt: skip
    run("score", "--record", "bob", *AS_OF, "--explain", str(file))
    assert len(file.read_text("utf-8-sig").splitlines()) == 2


def test_what_is_not_agreed_is_said_and_nothing_is_scored(run: Run, tmp_path: Path) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text(PACT.partition("sales_ready")[0])
    assert "no scoring rules" in run("score", "--pact", str(bare))
    found = run("score", "--pact", str(bare), "--json")
    assert {(one["score"], one["light"]) for one in found["records"]} == {(None, None)}
    assert found["lights"]["unknown"] == 3
    bare.write_text(PACT.replace("  threshold: 30\n", ""))
    assert "no threshold" in run("score", "--pact", str(bare))
