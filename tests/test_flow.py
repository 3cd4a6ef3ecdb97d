"""Flow, balances, rework and paths: worked cases, properties, and the real data's answers."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.document import parse
from leadpact.errors import Misconfigured
from leadpact.metrics import balance as balances
from leadpact.metrics import flow as flows
from leadpact.metrics import flow_rework, paths
from leadpact.metrics.trends_spans import spans
from leadpact.workspace import Analysis
from tests.rows import Rows, lead, moved
from tests.test_journeys import at, source
from tests.test_velocity_reach import OFFERS, load
from tests.worlds import World, pact

GOLDEN = Path(__file__).parent / "golden" / "metrics" / "flow.yaml"
CASES: dict[str, Any] = YAML(typ="safe").load(GOLDEN)
START = datetime(2026, 1, 5)  # a Monday


@pytest.mark.parametrize("name", CASES)
def test_histories_give_what_is_written_down(name: str, world: World) -> None:
    """Moves, balance, paths and rework, as far as the case tells them."""
    case = CASES[name]
    used = pact(timezone=case.get("timezone", "UTC"))
    world.sync(source(case), now=at(case.get("as_of")) or datetime(2026, 12, 31), used=used)
    found = world.analyse(used, as_of=at(case.get("read")))
    args, asked = (found.tables, used, found.as_of), {"start": case.get("from"), "end": case.get("to")}

    moves = flows.flow(*args, **asked).moves
    assert [[m.from_stage, m.to_stage, m.moves, m.people, m.loops, m.unknown] for m in moves] == case["moves"]
    balance = balances.balance(*args, balances.periods(used, found.as_of, **asked))
    assert {one.stage for one in balance.stages} >= {stage.key for stage in used.stages}
    if "balance" in case:
        rows = [[b.stage, b.start, b.entered, b.left, b.end, b.unknown] for b in balance.stages]
        assert [row for row in rows if any(row[1:])] == case["balance"]
    for unit, key in (("journey", "paths"), ("person", "people")):
        if key in case:
            ways = paths.paths(*args, unit=unit, **asked)  # type: ignore[arg-type]
            assert [[" ".join(p.stages), p.count, dict(p.ends)] for p in ways.paths] == case[key]
            assert (ways.distinct, ways.total) == (len(case[key]), sum(row[1] for row in case[key]))
    if "again" in case:
        again = flow_rework.rework(*args, **asked).stages
        seen = {r.stage: [r.entries, r.people, r.reentries, r.people_again, r.same_journey] for r in again}
        assert seen == case["again"]


def of(world: World, histories: dict[str, list[tuple[datetime, str]]], **more: Any) -> Analysis:
    rows = [
        lead(who, status=s[-1][1], created_at=s[0][0], source=["web", "event", None][n % 3])
        for n, (who, s) in enumerate(histories.items())
    ]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    used = more.pop("used", None)
    world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=START + timedelta(days=90), used=used)
    return world.analyse(used, **more)


def test_the_agreed_flow_judges_moves_and_nothing_else(world: World) -> None:
    used = pact(flow=[["mql", "sal"]])
    steps = [(START, "MQL"), (START + timedelta(days=1), "Working"), (START + timedelta(days=2), "Customer")]
    odd = [(START, "MQL"), (START + timedelta(days=1), "Limbo"), (START + timedelta(days=2), "Customer")]
    found = of(world, {"ana": steps, "bob": odd}, used=used)
    agreed = {(m.from_stage, m.to_stage): m.agreed for m in flows.flow(found.tables, used, found.as_of).moves}
    assert agreed == {
        (None, "mql"): None,
        ("mql", "sal"): True,
        ("mql", "unmapped"): None,
        ("sal", "customer"): False,
        ("unmapped", "customer"): None,
    }


def test_where_no_flow_is_agreed_no_move_is_judged(world: World) -> None:
    found = of(world, {"ana": [(START, "MQL"), (START + timedelta(days=1), "Working")]})
    assert {m.agreed for m in flows.flow(found.tables, found.pact, found.as_of).moves} == {None}


def test_a_move_belongs_to_who_held_the_lead_then(world: World) -> None:
    steps = [(START, "MQL"), (START + timedelta(days=5), "Working")]
    handed = {"object": "lead", "record_id": "ana", "field": "owner_id", "from_value": "u1", "to_value": "u2", "seq": 0,
              "at": START + timedelta(days=3), "evidence": "history"}  # fmt: skip
    owners = [{"owner_id": key, "name": key.upper(), "is_queue": False} for key in ("u1", "u2")]
    rows = [lead("ana", status="Working", created_at=START, owner_id="u2")]
    source = Rows(creation_logged=True, record=rows, field_change=[*moved("ana", *steps), handed], owner=owners)
    world.sync(source, now=START + timedelta(days=90))
    found = world.analyse()
    args = (found.tables, found.pact, found.as_of)
    groups = {(m.group, m.to_stage) for m in flows.flow(*args, by="owner").moves}
    assert groups == {("U1", "mql"), ("U2", "sal")}
    whole = balances.balance(*args, balances.periods(found.pact, found.as_of), by="owner")
    assert {(b.group, b.stage, b.end) for b in whole.stages if b.entered} == {("U1", "mql", 0), ("U2", "sal", 1)}
    assert {p.group for p in paths.paths(*args, by="owner", unit="person").paths} == {"U1"}
    assert {r.group for r in flow_rework.rework(*args, by="owner").stages} == {"U1", "U2"}


def test_nothing_known_has_no_coverage_and_no_rate(world: World) -> None:
    found = of(world, {"ana": [(START, "MQL")]}, as_of=START - timedelta(days=1))
    assert flows.flow(found.tables, found.pact, found.as_of).coverage is None
    assert (
        balances.balance(found.tables, found.pact, found.as_of, balances.periods(found.pact, found.as_of)).coverage
        is None
    )
    walked = paths.paths(found.tables, found.pact, found.as_of)
    assert (walked.coverage, walked.total, walked.distinct) == (None, 0, 0)
    assert flow_rework.rework(found.tables, found.pact, found.as_of).stages == ()


def test_a_late_undated_change_is_not_there_before_the_changes_it_follows(world: World) -> None:
    steps = [(START, "Subscriber"), (START + timedelta(days=20), "MQL")]
    rows = [lead("ana", status="Customer", created_at=START)]
    world.sync(
        Rows(creation_logged=True, record=rows, field_change=moved("ana", *steps)), now=START + timedelta(days=90)
    )
    early = world.analyse(as_of=START + timedelta(days=10))
    assert [(m.from_stage, m.to_stage) for m in flows.flow(early.tables, early.pact, early.as_of).moves] == [
        (None, "subscriber")
    ]
    ended = balances.balance(early.tables, early.pact, early.as_of, balances.periods(early.pact, early.as_of))
    assert {one.stage: one.end for one in ended.stages if one.end} == {"subscriber": 1}


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda f, a: flows.flow(*a, start=date(2026, 2, 1), end=date(2026, 2, 1)), "funnel.bad_range"),
        (lambda f, a: flows.flow(*a, by="shoe_size"), "metrics.bad_dimension"),
        (lambda f, a: paths.paths(*a, unit="shoe"), "flow.bad_unit"),
        (lambda f, a: balances.periods(f.pact, f.as_of, every="day"), "trends.bad_every"),
        (lambda f, a: spans(f.pact, f.as_of, "week", date(1990, 1, 1), None), "trends.too_many"),
    ],
)
def test_what_cannot_be_asked_is_refused(world: World, call: Any, key: str) -> None:
    found = of(world, {"ana": [(START, "MQL")]})
    with pytest.raises(Misconfigured) as caught:
        call(found, (found.tables, found.pact, found.as_of))
    assert caught.value.key == key


STATUSES = ["Unknown", "Subscriber", "MQL", "Working", "Customer", "Renewal", "Re-Market", "Disqualified", "Limbo"]
STAGE = pact().status_map.lead
History = list[tuple[datetime, str]]


@st.composite
def worlds(draw: Any) -> dict[str, History]:
    people = {}
    for number in range(draw(st.integers(1, 12))):
        statuses = draw(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=8))
        gaps = draw(st.lists(st.integers(0, 9), min_size=len(statuses), max_size=len(statuses)))
        when, steps = START + timedelta(days=draw(st.integers(0, 20)), hours=draw(st.integers(0, 23))), []
        for gap, status in zip(gaps, statuses, strict=True):
            when += timedelta(days=gap)
            steps.append((when, status))
        people[f"r{number:02}"] = steps
    return people


def walked(steps: History) -> list[tuple[datetime, str]]:
    """The spells of a history: (entered, stage), equal neighbours once."""
    found: list[tuple[datetime, str]] = []
    for when, status in steps:
        stage = STAGE.get(status, "unmapped")
        if not found or found[-1][1] != stage:
            found.append((when, stage))
    return found


def there(spells: list[tuple[datetime, str]], moment: datetime) -> str | None:
    """The stage just before `moment`."""
    return next((stage for when, stage in reversed(spells) if when < moment), None)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=worlds(), every=st.sampled_from(["week", "month"]), backwards=st.booleans())
def test_any_histories_agree_with_counting_by_hand(
    people: Any, every: Any, backwards: bool, tmp_path_factory: Any
) -> None:
    """Moves, people, loops, balances and re-entries, whatever the order of the rows; groups add up."""
    world = World(tmp_path_factory.mktemp("flow"))
    order = reversed(people.items()) if backwards else iter(people.items())
    found = of(world, dict(order))
    spells = {who: walked(steps) for who, steps in people.items()}
    args = (found.tables, found.pact, found.as_of)

    places = {stage.key: place for place, stage in enumerate(found.pact.funnel)}
    moves: Counter[tuple[str | None, str]] = Counter()
    makers: dict[tuple[str | None, str], set[str]] = {}
    loops: Counter[tuple[str | None, str]] = Counter()
    for who, mine in spells.items():
        for n, (_, stage) in enumerate(mine):
            pair = (mine[n - 1][1] if n else None, stage)
            moves[pair] += 1
            makers.setdefault(pair, set()).add(who)
            back = pair[0] in places and stage in places and places[stage] < places[str(pair[0])]
            loops[pair] += back or stage in [one for _, one in mine[:n]]
    result = flows.flow(*args)
    assert {(m.from_stage, m.to_stage): m.moves for m in result.moves} == moves
    assert {(m.from_stage, m.to_stage): m.people for m in result.moves} == {p: len(w) for p, w in makers.items()}
    assert {(m.from_stage, m.to_stage): m.loops for m in result.moves if m.loops} == {
        p: n for p, n in loops.items() if n
    }
    assert int(flows.moves(*args).count().execute()) == moves.total()

    periods = balances.periods(found.pact, found.as_of, every=every, start=START.date() + timedelta(days=3))
    balance = balances.balance(*args, periods)
    for one in balance.stages:
        first, after = (datetime.combine(day, datetime.min.time()) for day in (one.period, one.until) if day)
        assert one.start + one.entered - one.left == one.end
        assert one.start == sum(there(mine, first) == one.stage for mine in spells.values())
        assert one.end == sum(there(mine, after) == one.stage for mine in spells.values())
        assert one.entered == sum(first <= w < after and s == one.stage for mine in spells.values() for w, s in mine)
    split = balances.balance(*args, periods, by="source")
    for name in balances.PARTS:
        sums: Counter[Any] = Counter()
        for one in split.stages:
            sums[one.stage, one.period] += getattr(one, name)
        whole = {(one.stage, one.period): getattr(one, name) for one in balance.stages}
        assert {key: n for key, n in sums.items() if n} == {key: n for key, n in whole.items() if n}

    rework = flow_rework.rework(*args)
    visits = {who: Counter(stage for _, stage in mine) for who, mine in spells.items()}
    for again in rework.stages:
        times = [seen[again.stage] for seen in visits.values() if seen[again.stage]]
        assert (again.entries, again.people) == (sum(times), len(times))
        assert (again.reentries, again.people_again) == (sum(times) - len(times), sum(n > 1 for n in times))
    assert rework.people == sum(max(seen.values()) > 1 for seen in visits.values())
    by_source = flow_rework.rework(*args, by="source")
    assert sum(one.entries for one in by_source.stages) == sum(one.entries for one in rework.stages)
    assert sum(m.moves for m in flows.flow(*args, by="source").moves) == moves.total()

    ways = Counter(tuple(stage for _, stage in mine) for mine in spells.values())
    every_path = paths.paths(*args, unit="person", top=1000)
    assert {one.stages: one.count for one in every_path.paths} == ways
    assert (every_path.distinct, every_path.total) == (len(ways), len(people))
    grouped = paths.paths(*args, by="source", top=1000)
    assert sum(one.count for one in grouped.paths) == paths.paths(*args).total


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=worlds())
def test_a_remap_found_in_the_journal_changes_no_count_of_moves(people: Any, tmp_path_factory: Any) -> None:
    """Relabelling where everybody stands counts the moves they made, and none of its own."""
    counts = []
    for remapped in (False, True):
        world = World(tmp_path_factory.mktemp("remap"))
        rows, changes = [], []
        for who, steps in people.items():
            # nobody but the relabelled stands in Renewal: no spell joins its neighbour by it
            past = [(when, "MQL" if status == "Renewal" else status) for when, status in steps]
            rows.append(lead(who, status="Renewal" if remapped else past[-1][1], created_at=past[0][0]))
            changes += moved(who, *past)
            if remapped:
                last = {**changes[-1], "from_value": past[-1][1], "to_value": "Renewal", "seq": 99, "evidence": "remap"}
                changes.append({**last, "at": START + timedelta(days=80)})
        world.sync(Rows(creation_logged=True, record=rows, field_change=changes), now=START + timedelta(days=90))
        found = world.analyse()
        result = flows.flow(found.tables, found.pact, found.as_of)
        counts.append((sum(m.moves for m in result.moves), result.unknown))
    assert counts[0] == counts[1]


MOVES = {
    ("selected", "created"): 6056, ("selected", "cancelled"): 974, ("created", "sent"): 7030,
    ("sent", "sent_back"): 3454, ("sent", "cancelled"): 2373, ("sent", "selected"): 778, ("sent", "accepted"): 130,
    ("sent", "declined"): 54, ("sent_back", "accepted"): 2113, ("sent_back", "declined"): 748,
    ("sent_back", "cancelled"): 308, ("sent_back", "selected"): 196, ("cancelled", "selected"): 1041,
    ("cancelled", "created"): 974,
}  # fmt: skip


def test_the_offers_give_the_reference_answers(world: World, shared_data: Path) -> None:
    load(world, shared_data / "bpic12_offers")
    offers = parse(OFFERS)
    last = datetime.fromisoformat("2012-03-14T14:50:59.683000")
    found = world.analyse(offers, as_of=last)
    args = (found.tables, offers, last)
    result = flows.flow(*args)
    assert {(m.from_stage, m.to_stage): m.moves for m in result.between} == MOVES
    assert [(m.to_stage, m.moves) for m in result.moves if m.kind == "entry"] == [("selected", 5015)]
    assert (result.coverage, result.unknown) == (1.0, 0)
    rework = flow_rework.rework(*args)
    assert (rework.reentries, rework.people) == (7240, 1438)
    again = {one.stage: one.reentries for one in rework.stages}
    assert [again[key] for key in ("sent", "sent_back", "cancelled", "accepted", "declined")] == [2015, 200, 995, 0, 0]
    ways = paths.paths(*args, unit="person")
    assert (ways.distinct, ways.total, ways.repeated) == (168, 5015, 1438)
    months = balances.periods(offers, last, every="month")
    ended = [one for one in balances.balance(*args, months).stages if one.until == date(2012, 4, 1)]
    assert {one.stage: one.end for one in ended if one.end} == {
        "accepted": 2243, "cancelled": 1640, "declined": 802, "sent": 241, "sent_back": 89,
    }  # fmt: skip
