"""The proposed value map on small companies: where each record should go, and what nobody can say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from leadpact import audit
from leadpact.audit.facts import Facts
from leadpact.audit.proposal import Proposal, present, propose
from leadpact.audit.valuemap import Row, ValueMap
from leadpact.audit.valuemap_check import problems
from leadpact.audit.valuemap_records import keeping
from leadpact.language import Language
from leadpact.workspace import Analysis
from tests.audit_cases import world
from tests.worlds import SMALL
from ui.findings_target import on_offer
from ui.findings_target_draft import choices

PICKLIST = {"lead": ["Unknown", "Subscriber", "MQL", "Working", "Customer", "Re-Market", "Disqualified"]}


def proposed(**case: Any) -> tuple[Analysis, Proposal]:
    analysis = world({"journeys": True, **case})
    made = propose(analysis, audit.run(analysis).findings)
    assert problems(made.map, Facts.of(analysis), analysis.pact) == []
    return analysis, made


def told(made: Proposal) -> dict[tuple[str | None, ...], str | None]:
    """Where each row leads, by object, value and condition."""
    return {(row.object, row.value, row.previous or row.standing): row.to for row in made.map.rows}


def picklist(*more: Any, **other: Any) -> dict[str, Any]:
    return {"lead": [*PICKLIST["lead"], *more], **other}


def mapped(**lead: str) -> dict[str, Any]:
    return {"status_map": {**SMALL["status_map"], "lead": {**SMALL["status_map"]["lead"], **lead}}}


BOUGHT = {"created_at": "2026-01-11", "closed_at": "2026-02-01", "is_won": True}
STEPS = {
    "ana": [["2026-02-01", "MQL"], ["2026-02-02", "Left voicemail"]],
    "berta": [["2026-02-01", "MQL"], ["2026-02-02", "No answer"], ["2026-02-03", "Left voicemail"]],
    "carla": [["2026-02-01", "Subscriber"], ["2026-02-02", "Left voicemail"]],
}


def test_an_action_goes_back_to_the_state_before_it() -> None:
    """Berta's state was MQL: "No answer" before it is an action as well."""
    case = {"leads": dict.fromkeys([*STEPS, "dora"], "Left voicemail"), "history": STEPS}
    _, made = proposed(**case, picklist=picklist("Left voicemail", "No answer"),
                       pact=mapped(**{"Left voicemail": "sal", "No answer": "sal"}))  # fmt: skip
    assert told(made) == {
        ("lead", "Left voicemail", "MQL"): "MQL",
        ("lead", "Left voicemail", "Subscriber"): "Subscriber",
        ("lead", "Left voicemail", None): "Working",
    }
    rows = {row.previous: row for row in made.map.rows}
    assert [rows[name].records for name in ("MQL", "Subscriber", None)] == [2, 1, 1]
    assert [rows[name].how for name in ("MQL", None)] == ["previous", "stage"]
    assert [rows[name].sure for name in ("MQL", None)] == ["high", "medium"]
    assert all(row.keep == "last_outcome" and "STA01" in row.codes for row in made.map.rows)


def test_the_state_before_that_is_in_trouble_itself_is_followed_to_its_target() -> None:
    steps = {"ana": [["2026-02-01", "mql "], ["2026-02-02", "Left voicemail"]]}
    _, made = proposed(leads={"ana": "Left voicemail", "b": "mql ", "c": "MQL", "d": "MQL"}, history=steps,
                       picklist=picklist("Left voicemail"), pact=mapped(**{"Left voicemail": "sal"}))  # fmt: skip
    assert told(made)[("lead", "Left voicemail", "mql ")] == "MQL"
    assert told(made)[("lead", "mql ", None)] == "MQL"


def test_what_nobody_can_say_is_left_to_people() -> None:
    _, made = proposed(leads={"ana": "zz_Old - do not use", "b": "MQL", "c": None, "d": "Trade show 2019"},
                       picklist=picklist("zz_Old - do not use", "Trade show 2019"))  # fmt: skip
    assert told(made) == {
        ("lead", None, None): None,
        ("lead", "Trade show 2019", None): None,
        ("lead", "zz_Old - do not use", None): None,
    }
    assert all(row.open and row.how == "none" and row.sure is None and row.keep is None for row in made.map.rows)


def test_a_stage_without_a_value_gets_a_new_one_that_is_to_be_created() -> None:
    _, made = proposed(leads={"ana": "No budget"}, picklist={"lead": ["MQL", "No budget"]},
                       pact=mapped(**{"No budget": "disqualified"}))  # fmt: skip
    (row,) = [row for row in made.map.rows if row.value == "No budget"]
    assert (row.to, row.stage, row.create, row.keep) == ("Disqualified", "disqualified", True, "reason")


def test_a_new_value_is_put_into_the_pact() -> None:
    unmapped = {**SMALL["status_map"], "lead": {"MQL": "mql", "No budget": "disqualified"}}
    analysis, made = proposed(leads={"ana": "No budget"}, picklist={"lead": ["MQL", "No budget"]},
                              pact={"status_map": unmapped})  # fmt: skip
    (one,) = made.map.additions(analysis.pact)
    assert (one.object, one.value, one.stage) == ("lead", "Disqualified", "disqualified")
    after = made.map.pact_after(analysis.pact)
    assert after.status_map.lead["Disqualified"] == "disqualified" and after.hash != analysis.pact.hash
    assert made.map.pact_after(after) is after


def test_a_value_the_pact_does_not_know_is_learned_or_left_to_people() -> None:
    analysis, made = proposed(
        leads={"a": "Accepted", "b": "Vetting", "c": "MQL"}, picklist=picklist("Accepted", "Vetting")
    )
    rows = {row.value: row for row in made.map.rows}
    assert (rows["Accepted"].leave, rows["Accepted"].stage) == (True, "sal")
    assert rows["Vetting"].open
    assert [one.value for one in made.map.additions(analysis.pact)] == ["Accepted"]


def test_a_blank_contact_follows_the_person_and_else_is_recycled() -> None:
    """Ana bought; Berta's deal is open and has no value of its own; Carla is known by nothing else."""
    sal = {"opportunity": {"created": "renewal", "won": "customer"}, "contact": {"MQL": "mql", "Customer": "customer"}}
    _, made = proposed(
        contacts={"ana": {"status": None}, "berta": {"status": None}, "carla": {"status": " "}, "dora": "MQL"},
        opportunities=[
            {
                "object": "contact",
                "record_id": "ana",
                "created_at": "2026-01-01",
                "closed_at": "2026-01-05",
                "is_won": True,
            },
            {"object": "contact", "record_id": "berta", "created_at": "2026-01-01"},
        ],
        picklist={"contact": ["MQL", "Customer"]},
        pact={"status_map": {**SMALL["status_map"], **sal, "opportunity": {"created": "sal", "won": "customer"}}},
    )
    assert told(made) == {
        ("contact", None, "customer"): "Customer",
        ("contact", None, "sal"): None,
        ("contact", None, None): "Re-Market",
    }
    rows = {row.standing: row for row in made.map.rows}
    assert rows[None].create and rows[None].records == 1 and not rows["customer"].create


def test_who_bought_and_stands_at_sql_becomes_a_customer() -> None:
    deals = [
        {"object": "contact", "record_id": "ana", "created_at": "2026-01-05", "closed_at": "2026-02-01", "is_won": True}
    ]
    _, made = proposed(contacts={"ana": "SQL", "berta": "SQL"}, opportunities=deals,
                       history={"ana": [["2026-01-10", "SQL"]], "berta": [["2026-01-10", "SQL"]]},
                       picklist={"contact": ["MQL", "SQL", "Customer"]})  # fmt: skip
    (row,) = made.map.rows
    assert (row.value, row.standing, row.to, row.records, row.codes) == ("SQL", "customer", "Customer", 1, ("CON03",))


def test_converted_leads_are_counted_apart_and_not_changed() -> None:
    leads: dict[str, Any] = {"ana": "Left voicemail"}
    leads["berta"] = {"status": "Left voicemail", "converted_at": "2026-02-05T10:00:00"}
    analysis, made = proposed(
        leads=leads, picklist=picklist("Left voicemail"), pact=mapped(**{"Left voicemail": "sal"})
    )
    (row,) = made.map.rows
    assert (row.records, row.frozen) == (1, 1)
    assert [one["record_id"] for one in changes(analysis, made.map)] == ["ana"]


def test_record_types_may_go_different_ways() -> None:
    """Left voicemail is of both types; each has a value of its own for the stage."""
    leads = {f"{kind}{n}": {"status": "Left voicemail", "record_type": kind} for kind in "AB" for n in range(3)}
    analysis = world({"journeys": True, "leads": leads, "picklist": picklist("Left voicemail"),
                      "pact": mapped(**{"Left voicemail": "sal"})})  # fmt: skip
    values = ValueMap.of([
        Row("lead", "Left voicemail", to="MQL", record_type="A"), Row("lead", "Left voicemail", to="Working"),
    ])  # fmt: skip
    assert {(one["record_id"][0], one["after"]) for one in changes(analysis, values)} == {
        ("A", "MQL"),
        ("B", "Working"),
    }
    assert [row.records for row in present(Facts.of(analysis), analysis.pact, values).rows] == [3, 3]


def test_a_record_type_is_led_only_to_what_it_is_offered() -> None:
    """ "Working" is on offer for B alone: A's records need a value of their own, which nobody has yet."""
    leads = {f"{kind}{n}": {"status": status, "record_type": kind} for kind in "AB"
             for n, status in enumerate(["MQL", "Left voicemail"])}  # fmt: skip
    offers = [("A", "MQL"), ("A", "Left voicemail"), ("B", "MQL"), ("B", "Working"), ("B", "Left voicemail")]
    _, made = proposed(leads=leads, picklist={"lead": [{"value": v, "record_type": kind} for kind, v in offers]},
                       pact=mapped(**{"Left voicemail": "sal"}))  # fmt: skip
    assert {row.record_type: (row.to, row.create, row.records) for row in made.map.rows} == {
        "A": ("SAL", True, 1), None: ("Working", False, 1),
    }  # fmt: skip


def test_a_clean_and_an_empty_company_have_nothing_to_map() -> None:
    assert proposed(leads={"a": "MQL", "b": "Unknown"}, picklist=PICKLIST)[1].map == ValueMap()
    assert proposed(leads={})[1].map == ValueMap()


def changes(analysis: Analysis, values: ValueMap) -> list[Mapping[str, Any]]:
    table = values.changes(Facts.of(analysis)).order_by("object", "record_id")
    assert list(table.columns) == ["object", "record_id", "field", "before", "after", "reason"]
    rows: list[Mapping[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def test_changes_name_record_before_after_and_reason() -> None:
    case = {"leads": {**dict.fromkeys(STEPS, "Left voicemail"), "dora": "MQL"}, "history": STEPS}
    analysis, made = proposed(**case, picklist=picklist("Left voicemail"), pact=mapped(**{"Left voicemail": "sal"}))
    found = changes(analysis, made.map)
    assert [(one["record_id"], one["before"], one["after"]) for one in found] == [
        ("ana", "Left voicemail", "MQL"), ("berta", "Left voicemail", "MQL"), ("carla", "Left voicemail", "Subscriber"),
    ]  # fmt: skip
    assert {one["field"] for one in found} == {"status"}
    assert {one["reason"] for one in found} == {f"STA01 @{analysis.pact.hash}"}
    kept = keeping(made.map, Facts.of(analysis)).to_pyarrow().to_pylist()
    assert [(one["keep"], one["value"]) for one in kept] == [("last_outcome", "Left voicemail")] * 3
    assert made.map.records == len(found)


@pytest.mark.parametrize(
    "row",
    [
        Row("lead", "Left voicemail"),
        Row("lead", "Left voicemail", leave=True),
        Row("lead", "Left voicemail", to="Left voicemail"),
        Row("lead", "Nobody has it", to="MQL"),
        Row("lead", "Left voicemail", to="MQL", record_type="B"),
        Row("lead", "Left voicemail", to="MQL", previous="Customer"),
        Row("lead", "Left voicemail", to="MQL", standing="customer"),
    ],
)
def test_what_is_not_decided_or_does_not_fit_changes_nothing(row: Row) -> None:
    analysis = world({"leads": dict.fromkeys(STEPS, "Left voicemail"), "history": STEPS, "journeys": True})
    assert changes(analysis, ValueMap.of([row])) == []


def test_the_most_particular_row_decides_even_where_it_is_open() -> None:
    analysis = world({"leads": dict.fromkeys(STEPS, "Left voicemail"), "history": STEPS, "journeys": True})
    values = ValueMap.of([Row("lead", "Left voicemail", to="Working"), Row("lead", "Left voicemail", previous="MQL")])
    assert [one["record_id"] for one in changes(analysis, values)] == ["carla"]


def test_a_blank_status_is_null_or_spaces_and_before_is_as_the_crm_holds_it() -> None:
    analysis = world({"contacts": {"a": {"status": None}, "b": {"status": "  "}, "c": "MQL"}, "journeys": True})
    found = changes(analysis, ValueMap.of([Row("contact", None, to="Customer")]))
    assert [(one["record_id"], one["before"]) for one in found] == [("a", None), ("b", "  ")]


def test_what_people_edited_stays_when_the_proposal_is_refreshed() -> None:
    split = Row("lead", "B", to="X", previous="Y")
    before = ValueMap.of(
        [Row("lead", "A", to="MQL"), Row("lead", "B", to="MQL"), Row("lead", "B", to="X", previous="Y")]
    )
    mine = ValueMap.of([Row("lead", "A", to="MQL"), Row("lead", "B", leave=True)]).edited_from(before)
    assert [(row.value, row.edited, row.how) for row in mine.rows] == [("A", False, None), ("B", True, "people")]
    fresh = ValueMap.of([
        Row("lead", "A", to="Working", codes=("STA01",)), Row("lead", "B", to="MQL", codes=("STA02",)),
        split, Row("lead", "C", to="MQL"),
    ])  # fmt: skip
    now = mine.refreshed(fresh)
    assert [(row.value, row.to, row.leave, row.edited) for row in now.rows] == [
        ("A", "Working", False, False), ("B", None, True, True), ("C", "MQL", False, False),
    ]  # fmt: skip
    assert now.rows[1].codes == ("STA02",)
    assert mine.refreshed(ValueMap()).rows == (mine.rows[1],)


def test_the_hash_is_of_what_is_decided() -> None:
    one = ValueMap.of([Row("lead", "A", to="MQL", records=1, codes=("STA01",)), Row("lead", "B")])
    same = ValueMap.of([Row("lead", "B", how="none"), Row("lead", "A", to="MQL", records=9)])
    other = ValueMap.of([Row("lead", "A", to="MQL", previous="X"), Row("lead", "B")])
    assert one.hash == same.hash != other.hash


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("lead", "Wrking", to="MQL"), "Working"),
        (Row("lead", "Working", to="Brand new"), "stage"),
        (Row("lead", "Working", to="Brand new", stage="sales"), "no stage"),
        (Row("lead", "Working", to="MQL", stage="sal"), "mql"),
        (Row("lead", "Working", to=" MQL", stage="mql"), "space"),
        (Row("lead", "Working", to="x" * 256, stage="mql"), "255"),
        (Row("lead", "Working", to="Gone"), "MQL"),
        (Row("lead", "Working", to="Converted", stage="mql"), "converting"),
        (Row("lead", "Working", to="MQL", standing="nowhere"), "no stage"),
        (Row("lead", "  ", to="MQL"), "blank"),
    ],
)
def test_a_row_that_does_not_fit_is_told_with_what_to_do(row: Row, said: str) -> None:
    values = [*PICKLIST["lead"], "Gone", {"value": "Converted", "is_converted": True}]
    analysis = world({"leads": {"a": "Working"}, "picklist": {"lead": values}, "pact": mapped(Gone="mql")})
    moving = ValueMap.of([row, Row("lead", "Gone", to="MQL")])
    (problem,) = problems(moving, Facts.of(analysis), analysis.pact)
    assert said in Language("en").error(problem)
    assert Language("es").error(problem) != Language("en").error(problem)


def test_what_is_to_be_cleared_away_is_offered_as_no_target() -> None:
    """An action, a mixture and an obsolete value; a map may name them all the same."""
    values = ["MQL", "Working", "Called, no answer", "MQL - left voicemail", "Working (do not use)"]
    analysis = world({"leads": {"ana": "MQL"}, "picklist": {"lead": values}})
    assert on_offer(analysis) == {"lead": ("MQL", "Working"), "contact": ()}
    kept = ValueMap.of([Row("lead", "MQL", to="Called, no answer", stage="mql")])
    assert problems(kept, Facts.of(analysis), analysis.pact) == []
    assert "Called, no answer" in choices(["MQL"], kept.rows, [])
