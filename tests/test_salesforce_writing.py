"""Writing to Salesforce, over https and through the real client library.

Not here: the contract's clauses (tests/contract), single records read (test_salesforce_single.py), making
fields (test_salesforce_metadata.py).
"""

# ruff: noqa: F811 - fixtures are imported, and asked for by name

from __future__ import annotations

import pytest

from connectors.salesforce import write
from tests.salesforce import Company, Server
from tests.salesforce.collections import rules
from tests.salesforce.fixtures import acme, salesforce  # noqa: F401
from tests.salesforce.schema import Field
from tests.salesforce.side import Connect, change, connect  # noqa: F401


def written(server: Server) -> int:
    return sum(one.method == "PATCH" for one in server.requests)


# -- only the planned field, and the owner stays --------------------------------------------------


def test_assignment_rules_are_off_on_every_write(acme: Company, salesforce: Server, connect: Connect) -> None:
    before = dict(acme.org.get("Lead", acme.leads[0]))
    assert connect().kinds(change(acme.leads[0], "status", "SQL")) == [("written", None)]
    after = dict(acme.org.get("Lead", acme.leads[0]))
    changed = {name for name in after if after[name] != before[name]}
    assert changed - {"SystemModstamp", "LastModifiedDate", "LastModifiedById"} == {"Status"}
    sent = [one for one in salesforce.requests if one.method == "PATCH"]
    assert [one.headers["sforce-auto-assign"] for one in sent] == ["FALSE"]


def test_without_the_header_the_loopback_changes_the_owner(acme: Company, connect: Connect) -> None:
    """The test above proves something only if the rule is active."""
    side, lead = connect(), acme.leads[0]
    owner = acme.org.get("Lead", lead)["OwnerId"]
    record = {"attributes": {"type": "Lead"}, "id": lead, "Status": "SQL"}
    side.client.salesforce.restful("composite/sobjects", method="PATCH", json={"records": [record]})
    assert acme.org.get("Lead", lead)["OwnerId"] != owner


def test_several_fields_of_a_record_travel_together_and_twice_the_same_in_order(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    lead = acme.leads[0]
    changes = [
        change(lead, "status", "MQL"), change(lead, "Budget__c", "12.5"), change(lead, "owner_id", acme.reps[1]),
        change(lead, "status", "SQL"),
    ]  # fmt: skip
    found = connect().now(*changes)
    assert [one.change for one in found] == changes and {one.kind for one in found} == {"written"}
    row = acme.org.get("Lead", lead)
    assert (row["Status"], row["Budget__c"], row["OwnerId"]) == ("SQL", 12.5, acme.reps[1])
    assert [wanted for _, _, wanted in rules(acme.org).writes] == [
        {"Status": "MQL", "Budget__c": 12.5, "OwnerId": acme.reps[1]}, {"Status": "SQL"},
    ]  # fmt: skip
    assert written(salesforce) == 2


def test_more_records_than_a_call_takes_of_both_objects_in_turns(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    org = acme.org
    leads = [org.insert("Lead", LastName=f"L{n}", Company="C", Status="New") for n in range(150)]
    contacts = [org.insert("Contact", LastName=f"C{n}") for n in range(150)]
    changes = [
        one
        for lead, contact in zip(leads, contacts, strict=True)
        for one in (change(lead, "Rating", "Hot"), change(contact, "Contact_Status__c", "Customer", "contact"))
    ]
    assert {one.kind for one in connect().now(*changes)} == {"written"}
    assert written(salesforce) == 2
    assert {org.get("Lead", one)["Rating"] for one in leads} == {"Hot"}
    assert {org.get("Contact", one)["Contact_Status__c"] for one in contacts} == {"Customer"}
    # whoever stops listening has had no more than one call made
    next(iter(connect().write(changes)))
    assert written(salesforce) == 3


# -- refusals, record by record -------------------------------------------------------------------


def test_each_refusal_has_its_own_code_and_stops_nobody(acme: Company, salesforce: Server, connect: Connect) -> None:
    org, (one, two, three, four, five, six) = acme.org, acme.leads[:6]
    rules(org).refused |= {
        two: ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ()), three: ("DUPLICATES_DETECTED", ()),
        four: ("INSUFFICIENT_ACCESS_OR_READONLY", ()),
    }  # fmt: skip
    owner = acme.reps[0]
    wanted = [
        (change(one, "Employees_Band__c", "a crowd"), "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (change(two, "status", "SQL"), "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        (change(three, "status", "SQL"), "DUPLICATES_DETECTED"),
        (change(four, "status", "SQL"), "INSUFFICIENT_ACCESS_OR_READONLY"),
        (change(acme.converted, "status", "SQL"), "CANNOT_UPDATE_CONVERTED_LEAD"),
        (change(acme.deleted, "status", "SQL"), "ENTITY_IS_DELETED"),
        (change(five, "status", None), "REQUIRED_FIELD_MISSING"),
        (change("00Q5e0000099999", "status", "SQL"), "INVALID_CROSS_REFERENCE_KEY"),
        (change(acme.contacts[0], "status", "SQL"), "MALFORMED_ID"),
        (change("no-such-record", "status", "SQL"), "MALFORMED_ID"),
        (change(six, "f_unheard_of", "x"), "INVALID_FIELD"),
        (change(six, "status__C", "x"), "INVALID_FIELD"),
        (change(six, "Age_Days__c", "3"), "INVALID_FIELD_FOR_INSERT_UPDATE"),
        (change(six, "Address", "Calle 1"), "INVALID_FIELD"),
        (change(six, "Budget__c", "a lot"), "NOT_A_NUMBER"),
        (change(six, "Newsletter__c", None), "NOT_A_FLAG"),
        (change(owner, "Name", "x", "account"), "INVALID_TYPE"),
        (change(six, "status", "SQL"), None),
    ]
    found = connect().now(*(asked for asked, _ in wanted))
    assert [(one.change, one.code) for one in found] == wanted
    assert [one.kind for one in found] == ["refused"] * 17 + ["written"]
    assert org.get("Lead", six)["Status"] == "SQL"
    # what is refused for what is known here never reaches the others' call
    assert written(salesforce) == 1
    assert "Canary" not in repr([one.code for one in found])


def test_a_field_that_is_refused_does_not_take_the_others_of_its_record_along(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    org, (one, two, three, *_) = acme.org, acme.leads
    rules(org).refused |= {
        two: ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ("Budget__c",)), three: ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ()),
    }  # fmt: skip
    asked = [
        change(lead, field, value)
        for lead in (one, two, three)
        for field, value in (
            ("Employees_Band__c", "51-500" if lead != one else "none"),
            ("Budget__c", "7"),
            ("status", "SQL"),
        )
    ]
    rule = ("refused", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert connect().kinds(*asked) == [
        ("refused", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"), ("written", None), ("written", None),
        ("written", None), rule, ("written", None), rule, rule, rule,
    ]  # fmt: skip
    assert [org.get("Lead", lead)["Status"] for lead in (one, two)] == ["SQL", "SQL"]
    # the field a refusal names is left out and the others go together; where it names none, each goes alone
    assert [set(wanted) for _, _, wanted in rules(org).writes] == [
        {"Budget__c", "Status"}, {"Employees_Band__c", "Status"},
    ]  # fmt: skip
    assert written(salesforce) == 4
    assert org.get("Lead", three)["Status"] != "SQL"


def test_a_locked_record_is_tried_again_and_only_that_one(acme: Company, salesforce: Server, connect: Connect) -> None:
    one, two, three = acme.leads[:3]
    rules(acme.org).locked |= {two: 2, three: 99}
    side = connect()
    found = side.kinds(*(change(lead, "status", "SQL") for lead in (one, two, three)))
    assert found == [("written", None), ("written", None), ("refused", "UNABLE_TO_LOCK_ROW")]
    assert side.slept == [1.0, 2.0, 4.0] and written(salesforce) == 4
    assert sum(key == one for _, key, _ in rules(acme.org).writes) == 1


def test_a_record_that_is_refused_as_a_whole_is_not_asked_for_field_by_field(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    asked = [change(acme.converted, "status", "SQL"), change(acme.converted, "Rating", "Hot")]
    assert connect().kinds(*asked) == [("refused", "CANNOT_UPDATE_CONVERTED_LEAD")] * 2 and written(salesforce) == 1


def test_a_field_removed_meanwhile_costs_only_its_own_changes(
    acme: Company, salesforce: Server, connect: Connect
) -> None:
    side = connect()
    assert side.kinds(change(acme.leads[0], "Budget__c", "1")) == [("written", None)]
    acme.org.drop("Lead", "Budget__c")
    asked = [
        change(acme.leads[0], "Budget__c", "2"),
        change(acme.leads[0], "status", "SQL"),
        change(acme.leads[1], "status", "SQL"),
    ]
    assert side.kinds(*asked) == [("refused", "INVALID_FIELD"), ("written", None), ("written", None)]


def test_a_field_re_typed_meanwhile_is_refused_and_the_others_are_written(acme: Company, connect: Connect) -> None:
    side = connect()
    assert side.kinds(change(acme.leads[0], "Notes__c", "text")) == [("written", None)]
    acme.org.retype("Lead", "Notes__c", "double")
    asked = [change(acme.leads[0], "Notes__c", "more text"), change(acme.leads[1], "status", "SQL")]
    assert side.kinds(*asked) == [("refused", "NOT_A_NUMBER"), ("written", None)]


def test_a_value_that_spoils_a_whole_call_costs_only_its_own_change(
    acme: Company, salesforce: Server, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loopback cannot read a flag in a text field's place: as if our idea of a value were wrong."""
    leads = [acme.org.insert("Lead", LastName=f"L{n}", Company="C", Status="New") for n in range(60)]
    real = write.sent
    monkeypatch.setattr(write, "sent", lambda text, kind: True if text == "spoils" else real(text, kind))
    asked = [change(lead, "Notes__c", "spoils" if lead == leads[41] else "fine") for lead in leads]
    asked.insert(42, change(leads[41], "Rating", "Hot"))
    found = connect().now(*asked)
    assert [(one.change.after, one.code) for one in found if one.kind != "written"] == [("spoils", "JSON_PARSER_ERROR")]
    assert acme.org.get("Lead", leads[41])["Rating"] == "Hot" and written(salesforce) < 20
    assert len(rules(acme.org).writes) == 60


def test_a_field_made_meanwhile_is_found(acme: Company, connect: Connect) -> None:
    side, lead = connect(), acme.leads[0]
    side.read("lead", [lead], ["status"])
    acme.org.objects["Lead"].fields["New__c"] = Field("New__c")
    acme.org.rows["Lead"] = {key: {**row, "New__c": None} for key, row in acme.org.rows["Lead"].items()}
    assert side.kinds(change(lead, "New__c", "x")) == [("written", None)]
    other = connect()
    other.read("lead", [lead], ["status"])
    acme.org.objects["Lead"].fields["Newer__c"] = Field("Newer__c")
    acme.org.rows["Lead"] = {key: {**row, "Newer__c": "y"} for key, row in acme.org.rows["Lead"].items()}
    assert other.read("lead", [lead], ["Newer__c"]) == {lead: {"Newer__c": "y"}}


# -- read-only ------------------------------------------------------------------------------------


@pytest.mark.parametrize("writable", [None, False, "true", 1])
def test_a_connection_refuses_every_change_unless_writing_is_enabled(
    writable: object, acme: Company, salesforce: Server, connect: Connect
) -> None:
    asked = [change(acme.leads[0], "status", "SQL"), change(acme.leads[1], "status", "SQL")]
    assert connect(writable=writable).kinds(*asked) == [("refused", "READ_ONLY")] * 2
    assert written(salesforce) == 0 and salesforce.api_used == 0
