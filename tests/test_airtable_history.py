"""What Airtable tells of the past, what is noticed, what is deleted, and reading only what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.airtable import Field
from tests.airtable.company import CREATED
from tests.airtable.fields import stamp
from tests.airtable.house import HOUR, NOW, Crm, House, one, rows


@pytest.fixture
def crm() -> Iterator[Crm]:
    made = Crm()
    yield made
    made.server.close()


@pytest.fixture
def house(crm: Crm, tmp_path: Path) -> House:
    return House(crm, tmp_path)


def test_without_dates_changes_are_noticed_from_one_sync_to_the_next(crm: Crm, house: House) -> None:
    crm.leads_only()
    first, second, *_ = crm.leads.records
    assert not crm.connect().can.history
    house.sync(NOW)
    crm.leads.set(first, {"Status": "MQL"}, NOW + HOUR)
    house.sync(NOW + 2 * HOUR)
    assert house.moves(first) == [(None, "New", None, "imputed"), ("New", "MQL", NOW + 2 * HOUR, "observed")]
    assert house.moves(second) == [(None, "New", None, "imputed")]


def test_last_modified_dates_the_change_it_watches(tmp_path: Path) -> None:
    crm = Crm(watched=True)
    try:
        house = House(crm, tmp_path)
        crm.leads_only(status_since="Status changed")
        old, quiet, *_ = crm.leads.records
        crm.leads.set(old, {"Status": "MQL"}, NOW - 30 * HOUR)
        imported = crm.company.join(crm.leads, 50, Status="MQL", Alta=stamp(CREATED - 900 * HOUR)).id
        assert crm.connect().can.history
        house.sync(NOW)
        # what came before is not known; who never moved has had the status from creation on
        assert house.moves(old) == [(None, None, None, "imputed"), (None, "MQL", NOW - 30 * HOUR, "history")]
        assert house.moves(quiet) == [(None, "New", CREATED, "created")]
        assert house.moves(imported) == [(None, "MQL", None, "imputed")]
        crm.leads.set(old, {"Status": "Working"}, NOW + HOUR)
        crm.leads.set(quiet, {"Name": "Otra cosa"}, NOW + HOUR)
        house.sync(NOW + 5 * HOUR)
        assert [(to, at) for _, to, at, _ in house.moves(old)] == [
            (None, None), ("MQL", NOW - 30 * HOUR), ("Working", NOW + HOUR)]  # fmt: skip
        assert house.moves(quiet) == [(None, "New", CREATED, "created")]
    finally:
        crm.server.close()


def test_a_journey_that_may_have_begun_before_is_not_dated_by_its_last_change(tmp_path: Path) -> None:
    """The spell's start is known, the journey's is not: it would stand in the wrong cohort."""
    crm = Crm(watched=True)
    try:
        crm.leads_only(status_since="Status changed")
        old, quiet, *_ = crm.leads.records
        crm.leads.set(old, {"Status": "MQL"}, NOW - 30 * HOUR)
        crm.clock.set(NOW)
        home = House(crm, tmp_path).workspace
        home.sync(crm.connect(), "base", now=NOW)
        tables = home.analyse("base").tables
        spell = tables.spell.filter(tables.spell.record_id == old, tables.spell.stage == "mql").execute()
        assert list(spell.entered_at) == [NOW - 30 * HOUR]
        journey = tables.journey.execute().set_index("record_id")
        assert (bool(journey.imputed[old]), bool(journey.imputed[quiet])) == (True, False)
        assert journey.entered_at.isna()[old] and journey.entered_at[quiet] == CREATED
    finally:
        crm.server.close()


def test_date_columns_are_history(crm: Crm, house: House) -> None:
    dates = [{"column": "Alta", "status": "New"}, {"column": "Fecha MQL", "status": "MQL"}]
    crm.leads_only(status_dates=dates)
    first = one(crm).id
    crm.leads.set(first, {"Status": "MQL", "Fecha MQL": stamp(CREATED + HOUR)})
    house.sync(NOW)
    assert [(to, at) for _, to, at, _ in house.moves(first)] == [("New", CREATED), ("MQL", CREATED + HOUR)]


def test_imported_rows_are_younger_than_their_leads(crm: Crm) -> None:
    """Airtable's own creation is the import: a date before it is no mistake."""
    entry = {"source": "Leads", "to": "leads", "fields": {"status": "Status"}}
    crm.map({**entry, "status_dates": [{"column": "Fecha MQL", "status": "MQL"}]})
    crm.leads.set(one(crm).id, {"Fecha MQL": stamp(CREATED - 100 * HOUR)})
    found = crm.read()
    assert [row["at"] for row in found["field_change"]] == [CREATED - 100 * HOUR]
    assert found["record"][0]["created_at"] == CREATED - 100 * HOUR and found["rejects"] == []
    # a field that says when it was created is believed, and the contradiction listed
    crm.leads_only(status_dates=[{"column": "Fecha MQL", "status": "MQL"}])
    found = crm.read()
    assert [row["at"] for row in found["field_change"]] == [CREATED]
    assert [reject["problem"] for reject in found["rejects"]] == ["airtable.reject.before_creation"]


# deletions, and reading what changed


def test_a_deleted_record_is_noticed_and_keeps_its_key_and_history(crm: Crm, house: House) -> None:
    dates = [{"column": "Alta", "status": "New"}]
    activities = {"source": "Activities", "to": "activities", "fields": {"record_id": "Lead", "kind": "Kind"}}
    leads = {"source": "Leads", "to": "leads", "fields": {"name": "Name", "status": "Status", "created_at": "Alta"}}
    crm.map({**leads, "status_dates": dates}, activities)
    gone, *rest = crm.leads.records
    house.sync(NOW)
    crm.leads.remove(gone)
    house.sync(NOW + HOUR)
    query = "SELECT condition, name, status FROM record WHERE record_id = ?"
    assert house.ask(query, gone) == [("deleted", None, "New")]
    assert house.moves(gone) == [(None, "New", CREATED, "history")]
    assert house.ask("SELECT count(*) FROM activity WHERE record_id = ?", gone) == [(1,)]
    noticed = "SELECT \"at\", evidence FROM field_change WHERE record_id = ? AND field = 'condition'"
    assert house.ask(noticed, gone) == [(NOW + HOUR, "observed")]
    house.sync(NOW + 2 * HOUR)  # it stays so, noticed once
    assert house.ask(query, gone) == [("deleted", None, "New")]
    assert house.ask(noticed, gone) == [(NOW + HOUR, "observed")]
    assert house.ask("SELECT count(*) FROM record WHERE condition = 'active'") == [(len(rest),)]


def test_a_record_out_of_another_mappings_sight_is_not_called_deleted(crm: Crm, house: House) -> None:
    crm.leads_only()
    house.sync(NOW)
    first = one(crm).id
    crm.leads.set(first, {"Status": "MQL"}, NOW)
    crm.leads_only(where={"Status": ["MQL"]})
    house.sync(NOW + HOUR)
    assert house.ask("SELECT record_id, condition FROM record") == [(first, "active")]


def test_what_changed_is_read_by_airtables_clock_and_all_of_it_after_the_hours_set(crm: Crm, house: House) -> None:
    """Our clock is three days fast: it must not matter."""
    crm.leads_only()
    first, gone, *_ = crm.leads.records

    def sync_after(hours: int) -> str:
        at = NOW + hours * HOUR
        return house.sync(at, ours=at + timedelta(days=3), full_every_hours=6)

    assert sync_after(0) == "full"
    crm.leads.set(first, {"Status": "MQL"}, NOW + HOUR)
    crm.leads.remove(gone, NOW + HOUR)
    before = crm.server.seen[-1:]
    assert sync_after(2) == "delta"
    assert house.ask("SELECT status FROM record WHERE record_id = ?", first) == [("MQL",)]
    assert house.ask("SELECT condition FROM record WHERE record_id = ?", gone) == [("active",)]  # as the check says
    assert "LAST_MODIFIED_TIME" in crm.server.seen[-1][1] and before != crm.server.seen[-1:]
    assert sync_after(7) == "full"
    assert house.ask("SELECT condition FROM record WHERE record_id = ?", gone) == [("deleted",)]


def test_a_table_that_changes_without_being_modified_is_read_whole(crm: Crm) -> None:
    """A formula, a lookup, a linked name: Airtable dates none of their changes."""
    score = {"now": 1}
    crm.leads.add_field(Field("Score", "formula", result="number", compute=lambda *_: score["now"]))
    crm.leads_only(custom={"f_score": "Score"})
    adapter = crm.connect(full_every_hours=24)
    first = adapter.extract()
    rows(first)
    score["now"] = 2
    crm.clock.sleep(3600)
    again = crm.connect(full_every_hours=24).extract(first.mark())
    assert {row["f_score"] for row in rows(again)["record"]} == {"2"}


def test_a_changed_option_or_mapping_is_read_from_the_beginning(crm: Crm) -> None:
    crm.leads_only()
    mark = crm.connect(full_every_hours=24).extract()
    rows(mark)
    assert not crm.connect(full_every_hours=24).extract(mark.mark()).complete
    crm.leads.field("Status").options["choices"].append({"id": "selNew00000000001", "name": "Nuevo"})  # type: ignore[index]
    extract = crm.connect(full_every_hours=24).extract(mark.mark())
    assert extract.complete and "Nuevo" in {row["value"] for row in rows(extract)["status_value"]}


def test_a_record_that_leaves_the_filter_is_gone_and_not_deleted(crm: Crm, house: House) -> None:
    crm.leads_only(where={"Status": ["New", "MQL"]})
    house.sync(NOW)
    first, second, third, *rest = crm.leads.records
    crm.leads.set(first, {"Status": "Working"}, NOW + HOUR)
    crm.leads.remove(second, NOW + HOUR)
    crm.leads.set(third, {"Status": "MQL"}, NOW + HOUR)
    house.sync(NOW + 2 * HOUR)
    found = dict(house.ask("SELECT record_id, condition FROM record"))
    assert found == {second: "deleted", third: "active", **dict.fromkeys(rest, "active")}
    crm.leads.set(third, {"Status": "Working"}, NOW + 3 * HOUR)
    assert house.sync(NOW + 4 * HOUR, full_every_hours=24) == "delta"
    assert third not in dict(house.ask("SELECT record_id, condition FROM record"))


def test_a_webhook_tells_of_deletions_between_whole_readings(crm: Crm, house: House, tmp_path: Path) -> None:
    crm.leads_only()
    gone, back, *_ = crm.leads.records
    settings = {"webhooks": True, "full_every_hours": 24}
    house.sync(NOW, **settings)
    kept = crm.leads.records[back]
    crm.leads.remove(gone, NOW + HOUR)
    crm.leads.remove(back, NOW + HOUR)
    crm.leads.restore(kept, NOW + HOUR)
    assert house.sync(NOW + 2 * HOUR, **settings) == "delta"
    assert house.ask("SELECT condition, name FROM record WHERE record_id = ?", gone) == [("deleted", None)]
    assert house.ask("SELECT condition FROM record WHERE record_id = ?", back) == [("active",)]
    ends = "SELECT \"at\", evidence FROM field_change WHERE record_id = ? AND field = 'condition'"
    assert house.ask(ends, gone) == [(NOW + HOUR, "history")]
    assert house.sync(NOW + 30 * HOUR, **settings) == "full"  # by its absence, and noticed no second time
    assert house.ask("SELECT condition, name FROM record WHERE record_id = ?", gone) == [("deleted", None)]
    assert house.ask(ends, gone) == [(NOW + HOUR, "history")]
