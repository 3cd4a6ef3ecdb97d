"""The command line as a contract: shapes, options, exit codes, both languages."""

from __future__ import annotations

import functools
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leadpact.cli import main
from tests.command import Run, called, document, exported

ROOT = Path(__file__).resolve().parent.parent

LEADS = """record_id;created_at;status;source;email
ana;2026-01-05;Working;web;ana@example.com
bob;2026-01-06;MQL;event;=cmd()
eve;2026-01-07;Left voicemail;;eve@example.com
"""
CHANGES = """record_id,from_status,to_status,at
ana,,MQL,2026-01-05T10:00:00
ana,MQL,Working,2026-01-06T10:00:00
bob,,MQL,2026-01-06T10:00:00
eve,,MQL,2026-01-07T10:00:00
eve,MQL,Left voicemail,2026-01-08T10:00:00
"""
PACT = """
name: Acme
timezone: UTC
stages:
  - {key: mql, label: MQL, kind: qualified}
  - {key: sal, label: SAL, kind: sales}
  - {key: customer, label: Customer, kind: won}
status_map: {lead: {MQL: mql, Working: sal}}
sla: [{id: follow-up, starts: mql, stops: {stages: [sal]}, target: {hours: 48}}]
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a home of its own, with one connection `acme`; gives code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADPACT_HOME", raising=False)
    base = exported(tmp_path, {"leads": LEADS, "status_changes": CHANGES}, PACT)
    return functools.partial(called, capsys, *base)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The same, synced once for all that only read; the options every command begins with."""
    base = exported(tmp_path_factory.mktemp("company"), {"leads": LEADS, "status_changes": CHANGES}, PACT)
    assert main([*base, "sync", "acme"]) == 0
    return base


@pytest.fixture
def synced(
    company: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs a command on the company synced before, beside its `pact.yaml`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADPACT_HOME", raising=False)
    Path("pact.yaml").write_text(PACT, encoding="utf-8")
    return functools.partial(called, capsys, *company)


def test_sync_says_what_it_read(run: Run) -> None:
    found = document(run("sync", "acme", "--json"))
    assert set(found) == {"connection", "mode", "generation", "counts", "api_calls", "seconds"}
    assert (found["connection"], found["mode"], found["generation"]) == ("acme", "full", 1)
    assert found["counts"]["record"] == 3


def test_progress_goes_to_stderr_and_one_document_to_stdout(run: Run) -> None:
    _, out, err = run("sync", "acme", "--json")
    json.loads(out)
    assert "Leads and contacts" in err


def test_the_funnel_has_the_promised_shape(synced: Run) -> None:
    found = document(synced("funnel", "--json", "--pact", "pact.yaml", "--window", "7", "--by", "source"))
    assert set(found) == {"pact", "as_of", "coverage", "untouched", "unknown", "invalid", "steps"}
    assert set(found["pact"]) == {"name", "version", "hash", "in_force"}
    assert set(found["steps"][0]) == {
        "group", "stage", "entered", "converted", "lost", "pending", "rate_of_first", "rate_of_previous",
        "mature_entered", "mature_converted", "mature_rate", "ci_low", "ci_high",
    }  # fmt: skip
    assert {step["group"] for step in found["steps"]} == {"web", "event", None}
    web = {step["stage"]: step for step in found["steps"] if step["group"] == "web"}
    assert (web["sal"]["entered"], web["sal"]["converted"], web["customer"]["lost"]) == (1, 1, 1)


def test_options_change_the_numbers(synced: Run) -> None:
    ask = ("funnel", "--json", "--pact", "pact.yaml")
    assert document(synced(*ask, "--as-of", "2026-01-06T00:00:00Z"))["steps"][0]["entered"] == 1
    assert document(synced(*ask, "--from", "2026-01-06", "--to", "2026-01-07"))["steps"][0]["entered"] == 1
    assert document(synced(*ask, "--where", "source=event"))["steps"][0]["entered"] == 1
    assert document(synced(*ask, "--where", "source="))["steps"][0]["entered"] == 1
    assert document(synced(*ask, "--anchor", "sal"))["steps"][0]["stage"] == "sal"


def test_the_sla_has_the_promised_shape(synced: Run) -> None:
    found = document(synced("sla", "--json", "--pact", "pact.yaml", "--by", "source"))
    assert set(found) == {"pact", "as_of", "policies"}
    assert set(found["policies"][0]) == {
        "policy", "group", "met", "breached", "overdue", "running", "withdrawn", "unknown", "compliance",
        "median_hours", "p90_hours",
    }  # fmt: skip
    web = next(one for one in found["policies"] if one["group"] == "web")
    assert (web["met"], web["compliance"], web["median_hours"]) == (1, 1.0, 24.0)


def test_the_audit_has_the_promised_shape_and_can_fail_a_job(synced: Run) -> None:
    found = document(synced("audit", "--json", "--pact", "pact.yaml"))
    assert set(found["findings"][0]) == {
        "code", "name", "severity", "object", "value", "records", "message", "suggestion",
    }  # fmt: skip
    voicemail = [one for one in found["findings"] if one["value"] == "Left voicemail"]
    assert "STA01" in {one["code"] for one in voicemail}
    assert synced("audit", "--json", "--fail-on", "error", "--pact", "pact.yaml")[0] == 1
    clean = PACT.replace("Working: sal", 'Working: sal, "Left voicemail": sal')
    Path("clean.yaml").write_text(clean, encoding="utf-8")
    assert synced("audit", "--fail-on", "none", "--pact", "clean.yaml")[0] == 0


def test_explain_writes_the_people_behind_without_formulas(synced: Run, tmp_path: Path) -> None:
    for command in ("funnel", "sla", "audit"):
        target = tmp_path / f"{command}.csv"
        code, _, err = synced(command, "--pact", "pact.yaml", "--explain", str(target))
        assert code == 0, err
        text = target.read_text(encoding="utf-8-sig")
        assert text.startswith("object,record_id")
        assert "bob" in text or command == "audit"
        assert ",=cmd()" not in text
    assert ",'=cmd()," in (tmp_path / "funnel.csv").read_text(encoding="utf-8-sig")


def test_classify_answers_in_order_from_arguments_and_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    values = ["Left voicemail", "MQL", "No contesta"]
    by_words = document(run("classify", "--json", *values))
    assert [one["value"] for one in by_words] == values
    assert set(by_words[0]) == {"value", "kind", "confidence", "language"}
    assert by_words[0]["kind"] == "action"
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(values) + "\n"))
    assert document(run("classify", "--json")) == by_words


def test_the_pact_goes_from_draft_to_in_force_by_two_signatures(run: Run) -> None:
    run("sync", "acme")
    draft = document(run("pact", "show", "--json"))
    assert (draft["pact"]["in_force"], draft["pact"]["version"]) == (False, None)
    assert draft["status_map"]["lead"]["MQL"] == "mql"
    assert document(run("pact", "import", "pact.yaml", "--as", "ana@x.com", "--json"))["version"] == 1
    assert document(run("pact", "sign", "--as", "ana@x.com", "--team", "marketing", "--json"))["in_force"] is False
    code, _, err = run("pact", "sign", "--as", "ANA@x.com", "--team", "sales")
    assert (code, "already" in err) == (2, True)
    assert document(run("pact", "sign", "--as", "bob@x.com", "--team", "sales", "--json"))["in_force"] is True
    assert document(run("funnel", "--json"))["pact"]["in_force"] is True
    changed = PACT.replace("hours: 48", "hours: 24")
    Path("next.yaml").write_text(changed, encoding="utf-8")
    run("pact", "import", "next.yaml")
    assert document(run("funnel", "--json"))["pact"]["version"] == 1
    (change,) = document(run("pact", "diff", "1", "2", "--json"))["changes"]
    assert (change["path"], change["before"], change["after"]) == ("sla[follow-up].target.hours", 48.0, 24.0)
    assert [one["version"] for one in document(run("pact", "history", "--json"))["versions"]] == [2, 1]


def test_what_is_exported_is_the_same_pact(run: Run, tmp_path: Path) -> None:
    first = document(run("pact", "import", "pact.yaml", "--json"))
    exported = run("pact", "export")[1]
    (tmp_path / "again.yaml").write_text(exported, encoding="utf-8")
    assert document(run("pact", "import", "again.yaml", "--json"))["hash"] == first["hash"]


def test_a_mapping_is_proposed_confirmed_and_exported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "export" / "leads.csv").rename(tmp_path / "export" / "prospectos.csv")
    proposed = run("mapping", "acme", "--propose")[1]
    (tmp_path / "mapping.yaml").write_text(proposed, encoding="utf-8")
    assert run("mapping", "acme", "--import", "mapping.yaml")[0] == 0
    assert document(run("mapping", "acme", "--export", "--json"))["tables"]
    assert document(run("sync", "acme", "--json"))["counts"]["record"] == 3


def test_check_names_each_thing_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    before = sorted(path.name for path in (tmp_path / "export").iterdir())
    found = document(run("check", "acme", "--json"))
    assert set(found) == {"connection", "checks"}
    assert set(found["checks"][0]) == {"name", "ok", "message", "remedy"}
    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == before


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_demo_is_deterministic_and_readable(run: Run, tmp_path: Path, form: str) -> None:
    words = ("demo", "--leads", "200", "--until", "2026-06-30", "--format", form, "--json")
    document(run(*words, "--out", str(tmp_path / "one")))
    document(run(*words, "--out", str(tmp_path / "two")))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    secrets = tmp_path / "secrets.toml"
    more = f'\n[connections.big]\ntype = "files"\npath = "{tmp_path / "one"}"\n'
    secrets.write_text(secrets.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert document(run("sync", "big", "--json"))["counts"]["record"] > 200


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("funnel",), 2, "sync acme"),
        (("sync", "nowhere"), 2, "acme"),
        (("funnel", "--by"), 2, "--by"),
        (("dance",), 2, "invalid choice"),
        (("pact", "sign", "--as", "a@x.com", "--team", "sales"), 2, "pact import"),
        (("pact", "show", "--version", "9"), 2, "pact history"),
        (("pact", "import", "none.yaml"), 2, "none.yaml"),
        (("mapping", "acme", "--export"), 2, "--propose"),
        (("demo", "--leads", "0", "--out", "x"), 2, "at least 1"),
    ],
)
def test_usage_errors_end_with_two_and_name_the_remedy(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    found, out, err = run(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_source_out_of_reach_ends_with_three(run: Run, tmp_path: Path) -> None:
    run("sync", "acme")
    for path in (tmp_path / "export").iterdir():
        path.unlink()
    (tmp_path / "export").rmdir()
    code, out, err = run("sync", "acme")
    assert (code, out) == (3, "")
    assert str(tmp_path / "export") in err
    assert document(run("funnel", "--json", "--pact", "pact.yaml"))["steps"][0]["entered"] == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "pact.yaml"),
        ("name: A\ntimezone: Mars/Base\nstages: []\nstatus_map: {}", "Mars/Base"),
        (PACT.replace("Working: sal", "Working: sall"), "sal"),
        (PACT + "colour: red\n", "colour"),
    ],
)
def test_a_faulty_pact_names_path_and_remedy(synced: Run, text: str, said: str) -> None:
    Path("pact.yaml").write_text(text, encoding="utf-8")
    code, out, err = synced("funnel", "--pact", "pact.yaml")
    assert (code, out) == (2, "")
    assert said in err


def test_a_faulty_secrets_file_is_named_without_its_content(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('[connections.acme]\npassword = "hunter2\n', encoding="utf-8")
    code, _, err = run("sync", "acme")
    assert code == 2
    assert "secrets.toml" in err
    assert "hunter2" not in err


def test_the_language_is_chosen_for_tables_messages_and_help(synced: Run) -> None:
    assert "Etapa" in synced("--lang", "es", "funnel", "--pact", "pact.yaml")[1]
    assert "Ejecuta antes" in synced("--lang=es", "--connection", "other", "funnel")[2]
    assert "compromiso" not in synced("sla", "--help")[1]
    assert "Ventas" in synced("--lang", "es", "sla", "--help")[1]


def test_options_may_stand_before_or_after_the_command(synced: Run) -> None:
    after = document(synced("funnel", "--pact", "pact.yaml", "--json", "--connection", "acme"))
    before = document(synced("--json", "--connection", "acme", "funnel", "--pact", "pact.yaml"))
    assert after == before


def test_nothing_configured_means_the_demo(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADPACT_HOME", str(tmp_path / "home"))
    assert main(["sync", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["connection"] == "demo"


def test_the_module_runs_and_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LEADPACT_HOME": str(tmp_path)}
    script = f"{sys.executable} -m leadpact classify --json {' '.join(['MQL'] * 3000)} | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], cwd=ROOT, env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout.strip() == "["
    assert done.stderr == ""
