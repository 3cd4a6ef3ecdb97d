"""Reading Salesforce: what each thing in an org becomes, and that a delta is a full reading by other means.

Not here: the contract (tests/contract), faults on the way (test_salesforce_faults.py), writing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from connectors.salesforce import Salesforce, cells
from connectors.salesforce.changes import chained
from leadpact.errors import LeadPactError, Misconfigured, SourceRefused
from leadpact.language import LANGUAGES, Language
from leadpact.mapping import propose
from tests.contract.suite import Reading, Row, laid_over
from tests.salesforce import access, fixtures
from tests.salesforce.company import Company, company
from tests.salesforce.fixtures import serving
from tests.salesforce.org import START
from tests.salesforce.schema import Pick
from tests.salesforce.server import Server

acme, salesforce = fixtures.acme, fixtures.salesforce
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONTACTS = "version: 1\ntables:\n- {source: Contact, to: contacts, fields: {status: Contact_Status__c}}\n"
STAMPS = """
version: 1
tables:
- source: Lead
  to: leads
  custom: {f_budget: Budget__c, f_notes: Notes__c, f_newsletter: Newsletter__c}
  status_dates:
  - {column: MQL_Date__c, status: MQL}
  - {column: SQL_Date__c, status: Accepted}
- {source: Contact, to: contacts, fields: {status: Contact_Status__c}}
"""


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def monotonic(self) -> float:
        return sum(self.slept)


def connect(server: Server, mapping: str | None = None, **settings: Any) -> Salesforce:
    clock = Clock()
    given = server.settings if not {"username", "consumer_key"} & set(settings) else {}
    return Salesforce({**given, **settings}, mapping=mapping, sleep=clock.sleep, monotonic=clock.monotonic)


def read(server: Server, since: str | None = None, mapping: str | None = None, **settings: Any) -> Reading:
    return Reading.of(connect(server, mapping, **settings).extract(since))


def record(reading: Reading, key: str) -> Row:
    (found,) = [row for row in reading.rows["record"] if row["record_id"] == key]
    return found


def changes(reading: Reading, key: str, field: str = "status") -> list[Row]:
    rows = [row for row in reading.rows["field_change"] if row["record_id"] == key and row["field"] == field]
    return sorted(rows, key=lambda row: (row["at"], row["seq"]))


# -- what things become -------------------------------------------------------------------------


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
    for rows in (1, 2, 3, 7):
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


# -- what may not be read -------------------------------------------------------------------------


def test_a_field_that_may_not_be_read_is_named_and_the_rest_syncs(acme: Company, salesforce: Server) -> None:
    whole = read(salesforce)
    acme.org.hide("Lead", "Email")
    acme.org.hide("Campaign")
    acme.org.hide("ContactHistory")
    acme.org.hide("Event")
    found = read(salesforce, whole.mark, CONTACTS)
    assert found.complete  # the mirror would otherwise keep the addresses of before
    assert len(found.rows["record"]) == len(whole.rows["record"])
    assert {row["email"] for row in found.rows["record"] if row["object"] == "lead"} == {None}
    told = {(one.source, one.column, one.problem) for one in found.rejects}
    assert told == {
        ("Lead", "Email", "salesforce.field_unreadable"),
        ("Event", None, "salesforce.object_unreadable"),
        ("ContactHistory", None, "salesforce.history_unreadable"),
    }
    bad = {check.name: check for check in connect(salesforce, CONTACTS).check() if not check.ok}
    assert set(bad) == {"Lead.Email", "Event", "ContactHistory", "write"}
    for code in LANGUAGES:
        said = Language(code)(str(bad["Lead.Email"].remedy), **bad["Lead.Email"].params)
        assert "Lead.Email" in said


def test_an_object_without_history_is_told_apart(acme: Company, salesforce: Server) -> None:
    extract = connect(salesforce, CONTACTS).extract()
    assert (extract.untracked, extract.creation_logged) == (frozenset(), False)
    first = min(row["CreatedDate"] for row in acme.org.rows["ContactHistory"].values() if row["Field"] != "created")
    assert extract.history_since == first
    acme.org.hide("ContactHistory")
    extract = connect(salesforce, CONTACTS).extract()
    assert extract.untracked == frozenset({"contact"})
    acme.org.hide("LeadHistory")
    connector = connect(salesforce)
    extract = connector.extract()
    assert "field_change" not in extract.provided
    assert (extract.history_since, connector.can.history, connector.can.activities) == (None, False, True)
    assert not Reading.of(extract).rows.get("field_change")


def test_an_org_without_leads_and_contacts_is_refused(acme: Company, salesforce: Server) -> None:
    acme.org.hide("Lead")
    acme.org.hide("Contact")
    with pytest.raises(SourceRefused, match="no_records"):
        read(salesforce)
    (answer,) = connect(salesforce).check()
    assert not answer.ok


@pytest.mark.parametrize("change", ["dropped", "retyped", "mapped", "zone", "type renamed", "older than the bin"])
def test_what_reads_differently_is_read_anew(acme: Company, salesforce: Server, change: str) -> None:
    base = read(salesforce, mapping=STAMPS)
    acme.org.clock.advance(60)
    assert not read(salesforce, base.mark, STAMPS).complete
    mapping, settings = STAMPS, {}
    if change == "dropped":
        acme.org.drop("Lead", "Budget__c")
    elif change == "retyped":
        acme.org.retype("Lead", "MQL_Date__c", "string", str)
    elif change == "mapped":
        mapping = STAMPS.replace("Accepted", "SQL")
    elif change == "zone":
        settings = {"timezone": "Europe/Madrid"}
    elif change == "type renamed":
        acme.org.update("RecordType", acme.business, Name="Companies")
    else:
        acme.org.clock.advance(15 * 24 * 3_600)
    found = read(salesforce, base.mark, mapping, **settings)
    assert found.complete
    if change in ("dropped", "retyped"):
        column, why = {"dropped": ("Budget__c", "field_unreadable"), "retyped": ("MQL_Date__c", "field_type")}[change]
        assert (column, f"salesforce.{why}") in {(one.column, one.problem) for one in found.rejects}


def test_a_mark_of_another_org_means_everything(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Server(company().org), monkeypatch) as other:
        mark = read(other).mark
    with serving(Server(company(leads=7).org), monkeypatch) as server:
        assert read(server, mark.replace(mark.split("/")[1], "00D5e0000000099EAA")).complete


# -- gently ---------------------------------------------------------------------------------------


def test_the_share_of_the_days_calls_is_kept(acme: Company, salesforce: Server) -> None:
    calls = sum(page.calls for page in read(salesforce).pages)
    assert calls == salesforce.api_used == len(salesforce.requests)
    salesforce.api_used, salesforce.api_allowed = 0, 40
    with pytest.raises(SourceRefused, match="quota_share") as refused:
        read(salesforce)
    assert salesforce.api_used == 20
    assert refused.value.params == {"used": 20, "allowed": 40, "share": 50}
    salesforce.api_used = 0
    assert read(salesforce, quota_share=1.0).complete
    salesforce.api_used = 40
    with pytest.raises(SourceRefused, match="quota_used_up"):
        read(salesforce)


def test_a_small_delta_takes_few_calls(acme: Company, salesforce: Server) -> None:
    base = read(salesforce)
    acme.org.clock.advance(3_600)
    acme.org.update("Lead", acme.leads[0], Status="SQL")
    delta = read(salesforce, base.mark)
    assert sum(page.calls for page in delta.pages) <= 36
    assert salesforce.calls("/jobs/") == 0


def test_waiting_for_a_job_grows_and_is_given_up(acme: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(Server(acme.org, bulk_polls=6), monkeypatch) as server:
        connector = connect(server, bulk_over=0)
        first = next(page for page in connector.extract().pages if page.table == "record" and page.rows.num_rows)
        slept = connector.client.sleep.__self__.slept  # type: ignore[attr-defined]
        assert first.rows.num_rows
        assert slept[:3] == sorted(slept[:3])
        assert len(slept) >= 5
    with (
        serving(Server(acme.org, bulk_polls=10_000), monkeypatch) as server,
        pytest.raises(LeadPactError, match="job_slow"),
    ):
        read(server, bulk_over=0)


# -- signing in -----------------------------------------------------------------------------------


@pytest.fixture
def ways(tmp_path: Any) -> dict[str, dict[str, Any]]:
    key = str(access.Access.private_key_file(tmp_path))
    return {
        "client": {"consumer_key": access.CONSUMER_KEY, "consumer_secret": access.CONSUMER_SECRET},
        "jwt": {"consumer_key": access.CONSUMER_KEY, "username": access.USERNAME, "privatekey_file": key},
        "password": {
            "username": access.USERNAME, "password": access.PASSWORD, "security_token": access.SECURITY_TOKEN,
        },
    }  # fmt: skip


@pytest.mark.parametrize("sandbox", [False, True])
@pytest.mark.parametrize("way", ["client", "jwt", "password"])
def test_every_way_of_signing_in(
    ways: dict[str, dict[str, Any]], way: str, sandbox: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a session that ends in mid-reading is replaced, once."""
    with serving(Server(company(leads=1, sandbox=sandbox).org), monkeypatch) as server:
        domain = {
            "client": server.domain,
            "jwt": "test" if sandbox else "login",
            "password": "test" if sandbox else None,
        }
        connector = connect(server, **ways[way], domain=domain[way])
        pages = connector.extract().pages
        next(pages)
        server.access.expire()
        rows = sum(page.rows.num_rows for page in pages if page.table == "record")
        assert rows == len(server.org.rows["Lead"]) + len(server.org.rows["Contact"])
        assert server.access.logins == 2
        (first, *_) = connector.check()
        assert first.message == ("salesforce.check.sandbox" if sandbox else "salesforce.check.production")


def test_a_token_that_ended_is_an_answer_with_a_remedy(acme: Company, salesforce: Server) -> None:
    pages = connect(salesforce).extract().pages
    next(pages)
    salesforce.access.expire()
    with pytest.raises(SourceRefused, match="session_expired"):
        list(pages)


def test_wrong_credentials_are_said_without_them(ways: dict[str, dict[str, Any]], salesforce: Server) -> None:
    for name in ("consumer_secret", "password"):
        way = next(one for one in ways.values() if name in one)
        domain = salesforce.domain if name == "consumer_secret" else "login"
        connector = connect(salesforce, **{**way, name: "canary-wr0ng"}, domain=domain)
        (answer,) = connector.check()
        assert answer.message == "salesforce.sign_in_refused"
        assert "canary" not in repr(answer) + repr(connector.__dict__)


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"username": "u", "password": "p"}, {"consumer_key": "k", "consumer_secret": "s"},
        {"consumer_key": "k", "consumer_secret": "s", "domain": "test"},
        {"consumer_key": "k", "consumer_secret": "s", "domain": "evil.example/x?"},
        {"instance_url": "https://user@acme.my.salesforce.com", "session_id": "s"},
        {"instance_url": "acme.my.salesforce.com", "session_id": "s"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_said_at_once(wrong: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        Salesforce(wrong)


@pytest.mark.parametrize(
    "entry",
    [
        "{source: Account, to: leads}",
        "{source: Lead, to: contacts}",
        "{source: Lead, to: leads}\n- {source: lead, to: leads}",
    ],
)
def test_a_mapping_that_cannot_be_is_said_at_once(entry: str) -> None:
    with pytest.raises(Misconfigured):
        Salesforce(
            {"instance_url": "https://x.example", "session_id": "s"}, mapping=f"version: 1\ntables:\n- {entry}\n"
        )


def test_a_mapping_is_proposed_from_what_fields_are(salesforce: Server) -> None:
    entries = {entry.source: entry for entry in propose(connect(salesforce).describe()).document.tables}
    lead, contact = entries["Lead"], entries["Contact"]
    assert lead.fields["status"] == "Status"
    assert {each.column: each.status for each in lead.status_dates} == {"MQL_Date__c": "MQL", "SQL_Date__c": "SQL"}
    assert contact.fields["status"] == "Contact_Status__c"
    assert set(lead.custom.values()) >= {"Budget__c", "Industry", "Employees_Band__c", "Newsletter__c"}
    assert "Notes__c" not in lead.custom.values()


# -- a delta is a full reading by other means -----------------------------------------------------


def people(org: Any, name: str) -> list[str]:
    return [key for key, row in org.rows[name].items() if not row.get("IsDeleted") and not row.get("IsConverted")]


def deeds(random: Random, made: Company) -> Iterator[Callable[[], Any]]:
    """Things people do in a CRM, at random."""
    org = made.org

    def one(name: str) -> str:
        return random.choice(people(org, name))

    def lead(**values: Any) -> Callable[[], Any]:
        return lambda: org.update("Lead", one("Lead"), **values)

    def any_of(name: str, **values: Any) -> Callable[[], Any]:
        return lambda: org.update(name, one(name), **values)

    def member() -> None:
        key = one("Lead")
        org.insert(
            "CampaignMember", CampaignId=made.campaign, LeadId=key, LeadOrContactId=key, Status="Sent", Type="Lead"
        )

    deals = {"StageName": "Closed Lost", "IsClosed": True}
    every = [
        lambda: org.insert("Lead", LastName=f"N{random.random()}", Company="New", RecordTypeId=made.business),
        lead(Status="MQL", MQL_Date__c=date(2026, 3, 1)), lead(Status="SQL", SQL_Date__c=org.clock()),
        lead(Status="New"), lead(SQL_Date__c=None), lead(OwnerId=random.choice(made.reps)), lead(RecordTypeId=None), lead(Budget__c=12.5),
        lambda: org.convert(one("Lead"), opportunity=random.random() < 0.5),
        lambda: org.merge("Lead", *random.sample(people(org, "Lead"), 2)), lambda: org.delete("Lead", one("Lead")),
        lambda: org.update("Lead", made.deleted, IsDeleted=False), any_of("Contact", Contact_Status__c="Customer"),
        lambda: org.delete("Contact", made.contacts[1]), any_of("Account", Name=f"Renamed {random.random()}"),
        lambda: org.insert("Task", WhoId=one("Lead"), Status="Completed", IsClosed=True, Priority="Normal"),
        any_of("Task", WhoId=None), any_of("Task", Status="Completed", IsClosed=True, CompletedDateTime=org.clock()),
        lambda: org.delete("Task", one("Task")), member, any_of("CampaignMember", Status="Responded"),
        lambda: org.delete("CampaignMember", one("CampaignMember")), any_of("Campaign", Name=f"Fair {random.random()}"),
        any_of("Opportunity", **deals), any_of("Opportunity", Amount=7),
        lambda: org.delete("Opportunity", one("Opportunity")),
        any_of("OpportunityContactRole", IsPrimary=False), any_of("OpportunityContactRole", ContactId=made.contacts[1]),
        any_of("User", IsActive=False), lambda: org.insert("Group", Name="Another queue", Type="Queue"),
        lambda: org.statuses(Pick("New", default=True), Pick("Working"), Pick("SQL"), Pick("Converted")),
    ]  # fmt: skip
    while True:
        yield random.choice(every)


@pytest.mark.parametrize("seed", range(4))
def test_a_mirror_of_deltas_is_that_of_a_full_reading(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random, made = Random(seed), company(leads=5)  # noqa: S311 - a test's own chance
    doing = deeds(random, made)
    with serving(Server(made.org, page_rows=3), monkeypatch) as server:
        base = read(server, mapping=STAMPS)
        for _ in range(2):
            for _ in range(12):
                made.org.clock.advance(random.choice([0, 1, 600, 4_000]))
                try:
                    next(doing)()
                except IndexError:
                    continue  # there is none of them left
            delta = read(server, base.mark, STAMPS)
            assert not delta.complete
            over = laid_over(base, delta)
            whole = read(server, mapping=STAMPS)
            anew = laid_over(whole, whole)
            for name in sorted({*over, *anew}):
                assert _sorted(over.get(name, [])) == _sorted(anew.get(name, [])), name
            base = whole


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(repr(sorted(row.items())) for row in rows)
