"""Findings on the command line: baselines, what is set aside, the history, SARIF, exit codes."""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leadpact import cli
from leadpact.audit.baseline import Accepted, Baseline
from leadpact.audit.findings_log import Extent
from leadpact.audit.identity import Identity
from leadpact.cli import main
from tests.command import Run, called, document
from tests.findings import finding
from tests.homes import copied

LEADS = """record_id,created_at,status
ana,2026-01-05,Left voicemail
bob,2026-01-06,Left voicemail
eve,2026-01-07,zz_old
"""
PICKLIST = "object,value\nlead,Left voicemail\nlead,zz_old\nlead,MQL\n"
PACT = """
name: Acme
timezone: America/Mexico_City
stages: [{key: mql, label: MQL, kind: qualified}, {key: won, label: Won, kind: won}]
status_map: {lead: {MQL: mql, "Left voicemail": mql, zz_old: mql}}
"""
TODAY = datetime(2026, 3, 1, 18, tzinfo=UTC)
VOICEMAIL = ("STA01", "--object", "lead", "--value", "Left voicemail")
BECAUSE = ("--reason", "New phone system", "--as", "ana@x.com")

HOME = ("--home", "home", "--secrets", "secrets.toml")


class Clock(datetime):
    """The clock of the command line, standing still where a test puts it."""

    at = TODAY

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return cls.at


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company, synced at TODAY under its pact; once for all tests."""
    folder = tmp_path_factory.mktemp("synced")
    (folder / "export").mkdir()
    (folder / "export" / "leads.csv").write_text(LEADS, encoding="utf-8")
    (folder / "export" / "status_values.csv").write_text(PICKLIST, encoding="utf-8")
    (folder / "secrets.toml").write_text('[connections.acme]\ntype = "files"\npath = "export"\n', encoding="utf-8")
    (folder / "pact.yaml").write_text(PACT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        settle(patch, folder)
        assert main([*HOME, "pact", "import", "pact.yaml"]) == 0
        assert main([*HOME, "sync", "acme"]) == 0
    return folder


def settle(patch: pytest.MonkeyPatch, folder: Path) -> None:
    patch.chdir(folder)
    patch.delenv("LEADPACT_HOME", raising=False)
    patch.delenv("DATABASE_URL", raising=False)
    patch.setattr(cli, "datetime", Clock)
    patch.setattr(Clock, "at", TODAY)


@pytest.fixture
def run(synced: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a copy of the synced company, at TODAY; gives code, stdout, stderr."""
    folder = copied(synced, tmp_path / "company")
    settle(monkeypatch, folder)

    return functools.partial(called, capsys, *HOME)


def keys(findings: list[dict[str, Any]]) -> set[tuple[str, str | None]]:
    return {(one["code"], one["value"]) for one in findings}


def change_leads(text: str) -> None:
    Path("export/leads.csv").write_text(text, encoding="utf-8")


def later(run: Run, days: int = 1) -> None:
    Clock.at = TODAY + timedelta(days=days)
    assert run("sync", "acme")[0] == 0


def test_against_its_own_baseline_a_job_passes_and_without_it_fails(run: Run) -> None:
    assert run("audit", "--fail-on", "error")[0] == 1
    assert run("audit", "--write-baseline", "base.json")[0] == 0
    found = document(run("audit", "--fail-on", "info", "--baseline", "base.json", "--json"))
    assert {one["baseline"] for one in found["findings"]} == {"known"}
    assert found["resolved"] == []


def test_the_document_of_json_is_a_baseline_too_in_any_encoding_of_a_shell(run: Run) -> None:
    text = run("audit", "--json")[1]
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        Path("base.json").write_text(text, encoding=encoding)
        assert run("audit", "--fail-on", "info", "--baseline", "base.json")[0] == 0


def test_only_a_new_finding_fails_the_job_and_the_resolved_are_said(run: Run) -> None:
    run("audit", "--write-baseline", "base.json")
    change_leads(LEADS.replace("zz_old", "Sent email"))
    later(run)
    code, out, err = run("audit", "--fail-on", "error", "--baseline", "base.json", "--json")
    found = json.loads(out)
    assert code == 1
    new = [one for one in found["findings"] if one["baseline"] == "new"]
    assert ("STA01", "Sent email") in keys(new)
    assert ("STA01", "Left voicemail") not in keys(new)
    rows = [line.split()[0] for line in run("audit", "--baseline", "base.json")[1].splitlines() if line.strip()]
    said = [word for word in rows if word in ("new", "known")]
    assert said == sorted(said, reverse=True) and set(said) == {"new", "known"}
    assert "of them resolved" in err
    change_leads(LEADS.replace("eve,2026-01-07,zz_old\n", ""))
    Path("export/status_values.csv").write_text(PICKLIST.replace("lead,zz_old\n", ""), encoding="utf-8")
    later(run, 2)
    code, out, _ = run("audit", "--fail-on", "error", "--baseline", "base.json")
    assert code == 0
    assert ": Not checked: this CRM gives no activities." in out  # in words, not by the name of a table
    assert "Resolved" in out and "zz_old" in out
    gone = document(run("audit", "--baseline", "base.json", "--json"))["resolved"]
    assert ("STA03", "zz_old") in keys(gone)


def test_more_records_are_known_and_a_higher_severity_is_not(run: Run) -> None:
    base = document(run("audit", "--json"))
    for one in base["findings"]:
        one["records"] = 0
    Path("base.json").write_text(json.dumps(base), encoding="utf-8")
    assert run("audit", "--fail-on", "info", "--baseline", "base.json")[0] == 0
    for one in base["findings"]:
        if one["value"] == "Left voicemail":
            one["severity"] = "info"
    Path("base.json").write_text(json.dumps(base), encoding="utf-8")
    code, out, _ = run("audit", "--fail-on", "error", "--baseline", "base.json", "--json")
    assert code == 1
    worse = [one for one in json.loads(out)["findings"] if one["baseline"] == "worse"]
    assert keys(worse) >= {("STA01", "Left voicemail")}
    assert {one["value"] for one in worse} == {"Left voicemail"}


def test_a_baseline_is_the_same_file_as_long_as_the_findings_are(run: Run) -> None:
    run("audit", "--write-baseline", "one.json", "--codes", "STA03,STA01")
    run("audit", "--write-baseline", "two.json", "--codes", "STA01,STA03", "--lang", "es")
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
    assert "message" not in Path("one.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "--write-baseline"),
        ("{", "not JSON"),
        ("\xff\xfe\xfd", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no baseline"),
        ('{"findings": []}', "no baseline"),
        ('{"pact": {"name": "Acme"}, "findings": {}}', "no baseline"),
        ('{"pact": {"name": "Acme"}, "findings": [1]}', "Finding 1"),
        ('{"pact": {"name": "Acme"}, "findings": [{"code": "STA01"}, {"code": 7}]}', "Finding 2"),
        ('{"pact": {"name": "Acme"}, "findings": [{"code": "STA01", "value": ["x"]}]}', "Finding 1"),
        ('{"pact": {"name": "Beta"}, "findings": []}', "another pact"),
        ('{"pact": {"name": "Acme"}, "connection": "beta", "findings": []}', "another connection"),
        ('{"pact": {"name": "Acme"}, "where": {"source": "web"}, "findings": []}', "--where"),
    ],
)
def test_a_baseline_that_is_none_ends_with_two_and_the_remedy(run: Run, text: str | None, said: str) -> None:
    if text is not None:
        Path("base.json").write_text(text, encoding="latin-1")
    code, out, err = run("audit", "--baseline", "base.json", "--json")
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_what_is_set_aside_is_apart_and_never_fails_a_job(run: Run) -> None:
    before = document(run("audit", "--json"))
    done = document(run("suppress", *VOICEMAIL, *BECAUSE, "--until", "2026-03-31", "--json"))
    assert (done["found"], done["until"], done["author"]) == (True, "2026-03-31", "ana@x.com")
    found = document(run("audit", "--json"))
    assert set(found["findings"][0]) == set(before["findings"][0])
    assert len(found["findings"]) + len(found["suppressed"]) == len(before["findings"])
    ((only),) = found["suppressed"]
    assert (only["code"], only["value"], only["reason"]) == ("STA01", "Left voicemail", "New phone system")
    assert run("audit", "--codes", "STA01", "--fail-on", "info")[0] == 0
    plain, listed = run("audit")[1], run("audit", "--suppressed")[1]
    assert "set aside" in plain and "New phone system" not in plain
    assert "New phone system" in listed and "ana@x.com" in listed


def test_it_comes_back_by_itself_at_the_end_of_its_day_in_the_pacts_zone_and_says_so(run: Run) -> None:
    run("suppress", *VOICEMAIL, *BECAUSE, "--until", "2026-03-31")
    Clock.at = datetime(2026, 4, 1, 5, 59, tzinfo=UTC)  # the 31st, in Mexico City
    assert document(run("audit", "--json"))["expired"] == []
    assert run("audit", "--codes", "STA01", "--fail-on", "error")[0] == 0
    Clock.at = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
    code, out, err = run("audit", "--codes", "STA01", "--fail-on", "error", "--json")
    found = json.loads(out)
    assert (code, found["suppressed"]) == (1, [])
    assert [one["author"] for one in found["expired"]] == ["ana@x.com"]
    assert "Counts again" in err and "New phone system" in err
    assert document(run("suppressions", "--json"))["suppressions"][0]["ended"] is True
    assert "ended" in run("suppressions")[1]


def test_what_was_aside_when_the_baseline_was_written_is_not_accepted_for_good(run: Run) -> None:
    run("suppress", *VOICEMAIL, *BECAUSE, "--until", "2026-03-31")
    run("audit", "--write-baseline", "base.json")
    assert run("audit", "--baseline", "base.json", "--fail-on", "error")[0] == 0
    assert document(run("audit", "--baseline", "base.json", "--json"))["resolved"] == []
    Clock.at = TODAY + timedelta(days=60)
    assert run("audit", "--baseline", "base.json", "--fail-on", "error")[0] == 1


def test_what_is_set_aside_later_is_not_resolved(run: Run) -> None:
    run("audit", "--write-baseline", "base.json")
    run("suppress", *VOICEMAIL, *BECAUSE)
    assert document(run("audit", "--baseline", "base.json", "--json"))["resolved"] == []


def test_it_is_brought_back_before_its_day(run: Run) -> None:
    document(run("suppress", "status.action", *BECAUSE, "--json"))  # the only one of this rule: no doubt which
    (one,) = document(run("suppressions", "--json"))["suppressions"]
    assert (one["code"], one["object"], one["value"], one["until"]) == ("STA01", "lead", "Left voicemail", "2026-05-30")
    assert run("unsuppress", "STA01", "--as", "bob@x.com")[0] == 0
    assert document(run("suppressions", "--json"))["suppressions"] == []
    assert run("audit", "--codes", "STA01", "--fail-on", "error")[0] == 1
    code, _, err = run("unsuppress", "STA01", "--as", "bob@x.com")
    assert (code, "suppressions" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("NOPE99", *BECAUSE), "STA01"),
        ((*VOICEMAIL, "--reason", " ", "--as", "a@x.com"), "why"),
        ((*VOICEMAIL, "--reason", "x", "--as", " "), "e-mail"),
        ((*VOICEMAIL, *BECAUSE, "--until", "2026-02-28"), "2026-02-28"),
        ((*VOICEMAIL, *BECAUSE, "--until", "soon"), "--until"),
        ((*VOICEMAIL, "--as", "a@x.com"), "--reason"),
        ((*VOICEMAIL, "--reason", "x"), "--as"),
    ],
)
def test_what_cannot_be_set_aside_ends_with_two(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run("suppress", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert document(run("suppressions", "--json"))["suppressions"] == []


def test_a_finding_named_too_loosely_is_asked_for_again(run: Run) -> None:
    change_leads(LEADS.replace("zz_old", "Sent email"))
    later(run)
    code, _, err = run("suppress", "STA01", *BECAUSE)
    assert code == 2
    assert "Sent email" in err and "Left voicemail" in err


def test_what_nobody_found_yet_may_be_set_aside_with_a_word_of_warning(run: Run) -> None:
    words = ("suppress", "STA01", "--object", "lead", "--value", "Left voicemial", *BECAUSE)
    assert document(run(*words, "--json"))["found"] is False
    assert "did not find" in run(*words)[1]


@pytest.mark.parametrize(
    "value", ["=cmd()", "<b>x</b>", "[red]x[/red]", "a \"b\" 'c'", "שלום\u202e", "\x1b[31mx", "🔥"]
)
def test_hostile_values_are_kept_and_shown_harmless(run: Run, value: str) -> None:
    words = ("--object", "lead", "--value", value)
    assert run("suppress", "STA01", *words, "--reason", value, "--as", value)[0] == 0
    code, out, _ = run("suppressions")
    assert code == 0
    assert "\x1b" not in out and "\u202e" not in out
    if value.startswith("["):
        assert value in out
    (one,) = document(run("suppressions", "--json"))["suppressions"]
    assert (one["value"], one["reason"], one["author"]) == (value, value, value)
    assert run("unsuppress", "STA01", *words, "--as", "x")[0] == 0


def test_the_history_tells_each_sync_apart_and_what_was_resolved_when(run: Run) -> None:
    change_leads(LEADS.replace("eve,2026-01-07,zz_old\n", ""))
    Path("export/status_values.csv").write_text(PICKLIST.replace("lead,zz_old\n", ""), encoding="utf-8")
    later(run)
    run("audit")
    run("audit", "--codes", "STA01")
    run("audit", "--as-of", "2026-02-01")
    found = document(run("findings-history", "--json"))
    first, second = found["runs"]
    assert (first["first"], second["first"]) == (True, False)
    assert (first["generation"], second["generation"]) == (1, 2)
    assert (second["new"], second["still"] + second["resolved"]) == (0, first["new"])
    gone = {one["code"]: one for one in found["resolved"]}
    assert gone["STA03"]["resolved_at"] == "2026-03-02T18:00:00Z"
    assert gone["STA03"]["since"] == "2026-03-01T18:00:00Z"
    assert {one["state"] for one in found["findings"]} == {"still"}
    table = run("findings-history")[1]
    assert "zz_old" in table
    assert "Resueltos" in run("findings-history", "--lang", "es")[1]
    assert len(document(run("findings-history", "--last", "1", "--json"))["runs"]) == 1
    assert run("findings-history", "--last", "0")[0] == 2


def test_a_pact_file_has_a_history_of_its_own(run: Run) -> None:
    Path("try.yaml").write_text(PACT.replace("Acme", "Try"), encoding="utf-8")
    assert document(run("findings-history", "--pact", "try.yaml", "--json"))["runs"] == []
    run("audit", "--pact", "try.yaml")
    assert len(document(run("findings-history", "--pact", "try.yaml", "--json"))["runs"]) == 1
    assert len(document(run("findings-history", "--json"))["runs"]) == 1


def test_a_sync_says_what_its_audit_found_and_does_not_fail_with_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "still there" in run("sync", "acme")[1]

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("eve@example.com")

    monkeypatch.setattr("leadpact.audit.findings_log.after_sync", broken)
    code, out, err = run("sync", "acme", "--json")
    assert (code, json.loads(out)["generation"]) == (0, 3)
    assert "RuntimeError" in err and "eve@" not in err


def test_before_the_first_sync_there_is_nothing_and_it_says_what_to_do(run: Run) -> None:
    Path("secrets.toml").write_text('[connections.beta]\ntype = "files"\npath = "export"\n', encoding="utf-8")
    words = ("--connection", "beta")
    assert "sync" in run("findings-history", *words)[1]
    assert run("suppressions", *words)[0] == 0


def test_sarif_holds_rules_results_fingerprints_and_what_is_aside(run: Run) -> None:
    run("suppress", *VOICEMAIL, *BECAUSE)
    found = document(run("audit", "--sarif", "out.sarif", "--json"))
    log = json.loads(Path("out.sarif").read_text(encoding="utf-8"))
    (one,) = log["runs"]
    assert (log["version"], one["tool"]["driver"]["name"]) == ("2.1.0", "LeadPact")
    assert len(one["results"]) == len(found["findings"]) + len(found["suppressed"])
    aside = [result for result in one["results"] if result.get("suppressions")]
    assert [result["ruleId"] for result in aside] == ["STA01"]
    assert aside[0]["suppressions"][0]["justification"] == "New phone system"
    prints = [result["partialFingerprints"]["leadpactIdentity/v1"] for result in one["results"]]
    assert len(set(prints)) == len(prints)
    run("audit", "--sarif", "es.sarif", "--lang", "es")
    spanish = json.loads(Path("es.sarif").read_text(encoding="utf-8"))["runs"][0]
    assert sorted(result["partialFingerprints"]["leadpactIdentity/v1"] for result in spanish["results"]) == sorted(
        prints
    )
    texts = [[rule["fullDescription"]["text"] for rule in run["tool"]["driver"]["rules"]] for run in (one, spanish)]
    assert all(en != es for en, es in zip(*texts, strict=True))


def test_sarif_says_what_a_baseline_makes_of_each(run: Run) -> None:
    base = document(run("audit", "--json"))
    base["findings"] = [one for one in base["findings"] if one["code"] != "STA01"]
    base["findings"].append({"code": "STA03", "object": "lead", "value": "zz_gone", "severity": "error", "records": 2})
    Path("base.json").write_text(json.dumps(base), encoding="utf-8")
    run("audit", "--baseline", "base.json", "--sarif", "out.sarif")
    results = json.loads(Path("out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    states = {(one["ruleId"], one["properties"]["value"]): one["baselineState"] for one in results}
    assert states["STA01", "Left voicemail"] == "new"
    assert states["STA03", "zz_old"] == "unchanged"
    assert states["STA03", "zz_gone"] == "absent"


def test_a_file_that_cannot_be_written_is_said_and_leaves_none_half_written(run: Run) -> None:
    for option in ("--sarif", "--write-baseline"):
        code, _, err = run("audit", option, "nowhere/file.json")
        assert code == 2
        assert "nowhere/file.json" in err
    Path("base.json").write_text("old", encoding="utf-8")
    assert run("audit", "--write-baseline", "base.json")[0] == 0
    assert [path.name for path in Path().glob("*.partial")] == []
    assert json.loads(Path("base.json").read_text(encoding="utf-8"))["findings"]


def test_a_rule_that_looks_at_less_than_for_the_baseline_resolves_nothing() -> None:
    worked = Accepted(Identity("STA15", "lead", "New"), "warning", 3)
    whole = Baseline({worked.identity.fingerprint: worked})
    without = Baseline(whole.accepted, {"STA15": frozenset({"activity"})})
    everything = Extent(frozenset({"STA15"}), {})
    in_part = Extent(frozenset({"STA15"}), {"STA15": frozenset({"activity"})})
    unchecked = Extent(frozenset({"STA01"}), {})
    assert [one.resolved([], everything) for one in (whole, without)] == [[worked], [worked]]
    assert [one.resolved([], in_part) for one in (whole, without)] == [[], [worked]]
    assert [one.resolved([], unchecked) for one in (whole, without)] == [[], []]


def test_what_was_accepted_for_a_whole_object_holds_for_each_of_its_record_types() -> None:
    whole = Accepted(Identity("STA01", "lead", "Called"), "error", 3)
    of_one = Accepted(Identity("STA01", "lead", "Called", "B2B"), "error", 3)
    found = finding(record_type="B2B")
    assert Baseline({whole.identity.fingerprint: whole}).state(found) == "known"
    assert Baseline({of_one.identity.fingerprint: of_one}).state(finding()) == "new"
    assert Baseline({of_one.identity.fingerprint: of_one}).state(finding(record_type="B2C")) == "new"
    assert Baseline({whole.identity.fingerprint: whole}).resolved([found], Extent(frozenset({"STA01"}), {})) == []
