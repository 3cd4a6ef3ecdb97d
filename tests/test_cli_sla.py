"""The views of the command `sla`: shapes, options, the clocks behind, both languages."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from leadpact.cli import main
from leadpact.commands.arguments import SLA_VIEWS
from leadpact.commands.sla_views import VIEWS
from tests.command import Run, called, document, exported

LEADS = """record_id;created_at;status;source
ana;2026-01-05;Working;web
bob;2026-01-06;MQL;event
eve;2026-01-07;SQL;web
"""
CHANGES = """record_id,from_status,to_status,at
ana,,MQL,2026-01-05T10:00:00
ana,MQL,Working,2026-01-06T10:00:00
bob,,MQL,2026-01-06T10:00:00
eve,,MQL,2026-01-07T10:00:00
eve,MQL,Working,2026-01-10T10:00:00
eve,Working,SQL,2026-01-12T10:00:00
"""
PACT = """
name: Acme
timezone: UTC
stages:
  - {key: mql, label: MQL, kind: qualified}
  - {key: sal, label: SAL, kind: sales}
  - {key: sql, label: SQL, kind: sales}
  - {key: customer, label: Customer, kind: won}
status_map: {lead: {MQL: mql, Working: sal, SQL: sql}}
sla:
  - {id: follow-up, starts: mql, stops: {stages: [sal]}, target: {hours: 48}}
  - {id: closing, starts: sal, stops: {stages: [customer]}, target: {hours: 720}}
"""
RATES = {"met", "breached", "overdue", "running", "withdrawn", "unknown", "compliance", "ci_low", "ci_high", "small"}
ROWS = {
    "kept": {"group", "clocks", "due", "kept", "compliance", "ci_low", "ci_high", "small", "running", "never_touched",
             "median_first_touch_hours", "queued", "queue_share"},
    "response": {"group", "from_hours", "to_hours", "answered", "waiting", "left", "answered_by"},
    "target": {"group", "hours", "agreed", *RATES},
    "bands": {"group", "stage", "from_hours", "to_hours", "n", "converted", "rate", "ci_low", "ci_high", "young",
              "small"},
    "weeks": {"group", "start", "end", *RATES, "young", "in_course", "at_least", "at_most"},
    "months": {"group", "start", "end", *RATES, "young", "in_course", "at_least", "at_most"},
    "hours": {"group", "weekday", "hour", "clocks", *RATES},
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three leads, synced once; the options every command begins with."""
    found = exported(tmp_path_factory.mktemp("sla"), {"leads": LEADS, "status_changes": CHANGES}, PACT)
    main([*found, "sync", "acme"])
    return found


@pytest.fixture
def run(base: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `sla` on three leads, as of 1 March 2026; gives the document, or code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    Path("pact.yaml").write_text(PACT, encoding="utf-8")

    def call(*words: str, whole: bool = False) -> Any:
        found = called(capsys, *base, "sla", "--pact", "pact.yaml", "--as-of", "2026-03-01", *words)
        return found if whole else document(found)

    return call


def test_every_view_has_its_shape_and_is_offered(run: Run) -> None:
    assert set(VIEWS) | {"states", "waiting"} == set(SLA_VIEWS) == set(ROWS) | {"states", "waiting"}
    for view, names in ROWS.items():
        found = run("--json", "--view", view)
        assert list(found)[:3] == ["pact", "as_of", "view"] and found["view"] == view
        assert [one["policy"] for one in found["policies"]] == ["follow-up", "closing"]
        for one in found["policies"]:
            assert {"policy", "target_hours", "clock", "coverage", "rows"} <= set(one)
            assert all(set(row) == names for row in one["rows"]), view
        assert found["policies"][0]["rows"]


def test_the_default_is_as_it_was(run: Run) -> None:
    found = run("--json")
    assert set(found) == {"pact", "as_of", "policies"}
    first = found["policies"][0]
    assert (first["met"], first["breached"], first["overdue"], first["compliance"]) == (1, 1, 1, 1 / 3)


def test_another_target_and_groups(run: Run) -> None:
    rows = run("--json", "--view", "target", "--hours", "24,72", "--by", "source")["policies"][0]["rows"]
    met = {(row["group"], row["hours"]): (row["met"], row["agreed"]) for row in rows}
    assert met == {
        ("event", 24): (0, False), ("event", 48): (0, True), ("event", 72): (0, False),
        ("web", 24): (1, False), ("web", 48): (1, True), ("web", 72): (2, False),
    }  # fmt: skip


def test_conversion_follows_the_answer_for_the_days_asked(run: Run) -> None:
    for days, converted in (("10", 1), ("1.5", 0)):
        policy = run("--json", "--view", "bands", "--window", days)["policies"][0]
        sql = [row for row in policy["rows"] if row["stage"] == "sql"]
        assert sum(row["n"] for row in sql) == 2 and sum(row["converted"] for row in sql) == converted
        assert policy["days"] == float(days) and policy["left_out"]["sql"]["unanswered"] == 1
    assert run("--json", "--view", "bands", "--window", "200")["policies"][0]["left_out"]["sql"]["young"] == 2


def test_who_waits_comes_in_order_of_urgency(run: Run) -> None:
    found = run("--json", "--view", "waiting")
    assert found["counts"] == {"soon": 0, "over": 2, "later": 0, "forgotten": 1}
    assert [(row["record_id"], row["urgency"], row["policy"]) for row in found["waiting"]] == [
        ("eve", "over", "closing"), ("ana", "over", "closing"), ("bob", "forgotten", "follow-up"),
    ]  # fmt: skip
    assert found["waiting"][0]["due_at"].endswith("Z")


@pytest.mark.parametrize("view", ["states", "bands", "hours", "waiting"])
def test_explain_writes_the_clocks_with_what_they_count_in(run: Run, tmp_path: Path, view: str) -> None:
    file = tmp_path / "behind.csv"
    run("--json", "--view", view, "--window", "10", "--explain", str(file))
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    if view == "waiting":
        assert {"state", "urgency", "left_hours"} <= set(rows[0]) and len(rows) == 3
        return
    assert {"object", "record_id", "policy", "state", "met", "denominator", "answer", "hours"} <= set(rows[0])
    own = [row for row in rows if row["policy"] == "follow-up"]
    assert len(own) == 3 and len(rows) == 5
    assert (sum(row["met"] == "True" for row in own), sum(row["denominator"] == "True" for row in own)) == (1, 3)
    assert view != "bands" or {row["part_sql"] for row in own} == {"not", "unanswered", "converted"}
    assert view != "hours" or {(row["weekday"], row["hour"]) for row in own} == {("0", "10"), ("1", "10"), ("2", "10")}


@pytest.mark.parametrize("words", [("--view", "target", "--hours", "0,4"), ("--view", "bands", "--window", "-1")])
def test_what_cannot_be_is_refused(run: Run, words: tuple[str, ...]) -> None:
    code, out, err = run(*words, whole=True)
    assert (code, out) == (2, "") and "above 0" in err


@pytest.mark.parametrize(("lang", "text"), [("en", "not a cause"), ("es", "no una causa")])
def test_people_read_it_in_their_language(run: Run, lang: str, text: str) -> None:
    code, out, _ = run("--view", "bands", "--by", "source", "--lang", lang, whole=True)
    assert code == 0 and text in out and "*" in out
