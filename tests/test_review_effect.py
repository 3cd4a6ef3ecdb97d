"""The effect of a plan on the demo CRM: simulated, then really applied, synced and compared, figure by figure.

Not here: counts of a review (test_review.py), any world and any value map (test_simulate.py).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.demo import Demo
from leadpact.audit.simulate import Count
from leadpact.metrics import funnel, sla, velocity
from leadpact.metrics.funnel import Scope
from leadpact.settings import Connection
from leadpact.workspace import Analysis, Workspace
from leadpact.writeback import journal, repair_list, review_effect, undoing
from leadpact.writeback.applying import apply
from leadpact.writeback.plan import Limits, Plan
from leadpact.writeback.repair import Source
from leadpact.writeback.repair_list import Wanted
from leadpact.writeback.target import Target
from tests.writeback_crm import COMPANY, Hours, settle_demo

LATER = datetime(2026, 3, 4)
SYNCED, APPLIED, AFTER = datetime(2026, 3, 1), datetime(2026, 3, 2), datetime(2026, 3, 3)


def at(home: Path, now: datetime) -> Target:
    connector = Demo(COMPANY, state=home / "demo" / "state", now=lambda: now)
    return Target.of(Workspace(home), Connection("demo", "demo", COMPANY), connector)


def written(home: Path, plan: Plan, now: datetime) -> None:
    done = apply(at(home, now), plan.id, expected_hash=plan.hash, actor="ana", door="cli", now=now,
                 limits=Limits(1.0, 1_000), watch=Hours().watch())  # fmt: skip
    assert (done.written, done.state) == (plan.changes, journal.DONE)


def listed(analysis: Analysis) -> list[Wanted]:
    """Every lead and contact somewhere else: forward, back, out, and to a value no stage claims."""
    record = analysis.tables.record.select("object", "record_id", "status").order_by("object", "record_id")
    leads, contacts = ("Working", "Nurture", "Disqualified", "MQL", "En revisión"), ("Customer", "Re-Market", "SQL")
    found = []
    for number, row in enumerate(record.to_pyarrow().to_pylist()):
        aims = leads if row["object"] == "lead" else contacts
        found.append(Wanted(row["object"], row["record_id"], None, aims[number % len(aims)]))
    return found


def figures(analysis: Analysis) -> dict[str, Any]:
    tables, pact, moment, scope = analysis.tables, analysis.pact, analysis.as_of, Scope(window_days=90)
    spell = tables.spell.filter(tables.spell.lasts)
    return {
        "funnel": funnel.conversion(tables, funnel.reachable(pact, scope), moment, scope),
        "velocity": velocity.velocity(tables, pact, moment),
        "sla": sla.compliance(tables, pact, moment),
        "stages": Counter(spell.stage.to_pyarrow().to_pylist()),
    }


def simulated(effect: Any, side: int) -> dict[str, Any]:
    def people(one: Count) -> int:
        return one.after if side else one.before

    return {
        "funnel": effect.funnels[side],
        "velocity": effect.velocities[side],
        "sla": effect.slas[side],
        "stages": Counter({one.stage: people(one) for one in effect.stages if people(one)}),
    }


def test_the_effect_is_what_the_next_sync_shows_and_an_undo_shows_what_it_gives_back(tmp_path: Path) -> None:
    home = settle_demo(tmp_path / "home")
    space = Workspace(home)
    used = space.pact_in_use("demo")
    today = space.analyse("demo", pact=used, as_of=AFTER)
    target = at(home, SYNCED)
    offered = [one for one in listed(today) if one.after != "En revisión"]  # its list does not have it
    plan = repair_list.plan(target, today, offered, Source("csv", "csv", "c" * 64), author="ana", now=SYNCED)
    expected = review_effect.effect(target.engine, today, plan)
    assert expected is not None
    assert expected.effect.changed == plan.changes > 40
    before = figures(today)
    assert simulated(expected.effect, 0) == before

    written(home, plan, APPLIED)
    undo = undoing.plan(at(home, APPLIED), plan.id, author="bob", now=APPLIED)
    back = review_effect.effect(target.engine, space.analyse("demo", pact=used, as_of=AFTER), undo)
    assert back is not None
    assert (back.since, back.fits["due"]) == (plan.changes, plan.changes)

    space.sync(at(home, AFTER).connector, "demo", now=AFTER)
    real = figures(space.analyse("demo", pact=used, as_of=AFTER))
    assert simulated(expected.effect, 1) == real == simulated(back.effect, 0)
    assert real != before
    written(home, undo, AFTER)
    space.sync(at(home, LATER).connector, "demo", now=LATER)
    after = figures(space.analyse("demo", pact=used, as_of=AFTER))
    assert simulated(back.effect, 1) == after
    assert after == before, "what was taken back is as if it had never been"
