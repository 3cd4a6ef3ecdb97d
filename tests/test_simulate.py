"""Simulating a value map: the same as applying it for real and computing everything from scratch.

The oracle applies the changes to the rows of the source, as the CRM's history will hold them
(a relabelling each), and lets a sync build the whole company anew.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.audit import effect as effects
from leadpact.audit.effect import effect
from leadpact.audit.facts import Facts
from leadpact.audit.proposal import present
from leadpact.audit.simulate import after, stage_counts, value_counts
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.audit.valuemap_check import settled
from leadpact.metrics import funnel, sla, velocity
from leadpact.metrics.funnel import Scope
from leadpact.workspace import Analysis
from tests.audit_cases import world
from tests.worlds import SMALL

AS_OF = datetime(2026, 3, 1)
KEYS = ("object", "record_id")
WITH_ACTIONS: dict[str, Any] = copy.deepcopy(SMALL["status_map"])
WITH_ACTIONS["lead"] |= {"Left voicemail": "sal", "No answer": "sal"}


def case(**given: Any) -> dict[str, Any]:
    return {
        "journeys": True,
        "as_of": AS_OF.isoformat(),
        "pact": {"status_map": WITH_ACTIONS},
        "activities": [],
        **given,
    }


def applied(one: dict[str, Any], analysis: Analysis, values: ValueMap) -> Analysis:
    """The company once the CRM has the new statuses, synced and derived from scratch."""
    again = copy.deepcopy(one)
    rows = values.changes(Facts.of(analysis)).to_pyarrow().to_pylist()
    again.setdefault("changes", [])
    again.setdefault("history", {})
    for number, row in enumerate(rows):
        place = again["leads" if row["object"] == "lead" else "contacts"]
        given = place[row["record_id"]]
        place[row["record_id"]] = {**given, "status": row["after"]} if isinstance(given, dict) else row["after"]
        again["changes"].append(
            {"record_id": row["record_id"], "field": "status", "from_value": row["before"], "to_value": row["after"],
             "at": AS_OF.isoformat(), "seq": 1000 + number, "evidence": "remap"}
        )  # fmt: skip
    again["pact"] = values.pact_after(analysis.pact).model_dump(mode="json")
    return world(again)


def everything(tables: Any, pact: Pact, metrics: bool) -> dict[str, Any]:
    """What dashboards read: every spell and journey; and what they show."""

    def rows(table: Any) -> list[str]:
        return sorted(map(repr, table.to_pyarrow().to_pylist()))

    found: dict[str, Any] = {
        "spells": rows(tables.spell),
        "journeys": rows(tables.journey),
        "untouched": rows(tables.untouched),
        "statuses": rows(tables.record.select(*KEYS, "status")),
    }
    if metrics:
        found["funnel"] = funnel.conversion(tables, pact, AS_OF, Scope(window_days=90))
        found["velocity"] = velocity.velocity(tables, pact, AS_OF)
        found["sla"] = sla.compliance(tables, pact, AS_OF)
    return found


def compared(one: dict[str, Any], values: ValueMap, metrics: bool = False) -> tuple[Analysis, dict[str, Any]]:
    """The world before, and what is simulated, which is held to equal what is applied."""
    analysis = world(one)
    values = settled(values, Facts.of(analysis), analysis.pact)
    simulated = after(analysis, values)
    real = applied(one, analysis, values)
    assert simulated.pact.hash == real.pact.hash
    found = everything(simulated.tables, simulated.pact, metrics)
    assert found == everything(real.tables, real.pact, metrics)
    assert present(Facts.of(analysis), analysis.pact, values).records == simulated.changed
    counted = {(one.object, one.value or ""): one.after for one in value_counts(analysis, simulated) if one.after}
    assert counted == {(held.object, held.value or ""): held.records for held in Facts.of(real).held}
    return analysis, found


VOICEMAIL = case(
    leads={"ana": "Left voicemail", "berta": "Left voicemail", "carla": "MQL", "dora": "Working"},
    history={
        "ana": [["2026-02-01", "Subscriber"], ["2026-02-03", "MQL"], ["2026-02-04", "Left voicemail"]],
        "berta": [["2026-02-01", "Subscriber"], ["2026-02-10", "Working"], ["2026-02-12", "Left voicemail"]],
        "carla": [["2026-02-02", "MQL"]],
        "dora": [["2026-02-02", "MQL"], ["2026-02-05", "Left voicemail"], ["2026-02-06", "Working"]],
    },
    activities=[{"record_id": "ana", "kind": "call", "at": "2026-02-27"}],
)
BACK = ValueMap.of(
    [Row("lead", "Left voicemail", to="MQL", previous="MQL"), Row("lead", "Left voicemail", to="Working")]
)


def test_who_goes_back_to_mql_has_never_left_it() -> None:
    """Ana's two spells are one again; her clock runs on until the call, and nobody else's changes."""
    analysis, found = compared(VOICEMAIL, BACK, metrics=True)
    own = [row for row in found["spells"] if "lead:ana" in row]
    assert ["'stage': 'mql'" in row for row in own].count(True) == 1 and len(own) == 2
    before = sla.compliance(analysis.tables, analysis.pact, AS_OF)[0]
    result = effect(analysis, BACK)
    ((policy, pairs),) = result.sla
    assert (policy, pairs["met"].before, pairs["met"].after) == ("follow-up", before.met, before.met - 1)
    assert (pairs["breached"].before, pairs["breached"].after) == (1, 2)
    assert {one.stage: (one.before, one.after) for one in result.stages}["mql"] == (1, 2)


def test_the_history_of_those_who_moved_on_stays() -> None:
    """Dora was in Left voicemail once and is in Working now: nothing of hers is relabelled."""
    _, found = compared(VOICEMAIL, BACK)
    assert ["Left voicemail" in row for row in found["spells"] if "lead:dora" in row].count(True) == 1


def test_a_new_value_comes_with_its_line_in_the_pact() -> None:
    values = ValueMap.of([Row("lead", "Left voicemail", to="Attempting", stage="sal")])
    _, found = compared(VOICEMAIL, values)
    assert not any("unmapped" in row for row in found["spells"])


def test_a_value_the_pact_learns_counts_in_the_history_too() -> None:
    """Nothing is written, and those who have been in the value are no longer in no stage."""
    one = case(
        leads={"ana": "Vetting", "berta": "MQL"},
        history={
            "ana": [["2026-02-01", "MQL"], ["2026-02-02", "Vetting"]],
            "berta": [["2026-02-01", "Vetting"], ["2026-02-02", "MQL"]],
        },
    )
    values = ValueMap.of([Row("lead", "Vetting", leave=True, stage="sal")])
    analysis, found = compared(one, values)
    assert not any("unmapped" in row for row in found["spells"])
    assert effect(analysis, values).changed == 0 and effect(analysis, values).people == 2


def test_a_blank_contact_filled_changes_the_count_and_no_journey() -> None:
    one = case(
        leads={"ana": {"status": "MQL", "converted_to": "ana-c", "converted_at": "2026-02-10T10:00:00"}},
        contacts={"ana-c": {"status": None}},
        history={"ana": [["2026-02-01", "MQL"]]},
    )
    values = ValueMap.of([Row("contact", None, to="Customer")])
    analysis, _ = compared(one, values)
    result = effect(analysis, values)
    assert (result.changed, result.silent) == (1, 1)
    assert {(c.object, c.value): (c.before, c.after) for c in result.values}[("contact", "Customer")] == (0, 1)


def test_a_lead_without_history_does_not_get_one_by_being_relabelled() -> None:
    """When its status began is not known before, and not after."""
    one = case(
        leads={"ana": {"status": "Left voicemail", "created_at": "2026-01-01"}, "berta": "MQL"},
        history={"berta": [["2026-02-01", "MQL"]]},
    )
    _, found = compared(one, ValueMap.of([Row("lead", "Left voicemail", to="MQL")]))
    (own,) = [row for row in found["spells"] if "lead:ana" in row]
    assert "'stage': 'mql'" in own and "'entered_at': None" in own and "imputed" in own


def test_nothing_happens_to_frozen_deleted_and_merged_records() -> None:
    one = case(
        leads={
            "ana": {"status": "Left voicemail", "converted_at": "2026-02-01T10:00:00"},
            "berta": {"status": "Left voicemail", "condition": "deleted"},
            "carla": {"status": "Left voicemail", "merged_into": "dora"},
            "dora": "MQL",
        },
        history={"dora": [["2026-02-01", "MQL"]]},
    )
    analysis, _ = compared(one, BACK)
    result = effect(analysis, BACK)
    assert (result.changed, result.people) == (0, 0)
    assert result.funnels[0] == result.funnels[1]


def test_on_an_empty_company_nothing_is_simulated_and_nothing_fails() -> None:
    result = effect(world(case(leads={})), BACK)
    assert (result.changed, result.people, result.silent, result.values) == (0, 0, 0, ())
    assert result.funnels[0].coverage is None


STATUSES = [
    "Unknown",
    "Subscriber",
    "MQL",
    "Working",
    "Customer",
    "Re-Market",
    "Left voicemail",
    "No answer",
    "Strange",
]
TARGETS = ["Subscriber", "MQL", "Working", "Re-Market", "Customer", "Spam", "Brand new"]


@st.composite
def companies(draw: st.DrawFn) -> dict[str, Any]:
    """Leads with histories, some converted, some merged, some without any history.

    Many at once: building a company costs more than what is in it.
    """
    leads: dict[str, Any] = {}
    contacts: dict[str, Any] = {}
    history: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 25))):
        name = f"p{number}"
        steps = draw(st.lists(st.sampled_from(STATUSES), max_size=5))
        day = datetime(2026, 1, 1) + timedelta(days=draw(st.integers(0, 20)))
        told = []
        for value in steps:
            told.append([day.isoformat(), value])
            day += timedelta(days=draw(st.integers(0, 9)))
        lead: dict[str, Any] = {"status": steps[-1] if steps else draw(st.sampled_from([*STATUSES, None]))}
        if draw(st.booleans()):
            lead["created_at"] = "2025-12-31T00:00:00"
        if told:
            history[name] = told
        if draw(st.integers(0, 3)) == 0:
            lead |= {"converted_to": f"{name}-c", "converted_at": (day + timedelta(hours=1)).isoformat()}
            status = draw(st.sampled_from(["MQL", "SQL", "Customer", None]))
            contacts[f"{name}-c"] = {"status": status}
            if status and draw(st.booleans()):
                history[f"{name}-c"] = [[(day + timedelta(days=2)).isoformat(), status]]
        elif number and draw(st.integers(0, 4)) == 0:
            lead["merged_into"] = "p0"
        elif draw(st.integers(0, 8)) == 0:
            lead["condition"] = "deleted"
        leads[name] = lead
    deals = [
        {"object": "lead", "record_id": name, "created_at": "2026-02-01", "closed_at": "2026-02-05", "is_won": True}
        for name in leads
        if draw(st.integers(0, 6)) == 0
    ]
    return case(leads=leads, contacts=contacts, history=history, opportunities=deals)


@st.composite
def any_map(draw: st.DrawFn) -> ValueMap:
    """Rows from any value to any other, with conditions; not one that would pass a checking."""
    found: dict[Any, Row] = {}
    for _ in range(draw(st.integers(1, 8))):
        object = draw(st.sampled_from(["lead", "lead", "contact"]))
        to = draw(st.sampled_from([*TARGETS, None]))
        row = Row(
            object,
            draw(st.sampled_from([*STATUSES, None])),
            to=to,
            stage={"Brand new": "sal", "Strange": "sal"}.get(to or ""),
            previous=draw(st.sampled_from([None, None, "MQL", "Subscriber"])),
            standing=draw(st.sampled_from([None, None, "customer", "mql"])),
        )
        found[row.key] = row
    return ValueMap.of(found.values())


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(companies(), any_map())
def test_simulating_is_applying_and_computing_from_scratch(one: dict[str, Any], values: ValueMap) -> None:
    compared(one, values)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(companies())
def test_a_map_that_leads_every_value_to_itself_changes_nothing(one: dict[str, Any]) -> None:
    analysis = world(one)
    same = ValueMap.of([Row("lead", value, to=value) for value in STATUSES] + [Row("contact", "MQL", leave=True)])
    result = effect(analysis, same)
    assert (result.changed, result.people, result.additions) == (0, 0, ())
    assert all(one.before == one.after for one in (*result.values, *result.stages))
    for pair in (result.funnels, result.velocities, result.slas):
        assert pair[0] == pair[1]


def test_every_figure_is_told_today_after_and_different() -> None:
    told = effect(world(VOICEMAIL), BACK).as_json()
    assert set(told) == {"changed", "people", "open", "frozen", "silent", "pact_additions", "values", "stages",
                         "funnel", "velocity", "sla"}  # fmt: skip
    for row in [*told["funnel"]["steps"], *told["velocity"]["stages"], *told["sla"]]:
        for pair in (value for value in row.values() if isinstance(value, dict)):
            known = None not in (pair["before"], pair["after"])
            assert pair["difference"] == (pair["after"] - pair["before"] if known else None)
    assert told["funnel"]["window_days"] == effects.WINDOW_DAYS
    assert sum(one["difference"] for one in told["values"]) == 0 == sum(one["difference"] for one in told["stages"])


def test_stages_are_counted_once_a_person() -> None:
    analysis = world(VOICEMAIL)
    counts = stage_counts(analysis, after(analysis, BACK))
    assert sum(one.before for one in counts) == sum(one.after for one in counts) == 4
