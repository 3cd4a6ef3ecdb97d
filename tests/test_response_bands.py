"""Conversion by response time: who counts, from when, and that a slow answer has no head start nor handicap."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics import response_bands
from leadpact.metrics.response_bands import PARTS, Conversion
from tests.clock_worlds import History, fill, long_pact, policy
from tests.worlds import World, pact

DAY = 24
MQL = (0, "MQL")
ANSWER = (1, "Working")
PACT = long_pact()


def parts(world: World, histories: History, calls: dict[str, list[float]] | None = None, *, as_of: float = 90 * DAY,
          stage: str = "sql", days: float = 30) -> dict[str, str]:  # fmt: skip
    found = fill(world, histories, calls or {}, as_of=as_of, used=PACT)
    rows = response_bands.conversions(found.tables, found.pact, found.as_of, policy(found), days=days)
    return {row["record_id"]: row[f"part_{stage}"] for row in rows.order_by("started_at").to_pyarrow().to_pylist()}


def ask(world: World, histories: History, calls: dict[str, list[float]] | None = None, *, as_of: float = 90 * DAY,
        **options: object) -> Conversion:  # fmt: skip
    found = fill(world, histories, calls or {}, as_of=as_of, used=PACT)
    return response_bands.conversion(found.tables, found.pact, found.as_of, policy(found), days=30, **options)  # type: ignore[arg-type]


CASES: dict[str, tuple[list[tuple[float | timedelta, str]], list[float], str]] = {
    "reached": ([MQL, ANSWER, (10 * DAY, "SQL")], [], "converted"),
    "a later stage is further": ([MQL, ANSWER, (10 * DAY, "Customer")], [], "converted"),
    "on the last moment": ([MQL, ANSWER, (30 * DAY + 1, "SQL")], [], "converted"),
    "a moment too late": ([MQL, ANSWER, (timedelta(days=30, hours=1, microseconds=1), "SQL")], [], "not"),
    "much too late": ([MQL, ANSWER, (90 * DAY, "SQL")], [], "not"),
    "never": ([MQL, ANSWER], [], "not"),
    "lost first": ([MQL, ANSWER, (5 * DAY, "Disqualified")], [], "not"),
    "called, then reached": ([MQL, (20 * DAY, "SQL")], [2], "converted"),
    "straight there": ([MQL, (20 * DAY, "SQL")], [], "before"),
    "called after": ([MQL, (2 * DAY, "SQL")], [3 * DAY], "before"),
    "called at that moment": ([MQL, (2 * DAY, "SQL")], [2 * DAY], "before"),
    "still waits": ([MQL], [], "unanswered"),
    "left first": ([MQL, (5, "Disqualified")], [], "unanswered"),
    "spam": ([MQL, (5, "Spam")], [2], "invalid"),
    "exactly mature": ([(59 * DAY, "MQL"), (60 * DAY, "Working")], [], "not"),
    "too young, though converted": (
        [(59 * DAY, "MQL"), (60 * DAY + 1, "Working"), (61 * DAY, "SQL")], [], "young"),
    "a visit before the hand-over": ([(0, "SQL"), (1, "MQL"), (5, "Working")], [], "not"),
}  # fmt: skip


def test_a_clock_counts_as_the_definition_says(world: World) -> None:
    histories = {name: steps for name, (steps, _, _) in CASES.items()}
    found = parts(world, histories, {name: calls for name, (_, calls, _) in CASES.items()})
    assert found == {name: part for name, (_, _, part) in CASES.items()}


def test_a_later_journey_is_another_answer(world: World) -> None:
    steps = [MQL, ANSWER, (3 * DAY, "Re-Market"), (6 * DAY, "MQL"), (7 * DAY, "Working"), (9 * DAY, "SQL")]
    found = fill(world, {"ana": steps}, {}, as_of=90 * DAY, used=PACT)
    rows = response_bands.conversions(found.tables, found.pact, found.as_of, policy(found), days=30)
    said = [row["part_sql"] for row in rows.order_by("started_at").to_pyarrow().to_pylist()]
    assert said == ["not", "converted"]


def test_the_outcomes_are_the_stage_after_the_stop_and_won() -> None:
    assert response_bands.outcomes(PACT, PACT.sla[0]) == ["sql", "customer"]
    assert response_bands.outcomes(pact(), pact().sla[0]) == ["customer"]
    last = pact(sla=[{"id": "x", "starts": "mql", "stops": {"stages": ["customer"]}, "target": {"hours": 1}}])
    assert response_bands.outcomes(last, last.sla[0]) == []
    calls = pact(sla=[{"id": "x", "starts": "mql", "stops": {"activities": ["call"]}, "target": {"hours": 1}}])
    assert response_bands.outcomes(calls, calls.sla[0]) == ["sal", "customer"]


def test_a_policy_that_ends_with_the_win_has_no_bands(world: World) -> None:
    used = pact(sla=[{"id": "x", "starts": "mql", "stops": {"stages": ["customer"]}, "target": {"hours": 1}}])
    found = fill(world, {"ana": [MQL, (5, "Customer")]}, {}, used=used)
    result = response_bands.conversion(found.tables, found.pact, found.as_of, policy(found))
    assert (result.stages, result.bands, result.contrasts) == ((), (), ())


def test_bands_and_what_is_left_out_add_up_to_every_clock(world: World) -> None:
    histories: dict[str, list[tuple[float, str]]] = {
        "fast": [MQL, ANSWER, (3 * DAY, "SQL")],
        "slow": [MQL, (60, "Working")],
        "straight": [MQL, (60, "SQL")],
        "open": [MQL],
        "young": [(80 * DAY, "MQL"), (80 * DAY + 1, "Working")],
        "spam": [MQL, (1, "Working"), (2, "Spam")],
    }
    result = ask(world, histories)
    for stage in ("sql", "customer"):
        own = result.of(stage)
        assert len(own) == 9 and sum(band.n for band in own) + sum(result.left_out[stage].values()) == len(histories)
        (contrast,) = [one for one in result.contrasts if one.stage == stage]
        assert contrast.in_time.n + contrast.late.n == sum(band.n for band in own)
    assert [(band.n, band.converted) for band in result.of("sql") if band.n] == [(1, 1), (1, 0)]
    assert result.left_out["sql"] == {"young": 1, "before": 1, "undated": 0, "invalid": 1, "unanswered": 1}
    assert all(band.small for band in result.bands)
    assert set(PARTS[2:]) == set(result.left_out["sql"])


def test_exactly_at_the_target_is_answered_in_time(world: World) -> None:
    result = ask(world, {"ana": [MQL, (48, "Working")], "bea": [MQL, (48.001, "Working")]})
    assert [(one.in_time.n, one.late.n) for one in result.contrasts] == [(1, 1), (1, 1)]


def test_a_rate_of_nobody_is_null(world: World) -> None:
    result = ask(world, {"ana": [MQL]})
    assert {(band.n, band.rate, band.interval) for band in result.bands} == {(0, None, None)}
    assert {contrast.difference for contrast in result.contrasts} == {None}


def test_groups_add_up(world: World) -> None:
    histories = {f"r{n}": [MQL, (1 + 20 * n, "Working"), *([(100 * DAY, "SQL")] if n % 2 else [])] for n in range(6)}
    fields = {who: {"source": "a" if n % 2 else None} for n, who in enumerate(histories)}
    found = fill(world, histories, {}, as_of=200 * DAY, used=PACT, fields=fields)
    one = policy(found)
    whole = response_bands.conversion(found.tables, found.pact, found.as_of, one)
    split = response_bands.conversion(found.tables, found.pact, found.as_of, one, by="source")
    for stage in whole.stages:
        for k, band in enumerate(whole.of(stage)):
            rows = [split.of(stage, group)[k] for group in ("a", None)]
            assert (sum(row.n for row in rows), sum(row.converted for row in rows)) == (band.n, band.converted)


def test_days_must_be_above_nought(world: World) -> None:
    found = fill(world, {"ana": [MQL]}, {}, used=PACT)
    with pytest.raises(Misconfigured):
        response_bands.conversion(found.tables, found.pact, found.as_of, policy(found), days=0)


def test_a_slow_answer_looks_no_worse_where_speed_does_not_matter(world: World) -> None:
    """Every day one lead in twenty buys and one in twenty is lost, answered or not: speed matters nothing.

    Counted from the hand-over, whoever was lost unanswered would have to be left out and who
    bought before an answer would not: the slow would look different. Counted from the answer
    they do not.
    """
    dice, histories, calls = random.Random(7), {}, {}  # noqa: S311 - a seeded toss, no secret
    for number in range(900):
        who, answered = f"r{number:03}", dice.choice([0.5, 20, 100, 150])
        ends = dice.expovariate(0.1) * DAY
        steps: list[tuple[float, str]] = [MQL, (ends, dice.choice(["SQL", "Disqualified"]))]
        histories[who] = steps
        calls[who] = [answered]
    found = fill(world, histories, calls, as_of=400 * DAY, used=PACT)
    result = response_bands.conversion(found.tables, found.pact, found.as_of, policy(found), days=30)
    (contrast,) = [one for one in result.contrasts if one.stage == "sql"]
    difference = contrast.difference
    assert difference is not None and difference.low < 0 < difference.high
    assert contrast.late.n > 200 and result.left_out["sql"]["before"] > 50
    for half in (contrast.in_time, contrast.late):  # half of those who end within 30 days: 0.5 × (1 − e⁻³)
        assert half.interval is not None and half.interval[0] < 0.475 < half.interval[1]
