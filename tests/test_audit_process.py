"""Rules on the process beside their golden cases: figures that have to agree with the dashboards, and shares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadpact import audit
from leadpact.metrics import flow, response_waiting
from tests.audit_cases import world
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

FLOW = [["subscriber", "mql"], ["mql", "sal"]]


def walked(*walks: tuple[str, ...]) -> Rows:
    """A lead for each walk of stage values, a day a step from 2026-02-01."""
    records, changes = [], []
    for number, walk in enumerate(walks):
        name = f"l{number}"
        records.append(lead(name, status=walk[-1], created_at="2026-02-01"))
        steps = [(f"2026-02-{day:02d}T00:00:00", value) for day, value in enumerate(walk, 1)]
        changes += moved(name, *steps)
    return Rows(record=records, field_change=changes, activity=[])


WALKS = [
    ("Subscriber", "MQL", "Working"),
    ("Subscriber", "MQL", "Customer"),
    ("MQL", "Subscriber", "MQL", "Subscriber"),
    ("In review", "MQL", "Disqualified"),
    ("MQL", "In review", "Working"),
]


def test_moves_outside_the_flow_are_those_of_the_flow_chart(tmp_path: Path) -> None:
    home, agreed = World(tmp_path), pact(flow=FLOW)
    home.sync(walked(*WALKS), used=agreed)
    analysis = home.analyse(agreed)
    moves = flow.flow(analysis.tables, agreed, analysis.as_of).between
    wanted = {(one.from_stage, one.to_stage): one.moves for one in moves if one.agreed is False}
    found = audit.run(analysis, codes=["FLO01"]).findings
    assert {(one.evidence["from"], one.evidence["to"]): one.evidence["moves"] for one in found} == wanted
    assert len(wanted) == 3
    for one in found:
        assert audit.people(analysis, one).count().execute() == one.records


@pytest.mark.parametrize(("others", "severity"), [(99, "warning"), (100, "info")])
def test_a_move_of_less_than_one_in_a_hundred_is_a_note(tmp_path: Path, others: int, severity: str) -> None:
    home, agreed = World(tmp_path), pact(flow=FLOW)
    home.sync(walked(("MQL", "Customer"), *[("MQL", "Working")] * others), used=agreed)
    (found,) = audit.run(home.analyse(agreed), codes=["FLO01"]).findings
    assert (found.value, found.severity) == ("mql > customer", severity)


def test_who_waits_too_long_are_those_of_the_queue(tmp_path: Path) -> None:
    home = World(tmp_path)
    stages = ("Subscriber", "MQL"), ("MQL",), ("MQL", "Working"), ("MQL", "Subscriber"), ("MQL", "Re-Market", "MQL")
    home.sync(walked(*stages, *[("MQL", "Customer")] * 3))
    analysis = home.analyse()
    wanted = response_waiting.counts(analysis.tables, analysis.pact, analysis.as_of)
    (found,) = audit.run(analysis, codes=["SLA03"]).findings
    assert found.records == wanted["over"] + wanted["forgotten"] > 2
    assert found.evidence["forgotten"] == wanted["forgotten"]
    assert audit.people(analysis, found).count().execute() == found.records


CLEAN: dict[str, Any] = {
    "journeys": True,
    "as_of": "2026-02-12",
    "pact": {"flow": [*FLOW, ["sal", "customer"]], "routing": [{"when": [], "to": "Sara"}]},
    "leads": {"ana": {"status": "MQL", "owner_id": "u1", "created_at": "2026-02-01T10:00"},
              "bo": {"status": "Customer", "owner_id": "u2", "created_at": "2026-02-01T11:00"}},
    "history": {"ana": [["2026-02-01T10:00", "Subscriber"], ["2026-02-11", "MQL"]],
                "bo": [["2026-02-01T11:00", "Subscriber"], ["2026-02-02", "MQL"], ["2026-02-03", "Working"],
                       ["2026-02-04", "Customer"]]},
    "activities": [{"record_id": "bo", "kind": "call", "at": "2026-02-02T10:00"},
                   {"record_id": "ana", "kind": "form", "at": "2026-02-01T10:00"}],
    "owners": {"u1": {"name": "Sara"}, "u2": {"name": "Tom"}},
}  # fmt: skip


@pytest.mark.parametrize("code", ["CON05", "FLO01", "ROU03", "SLA02", "SLA03"])
def test_a_company_that_keeps_its_word_is_clean(code: str) -> None:
    result = audit.run(world(CLEAN), codes=[code])
    assert (result.findings, result.not_checked) == ((), ())
