"""The commands velocity, reach and engines: shapes, ranges, explanations, both languages, refusals."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from leadpact.cli import main
from tests.command import Answer, Run, called, document, exported

PACT = """
name: Acme
timezone: America/Mexico_City
stages:
  - {key: mql, label: MQL, kind: qualified}
  - {key: sal, label: SAL, kind: sales}
  - {key: customer, label: Customer, kind: won}
  - {key: lost, label: Lost, kind: disqualified}
status_map: {lead: {MQL: mql, Working: sal, Lost: lost}}
"""
SIZE = 40


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sources, one five days slower and losing half, both from September 1 (UTC) on, an hour apart."""
    folder = tmp_path_factory.mktemp("velocity")
    leads, changes = ["record_id,created_at,status,source"], ["record_id,from_status,to_status,at"]
    for number in range(SIZE):
        for source, days in (("web", 1), ("fair", 6)):
            who, begun = f"{source}{number}", datetime(2025, 9, 1) + timedelta(hours=number)
            last = "Lost" if source == "fair" and number % 2 else "Working"
            leads.append(f"{who},{begun.isoformat()}Z,{last},{source}")
            changes.append(f"{who},,MQL,{begun.isoformat()}Z")
            changes.append(f"{who},MQL,{last},{(begun + timedelta(days=days + number % 3)).isoformat()}Z")
    leads.append("old,,MQL,web")
    base = exported(folder, {"leads": "\n".join(leads), "status_changes": "\n".join(changes)}, PACT)
    assert main([*base, "sync", "acme"]) == 0
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("LEADPACT_HOME", raising=False)

    def call(command: str, *words: str, lang: str = "en") -> Answer:
        fixed = ["--home", str(home / "home"), "--secrets", str(home / "secrets.toml"), "--lang", lang]
        return called(capsys, *fixed, command, "--pact", str(home / "pact.yaml"), "--as-of", "2026-03-01", *words)

    return call


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def test_velocity_has_the_promised_shape_and_its_explanation_tells_left_and_known(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "behind.csv"
    found = document(run("velocity", "--json", "--by", "source", "--explain", str(file)))
    assert set(found) == {"pact", "as_of", "coverage", "unknown", "stages"}
    names = {"group", "stage", "n", "n_open", "median_days", "p25_days", "p75_days"}
    assert set(found["stages"][0]) == names
    mql = {one["group"]: one for one in found["stages"] if one["stage"] == "mql"}
    assert (mql["web"]["n"], mql["web"]["median_days"], mql["fair"]["median_days"]) == (SIZE, 2, 7)
    assert found["unknown"] == 1
    behind = [row for row in rows(file) if row["stage"] == "mql"]
    assert sum(row["known"] == "True" for row in behind) == 2 * SIZE
    assert sum(row["left"] == "True" for row in behind if row["known"] == "True") == 2 * SIZE


def test_a_range_is_of_entries_in_the_zone_of_the_pact(run: Run) -> None:
    """Midnight of September 2 in Mexico City is 6:00 in UTC: thirty entries of each source before it."""

    def mql(*words: str) -> int:
        found = document(run("velocity", "--json", *words))
        return next(one["n"] for one in found["stages"] if one["stage"] == "mql")

    assert mql("--to", "2025-09-02") == 60
    assert mql("--from", "2025-09-02") == 2 * SIZE - 60
    reach = document(run("reach", "--json", "--stage", "sal", "--days", "7", "--to", "2025-09-02"))
    assert reach["reach"][0]["n"] == 60


def test_reach_has_the_promised_shape_and_its_explanation_tells_numerator_and_denominator(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "behind.csv"
    found = document(run("reach", "--json", "--stage", "sal", "--days", "2,90", "--explain", str(file)))
    assert set(found) == {"pact", "as_of", "coverage", "unknown", "invalid", "reach"}
    assert [one["days"] for one in found["reach"]] == [2, 90]
    counted = [row for row in rows(file) if row["part"] == "counted"]
    assert len(counted) == found["reach"][0]["n"] == 2 * SIZE
    reached = sum(row["outcome"] == "1" for row in counted)
    assert found["reach"][1]["probability"] == pytest.approx(reached / len(counted))
    assert sum(row["part"] == "unknown" for row in rows(file)) == found["unknown"] == 1


def test_engines_call_the_slow_one_and_explain_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "behind.csv"
    found = document(run("engines", "--json", "--by", "source", "--stage", "mql", "--explain", str(file)))
    assert set(found) == {
        "pact", "as_of", "by", "window_days", "tested", "few", "immature", "coverage", "unknown", "engines",
    }  # fmt: skip
    assert (found["by"], found["window_days"], found["tested"], found["unknown"]) == (["source"], 90, 4, 1)
    called = {one["kind"]: one for one in found["engines"] if one["called"]}
    assert {one["group"] for one in called.values()} == {"fair"} and set(called) == {"pace", "loss"}
    pace, loss = called["pace"], called["loss"]
    assert (pace["value"], pace["rest"], pace["difference"]) == (7, 2, 5) and pace["low"] > 0 and pace["ratio"] < 1
    assert (loss["n"], loss["events"], loss["value"], loss["rest"]) == (SIZE, SIZE // 2, 0.5, 0)
    behind = rows(file)
    of_fair = [row for row in behind if row["group"] == "fair"]
    assert sum(row["kind"] == "pace" and row["known"] == "True" for row in of_fair) == pace["n"]
    assert (
        sum(row["kind"] == "loss" and row["lost"] == "True" and row["part"] == "counted" for row in of_fair) == SIZE / 2
    )
    assert {row["stage"] for row in behind} == {"mql"}


@pytest.mark.parametrize(
    ("lang", "title", "said"),
    [("en", "Slower", "associations"), ("es", "Más lento", "asociaciones")],
)
def test_engines_are_told_in_both_languages(run: Run, lang: str, title: str, said: str) -> None:
    code, out, _ = run("engines", "--by", "source", lang=lang)
    assert code == 0 and title in out and said in out and "fair" in out


def test_engines_without_evidence_are_silent_and_say_how_many_were_tested(run: Run) -> None:
    code, out, _ = run("engines", "--by", "source", "--from", "2025-09-02")
    assert code == 0 and "Slower" not in out and "0 comparisons tested" in out


def test_the_window_moves_what_is_lost(run: Run) -> None:
    found = document(run("engines", "--json", "--by", "source", "--window", "3"))
    loss = next(one for one in found["engines"] if (one["kind"], one["group"]) == ("loss", "fair"))
    assert (loss["horizon"], loss["events"]) == (3, SIZE)


@pytest.mark.parametrize(
    "words",
    [
        ("engines", "--stage", "customer"),
        ("engines", "--window", "0"),
        ("engines", "--by", "nonsense"),
        ("velocity", "--from", "2026-01-02", "--to", "2026-01-01"),
        ("velocity", "--mode", "strict"),
        ("velocity", "--window", "30"),
        ("reach", "--stage", "sal", "--days", "soon"),
        ("reach", "--stage", "sal", "--from", "2026-01-01", "--to", "2026-01-01"),
    ],
)
def test_what_cannot_be_asked_is_refused(run: Run, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert code == 2 and not out and err
