"""The commands of money and contribution: shapes, what is left out, the rows behind."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from config.document import dump
from leadpact.cli import main
from tests.command import Answer, Run, called, document, exported
from tests.worlds import pact

LEADS = """record_id;created_at;status;source
ana;2026-01-01;Working;Web
bob;2026-01-01;MQL;Fair
eve;2026-01-01;Working;
"""
CHANGES = """record_id,from_status,to_status,at
ana,,MQL,2026-01-01T10:00:00
ana,MQL,Working,2026-01-20T10:00:00
bob,,MQL,2026-01-02T10:00:00
eve,,MQL,2026-01-03T10:00:00
eve,MQL,Working,2026-01-25T10:00:00
"""
DEALS = """opportunity_id,object,record_id,amount,currency,created_at,closed_at,is_won,is_closed
d1,lead,ana,100,EUR,2026-01-21,2026-01-31,true,true
d2,lead,bob,50,USD,2026-01-21,,false,false
d3,lead,nobody,,EUR,2026-01-22,2026-01-23,false,true
"""
TOUCHES = """record_id,campaign,response,at
ana,Fair 2026,Attended,2026-01-01T12:00:00
ana,Webinar,Clicked,2026-01-25
"""
FILES = {"leads": LEADS, "status_changes": CHANGES, "opportunities": DEALS, "campaign_touches": TOUCHES}
LATER = "2026-06-01T00:00:00Z"


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The files above, synced once for all tests."""
    folder = tmp_path_factory.mktemp("pipeline")
    base = exported(folder, FILES, dump(pact()))
    assert main([*base, "sync", "acme"]) == 0
    return folder, base


@pytest.fixture
def run(
    synced: tuple[Path, list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs a command on the files above; without those named in `without`, on a company of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADPACT_HOME", raising=False)
    folder, base = synced
    known: dict[tuple[str, ...], list[str]] = {(): base}

    def call(*words: str, without: tuple[str, ...] = ()) -> Answer:
        if without not in known:
            known[without] = exported(tmp_path, {key: text for key, text in FILES.items() if key not in without}, "")
            assert main([*known[without], "sync", "acme"]) == 0
        return called(capsys, *known[without], *words, "--pact", str(folder / "pact.yaml"), "--as-of", LATER)

    return call


def test_pipeline_has_the_promised_shape(run: Run) -> None:
    found = document(run("pipeline", "--json", "--explain", "deals.csv"))
    assert list(found)[:2] == ["pact", "as_of"]
    assert set(found) == {"pact", "as_of", "lines", "campaigns", "coverage", "out_of_scope", "undated",
                          "influence_unknown", "missing"}  # fmt: skip
    lines = {line["part"]: line for line in found["lines"]}
    assert set(lines) == {"all", "sourced", "direct", "unknown", "invalid", "unattributed", "influenced"}
    assert lines["sourced"] == {
        "part": "sourced", "group": None, "deals": 2, "open": 1, "won": 1, "lost": 0, "unknown": 0, "count_only": 0,
        "share": pytest.approx(2 / 3),
        "amounts": [
            {"currency": "EUR", "deals": 1, "open": 0, "won": 100, "lost": 0, "unknown": 0},
            {"currency": "USD", "deals": 1, "open": 50, "won": 0, "lost": 0, "unknown": 0},
        ],
    }  # fmt: skip
    assert (lines["unattributed"]["count_only"], lines["influenced"]["deals"]) == (1, 1)
    assert [(one["group"], one["deals"]) for one in found["campaigns"]] == [("Fair 2026", 1), ("Webinar", 1)]
    rows = list(csv.DictReader(io.StringIO(Path("deals.csv").read_text(encoding="utf-8-sig"))))
    assert {(row["opportunity_id"], row["origin"], row["state"]) for row in rows} == {
        ("d1", "sourced", "won"), ("d2", "sourced", "open"), ("d3", "unattributed", "lost"),
    }  # fmt: skip


def test_options_of_pipeline_change_the_numbers(run: Run) -> None:
    split = document(run("pipeline", "--json", "--by", "source", "--lookback", "5"))
    assert {line["group"]: line["deals"] for line in split["lines"] if line["part"] == "sourced"} == {
        "Web": 1,
        "Fair": 1,
    }
    assert [one["group"] for one in split["campaigns"]] == ["Webinar"]  # the fair was twenty days before
    none = document(run("pipeline", "--json", "--from", "2026-02-01"))
    assert {line["deals"] for line in none["lines"]} == {0}


def test_what_is_not_delivered_is_said_and_is_null(run: Run) -> None:
    found = document(run("pipeline", "--json", without=("opportunities", "campaign_touches")))
    assert (found["lines"], found["campaigns"], found["coverage"]) == ([], None, None)
    assert found["missing"] == ["opportunity", "campaign_touch"]
    _, out, _ = run("--lang", "es", "campaigns", without=("opportunities", "campaign_touches"))
    assert "desconocido, no cero: Respuestas a campañas" in out


def test_cycles_have_the_promised_shape(run: Run) -> None:
    found = document(run("cycles", "--json", "--days", "5,15", "--explain", "cycles.csv"))
    assert set(found) == {"pact", "as_of", "cycles", "left_out", "missing"}
    deal = next(one for one in found["cycles"] if one["kind"] == "deal")
    assert (deal["n"], deal["open"], deal["won"], deal["lost"], deal["p25_days"]) == (3, 1, 1, 1, 1)
    assert [(at["days"], at["won"], at["lost"]) for at in deal["within"]] == [
        (5, 0, pytest.approx(1 / 3)), (15, pytest.approx(1 / 3), pytest.approx(1 / 3)),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(Path("cycles.csv").read_text(encoding="utf-8-sig"))))
    assert [row["kind"] for row in rows].count("deal") == [row["kind"] for row in rows].count("journey") == 3


def test_contribution_has_the_promised_shape(run: Run) -> None:
    found = document(run("contribution", "--json", "--by", "month", "--explain", "entries.csv"))
    assert set(found) == {"pact", "as_of", "stage", "lines", "total", "existing", "coverage", "unknown", "invalid"}
    assert (found["stage"], found["total"], found["existing"]) == ("sal", 3, 0)
    assert found["lines"][0] == {
        "group": "2026-01-01", "came_from": "lead", "n": 3, "of": 3, "share": 1.0,
        "ci_low": pytest.approx(0.438, abs=1e-3), "ci_high": 1.0,
    }  # fmt: skip
    assert len(Path("entries.csv").read_text(encoding="utf-8").splitlines()) == 4


def test_campaigns_have_the_promised_shape(run: Run) -> None:
    found = document(run("campaigns", "--json", "--window", "30", "--explain", "compared.csv"))
    left_out = {"coverage", "early", "young", "unknown", "invalid", "missing"}
    assert set(found) == {"pact", "as_of", "asked", "stage", "rates"} | left_out
    asked = {"stage": None, "landmark_days": 7, "window_days": 30, "by": "campaign", "credit": "first"}
    assert found["asked"] == {**asked, "start": None, "end": None}
    rates = {(one["part"], one["group"]): (one["n"], one["converted"]) for one in found["rates"]}
    assert rates == {("all", None): (3, 3), ("responded", None): (1, 1), ("without", None): (2, 2),
                     ("campaign", "Fair 2026"): (1, 1)}  # fmt: skip
    by_type = document(run("campaigns", "--json", "--by", "response", "--credit", "any", "--landmark", "15"))
    assert ("response", "Attended") in {(one["part"], one["group"]) for one in by_type["rates"]}


@pytest.mark.parametrize("command", ["pipeline", "cycles", "contribution", "campaigns"])
@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_command_speaks_both_languages(run: Run, command: str, lang: str) -> None:
    code, out, err = run("--lang", lang, command)
    assert code == 0, err
    assert out.splitlines()[-1].startswith("Draft" if lang == "en" else "Borrador")


@pytest.mark.parametrize(
    "words",
    [("pipeline", "--lookback", "-1"), ("cycles", "--days", "0"), ("contribution", "--stage", "none"),
     ("campaigns", "--landmark", "-1"), ("campaigns", "--by", "source")],
)  # fmt: skip
def test_what_cannot_be_is_a_usage_error(run: Run, words: tuple[str, ...]) -> None:
    code, _, err = run(*words)
    assert code == 2
    assert err and "Traceback" not in err
