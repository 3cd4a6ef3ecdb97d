"""Reading Salesforce: what each thing in an org becomes.

Not here: the contract (tests/contract), deltas (test_salesforce_delta.py), what may not be read and signing in
(test_salesforce_access.py), faults on the way (test_salesforce_faults.py), writing.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from connectors.salesforce import cells
from connectors.salesforce.changes import chained
from tests.contract.suite import laid_over
from tests.salesforce import fixtures
from tests.salesforce.asked import CONTACTS, DAY, HOUR, STAMPS, changes, read, record
from tests.salesforce.company import Company
from tests.salesforce.fixtures import serving
from tests.salesforce.org import START
from tests.salesforce.schema import Pick
from tests.salesforce.server import Server

acme, salesforce = fixtures.acme, fixtures.salesforce


def test_a_conversion_has_the_moment_of_its_history_and_no_other(acme: Company, salesforce: Server) -> None:
    """`ConvertedDate` has no time of day, and stands in the mirror as a day where history is silent."""
    found = read(salesforce)
    row = record(found, acme.converted)
    (moved,) = [one for one in acme.org.rows["LeadHistory"].values() if one["Field"] == "leadConverted"]
    assert row["converted_at"] == moved["CreatedDate"] != datetime.combine(moved["CreatedDate"], datetime.min.time())
    assert (row["converted_to"], row["condition"]) == (acme.converted_to, "inactive")
    del acme.org.rows["LeadHistory"][moved["Id"]]
    assert record(read(salesforce), acme.converted)["converted_at"] == datetime(2026, 1, 4)


def test_a_conversion_seen_by_a_delta_has_its_moment(acme: Company, salesforce: Server) -> None:
    base = read(salesforce)
    acme.org.clock.advance(90 * 60)
    contact = acme.org.convert(acme.leads[1])
    acme.org.clock.advance(60)
    delta = read(salesforce, base.mark)
    assert not delta.complete
    assert record(delta, acme.leads[1])["converted_at"] == START + timedelta(minutes=90)
    assert record(delta, acme.leads[1])["converted_to"] == contact


def test_merged_and_deleted_records_are_told_with_their_moment(acme: Company, salesforce: Server) -> None:
    found = read(salesforce)
    merged, deleted = record(found, acme.merged), record(found, acme.deleted)
    assert (merged["merged_into"], merged["condition"]) == (acme.merged_into, "inactive")
    assert (deleted["merged_into"], deleted["condition"]) == (None, "deleted")
    gone = acme.org.get("Lead", acme.deleted)["SystemModstamp"]
    assert [(c["to_value"], c["at"]) for c in changes(found, acme.deleted, "condition")] == [("deleted", gone)]
    assert [c["to_value"] for c in changes(found, acme.merged, "merged_into")] == [acme.merged_into]
    assert changes(found, acme.merged, "condition") == []
    assert {row["record_id"] for row in found.rows["record"] if row["condition"] == "deleted"} == {acme.deleted}


def test_an_undeleted_record_is_as_before(acme: Company, salesforce: Server) -> None:
    base = read(salesforce)
    acme.org.clock.advance(60)
    acme.org.update("Lead", acme.deleted, IsDeleted=False)
    over = laid_over(base, read(salesforce, base.mark))
    assert [row["condition"] for row in over["record"] if row["record_id"] == acme.deleted] == ["active"]
    assert [row for row in over["field_change"] if row["field"] == "condition"] == []


def test_changes_of_one_second_are_in_the_order_their_values_tell(acme: Company, salesforce: Server) -> None:
    """History has no order inside a second: here the rows lie in the wrong one."""
    org, lead = acme.org, acme.leads[2]
    org.clock.advance(60)
    at = org.clock()
    for before, after in (("MQL", "SQL"), ("Working", "MQL"), ("SQL", "Working")):
        org.insert("LeadHistory", LeadId=lead, Field="Status", OldValue=before, NewValue=after, DataType="Text")
    org.update("Lead", lead, Status="Working")
    org.clock.advance(60)
    ordered = [(c["from_value"], c["to_value"]) for c in changes(read(salesforce), lead) if c["at"] == at]
    # a circle has no beginning: it starts with the row Salesforce wrote first
    assert ordered == [("MQL", "SQL"), ("SQL", "Working"), ("Working", "MQL")]
    seqs = [c["seq"] for c in changes(read(salesforce), lead)]
    assert len(set(seqs)) == len(seqs)
    assert min(seqs) >= 1_000


@pytest.mark.parametrize(
    ("moves", "order"),
    [
        ([("B", "C"), ("A", "B")], [1, 0]),
        ([("A", "B"), ("B", "A"), ("A", "C")], [0, 1, 2]),
        ([(None, "A"), ("A", "B")], [0, 1]),
        ([("C", "D"), ("B", "C"), ("A", "B")], [2, 1, 0]),
        ([("A", "B"), ("X", "Y")], [0, 1]),  # nothing leads from one to the other: as they were written
    ],
)
def test_moves_follow_each_other(moves: list[tuple[str | None, str]], order: list[int]) -> None:
    assert chained(moves) == order


def test_a_second_that_two_pages_share_is_kept_in_order(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    org, lead = acme.org, acme.leads[2]
    org.clock.advance(60)
    for before, after in (("MQL", "SQL"), ("Working", "MQL")):
        org.insert("LeadHistory", LeadId=lead, Field="Status", OldValue=before, NewValue=after, DataType="Text")
    for rows in (1, 3):
        with serving(Server(org, bulk_rows=rows, bulk_polls=0), monkeypatch) as server:
            found = changes(read(server, bulk_over=0), lead)
            assert [c["to_value"] for c in found][-2:] == ["MQL", "SQL"], rows


def test_owners_change_by_id_once_each(acme: Company, salesforce: Server) -> None:
    """A change of owner leaves two rows in history: one with names, one with ids."""
    found = changes(read(salesforce), acme.leads[0], "owner_id")
    assert [(c["from_value"], c["to_value"], c["actor_id"]) for c in found] == [
        (acme.queue, acme.reps[0], acme.reps[1])
    ]


def test_values_retired_are_told_where_records_hold_them(acme: Company, salesforce: Server) -> None:
    acme.org.statuses(Pick("New", default=True), Pick("Working"), Pick("SQL"), Pick("Converted"))
    values = {(row["value"], row["record_type"]): row for row in read(salesforce).rows["status_value"]}
    assert values["MQL", None]["is_active"] is False  # held, and no longer offered
    assert values["Converted", "Business"]["is_converted"] is True
    assert values["New", "Business"]["is_default"] is True
    assert [values[name, "Business"]["position"] for name in ("New", "Working", "SQL", "Converted")] == [0, 1, 2, 3]
    assert not [key for key in values if key[1] == "Private"]  # a record type no longer in use


def test_without_record_types_a_value_is_told_once(acme: Company, salesforce: Server) -> None:
    acme.org.rows["RecordType"].clear()
    rows = read(salesforce, mapping=CONTACTS).rows["status_value"]
    assert all(row["record_type"] is None for row in rows)
    assert {row["value"]: row["is_active"] for row in rows if row["object"] == "lead"}["Left voicemail"] is False
    assert {row["value"] for row in rows if row["object"] == "contact"} == {"Prospect", "Customer", "Former customer"}


def test_date_stamps_tell_what_history_does_not(acme: Company, salesforce: Server) -> None:
    """MQL is a value the history tells of since it is kept; "Accepted" lives in a date field alone."""
    org, lead = acme.org, acme.leads[1]
    with org.at(START - 100 * DAY):
        old = org.insert("Lead", LastName="Old", Company="C", MQL_Date__c=date(2025, 12, 5))
        moved = org.insert("Lead", LastName="Moved here", Company="C", MQL_Date__c=date(2025, 1, 3))
    org.update("Lead", lead, SQL_Date__c=START - HOUR)
    found = read(salesforce, mapping=STAMPS)
    assert [(c["to_value"], c["at"]) for c in changes(found, lead)][-1] == ("Accepted", START - HOUR)
    assert [c["to_value"] for c in changes(found, lead)].count("MQL") == 1  # the history's own, to the second
    assert [(c["to_value"], c["at"]) for c in changes(found, old)] == [("MQL", datetime(2025, 12, 5))]
    # from another CRM: a change before the record's creation moves to it, and is listed
    assert [(c["to_value"], c["at"]) for c in changes(found, moved)] == [("MQL", START - 100 * DAY)]
    early = [one for one in found.rejects if one.problem == "salesforce.reject.before_creation"]
    assert [(one.source, one.column, one.raw, one.kept) for one in early] == [("Lead", "MQL_Date__c", moved, True)]


def test_a_date_stamp_taken_back_leaves_a_delta(acme: Company, salesforce: Server) -> None:
    org, lead = acme.org, acme.leads[1]
    org.update("Lead", lead, SQL_Date__c=START - HOUR)
    base = read(salesforce, mapping=STAMPS)
    org.clock.advance(3_600)
    org.update("Lead", lead, SQL_Date__c=None)
    over = laid_over(base, read(salesforce, base.mark, STAMPS))
    assert "Accepted" not in {row["to_value"] for row in over["field_change"]}


def test_days_are_those_of_the_connections_zone(acme: Company, salesforce: Server) -> None:
    task = acme.org.insert(
        "Task",
        WhoId=acme.leads[0],
        Status="Completed",
        IsClosed=True,
        ActivityDate=date(2026, 2, 10),
        Priority="Normal",
    )
    for zone, at in (("UTC", datetime(2026, 2, 10)), ("America/Mexico_City", datetime(2026, 2, 10, 6))):
        rows = read(salesforce, timezone=zone).rows["activity"]
        assert [row["at"] for row in rows if row["activity_id"] == task] == [at]


def test_touches_are_of_their_kind_and_subjects_stay_where_they_are(acme: Company, salesforce: Server) -> None:
    rows = {row["activity_id"]: row for row in read(salesforce).rows["activity"]}
    call, mail, event = rows[acme.tasks[0]], rows[acme.tasks[3]], rows[acme.event]
    assert (call["kind"], call["direction"], call["completed"], call["outcome"]) == (
        "call", "outbound", True, "No answer",
    )  # fmt: skip
    assert (mail["kind"], mail["completed"], mail["object"]) == ("email", False, "contact")
    assert (event["kind"], event["completed"], event["at"]) == (
        "meeting",
        True,
        START - timedelta(0) - (START - event["at"]),
    )
    assert acme.archived in rows  # a year and a half old
    assert acme.deleted_task not in rows
    assert {row["subject"] for row in rows.values()} == {None}
    mapping = "version: 1\ntables:\n- {source: Task, to: activities, fields: {subject: Subject}}\n"
    told = {row["activity_id"]: row for row in read(salesforce, mapping=mapping).rows["activity"]}
    assert told[acme.tasks[0]]["subject"] == "Canary call 0"
    assert told[acme.event]["subject"] is None


def test_deals_reach_their_person_by_role_or_by_conversion(acme: Company, salesforce: Server) -> None:
    (deal,) = read(salesforce).rows["opportunity"]
    assert (deal["object"], deal["record_id"], deal["amount"]) == ("contact", acme.converted_to, 1200.5)
    (role,) = acme.org.rows["OpportunityContactRole"]
    base = read(salesforce)
    acme.org.clock.advance(60)
    acme.org.update("OpportunityContactRole", role, ContactId=acme.contacts[1])
    (moved,) = read(salesforce, base.mark).rows["opportunity"]
    assert moved["record_id"] == acme.contacts[1]
    acme.org.hide("OpportunityContactRole")
    (left,) = read(salesforce).rows["opportunity"]
    assert left["record_id"] == acme.converted_to


def test_ids_and_texts_come_as_they_are_by_either_way(acme: Company, salesforce: Server) -> None:
    """By the REST API and in bulk: quotes, line breaks, accents, and numbers spelt two ways."""
    org = acme.org
    digits = org.insert(
        "Lead", Id="00Q000000000007AAA", LastName="=1+1", Company="007", Phone="0034600000000", Country="NO",
        Budget__c=1e6, Newsletter__c=True,
    )  # fmt: skip
    small, large = read(salesforce, mapping=STAMPS), read(salesforce, mapping=STAMPS, bulk_over=0)
    assert salesforce.calls("/results") > 5
    key = lambda row: repr(sorted(row.items()))  # noqa: E731
    assert {name: sorted(map(key, rows)) for name, rows in small.rows.items()} == {
        name: sorted(map(key, rows)) for name, rows in large.rows.items()
    }
    row = record(large, digits)
    assert (row["phone"], row["company"], row["country"]) == ("0034600000000", "007", "NO")
    assert (row["f_budget"], row["f_newsletter"]) == ("1000000", "true")
    assert record(large, acme.leads[0])["f_notes"] == 'first line\nsecond, with "quotes"'


def test_ids_keep_their_order_whatever_their_letters() -> None:
    ids = ["0175e000000009zAAA", "0175e00000000A0AAA", "0175e00000000AAAAA", "0175e00000000AaAAA", "017ZZzzzzzzzzzzAAA"]
    numbers = cells.order_of(cells.pa.array(ids))
    assert list(numbers) == sorted(numbers)
    assert len(set(numbers)) == len(ids)
    assert 0 < numbers[-1] < 2**63 - 1_000
