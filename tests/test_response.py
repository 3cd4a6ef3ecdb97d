"""Response times and other targets: golden cases, the boundary, equality with the policy's own figures."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.schema import Pact
from leadpact.metrics import response, sla
from leadpact.metrics.response_counts import Counts
from leadpact.metrics.response_times import Times
from leadpact.metrics.sla import STATES
from tests.clock_worlds import START, fill, policy
from tests.worlds import World, pact

CASES = YAML(typ="safe").load((Path(__file__).parent / "golden" / "metrics" / "response.yaml").read_text("utf-8"))
MQL = (0, "MQL")
MIXED: dict[str, list[tuple[float, str]]] = {
    "fast": [MQL, (1, "Working")],
    "edge": [MQL, (8, "Working")],
    "slow": [MQL, (50, "Working")],
    "gone": [MQL, (10, "Disqualified")],
    "open": [MQL],
    "young": [(700, "MQL")],
}


@pytest.mark.parametrize("name", CASES)
def test_a_clock_is_what_the_golden_case_says(world: World, name: str) -> None:
    case = CASES[name]
    calls = None if case.get("calls") == "none" else case.get("calls", {})
    found = fill(world, case["history"], calls, as_of=case.get("as_of", 720))
    rows = response.responses(found.tables, found.pact, found.as_of, policy(found)).order_by("record_id", "n")
    ends = [*response.edges(policy(found)), None]
    said: dict[str, list[list[Any]]] = defaultdict(list)
    for row in rows.to_pyarrow().to_pylist():
        said[row["record_id"]].append([row["answer"], "–" if row["bin"] is None else ends[row["bin"]]])
        assert row["met"] == (row["state"] == "met") and row["denominator"] == (row["state"] in response.DUE)
    expected = case.get("answers") or {who: [one] for who, one in case["answer"].items()}
    assert said == expected


def test_the_target_is_always_an_edge_and_working_time_stays_in_hours() -> None:
    assert response.edges(pact().sla[0]) == (0.25, 1, 2, 4, 8, 24, 48, 168)
    odd = pact(sla=[{"id": "x", "starts": "mql", "stops": {"stages": ["sal"]}, "target": {"hours": 10.5}}])
    assert response.edges(odd.sla[0]) == (0.25, 1, 2, 4, 8, 10.5, 24, 48, 168)
    assert response.edges(office(5).sla[0]) == (0.25, 1, 2, 4, 5, 8, 16, 24, 40)


def office(hours: float) -> Pact:
    one = {"id": "accept", "starts": "mql", "stops": {"stages": ["sal"]}, "calendar": "office",
           "target": {"hours": hours, "clock": "working"}}  # fmt: skip
    week = {day: ["09:00-14:00", "15:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return pact(sla=[one], calendars={"office": {"timezone": "UTC", "hours": week}})


def test_a_working_policy_is_measured_in_its_own_hours(world: World) -> None:
    """Friday 17:00 to Monday 10:00: two hours of the office, 65 of the clock on the wall."""
    found = fill(world, {"ana": [(24 * 4 + 17, "MQL"), (24 * 7 + 10, "Working")]}, {}, used=office(2))
    whole = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole
    assert whole.at(2).met == 1 and whole.at(1.999).met == 0


def test_a_distribution_holds_every_clock_once(world: World) -> None:
    found = fill(world, MIXED, {"slow": [49]})
    whole = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole
    bins = {bin.to_hours: (bin.answered, bin.waiting, bin.left) for bin in whole.bins(response.edges(policy(found)))}
    assert bins == {0.25: (0, 0, 0), 1: (1, 0, 0), 2: (0, 0, 0), 4: (0, 0, 0), 8: (1, 0, 0), 24: (0, 1, 1),
                    48: (0, 0, 0), 168: (1, 0, 0), None: (0, 1, 0)}  # fmt: skip
    assert sum(map(sum, bins.values())) == whole.clocks == 6


def test_the_share_answered_counts_who_waits_as_not_yet(world: World) -> None:
    """Two of four answered within the hour, two wait: half, and it stays half. A share of the answered would say 1."""
    histories = {"a": [MQL, (0.5, "Working")], "b": [MQL, (1, "Working")], "c": [MQL], "d": [MQL]}
    found = fill(world, histories, {})
    bins = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole.bins((0.25, 1, 48))
    assert [bin.answered_by for bin in bins] == [0.0, pytest.approx(0.5), pytest.approx(0.5), None]


def test_any_target_is_judged_from_the_same_clocks(world: World) -> None:
    found = fill(world, MIXED, {})
    whole = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole
    expected = {
        0.5: Counts(met=0, breached=4, overdue=2),
        1: Counts(met=1, breached=3, overdue=2),
        8: Counts(met=2, breached=2, overdue=2),
        10: Counts(met=2, breached=1, overdue=2, withdrawn=1),
        48: Counts(met=2, breached=1, overdue=1, running=1, withdrawn=1),
        50: Counts(met=3, breached=0, overdue=1, running=1, withdrawn=1),
        720: Counts(met=3, breached=0, overdue=0, running=2, withdrawn=1),
    }
    assert {hours: whole.at(hours) for hours in expected} == expected


def test_another_target_gives_what_a_pact_with_it_gives(world: World) -> None:
    """Exactly: the what-if at N is the compliance of the same policy, signed with N."""
    found = fill(world, MIXED, {"open": [30], "slow": [9]})
    whole = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole
    for hours in (0.25, 1, 8, 9, 9.5, 30, 48, 720):
        other = found.pact.model_copy(
            update={"sla": [policy(found).model_copy(update={"target": policy(found).target.model_copy(
                update={"hours": hours})})]})  # fmt: skip
        (result,) = sla.compliance(found.tables, other, found.as_of)
        assert {s: getattr(whole.at(hours), s) for s in STATES} == {s: getattr(result, s) for s in STATES}, hours
        assert whole.at(hours).compliance == result.compliance


def test_a_microsecond_after_the_target_is_late(world: World) -> None:
    late = timedelta(hours=48, microseconds=1)
    found = fill(world, {"ana": [MQL, (48, "Working")], "bea": [MQL, (late, "Working")]}, {})
    counts = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole.at(48)
    assert (counts.met, counts.breached) == (1, 1)


def test_at_its_own_target_a_policy_has_its_own_figures(world: World) -> None:
    found = fill(world, MIXED, {"fast": [0.5], "gone": [300], "slow": [60]},
                 fields={"fast": {"source": "a"}, "open": {"source": "b"}, "gone": {"source": "b"}})  # fmt: skip
    for by in (None, "source"):
        measured = response.measure(found.tables, found.pact, found.as_of, policy(found), by=by)
        results = {one.group: one for one in sla.compliance(found.tables, found.pact, found.as_of, by=by)}
        assert {times.group for times in measured.groups} == set(results)
        for times in measured.groups:
            one, counts = results[times.group], times.at(measured.target_hours)
            assert {s: getattr(counts, s) for s in STATES} == {s: getattr(one, s) for s in STATES}
            assert (counts.compliance, times.never_touched) == (one.compliance, one.never_touched)
            assert times.quantile(0.5) == pytest.approx(one.median_hours)
            assert times.quantile(0.9) == pytest.approx(one.p90_hours)


def test_groups_add_up_to_the_whole_at_every_target(world: World) -> None:
    fields = {who: {"source": source} for who, source in zip(MIXED, ["a", "b", None] * 2, strict=True)}
    found = fill(world, MIXED, {"slow": [20]}, fields=fields)
    alone = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole
    split = response.measure(found.tables, found.pact, found.as_of, policy(found), by="source")
    assert [times.group for times in split.groups] == ["a", "b", None]
    for hours in (0.5, 8, 48, 100):
        assert sum((times.at(hours) for times in split.groups), Counts()) == alone.at(hours) == split.whole.at(hours)
    assert split.whole.never_touched == alone.never_touched


def test_the_first_touch_is_not_the_stop_stage(world: World) -> None:
    """Called after 2 and 4 hours; one accepted after an hour without a call is only followed until then."""
    histories = {"a": [MQL], "b": [MQL], "c": [MQL, (1, "Working")]}
    found = fill(world, histories, {"a": [2], "b": [4]})
    whole = response.measure(found.tables, found.pact, found.as_of, policy(found)).whole
    assert (whole.quantile(0.5), whole.quantile(0.5, touches=True)) == (2, 2)
    assert (whole.quantile(0.9), whole.quantile(0.9, touches=True)) == (4, 4)
    assert (len(whole.touched), len(whole.moved)) == (2, 1)


def test_nothing_is_null_and_never_nought(world: World) -> None:
    found = fill(world, {"ana": [(0, "Subscriber")]}, {})
    measured = response.measure(found.tables, found.pact, found.as_of, policy(found))
    assert (measured.groups, measured.coverage, measured.undated) == ((), None, 0)
    assert measured.whole.at(48).compliance is None
    assert measured.whole.quantile(0.5) is None and measured.whole.hours_for(0.8) is None
    assert [bin.answered_by for bin in measured.whole.bins((1, 48))] == [None, None, None]


def test_entries_of_unknown_time_are_counted_and_lower_the_coverage(world: World) -> None:
    from tests.rows import Rows, lead, moved

    rows = [lead("ana", status="MQL", created_at=START), lead("bea", status="MQL", created_at=START)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("bea", (START, "MQL")), activity=[]))
    found = world.analyse()
    measured = response.measure(found.tables, found.pact, found.as_of, policy(found))
    assert (measured.undated, measured.coverage, measured.whole.clocks) == (1, 0.5, 1)


def test_whether_touches_can_be_read_is_told(world: World) -> None:
    found = fill(world, {"ana": [MQL]}, None)
    measured = response.measure(found.tables, found.pact, found.as_of, policy(found))
    assert not measured.touches_read and measured.whole.at(48) == Counts(unknown=1)


SECONDS = st.lists(st.integers(0, 400_000).map(float), max_size=25).map(lambda values: np.array(sorted(values)))
TIMES = st.builds(Times, group=st.none(), touched=SECONDS, moved=SECONDS, waiting=SECONDS, left=SECONDS,
                  unknown=st.integers(0, 3), never_touched=st.just(0))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(times=TIMES, targets=st.lists(st.floats(0.01, 200), min_size=2, max_size=8))
def test_a_longer_target_is_never_kept_less(times: Times, targets: list[float]) -> None:
    before = None
    for hours in sorted(targets):
        counts = times.at(hours)
        assert counts.clocks == times.clocks and min(getattr(counts, s) for s in STATES) >= 0
        if before is not None:
            assert counts.met >= before.met and counts.due <= before.due
            if before.compliance is not None and counts.compliance is not None:
                assert counts.compliance >= before.compliance
        before = counts


NOBODY = np.array([])


@settings(max_examples=150, deadline=None)
@given(times=TIMES, wanted=st.floats(0.05, 1))
@example(times=Times(None, NOBODY, np.array([3900.0]), NOBODY, NOBODY, 0, 0), wanted=1.0)  # 65 minutes: 1.0833… hours
def test_the_target_for_a_share_is_the_shortest_that_keeps_it(times: Times, wanted: float) -> None:
    """To the minute: a minute less would not have kept it, and where there is none no target would."""
    hours = times.hours_for(wanted)
    if hours is None:
        assert (times.at(1e6).compliance or 0) < wanted
        return
    kept, before = times.at(hours).compliance, times.at(hours - 1 / 60 - 1e-9).compliance
    assert kept is not None and kept >= wanted - 1e-9
    assert not before or before < wanted


@settings(max_examples=60, deadline=None)
@given(times=TIMES)
def test_bins_hold_every_known_clock_once(times: Times) -> None:
    bins = times.bins((0.25, 1, 8, 48))
    assert sum(bin.answered + bin.waiting + bin.left for bin in bins) == times.clocks - times.unknown
    shares = [bin.answered_by for bin in bins if bin.answered_by is not None]
    assert shares == sorted(shares) and all(0 <= share <= 1 for share in shares)
