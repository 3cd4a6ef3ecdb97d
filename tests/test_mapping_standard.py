"""Sources that know what their standard fields mean: filled in by themselves, switched off by name."""

from __future__ import annotations

from leadpact.mapping import MappingDocument, SourceColumn, SourceTable, parse, propose
from leadpact.mapping.status_dates import MOST_OWN
from ui import mapping_draft as edit

LEAD = SourceTable(
    "Lead",
    (
        SourceColumn("Id", filled=9, distinct=9, fills="record_id"),
        SourceColumn("Country", filled=9, distinct=2),
        SourceColumn("CountryCode", filled=9, distinct=2, fills="country"),
        SourceColumn("OwnerId", filled=9, distinct=2, fills="owner_id"),
        SourceColumn("MQL_Date__c", "time", 9, 5, label="MQL date"),
        *(SourceColumn(f"N{at}__c", "number", 9, 5, label=f"Number {at}") for at in range(80)),
        SourceColumn("Band__c", filled=9, distinct=3, values=("1", "2"), label="Band"),
    ),
    fills="leads",
)
DEAL = SourceTable(
    "Opportunity",
    (
        SourceColumn("Id", filled=9, distinct=9, fills="opportunity_id"),
        SourceColumn("RecordTypeId", filled=9, distinct=2, fills="pipeline"),
    ),
    fills="opportunities",
)


def test_a_standard_field_beats_every_guess_and_an_object_has_its_place() -> None:
    leads, deals = propose([LEAD, DEAL]).document.tables
    assert (leads.to, leads.fields["country"], leads.fields["owner_id"]) == ("leads", "CountryCode", "OwnerId")
    # by names alone, "Id" would be the lead of a deal and the record type its key
    assert (deals.to, deals.fields) == ("opportunities", {"opportunity_id": "Id", "pipeline": "RecordTypeId"})
    assert [(each.column, each.status) for each in leads.status_dates] == [("MQL_Date__c", "MQL")]


def test_of_hundreds_of_own_fields_only_some_are_proposed_picklists_before_numbers() -> None:
    (leads,) = propose([LEAD]).document.tables
    assert len(leads.custom) == MOST_OWN and leads.custom["f_band"] == "Band__c"


def test_what_is_read_without_being_said_is_shown_and_what_is_taken_out_is_switched_off() -> None:
    said = parse({"tables": [{"source": "Lead", "to": "leads", "fields": {"country": None}}]})
    leads, deals = edit.spelled(said, [LEAD, DEAL]).tables
    assert leads.fields == {"record_id": "Id", "owner_id": "OwnerId"} and deals.to == "opportunities"
    without = edit.use(leads, "OwnerId", [])
    kept = edit.finished(MappingDocument(tables=(without,)), [LEAD, DEAL])
    assert kept.tables[0].fields == {"record_id": "Id", "country": None, "owner_id": None}
    assert kept.ignore == ("Opportunity",)
    assert edit.spelled(kept, [LEAD, DEAL]).tables[0].fields == {"record_id": "Id"}
