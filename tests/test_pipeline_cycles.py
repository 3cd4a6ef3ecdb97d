"""Cycle times: from entry to the win, and from a deal's creation to its close."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics.cycles import Cycle, Cycles, Kind, cycles, deal_cycles
from leadpact.metrics.reach import reach
from tests.pipeline_worlds import deal, of
from tests.rows import Rows, lead
from tests.worlds import World

Histories = dict[str, list[tuple[float, str]]]


def asked(world: World, **options: Any) -> Cycles:
    found = world.analyse()
    return cycles(found.tables, found.pact, found.as_of, **options)


def only(world: World, kind: Kind, **options: Any) -> Cycle:
    (one,) = asked(world, **options).of(kind)
    return one


def test_open_deals_count_as_at_least_this_long(world: World) -> None:
    """Two of four closed: their mean is 15 days, the median of all is 30."""
    closed = [deal("won", "ana", 20, 30, True), deal("lost", "ana", 20, 40, False)]
    of(world, {"ana": [(0, "MQL")]}, [*closed, deal("young", "ana", 44), deal("old", "ana", 19)])
    one = only(world, "deal", days=[10, 20])
    assert (one.n, one.open, one.won, one.lost, one.median_days) == (4, 2, 1, 1, 20)
    assert one.p75_days is None  # not reached yet
    assert [(at.won, at.lost) for at in one.within] == [(0.25, 0), (0.25, pytest.approx(0.375))]


def test_losing_competes_with_winning_and_never_hides_it(world: World) -> None:
    """One minus Kaplan–Meier with losses as censoring would read 1 here."""
    of(world, {"ana": [(0, "MQL")]}, [deal("lost", "ana", 5, 6, False), deal("won", "ana", 5, 10, True)])
    (at,) = only(world, "deal", days=[30]).within
    assert (at.won, at.lost) == (0.5, 0.5)


def test_deals_closed_before_they_were_created_or_at_no_known_time_are_unknown(world: World) -> None:
    rows = [
        deal("backwards", "ana", 10, 9, True),
        deal("undated", "ana", None, 20, True),
        deal("sometime", "ana", 10, None, False),
        deal("same", "ana", 10, 10, True),
        {**deal("silent", "ana", 10), "is_won": None, "is_closed": None},
    ]
    of(world, {"ana": [(0, "MQL")]}, rows)
    result = asked(world, days=[1])
    (left,) = (one for one in result.left_out if one.kind == "deal")
    assert (left.unknown, left.coverage) == (4, 0.2)
    (one,) = result.of("deal")
    assert (one.n, one.median_days) == (1, 0)
    found = world.analyse()
    rows_ = deal_cycles(found.tables, found.pact, found.as_of).execute().set_index("opportunity_id")
    assert rows_.loc["same", "days"] == 0


def test_deals_that_reach_nobody_have_a_cycle_all_the_same(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", None, 5, 8, True)])
    assert only(world, "deal").median_days == 3


def test_from_entry_to_the_win_by_journey(world: World) -> None:
    histories = {
        "won": [(0, "MQL"), (10, "Customer")],
        "lost": [(0, "MQL"), (5, "Disqualified")],
        "open": [(0, "MQL")],
        "spam": [(0, "MQL"), (1, "Spam")],
        "twice": [(0, "MQL"), (2, "Re-Market"), (10, "Subscriber"), (30, "Customer")],
    }
    of(world, histories, None)
    result = asked(world, days=[5, 10, 20])
    assert (result.missing, result.of("deal")) == (("opportunity",), ())
    (one,) = result.of("journey")
    assert (one.n, one.open, one.won, one.lost) == (5, 1, 2, 2)
    assert [round(at.won or 0, 3) for at in one.within] == [0, 0.2, 0.4]
    (left,) = result.left_out
    assert (left.invalid, left.unknown, left.coverage) == (1, 0, 1)
    found = world.analyse()
    same = reach(found.tables, found.pact, found.as_of, stage="customer", days=[5, 10, 20])
    assert [at.won for at in one.within] == [pytest.approx(at.probability) for at in same.reach]
    assert [at.won_low for at in one.within[1:]] == [pytest.approx(at.ci_low) for at in same.reach[1:]]


def test_journeys_of_unknown_start_are_left_out_and_counted(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL"), lead("bob", status="MQL")], field_change=[]))
    result = asked(world)
    assert result.cycles == ()
    assert [(one.unknown, one.coverage) for one in result.left_out] == [(2, 0)]


def test_nothing_at_all_has_no_coverage(world: World) -> None:
    world.sync(Rows(record=[lead("a", status="Unknown")], field_change=[], opportunity=[]))
    result = asked(world, by="source")
    assert result.cycles == ()
    assert [one.coverage for one in result.left_out] == [None, None]


def test_groups_and_the_order_of_rows(world: World, tmp_path: Any) -> None:
    dice = random.Random(3)  # noqa: S311 - a test's dice
    histories = {f"p{n}": [(float(n % 7), "MQL"), (float(n % 7 + n), "Customer")] for n in range(1, 15)}
    records = {who: {"source": dice.choice(["Web", None])} for who in histories}
    rows = [deal(who, who, 10, 11 + n, dice.random() < 0.5) for n, who in enumerate(histories)]
    of(world, histories, rows, **records)
    whole, split = asked(world), asked(world, by="source")
    for kind in ("journey", "deal"):
        assert sum(one.n for one in split.of(kind)) == whole.of(kind)[0].n
        assert sum(one.won for one in split.of(kind)) == whole.of(kind)[0].won
    dice.shuffle(rows)
    other = World(tmp_path / "other")
    of(other, dict(reversed(histories.items())), rows, **records)
    assert asked(other, by="source") == split


def test_the_range_is_the_start_of_the_clock(world: World) -> None:
    of(
        world,
        {"ana": [(0, "MQL"), (40, "Customer")], "bob": [(31, "MQL")]},
        [deal("a", "ana", 31), deal("b", "ana", 30)],
    )
    january = {"start": date(2026, 1, 1), "end": date(2026, 2, 1)}
    assert [(one.kind, one.n) for one in asked(world, **january).cycles] == [("journey", 1), ("deal", 1)]


@pytest.mark.parametrize("days", [[], [0], [-1, 5]])
def test_days_that_cannot_be_are_refused(world: World, days: list[float]) -> None:
    of(world, {"ana": [(0, "MQL")]}, [])
    with pytest.raises(Misconfigured):
        asked(world, days=days)
