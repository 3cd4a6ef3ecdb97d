"""Sourced and influenced pipeline, worked deal by deal."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadpact.errors import Misconfigured
from leadpact.metrics.pipeline import Amount, Pipeline
from leadpact.metrics.pipeline_deals import deals
from tests.pipeline_worlds import NOW, asked, day, deal, of, told, touch
from tests.rows import Rows, lead
from tests.worlds import World, pact


def counts(result: Pipeline) -> dict[str, int]:
    return {line.part: line.deals for line in result.lines if line.deals}


def test_currencies_are_never_added_up(world: World) -> None:
    history = {"ana": [(0, "MQL")]}
    of(
        world,
        history,
        [deal("a", "ana", 5), deal("b", "ana", 6, 9, True, currency="usd "), deal("c", "ana", 7, 8, False)],
    )
    line = asked(world).line("sourced")
    assert line.amounts == (Amount("EUR", 2, 100, 0, 100, 0), Amount("USD", 1, 0, 100, 0, 0))
    assert (line.deals, line.open, line.won, line.lost, line.count_only) == (3, 1, 1, 1, 0)


def test_an_unknown_amount_is_counted_and_not_taken_for_zero(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", 5, amount=None), deal("b", "ana", 5, amount=0)])
    line = asked(world).line("all")
    assert (line.deals, line.count_only, line.amounts) == (2, 1, (Amount("EUR", 1, 0, 0, 0, 0),))


def test_a_deal_without_currency_is_only_counted_where_others_name_theirs(world: World) -> None:
    of(
        world,
        {"ana": [(0, "MQL")]},
        [deal("a", "ana", 5), deal("b", "ana", 5, currency=None), deal("c", "ana", 5, currency=" ")],
    )
    line = asked(world).line("all")
    assert (line.deals, line.count_only) == (3, 2)
    assert [(one.currency, one.open) for one in line.amounts] == [("EUR", 100)]


def test_a_crm_that_names_no_currency_has_one(world: World) -> None:
    of(
        world,
        {"ana": [(0, "MQL")]},
        [deal("a", "ana", 5, currency=None), deal("b", "ana", 5, currency=None, amount=None)],
    )
    line = asked(world).line("all")
    assert (line.amounts, line.count_only) == ((Amount(None, 1, 100, 0, 0, 0),), 1)


def test_a_deal_before_the_journey_is_not_sourced_by_it(world: World) -> None:
    of(world, {"ana": [(0, "Unknown"), (20, "MQL")]}, [deal("early", "ana", 10), deal("late", "ana", 30)])
    rows = told(world)
    assert rows["early"].origin == "direct"
    assert (rows["late"].origin, rows["late"].journey) == ("sourced", 1)  # the first deal began it, the lead came since


def test_the_journey_a_deal_itself_began_is_no_lead_before_it(world: World) -> None:
    of(world, {"ana": [(0, "Unknown")], "bob": [(0, "Unknown")]}, [deal("first", "ana", 10), deal("second", "ana", 40)])
    assert {name: row.origin for name, row in told(world).items()} == {"first": "direct", "second": "direct"}
    assert world.analyse().tables.journey.count().execute() == 1


def test_a_lead_and_a_deal_of_the_same_moment_the_lead_came_first(world: World) -> None:
    of(world, {"ana": [(10, "MQL")]}, [deal("a", "ana", 10)])
    assert told(world)["a"].origin == "sourced"


def test_a_deal_dated_before_its_person_was_known_is_not_sourced(world: World) -> None:
    of(world, {"ana": [(10, "MQL")]}, [deal("a", "ana", 9.5)])
    assert told(world)["a"].origin == "direct"


def test_two_deals_of_one_journey_are_two_deals(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", 5), deal("b", "ana", 8, 9, True)])
    assert counts(asked(world)) == {"all": 2, "sourced": 2}


def test_a_returning_customers_deal_is_credited_to_the_return(world: World) -> None:
    history = {"ana": [(0, "MQL"), (5, "Customer"), (20, "MQL")], "bob": [(0, "MQL"), (5, "Customer")]}
    of(world, history, [deal("again", "ana", 25), deal("before", "ana", 10), deal("straight", "bob", 30)])
    rows = told(world)
    assert {name: row.journey for name, row in rows.items()} == {"again": 2, "before": 1, "straight": 1}
    assert {row.origin for row in rows.values()} == {"sourced"}


def test_deals_of_no_record_or_an_unknown_one_are_unattributed(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("none", None, 5), deal("lost", "nobody", 5), deal("fine", "ana", 5)], [])
    result = asked(world)
    assert counts(result) == {"all": 3, "sourced": 1, "unattributed": 2}
    assert result.coverage == pytest.approx(1 / 3)
    assert result.influence_unknown == 2


def test_deals_of_another_pacts_records_are_left_out_and_counted(world: World) -> None:
    b2b = pact(scope={"record_type": ["B2B"]})
    records = {"ana": {"record_type": "B2B"}, "bob": {"record_type": "B2C"}, "eve": {}}
    history = {who: [(0, "MQL")] for who in records}
    of(world, history, [deal(who, who, 5) for who in records], used=b2b, **records)
    result = asked(world, b2b)
    assert (counts(result), result.out_of_scope) == ({"all": 1, "sourced": 1}, 2)


def test_only_the_pacts_types_and_pipelines_count(world: World) -> None:
    used = pact(opportunities={"types": ["new"], "pipelines": ["sales"]})
    rows = [
        deal(f"{kind}-{line}", "ana", 5, type=kind, pipeline=line)
        for kind in ("new", "renewal", None)
        for line in ("sales", None)
    ]
    of(world, {"ana": [(0, "MQL")]}, rows, used=used)
    assert set(told(world, used)) == {"new-sales"}


def test_an_invalid_lead_sources_nothing_and_is_counted_apart(world: World) -> None:
    of(world, {"ana": [(0, "MQL"), (2, "Spam")]}, [deal("a", "ana", 5)])
    assert counts(asked(world)) == {"all": 1, "invalid": 1}


def test_a_journey_of_unknown_start_leaves_the_origin_unknown(world: World) -> None:
    records = [lead("ana", status="MQL"), lead("bob", status="Working")]
    change = {"object": "lead", "record_id": "bob", "field": "status", "from_value": "MQL", "to_value": "Working",
              "at": day(3), "seq": 0, "evidence": "history"}  # fmt: skip
    world.sync(
        Rows(record=records, field_change=[change], opportunity=[deal("a", "ana", 5), deal("b", "bob", 5)]), now=NOW
    )
    rows = told(world)
    assert rows["a"].origin == "unknown"
    assert rows["b"].origin == "sourced"  # under way on day 3, whenever it began
    assert asked(world).coverage == 0.5


def test_a_deal_of_unknown_creation_counts_but_in_no_period(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", None), deal("b", "ana", 5)])
    assert counts(asked(world)) == {"all": 2, "sourced": 1, "unknown": 1}
    january = asked(world, start=date(2026, 1, 1), end=date(2026, 2, 1))
    assert (counts(january), january.undated) == ({"all": 1, "sourced": 1}, 1)


def test_the_range_is_the_deals_creation_and_what_follows_counts(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", 30, 50, True), deal("b", "ana", 31)])
    line = asked(world, start=date(2026, 1, 1), end=date(2026, 2, 1)).line("sourced")
    assert (line.deals, line.won) == (1, 1)


def test_the_close_date_of_an_open_deal_is_a_plan(world: World) -> None:
    planned = {**deal("a", "ana", 5, 20), "is_won": False, "is_closed": False}
    of(
        world,
        {"ana": [(0, "MQL")]},
        [planned, deal("later", "ana", 5, 90, True), deal("undated", "ana", 5, None, True)],
    )
    rows = told(world)
    assert {name: row.state for name, row in rows.items()} == {"a": "open", "later": "open", "undated": "won"}
    assert rows["a"].closed_at != rows["a"].closed_at


def test_a_deal_nobody_says_is_closed_is_neither_open_nor_lost(world: World) -> None:
    silent = {**deal("a", "ana", 5), "is_won": None, "is_closed": None}
    closed = {**deal("b", "ana", 5, 8), "is_won": None, "is_closed": True}
    of(world, {"ana": [(0, "MQL")]}, [silent, closed, deal("c", "ana", 5, 8, False)])
    line = asked(world).line("all")
    assert (line.open, line.won, line.lost, line.unknown) == (0, 0, 1, 2)
    assert line.amount("EUR").unknown == 200


def test_as_of_a_past_day_a_deal_closed_since_is_open(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", 5, 20, True), deal("b", "ana", 15)])
    line = asked(world, as_of=day(10)).line("all")
    assert (line.deals, line.open, line.won) == (1, 1, 0)


def test_what_the_source_does_not_deliver_is_unknown_and_not_zero(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [deal("a", "ana", 5)])
    result = asked(world)
    assert (result.campaigns, result.influence_unknown, result.missing) == (None, None, ("campaign_touch",))
    assert "influenced" not in {line.part for line in result.lines}
    of(world, {"ana": [(0, "MQL")]}, None)
    nothing = asked(world)
    assert (nothing.lines, nothing.coverage, nothing.missing) == ((), None, ("opportunity", "campaign_touch"))


def test_no_deals_is_zero_with_no_share(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [], [])
    result = asked(world)
    assert {line.part: (line.deals, line.share) for line in result.lines}["sourced"] == (0, None)
    assert (result.campaigns, result.coverage) == ((), None)
    assert asked(world, by="source").lines == ()


def test_a_cut_leaves_only_the_deals_of_its_people(world: World) -> None:
    history = {"ana": [(0, "MQL")], "bob": [(0, "MQL")]}
    of(world, history, [deal("a", "ana", 5), deal("b", "bob", 5), deal("c", None, 5)], ana={"source": "Web"})
    assert counts(asked(world, where={"source": "Web"})) == {"all": 1, "sourced": 1}


def test_a_range_that_ends_before_it_starts_is_refused(world: World) -> None:
    of(world, {"ana": [(0, "MQL")]}, [])
    with pytest.raises(Misconfigured) as caught:
        asked(world, start=date(2026, 2, 1), end=date(2026, 1, 1))
    assert caught.value.key == "funnel.bad_range"


STATUSES = ["Unknown", "Subscriber", "MQL", "Working", "Re-Market", "Spam"]


@pytest.mark.thorough
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_groups_add_up_and_the_order_of_rows_says_nothing(seed: int, tmp_path_factory: Any) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    people = [f"p{n}" for n in range(12)]
    histories = {
        who: [(float(at), dice.choice(STATUSES)) for at in sorted(dice.sample(range(50), dice.randint(1, 4)))]
        for who in people
    }
    rows = [
        deal(f"d{n}", dice.choice([*people, None]), dice.choice([None, dice.randint(0, 50)]), dice.choice([None, 55]),
             dice.choice([None, True, False]), amount=dice.choice([None, 10, 20]),
             currency=dice.choice([None, "EUR", "USD"]))
        for n in range(20)
    ]  # fmt: skip
    touches = [
        touch(dice.choice(people), dice.choice("ab"), dice.choice([None, dice.randint(0, 55)])) for _ in range(15)
    ]
    records = {who: {"source": dice.choice([None, "Web", "Fair"])} for who in people}
    one = World(tmp_path_factory.mktemp("pipeline"))
    of(one, histories, rows, touches, **records)
    whole, split = asked(one), asked(one, by="source")
    parts = [line.part for line in whole.lines]
    for part in parts:
        mine = [line for line in split.lines if line.part == part]
        for name in ("deals", "open", "won", "lost", "unknown", "count_only"):
            assert sum(getattr(line, name) for line in mine) == getattr(whole.line(part), name), (part, name)
        for currency in ("EUR", "USD"):
            assert sum(line.amount(currency).total for line in mine) == whole.line(part).amount(currency).total
    origins = [line for line in whole.lines if line.part not in ("all", "influenced")]
    assert sum(line.deals for line in origins) == whole.line("all").deals == len(rows)
    assert max((line.deals for line in whole.campaigns or ()), default=0) <= whole.line("influenced").deals
    for table in (rows, touches):
        dice.shuffle(table)
    other = World(tmp_path_factory.mktemp("shuffled"))
    of(other, dict(sorted(histories.items(), key=lambda _: dice.random())), rows, touches, **records)
    assert asked(other, by="source") == split


def test_deals_are_worked_out_once_and_are_those_of_their_tables(world: World) -> None:
    history = {"ana": [(0, "MQL")], "bob": [(0, "Unknown"), (20, "MQL")]}
    touched = [touch("ana", "Fair", 3), touch("bob", "Mail", 15)]
    of(world, history, [deal("a", "ana", 5, 9, True), deal("b", "bob", 10), deal("c", "bob", 30)], touched)
    for one in (world.analyse(), world.analyse(as_of=day(12))):
        bare = replace(one.tables, kept=None)
        fewer = replace(one.tables, record=one.tables.record.filter(one.tables.record.record_id != "bob"))
        asked_for: list[dict[str, Any]] = [
            {}, {"by": "source"}, {"start": day(8).date()}, {"lookback_days": 1.0},
            {"origins": False, "influence": False},
        ]  # fmt: skip
        for options in asked_for:
            found = deals(one.tables, one.pact, one.as_of, **options)
            assert rows(found) == rows(deals(bare, one.pact, one.as_of, **options)) != []
            assert rows(deals(fewer, one.pact, one.as_of, **options)) == rows(
                deals(replace(fewer, kept=None), one.pact, one.as_of, **options)
            )
        plain = deals(one.tables, one.pact, one.as_of)
        assert plain.equals(deals(one.tables, one.pact, one.as_of)), "read from one table"
        assert rows(plain) != rows(deals(fewer, one.pact, one.as_of))


def rows(table: Any) -> list[str]:
    return sorted(map(repr, table.to_pyarrow().to_pylist()))
