"""The funnel: worked cases, the mistakes of other systems, and a brute-force oracle."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadpact.errors import Misconfigured
from leadpact.metrics.funnel import Funnel, Scope, Step, conversion
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

FUNNEL = ["subscriber", "mql", "sal", "customer"]
START = datetime(2026, 1, 1)


def of(world: World, histories: dict[str, list[tuple[Any, str]]], *, as_of: datetime, **records: Any) -> None:
    rows = [
        lead(who, status=steps[-1][1], created_at=steps[0][0], **records.get(who, {}))
        for who, steps in histories.items()
    ]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=as_of)


def funnel(world: World, **scope: Any) -> Funnel:
    found = world.analyse()
    return conversion(found.tables, found.pact, found.as_of, Scope(**scope))


def step(result: Funnel, stage: str, group: str | None = None) -> Step:
    return next(one for one in result.steps if one.stage == stage and one.group == group)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_a_hundred_fifty_twenty_five(world: World) -> None:
    """Steps 100, 50, 25: 100/50/25 % of the first, 100/50/50 % of the previous (Superset PR 26290)."""
    path = [("Subscriber", 0), ("MQL", 1), ("Working", 2)]
    histories = {f"r{n:03}": [(day(at), status) for status, at in path[: 1 + (n < 50) + (n < 25)]] for n in range(100)}
    of(world, histories, as_of=day(10))
    result = funnel(world)
    assert [one.converted for one in result.steps] == [100, 50, 25, 0]
    assert [one.rate_of_first for one in result.steps] == [1, 0.5, 0.25, 0]
    assert [one.rate_of_previous for one in result.steps] == [1, 0.5, 0.5, 0]


def test_a_returning_lead_counts_once_per_journey_and_never_over_all(world: World) -> None:
    of(
        world,
        {"ana": [(day(0), "MQL"), (day(1), "Disqualified"), (day(2), "MQL"), (day(3), "Working"), (day(4), "MQL")]},
        as_of=day(10),
    )
    result = funnel(world)
    assert step(result, "mql").converted == 2
    assert step(result, "sal").converted == 1
    assert all((one.rate_of_first or 0) <= 1 for one in result.steps)


def test_young_journeys_are_pending_and_not_lost(world: World) -> None:
    of(world, {"old": [(day(0), "MQL")], "young": [(day(95), "MQL")]}, as_of=day(100))
    won = step(funnel(world, window_days=90), "sal")
    assert (won.entered, won.converted, won.lost, won.pending) == (2, 0, 1, 1)
    assert (won.mature_entered, won.mature_rate) == (1, 0.0)


def test_an_immature_cohort_is_not_divided_by_its_decided_ones(world: World) -> None:
    histories = {f"won{n}": [(day(0), "MQL"), (day(1), "Customer")] for n in range(2)}
    histories |= {f"open{n}": [(day(0), "MQL")] for n in range(8)}
    of(world, histories, as_of=day(10))
    customer = step(funnel(world, window_days=30), "customer")
    assert customer.mature_rate is None
    assert customer.rate_of_first == 0.2


def test_exactly_the_window_is_within_it_and_a_microsecond_more_is_not(world: World) -> None:
    histories = {
        "at": [(day(0), "MQL"), (day(7), "Working")],
        "after": [(day(0), "MQL"), (day(7) + timedelta(microseconds=1), "Working")],
    }
    of(world, histories, as_of=day(30))
    assert step(funnel(world, window_days=7), "sal").converted == 1


def test_a_journey_as_old_as_the_window_is_mature(world: World) -> None:
    of(world, {"exact": [(day(0), "MQL")], "younger": [(day(0) + timedelta(microseconds=1), "MQL")]}, as_of=day(7))
    assert step(funnel(world, window_days=7), "mql").mature_entered == 1


def test_what_happens_after_the_range_still_counts(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(40), "Customer")], "bob": [(day(31), "MQL")]}, as_of=day(60))
    result = funnel(world, start=date(2026, 1, 1), end=date(2026, 2, 1))
    assert step(result, "customer").entered == 1
    assert step(result, "customer").converted == 1


def test_the_range_is_days_of_the_pacts_zone(world: World) -> None:
    late = datetime(2026, 2, 1, 3)  # still the last of January in Mexico City
    mexico = pact(timezone="America/Mexico_City")
    rows = [lead("ana", status="MQL", created_at=late)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("ana", (late, "MQL"))), used=mexico)
    found = world.analyse(mexico)
    january = Scope(start=date(2026, 1, 1), end=date(2026, 2, 1))
    assert step(conversion(found.tables, mexico, found.as_of, january), "mql").converted == 1
    by_month = conversion(found.tables, mexico, found.as_of, Scope(by="month"))
    assert {one.group for one in by_month.steps} == {"2026-01-01"}


def test_the_three_modes_differ_on_a_skipped_stage(world: World) -> None:
    of(world, {"ana": [(day(0), "Subscriber"), (day(2), "Working"), (day(3), "MQL")]}, as_of=day(10))
    reached = {
        mode: [one.converted for one in funnel(world, mode=mode).steps] for mode in ("beyond", "strict", "visited")
    }
    assert reached == {"beyond": [1, 1, 1, 0], "strict": [1, 1, 0, 0], "visited": [1, 1, 1, 0]}
    assert all(one.rate_of_previous is None for one in funnel(world, mode="visited").steps)


def test_an_anchor_measures_from_the_first_entry_to_it(world: World) -> None:
    histories = {
        "ana": [(day(0), "Subscriber"), (day(50), "MQL"), (day(55), "Working")],
        "bob": [(day(0), "Subscriber")],
    }
    of(world, histories, as_of=day(100))
    result = funnel(world, anchor="mql", window_days=10)
    assert [one.stage for one in result.steps] == ["mql", "sal", "customer"]
    assert (step(result, "sal").entered, step(result, "sal").converted) == (1, 1)


def test_unknown_starts_are_left_out_of_a_window_and_counted(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=day(0)), lead("bob", status="Working", created_at=day(0))]
    source = Rows(creation_logged=True, record=rows, field_change=moved("ana", (day(0), "MQL")))
    world.sync(source, now=day(100))
    free, windowed = funnel(world), funnel(world, window_days=30)
    assert (step(free, "mql").entered, free.unknown) == (2, 0)
    assert (step(windowed, "mql").entered, windowed.unknown) == (1, 1)
    assert free.coverage == windowed.coverage == 0.5


def test_what_never_was_a_lead_leaves_the_denominator_and_is_counted(world: World) -> None:
    of(
        world,
        {"spam": [(day(0), "MQL"), (day(1), "Spam")], "ana": [(day(0), "MQL")], "cold": [(day(0), "Unknown")]},
        as_of=day(5),
    )
    result = funnel(world)
    assert (step(result, "mql").entered, result.invalid, result.untouched) == (1, 1, 1)


def test_groups_add_up_and_unknown_groups_are_null(world: World) -> None:
    histories = {f"r{n}": [(day(0), "MQL"), (day(1), "Working")][: 1 + n % 2] for n in range(6)}
    sources = {f"r{n}": {"source": ["web", "event", None][n % 3]} for n in range(6)}
    of(world, histories, as_of=day(5), **sources)
    whole, split = funnel(world), funnel(world, by="source")
    assert {one.group for one in split.steps} == {"web", "event", None}
    for stage in FUNNEL:
        parts = [one for one in split.steps if one.stage == stage]
        for name in ("entered", "converted", "lost", "pending"):
            assert sum(getattr(one, name) for one in parts) == getattr(step(whole, stage), name)


def test_an_empty_cohort_has_no_rates(world: World) -> None:
    of(world, {"cold": [(day(0), "Unknown")]}, as_of=day(5))
    result = funnel(world, window_days=30)
    assert [one.stage for one in result.steps] == FUNNEL
    assert all(one.entered == 0 and one.rate_of_first is None and one.ci_low is None for one in result.steps)
    assert result.coverage is None


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ({"mode": "best"}, "funnel.bad_mode"),
        ({"anchor": "unknown"}, "funnel.bad_anchor"),
        ({"window_days": 0}, "funnel.bad_window"),
        ({"start": date(2026, 2, 1), "end": date(2026, 2, 1)}, "funnel.bad_range"),
        ({"by": "shoe_size"}, "metrics.bad_dimension"),
    ],
)
def test_a_scope_that_cannot_be_is_refused(world: World, scope: dict[str, Any], key: str) -> None:
    of(world, {"ana": [(day(0), "MQL")]}, as_of=day(5))
    with pytest.raises(Misconfigured) as caught:
        funnel(world, **scope)
    assert caught.value.key == key


MOVES = ["Unknown", "Subscriber", "MQL", "Working", "Customer", "Re-Market", "Spam", "Limbo"]
STAGE = pact().status_map.lead
FUNNEL_AT = {key: place for place, key in enumerate(FUNNEL)}


def journeys_of(steps: list[tuple[datetime, str]]) -> list[dict[str, Any]]:
    """A person's journeys by the words of the definition, one step at a time."""
    found: list[dict[str, Any]] = []
    running, before, last = False, None, None
    for at, status in steps:
        stage = STAGE.get(status, "unmapped")
        if stage == before:
            continue
        before = stage
        if stage in FUNNEL_AT and not running and not (stage == "customer" and last == "customer"):
            found.append({"entry": at, "spells": [], "end": None})
            running = True
        if running:
            found[-1]["spells"].append((stage, at))
        if stage in ("customer", "remarket", "spam"):
            if running:
                found[-1]["end"] = stage
            running = False
        if stage in FUNNEL_AT or stage in ("remarket", "spam"):
            last = stage
    return found


def reached(journey: dict[str, Any], stage: str, mode: str) -> datetime | None:
    if mode == "visited":
        return next((at for key, at in journey["spells"] if key == stage), None)
    if mode == "beyond":
        return next((at for key, at in journey["spells"] if FUNNEL_AT.get(key, -1) >= FUNNEL_AT[stage]), None)
    wanted, at_last = FUNNEL[: FUNNEL_AT[stage] + 1], None
    spells = list(journey["spells"])
    for key in wanted:
        while spells and spells[0][0] != key:
            spells.pop(0)
        if not spells:
            return None
        at_last = spells.pop(0)[1]
    return at_last


def oracle(people: list[list[tuple[datetime, str]]], as_of: datetime, mode: str, window: int) -> list[tuple[int, ...]]:
    cohort = [j for steps in people for j in journeys_of(steps) if j["end"] != "spam"]
    rows = []
    before = cohort
    for stage in FUNNEL:
        entered = cohort if mode == "visited" else before
        hit = [
            j
            for j in entered
            if (at := reached(j, stage, mode)) is not None and at - j["entry"] <= timedelta(days=window)
        ]
        missed = [j for j in entered if j not in hit]
        lost = [j for j in missed if j["end"] or as_of - j["entry"] >= timedelta(days=window)]
        mature = [j for j in entered if as_of - j["entry"] >= timedelta(days=window)]
        rows.append(
            (
                len(entered),
                len(hit),
                len(lost),
                len(missed) - len(lost),
                len(mature),
                len([j for j in mature if j in hit]),
            )
        )
        before = hit
    return rows


@pytest.mark.thorough
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_histories_agree_with_counting_by_hand(data: Any, tmp_path_factory: Any) -> None:
    world = World(tmp_path_factory.mktemp("funnel"))
    people = []
    for _ in range(data.draw(st.integers(1, 25))):
        statuses = data.draw(st.lists(st.sampled_from(MOVES), min_size=1, max_size=8))
        gaps = data.draw(st.lists(st.integers(0, 20), min_size=len(statuses), max_size=len(statuses)))
        at, steps = START, []
        for gap, status in zip(gaps, statuses, strict=True):
            at += timedelta(days=gap)
            steps.append((at, status))
        people.append(steps)
    as_of = START + timedelta(days=170)
    of(world, {f"r{n:02}": steps for n, steps in enumerate(people)}, as_of=as_of)
    for mode in ("beyond", "strict", "visited"):
        for window in (7, 30):
            found = [
                (s.entered, s.converted, s.lost, s.pending, s.mature_entered, s.mature_converted)
                for s in funnel(world, mode=mode, window_days=window).steps
            ]
            assert found == oracle(people, as_of, mode, window), (mode, window)
