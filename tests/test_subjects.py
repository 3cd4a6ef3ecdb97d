"""What is stored of a source: mapped fields, and subjects where they are asked for; else a rule on them is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadpact.audit import runner
from leadpact.scoring import explain
from leadpact.settings import Connection
from leadpact.sync import sync
from leadpact.workspace import Workspace
from tests.airtable.house import Crm
from tests.command import called, document
from tests.forgettable import holding
from tests.rows import Rows, lead, moved
from tests.salesforce import fixtures
from tests.salesforce.asked import connect
from tests.salesforce.company import Company
from tests.salesforce.server import Server
from tests.worlds import NOW, World, pact

acme, salesforce = fixtures.acme, fixtures.salesforce

SECRET = "Unmappedcanary"
RULES: list[dict[str, Any]] = [
    {"id": "pricing", "category": "behaviour", "points": 10,
     "when": {"activity": "call", "subject": {"op": "contains", "value": "pricing"}}},
    {"id": "called", "category": "behaviour", "points": 5, "when": {"activity": "call"}},
]  # fmt: skip


def company() -> Rows:
    return Rows(
        creation_logged=True, record=[lead("ana", status="MQL", created_at="2026-01-01")],
        field_change=moved("ana", ("2026-01-01", "MQL")),
        activity=[{"activity_id": "a", "object": "lead", "record_id": "ana", "kind": "call", "at": "2026-01-02",
                   "completed": True, "subject": "Pricing for Ana"}],
    )  # fmt: skip


@pytest.mark.parametrize("stored", [True, False])
def test_a_rule_on_subjects_is_unknown_where_none_are_stored(world: World, stored: bool) -> None:
    agreed = pact(scoring={"rules": RULES}, sales_ready={"threshold": 8})
    world.workspace.sync(company(), "small", now=NOW, subjects=stored)
    one = world.analyse(agreed)
    assert one.tables.activity.subject.to_pyarrow().to_pylist() == (["Pricing for Ana"] if stored else [None])
    told = explain.explain(one.tables, one.pact, one.as_of, "lead", "ana")
    assert told is not None
    points = {reason.rule: (reason.points, reason.why) for reason in told.reasons}
    assert points == {"called": (5.0, None), "pricing": (10.0, None) if stored else (None, "no_subjects")}
    found = [finding for finding in runner.run(one, codes=["DEF03"]).findings if finding.value == "activity:call"]
    assert bool(found) is not stored
    assert b"Pricing" in (world.workspace.home / "small" / "crm-1.duckdb").read_bytes() or not stored
    if not stored:
        assert not holding(world.workspace.home, "Pricing for Ana")


@pytest.mark.parametrize(
    ("kind", "options", "stored"),
    [("files", {}, True), ("demo", {}, True), ("salesforce", {}, False), ("airtable", {}, False),
     ("airtable", {"subjects": True}, True), ("files", {"subjects": False}, False),
     ("salesforce", {"subjects": "yes"}, False)],
)  # fmt: skip
def test_subjects_of_a_crm_are_stored_only_where_asked_for(kind: str, options: dict[str, Any], stored: bool) -> None:
    assert Connection("one", kind, options).subjects is stored


def test_a_column_nobody_mapped_is_in_no_file_of_the_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    rows = f"record_id,name,status,created_at,Passport\nana,Ana,MQL,2026-01-01,{SECRET}\n"
    (folder / "leads.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "secrets.toml").write_text(f'[connections.acme]\ntype = "files"\npath = "{folder}"\n', encoding="utf-8")
    options = ["--home", str(tmp_path / "home"), "--secrets", str(tmp_path / "secrets.toml")]
    assert document(called(capsys, *options, "sync", "acme", "--json"))["counts"]["record"] == 1
    assert holding(tmp_path, SECRET) == ["export/leads.csv"]


@pytest.mark.thorough
def test_salesforce_and_airtable_are_read_as_mapped_and_no_further(
    tmp_path: Path, acme: Company, salesforce: Server
) -> None:
    acme.org.update("Lead", acme.leads[1], Description=f"{SECRET} in Salesforce", Phone="+52 55 1234 5678")
    space = Workspace(tmp_path / "home")
    found = sync(connect(salesforce), space.mirror("acme"), space.database, now=NOW)
    assert found.counts["record"] and not holding(space.home, SECRET)
    crm = Crm()
    try:
        (one, *_) = crm.leads.records
        crm.leads.set(one, {"Email": f"{SECRET}@airtable.example", "Name": "Mappedname"})
        crm.leads_only()
        found = sync(crm.connect(), space.mirror("base"), space.database, now=NOW)
    finally:
        crm.server.close()
    assert found.counts["record"] and not holding(space.home, SECRET)
    assert holding(space.home, "Mappedname") == ["base/crm-1.duckdb"]
