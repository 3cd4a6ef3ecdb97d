"""Trends: weeks and months of the pact's zone, empty ones, unfinished ones, and young cohorts."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadpact.cli import main
from leadpact.errors import Misconfigured
from leadpact.metrics import trends
from leadpact.metrics.funnel import Scope, conversion
from leadpact.metrics.trends import Period, Trends
from leadpact.metrics.trends_spans import Span, before, floor, spans, whole
from tests.rows import Rows, lead, moved
from tests.worlds import World, pact

MONDAY = datetime(2026, 1, 5)


def of(world: World, histories: dict[str, list[tuple[datetime, str]]], as_of: datetime, **more: Any) -> None:
    rows = [lead(who, status=s[-1][1], created_at=s[0][0]) for who, s in histories.items()]
    changes = [row for who, steps in histories.items() for row in moved(who, *steps)]
    world.sync(Rows(creation_logged=True, record=rows + more.pop("also", []), field_change=changes), now=as_of, **more)


def found(world: World, every: Any = "week", scope: Scope | None = None, **asked: Any) -> Trends:
    one = world.analyse(asked.pop("used", None), as_of=asked.pop("as_of", None))
    cut = spans(one.pact, one.as_of, every, asked.get("start"), asked.get("end"))
    return trends.trends(one.tables, one.pact, one.as_of, scope or Scope(), cut)


def by_start(result: Trends) -> dict[date, Period]:
    return {one.start: one for one in result.periods}


def stage(one: Period, key: str) -> trends.StageTrend:
    return next(each for each in one.stages if each.stage == key)


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def test_weeks_begin_on_monday_and_empty_ones_are_zeros(world: World) -> None:
    of(world, {"ana": [(day(6.99), "MQL")], "bob": [(day(7), "MQL")], "eve": [(day(21), "MQL")]}, day(22))
    result = found(world, start=MONDAY.date())
    assert [(one.start.isoformat(), one.started) for one in result.periods] == [
        ("2026-01-05", 1), ("2026-01-12", 1), ("2026-01-19", 0), ("2026-01-26", 1),
    ]  # fmt: skip
    assert [one.complete for one in result.periods] == [True, True, True, False]


def test_a_stage_counts_a_journey_once_and_a_new_journey_again(world: World) -> None:
    steps = [(day(0), "MQL"), (day(1), "Working"), (day(2), "MQL"), (day(3), "Re-Market"), (day(4), "MQL")]
    of(world, {"ana": steps}, day(20))
    first = found(world, start=MONDAY.date()).periods[0]
    assert (first.started, stage(first, "mql").entries, stage(first, "sal").entries, first.lost) == (2, 2, 1, 1)


def test_wins_and_losses_count_when_they_come(world: World) -> None:
    of(
        world,
        {"ana": [(day(0), "MQL"), (day(8), "Customer")], "bob": [(day(0), "MQL"), (day(15), "Disqualified")]},
        day(22),
    )
    result = found(world, start=MONDAY.date())
    assert [(one.started, one.won, one.lost) for one in result.periods] == [(2, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)]


def test_a_young_period_has_no_rate_and_not_a_low_one(world: World) -> None:
    histories = {f"old{n}": [(day(0), "MQL"), (day(1), "Customer")][: 1 + n % 2] for n in range(4)}
    histories |= {f"young{n}": [(day(28), "MQL")] for n in range(4)}
    of(world, histories, day(33))
    result = by_start(found(world, scope=Scope(window_days=14), start=MONDAY.date()))
    old, young = stage(result[date(2026, 1, 5)], "customer"), stage(result[date(2026, 2, 2)], "customer")
    assert (old.mature_entered, old.mature_converted, old.mature_rate, old.mature) == (4, 2, 0.5, True)
    assert old.ci_low is not None and old.ci_low < 0.5
    assert (young.mature_entered, young.mature_rate, young.ci_low, young.mature) == (0, None, None, False)
    assert old.small


def test_a_period_partly_old_enough_divides_by_those_only(world: World) -> None:
    histories = {"first": [(day(0), "MQL"), (day(1), "Customer")], "late": [(day(6), "MQL")]}
    of(world, histories, day(14))
    one = stage(found(world, scope=Scope(window_days=10), start=MONDAY.date()).periods[0], "customer")
    assert (one.mature_entered, one.mature_converted, one.mature_rate, one.mature) == (1, 1, 1.0, False)


def test_without_a_window_young_journeys_are_still_not_judged(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL")]}, day(14))
    result = found(world, start=MONDAY.date())
    assert result.window_days == 90 and stage(result.periods[0], "customer").mature_rate is None


def test_periods_are_of_the_pacts_zone(world: World) -> None:
    mexico = pact(timezone="America/Mexico_City")
    late = {"ana": [(datetime(2026, 2, 1, 5, 59, 59), "MQL")], "bob": [(datetime(2026, 2, 1, 6), "MQL")]}
    of(world, late, datetime(2026, 3, 15), used=mexico)
    result = by_start(found(world, "month", used=mexico, start=date(2026, 1, 1)))
    assert [result[date(2026, month, 1)].started for month in (1, 2, 3)] == [1, 1, 0]


def test_a_week_across_the_change_of_clocks_is_seven_local_days(world: World) -> None:
    madrid = pact(timezone="Europe/Madrid")  # 29 March 2026: 02:00 becomes 03:00
    edges = {
        "first": [(datetime(2026, 3, 22, 23), "MQL")],  # Monday 00:00 at +1
        "last": [(datetime(2026, 3, 29, 21, 59, 59), "MQL")],  # Sunday 23:59:59 at +2
        "next": [(datetime(2026, 3, 29, 22), "MQL")],
    }
    of(world, edges, datetime(2026, 4, 10), used=madrid)
    result = by_start(found(world, used=madrid, start=date(2026, 3, 23)))
    assert [result[date(2026, 3, number)].started for number in (23, 30)] == [2, 1]


def test_what_proved_no_lead_is_out_and_counted_and_the_undated_too(world: World) -> None:
    undated = [lead("old", status="MQL")]
    of(world, {"spam": [(day(0), "MQL"), (day(1), "Spam")], "ana": [(day(0), "MQL")]}, day(20), also=undated)
    result = found(world, start=MONDAY.date())
    assert (result.periods[0].started, result.invalid, result.unknown) == (1, 1, 1)
    assert result.coverage == pytest.approx(2 / 3)


def test_nobody_at_all_has_zeros_and_no_rate(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL")]}, day(20))
    result = found(world, as_of=day(-20))
    assert {one.started for one in result.periods} == {0} and len(result.periods) == 13
    assert (result.coverage, result.latest) == (None, None)


def test_nothing_after_the_moment_counts(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(9), "Customer")]}, day(30))
    result = by_start(found(world, as_of=day(8)))
    assert result[date(2026, 1, 12)].won == 0 and not result[date(2026, 1, 12)].complete
    assert date(2026, 1, 19) not in result


def test_spans_are_cut_by_the_range_and_say_so() -> None:
    used, as_of = pact(), datetime(2026, 3, 15, 12)
    cut = spans(used, as_of, "month", date(2026, 1, 15), date(2026, 3, 1))
    assert cut == (Span(date(2026, 1, 15), date(2026, 2, 1), False), Span(date(2026, 2, 1), date(2026, 3, 1), True))
    assert before(cut, "month") == (
        Span(date(2025, 11, 1), date(2025, 12, 1)),
        Span(date(2025, 12, 1), date(2026, 1, 1)),
    )
    usual = spans(used, as_of, "week", None, None)
    assert (len(usual), usual[-1]) == (13, Span(date(2026, 3, 9), date(2026, 3, 16), False))
    assert before((), "week") == () and spans(used, as_of, "week", date(2027, 1, 1), None) == ()
    assert whole(used, as_of, None, date(2026, 3, 15)).complete and not whole(used, as_of, None, None).complete
    with pytest.raises(Misconfigured):
        whole(used, as_of, date(2026, 1, 2), date(2026, 1, 2))


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from(["week", "month"]))
def test_a_day_is_in_the_period_it_is_floored_to(given_day: date, every: Any) -> None:
    first = floor(given_day, every)
    cut = spans(pact(), datetime(2061, 1, 1), every, given_day, given_day + timedelta(days=1))
    assert len(cut) == 1 and first <= given_day and (cut[0].start, cut[0].end) == (given_day, given_day + timedelta(1))
    assert first.weekday() == 0 if every == "week" else first.day == 1


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_periods_add_up_to_the_funnel_of_the_whole(data: Any, tmp_path_factory: Any) -> None:
    """All weeks together: the journeys, and the mature conversions, of one funnel over the range."""
    world = World(tmp_path_factory.mktemp("trends"))
    histories = {}
    for number in range(data.draw(st.integers(1, 15))):
        statuses = data.draw(
            st.lists(st.sampled_from(["Subscriber", "MQL", "Working", "Customer", "Spam"]), min_size=1, max_size=5)
        )
        start = data.draw(st.integers(0, 40))
        histories[f"r{number:02}"] = [(day(start + 3 * k), status) for k, status in enumerate(statuses)]
    of(world, histories, day(60))
    one = world.analyse()
    result = found(world, scope=Scope(window_days=10), start=MONDAY.date())
    funnel = conversion(one.tables, one.pact, one.as_of, Scope(window_days=10))
    assert sum(period.started for period in result.periods) == funnel.steps[0].entered
    assert result.invalid == funnel.invalid
    for step in funnel.steps:
        cells = [stage(period, step.stage) for period in result.periods]
        assert sum(cell.mature_converted for cell in cells) == step.mature_converted
        assert sum(cell.mature_entered for cell in cells) == funnel.steps[0].mature_entered
        assert all(cell.mature_converted <= cell.mature_entered for cell in cells)


LEADS = "record_id,created_at,status,source\nana,2026-01-05,Working,web\nbob,2026-01-06,MQL,event\n"
CHANGES = """record_id,from_status,to_status,at
ana,,MQL,2026-01-05T10:00:00
ana,MQL,Working,2026-01-06T10:00:00
bob,,MQL,2026-01-06T10:00:00
"""
PACT = """
name: Acme
timezone: UTC
stages:
  - {key: mql, label: MQL, kind: qualified}
  - {key: sal, label: SAL, kind: sales}
  - {key: won, label: Won, kind: won}
status_map: {lead: {MQL: mql, Working: sal}}
flow: [[mql, won]]
"""


@pytest.fixture
def acme(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command on a synced export; gives its code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LEADPACT_HOME", raising=False)
    export = tmp_path / "export"
    export.mkdir()
    (export / "leads.csv").write_text(LEADS, encoding="utf-8")
    (export / "status_changes.csv").write_text(CHANGES, encoding="utf-8")
    (tmp_path / "secrets.toml").write_text(f'[connections.acme]\ntype = "files"\npath = "{export}"\n', encoding="utf-8")
    (tmp_path / "pact.yaml").write_text(PACT, encoding="utf-8")

    def call(*words: str) -> tuple[int, str]:
        home = ["--home", str(tmp_path / "home"), "--secrets", str(tmp_path / "secrets.toml")]
        code = main([*words, *home])
        return code, capsys.readouterr().out

    assert call("sync", "acme")[0] == 0
    return call


ASKED = ("--pact", "pact.yaml", "--as-of", "2026-02-03T12:00:00")


def test_flow_on_the_command_line(acme: Any) -> None:
    code, out = acme("flow", *ASKED, "--json", "--explain", "moves.csv")
    document = json.loads(out)
    assert code == 0 and list(document)[:2] == ["pact", "as_of"]
    assert (document["coverage"], document["unknown"], document["distinct_paths"]) == (1.0, 0, 2)
    assert [(m["from"], m["to"], m["moves"], m["people"], m["agreed"]) for m in document["moves"]] == [
        (None, "mql", 2, 2, None), ("mql", "sal", 1, 1, False),
    ]  # fmt: skip
    assert [(b["stage"], b["start"], b["entered"], b["left"], b["end"]) for b in document["stages"]] == [
        ("mql", 0, 2, 1, 1), ("sal", 0, 1, 0, 1), ("won", 0, 0, 0, 0),
    ]  # fmt: skip
    assert [(p["path"], p["count"], p["share"], p["ends"]) for p in document["paths"]] == [
        (["mql"], 1, 0.5, {"open": 1}), (["mql", "sal"], 1, 0.5, {"open": 1}),
    ]  # fmt: skip
    rows = list(csv.DictReader(Path("moves.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert sorted((row["record_id"], row["to_stage"], row["part"]) for row in rows) == [
        ("ana", "mql", "counted"), ("ana", "sal", "counted"), ("bob", "mql", "counted"),
    ]  # fmt: skip


def test_flow_takes_a_range_a_group_and_a_condition(acme: Any) -> None:
    days = ("--from", "2026-01-06", "--to", "2026-01-07", "--every", "week", "--by", "source")
    document = json.loads(acme("flow", *ASKED, "--json", *days)[1])
    assert {(m["group"], m["from"], m["to"]) for m in document["moves"]} == {
        ("event", None, "mql"),
        ("web", "mql", "sal"),
    }
    mine = [b for b in document["stages"] if (b["group"], b["stage"]) == ("web", "mql")]
    assert [(b["period"], b["until"], b["complete"], b["start"], b["left"], b["end"]) for b in mine] == [
        ("2026-01-06", "2026-01-07", False, 1, 1, 0)
    ]
    one = json.loads(acme("flow", *ASKED, "--json", "--where", "source=event", "--paths", "person", "--top", "1")[1])
    assert (one["paths_of"], one["paths_total"], len(one["moves"])) == ("person", 1, 1)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_flow_and_trends_speak_to_people(acme: Any, lang: str) -> None:
    out = acme("flow", *ASKED, "--lang", lang, "--every", "month")[1]
    assert ("Balance: at the start" if lang == "en" else "Saldo: al inicio") in out and "MQL → SAL" in out
    out = acme("trends", *ASKED, "--lang", lang)[1]
    assert ("too young" if lang == "en" else "demasiado pronto") in out


def test_trends_on_the_command_line(acme: Any) -> None:
    code, out = acme("trends", *ASKED, "--json", "--every", "week", "--from", "2026-01-05", "--window", "14",
                     "--explain", "events.csv")  # fmt: skip
    document = json.loads(out)
    assert code == 0 and (document["every"], document["window_days"], document["coverage"]) == ("week", 14, 1.0)
    assert [(p["start"], p["until"], p["complete"], p["started"]) for p in document["periods"]] == [
        ("2026-01-05", "2026-01-12", True, 2), ("2026-01-12", "2026-01-19", True, 0),
        ("2026-01-19", "2026-01-26", True, 0), ("2026-01-26", "2026-02-02", True, 0),
        ("2026-02-02", "2026-02-09", False, 0),
    ]  # fmt: skip
    cells = {one["stage"]: one for one in document["periods"][0]["stages"]}
    assert (cells["sal"]["entries"], cells["sal"]["mature_converted"], cells["sal"]["mature_rate"]) == (1, 1, 0.5)
    assert len(document["before"]) == 5
    rows = list(csv.DictReader(Path("events.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert sorted((row["record_id"], row["what"], row["stage"]) for row in rows) == [
        ("ana", "entered", "mql"), ("ana", "entered", "sal"), ("ana", "started", ""),
        ("bob", "entered", "mql"), ("bob", "started", ""),
    ]  # fmt: skip


def test_a_bad_range_is_refused_with_its_remedy(acme: Any) -> None:
    assert acme("flow", *ASKED, "--from", "2026-02-01", "--to", "2026-02-01")[0] == 2
    assert acme("trends", *ASKED, "--from", "1990-01-01", "--every", "week")[0] == 2
