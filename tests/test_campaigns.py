"""Conversion by campaign response: who is compared with whom, and when."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from leadpact.errors import Misconfigured
from leadpact.metrics.campaigns import Campaigns, Rate, campaigns
from leadpact.metrics.campaigns_journeys import Asked, explained, journeys
from tests.pipeline_worlds import day, of, touch
from tests.rows import Rows, lead
from tests.worlds import World

Histories = dict[str, list[tuple[float, str]]]


def asked(world: World, **options: Any) -> Campaigns:
    found = world.analyse()
    return campaigns(found.tables, found.pact, found.as_of, Asked(**{"window_days": 30, **options}))


def parts(world: World, **options: Any) -> dict[str, str]:
    found = world.analyse()
    rows = journeys(found.tables, found.pact, found.as_of, Asked(**{"window_days": 30, **options})).execute()
    return dict(zip(rows["record_id"], rows["part"], strict=True))


def rate(result: Campaigns, part: str, group: str | None = None) -> Rate:
    return next(one for one in result.rates if (one.part, one.group) == (part, group))


def numbers(result: Campaigns) -> dict[tuple[str, str | None], tuple[int, int]]:
    return {(one.part, one.group): (one.n, one.converted) for one in result.rates}


def test_a_response_after_the_outcome_is_no_response(world: World) -> None:
    """Counted by whether they ever responded, campaigns would win 2 of 2 to 0 of 1 here."""
    histories: Histories = {
        "late": [(0, "MQL"), (10, "Working")],
        "before": [(0, "MQL"), (10, "Working")],
        "none": [(0, "MQL")],
    }
    of(world, histories, None, [touch("late", "Fair", 11), touch("before", "Fair", 5)])
    assert numbers(asked(world)) == {
        ("all", None): (3, 2), ("responded", None): (1, 1), ("without", None): (2, 1), ("campaign", "Fair"): (1, 1),
    }  # fmt: skip


def test_whoever_got_there_or_ended_by_the_landmark_is_in_neither_group(world: World) -> None:
    """Time before the landmark is nobody's merit: those who responded had to last until then."""
    histories: Histories = {
        "fast": [(0, "MQL"), (7, "Working")],
        "after": [(0, "MQL"), (7.01, "Working")],
        "gone": [(0, "MQL"), (3, "Disqualified")],
        "sales": [(0, "Working")],
        "spam": [(0, "MQL"), (20, "Spam")],
        "young": [(23, "MQL")],
        "exact": [(22, "MQL")],
    }
    of(world, histories, None, [])
    assert parts(world) == {
        "fast": "early", "after": "counted", "gone": "early", "sales": "early", "spam": "invalid",
        "young": "young", "exact": "counted",
    }  # fmt: skip
    result = asked(world)
    assert (result.early, result.young, result.invalid, result.unknown, result.coverage) == (3, 1, 1, 0, 1)


def test_conversion_is_within_the_window_after_the_landmark(world: World) -> None:
    histories: Histories = {"at": [(0, "MQL"), (37, "Working")], "after": [(0, "MQL"), (37.01, "Working")]}
    of(world, histories, None, [touch(who, "Fair", 7) for who in histories])
    assert numbers(asked(world))[("responded", None)] == (2, 1)


def test_a_skipped_stage_counts_as_reached(world: World) -> None:
    of(world, {"ana": [(0, "MQL"), (20, "Customer")]}, None, [])
    assert numbers(asked(world))[("without", None)] == (1, 1)


def test_the_first_response_is_credited_or_each(world: World) -> None:
    touches = [
        touch("ana", "Fair", 2),
        touch("ana", "Webinar", 1),
        touch("bob", "Fair", 3, " "),
        touch("ana", "Fair", 9),
    ]
    of(world, {"ana": [(0, "MQL"), (20, "Working")], "bob": [(0, "MQL")]}, None, touches)
    first, each = numbers(asked(world)), numbers(asked(world, credit="any"))
    assert (first[("campaign", "Webinar")], first[("campaign", "Fair")]) == ((1, 1), (1, 0))
    assert (each[("campaign", "Webinar")], each[("campaign", "Fair")]) == ((1, 1), (2, 1))
    assert first[("responded", None)] == each[("responded", None)] == (2, 1)
    found = world.analyse()
    ask = Asked(window_days=30, credit="any")
    rows = explained(journeys(found.tables, found.pact, found.as_of, ask), found.tables, ask).execute()
    assert sorted(zip(rows["record_id"], rows["group"], strict=True)) == [
        ("ana", "Fair"),
        ("ana", "Webinar"),
        ("bob", "Fair"),
    ]
    by_type = numbers(asked(world, by="response"))
    assert (by_type[("response", "Responded")], by_type[("response", None)]) == ((1, 1), (1, 0))


def test_a_response_in_the_journey_before_belongs_to_that_one(world: World) -> None:
    histories: Histories = {"ana": [(0, "MQL"), (10, "Re-Market"), (15, "MQL")]}
    of(world, histories, None, [touch("ana", "Fair", 2)])
    assert numbers(asked(world)) == {("all", None): (2, 0), ("responded", None): (1, 0), ("without", None): (1, 0),
                                     ("campaign", "Fair"): (1, 0)}  # fmt: skip
    of(world, histories, None, [touch("ana", "Fair", 12)])  # since then: what brought the return
    assert numbers(asked(world))[("responded", None)] == (1, 0)
    found = world.analyse()
    rows = journeys(found.tables, found.pact, found.as_of, Asked(window_days=30)).execute().set_index("journey")
    assert rows["responded"].to_dict() == {1: False, 2: True}
    assert rows.loc[2, "since"] == day(10)


def test_only_an_undated_response_leaves_it_unknown(world: World) -> None:
    histories: Histories = {who: [(0, "MQL")] for who in ("ana", "bob", "eve")}
    of(world, histories, None, [touch("ana", "Fair", None), touch("bob", "Fair", None), touch("bob", "Fair", 1)])
    assert parts(world) == {"ana": "unknown", "bob": "counted", "eve": "counted"}
    assert asked(world).coverage == pytest.approx(2 / 3)


def test_journeys_of_unknown_history_are_left_out_and_counted(world: World) -> None:
    world.sync(Rows(record=[lead("ana", status="MQL")], field_change=[], campaign_touch=[]))
    result = asked(world)
    assert (result.unknown, result.coverage, rate(result, "all").rate) == (1, 0, None)


def test_a_difference_comes_with_its_interval_and_an_adjusted_p(world: World) -> None:
    histories: Histories = {f"y{n}": [(0, "MQL"), *([(20.0, "Working")] if n < 30 else [])] for n in range(40)}
    histories |= {f"n{n}": [(0, "MQL"), *([(20.0, "Working")] if n < 10 else [])] for n in range(40)}
    touches = [touch(f"y{n}", "Fair" if n % 2 else "Webinar", 1) for n in range(40)]
    of(world, histories, None, touches)
    result = asked(world)
    one, fair = rate(result, "responded"), rate(result, "campaign", "Fair")
    assert (one.rate, one.difference) == (0.75, 0.5)
    assert 0.2 < (one.difference_low or 0) < 0.5 < (one.difference_high or 0) < 0.8
    assert (one.ci_low, one.ci_high) == (pytest.approx(0.598, abs=1e-3), pytest.approx(0.858, abs=1e-3))
    assert one.p is not None and one.p < 0.001 and not one.small
    assert fair.small and fair.p is not None and fair.p > one.p
    assert rate(result, "without").difference is None


def test_what_the_source_does_not_deliver_is_unknown_and_not_zero(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, None)
    result = asked(world)
    assert (result.rates, result.coverage, result.missing) == ((), None, ("campaign_touch",))


def test_no_journeys_is_zero_of_zero(world: World) -> None:
    world.sync(
        Rows(
            creation_logged=True,
            record=[lead("a", status="Unknown", created_at=day(0))],
            field_change=[],
            campaign_touch=[],
        )
    )
    result = asked(world)
    assert [(one.n, one.rate, one.ci_low, one.difference) for one in result.rates] == [(0, None, None, None)] * 3
    assert result.coverage is None


def test_the_range_is_the_entry(world: World) -> None:
    of(world, {"ana": [(0, "MQL")], "bob": [(5, "MQL")]}, None, [])
    assert rate(asked(world, end=date(2026, 1, 3)), "all").n == 1


@pytest.mark.parametrize(
    "options",
    [{"landmark_days": -1}, {"window_days": 0}, {"by": "source"}, {"credit": "last"}, {"stage": "unknown"}],
)
def test_what_cannot_be_asked_is_refused(world: World, options: dict[str, Any]) -> None:
    of(world, {"ana": [(0, "MQL")]}, None, [])
    with pytest.raises(Misconfigured):
        asked(world, **options)


@pytest.mark.parametrize("seed", [1, 2])
def test_groups_add_up_and_the_order_of_rows_says_nothing(seed: int, world: World, tmp_path: Any) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    people = [f"p{n}" for n in range(25)]
    histories: Histories = {
        who: [(float(dice.randint(0, 15)), "MQL"), (float(dice.randint(16, 55)), dice.choice(["Working", "Re-Market"]))]
        for who in people
    }
    touches = [touch(dice.choice(people), dice.choice("abc"), dice.choice([None, *range(30)])) for _ in range(40)]
    of(world, histories, None, touches)
    result = asked(world)
    groups = [one for one in result.rates if one.part == "campaign"]
    whole, some, none = (rate(result, part) for part in ("all", "responded", "without"))
    assert (some.n + none.n, some.converted + none.converted) == (whole.n, whole.converted)
    assert (sum(one.n for one in groups), sum(one.converted for one in groups)) == (some.n, some.converted)
    left_out = result.early + result.young + result.unknown + result.invalid
    assert whole.n + left_out == world.analyse().tables.journey.count().execute()
    dice.shuffle(touches)
    other = World(tmp_path / "other")
    of(other, dict(reversed(histories.items())), None, touches)
    assert asked(other) == result
