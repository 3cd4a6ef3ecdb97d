"""The audits kept in pact.db: once each, in order, bounded, and whole beside other writers."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.database import audit_run, finding_seen, open_database, run_finding
from leadpact.audit import Audit, NotChecked, findings_log
from leadpact.audit.findings_log import Series, for_the_record, history, keep, newest, recent
from leadpact.audit.identity import Identity
from leadpact.pact_in_use import PactInUse
from tests.conftest import ROOT
from tests.findings import AT, analysis, audited, finding
from tests.rows import Rows, lead
from tests.worlds import World, pact

ACME = Series("acme")
DAY = timedelta(days=1)
WRITER = """
import sys
from datetime import timedelta
from pathlib import Path
from config.database import open_database
from leadpact.audit.findings_log import keep
from tests.findings import AT, analysis, audited, finding
engine = open_database(Path(sys.argv[1]))
for number in range(12):
    found = [finding(value=f"v{one}") for one in range(number, number + 40)]
    keep(engine, analysis(number, AT + timedelta(days=number)), audited(*found), now=AT)
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(tmp_path)


def counted(engine: Engine, table: sa.Table) -> int:
    with engine.begin() as database:
        return int(database.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_run_says_what_is_new_what_stays_and_what_is_resolved_since_when(engine: Engine) -> None:
    called, old = finding(), finding("STA03", "zz_old", severity="warning", records=3)
    assert keep(engine, analysis(1), audited(called, old), now=AT)
    assert keep(engine, analysis(2, AT + DAY), audited(called), now=AT + DAY)
    first, second = history(engine, ACME)
    assert (first.first, [one.identity.value for one in first.new]) == (True, ["Called", "zz_old"])
    assert [one.identity.value for one in second.still] == ["Called"]
    (gone,) = second.resolved
    assert (gone.identity.value, gone.seen.severity, gone.seen.records) == ("zz_old", "warning", 3)
    assert (gone.since, gone.resolved_at, gone.seen.last_seen) == (AT, AT + DAY, AT)
    assert second.still[0].seen.last_seen == AT + DAY
    assert (second.run.pact_version, second.run.in_force, second.run.generation) == (1, True, 2)


def test_the_same_generation_moment_and_pact_is_kept_once(engine: Engine) -> None:
    assert keep(engine, analysis(), audited(finding()), now=AT)
    assert not keep(engine, analysis(), audited(finding(), finding(value="Emailed")), now=AT + DAY)
    (only,) = recent(engine, ACME, last=9)
    assert (len(only.found), only.ran_at) == (1, AT)


def test_signing_the_pact_is_a_run_of_its_own(engine: Engine) -> None:
    keep(engine, analysis(used=PactInUse(pact(), 1, False)), audited(finding("DEF01", None, object=None)), now=AT)
    assert keep(engine, analysis(used=PactInUse(pact(), 1, True)), audited(), now=AT)
    assert [one.identity.code for one in history(engine, ACME)[-1].resolved] == ["DEF01"]


def test_an_edit_of_the_pact_goes_on_with_the_same_history(engine: Engine) -> None:
    keep(engine, analysis(), audited(finding("STA09", "Odd")), now=AT)
    renamed = PactInUse(pact(name="Other"), 2, False)
    keep(engine, analysis(used=renamed), audited(), now=AT)
    assert [one.identity.code for one in history(engine, ACME)[-1].resolved] == ["STA09"]


def test_connections_and_pact_files_have_histories_of_their_own(engine: Engine) -> None:
    keep(engine, analysis(), audited(finding()), now=AT)
    keep(engine, analysis(connection="beta"), audited(), now=AT)
    keep(engine, analysis(), audited(finding(value="Emailed")), now=AT, line="Try")
    assert [one.identity.value for one in history(engine, ACME)[-1].new] == ["Called"]
    assert history(engine, Series("beta"))[-1].new == ()
    assert [one.identity.value for one in history(engine, Series("acme", "Try"))[-1].new] == ["Emailed"]
    assert history(engine, Series("nobody")) == []
    assert newest(engine, Series("nobody")) is None


def test_runs_are_in_the_order_of_their_moment_whichever_is_kept_first(engine: Engine) -> None:
    keep(engine, analysis(2, AT + DAY), audited(finding()), now=AT)
    keep(engine, analysis(1, AT), audited(finding(), finding(value="Emailed")), now=AT)
    first, second = history(engine, ACME)
    assert (first.run.generation, second.run.generation) == (1, 2)
    assert (second.still[0].seen.first_seen, second.still[0].seen.last_seen) == (AT, AT + DAY)
    assert [one.identity.value for one in second.resolved] == ["Emailed"]


def test_a_rule_that_could_not_be_checked_resolves_nothing(engine: Engine) -> None:
    keep(engine, analysis(1), audited(finding("EVI03")), now=AT)
    keep(engine, analysis(2, AT + DAY), audited(not_checked=("EVI03",)), now=AT)
    last = history(engine, ACME)[-1]
    assert (last.resolved, [one.identity.code for one in last.carried]) == ((), ["EVI03"])
    assert last.carried[0].seen.last_seen == AT


def test_a_rule_checked_in_part_resolves_what_it_found_with_as_little(engine: Engine) -> None:
    lacking = Audit((finding("STA15"),), (NotChecked("STA15", "contact.untouched", ("activity",)),))
    keep(engine, analysis(1), lacking, now=AT)
    keep(engine, analysis(2, AT + DAY), Audit((), lacking.not_checked), now=AT)
    first, second = history(engine, ACME)
    assert (first.run.not_checked, first.run.lacked("STA15")) == ((), {"activity"})
    assert [one.identity.code for one in second.resolved] == ["STA15"]
    assert "STA15" in findings_log.extent(lacking).checked
    assert findings_log.extent(lacking, ["STA01"]).checked == {"STA01"}


def test_only_the_last_runs_are_kept_and_forgotten_findings_go_with_the_others(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_log, "KEPT", 3)
    keep(engine, analysis(1), audited(finding(), finding(value="Gone")), now=AT)
    for number in range(2, 7):
        keep(engine, analysis(number, AT + number * DAY), audited(finding()), now=AT)
    keep(engine, analysis(1, connection="beta"), audited(finding()), now=AT)
    assert [one.generation for one in recent(engine, ACME, last=99)] == [4, 5, 6]
    assert (counted(engine, audit_run), counted(engine, finding_seen), counted(engine, run_finding)) == (4, 2, 4)
    last = history(engine, ACME, last=2)[-1]
    assert last.still[0].seen.first_seen == AT, "known for longer than its runs are kept"
    assert (last.first, len(history(engine, ACME, last=2))) == (False, 2)


def test_a_shorter_look_back_does_not_call_old_findings_new(engine: Engine) -> None:
    for number in range(4):
        keep(engine, analysis(number, AT + number * DAY), audited(finding()), now=AT)
    assert [len(one.new) for one in history(engine, ACME)] == [1, 0, 0, 0]
    assert [len(one.new) for one in history(engine, ACME, last=3)] == [0, 0, 0]


def test_two_findings_of_one_identity_are_one_the_worst(engine: Engine) -> None:
    twice = (finding(severity="warning", records=99), finding(severity="error", records=2))
    keep(engine, analysis(), audited(*twice), now=AT)
    (one,) = recent(engine, ACME, last=1)[0].found.values()
    assert (one.severity, one.records) == ("error", 2)


def test_values_of_any_kind_are_the_same_finding_in_the_next_run(engine: Engine) -> None:
    values = ["=cmd()", "<b>x</b>", 'O\'Brien "x"; DROP TABLE audit_run;--', "שלום\u202e", "a\0b", "x" * 255, "🔥", " "]
    for number in (1, 2):
        keep(engine, analysis(number, AT + number * DAY), audited(*(finding(value=v) for v in values)), now=AT)
    last = history(engine, ACME)[-1]
    assert (len(last.new), len(last.still), len(last.resolved)) == (0, len(values), 0)


def test_as_many_findings_as_a_picklist_has_values(engine: Engine) -> None:
    found = [finding(value=f"value {number}") for number in range(1500)]
    keep(engine, analysis(1), audited(*found), now=AT)
    keep(engine, analysis(2, AT + DAY), audited(*found[1:]), now=AT)
    last = history(engine, ACME)[-1]
    assert (len(last.still), len(last.resolved)) == (1499, 1)


@pytest.mark.thorough
def test_two_processes_writing_the_same_runs_keep_each_once(engine: Engine, tmp_path: Path) -> None:
    words = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in writers] == [(b"", 0), (b"", 0)]
    runs = recent(engine, ACME, last=99)
    assert [one.generation for one in runs] == list(range(12))
    assert all(len(one.found) == 40 for one in runs)
    assert counted(engine, finding_seen) == 51


def test_nothing_of_a_record_is_kept_but_the_status_value(world: World) -> None:
    people = [lead(f"id-{n}", name="Ana Secret", email="ana@secret.example", status="Left voicemail") for n in range(3)]
    world.sync(Rows(record=people))
    change = findings_log.after_sync(world.workspace, "small", now=AT)
    assert Identity("STA01", "lead", "Left voicemail") in {one.identity for one in change.new}
    content = b"".join(path.read_bytes() for path in world.workspace.home.glob("pact.db*"))
    assert b"Left voicemail" in content
    assert b"Secret" not in content and b"secret.example" not in content


def test_a_look_back_or_at_a_part_is_not_for_the_record(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")]))
    assert for_the_record(world.analyse())
    assert not for_the_record(world.analyse(as_of=datetime(2026, 2, 1)))
    assert not for_the_record(world.analyse(where={"source": "web"}))
