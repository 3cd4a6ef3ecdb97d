"""The command `scoring rules`: its shape, its people, what is asked for, both languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leadpact.cli import main
from tests.command import called, document, exported

LEADS = "record_id;created_at;status;f_industry\nana;2026-01-01;Customer;Banking\nbob;2026-01-01;MQL;Retail\n" + (
    "eve;2026-01-01;MQL;Banking\nfay;2026-01-01;Subscriber;\n"
)
CHANGES = """record_id,from_status,to_status,at
ana,,MQL,2026-01-02T00:00:00
ana,MQL,Customer,2026-01-09T00:00:00
bob,,MQL,2026-01-03T00:00:00
eve,,MQL,2026-02-20T00:00:00
"""
ACTIVITIES = """record_id,kind,subject,at
ana,form,Demo,2026-01-01T10:00:00
bob,form,Demo,2026-01-20T10:00:00
"""
PACT = """
name: Acme
timezone: UTC
stages: [{key: subscriber, label: Subscriber, kind: nurture}, {key: mql, label: MQL, kind: qualified},
         {key: customer, label: Customer, kind: won}]
status_map: {lead: {Subscriber: subscriber, MQL: mql, Customer: customer}}
sales_ready: {threshold: 90}
scoring:
  rules:
    - {id: bank, category: fit, when: {field: f_industry, op: eq, value: banking}, points: 20}
    - {id: demo, category: behaviour, when: {activity: form}, points: 10}
"""
WHEN = ["--as-of", "2026-03-01T00:00", "--window", "20"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("rules")
    found = exported(folder, {"leads": LEADS, "status_changes": CHANGES, "activities": ACTIVITIES}, PACT)
    assert main([*found, "sync", "acme"]) == 0
    assert main([*found, "pact", "import", str(folder / "pact.yaml")]) == 0
    return [*found, "scoring", "rules"]


@pytest.fixture
def run(base: list[str], capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def go(*words: str, code: int = 0) -> Any:
        found = called(capsys, *base, *words)
        assert found[0] == code, found[2]
        return document(found) if "--json" in words else found[1] + found[2]

    return go


def test_every_rule_with_its_hits_and_conversion(run: Callable[..., Any]) -> None:
    told = run(*WHEN, "--json")
    assert told["basis"] == {"stage": "mql", "goal": "customer", "days": 20, "after_days": 0}
    assert (told["journeys"]["n"], told["journeys"]["converted"], told["journeys"]["young"]) == (2, 1, 1)
    bank, demo = told["rules"]
    assert (bank["hits"], bank["decided"], bank["undecided"], bank["as_known_now"]) == (2, 3, 1, True)
    assert (bank["hit"]["converted"], bank["hit"]["n"], bank["miss"]["n"]) == (1, 1, 1)
    # bob's form came after he was handed over: it does not count as hit
    assert (demo["hits"], demo["hit"]["n"], demo["miss"]["n"], demo["as_known_now"]) == (2, 1, 1, False)
    assert 0 <= demo["hit"]["ci_low"] < demo["hit"]["rate"] == 1 and demo["difference"]["clear"] is False
    assert [(one["level"], one["place"]) for one in told["remarks"]] == [("error", "sales_ready.threshold")]


def test_for_people(run: Callable[..., Any]) -> None:
    told = run(*WHEN, "--lang", "es")
    assert "bank *" in told and "(1/1)" in told
    assert "Nadie puede llegar al umbral de 90: las reglas dan como mucho 30 puntos." in told
    assert "Conversión: de MQL a Customer en 20 días" in told


def test_the_people_behind_as_a_file(run: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"

    def rows(*words: str) -> dict[str, dict[str, str]]:
        run(*WHEN, "--explain", str(file), *words)
        return {row["record_id"]: row for row in csv.DictReader(io.StringIO(file.read_text("utf-8-sig")))}

    assert {name: row["rule_bank"] for name, row in rows().items()} == {"ana": "20.0", "bob": "0.0", "eve": "20.0",
                                                                       "fay": ""}  # fmt: skip
    assert set(rows("--rule", "demo", "--group", "hit_converted")) == {"ana"}


def test_what_cannot_be_asked_is_said_with_what_can(run: Callable[..., Any], tmp_path: Path) -> None:
    assert "entry, subscriber, mql" in run("--stage", "nowhere", code=2)
    bare = tmp_path / "bare.yaml"
    bare.write_text(PACT.partition("scoring:")[0])
    assert "no scoring rules" in run("--pact", str(bare))
