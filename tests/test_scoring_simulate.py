"""A draft of the scoring against the version before it: counted by hand, and the long way round.

Not here: the score itself (test_scoring.py), the command line (test_scoring_simulate_cli.py).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from config.schema import Pact
from leadpact.errors import Misconfigured
from leadpact.scoring import handover as flow
from leadpact.scoring import score, simulate, trade, versus
from leadpact.scoring.basis import Asked
from leadpact.scoring.simulate import Question
from leadpact.scoring.trade import Point
from leadpact.scoring.versus import GAINED, LOST
from leadpact.tables import Tables
from tests.engine import derived, loaded
from tests.rows import Rows, contact, lead, moved
from tests.worlds import pact

NOW = datetime(2026, 3, 1, 12)
DAY = timedelta(days=1)


def visit(record_id: str, at: datetime, object: str = "lead", kind: str = "web_visit") -> dict[str, Any]:
    return {"activity_id": f"{record_id}-{at}-{kind}", "object": object, "record_id": record_id, "at": at, "kind": kind}


def agreed(threshold: float | None = 20, *, visits: float = 10, country: float = 0, **ready: Any) -> Pact:
    when: dict[str, Any] = {"activity": "web_visit", "within_days": 30}
    rules = [{"id": "visits", "category": "behaviour", "points": visits, "per": "occurrence", "when": when}]
    if country:
        asked = {"field": "country", "op": "eq", "value": "MX"}
        rules.append({"id": "home", "category": "fit", "points": country, "when": asked})
    return pact(scoring={"rules": rules}, sales_ready={"threshold": threshold, **ready})


def company(rows: Rows, used: Pact) -> Tables:
    backend, tables = loaded(rows)
    return derived(backend, tables, used)


TODAY = Rows(
    record=[
        lead("both", status="Subscriber", country="MX"),
        lead("visits", status="Subscriber", country="ES"),
        lead("home", status="MQL", country="MX"),
        lead("none", status="MQL", country="ES"),
        lead("sold", status="Customer", country="MX"),
        lead("working", status="Working", country="MX"),
        lead("gone", status="Subscriber", country="MX", condition="deleted"),
    ],
    activity=[visit(who, NOW - days * DAY) for who in ("both", "visits", "sold") for days in (1, 2)],
)


@cache
def today() -> Tables:
    """TODAY as any of these pacts sees it: they share stages and status map."""
    return company(TODAY, agreed())


def test_today_everybody_before_sales_has_two_lights() -> None:
    before, after = agreed(20), agreed(20, visits=5, country=20)
    found = simulate.simulate(today(), before, after, NOW, Question(months=1))
    assert dict(found.lights) == {("green", "green"): 1, ("green", "amber"): 1, ("amber", "green"): 1,
                                  ("amber", "amber"): 1}  # fmt: skip
    assert (found.gained, found.lost, found.kept) == (1, 1, 1)
    assert (found.before.greens, found.after.greens) == (2, 2)
    assert found.taken == 2  # the customer and the one Sales works; the deleted one is no record any more


def test_the_list_of_those_who_disagree_says_why() -> None:
    before, after = agreed(20), agreed(20, visits=5, country=20)
    tables = today()
    rows = {row["record_id"]: row for row in versus.disagreeing(tables, before, after, NOW).to_pyarrow().to_pylist()}
    assert {name: row["side"] for name, row in rows.items()} == {"visits": LOST, "home": GAINED}
    assert (rows["home"]["score_before"], rows["home"]["score_after"]) == (0, 20)
    assert rows["visits"]["missing_after"] == "score"
    rules = {one.rule: (one.more, one.fewer, one.points) for one in versus.by_rule(tables, before, after, NOW)}
    assert rules == {"home": (1, 0, 20), "visits": (0, 1, -10)}
    only = versus.disagreeing(tables, before, after, NOW, GAINED).to_pyarrow().to_pylist()
    assert [row["record_id"] for row in only] == ["home"]
    why = versus.reasons(tables, before, after, NOW, [("lead", "home"), ("lead", "visits")])
    assert [(one.rule, one.before, one.after) for one in why["lead", "home"]] == [("home", None, 20)]
    assert [(one.rule, one.before, one.after) for one in why["lead", "visits"]] == [("visits", 20, 10)]


def test_a_version_without_a_threshold_makes_nobody_green() -> None:
    before, after = agreed(None), agreed(20)
    found = simulate.simulate(today(), before, after, NOW, Question(months=1))
    assert (found.before.greens, found.before.point, sum(found.before.weekly)) == (0, None, 0)
    assert found.gained == found.after.greens == 2


def test_two_versions_at_once_are_each_as_alone() -> None:
    """With a rule both have, one that changed and one that is new; and for two that cannot be computed together."""
    before = agreed(10, country=5)
    after = agreed(15, country=20, all=[{"field": "country", "op": "filled"}])
    looked = flow.looks(today(), (before, after), NOW, 4)
    both = flow.handovers(today(), (before, after), looked)
    for one, alone in zip(both, (flow.handover(today(), used, looked) for used in (before, after)), strict=True):
        assert (one.weekly, one.people.to_pylist()) == (alone.weekly, alone.people.to_pylist())
        assert (one.at_start.tolist(), one.best.tolist()) == (alone.at_start.tolist(), alone.best.tolist())
    assert both[0].best.tolist() != both[1].best.tolist()
    elsewhere = after.model_copy(update={"timezone": "America/Mexico_City"})
    waiting = versus.waiting(today())
    assert versus.lights(waiting, before, after, NOW) == versus.lights(waiting, before, elsewhere, NOW)


def weeks_of(rows: Rows, used: Pact, weeks: int = 4) -> flow.Handover:
    tables = company(rows, used)
    return flow.handover(tables, used, flow.looks(tables, [used], NOW, weeks))


LONG_AGO = NOW - timedelta(days=400)


def test_a_person_becomes_green_once_in_the_week_it_happened() -> None:
    """Weeks end at NOW, 7, 14 and 21 days before; two visits within 30 days make green."""
    rows = Rows(
        record=[
            lead("late", created_at=LONG_AGO, status="Subscriber"),
            lead("edge", created_at=LONG_AGO, status="Subscriber"),
            lead("again", created_at=LONG_AGO, status="Subscriber"),
            lead("already", created_at=LONG_AGO, status="Subscriber"),
            lead("born", created_at=NOW - 10 * DAY, status="Subscriber"),
            lead("one", created_at=LONG_AGO, status="Subscriber"),
        ],
        activity=[
            *(visit("late", NOW - days * DAY) for days in (20, 1)),
            *(visit("edge", NOW - days * DAY) for days in (20, 7)),  # at the very end of a week: in it
            *(visit("again", NOW - days * DAY) for days in (25, 24, 3, 2)),
            *(visit("already", NOW - days * DAY) for days in (30, 29, 3, 2)),  # green 28 days ago
            *(visit("born", NOW - days * DAY) for days in (9, 8)),
            visit("one", NOW - 3 * DAY),
        ],
    )
    found = weeks_of(rows, agreed(20))
    assert found.weekly == (1, 0, 2, 1)
    assert found.already(20) == 1
    assert found.per_week(20) == 4 / 4
    assert found.per_week(10) == 5 / 4  # `one` too; nobody else is new
    assert found.per_week(40) == 2 / 4  # four visits within 30 days, the first of them 30 days old: `again`, `already`
    assert found.per_week(41) == 0


def test_people_not_records_are_counted_and_only_while_sales_does_not_have_them() -> None:
    rows = Rows(
        record=[
            lead("ana", created_at=LONG_AGO, status="Subscriber", converted_to="ana-c", converted_at=NOW - 20 * DAY),
            contact("ana-c", created_at=NOW - 20 * DAY, status=None),
            lead("bo", created_at=LONG_AGO, status="Working"),
            lead("cy", created_at=LONG_AGO, status="Re-Market"),
        ],
        field_change=[
            *moved("bo", ("2025-06-01", "Subscriber"), ("2026-02-12", "Working")),
            *moved("cy", ("2025-06-01", "Working"), ("2026-02-01", "Re-Market")),
        ],
        activity=[
            visit("ana", NOW - 16 * DAY), visit("ana-c", NOW - 15 * DAY, "contact"),
            *(visit("bo", NOW - days * DAY) for days in (20, 19, 2)),
            *(visit("cy", NOW - days * DAY) for days in (5, 4)),
        ],
    )  # fmt: skip
    found = weeks_of(rows, agreed(20))
    # bo: green in the week that ends on 15 February, but taken on the 12th; cy came back from Sales
    assert found.weekly == (0, 1, 0, 1)
    assert len(found.people) == 3


def test_weeks_are_those_of_looking_at_everybody_every_week() -> None:
    """The long way round: the score of every record at every week's end."""
    draw = random.Random(7)  # noqa: S311
    countries, kinds = ["MX", "ES", None], ["web_visit", "form"]
    names = [f"l{number:02}" for number in range(40)]
    rows = Rows(
        record=[
            lead(name, created_at=NOW - draw.randrange(60) * DAY, status="Subscriber", country=draw.choice(countries))
            for name in names
        ],
        field_change=[
            {"object": "lead", "record_id": name, "field": "country", "from_value": draw.choice(["MX", "ES"]),
             "to_value": "MX", "at": NOW - timedelta(hours=draw.randrange(1, 1400)), "seq": seq, "evidence": "history"}
            for seq, name in enumerate(draw.sample(names, 15))
        ],
        activity=[
            visit(draw.choice(names), NOW - timedelta(minutes=7 * draw.randrange(1, 9000)), kind=draw.choice(kinds))
            for _ in range(120)
        ],
    )  # fmt: skip
    used = agreed(25, country=15)
    tables = company(rows, used)
    found = flow.handover(tables, used, flow.looks(tables, [used], NOW, 6))
    green_at: dict[str, int] = {}
    for week in range(-1, 6):
        end = NOW - (5 - week) * flow.WEEK
        for row in score.scores(tables.at(end), used, end).to_pyarrow().to_pylist():
            if row["light"] == "green":
                green_at.setdefault(row["person_id"], week)
    wanted = [sum(1 for first in green_at.values() if first == week) for week in range(6)]
    assert sum(wanted) > 5
    assert list(found.weekly) == wanted
    assert found.already(25) == sum(1 for first in green_at.values() if first == -1)


def test_drawn_people_are_reckoned_up() -> None:
    rows = Rows(record=[lead(f"l{n}", created_at=NOW - 3 * DAY, status="Subscriber", country="MX") for n in range(400)])
    used = agreed(10, country=10)
    tables = company(rows, used)
    looked = flow.looks(tables, [used], NOW, 4, most=200)
    assert looked.share == 0.5
    assert 150 < looked.at.num_rows < 250
    assert looked.at.equals(flow.looks(tables, [used], NOW, 4, most=200).at) or looked.at.num_rows == 200
    assert sum(flow.handover(tables, used, looked).weekly) == looked.at.num_rows * 2


def past(name: str, entered: datetime, *, visits: int, won: bool, country: str) -> dict[str, list[dict[str, Any]]]:
    """A journey of long ago: visits in its first days, a deal a month later or none."""
    steps = [(str(entered), "Subscriber"), *([(str(entered + 40 * DAY), "Customer")] if won else [])]
    return {
        "record": [lead(name, created_at=entered, status="Customer" if won else "Subscriber", country=country)],
        "field_change": moved(name, *steps),
        "activity": [visit(name, entered + timedelta(days=1, hours=hour)) for hour in range(visits)],
    }


def judged_world(**more: int) -> Rows:
    """40 journeys with three visits (24 won), 60 with one (6 won); those who won are from MX."""
    rows: dict[str, list[dict[str, Any]]] = {"record": [], "field_change": [], "activity": []}
    number = 0
    for visits, cases, winners in ((3, 40, 24), (1, 60, 6)):
        for place in range(cases):
            won = place < winners
            made = past(f"p{number:03}", NOW - timedelta(days=130, hours=number), visits=visits, won=won,
                        country="MX" if won else "ES")  # fmt: skip
            number += 1
            for name, own in made.items():
                rows[name].extend(own)
    return Rows(creation_logged=True, **rows)


@cache
def judged_company() -> Tables:
    return company(judged_world(), agreed())


FOUR = Question(months=4, asked=Asked("entry", after_days=14))


def test_what_came_of_the_greens_is_counted_on_past_journeys() -> None:
    before, after = agreed(10), agreed(30)
    found = simulate.simulate(judged_company(), before, after, NOW, FOUR)
    assert (found.cases, found.reached, found.young, found.settled) == (100, 30, 0, 0)
    low, high = found.before.point, found.after.point
    assert low is not None
    assert high is not None
    assert (low.greens, low.reached, low.converted.rate, low.recall.rate, low.lift) == (100, 30, 0.3, 1.0, 1.0)
    assert (high.greens, high.reached, high.converted.rate, high.recall.rate) == (40, 24, 0.6, 0.8)
    assert high.lift == pytest.approx(2.0)
    assert high.converted.interval == pytest.approx((0.4460, 0.7365), abs=1e-4)  # Wilson, by the formula of 1927
    by = {one.threshold: one for one in found.curve}
    assert [by[step].greens for step in (0, 10, 11, 30)] == [100, 100, 40, 40]
    assert found.recommended is not None
    assert (found.recommended.threshold, found.recommended.greens) == (11, 40)


def test_what_has_no_history_stays_out_of_the_past_and_is_named() -> None:
    """`country` tells the winners perfectly, and nobody knows when it was filled in."""
    must = {"all": [{"field": "country", "op": "eq", "value": "MX"}]}
    before, after = agreed(10), agreed(20, country=40, **must)
    found = simulate.simulate(judged_company(), before, after, NOW, FOUR)
    assert (found.after.left_out, found.after.unasked, found.untracked) == (("home",), ("country",), ("country",))
    assert found.after.judged_share == pytest.approx(10 / 50)
    assert found.after.point is not None
    assert (found.after.point.greens, found.after.point.reached) == (40, 24)


def test_capacity_bounds_what_is_recommended() -> None:
    known = ((10, 50, 100, 30), (20, 30, 60, 24), (30, 12, 40, 22), (90, 1, 5, 5))
    points = [Point(threshold, weekly, 100, greens, reached, 30) for threshold, weekly, greens, reached in known]
    best = trade.recommended(points, None)
    assert best is not None
    assert best.threshold == 30  # five of five are too few to say anything
    assert trade.recommended(points[:2], 30) == points[1]
    assert trade.recommended(points, 5) is None


def test_nothing_after_the_moment_changes_anything() -> None:
    rows = judged_world()
    as_of = NOW - 10 * DAY
    before, after = agreed(10), agreed(30, country=5)

    def told(more: list[dict[str, Any]]) -> Any:
        tables = {name: list(table) for name, table in rows.tables.items()}
        tables["activity"] += more
        whole = company(Rows(creation_logged=True, **tables), before).at(as_of)
        found = simulate.simulate(whole, before, after, as_of, FOUR)
        return (found.lights, found.before.weekly, found.after.weekly, found.curve, found.cases, found.reached)

    assert told([]) == told([visit(f"p{number:03}", NOW - DAY) for number in range(100)])


@pytest.mark.parametrize("question", [Question(months=0), Question(capacity=0), Question(capacity=-1)])
def test_a_question_that_makes_no_sense_is_refused(question: Question) -> None:
    with pytest.raises(Misconfigured):
        simulate.simulate(today(), agreed(), agreed(), NOW, question)
