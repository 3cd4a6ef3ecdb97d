"""Slow engines: found where there is one, silent where there is none.

Not here: which cases are compared (test_engines_rows.py), by how much (test_engines_effect.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.document import parse
from connectors.demo import Demo
from connectors.demo.company import Company
from leadpact.errors import Misconfigured
from leadpact.metrics import engines_rows
from leadpact.metrics.engines import Engines, engines, slowest
from leadpact.metrics.engines_judge import Engine, judge
from leadpact.pact_in_use import PactInUse
from leadpact.workspace import Analysis, Workspace
from tests.rows import Rows as Source
from tests.rows import lead, moved
from tests.worlds import World

START = datetime(2026, 1, 1)
AS_OF = START + timedelta(days=100)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


# --- the demo company, whose truth is known


UNTIL = datetime(2026, 3, 4, 16, 20)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Analysis, dict[str, Any]]:
    truth = dict(Company.generate(3_000, 19, until=UNTIL).truth)
    home: Path = tmp_path_factory.mktemp("home")
    workspace = Workspace(home)
    workspace.sync(Demo({"leads": 3_000, "seed": 19, "until": UNTIL.isoformat()}, home / "state"), "demo", now=UNTIL)
    return workspace.analyse("demo", pact=PactInUse(parse(truth["pact"]), None, False), as_of=UNTIL), truth


@pytest.fixture(scope="module")
def found(demo: tuple[Analysis, dict[str, Any]]) -> Engines:
    analysis, _ = demo
    return engines(analysis.tables, analysis.pact, analysis.as_of)


def test_the_slow_owner_of_the_demo_is_found(found: Engines, demo: tuple[Analysis, dict[str, Any]]) -> None:
    slow = next(one for one in found.called if one.kind == "pace" and one.group == demo[1]["slow_owner"]["name"])
    assert (slow.by, slow.stage) == ("owner", "mql")
    assert slow.ratio_high is not None and slow.ratio_high < 1
    assert slow.low is not None and slow.low > 0 and slow.value > slow.rest


def test_no_other_seller_is_called_slow_with_mqls(found: Engines, demo: tuple[Analysis, dict[str, Any]]) -> None:
    called = {one.group for one in found.called if (one.kind, one.by, one.stage) == ("pace", "owner", "mql")}
    assert {name for name in called if name and "MQL" not in name} == {demo[1]["slow_owner"]["name"]}


def test_the_slow_source_of_the_demo_is_found_by_its_campaign(
    found: Engines, demo: tuple[Analysis, dict[str, Any]]
) -> None:
    """Among 3,000 leads the source itself is too few for so many comparisons: slower, and not called."""
    assert demo[1]["slow_source"] == "Partner"
    paces = {(one.group, one.stage): one for one in found.engines if one.kind == "pace"}
    assert paces["Partner co-marketing", "sal"].called
    slow = paces["Partner", "sal"]
    assert slow.ratio is not None and slow.ratio < 0.9 and not slow.called and slow.difference is None


def test_the_slowest_is_a_called_pace_with_a_name(found: Engines, demo: tuple[Analysis, dict[str, Any]]) -> None:
    analysis, _ = demo
    first = slowest(analysis.tables, analysis.pact, analysis.as_of)
    assert first is not None and first.group is not None
    assert first == next(one for one in found.called if one.kind == "pace" and one.group is not None)


def test_every_comparison_has_cases_and_the_called_have_evidence(found: Engines) -> None:
    assert found.tested == len(found.engines) and found.few > 0
    for one in found.engines:
        assert min(one.n, one.n_rest) >= 30 and 0 <= one.events <= one.n
        assert one.q >= one.p
        assert one.called == (one.q <= 0.05 and one.behind > 0)
        if one.called:
            assert one.difference is not None and one.low is not None
    assert list(found.engines) == sorted(found.engines, key=lambda one: not one.called)


def test_cases_behind_a_pace_are_those_it_counts(found: Engines, demo: tuple[Analysis, dict[str, Any]]) -> None:
    analysis, _ = demo
    one = next(one for one in found.called if one.kind == "pace" and one.by == "owner" and one.group)
    rows = engines_rows.times(analysis.tables, analysis.pact, analysis.as_of, "owner")
    rows = rows.filter(rows.stage == one.stage, rows.group == one.group, rows.known)
    counts = rows.aggregate(n=rows.count(), left=rows.left.sum()).execute().iloc[0]
    assert (int(counts["n"]), int(counts["left"])) == (one.n, one.events)


def test_cases_behind_a_loss_are_those_it_counts(found: Engines, demo: tuple[Analysis, dict[str, Any]]) -> None:
    analysis, _ = demo
    one = next(one for one in found.engines if one.kind == "loss" and one.by == "owner" and one.group)
    rows = engines_rows.losses(analysis.tables, analysis.pact, analysis.as_of, "owner", found.window_days)
    rows = rows.filter(rows.stage == one.stage, rows.group == one.group, rows.part == "counted")
    counts = rows.aggregate(n=rows.count(), lost=rows.lost.sum()).execute().iloc[0]
    assert (int(counts["n"]), int(counts["lost"])) == (one.n, one.events)


def test_one_dimension_and_one_stage_give_the_same_tests_corrected_for_fewer(
    found: Engines, demo: tuple[Analysis, dict[str, Any]]
) -> None:
    analysis, _ = demo
    part = engines(analysis.tables, analysis.pact, analysis.as_of, by=("owner",), stage="mql")
    whole = {(one.kind, one.group): one.p for one in found.engines if (one.by, one.stage) == ("owner", "mql")}
    assert {(one.kind, one.group): one.p for one in part.engines} == whole
    assert 0 < part.tested < found.tested


# --- nothing to find


def nothing(rng: np.random.Generator) -> tuple[dict[Any, pd.DataFrame], dict[Any, pd.DataFrame]]:
    """Two dimensions, one of six groups and one of two, at two stages: all of one pace, one rate of loss."""
    paces, losses = {}, {}
    for by, groups in (("source", 6), ("team", 2)):
        for stage in ("mql", "sal"):
            size = 400
            ends, watched = rng.exponential(9, size), rng.uniform(0, 60, size)
            group = [f"g{x}" for x in rng.integers(0, groups, size)]
            paces[by, stage] = pd.DataFrame(
                {"group": group, "days": np.minimum(ends, watched).round(2), "left": ends <= watched, "cases": 1}
            )
            losses[by, stage] = pd.DataFrame({"group": group, "lost": rng.random(size) < 0.3, "cases": 1})
    return paces, losses


@pytest.mark.thorough
def test_where_there_is_no_difference_few_runs_call_anybody() -> None:
    """300 companies without a slow engine, 32 comparisons each: some one in twenty may call one."""
    rng = np.random.default_rng(7)
    runs = [judge(*nothing(rng), 90)[0] for _ in range(300)]
    tested = [one for run in runs for one in run]
    assert len(tested) / len(runs) == 32
    assert sum(any(one.called for one in run) for run in runs) / len(runs) <= 0.08
    assert 0.03 <= np.mean([one.p <= 0.05 for one in tested]) <= 0.065


def test_a_group_half_as_fast_is_found_in_most_runs() -> None:
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(40):
        paces, losses = nothing(rng)
        frame = paces["source", "sal"]
        frame.loc[frame["group"] == "g3", "days"] *= 2
        called = [one for one in judge(paces, losses, 90)[0] if one.called and one.kind == "pace"]
        hits += any((one.group, one.stage) == ("g3", "sal") for one in called)
    assert hits >= 34


# --- worlds


def of(world: World, histories: dict[str, list[tuple[Any, str]]], owners: Sequence[Any] = (), **records: Any) -> None:
    rows = [lead(w, status=s[-1][1], created_at=s[0][0], **records.get(w, {})) for w, s in histories.items()]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Source(creation_logged=True, record=rows, field_change=[*changes, *owners],
                          owner=[{"owner_id": "u1", "name": "Uma"}, {"owner_id": "u2", "name": "Ugo"}]),
               now=AS_OF)  # fmt: skip


def judged(world: World, **options: Any) -> Engines:
    analysis = world.analyse()
    return engines(analysis.tables, analysis.pact, analysis.as_of, **options)


def two_paces(size: int, quick: float, slow: float) -> tuple[dict[str, Any], dict[str, Any]]:
    histories, records = {}, {}
    for number in range(size):
        for source, days in (("quick", quick), ("slow", slow)):
            who = f"{source}{number}"
            histories[who] = [(day(number / 10), "MQL"), (day(number / 10 + days + number % 3), "Working")]
            records[who] = {"source": source}
    return histories, records


def test_a_difference_with_cases_enough_is_called(world: World) -> None:
    histories, records = two_paces(30, 1, 6)
    of(world, histories, **records)
    (one,) = judged(world, by=("source",)).called
    assert (one.kind, one.group, one.stage, one.n, one.n_rest) == ("pace", "slow", "mql", 30, 30)
    assert (one.measure, one.value, one.rest, one.difference) == ("median", 7, 2, 5)


def test_the_same_difference_in_fewer_cases_is_not_tested(world: World) -> None:
    histories, records = two_paces(29, 1, 6)
    of(world, histories, **records)
    found = judged(world, by=("source",))
    assert (found.tested, found.called, found.few) == (0, (), 8)  # pace and loss, two stages, two groups


def test_no_leads_say_nothing(world: World) -> None:
    of(world, {"ana": [(day(0), "Unknown")]})
    found = judged(world)
    assert (found.engines, found.few, found.coverage, found.unknown, found.immature) == ((), 0, None, 0, 0)


def test_a_group_that_is_everybody_has_no_rest(world: World) -> None:
    histories, _ = two_paces(40, 1, 6)
    of(world, histories)
    assert (judged(world).tested, judged(world).few) == (0, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"stage": "customer"},
        {"stage": "nowhere"},
        {"window_days": 0},
        {"by": ("email",)},
        {"start": date(2026, 2, 1), "end": date(2026, 2, 1)},
    ],
)
def test_a_question_that_cannot_be_is_refused(world: World, options: dict[str, Any]) -> None:
    of(world, {"ana": [(day(0), "MQL")]})
    with pytest.raises(Misconfigured):
        judged(world, **options)


def test_what_an_engine_is_behind_by() -> None:
    pace = Engine("pace", "source", "a", "mql", 50, 20, 32.5, 100, 0.01)
    loss = Engine("loss", "source", "a", "mql", 50, 20, 12.5, 100, 0.01)
    assert (pace.behind, loss.behind) == (12.5, 7.5)
