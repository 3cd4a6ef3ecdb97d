"""Open leads by age: who is open, the bands' edges, and what is usual in a stage."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from leadpact.metrics import ageing as ages
from leadpact.metrics.ageing import Ageing, StageAge
from tests.rows import Rows, lead, moved
from tests.worlds import World

START = datetime(2026, 1, 1)
AS_OF = START + timedelta(days=400)


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def of(world: World, histories: dict[str, list[tuple[Any, str]]], **records: Any) -> None:
    rows = [lead(w, status=s[-1][1], created_at=s[0][0], **records.get(w, {})) for w, s in histories.items()]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=AS_OF)


def ageing(world: World, **options: Any) -> Ageing:
    found = world.analyse()
    return ages.ageing(found.tables, found.pact, found.as_of, **options)


def stage(found: Ageing, key: str, group: str | None = None) -> StageAge:
    return next(one for one in found.stages if (one.stage, one.group) == (key, group))


@pytest.mark.parametrize(
    ("days", "band"), [(0, 0), (6.99, 0), (7, 1), (29.99, 1), (30, 2), (90, 3), (179.99, 3), (180, 4), (399, 4)]
)
def test_an_age_on_the_edge_is_in_the_older_band(world: World, days: float, band: int) -> None:
    of(world, {"ana": [(ago(days), "MQL")]})
    one = stage(ageing(world), "mql")
    assert one.bands == tuple(int(place == band) for place in range(5))


def test_who_is_open_stands_in_a_stage_to_be_worked(world: World) -> None:
    of(
        world,
        {
            "mql": [(ago(1), "MQL")],
            "gone on": [(ago(9), "MQL"), (ago(1), "Working")],
            "limbo": [(ago(9), "MQL"), (ago(2), "Limbo")],
            "stray": [(ago(9), "Limbo")],
            "bought": [(ago(9), "Unknown")],
            "won": [(ago(9), "MQL"), (ago(1), "Customer")],
            "lost": [(ago(9), "MQL"), (ago(1), "Disqualified")],
            "back": [(ago(9), "MQL"), (ago(5), "Disqualified"), (ago(1), "Subscriber")],
        },
    )
    found = ageing(world)
    assert {(one.stage, one.n) for one in found.stages} == {("subscriber", 1), ("mql", 1), ("sal", 1), ("unmapped", 1)}
    assert [one.stage for one in found.stages] == ["subscriber", "mql", "sal", "unmapped"]


def test_older_than_three_of_four_who_ever_came(world: World) -> None:
    """Left after 1, 2, 3, 4 days, one open for 5 and one for 2: by Kaplan–Meier three of four have left on day 4."""
    histories: dict[str, list[tuple[Any, str]]] = {
        f"r{n}": [(ago(50), "MQL"), (ago(50 - n), "Working")] for n in (1, 2, 3, 4)
    }
    histories |= {"old": [(ago(5), "MQL")], "young": [(ago(2), "MQL")]}
    of(world, histories)
    one = stage(ageing(world), "mql")
    assert (one.n, one.median_days, one.p75_days, one.past_median, one.past_p75) == (2, 3, 4, 1, 1)


def test_exactly_as_old_as_three_of_four_is_not_older(world: World) -> None:
    histories: dict[str, list[tuple[Any, str]]] = {f"r{n}": [(ago(50), "MQL"), (ago(46), "Working")] for n in range(3)}
    of(world, {**histories, "same": [(ago(4), "MQL")]})
    one = stage(ageing(world), "mql")
    assert (one.p75_days, one.past_p75) == (4, 0)


def test_where_nobody_left_nobody_is_older_than_usual(world: World) -> None:
    of(world, {"ana": [(ago(300), "MQL")]})
    one = stage(ageing(world), "mql")
    assert (one.median_days, one.past_median, one.p75_days, one.past_p75) == (None, None, None, None)


def test_an_age_that_is_not_known_is_counted_apart(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=ago(9)), lead("bob", status="MQL", created_at=ago(9))]
    world.sync(Rows(creation_logged=True, record=rows, field_change=moved("ana", (ago(9), "MQL"))), now=AS_OF)
    found = ageing(world)
    one = stage(found, "mql")
    assert (one.n, sum(one.bands), one.unknown) == (2, 1, 1)
    assert (found.unknown, found.coverage) == (1, 0.5)


def test_nobody_open_is_no_stage(world: World) -> None:
    of(world, {"ana": [(ago(9), "Customer")]})
    found = ageing(world)
    assert (found.stages, found.coverage, found.unknown) == ((), None, 0)


def test_groups_add_up_and_share_what_is_usual(world: World) -> None:
    histories = {f"r{n}": [(ago(n * 9 + 1), "MQL")] for n in range(6)}
    histories["left"] = [(ago(90), "MQL"), (ago(80), "Working")]
    of(world, histories, **{f"r{n}": {"source": "web" if n % 3 else None} for n in range(6)})
    whole, split = stage(ageing(world), "mql"), ageing(world, by="source")
    parts = [one for one in split.stages if one.stage == "mql"]
    assert sum(one.n for one in parts) == whole.n == 6
    assert [sum(counts) for counts in zip(*(one.bands for one in parts), strict=True)] == list(whole.bands)
    assert {one.median_days for one in parts} == {whole.median_days}


def test_a_range_of_entry_leaves_out_others_but_not_what_is_usual(world: World) -> None:
    of(world, {"old": [(ago(200), "MQL")], "new": [(ago(2), "MQL")], "left": [(ago(90), "MQL"), (ago(80), "Working")]})
    whole, part = ageing(world), ageing(world, start=ago(30).date())
    assert (stage(whole, "mql").n, stage(part, "mql").n) == (2, 1)
    assert part.usual == whole.usual
    assert ageing(world, end=date(2000, 1, 1)).stages == ()


def test_as_of_a_past_day_those_who_left_since_are_open(world: World) -> None:
    of(world, {"ana": [(ago(20), "MQL"), (ago(3), "Working")]})
    found = world.analyse(as_of=ago(10))
    one = stage(ages.ageing(found.tables, found.pact, found.as_of), "mql")
    assert one.bands == (0, 1, 0, 0, 0)
