"""Editing a mapping: always sound, and what is confirmed is exactly what was seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import Files
from leadpact.mapping import TARGETS, Entry, MappingDocument, SourceColumn, SourceTable, dumps, loads, propose
from ui import mapping_dates
from ui import mapping_draft as edit

TABLE = SourceTable(
    "Leads 2025",
    (
        SourceColumn("Id", "text", 9, 9),
        SourceColumn("Estado", "text", 9, 3, values=("Nuevo", "MQL")),
        SourceColumn("status", "text", 9, 3),
        SourceColumn("Fecha MQL", "time", 5, 5, date_forms=("dmy", "mdy")),
        SourceColumn("f_plan", "text", 9, 2, values=("a", "b")),
        SourceColumn("Sector económico", "text", 9, 2, values=("x", "y")),
    ),
    rows=9,
    sampled=9,
)
NOTES = SourceTable("notes", (SourceColumn("text", "text", 3, 3),), rows=3, sampled=3)
BROKEN = SourceTable("old", problem="files.problem.empty", params={"file": "old.csv"})


def entry(**parts: Any) -> Entry:
    return Entry.model_validate({"source": "Leads 2025", "to": "leads", "fields": {"record_id": "Id"}, **parts})


def points(document: MappingDocument) -> list[str]:
    return [point.key for point in edit.open_points(document, [TABLE])]


def test_what_is_read_without_being_said_is_spelled_out() -> None:
    shown = edit.spelled(MappingDocument(tables=(entry(),)), [TABLE]).tables[0]
    assert shown.fields == {"record_id": "Id", "status": "status"}
    assert shown.custom == {"f_plan": "f_plan"}


def test_a_table_called_like_a_target_is_there_without_an_entry() -> None:
    table = SourceTable("Contacts", (SourceColumn("record_id", "text", 1, 1),), rows=1, sampled=1)
    shown = edit.spelled(MappingDocument(), [table])
    assert [(one.source, one.to, one.fields) for one in shown.tables] == [
        ("Contacts", "contacts", {"record_id": "record_id"})
    ]
    assert edit.spelled(MappingDocument(ignore=("contacts",)), [table]).tables == ()


def test_a_column_left_unused_is_switched_off_and_stays_so() -> None:
    document = MappingDocument(tables=(edit.use(edit.spelled(MappingDocument(tables=(entry(),)), [TABLE]).tables[0],
                                                "status", []),))  # fmt: skip
    kept = edit.finished(document, [TABLE, NOTES, BROKEN])
    assert kept.tables[0].fields["status"] is None
    assert kept.ignore == ("notes",)  # a table nobody could look at is not ignored: it may be mended
    again = edit.spelled(loads(dumps(kept)), [TABLE, NOTES, BROKEN])
    assert edit.uses_of(again.tables[0], "status") == []
    assert edit.finished(again, [TABLE, NOTES, BROKEN]) == kept


def test_an_entry_whose_file_cannot_be_read_today_is_kept_as_it_was_confirmed() -> None:
    confirmed = MappingDocument(
        tables=(Entry.model_validate({"source": "old", "to": "leads", "fields": {"record_id": "Id", "status": None}}),)
    )
    assert edit.finished(edit.spelled(confirmed, [BROKEN]), [BROKEN]) == confirmed
    assert edit.finished(edit.spelled(confirmed, []), []) == confirmed


def test_a_field_is_filled_by_one_column_the_last_that_took_it() -> None:
    one = edit.use(entry(), "Estado", ["field:status"])
    two = edit.use(one, "status", ["field:status"])
    assert two.fields["status"] == "status" and edit.uses_of(two, "Estado") == []


def test_one_column_may_fill_several() -> None:
    one = edit.use(entry(), "Fecha MQL", ["field:created_at", "status"])
    assert set(edit.uses_of(one, "Fecha MQL")) == {"field:created_at", "status"}
    assert one.status_dates[0].status == "Fecha MQL"
    assert edit.name_status(one, "Fecha MQL", " MQL ").status_dates[0].status == "MQL"
    assert edit.name_status(one, "Fecha MQL", "  ") == one


def test_taking_a_field_that_had_a_constant_removes_the_constant() -> None:
    one = edit.constants(entry(), ["country"])
    one = edit.constant(one, "country", "MX")
    assert edit.use(one, "Sector económico", ["field:country"]).constants == {}
    assert edit.constants(edit.use(entry(), "Estado", ["field:status"]), ["status"]).fields == {"record_id": "Id"}


def test_a_constant_nobody_filled_in_is_not_kept() -> None:
    document = MappingDocument(tables=(edit.constants(entry(), ["country"]),))
    assert edit.finished(document, [TABLE]).tables[0].constants == {}


@pytest.mark.parametrize(
    ("typed", "slug"),
    [("Sector económico", "f_sector_economico"), ("f_plan", "f_plan_2"), ("Año 1", "f_ano_1"), ("!!", "f_field")],
)
def test_an_own_field_is_named_by_what_a_rule_can_name(typed: str, slug: str) -> None:
    one = edit.use(entry(custom={"f_plan": "f_plan"}), "Sector económico", ["custom"])
    assert edit.slug_of(edit.name_slug(one, "Sector económico", typed), "Sector económico") == slug


def test_dates_that_can_be_read_two_ways_must_be_answered() -> None:
    one = edit.use(entry(), "Fecha MQL", ["status"])
    assert points(MappingDocument(tables=(one,))) == ["setup.mapping.undecided"]
    answered = edit.date_form(one, "Fecha MQL", "dmy")
    assert points(MappingDocument(tables=(answered,))) == []
    unused = edit.use(answered, "Fecha MQL", [])
    assert unused.dates == {} and points(MappingDocument(tables=(unused,))) == []


def test_a_mapping_without_people_or_without_a_key_is_not_confirmed() -> None:
    deals = Entry.model_validate({"source": "Leads 2025", "to": "opportunities", "fields": {"opportunity_id": "Id"}})
    assert points(MappingDocument(tables=(deals,))) == ["setup.mapping.no_records"]
    assert points(MappingDocument(tables=(edit.use(entry(), "Id", []),))) == ["mapping.fault.required"]


def test_words_are_translated_and_back() -> None:
    one = edit.translate(edit.use(entry(), "Estado", ["field:status"]), "status", "Nuevo", "New")
    assert one.values == {"status": {"Nuevo": "New"}}
    assert edit.translate(one, "status", "nuevo", "").values == {}
    assert edit.use(one, "Estado", []).values == {}


def test_sent_elsewhere_the_columns_are_matched_anew() -> None:
    assert edit.retarget(entry(), "leads", TABLE) == entry()
    moved = edit.retarget(entry(custom={"f_plan": "f_plan"}), "activities", TABLE)
    assert moved.to == "activities" and moved.custom == {}


USES = st.lists(st.sampled_from([*(f"field:{name}" for name in TARGETS["leads"].names), "custom", "status"]),
                unique=True, max_size=4)  # fmt: skip
HEADERS = st.sampled_from([column.name for column in TABLE.columns])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(HEADERS, USES), max_size=8))
def test_any_row_of_edits_leaves_a_sound_document_that_says_what_was_seen(edits: list[tuple[str, list[str]]]) -> None:
    one = edit.spelled(MappingDocument(tables=(entry(),)), [TABLE]).tables[0]
    for header, uses in edits:
        one = edit.use(one, header, uses)
        assert set(edit.uses_of(one, header)) == set(uses)
    kept = loads(dumps(edit.finished(MappingDocument(tables=(one,)), [TABLE])))
    shown = edit.spelled(kept, [TABLE]).tables[0]
    for column in TABLE.columns:
        if column.name != "f_plan":  # the source's own f_ columns are always read
            assert set(edit.uses_of(shown, column.name)) == set(edit.uses_of(one, column.name))


def test_the_adapter_reads_what_was_confirmed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("record_id,status,Etapa,country\n1,Old,MQL,MX\n2,Old,SQL,ES\n")
    tables = Files({"path": str(tmp_path)}).describe()
    document = edit.spelled(propose(tables).document, tables)
    place = next(at for at, one in enumerate(document.tables) if one.to == "leads")
    document = edit.replaced(document, place, lambda one: edit.use(one, "Etapa", ["field:status"]))
    document = edit.replaced(document, place, lambda one: edit.use(one, "country", []))
    source = Files({"path": str(tmp_path)}, mapping=dumps(edit.finished(document, tables)))
    rows = [row for page in source.extract().pages if page.table == "record" for row in page.rows.to_pylist()]
    assert [(row["record_id"], row["status"], row["country"]) for row in rows] == [
        ("1", "MQL", None), ("2", "SQL", None)]  # fmt: skip


def test_what_a_date_would_mean_is_shown_under_both_orders() -> None:
    assert mapping_dates.readings("03/04/2025 10:30") == {"dmy": date(2025, 4, 3), "mdy": date(2025, 3, 4)}
    assert mapping_dates.readings("31-12-99") == {"dmy": date(1999, 12, 31)}
    assert mapping_dates.readings("2025-03-04") == {} and mapping_dates.readings("hello") == {}
    assert mapping_dates.telling(["05/05/2025", "13/01/2025", "02/01/2025"]) == "02/01/2025"
    assert mapping_dates.telling(["05/05/2025"]) == "05/05/2025"
    assert mapping_dates.telling([]) is None
