"""What holds for any history: ties, remaps, persons of several records, deletions, one more who waits.

Not here: what holds for every metric on one company (test_properties_rows.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Pact
from leadpact.metrics import flow, funnel, sla, velocity
from leadpact.tables import Tables
from tests.answers import same
from tests.engine import company
from tests.rows import Rows, contact, lead, moved
from tests.worlds import SMALL, pact

START = datetime(2026, 1, 5, 9)
AS_OF = START + timedelta(days=120)
STATUSES = [*SMALL["status_map"]["lead"], "Limbo"]
# an action value of its own in two stages: what repairs relabel
ACTIONS = {"Called": "mql", "Emailed": "mql", "Visited": "sal"}
LEAD_MAP = {**SMALL["status_map"]["lead"], **ACTIONS}
PACT: Pact = pact(status_map={"lead": LEAD_MAP, "contact": LEAD_MAP, "opportunity": SMALL["status_map"]["opportunity"]})

Steps = list[tuple[datetime, str]]


@st.composite
def histories(draw: Any, statuses: list[str] | None = None, most: int = 30) -> dict[str, Steps]:
    """Some leads with changes hours or days apart, often in the same second. Many people, few examples: each costs."""
    found = {}
    for number in range(draw(st.integers(most // 3, most))):
        values = draw(st.lists(st.sampled_from(statuses or STATUSES), min_size=1, max_size=7))
        gaps = draw(st.lists(st.sampled_from([0, 0, 1, 30, 200]), min_size=len(values), max_size=len(values)))
        at, steps = START, []
        for gap, value in zip(gaps, values, strict=True):
            at += timedelta(hours=gap)
            steps.append((at, value))
        found[f"r{number:02}"] = steps
    return found


Rows_ = tuple[list[dict[str, Any]], list[dict[str, Any]]]
IDS = ("record_id", "converted_to", "merged_into")


def rows_of(people: dict[str, Steps]) -> Rows_:
    """Records and their status changes."""
    records = [lead(who, status=steps[-1][1], created_at=steps[0][0]) for who, steps in people.items()]
    return records, [row for who, steps in people.items() for row in moved(who, *steps)]


def side_by_side(before: Rows_, after: Rows_) -> Tables:
    """Two companies in one, told apart by the source of their records: reading both costs as much as one."""
    whole: Rows_ = ([], [])
    for source, (records, changes) in ((BEFORE, before), (AFTER, after)):
        for rows, target in zip((records, changes), whole, strict=True):
            own = [{**row, **{key: f"{source}-{row[key]}" for key in IDS if row.get(key)}} for row in rows]
            target.extend({**row, "source": source} if rows is records else row for row in own)
        for row in whole[1]:
            if row["field"] == "merged_into" and row["record_id"].startswith(source):
                row["to_value"] = f"{source}-{row['to_value']}"
    return company(Rows(creation_logged=True, record=whole[0], field_change=whole[1], activity=[]), PACT)


def told(tables: Tables, *names: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The columns named of the spells of either company, in order of record and number."""
    found = tables.spell.order_by("person_id", "n").to_pyarrow().to_pylist()
    both: dict[str, list[tuple[Any, ...]]] = {BEFORE: [], AFTER: []}
    for row in found:
        both[row["source"]].append(tuple(row[name] for name in names))
    return both[BEFORE], both[AFTER]


def grouped(found: Any, source: str) -> list[Any]:
    """The parts of a result by source that are of one company, without its name."""
    parts = [part for value in vars(found).values() if isinstance(value, tuple) for part in value]
    return [replace(part, group=None) for part in parts if getattr(part, "group", None) == source]


BEFORE, AFTER = "before", "today"
STORY = ("stage", "entered_at", "left_at", "journey")


@settings(max_examples=4, deadline=None)
@given(people=histories(), order=st.randoms(use_true_random=False))
def test_equal_timestamps_follow_the_sources_order(people: dict[str, Steps], order: Any) -> None:
    """What happened in one second is told as if it had been microseconds apart, in the order of `seq`."""
    apart = {
        who: [(at + timedelta(microseconds=place), value) for place, (at, value) in enumerate(steps)]
        for who, steps in people.items()
    }
    records, changes = rows_of(people)
    order.shuffle(changes)
    found, expected = told(side_by_side((records, changes), rows_of(apart)), "n", "stage", "journey", "value")
    assert found == expected


SAME_STAGE = [("Called", "MQL"), ("Emailed", "MQL"), ("MQL", "Called"), ("Visited", "Working")]
BUSY = ["MQL", "Called", "Emailed", "Visited", "Working", "Re-Market", "Customer"]


@settings(max_examples=3, deadline=None)
@given(people=histories(BUSY), swap=st.sampled_from(SAME_STAGE), later=st.integers(0, 700))
def test_a_repair_within_a_stage_changes_no_clock_no_journey_and_no_move(
    people: dict[str, Steps], swap: tuple[str, str], later: int
) -> None:
    """Every holder of the old value is given the new one, and no figure differs."""
    records, changes = rows_of(people)
    repaired = [{**row, "status": swap[1] if row["status"] == swap[0] else row["status"]} for row in records]
    journal = remaps(people, *swap, START + timedelta(hours=later, days=70))
    tables = side_by_side((records, changes), (repaired, [*changes, *journal]))
    before, after = told(tables, *STORY)
    assert before == after
    for found in (
        funnel.conversion(tables, PACT, AS_OF, funnel.Scope(by="source", window_days=20)),
        flow.flow(tables, PACT, AS_OF, by="source"),
        velocity.velocity(tables, PACT, AS_OF, by="source"),
    ):
        same(grouped(found, AFTER), grouped(found, BEFORE))
    clocks = {one.group: replace(one, group=None) for one in sla.compliance(tables, PACT, AS_OF, by="source")}
    assert clocks.get(BEFORE) == clocks.get(AFTER)


@settings(max_examples=4, deadline=None)
@given(people=histories(), old=st.sampled_from(STATUSES), new=st.sampled_from(STATUSES))
def test_a_remap_starts_no_clock_ends_no_journey_and_is_no_move(people: dict[str, Steps], old: str, new: str) -> None:
    """Whatever is relabelled to whatever: nothing begins or ends at the moment it was done, nothing is added."""
    records, changes = rows_of(people)
    moment = START + timedelta(days=100)
    tables = side_by_side((records, changes), (records, [*changes, *remaps(people, old, new, moment)]))
    before, after = told(tables, "entered_at", "left_at")
    times = {at for row in after for at in row}
    assert moment not in times and times <= {at for row in before for at in row}
    assert len(after) <= len(before)
    ends = tables.journey.select("entered_at", "ended_at").to_pyarrow().to_pylist()
    assert all(moment not in row.values() for row in ends)
    clocks = sla.clocks(tables, PACT, AS_OF, PACT.sla[0]).to_pyarrow().to_pylist()
    assert {row["started_at"] for row in clocks} <= {at for steps in people.values() for at, _ in steps}


def remaps(people: dict[str, Steps], old: str, new: str, at: datetime) -> list[dict[str, Any]]:
    """The journal of a repair: everybody who held the old value was given the new one."""
    return [
        {"object": "lead", "record_id": who, "field": "status", "from_value": old, "to_value": new, "at": at, "seq": 99,
         "evidence": "remap"}
        for who, steps in people.items() if steps[-1][1] == old
    ]  # fmt: skip


@settings(max_examples=4, deadline=None)
@given(
    people=histories(), waited=st.integers(0, 100), status=st.sampled_from(["Subscriber", "MQL", "Working", "Limbo"])
)
def test_one_more_who_waits_never_improves_a_median(people: dict[str, Steps], waited: int, status: str) -> None:
    more = {**people, "waits": [(AS_OF - timedelta(days=waited), status)]}
    tables = side_by_side(rows_of(people), rows_of(more))
    found = velocity.velocity(tables, PACT, AS_OF, by="source")
    before, after = ({one.stage: one for one in grouped(found, source)} for source in (BEFORE, AFTER))
    for stage, one in before.items():
        for name in ("p25_days", "median_days", "p75_days"):
            assert longer(getattr(after[stage], name), getattr(one, name)), (stage, name)
    clocks = {one.group: one for one in sla.compliance(tables, PACT, AS_OF, by="source")}
    if BEFORE in clocks:
        assert longer(clocks[AFTER].median_hours, clocks[BEFORE].median_hours)
        assert (clocks[AFTER].compliance or 0) <= (clocks[BEFORE].compliance or 0)


def longer(now: float | None, before: float | None) -> bool:
    """At least as long; null is never reached, the longest of all."""
    return now is None or (before is not None and now >= before - 1e-9)


@settings(max_examples=4, deadline=None)
@given(people=histories(), data=st.data())
def test_a_lead_and_its_contact_are_one_person(people: dict[str, Steps], data: Any) -> None:
    """A history cut anywhere into a lead and the contact it was converted to is the same history."""
    records, changes = [], []
    for who, steps in people.items():
        cut = data.draw(st.integers(1, len(steps)))
        early, late = steps[:cut], steps[cut:]
        changes += moved(who, *early)
        row = lead(who, status=early[-1][1], created_at=early[0][0])
        if late:
            changes += moved(f"{who}c", *late, object="contact")
            row |= {"converted_to": f"{who}c", "converted_at": late[0][0], "status": "Spam"}
            records.append(contact(f"{who}c", status=late[-1][1], created_at=late[0][0]))
            # the CRM goes on writing on the frozen lead: it counts no more
            echo = moved(who, (late[-1][0] + timedelta(days=1), "Spam"))[0]
            changes.append({**echo, "from_value": early[-1][1], "seq": 50, "evidence": "history"})
        records.append(row)
    tables = side_by_side(rows_of(people), (records, changes))
    assert by_person(tables, BEFORE) == by_person(tables, AFTER)
    found = funnel.conversion(tables, PACT, AS_OF, funnel.Scope(by="source", window_days=20))
    same(grouped(found, AFTER), grouped(found, BEFORE))


def by_person(tables: Tables, source: str) -> list[list[tuple[Any, ...]]]:
    """Every person's spells in one of two companies, without names of people and records."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in tables.spell.order_by("person_id", "n").to_pyarrow().to_pylist():
        if f":{source}-" in row["person_id"]:
            found.setdefault(row["person_id"], []).append(tuple(row[name] for name in STORY))
    return sorted(found.values(), key=repr)


@settings(max_examples=4, deadline=None)
@given(people=histories(), data=st.data())
def test_a_merged_record_adds_no_person_and_nothing_after_its_merge(people: dict[str, Steps], data: Any) -> None:
    records, changes = rows_of(people)
    who = data.draw(st.sampled_from(sorted(people)))
    merge = people[who][-1][0] + timedelta(days=2)
    twin = lead("twin", status="Spam", created_at=people[who][0][0], merged_into=who)
    merged = [
        {**moved("twin", (merge, who))[0], "field": "merged_into", "evidence": "history"},
        *moved("twin", (merge + timedelta(days=1), "Spam")),
    ]
    tables = side_by_side((records, changes), ([*records, twin], [*changes, *merged]))
    assert by_person(tables, BEFORE) == by_person(tables, AFTER)


@settings(max_examples=4, deadline=None)
@given(people=histories(), data=st.data())
def test_a_deletion_ends_what_lasts_and_rewrites_nothing(people: dict[str, Steps], data: Any) -> None:
    records, changes = rows_of(people)
    who = data.draw(st.sampled_from(sorted(people)))
    gone = people[who][-1][0] + timedelta(hours=data.draw(st.integers(1, 500)))
    deleted = [{**row, "condition": "deleted"} if row["record_id"] == who else row for row in records]
    log = {**moved(who, (gone, "deleted"))[0], "field": "condition", "seq": 99, "evidence": "history"}
    tables = side_by_side((records, changes), (deleted, [*changes, log]))
    before, after = told(tables, *STORY, "lasts", "record_id")
    for old, new in zip(before, after, strict=True):
        ended = old[-1] == f"{BEFORE}-{who}" and old[-2]
        assert new[:-1] == ((*old[:2], gone, old[3], False) if ended else old[:-1])
    ends = {(row["record_id"], row["journey"]): (row["end_kind"], row["ended_at"])
            for row in tables.journey.to_pyarrow().to_pylist()}  # fmt: skip
    for (record, number), (kind, at) in ends.items():
        if record == f"{BEFORE}-{who}":
            assert ends[f"{AFTER}-{who}", number] == ((kind, at) if kind else ("deleted", gone))
