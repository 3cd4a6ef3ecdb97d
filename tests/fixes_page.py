"""What the tests of the Fixes page have in common: a small demo company, plans of it, and clicks that begin runs."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from pathlib import Path

from streamlit.testing.v1 import AppTest

from leadpact.workspace import Workspace
from leadpact.writeback import approval, plans
from leadpact.writeback.plan import STATUS, Draft, Plan, Row, Tally
from tests import writeback_crm
from tests.writeback_crm import NOW, company

ANA = "ana@acme.example"
NEW = "Re-Market"


def press(at: AppTest, what: str) -> AppTest:
    """A click; where it began a run that takes longer, the page as it is after that."""
    at = at.button(key=f"_fixes_{what}").click().run()
    assert not at.exception, at.exception
    return at.run() if ended() else at


def ended() -> bool:
    """Waits for every run; whether there was one to wait for."""
    going = [thread for thread in threading.enumerate() if thread.name.startswith("apply-")]
    for thread in going:
        thread.join(30)
    return bool(going)


def named(at: AppTest, name: str = ANA) -> AppTest:
    return at.text_input(key="_fixes_who").set_value(name).run()


def approved(at: AppTest, plan: Plan) -> AppTest:
    """The plan approved on the page, and above the limits on purpose."""
    at = at.text_input(key=f"_fixes_typed_{plan.id}").set_value(str(plan.records)).run()
    at = press(at, "approve")
    force = [one for one in at.checkbox if one.key == f"_fixes_force_{plan.id}"]
    return force[0].check().run() if force else at


@functools.cache
def open_leads() -> tuple[tuple[str, str], ...]:
    """Leads of the small company that may be written, each with its status."""
    folder = writeback_crm._demo_home()  # read only: a copy would cost more than the query
    record = Workspace(folder).analyse("demo").tables.record
    found = record.filter(record.object == "lead", record.converted_at.isnull(), record.merged_into.isnull(),
                          record.condition != "deleted", record.status.notnull(), record.status != NEW)  # fmt: skip
    rows = found.select("record_id", "status").order_by("record_id").to_pyarrow().to_pylist()
    return tuple((row["record_id"], row["status"]) for row in rows)


def a_plan(home: Path, records: int = 15, *, chosen: Sequence[tuple[str, str]] | None = None) -> Plan:
    """A repair of so many leads, or of those chosen, made and approved by another door than the page."""
    database = Workspace(home).database
    draft = Draft("demo", STATUS, ANA, NOW, kinds={"lead.status": "choice"},
                  recipe={"source": "set", "hash": "h", "type": "demo"})  # fmt: skip
    rows = [Row("lead", record_id, "status", status, NEW, "set · pact draft")
            for record_id, status in chosen or open_leads()[:records]]  # fmt: skip
    plan = plans.make(database, draft, rows, Tally(whole=1_000))
    approval.approve(database, plan, expected_hash=plan.hash, records=plan.records, actor=ANA, roles=None, door="app",
                     now=NOW)  # fmt: skip
    return plan


def held(home: Path, plan: Plan) -> dict[str, str | None]:
    """What the records of a plan hold, seen by another door."""
    rows = [row for _, row in plans.rows(Workspace(home).database, plan)]
    values = company(home).read(rows[0].object, [row.record_id for row in rows], [rows[0].field])
    return {row.record_id: values[row.record_id][row.field] for row in rows}
