"""The cases behind slow engines: whose hands a lead was in, and which journeys were lost at equal age."""

from __future__ import annotations

from datetime import date
from typing import Any

from leadpact.metrics import engines_rows
from tests.rows import Rows as Source
from tests.rows import lead
from tests.test_engines import AS_OF, day, of
from tests.worlds import World


def changed_hands(who: str, *steps: tuple[float, str, str]) -> list[dict[str, Any]]:
    return [
        {"object": "lead", "record_id": who, "field": "owner", "from_value": before, "to_value": after,
         "at": day(at), "seq": place, "evidence": "history"}
        for place, (at, before, after) in enumerate(steps)
    ]  # fmt: skip


def stints(world: World) -> list[tuple[str, float, bool]]:
    analysis = world.analyse()
    rows = engines_rows.times(analysis.tables, analysis.pact, analysis.as_of, "owner").execute()
    return sorted((row.group, row.days, bool(row.left)) for row in rows.itertuples() if row.stage == "mql")


def test_an_owner_answers_for_the_time_a_lead_was_with_them(world: World) -> None:
    """Sixty days with one, one with the other who moves it: nobody had it for sixty-one."""
    of(world, {"ana": [(day(0), "MQL"), (day(61), "Working")]}, changed_hands("ana", (60, "u1", "u2")))
    assert stints(world) == [("Ugo", 1, True), ("Uma", 60, False)]


def test_a_hand_over_at_the_very_move_belongs_to_what_comes_next(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(5), "Working")]}, changed_hands("ana", (5, "u1", "u2")))
    assert stints(world) == [("Uma", 5, True)]


def test_a_hand_over_at_entry_leaves_nothing_with_the_one_before(world: World) -> None:
    of(world, {"ana": [(day(0), "Subscriber"), (day(3), "MQL")]}, changed_hands("ana", (3, "u1", "u2")))
    assert stints(world) == [("Ugo", 97, False)]


def test_a_stay_of_no_time_is_in_one_pair_of_hands(world: World) -> None:
    of(world, {"ana": [(day(0), "Subscriber"), (day(3), "MQL"), (day(3), "Working")]},
       changed_hands("ana", (3, "u1", "u2"), (4, "u2", "u1")))  # fmt: skip
    assert stints(world) == [("Ugo", 0, True)]


def test_without_owner_history_the_owner_of_now_stands(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(5), "Working")]}, ana={"owner_id": "u1"})
    assert stints(world) == [("Uma", 5, True)]


def lost(world: World, by: str = "source", **options: Any) -> dict[tuple[str, str], tuple[str, bool]]:
    analysis = world.analyse()
    rows = engines_rows.losses(analysis.tables, analysis.pact, analysis.as_of, by, options.pop("window", 30), **options)
    return {(row.record_id, row.stage): (row.part, bool(row.lost)) for row in rows.execute().itertuples()}


def test_lost_is_no_further_stage_within_the_window(world: World) -> None:
    of(
        world,
        {
            "went": [(day(0), "MQL"), (day(30), "Working")],
            "late": [(day(0), "MQL"), (day(30.001), "Working")],
            "refused": [(day(0), "MQL"), (day(1), "Disqualified")],
            "stuck": [(day(0), "MQL")],
            "young": [(day(70.001), "MQL")],
            "just": [(day(70), "MQL")],
            "spam": [(day(0), "MQL"), (day(1), "Spam")],
            "back": [(day(0), "Working"), (day(1), "MQL")],
        },
    )
    found = {who: answer for (who, stage), answer in lost(world).items() if stage == "mql"}
    assert found == {
        "went": ("counted", False), "late": ("counted", True), "refused": ("counted", True), "stuck": ("counted", True),
        "young": ("immature", True), "just": ("counted", True), "spam": ("invalid", True),
    }  # fmt: skip


def test_a_journey_of_unknown_start_is_unknown(world: World) -> None:
    rows = [lead("ana", status="MQL", created_at=day(0))]
    world.sync(Source(creation_logged=True, record=rows, field_change=[]), now=AS_OF)
    assert lost(world) == {("ana", "mql"): ("unknown", True)}


def test_the_last_stage_of_the_funnel_loses_nobody(world: World) -> None:
    of(world, {"ana": [(day(0), "Customer")]})
    assert lost(world) == {}


def test_a_loss_is_of_the_owner_who_held_it_when_it_was_lost(world: World) -> None:
    of(world, {"ana": [(day(0), "MQL"), (day(5), "Disqualified")]},
       changed_hands("ana", (2, "u1", "u2"), (5, "u2", "u1")))  # fmt: skip
    analysis = world.analyse()
    rows = engines_rows.losses(analysis.tables, analysis.pact, analysis.as_of, "owner", 30).execute()
    assert list(rows["group"]) == ["Ugo"]


def test_days_of_a_range_are_those_of_entry_into_the_stage(world: World) -> None:
    of(world, {"ana": [(day(0), "Subscriber"), (day(31), "MQL")], "bob": [(day(30.5), "MQL")]})
    analysis = world.analyse()
    rows = engines_rows.times(
        analysis.tables, analysis.pact, analysis.as_of, "source", date(2026, 2, 1), date(2026, 3, 1)
    )
    assert [(row.record_id, row.stage) for row in rows.execute().itertuples()] == [("ana", "mql")]
    assert set(lost(world, start=date(2026, 2, 1))) == {("ana", "mql")}
